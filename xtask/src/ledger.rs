//! The ledger of operations that the live tests have seen answered by a real homeserver.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::Outcome;

const HEADER: &str = "api\toperationId\tstatus\ttest";

/// What a run saw of one operation.
#[derive(Debug, Default)]
struct Seen {
    statuses: BTreeSet<String>,
    tests: BTreeSet<String>,
}

/// Every operation was either answered, or it is written down why it cannot be; `*` excuses a whole API.
pub(crate) fn complete(committed: &Path, unanswered: &Path, operations: &[(String, String)]) -> Outcome {
    let answered = keys(&fs::read_to_string(committed)?);
    let excused = keys(&fs::read_to_string(unanswered)?);
    let whole = |api: &str| (api.to_owned(), "*".to_owned());
    let excuse = |(api, operation): &(String, String)| {
        excused.contains(&(api.clone(), operation.clone())) || excused.contains(&whole(api))
    };
    if let Some((api, operation)) = answered.iter().find(|key| excuse(key)) {
        return Err(format!("{api} {operation} is answered: its row in {} can go", unanswered.display()).into());
    }
    for (api, operation) in operations {
        let key = (api.clone(), operation.clone());
        if !answered.contains(&key) && !excuse(&key) {
            return Err(format!("{api} {operation} is neither answered nor in {}", unanswered.display()).into());
        }
    }
    let excused = operations.iter().filter(|key| excuse(key)).count();
    println!("{} operations, {} answered, {excused} excused", operations.len(), answered.len());
    Ok(())
}

/// The first two columns of a table, without its head.
fn keys(text: &str) -> BTreeSet<(String, String)> {
    let row = |line: &str| {
        let mut fields = line.split('\t').map(str::to_owned);
        Some((fields.next()?, fields.next()?))
    };
    text.lines().skip(1).filter_map(row).collect()
}

/// Compares what this run saw with the committed ledger; `bless` rewrites that one instead.
pub(crate) fn settle(run: &Path, committed: &Path, bless: bool) -> Outcome {
    let lines = fs::read_to_string(run).map_err(|error| format!("{}: {error}", run.display()))?;
    let text = summary(&lines)?;
    let rows = text.lines().count() - 1;
    println!("{rows} operations were answered");
    if bless {
        fs::write(committed, text)?;
        return Ok(());
    }
    let known = fs::read_to_string(committed).unwrap_or_default();
    if known == text {
        return Ok(());
    }
    let (old, new): (BTreeSet<&str>, BTreeSet<&str>) = (known.lines().collect(), text.lines().collect());
    old.difference(&new).for_each(|row| println!("- {row}"));
    new.difference(&old).for_each(|row| println!("+ {row}"));
    Err("tests/coverage.tsv is not what this run saw: look at it, then `cargo xtask test --bless`".into())
}

/// One row per operation: every status, and the first test by name.
fn summary(lines: &str) -> Result<String, String> {
    let mut seen: BTreeMap<(&str, &str), Seen> = BTreeMap::new();
    for line in lines.lines() {
        let fields: Vec<_> = line.split('\t').collect();
        let [api, operation, status, test] = fields.as_slice() else {
            return Err(format!("the ledger has a broken line: {line}"));
        };
        let row = seen.entry((api, operation)).or_default();
        row.statuses.insert((*status).to_owned());
        row.tests.insert((*test).to_owned());
    }
    let mut text = format!("{HEADER}\n");
    for ((api, operation), row) in seen {
        let statuses = row.statuses.into_iter().collect::<Vec<_>>().join(",");
        let test = row.tests.into_iter().next().unwrap_or_default();
        text.push_str(&format!("{api}\t{operation}\t{statuses}\t{test}\n"));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operation_is_one_row_with_its_statuses_and_its_first_test() {
        let lines =
            "client-server\tsync\t200\tb::two\nclient-server\tban\t200\ta::one\nclient-server\tsync\t200\ta::one\n";
        let text = summary(lines).unwrap();
        assert_eq!(text, format!("{HEADER}\nclient-server\tban\t200\ta::one\nclient-server\tsync\t200\ta::one\n"));
    }

    #[test]
    fn a_broken_line_is_refused() {
        assert!(summary("client-server\tsync\n").is_err());
    }
}
