//! Figures from processes of their own.

use std::process::Command;

use crate::Effort;

/// Runs this program for one figure, which is a row of numbers.
pub(crate) fn figures(subject: &str, method: &str, case: &str, time: u64) -> Vec<f64> {
    let program = std::env::current_exe().expect("this program is a file");
    let time = time.to_string();
    let output = Command::new(program).args(["one", subject, method, case, &time]).output().expect("it runs again");
    assert!(output.status.success(), "{subject}, {method}, {case}: {}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("numbers");
    text.split_whitespace().map(|word| word.parse().expect("a number")).collect()
}

/// All methods on one case, in turns. Of several rounds, the one whose first number is in the middle counts.
pub(crate) fn turns(subject: &str, methods: &[&str], case: &str, effort: Effort) -> Vec<Vec<f64>> {
    let mut all: Vec<Vec<Vec<f64>>> = vec![Vec::new(); methods.len()];
    for _ in 0..effort.rounds {
        for (rounds, method) in all.iter_mut().zip(methods) {
            rounds.push(figures(subject, method, case, effort.time));
        }
    }
    let middle = |mut rounds: Vec<Vec<f64>>| {
        rounds.sort_by(|one, other| one[0].total_cmp(&other[0]));
        rounds.swap_remove(rounds.len() / 2)
    };
    all.into_iter().map(middle).collect()
}
