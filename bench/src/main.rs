//! Measures matrix-api beside its peers: `cargo run --release -- sync`.
//!
//! Each figure comes from a process of its own, so that no reader pays for the heap of another one; the
//! processes take turns, round by round, so that a busy machine is busy for all of them. Ratios within one run
//! count, absolute figures do not.

mod inputs;
mod measure;
mod sync;

use std::process::{Command, ExitCode};
use std::time::Duration;

use measure::Cost;

const USAGE: &str = "\
usage: bench sync [ROUNDS]                the envelope of /sync, by all readers on all sizes
       bench one sync METHOD SIZE MILLISECONDS   one reader on one input, as numbers
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args[..] {
        ["sync"] => table(3),
        ["sync", rounds] => table(rounds.parse().expect("a number of rounds")),
        ["one", "sync", method, size, time] => {
            let time = Duration::from_millis(time.parse().expect("milliseconds"));
            let (bytes, cost) = sync::measure(method, size, time);
            let Cost { median, least, allocations, retained, peak } = cost;
            println!("{bytes} {median} {least} {allocations} {retained} {peak}");
        }
        _ => {
            eprint!("{USAGE}");
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}

/// What a process of its own has measured: bytes of the input and the figures of [`Cost`].
type Figures = [f64; 6];

fn child(method: &str, size: &str) -> Figures {
    let program = std::env::current_exe().expect("this program is a file");
    let output = Command::new(program).args(["one", "sync", method, size, "1000"]).output().expect("it runs again");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("numbers");
    let figures: Vec<f64> = text.split_whitespace().map(|word| word.parse().expect("a number")).collect();
    figures.try_into().expect("six numbers")
}

/// Every reader on every size, in turns; of several rounds, the one in the middle counts.
fn table(rounds: usize) {
    println!("| Input | Reader | MB/s | best | Times the first | Allocations | Kept beyond the body | Peak |");
    println!("|---|---|---|---|---|---|---|---|");
    for (size, ..) in sync::SIZES {
        let mut all: Vec<Vec<Figures>> = vec![Vec::new(); sync::METHODS.len()];
        for _ in 0..rounds.max(1) {
            for (figures, method) in all.iter_mut().zip(sync::METHODS) {
                figures.push(child(method, size));
            }
        }
        let mut base = None;
        for (figures, method) in all.iter_mut().zip(sync::METHODS) {
            figures.sort_by(|one, other| one[1].total_cmp(&other[1]));
            let [bytes, median, least, allocations, retained, peak] = figures[figures.len() / 2];
            let base = *base.get_or_insert(median);
            let rate = |time: f64| bytes / time / 1e3;
            println!(
                "| {size} | {method} | {:.0} | {:.0} | {:.2} | {allocations} | {:.2} MB | {:.2} MB |",
                rate(median),
                rate(least),
                base / median,
                retained / 1e6,
                peak / 1e6,
            );
        }
    }
}
