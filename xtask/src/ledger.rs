//! The ledger of operations that the live tests have seen answered by a real homeserver.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::Outcome;

const HEADER: &str = "api\toperationId\tstatus\ttest";

/// How many operations of an API a real homeserver must at least have answered with success.
const LEAST: &[(&str, usize)] = &[("synapse-admin", 95), ("client-server", 145)];

/// What a run saw of one operation.
#[derive(Debug, Default)]
struct Seen {
    statuses: BTreeSet<String>,
    tests: BTreeSet<String>,
}

/// Every operation was either answered, or it is written down why it cannot be; `*` excuses a whole API.
pub(crate) fn complete(committed: &Path, unanswered: &Path, operations: &[(String, String)]) -> Outcome {
    let text = fs::read_to_string(committed)?;
    let answered = keys(&text);
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
    for line in enough(&text, operations)? {
        println!("{line}");
    }
    Ok(())
}

/// A line for each API that has a threshold.
fn enough(ledger: &str, operations: &[(String, String)]) -> Result<Vec<String>, String> {
    let rows: Vec<Vec<&str>> = ledger.lines().skip(1).map(|line| line.split('\t').collect()).collect();
    let line = |&(api, least): &(&str, usize)| {
        let all = operations.iter().filter(|(of, _)| of == api).count();
        let well = rows.iter().filter(|row| row[0] == api && row.get(2).is_some_and(|statuses| succeeded(statuses)));
        let well = well.count();
        let line = format!("{api}: {well} of {all} operations answered with success, at least {least} are due");
        if well < least { Err(line) } else { Ok(line) }
    };
    LEAST.iter().map(line).collect()
}

/// Whether one of some statuses, `200,404`, is a 2xx.
fn succeeded(statuses: &str) -> bool {
    statuses.split(',').any(|status| status.len() == 3 && status.starts_with('2'))
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
    fn an_api_is_called_enough() {
        let rows = |api: &str, count: usize, statuses: &str| -> String {
            (0..count).map(|nth| format!("{api}\toperation{nth}\t{statuses}\ta::one\n")).collect()
        };
        let operations: Vec<_> = (0..103).map(|nth| ("synapse-admin".to_owned(), format!("operation{nth}"))).collect();
        let client = rows("client-server", 145, "204,400");
        let good = format!("{HEADER}\n{client}{}", rows("synapse-admin", 95, "200,404"));
        let lines = enough(&good, &operations).unwrap();
        assert_eq!(lines[0], "synapse-admin: 95 of 103 operations answered with success, at least 95 are due");
        assert!(lines[1].starts_with("client-server: 145 of 0 "), "{lines:?}");
        // A refusal is an answer, but does not count.
        let refused =
            format!("{HEADER}\n{client}{}synapse-admin\tlast\t302,404\ta::one\n", rows("synapse-admin", 94, "200"));
        let line = enough(&refused, &operations).unwrap_err();
        assert_eq!(line, "synapse-admin: 94 of 103 operations answered with success, at least 95 are due");
    }

    #[test]
    fn a_broken_line_is_refused() {
        assert!(summary("client-server\tsync\n").is_err());
    }
}
