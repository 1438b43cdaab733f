//! A crate made of a generated tree, with the runtime of this workspace under it.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use matrix_api_codegen::Tree;

const LIB: &str = "\
#![allow(deprecated, missing_docs, unused_qualifications, unused_imports)]
pub use matrix_api::*;
// Markers are the runtime's, and so is the trait that says what they hold; a crate beside it has one of its own.
mod event {
    pub use matrix_api::{AnyContent, ContentReader};
    pub trait HasContent {
        type Content: AnyContent;
    }
}
pub mod generated {
    pub mod client_server;
    pub mod events;
    pub mod identity;
}
pub use generated::{client_server, events, identity};
";

/// A folder below `target`, outside of the workspace.
pub(super) struct Sample(PathBuf);

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().expect("the workspace is there")
}

fn manifest() -> String {
    let runtime = workspace().join("matrix-api");
    format!(
        "[package]\nname = \"sample\"\nversion = \"1.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n\
         [features]\ndefault = [\"client-server\", \"events\", \"identity\", \"server\"]\n\
         client-server = []\nevents = []\nidentity = []\nserver = [\"matrix-api/server\"]\n\n\
         [dependencies]\nbytes = \"1\"\nhttp = \"1\"\nserde = \"1\"\n\
         serde_json = {{ version = \"1\", features = [\"raw_value\"] }}\n\
         matrix-api = {{ path = {runtime:?}, default-features = false }}\n\n\
         [profile.dev]\ndebug = \"line-tables-only\"\n\n[profile.dev.package.\"*\"]\nopt-level = 2\n"
    )
}

impl Sample {
    pub(super) fn new(name: &str) -> Self {
        let folder = workspace().join("target/samples").join(name);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(folder.join("src/generated")).expect("the folder can be made");
        fs::create_dir_all(folder.join("examples")).expect("the folder can be made");
        fs::write(folder.join("Cargo.toml"), manifest()).expect("it can be written");
        fs::write(folder.join("src/lib.rs"), LIB).expect("it can be written");
        // The versions that are on this machine already.
        fs::copy(workspace().join("Cargo.lock"), folder.join("Cargo.lock")).expect("it can be copied");
        Self(folder)
    }

    pub(super) fn write(&self, tree: &Tree, caller: &str) {
        tree.write(&self.0.join("src/generated")).expect("it can be written");
        fs::write(self.0.join("examples/caller.rs"), caller).expect("it can be written");
    }

    fn cargo(&self, args: &[&str]) -> Output {
        let mut cargo = Command::new("cargo");
        cargo.args(args).current_dir(&self.0).env("CARGO_NET_OFFLINE", "true");
        // One for all samples, so that what they stand on is compiled once.
        cargo.env("CARGO_TARGET_DIR", workspace().join("target/samples/target"));
        cargo.output().expect("cargo runs")
    }

    /// Whether the program compiles; the first errors if not. A crate that does not compile itself is no verdict.
    pub(super) fn compiles(&self) -> Result<(), String> {
        let output = self.cargo(&["check", "--quiet", "--example", "caller"]);
        if output.status.success() {
            return Ok(());
        }
        let library = self.cargo(&["check", "--quiet", "--lib"]);
        assert!(library.status.success(), "{}", String::from_utf8_lossy(&library.stderr));
        let text = String::from_utf8_lossy(&output.stderr);
        Err(text.lines().filter(|line| line.starts_with("error")).take(3).collect::<Vec<_>>().join("\n"))
    }

    /// Whether cargo-semver-checks finds a break of what the other one had.
    pub(super) fn semver_breaks(&self, before: &Self) -> bool {
        let mut checks = Command::new(env::var_os("CARGO_SEMVER_CHECKS").unwrap_or("cargo-semver-checks".into()));
        checks.args(["semver-checks", "--release-type", "minor", "--baseline-root"]).arg(&before.0);
        // Online: it asks for the dependencies of every platform, and this machine needs those of its own.
        checks.arg("--manifest-path").arg(self.0.join("Cargo.toml"));
        let output = checks.output().expect("cargo-semver-checks runs");
        let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert!(said.contains("Checked ["), "it has judged nothing: {said}");
        !output.status.success()
    }
}
