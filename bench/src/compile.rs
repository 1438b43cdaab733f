//! What a program that sends one message costs to build, and the crate alone.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::Effort;
use crate::measure::spent;
use crate::report::{Goal, Section, cells, folder, table, target};

pub(crate) const TITLE: &str = "Compile time";

/// A program below `compile/`, and what it took to build for debug and for release when all were last measured
/// together: seconds of CPU.
struct Leaf {
    name: &'static str,
    recorded: Option<[f64; 2]>,
}

const OURS: &str = "own";
const REQWEST: &str = "reqwest";
const LEAVES: [Leaf; 4] = [
    Leaf { name: OURS, recorded: None },
    Leaf { name: REQWEST, recorded: None },
    Leaf { name: "ruma", recorded: Some([189.0, 411.0]) },
    Leaf { name: "matrix-sdk", recorded: Some([316.0, 905.0]) },
];

/// How a leaf is built.
#[derive(Clone, Copy, PartialEq)]
enum Profile {
    Debug,
    Release,
}

/// Seconds of CPU: clean, and after a change in its own file. MiB of the program.
#[derive(Clone, Copy)]
struct Built {
    clean: f64,
    again: f64,
    size: f64,
}

fn place(name: &str) -> PathBuf {
    target(&folder()).join("compile").join(name)
}

/// Cargo as somebody who has just installed it has it.
fn cargo(name: &str, args: &[&str]) -> Command {
    let mut cargo = Command::new("cargo");
    cargo.args(args).env("CARGO_TARGET_DIR", place(name)).env_remove("CARGO_PROFILE_DEV_DEBUG");
    cargo
}

fn build(name: &str, profile: Profile) -> Built {
    let mut args = vec!["build", "--locked"];
    if profile == Profile::Release {
        args.push("--release");
    }
    let leaf = folder().join("compile").join(name);
    spent(cargo(name, &["fetch", "--locked"]).current_dir(&leaf));
    // It need not be there.
    let _ = fs::remove_dir_all(place(name));
    let (clean, _) = spent(cargo(name, &args).current_dir(&leaf));
    let again = (0..3).map(|count| {
        let text = format!("message {count}");
        spent(cargo(name, &args).current_dir(&leaf).env("LEAF_TEXT", text)).0
    });
    let again = again.fold(f64::MAX, f64::min);
    let program = place(name).join(if profile == Profile::Release { "release/leaf" } else { "debug/leaf" });
    let size = fs::metadata(program).expect("it was built").len() as f64 / f64::from(1 << 20);
    fs::remove_dir_all(place(name)).expect("it was built");
    Built { clean, again, size }
}

/// The crate with all APIs, what it stands on being built already, in the folder where it is worked on.
fn alone(command: &str, release: bool) -> f64 {
    let mut args = vec![command, "--locked", "--lib", "--features", "full,unstable"];
    args.extend(release.then_some("--release"));
    let crate_folder = folder().join("../matrix-api");
    let run = || spent(Command::new("cargo").args(&args).current_dir(&crate_folder).env("CARGO_INCREMENTAL", "0")).0;
    run();
    let touched = fs::File::options().append(true).open(crate_folder.join("src/lib.rs")).expect("the crate is there");
    touched.set_modified(std::time::SystemTime::now()).expect("it is ours");
    run()
}

pub(crate) fn one(_: &str, _: &str, _: u64) -> Vec<f64> {
    panic!("what builds programs is not measured in turns")
}

pub(crate) fn run(effort: Effort) -> Section {
    let mut rows = vec![cells(&[&"Program", &"Build", &"Clean, CPU s", &"After a change, CPU s", &"Size, MiB"])];
    let mut goals = Vec::new();
    let quick = effort.rounds == 1;
    let profiles = [(Profile::Debug, 0), (Profile::Release, 1)];
    for (profile, at) in profiles.into_iter().take(if quick { 1 } else { 2 }) {
        let name = if profile == Profile::Debug { "debug" } else { "release" };
        let mut found = Vec::new();
        for leaf in &LEAVES {
            match leaf.recorded {
                Some(recorded) if !effort.all => {
                    rows.push(cells(&[
                        &leaf.name,
                        &name,
                        &format!("{:.0}, of an earlier run", recorded[at]),
                        &"",
                        &"",
                    ]));
                }
                _ => {
                    eprintln!("bench: building {}, {name}", leaf.name);
                    let built = build(leaf.name, profile);
                    let (clean, again) = (format!("{:.0}", built.clean), format!("{:.2}", built.again));
                    rows.push(cells(&[&leaf.name, &name, &clean, &again, &format!("{:.2}", built.size)]));
                    found.push(built);
                }
            }
        }
        let [own, plain, ..] = found[..] else { panic!("both are always measured") };
        let over = "over plain reqwest's";
        goals.push(Goal::at_most(&format!("{name}, clean, {over}"), 1.0, own.clean / plain.clean));
        goals.push(Goal::at_most(&format!("{name}, after a change, {over}"), 1.1, own.again / plain.again));
        if profile == Profile::Release {
            goals.push(Goal::at_most(&format!("{name}, size {over}"), 1.1, own.size / plain.size));
        }
    }
    let alone_by =
        [("check", "check", false, 5.0), ("debug", "build", false, 12.0), ("release", "build", true, 40.0)];
    for (name, command, release, most) in alone_by.into_iter().filter(|by| !(quick && by.2)) {
        eprintln!("bench: the crate alone, {name}");
        let cpu = alone(command, release);
        rows.push(cells(&[&"the crate alone, all APIs", &name, &format!("{cpu:.1}"), &"", &""]));
        goals.push(Goal::at_most(&format!("the crate alone, all APIs, {name}, CPU s"), most, cpu));
    }
    let body = format!(
        "A `main` that sends one message, with default features: ours, plain reqwest with its default rustls and \
         serde_json, ruma-client, matrix-sdk without encryption. Seconds of CPU of cargo and all that it starts, from \
         an empty folder; then with another text in `main.rs`. With `--quick` nothing is built for release.\nThe peers that take long are measured with `--all`, \
         and else are of an earlier run on a machine like this.\n\n{}",
        table(&rows)
    );
    Section { title: TITLE, body, goals }
}
