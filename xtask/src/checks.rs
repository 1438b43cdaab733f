//! The checks that CI runs beside `cargo xtask test`, each a command of its own.

use std::ffi::OsStr;
use std::fs;
use std::process::{Command, Stdio};

use crate::test::features;
use crate::tool::{self, DENY, succeed};
use crate::{Outcome, package, workspace};

/// The features that bring crates which ask for a newer compiler, and the one that they ask for.
const NEWER: [&str; 4] = ["full", "image", "reqwest", "srv"];
const NEWER_VERSION: &str = "1.88";

/// `cargo xtask msrv`: the published crate with the oldest compiler that it promises to build with.
pub(crate) fn msrv(args: &[String]) -> Outcome {
    none(args, "msrv")?;
    let text = fs::read_to_string(workspace().join("Cargo.toml"))?;
    let version = rust_version(&text).ok_or("Cargo.toml has no line `rust-version = \"…\"`")?;
    let manifest = fs::read_to_string(workspace().join("matrix-api/Cargo.toml"))?;
    let most: Vec<&str> = features(&manifest).into_iter().filter(|name| !NEWER.contains(name)).collect();
    let (most, all) = (most.join(","), package::features()?);
    check_with(version, &[])?;
    check_with(version, &["--features", &most])?;
    check_with(version, &["--no-default-features", "--features", "client-server"])?;
    check_with(NEWER_VERSION, &["--features", &all])
}

fn check_with(version: &str, features: &[&str]) -> Outcome {
    let toolchain = format!("+{version}");
    let there =
        Command::new("cargo").args([&toolchain, "--version"]).stdout(Stdio::null()).stderr(Stdio::null()).status();
    if !there.is_ok_and(|status| status.success()) {
        let mut install = Command::new("rustup");
        succeed(install.args(["toolchain", "install", version, "--profile", "minimal"]), "rustup")?;
    }
    let mut check = Command::new("cargo");
    check.args([&toolchain, "check", "--locked", "--package", "matrix-api"]).args(features);
    // Apart: another compiler would rebuild everything in the usual folder.
    check.env("CARGO_TARGET_DIR", workspace().join("target/msrv"));
    succeed(&mut check, &format!("cargo check with Rust {version}"))
}

/// The line that says it, which is the only one.
fn rust_version(manifest: &str) -> Option<&str> {
    manifest.lines().find_map(|line| line.strip_prefix("rust-version = \"")?.strip_suffix('"'))
}

/// `cargo xtask deny`: licences, sources and known holes of all dependencies.
pub(crate) fn deny(args: &[String]) -> Outcome {
    // Advisories come from a repository of their own: `deny licenses bans sources` goes without a network.
    let mut deny = DENY.command()?;
    succeed(deny.args(["--locked", "check"]).args(args), "cargo deny")
}

/// `cargo xtask docs`: all documentation, the published crate's as docs.rs builds it, without a warning.
pub(crate) fn docs(args: &[String]) -> Outcome {
    none(args, "docs")?;
    let mut doc = Command::new("cargo");
    doc.args(["doc", "--no-deps", "--workspace", "--lib"]).env("RUSTDOCFLAGS", "-D warnings");
    succeed(&mut doc, "cargo doc")?;
    let features: Vec<String> = package::features()?.split(',').map(|name| format!("matrix-api/{name}")).collect();
    let mut doc = Command::new("cargo");
    doc.args(["doc", "--no-deps", "--workspace", "--lib", "--features", &features.join(",")]);
    doc.env("RUSTDOCFLAGS", format!("{} -D warnings", package::docs_rs("rustdoc-args")?.join(" ")));
    doc.env("RUSTDOC", tool::built("xtask")).env(RUSTDOC, "rustdoc");
    succeed(&mut doc, "cargo doc as on docs.rs")
}

/// Names the program that cargo would have run instead of this one.
pub(crate) const RUSTDOC: &str = "MATRIX_API_RUSTDOC";

/// docs.rs has a nightly compiler, whose features the usual one only has when it is told so. Cargo tells nobody but
/// everybody, and then builds all dependencies again: so this program stands in for rustdoc.
pub(crate) fn rustdoc(program: &OsStr) -> Outcome {
    let mut rustdoc = Command::new(program);
    let status = rustdoc.args(std::env::args_os().skip(1)).env("RUSTC_BOOTSTRAP", "1").status()?;
    if status.success() { Ok(()) } else { Err("rustdoc failed".into()) }
}

fn none(args: &[String], command: &str) -> Outcome {
    if args.is_empty() { Ok(()) } else { Err(format!("usage: cargo xtask {command}").into()) }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::process::Command;

    use super::rust_version;
    use crate::workspace;

    #[test]
    fn the_oldest_compiler_is_named_once() {
        let text = fs::read_to_string(workspace().join("Cargo.toml")).unwrap();
        assert_eq!(text.matches("rust-version").count(), 1);
        assert!(rust_version(&text).is_some_and(|version| version.starts_with("1.")));
        for manifest in manifests() {
            let text = fs::read_to_string(workspace().join(&manifest)).unwrap();
            assert!(manifest == "Cargo.toml" || !text.contains("rust-version = "), "{manifest} says it again");
        }
    }

    /// Every manifest of the repository, those of other workspaces as well.
    fn manifests() -> Vec<String> {
        let listed = Command::new("git").args(["ls-files", "*Cargo.toml"]).current_dir(workspace()).output().unwrap();
        let listed = String::from_utf8(listed.stdout).unwrap();
        let manifests: Vec<_> = listed.lines().map(str::to_owned).collect();
        assert!(manifests.iter().any(|manifest| manifest == "bench/Cargo.toml"), "{listed}");
        manifests
    }
}
