//! The generator: a whole process, from the documents on the disk to the files on the disk.

use std::process::Command;

use crate::measure::{pin, spent};
use crate::report::{Goal, Section, cells, folder, table, target};
use crate::{Effort, child};

pub(crate) const TITLE: &str = "The generator";

const WRITE: &str = "codegen";
const CHECK: &str = "codegen --check";
const METHODS: [&str; 2] = [WRITE, CHECK];

pub(crate) fn one(method: &str, cpus: &str, _: u64) -> Vec<f64> {
    if cpus == "1" {
        pin(0);
    }
    let mut xtask = Command::new(target(&folder().join("..")).join("release/xtask"));
    let (cpu, wall) = spent(xtask.args(method.split(' ')));
    vec![cpu, wall]
}

pub(crate) fn run(effort: Effort) -> Section {
    let mut build = Command::new("cargo");
    build.args(["build", "--quiet", "--release", "--package", "xtask", "--manifest-path"]);
    spent(build.arg(folder().join("../Cargo.toml")).current_dir(folder().join("..")));
    let effort = Effort { rounds: effort.rounds * 3, ..effort };
    let mut rows = vec![cells(&[&"Process", &"CPUs", &"CPU, s", &"Wall, s"])];
    let mut goals = Vec::new();
    for (cpus, most) in [("1", 0.5), ("2", 0.3)] {
        let all = child::turns("codegen", &METHODS, cpus, effort);
        for (figures, method) in all.iter().zip(METHODS) {
            let &[cpu, wall] = &figures[..] else { panic!("two numbers") };
            rows.push(cells(&[&method, &cpus, &format!("{cpu:.2}"), &format!("{wall:.2}")]));
            // On a shared machine a process waits for others: on one CPU its own time is what counts.
            let time = if cpus == "1" { cpu } else { wall };
            goals.push(Goal::at_most(&format!("{method}, {cpus} CPUs, s"), most, time));
        }
    }
    let body = format!(
        "`xtask` built for release, all APIs and events, nothing to change. On one CPU its own time counts, on two the \
         time on the clock, in which others have their part.\n\n{}",
        table(&rows)
    );
    Section { title: TITLE, body, goals }
}
