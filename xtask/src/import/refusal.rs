//! What the import refuses, and where.

use std::fmt;

/// A refusal: the file, the JSON pointer inside it, and what is wrong there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Refusal {
    file: String,
    pointer: String,
    message: String,
}

impl Refusal {
    /// A refusal at a place.
    pub(super) fn new(file: impl Into<String>, pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self { file: file.into(), pointer: pointer.into(), message: message.into() }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, pointer, message } = self;
        if pointer.is_empty() { write!(f, "{file}: {message}") } else { write!(f, "{file}#{pointer}: {message}") }
    }
}

impl std::error::Error for Refusal {}

/// Every refusal of a run, so that one run shows all there is to mend.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refusals(Vec<Refusal>);

impl Refusals {
    /// The value, if nothing was refused.
    pub(super) fn none_or<T>(mut refusals: Vec<Refusal>, value: T) -> Result<T, Self> {
        refusals.sort();
        refusals.dedup();
        if refusals.is_empty() { Ok(value) } else { Err(Self(refusals)) }
    }
}

impl From<Refusal> for Refusals {
    fn from(refusal: Refusal) -> Self {
        Self(vec![refusal])
    }
}

impl fmt::Display for Refusals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, refusal) in self.0.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            write!(f, "{refusal}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Refusals {}
