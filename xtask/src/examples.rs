//! `cargo xtask examples`: upstream's own examples against the generated responses and contents of events. Run by
//! hand, as the examples stay upstream's.

use std::path::Path;

use crate::Outcome;
use crate::demo::cargo;

const BINARY: [&str; 6] = ["run", "--quiet", "--package", "matrix-api-tests", "--bin", "upstream-examples"];

/// Runs the comparison on a matrix-spec checkout or its data folder.
pub(crate) fn run(args: &[String]) -> Outcome {
    let [folder] = args else {
        return Err("usage: cargo xtask examples <matrix-spec checkout or its data folder>".into());
    };
    // cargo is called in the workspace; the folder is meant from here.
    let folder = Path::new(folder).canonicalize().map_err(|error| format!("{folder}: {error}"))?;
    let folder = folder.to_str().ok_or_else(|| format!("{} is not UTF-8", folder.display()))?;
    cargo(&[&BINARY[..], &["--", folder]].concat())
}
