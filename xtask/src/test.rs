//! `cargo xtask test`: everything that must hold, in the order of what it costs.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::demo::{ALL, cargo};
use crate::synapse::{Access, Options, Server};
use crate::{Outcome, checks, codegen, crash, fuzz, ledger, specs, tool, workspace};

/// The tests that need a homeserver: they run by name alone.
const LIVE: [&str; 4] = ["--test", "live", "--test", "large_files"];

/// The lints of the workspace, as errors.
const DENY: [&str; 3] = ["--", "-D", "warnings"];

/// What `--long` adds: steps that take minutes.
const LONG: &[Step] = &[
    ("crash test, many kills", || crash::run(&[crash::MANY.to_string()])),
    ("sessions in a file, many kills", sessions),
    ("admin tests, logins delegated", || delegated(&["admin_"])),
    ("admin tests, on PostgreSQL", || some(&Options::default().postgres(), &["admin_", "delegated::"])),
    ("a file of 300 MB, up and down", large_files),
    ("fuzzing, a minute for each target", || fuzz::run(&[])),
    ("the classes of diff, held against the compiler and cargo-semver-checks", verdicts),
];

/// A step's heading and what it does.
type Step = (&'static str, fn() -> Outcome);

/// Runs every check, then the live tests on a homeserver of their own.
pub(crate) fn run(args: &[String]) -> Outcome {
    let flag = |name: &str| args.iter().any(|arg| arg == name);
    let (bless, long) = (flag("--bless"), flag("--long"));
    if args.iter().any(|arg| arg != "--bless" && arg != "--long") {
        return Err("usage: cargo xtask test [--bless] [--long]".into());
    }
    let start = Instant::now();
    step("format", || cargo(&["fmt", "--all", "--check"]))?;
    step("generated code is current", || codegen::run(&["--check".to_owned()]))?;
    step("lints", lints)?;
    step("lints of each feature alone", lints_by_feature)?;
    step("unit, golden and synthetic tests", || cargo(&[&["test"], &ALL[..]].concat()))?;
    step("calls over reqwest", over_reqwest)?;
    step("documentation", || checks::docs(&[]))?;
    step("specs beside Synapse's routes", || specs::verify(bless))?;
    step("live tests", || live(bless))?;
    step("live tests, logins delegated", || delegated(&["oauth::", "delegated::", "discovery::"]))?;
    step("live tests, short tokens", || some(&short_tokens(), &["sessions::short"]))?;
    step("crash test", || crash::run(&[]))?;
    if long {
        for (name, run) in LONG {
            step(name, run)?;
        }
    }
    println!("\nall of it in {} s", start.elapsed().as_secs());
    Ok(())
}

/// What the client does, once more over its other transport.
fn over_reqwest() -> Outcome {
    let mut tests = Command::new("cargo");
    tests.arg("test").args(ALL).args(["--test", "client"]).env("MATRIX_TEST_REQWEST", "1");
    succeed(tests, "the tests of the client")
}

/// The process that stores sessions is killed ten times as often as `cargo test` does it.
fn sessions() -> Outcome {
    let mut tests = Command::new("cargo");
    tests.args(["test", "--package", "matrix-api", "--test", "crash"]).env("MATRIX_TEST_CRASHES", "200");
    succeed(tests, "the crash test of sessions")
}

/// The tests that compile a crate for every change.
fn verdicts() -> Outcome {
    let checks = tool::SEMVER_CHECKS.command()?;
    let mut tests = Command::new("cargo");
    tests.args(["test", "--package", "matrix-api-codegen", "--test", "diff", "verdicts::", "--", "--ignored"]);
    tests.args(["--nocapture", "--test-threads", "1"]).env("CARGO_SEMVER_CHECKS", checks.get_program());
    succeed(tests, "the verdicts")
}

/// Runs one step under a heading, and says how long it took.
fn step(name: &str, run: impl FnOnce() -> Outcome) -> Outcome {
    println!("\n== {name}");
    let start = Instant::now();
    run().map_err(|error| format!("{name}: {error}"))?;
    println!("== {name}: {} s", start.elapsed().as_secs());
    Ok(())
}

fn lints() -> Outcome {
    cargo(&[&["clippy", "--all-targets"], &ALL[..], &DENY[..]].concat())?;
    cargo(&[&["clippy"], &LIVE[..], &ALL[..], &DENY[..]].concat())
}

/// Every feature of the SDK by itself: definitions that APIs share are there for each of them.
fn lints_by_feature() -> Outcome {
    let manifest = fs::read_to_string(workspace().join("matrix-api/Cargo.toml"))?;
    let features = features(&manifest);
    if features.is_empty() {
        return Err("matrix-api/Cargo.toml names no feature".into());
    }
    // Together they are something that neither is alone.
    for feature in features.into_iter().chain(["native-tls,reqwest"]) {
        println!("-- {feature}");
        let alone = ["clippy", "--quiet", "--package", "matrix-api", "--no-default-features", "--features", feature];
        cargo(&[&alone[..], &DENY[..]].concat())?;
    }
    Ok(())
}

/// The names of a manifest's features; `default` is none of its own.
pub(crate) fn features(manifest: &str) -> Vec<&str> {
    let section = manifest.split("\n[").find_map(|section| section.strip_prefix("features]")).unwrap_or_default();
    let names = section.lines().filter_map(|line| Some(line.split_once(" = [")?.0));
    names.filter(|name| *name != "default" && !name.starts_with('#')).collect()
}

/// The live tests that need a server of another kind: they have steps of their own.
const ELSEWHERE: [&str; 2] = ["oauth::", "sessions::short"];

/// The live tests, the ledger of what they called, and the first programs of the README.
fn live(bless: bool) -> Outcome {
    cargo(&[&["test", "--no-run"], &LIVE[..2], &ALL[..]].concat())?;
    programs()?;
    let server = Server::start(&Options::default())?;
    let seen = ledger_path();
    let _ = fs::remove_file(&seen);
    let mut tests = on(&server, "live");
    tests.env("MATRIX_TEST_LEDGER", &seen).arg("--").args(ELSEWHERE.iter().flat_map(|name| ["--skip", name]));
    succeed(tests, "the live tests")?;
    first_programs(server.access())?;
    server.stop();
    let committed = workspace().join("tests/coverage.tsv");
    ledger::settle(&seen, &committed, bless)?;
    ledger::complete(&committed, &workspace().join("tests/unanswered.tsv"), &codegen::operations()?)
}

/// Some of the live tests, on a server that leaves logins to an authorization server.
fn delegated(names: &[&str]) -> Outcome {
    some(&Options::default().mas(), names)
}

/// A server whose access tokens last for eight seconds, and which admits nobody without a registration token.
fn short_tokens() -> Options {
    let options = Options::default().setting("refreshable_access_token_lifetime", "8s".into());
    options.setting("registration_requires_token", true.into())
}

/// The live tests with one of these in their names, on a server of another kind.
fn some(options: &Options, names: &[&str]) -> Outcome {
    for name in names {
        let mut list = Command::new("cargo");
        list.args(["test", "--quiet", "--test", "live"]).args(ALL).args(["--", "--list", name]);
        let output = list.current_dir(workspace()).stderr(Stdio::inherit()).output()?;
        if !String::from_utf8_lossy(&output.stdout).lines().any(|line| line.ends_with(": test")) {
            return Err(format!("no live test has `{name}` in its name").into());
        }
    }
    let server = Server::start(options)?;
    let mut tests = on(&server, "live");
    tests.arg("--").args(names);
    succeed(tests, "the live tests")
}

/// A large file in little memory, on a server that takes one.
fn large_files() -> Outcome {
    let server = Server::start(&Options::default().setting("max_upload_size", "300M".into()))?;
    succeed(on(&server, "large_files"), "the test of large files")
}

/// Cargo for the tests that need a homeserver.
fn on(server: &Server, test: &str) -> Command {
    let mut tests = Command::new("cargo");
    tests.args(["test", "--test", test]).args(ALL).envs(server.access().environment());
    tests
}

fn ledger_path() -> PathBuf {
    workspace().join("target/ledger.tsv")
}

/// What a task takes at most, from the first `use` to the last brace.
const FIRST_LINES: usize = 17;

/// Builds the programs that live tests run: see `programs.rs` of the tests.
fn programs() -> Outcome {
    cargo(&[&["build", "--examples"], &ALL[..]].concat())?;
    for folder in fs::read_dir(workspace().join("tests/first_lines"))? {
        let folder = folder?.path();
        let source = folder.join("src/main.rs");
        // One that has no source of its own is an example, which `crash.rs` measures.
        if source.exists() {
            let lines = fs::read_to_string(source)?.lines().count();
            if lines > FIRST_LINES {
                return Err(format!("{} has {lines} lines, more than {FIRST_LINES}", folder.display()).into());
            }
        }
        let build = first_lines("build");
        succeed_in(build, &folder, &format!("building {}", folder.display()))?;
    }
    Ok(())
}

/// Programs as somebody who begins would write them. What deletes empty rooms comes before what makes a room.
fn first_programs(access: &Access) -> Outcome {
    let said = first_program("room_cleanup", access, &access.administrator())?;
    let plans = said.lines().filter(|line| line.starts_with("DELETE ")).count();
    // The live tests may have left no empty room.
    if said.lines().last() != Some(&format!("{plans} of {plans} done")) {
        return Err("the clean-up does not say what it would delete and that it did".into());
    }
    first_program("send", access, &[]).map(drop)
}

/// What it prints.
fn first_program(name: &str, access: &Access, more: &[(&'static str, &str)]) -> Result<String, Box<dyn Error>> {
    let mut program = first_lines("run");
    program.envs(access.environment()).envs(more.iter().copied()).stderr(Stdio::inherit());
    let output = program.current_dir(workspace().join("tests/first_lines").join(name)).output()?;
    let said = String::from_utf8(output.stdout)?;
    print!("{said}");
    if output.status.success() { Ok(said) } else { Err(format!("the first program `{name}` failed").into()) }
}

/// Cargo for a program below `tests/first_lines`: each is a workspace of its own, so that its dependencies are what
/// it says they are.
fn first_lines(what: &str) -> Command {
    let mut command = Command::new("cargo");
    command.args([what, "--quiet"]).env("CARGO_TARGET_DIR", workspace().join("target/first_lines"));
    command
}

fn succeed(command: Command, what: &str) -> Outcome {
    succeed_in(command, &workspace(), what)
}

fn succeed_in(mut command: Command, folder: &Path, what: &str) -> Outcome {
    let status = command.current_dir(folder).status()?;
    if status.success() { Ok(()) } else { Err(format!("{what} failed").into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_features_of_a_manifest_are_found() {
        let manifest = "[package]\nname = \"x\"\n\n[features]\ndefault = [\"a\"]\n# one = [\na = []\nb-c = [\"dep:d\"]\n\n[dependencies]\ne = []\n";
        assert_eq!(features(manifest), ["a", "b-c"]);
        let own = fs::read_to_string(workspace().join("matrix-api/Cargo.toml")).unwrap();
        assert!(features(&own).contains(&"client-server"), "{own}");
    }
}
