//! `cargo xtask fuzz`: libFuzzer around the targets of `tests/src/fuzz.rs`, with the seeds that are committed.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::{Outcome, workspace};

/// The release of cargo-fuzz that is installed where none is.
const VERSION: &str = "0.13.2";

/// How long each target runs unless something else is asked for.
const SECONDS: u64 = 60;

const USAGE: &str = "usage: cargo xtask fuzz [--seconds N] [target]...";

/// Fuzzes every target, or those that are named, one after the other.
pub(crate) fn run(args: &[String]) -> Outcome {
    let (seconds, named) = match args {
        [flag, number, rest @ ..] if flag == "--seconds" => (number.parse().map_err(|_| USAGE)?, rest),
        rest => (SECONDS, rest),
    };
    if named.iter().any(|name| name.starts_with('-')) {
        return Err(USAGE.into());
    }
    let all = targets()?;
    if let Some(unknown) = named.iter().find(|name| !all.contains(name)) {
        return Err(format!("no target {unknown}; there are {}", all.join(", ")).into());
    }
    let chosen = if named.is_empty() { &all[..] } else { named };
    let fuzzer = Fuzzer::ready()?;
    fuzzer.build()?;
    println!("{:<12} {:>8} {:>12} {:>9} {:>7}", "target", "seconds", "executions", "coverage", "clean");
    let mut found = Vec::new();
    for target in chosen {
        let end = fuzzer.target(target, seconds)?;
        println!("{end}");
        if !end.clean {
            found.push(end);
        }
    }
    match found.first() {
        None => Ok(()),
        Some(end) => Err(format!("{} targets found something; {}: {}", found.len(), end.target, end.last).into()),
    }
}

fn folder() -> PathBuf {
    workspace().join("fuzz")
}

/// The targets, by their programs.
fn targets() -> Result<Vec<String>, Box<dyn std::error::Error>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder().join("fuzz_targets"))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        names.extend(name.strip_suffix(".rs").map(str::to_owned));
    }
    names.sort();
    Ok(names)
}

/// cargo-fuzz, and a compiler that takes its flags.
struct Fuzzer {
    program: PathBuf,
    nightly: bool,
}

impl Fuzzer {
    /// Looks for both. A cargo-fuzz that is missing is installed below `target`; without a nightly toolchain the
    /// default one is told to take the flags all the same.
    fn ready() -> Result<Self, Box<dyn std::error::Error>> {
        let nightly = quiet(Command::new("cargo").args(["+nightly", "--version"]));
        let tools = workspace().join("target/tools");
        let own = tools.join("bin/cargo-fuzz");
        let program = if quiet(Command::new("cargo-fuzz").arg("--version")) { "cargo-fuzz".into() } else { own };
        if program.is_absolute() && !program.exists() {
            let mut install = Command::new("cargo");
            install.args(["install", "cargo-fuzz", "--locked", "--version", VERSION, "--root"]).arg(&tools);
            if !install.status()?.success() {
                return Err("cargo-fuzz cannot be installed".into());
            }
        }
        Ok(Self { program, nightly })
    }

    fn command(&self, verb: &str) -> Command {
        let mut command = Command::new(&self.program);
        command.args(["fuzz", verb]).current_dir(folder());
        if self.nightly {
            command.env("RUSTUP_TOOLCHAIN", "nightly");
        } else {
            command.env("RUSTC_BOOTSTRAP", "1");
        }
        command
    }

    fn build(&self) -> Outcome {
        if self.command("build").status()?.success() { Ok(()) } else { Err("cargo fuzz build failed".into()) }
    }

    /// Runs one target. What it says goes to `target/fuzz/<target>.log`.
    fn target(&self, target: &str, seconds: u64) -> Result<End, Box<dyn std::error::Error>> {
        let corpus = folder().join("corpus").join(target);
        let logs = workspace().join("target/fuzz");
        fs::create_dir_all(&corpus)?;
        fs::create_dir_all(&logs)?;
        let log = logs.join(format!("{target}.log"));
        let mut command = self.command("run");
        command.arg(target).arg(&corpus).arg(folder().join("seeds").join(target)).arg("--");
        command.args([
            format!("-max_total_time={seconds}"),
            "-print_final_stats=1".to_owned(),
            "-timeout=25".to_owned(),
        ]);
        let start = Instant::now();
        let status = command.stdout(Stdio::null()).stderr(File::create(&log)?).status()?;
        Ok(End::read(target, start.elapsed().as_secs(), status.success(), &log))
    }
}

fn quiet(command: &mut Command) -> bool {
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

/// How one target ended.
struct End {
    target: String,
    seconds: u64,
    executions: u64,
    coverage: u64,
    clean: bool,
    /// The line that says what was found.
    last: String,
}

impl End {
    fn read(target: &str, seconds: u64, clean: bool, log: &Path) -> Self {
        let text = String::from_utf8_lossy(&fs::read(log).unwrap_or_default()).into_owned();
        let panicked = text.lines().skip_while(|line| !line.contains("panicked at")).nth(1);
        Self {
            target: target.to_owned(),
            seconds,
            executions: number(&text, "stat::number_of_executed_units:"),
            coverage: number(&text, " cov:"),
            clean,
            last: panicked.or(text.lines().last()).unwrap_or_default().to_owned(),
        }
    }
}

impl std::fmt::Display for End {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let clean = if self.clean { "yes" } else { "NO" };
        let Self { target, seconds, executions, coverage, .. } = self;
        write!(out, "{target:<12} {seconds:>8} {executions:>12} {coverage:>9} {clean:>7}")
    }
}

/// The number after the last mention of a word.
fn number(text: &str, word: &str) -> u64 {
    let after = text.rfind(word).map_or("", |at| &text[at + word.len()..]);
    after.split_whitespace().next().and_then(|number| number.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_number_of_a_log_counts() {
        let log = "#1 INITED cov: 10 ft: 3\n#9 DONE   cov: 20 ft: 9\nstat::number_of_executed_units: 77\n";
        assert_eq!(number(log, " cov:"), 20);
        assert_eq!(number(log, "stat::number_of_executed_units:"), 77);
        assert_eq!(number("", " cov:"), 0);
    }

    #[test]
    fn there_are_targets() {
        assert!(targets().unwrap().contains(&"responses".to_owned()));
    }
}
