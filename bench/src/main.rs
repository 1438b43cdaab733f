//! Measures matrix-api beside its peers: see README.md.
//!
//! Each figure comes from a process of its own, so that nobody pays for another one's heap; the processes take
//! turns, round by round, so that a busy machine is busy for all of them.

mod child;
mod codegen;
mod compile;
mod contents;
mod events;
mod floor;
mod inputs;
mod loopback;
mod measure;
#[path = "../../tests/tests/allocations/paths.rs"]
mod paths;
mod plot;
mod polls;
mod report;
mod requests;
mod sync;

use std::process::ExitCode;

use report::Section;

const USAGE: &str = "\
usage: bench run [SUBJECT ...] [--quick] [--all]   measures and writes RESULTS.md; all subjects unless some are named
       bench one SUBJECT METHOD CASE MILLISECONDS  one figure of a table, as numbers
       bench paths                                 the names of the core paths
       bench path NAME                             runs one of them, for callgrind to count in `once`
       bench serve CPU                             the server of the loopback calls
";

/// How thoroughly it is measured.
#[derive(Clone, Copy)]
pub(crate) struct Effort {
    /// How often each figure is taken; the one in the middle counts.
    pub(crate) rounds: usize,
    /// How long it is taken, in ms.
    pub(crate) time: u64,
    /// Whether what takes a quarter of an hour is measured as well.
    pub(crate) all: bool,
}

const THOROUGH: Effort = Effort { rounds: 5, time: 1000, all: false };
const QUICK: Effort = Effort { rounds: 1, time: 300, all: false };

/// Who is measured: the name, the whole table, and one figure of it by method and case.
struct Subject {
    name: &'static str,
    title: &'static str,
    run: fn(Effort) -> Section,
    one: fn(&str, &str, u64) -> Vec<f64>,
}

const SUBJECTS: &[Subject] = &[
    Subject { name: "sync", title: sync::TITLE, run: sync::run, one: sync::one },
    Subject { name: "events", title: events::TITLE, run: events::run, one: events::one },
    Subject { name: "requests", title: requests::TITLE, run: requests::run, one: requests::one },
    Subject { name: "loopback", title: loopback::TITLE, run: loopback::run, one: loopback::one },
    Subject { name: "polls", title: polls::TITLE, run: polls::run, one: polls::one },
    Subject { name: "compile", title: compile::TITLE, run: compile::run, one: compile::one },
    Subject { name: "codegen", title: codegen::TITLE, run: codegen::run, one: codegen::one },
];

fn subject(name: &str) -> Option<&'static Subject> {
    SUBJECTS.iter().find(|subject| subject.name == name)
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args[..] {
        ["run", ref rest @ ..] => run(rest),
        ["one", name, method, case, time] => {
            let Some(subject) = subject(name) else { return usage() };
            let time = time.parse().expect("milliseconds");
            let figures: Vec<String> = (subject.one)(method, case, time).iter().map(f64::to_string).collect();
            println!("{}", figures.join(" "));
            ExitCode::SUCCESS
        }
        ["paths"] => {
            paths::NAMES.iter().for_each(|name| println!("{name}"));
            ExitCode::SUCCESS
        }
        ["path", name] => {
            let Some(mut run) = paths::path(name) else { return usage() };
            // What is made once is made by then.
            run();
            run();
            once(&mut *run);
            ExitCode::SUCCESS
        }
        ["serve", cpu] => {
            loopback::server::serve(cpu.parse().expect("a number"));
            ExitCode::SUCCESS
        }
        _ => usage(),
    }
}

/// What callgrind counts: `--toggle-collect='bench::once*'`.
#[inline(never)]
fn once(run: &mut dyn FnMut()) {
    run();
}

fn usage() -> ExitCode {
    eprint!("{USAGE}");
    ExitCode::from(2)
}

fn run(args: &[&str]) -> ExitCode {
    let (flags, names): (Vec<&str>, Vec<&str>) = args.iter().partition(|arg| arg.starts_with("--"));
    let mut effort = if flags.contains(&"--quick") { QUICK } else { THOROUGH };
    effort.all = flags.contains(&"--all");
    let known = |flag: &&str| matches!(*flag, "--quick" | "--all");
    if !cfg!(feature = "peers") {
        eprintln!("bench: the tables are beside the peers, and this program was built without feature `peers`");
        return ExitCode::FAILURE;
    }
    if !flags.iter().all(known) || !names.iter().all(|name| subject(name).is_some()) {
        return usage();
    }
    for subject in SUBJECTS.iter().filter(|subject| names.is_empty() || names.contains(&subject.name)) {
        eprintln!("bench: {}", subject.name);
        let section = (subject.run)(effort);
        println!("{}", section.text(subject.name));
        report::put(subject.name, &section);
    }
    ExitCode::SUCCESS
}
