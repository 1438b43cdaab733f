//! Every quirk of the documents once, with the files that come of it.

use std::collections::BTreeSet;

use matrix_api_codegen::Tree;

use crate::{case, expect};

/// The files of a case are those below its `expected`. A new case gets all that are no mere list of
/// modules: delete what is beside the point.
#[test]
fn a_document_becomes_its_files() {
    let mut failures = Vec::new();
    for case in case::all("golden") {
        let generated = match case.generate() {
            Ok(generated) => generated,
            Err(errors) => {
                failures.push(format!("{}: refused\n{errors}", case.name));
                continue;
            }
        };
        let folder = case.folder.join("expected");
        let mut wanted: Vec<String> = case::files(&folder, true).into_keys().collect();
        if wanted.is_empty() && expect::updating() {
            let leaves = generated.tree.files().map(|(path, _)| path).filter(|path| path.matches('/').count() == 2);
            wanted = leaves.map(str::to_owned).collect();
        }
        if wanted.is_empty() {
            failures.push(format!("{}: expects nothing", case.name));
        }
        for path in wanted {
            match generated.tree.files().find(|(known, _)| *known == path) {
                Some((_, text)) => expect::file(&folder.join(&path), text, &mut failures),
                None => failures.push(format!("{}: {path} is not generated", case.name)),
            }
        }
    }
    expect::none(&failures);
}

/// What a module declares is there, and what is there is declared.
#[test]
fn the_modules_of_a_tree_are_its_files() {
    let mut failures = Vec::new();
    for case in case::all("golden") {
        let tree = case.generate().expect("a golden case generates").tree;
        // The roots are declared by hand.
        let files: BTreeSet<&str> = tree.files().map(|(path, _)| path).filter(|path| path.contains('/')).collect();
        let declared = declared(&tree);
        let declared: BTreeSet<&str> = declared.iter().map(String::as_str).collect();
        if files != declared {
            failures.push(format!("{}: {:?}", case.name, files.symmetric_difference(&declared)));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

fn declared(tree: &Tree) -> Vec<String> {
    let mut found = Vec::new();
    for (path, text) in tree.files() {
        let folder = path.trim_end_matches(".rs");
        let modules = text.lines().filter_map(|line| line.split_once("mod ")?.1.strip_suffix(';'));
        found.extend(modules.map(|module| format!("{folder}/{module}.rs")));
    }
    found
}
