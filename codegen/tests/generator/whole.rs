//! The real specs: the same twice, and the operations that they are known to have.

use std::fs;
use std::path::{Path, PathBuf};

use matrix_api_codegen::generate;

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

/// The rows are those of the specification's release, told apart from the documents by other means:
/// a scan of its paths, the trailing spaces trimmed, and what is known of logins that are optional.
#[test]
fn the_client_server_operations_are_those_of_the_specification() {
    let file = workspace().join("tests/data/client-server-operations.tsv");
    let text = fs::read_to_string(file).expect("the list is readable");
    let mut wanted: Vec<&str> = text.lines().skip(1).collect();
    wanted.sort_unstable();
    assert_eq!(wanted.len(), 166);

    let generated = generate(&workspace().join("specs")).expect("it generates");
    let rows = generated.ops.iter().filter(|row| row.api == "client-server");
    let mut found: Vec<String> =
        rows.map(|row| format!("{}\t{}\t{}\t{}", row.method, row.path, row.operation_id, row.auth)).collect();
    found.sort_unstable();
    assert_eq!(found, wanted);
}

#[test]
fn a_folder_that_is_not_there_is_refused() {
    let refusal = generate(Path::new("no/such/folder")).expect_err("there is nothing to read").to_string();
    assert!(refusal.starts_with("no/such/folder: "), "{refusal}");
}
