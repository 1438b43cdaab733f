//! What the generator refuses, and where.

use std::fmt;

/// A refusal: the file, the JSON pointer inside it, and what is wrong there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Error {
    file: String,
    pointer: String,
    message: String,
}

impl Error {
    /// A refusal at a place.
    pub fn new(file: impl Into<String>, pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self { file: file.into(), pointer: pointer.into(), message: message.into() }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, pointer, message } = self;
        if pointer.is_empty() { write!(f, "{file}: {message}") } else { write!(f, "{file}#{pointer}: {message}") }
    }
}

impl std::error::Error for Error {}

/// Every refusal of a run, so that one run shows all there is to mend.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Errors(Vec<Error>);

impl Errors {
    /// Keeps the value, or notes why there is none.
    pub(crate) fn keep<T>(&mut self, outcome: Result<T, Error>) -> Option<T> {
        outcome.map_err(|error| self.0.push(error)).ok()
    }

    /// Notes a refusal.
    pub(crate) fn push(&mut self, error: Error) {
        self.0.push(error);
    }

    /// Notes every refusal of another run.
    pub(crate) fn extend(&mut self, others: Self) {
        self.0.extend(others.0);
    }

    /// The value, if nothing was refused.
    pub(crate) fn or<T>(mut self, value: T) -> Result<T, Self> {
        self.0.sort();
        self.0.dedup();
        if self.0.is_empty() { Ok(value) } else { Err(self) }
    }
}

impl From<Error> for Errors {
    fn from(error: Error) -> Self {
        Self(vec![error])
    }
}

impl fmt::Display for Errors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.0.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            write!(f, "{error}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Errors {}
