//! Text compared with a file, or written to it.

use std::fs;
use std::path::Path;

/// Whether this run rewrites what is expected.
pub(crate) fn updating() -> bool {
    let update = std::env::var_os("UPDATE_EXPECT").is_some_and(|value| value == "1");
    assert!(!(update && std::env::var_os("CI").is_some()), "UPDATE_EXPECT has no place in CI");
    update
}

/// Compares a text with a file; what differs goes to `failures`.
pub(crate) fn file(path: &Path, found: &str, failures: &mut Vec<String>) {
    let updating = updating();
    let wanted = fs::read_to_string(path).unwrap_or_default().replace("\r\n", "\n");
    if wanted == found {
        return;
    }
    if updating {
        fs::create_dir_all(path.parent().expect("a file lies in a folder")).expect("the folder can be made");
        fs::write(path, found).expect("the file can be written");
        return;
    }
    failures.push(format!("{}:\n{}", path.display(), difference(&wanted, found)));
}

/// The first lines that differ, with the line before them.
fn difference(wanted: &str, found: &str) -> String {
    let (wanted, found): (Vec<_>, Vec<_>) = (wanted.lines().collect(), found.lines().collect());
    let same = wanted.iter().zip(&found).take_while(|(left, right)| left == right).count();
    let some = |lines: &[&str], mark: char| -> String {
        lines.iter().skip(same).take(8).map(|line| format!("  {mark} {line}\n")).collect()
    };
    let before = if same == 0 { "" } else { wanted[same - 1] };
    format!("  line {}\n    {before}\n{}{}", same + 1, some(&wanted, '-'), some(&found, '+'))
}

/// Fails with all that was found wrong.
pub(crate) fn none(failures: &[String]) {
    assert!(failures.is_empty(), "{}\nUPDATE_EXPECT=1 accepts what is new.", failures.join("\n"));
}
