//! `cargo xtask crash`: the echo bot, killed again and again on a homeserver of its own, must lose no message and
//! answer none twice.

use std::fs;
use std::process::Command;

use crate::demo::{ALL, cargo};
use crate::synapse::{Options, Server};
use crate::{Outcome, tool, workspace};

/// How often it is killed unless somebody says otherwise.
pub(crate) const FEW: u32 = 5;
/// How often `cargo xtask test --long` kills it.
pub(crate) const MANY: u32 = 50;
/// What the bot may take, comments and all.
const MOST_LINES: usize = 16;

/// Builds the bot as a program of its own, and the one that talks to it.
pub(crate) fn run(args: &[String]) -> Outcome {
    let kills = match args {
        [] => FEW,
        [kills] => kills.parse().map_err(|_| "usage: cargo xtask crash [KILLS]")?,
        _ => return Err("usage: cargo xtask crash [KILLS]".into()),
    };
    let lines = fs::read_to_string(workspace().join("matrix-api/examples/echo_bot.rs"))?.lines().count();
    if lines > MOST_LINES {
        return Err(format!("the echo bot has {lines} lines, more than {MOST_LINES}").into());
    }
    let target = workspace().join("target/first_lines");
    let mut build = Command::new("cargo");
    build.args(["build", "--quiet"]).current_dir(workspace().join("tests/first_lines/echo_bot"));
    if !build.env("CARGO_TARGET_DIR", &target).status()?.success() {
        return Err("the echo bot does not build".into());
    }
    cargo(&[&["build", "--bin", "crash"], &ALL[..]].concat())?;
    let server = Server::start(&Options::default())?;
    let mut crash = Command::new(tool::built("crash"));
    crash.arg(target.join("debug/echo_bot")).arg(kills.to_string()).envs(server.access().environment());
    let status = crash.status()?;
    server.stop();
    if status.success() { Ok(()) } else { Err("the crash test failed".into()) }
}
