//! `cargo xtask codegen`: writes the generated files, or checks that they are current.

use std::fs;
use std::path::Path;
use std::time::Instant;

use matrix_api_codegen::{Change, Coverage, Generated, OpsRow, Tree};

use crate::{Outcome, workspace};

/// Where the number of documented places is kept, so that it cannot fall.
const RATCHET: &str = "specs/docs/coverage.txt";

/// Rewrites the generated files; with `--check` only says what differs.
pub(crate) fn run(args: &[String]) -> Outcome {
    let check = match args {
        [flag] if flag == "--undocumented" => {
            generate()?.undocumented.iter().for_each(|spot| println!("{spot}"));
            return Ok(());
        }
        [] => false,
        [flag] if flag == "--check" => true,
        _ => return Err("usage: cargo xtask codegen [--check | --undocumented]".into()),
    };
    let start = Instant::now();
    let generated = generate()?;
    let mut changes = Vec::new();
    if check {
        for (folder, tree) in outputs(&generated) {
            changes.extend(tree.compare(&workspace().join(folder))?);
        }
    } else {
        changes = write(&workspace(), &generated)?;
    }
    ratchet(&workspace(), generated.coverage, check)?;
    let Coverage { documented, total } = generated.coverage;
    let files: usize = outputs(&generated).iter().map(|(_, tree)| tree.files().count()).sum();
    let took = start.elapsed().as_millis();
    println!("{} operations, {files} files, {documented} of {total} places documented, {took} ms", generated.ops.len());
    if !check {
        println!("{} files changed", changes.len());
        return Ok(());
    }
    changes.iter().for_each(show);
    if changes.is_empty() { Ok(()) } else { Err("the generated code is stale: run `cargo xtask codegen`".into()) }
}

/// Prints one line per operation.
pub(crate) fn ops(args: &[String]) -> Outcome {
    let api = match args {
        [] => None,
        [flag, api] if flag == "--api" => Some(api.as_str()),
        _ => return Err("usage: cargo xtask ops [--api <api>]".into()),
    };
    let generated = generate()?;
    let rows: Vec<_> = generated.ops.iter().filter(|row| api.is_none_or(|api| row.api == api)).collect();
    if rows.is_empty() {
        return Err(format!("there is no API `{}`", api.unwrap_or_default()).into());
    }
    println!("{}", OpsRow::HEADER);
    rows.iter().for_each(|row| println!("{row}"));
    Ok(())
}

/// Every operation by API and operationId.
pub(crate) fn operations() -> Result<Vec<(String, String)>, matrix_api_codegen::Errors> {
    Ok(generate()?.ops.into_iter().map(|row| (row.api, row.operation_id)).collect())
}

/// Every operation by method and path.
pub(crate) fn calls() -> Result<Vec<(&'static str, String)>, matrix_api_codegen::Errors> {
    Ok(generate()?.ops.into_iter().map(|row| (row.method, row.path)).collect())
}

fn generate() -> Result<Generated, matrix_api_codegen::Errors> {
    matrix_api_codegen::generate(&workspace().join("specs"))
}

/// Writes every tree below a folder of the workspace's layout.
pub(crate) fn write(root: &Path, generated: &Generated) -> Result<Vec<Change>, std::io::Error> {
    let mut changes = Vec::new();
    for (folder, tree) in outputs(generated) {
        changes.extend(tree.write(&root.join(folder))?);
    }
    Ok(changes)
}

/// Where each tree is written to, below the workspace.
fn outputs(generated: &Generated) -> [(&'static str, &Tree); 2] {
    [("matrix-api/src/generated", &generated.tree), ("tests/src/generated", &generated.tests)]
}

/// Documentation may grow; a regeneration that would lose some is refused.
pub(crate) fn ratchet(root: &Path, coverage: Coverage, check: bool) -> Outcome {
    let path = root.join(RATCHET);
    let missing = coverage.total - coverage.documented;
    let known: usize = fs::read_to_string(&path).ok().and_then(|text| text.trim().parse().ok()).unwrap_or(usize::MAX);
    if missing > known {
        return Err(format!("{missing} places lack documentation, {known} did before: add lines to specs/docs").into());
    }
    if missing < known {
        if check {
            return Err(format!("{RATCHET} says {known}, but only {missing} places lack documentation").into());
        }
        fs::write(path, format!("{missing}\n"))?;
    }
    Ok(())
}

fn show(change: &Change) {
    match change {
        Change::Missing(path) => println!("missing: {path}"),
        Change::Orphan(path) => println!("orphan:  {path}"),
        Change::Differs { path, found, wanted } => {
            println!("differs: {path}");
            for line in found.lines().filter(|line| !wanted.lines().any(|other| other == *line)).take(5) {
                println!("  - {line}");
            }
            for line in wanted.lines().filter(|line| !found.lines().any(|other| other == *line)).take(5) {
                println!("  + {line}");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    #[test]
    fn no_operation_is_lost_unseen() {
        let mut counts = BTreeMap::new();
        for (api, _) in super::operations().unwrap() {
            *counts.entry(api).or_insert(0) += 1;
        }
        let counts: Vec<_> = counts.iter().map(|(api, count)| (api.as_str(), *count)).collect();
        let known = [
            ("application-service", 9),
            ("client-server", 166),
            ("identity", 23),
            ("integrations", 13),
            ("mas-admin", 47),
            ("push-gateway", 1),
            ("server-server", 4),
            ("synapse-admin", 103),
            ("unstable", 10),
        ];
        assert_eq!(counts, known);
    }
}
