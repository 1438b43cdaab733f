//! A crate made of a generated tree, with the runtime of this workspace under it.

use std::collections::BTreeSet;
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
";

/// The library, with every module at the top of a tree.
fn library(tree: &Tree) -> String {
    let tops = tree.files().filter(|(path, _)| !path.contains('/'));
    let modules: Vec<_> = tops.map(|(path, _)| path.trim_end_matches(".rs")).collect();
    let declared: String = modules.iter().map(|module| format!("    pub mod {module};\n")).collect();
    format!("{LIB}pub mod generated {{\n{declared}}}\npub use generated::{{{}}};\n", modules.join(", "))
}

/// The features that a tree asks about.
fn features(tree: &Tree) -> BTreeSet<&str> {
    let asked = tree.files().flat_map(|(_, text)| text.split("feature = \"").skip(1));
    asked.filter_map(|rest| Some(rest.split_once('"')?.0)).filter(|feature| *feature != "server").collect()
}

/// A folder below `target`, outside of the workspace.
pub(super) struct Sample(PathBuf);

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().expect("the workspace is there")
}

fn manifest(tree: &Tree) -> String {
    let runtime = workspace().join("matrix-api");
    let features = features(tree);
    let default: Vec<_> = features.iter().chain([&"server"]).map(|feature| format!("{feature:?}")).collect();
    let each: String = features.iter().map(|feature| format!("{feature} = []\n")).collect();
    format!(
        "[package]\nname = \"sample\"\nversion = \"1.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n\
         [features]\ndefault = [{}]\n{each}server = [\"matrix-api/server\"]\n\n\
         [dependencies]\nbytes = \"1\"\nhttp = \"1\"\nserde = \"1\"\n\
         serde_json = {{ version = \"1\", features = [\"raw_value\"] }}\n\
         matrix-api = {{ path = {runtime:?}, default-features = false }}\n\n\
         [profile.dev]\ndebug = \"line-tables-only\"\n\n[profile.dev.package.\"*\"]\nopt-level = 2\n",
        default.join(", ")
    )
}

impl Sample {
    pub(super) fn new(name: &str) -> Self {
        let folder = workspace().join("target/samples").join(name);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(folder.join("src/generated")).expect("the folder can be made");
        fs::create_dir_all(folder.join("examples")).expect("the folder can be made");
        // The versions that are on this machine already.
        fs::copy(workspace().join("Cargo.lock"), folder.join("Cargo.lock")).expect("it can be copied");
        Self(folder)
    }

    pub(super) fn write(&self, tree: &Tree, caller: &str) {
        tree.write(&self.0.join("src/generated")).expect("it can be written");
        for (file, text) in [("Cargo.toml", manifest(tree)), ("src/lib.rs", library(tree))] {
            // What has not changed is not compiled again.
            if fs::read_to_string(self.0.join(file)).ok().as_ref() != Some(&text) {
                fs::write(self.0.join(file), text).expect("it can be written");
            }
        }
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

    /// What the program uses in the lines that do not compile: `Thing::note`, a type and one of its members.
    pub(super) fn broken(&self) -> BTreeSet<String> {
        let output = self.cargo(&["check", "--quiet", "--example", "caller", "--message-format", "json"]);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let messages = text.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
        let errors = messages.filter(|message| message["message"]["level"] == "error");
        let caller = fs::read_to_string(self.0.join("examples/caller.rs")).expect("it was written");
        let lines: Vec<_> = caller.lines().collect();
        let mut broken = BTreeSet::new();
        for span in errors.flat_map(|error| error["message"]["spans"].as_array().cloned().unwrap_or_default()) {
            let line = span["line_start"].as_u64().and_then(|number| lines.get(usize::try_from(number).ok()? - 1));
            let line = line.filter(|_| span["is_primary"] == true && span["file_name"] == "examples/caller.rs");
            broken.extend(line.map(|line| used(line)));
        }
        broken
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

/// Of `fn get3note(x: &Thing) { … }` and the like: `Thing::note`. Another line is what it is.
fn used(line: &str) -> String {
    let named = || {
        let (name, arguments) = line.trim_start().strip_prefix("fn ")?.split_once('(')?;
        let member =
            name.trim_start_matches(|c: char| c.is_ascii_lowercase()).trim_start_matches(|c: char| c.is_ascii_digit());
        let ty = arguments.split_once(": ")?.1.trim_start_matches("&mut ").trim_start_matches('&');
        let ty = ty.split(|c: char| !c.is_alphanumeric()).next()?;
        Some(format!("{ty}::{member}"))
    };
    named().unwrap_or_else(|| line.to_owned())
}
