//! `cargo xtask soak`: ten thousand messages through a proxy that breaks connections, while the homeserver is killed
//! ten times. Each must arrive once.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use crate::demo::cargo;
use crate::synapse::{Options, Server};
use crate::{Outcome, workspace};

const USAGE: &str = "usage: cargo xtask soak [--messages N] [--kills N]";

struct Plan {
    messages: usize,
    kills: usize,
}

impl Plan {
    fn parse(args: &[String]) -> Result<Self, &'static str> {
        let mut plan = Self { messages: 10_000, kills: 10 };
        for pair in args.chunks(2) {
            let [flag, number] = pair else { return Err(USAGE) };
            let number = number.parse().map_err(|_| USAGE)?;
            match flag.as_str() {
                "--messages" => plan.messages = number,
                "--kills" => plan.kills = number,
                _ => return Err(USAGE),
            }
        }
        Ok(plan)
    }

    /// After how many messages the homeserver is killed for the time of this number, the first being 0.
    fn due(&self, kill: usize) -> usize {
        self.messages * (kill + 1) / (self.kills + 1)
    }
}

/// Runs the soak and prints its table.
pub(crate) fn run(args: &[String]) -> Outcome {
    let plan = Plan::parse(args)?;
    let program = ["--package", "matrix-api-tests", "--features", "live", "--bin", "soak"];
    cargo(&[&["build", "--quiet"][..], &program[..]].concat())?;
    let mut server = Server::start(&Options::default())?;
    let mut soak = Command::new("cargo");
    soak.args(["run", "--quiet"]).args(program).arg("--").arg(plan.messages.to_string());
    soak.current_dir(workspace()).envs(server.access().environment()).stdout(Stdio::piped());
    let mut soak = soak.spawn()?;
    let output = soak.stdout.take().ok_or("the soak has no output")?;
    let mut killed = 0;
    for line in BufReader::new(output).lines() {
        let line = line?;
        match line.strip_prefix("sent ").and_then(|count| count.parse::<usize>().ok()) {
            Some(sent) if killed < plan.kills && sent >= plan.due(killed) => {
                killed += 1;
                eprintln!("soak: {sent} sent, kill {killed} of {}", plan.kills);
                server.crash()?;
            }
            Some(_) => {}
            None => println!("{line}"),
        }
    }
    let status = soak.wait()?;
    server.stop();
    println!("{:<44} {killed:>8}", "kills of the homeserver");
    if killed < plan.kills {
        return Err(format!("only {killed} of {} kills were made", plan.kills).into());
    }
    if status.success() { Ok(()) } else { Err("messages were lost or doubled".into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kills_are_spread_evenly() {
        let plan = Plan::parse(&["--messages", "1100", "--kills", "10"].map(str::to_owned)).unwrap();
        assert_eq!((plan.due(0), plan.due(9)), (100, 1000));
        let plan = Plan::parse(&[]).unwrap();
        assert_eq!((plan.messages, plan.kills), (10_000, 10));
        assert!(Plan::parse(&["--messages".to_owned()]).is_err());
        assert!(Plan::parse(&["--x".to_owned(), "1".to_owned()]).is_err());
    }
}
