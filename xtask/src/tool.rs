//! Cargo's further commands that only some of ours need.

use std::env;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::{Outcome, workspace};

/// A command such as `cargo deny`, in the version that is tried.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tool {
    /// The crate, which is also the program.
    pub(crate) name: &'static str,
    pub(crate) version: &'static str,
}

/// Licences, bans, sources and advisories of dependencies.
pub(crate) const DENY: Tool = Tool { name: "cargo-deny", version: "0.20.2" };

/// Public items that have gone or changed since a release.
pub(crate) const SEMVER_CHECKS: Tool = Tool { name: "cargo-semver-checks", version: "0.51.0" };

impl Tool {
    /// The command: one that is on the machine, or one installed into `target/tools`, which takes minutes the first time.
    pub(crate) fn command(self) -> Result<Command, Box<dyn std::error::Error>> {
        let answers = |program: &PathBuf| {
            let output = Command::new(program).arg("--version").stderr(Stdio::null()).output();
            output.is_ok_and(|output| output.status.success())
        };
        let folder = workspace().join("target/tools");
        let own = folder.join("bin").join(self.name);
        let known = [PathBuf::from(self.name), own.clone()];
        if let Some(program) = known.iter().find(|program| answers(program)) {
            return Ok(Command::new(program));
        }
        println!("installing {} {} into target/tools", self.name, self.version);
        let mut install = Command::new("cargo");
        install.args(["install", "--locked", "--version", self.version, "--root"]).arg(&folder).arg(self.name);
        succeed(&mut install, "cargo install")?;
        Ok(Command::new(own))
    }
}

/// A program of the workspace that cargo has built.
pub(crate) fn built(name: &str) -> PathBuf {
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace().join("target"), PathBuf::from);
    target.join("debug").join(name).with_extension(env::consts::EXE_EXTENSION)
}

/// Runs a command in the workspace to a good end.
pub(crate) fn succeed(command: &mut Command, what: &str) -> Outcome {
    let status = command.current_dir(workspace()).status().map_err(|error| format!("{what}: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{what} failed").into()) }
}
