//! `cargo xtask demo`: a homeserver of its own, and a tour of the SDK on it.

use std::process::Command;

use crate::synapse::{Options, Server};
use crate::{Outcome, workspace};

/// What all that `cargo xtask test` runs is built with, so that each dependency is built once.
pub(crate) const ALL: [&str; 3] = ["--workspace", "--features", "matrix-api/full,matrix-api-tests/live"];

/// Starts a homeserver, runs the tour, stops the homeserver.
pub(crate) fn run(args: &[String]) -> Outcome {
    if !args.is_empty() {
        return Err("usage: cargo xtask demo".into());
    }
    // The build comes first: it is the long step, and it tells of its progress.
    cargo(&["build", "--package", "matrix-api-tests", "--features", "live", "--bin", "demo"])?;
    let server = Server::start(&Options::default())?;
    let mut tour = Command::new("cargo");
    tour.args(["run", "--quiet", "--package", "matrix-api-tests", "--features", "live", "--bin", "demo"]);
    let status = tour.current_dir(workspace()).envs(server.access().environment()).status()?;
    server.stop();
    if status.success() { Ok(()) } else { Err("the tour failed".into()) }
}

/// Runs cargo in the workspace.
pub(crate) fn cargo(args: &[&str]) -> Outcome {
    let status = Command::new("cargo").args(args).current_dir(workspace()).status()?;
    if status.success() { Ok(()) } else { Err(format!("cargo {} failed", args.join(" ")).into()) }
}
