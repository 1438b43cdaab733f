//! `cargo xtask bench`: matrix-api beside its peers, and the guard of the core paths.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::tool::succeed;
use crate::{Outcome, workspace};

const USAGE: &str = "\
usage: cargo xtask bench [SUBJECT ...] [--quick] [--all]
       cargo xtask bench --guard [--bless]";

/// Measures the subjects, or counts the instructions of the core paths.
pub(crate) fn run(args: &[String]) -> Outcome {
    if args.iter().any(|arg| arg == "--guard") {
        let others: Vec<&str> = args.iter().map(String::as_str).filter(|arg| *arg != "--guard").collect();
        return match others[..] {
            [] => guard(false),
            ["--bless"] => guard(true),
            _ => Err(USAGE.into()),
        };
    }
    let program = build(&[])?;
    succeed(Command::new(program).arg("run").args(args), "the benchmarks")
}

/// Builds the benchmarks, which are a workspace of their own, and gives the program.
fn build(args: &[&str]) -> Result<PathBuf, Box<dyn std::error::Error>> {
    let folder = workspace().join("bench");
    let mut build = Command::new("cargo");
    build.args(["build", "--release", "--locked", "--manifest-path"]).arg(folder.join("Cargo.toml")).args(args);
    succeed(&mut build, "building the benchmarks")?;
    Ok(target().join("release/bench"))
}

/// The folder that the benchmarks are built into.
fn target() -> PathBuf {
    match env::var_os("CARGO_TARGET_DIR") {
        Some(target) => workspace().join(target),
        None => workspace().join("bench/target"),
    }
}

/// What a path may take more than the table says, in percent. A call over loopback varies by one or two.
const TOLERANCE: u64 = 5;

/// Counts the instructions that each core path executes, and compares them with the table; `bless` rewrites that.
fn guard(bless: bool) -> Outcome {
    let valgrind = Command::new("valgrind").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if !valgrind.is_ok_and(|status| status.success()) {
        println!("NOTHING WAS COUNTED OR COMPARED: the guard counts with valgrind, which is not on this machine");
        return Ok(());
    }
    let program = build(&["--no-default-features"])?;
    let table = workspace().join("bench/instructions.tsv");
    let known = if bless { String::new() } else { fs::read_to_string(&table)? };
    let names = paths(&Command::new(&program).arg("paths").output()?)?;
    let mut rows = "path\tinstructions\n".to_owned();
    let mut worse = 0;
    for name in names.lines() {
        let count = instructions(&program, name)?;
        rows.push_str(&format!("{name}\t{count}\n"));
        let before = row(&known, name);
        println!("{count:>10}  {name}{}", before.map(|before| change(before, count)).unwrap_or_default());
        worse += usize::from(before.is_none_or(|before| count > before + before * TOLERANCE / 100));
    }
    if bless {
        return Ok(fs::write(table, rows)?);
    }
    match worse {
        0 => Ok(()),
        _ => Err(format!(
            "{worse} paths take more than {TOLERANCE} % more: `cargo xtask bench --guard --bless` if it is meant"
        )
        .into()),
    }
}

/// The names of the paths, one a line. A guard over none would always be content.
fn paths(output: &Output) -> Result<String, Box<dyn std::error::Error>> {
    if !output.status.success() {
        return Err(format!("the benchmarks do not tell their paths: {}", output.status).into());
    }
    match String::from_utf8(output.stdout.clone())? {
        names if names.trim().is_empty() => Err("the benchmarks have no core path: nothing to guard".into()),
        names => Ok(names),
    }
}

fn row(table: &str, name: &str) -> Option<u64> {
    table.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('\t')?.parse().ok())
}

fn change(before: u64, count: u64) -> String {
    format!(" ({:+.1} %)", (count as f64 / before as f64 - 1.0) * 100.0)
}

/// What callgrind counts in one run of a path.
fn instructions(program: &Path, name: &str) -> Result<u64, Box<dyn std::error::Error>> {
    let report = target().join("callgrind.out");
    let mut callgrind = Command::new("valgrind");
    callgrind.args(["--tool=callgrind", "--toggle-collect=bench::once*"]);
    callgrind.arg(format!("--callgrind-out-file={}", report.display()));
    let output = callgrind.arg(program).args(["path", name]).output()?;
    if !output.status.success() {
        return Err(format!("callgrind: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    total(&fs::read_to_string(report)?).ok_or_else(|| format!("callgrind has counted nothing for `{name}`").into())
}

/// The sum in a report of callgrind's.
fn total(report: &str) -> Option<u64> {
    let mut sums = report.lines().filter_map(|line| line.strip_prefix("summary: ").or(line.strip_prefix("totals: ")));
    sums.next()?.trim().parse().ok().filter(|total| *total > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guard_over_nothing_is_an_error() {
        use std::os::unix::process::ExitStatusExt as _;
        let told = |status, text: &str| {
            let status = std::process::ExitStatus::from_raw(status);
            paths(&Output { status, stdout: text.into(), stderr: Vec::new() }).map_err(|error| error.to_string())
        };
        assert_eq!(told(0, "a path\n").as_deref(), Ok("a path\n"));
        assert_eq!(told(0, "\n"), Err("the benchmarks have no core path: nothing to guard".to_owned()));
        assert!(told(256, "a path\n").is_err());
    }

    #[test]
    fn a_report_and_a_table_are_read() {
        assert_eq!(total("version: 1\nevents: Ir\nsummary: 1234\n\nfn=(0)\n"), Some(1234));
        assert_eq!(total("events: Ir\n\ntotals: 7\n"), Some(7));
        assert_eq!(total("summary: 0\n"), None);
        let table = "path\tinstructions\na path\t12\na path of more\t13\n";
        assert_eq!(
            (row(table, "a path"), row(table, "a path of more"), row(table, "none")),
            (Some(12), Some(13), None)
        );
        assert_eq!(change(200, 190), " (-5.0 %)");
    }
}
