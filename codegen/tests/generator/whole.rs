//! The real specs: the same twice, and the operations that they are known to have.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::case;
use matrix_api_codegen::{OpsRow, generate, generate_from};

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

#[test]
fn two_runs_give_the_same_bytes() {
    let specs = workspace().join("specs");
    let (first, second) = (generate(&specs).expect("it generates"), generate(&specs).expect("it generates"));
    assert_eq!(first.tree, second.tree);
    assert_eq!(first.ops, second.ops);
    assert_eq!(first.coverage, second.coverage);
}

/// What the generator prints by itself is what prettyplease prints of it, but for blank lines and imports.
#[test]
fn all_is_printed_as_prettyplease_prints_it() {
    let generated = generate(&workspace().join("specs")).expect("it generates");
    for (path, text) in generated.tree.files().chain(generated.tests.files()) {
        let apart = ["use ", "// ", "#!["];
        let is_code = |line: &&str| !line.is_empty() && !apart.iter().any(|start| line.starts_with(start));
        let code: Vec<&str> = text.lines().filter(is_code).collect();
        let file = syn::parse_file(&code.join("\n")).unwrap_or_else(|error| panic!("{path}: {error}"));
        let printed = prettyplease::unparse(&file);
        let printed: Vec<&str> = printed.lines().filter(is_code).collect();
        for (own, other) in code.iter().zip(&printed) {
            assert_eq!(own, other, "{path}");
        }
        assert_eq!(code.len(), printed.len(), "{path}");
    }
}

#[test]
fn without_its_words_every_place_counts_as_undocumented() {
    let specs = workspace().join("specs");
    let whole = generate(&specs).expect("it generates");
    let mut texts = case::files(&specs, true);
    texts.retain(|file, _| file.ends_with(".yaml") && !file.starts_with("docs/"));
    let wordless = generate_from(&texts).expect("it generates");
    assert_eq!(wordless.coverage.documented, 0);
    assert_eq!(wordless.undocumented.len(), wordless.coverage.total);
    // Some places may have words and need none.
    let (found, known) = (wordless.coverage.total, whole.coverage.total);
    assert!(found * 100 > known * 99, "{found} of {known}");
}

/// The list was drawn up apart from the generator: a scan of the release's paths, spaces at their end
/// trimmed, and what is known of logins that are optional. It knows no finer word than `required`
/// for the token of an application service.
#[test]
fn the_client_server_operations_are_those_of_the_specification() {
    let file = workspace().join("tests/data/client-server-operations.tsv");
    let text = fs::read_to_string(file).expect("the list is readable");
    let wanted: BTreeSet<String> = text.lines().skip(1).map(str::to_owned).collect();
    assert_eq!(wanted.len(), 166);

    let generated = generate(&workspace().join("specs")).expect("it generates");
    let rows: Vec<_> = generated.ops.iter().filter(|row| row.api == "client-server").collect();
    assert_eq!(rows.len(), 166);
    let found: BTreeSet<String> = rows.into_iter().map(line).collect();
    let (missing, surplus): (Vec<_>, Vec<_>) =
        (wanted.difference(&found).collect(), found.difference(&wanted).collect());
    assert!(missing.is_empty() && surplus.is_empty(), "missing: {missing:#?}\nsurplus: {surplus:#?}");
}

fn line(row: &OpsRow) -> String {
    let auth = if row.auth == "appservice" { "required" } else { row.auth };
    format!("{}\t{}\t{}\t{auth}", row.method, row.path, row.operation_id)
}

#[test]
fn a_folder_that_is_not_there_is_refused() {
    let refusal = generate(Path::new("no/such/folder")).expect_err("there is nothing to read").to_string();
    assert!(refusal.starts_with("no/such/folder: "), "{refusal}");
}
