//! Turns the vendored OpenAPI documents into the generated files of matrix-api.
//!
//! The whole pipeline is [`generate`]: each line is a pass, each pass is the
//! module of that name, and a pass sees only what the one before it made.
//! Nothing here touches a network, a clock or the environment.

mod check;
pub mod diff;
mod docs;
mod emit;
mod error;
mod ir;
mod layout;
mod load;
mod lower;
mod node;
mod openapi;
mod ops;
mod parallel;
mod patch;
mod resolve;
mod sample;
mod semantics;
mod span;
mod stance;
mod tree;

use std::path::Path;

pub use error::{Error, Errors};
pub use ops::OpsRow;
pub use sample::{Call, Content, Model, Prediction, Refusal, Reply, Sample};
pub use tree::{Change, Tree};

/// What one run of the generator yields.
#[derive(Debug)]
pub struct Generated {
    /// The files, by path below the output folder.
    pub tree: Tree,
    /// The files that only tests need, by path below another folder.
    pub tests: Tree,
    /// One row per operation.
    pub ops: Vec<OpsRow>,
    /// How much of it has words of our own.
    pub coverage: Coverage,
    /// The places without.
    pub undocumented: Vec<String>,
}

/// Places that can be documented, and those that are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Coverage {
    /// Places with a line.
    pub documented: usize,
    /// All places.
    pub total: usize,
}

/// Reads a folder of specs and generates every API that its `sources.yaml` names.
///
/// # Errors
///
/// Every construct that the generator does not understand, every patch and
/// table row that no longer applies, each with its file and place.
pub fn generate(specs: &Path) -> Result<Generated, Errors> {
    generate_from(&load::texts(specs)?)
}

/// The same, from texts in memory: path below the folder → YAML.
///
/// # Errors
///
/// As [`generate`].
pub fn generate_from(texts: &std::collections::BTreeMap<String, String>) -> Result<Generated, Errors> {
    let documents = load::documents(texts)?;
    let documents = patch::apply(documents)?;
    let resolved = resolve::references(documents)?;
    let apis = lower::apis(&resolved)?;
    check::apis(&apis)?;
    let (documented, missing) = resolved.docs.coverage();
    Ok(Generated {
        tree: layout::tree(&emit::jobs(&apis))?,
        tests: layout::tree(&[Box::new(|| emit::roundtrip::files(&apis)), Box::new(|| emit::canary::files(&apis))])?,
        ops: ops::rows(&apis),
        coverage: Coverage { documented, total: documented + missing.len() },
        undocumented: missing.into_iter().collect(),
    })
}

/// Applies the patches of a folder of specs and nothing more: how many the release needs, and how many are for others.
///
/// # Errors
///
/// Every patch that no longer applies.
pub fn patches(specs: &Path) -> Result<(usize, usize), Errors> {
    let documents = load::documents(&load::texts(specs)?)?;
    let counts = patch::count(&documents);
    patch::apply(documents)?;
    Ok(counts)
}
