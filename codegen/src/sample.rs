//! What becomes of a response that is read and written back, told from the IR alone: a second
//! opinion on what the emitted code does, for tests.

mod cases;
mod make;
mod predict;
mod request;

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use crate::error::Errors;
use crate::ir::{Apis, Operation, ResponseKind};

/// Every operation's response, as the documents describe it.
#[derive(Debug)]
pub struct Model {
    pub(crate) apis: Apis,
}

/// A response on the wire.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The headers, by name in lower case.
    pub headers: BTreeMap<String, String>,
    /// What follows them.
    pub content: Content,
}

/// The body of a [`Reply`].
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// A JSON document.
    Json(Value),
    /// Bytes of any kind; none for no body.
    Bytes(Vec<u8>),
}

/// Why a response cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The name of matrix-api's `DecodeCategory`.
    pub category: &'static str,
    /// The way to the value, as matrix-api's `DecodeError::path` writes it.
    pub path: String,
}

/// What is written after a JSON document was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Prediction {
    /// The document as it comes back.
    pub json: Value,
    /// Members that are lost because the schema lacks them.
    pub unknown: Vec<String>,
    /// Elements of lists and maps that are left out because they are bad.
    pub dropped: Vec<String>,
}

/// One made-up reply and what must become of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// The API, such as `client-server`.
    pub api: String,
    /// The operationId.
    pub operation: String,
    /// What is special about it.
    pub case: String,
    /// What is read.
    pub given: Reply,
    /// What is written back, or why it cannot be read.
    pub expected: Result<Reply, Refusal>,
}

/// A made-up request as it stands on the wire.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// The operationId.
    pub operation: String,
    /// What is special about it.
    pub case: String,
    /// The HTTP method.
    pub method: &'static str,
    /// The path and the query, encoded.
    pub target: String,
    /// The headers, by name in lower case.
    pub headers: BTreeMap<String, String>,
    /// What follows them; `None` for no body.
    pub content: Option<Content>,
}

impl Model {
    /// Reads a folder of specs.
    ///
    /// # Errors
    ///
    /// As [`generate`](crate::generate).
    pub fn read(specs: &Path) -> Result<Self, Errors> {
        Self::from_texts(&crate::load::texts(specs)?)
    }

    /// The same, from texts in memory: path below the folder → YAML.
    ///
    /// # Errors
    ///
    /// As [`generate`](crate::generate).
    pub fn from_texts(texts: &BTreeMap<String, String>) -> Result<Self, Errors> {
        let documents = crate::patch::apply(crate::load::documents(texts)?)?;
        let resolved = crate::resolve::references(documents)?;
        Ok(Self { apis: crate::lower::apis(&resolved)? })
    }

    /// Made-up replies for every operation of an API.
    #[must_use]
    pub fn samples(&self, api: &str) -> Vec<Sample> {
        self.operations(api).flat_map(|operation| cases::of(&self.apis.types, api, operation)).collect()
    }

    /// Made-up requests for every operation of an API.
    #[must_use]
    pub fn calls(&self, api: &str) -> Vec<Call> {
        self.operations(api).flat_map(|operation| request::of(&self.apis.types, operation)).collect()
    }

    /// What becomes of a JSON body; `None` if the API has no such operation, or its response is no JSON.
    #[must_use]
    pub fn predict(&self, api: &str, operation: &str, body: &Value) -> Option<Result<Prediction, Refusal>> {
        let operation = self.operations(api).find(|known| known.id == operation)?;
        match operation.response.kind {
            ResponseKind::Bytes(_) | ResponseKind::Redirect(_) => None,
            _ => Some(predict::response(&self.apis.types, &operation.response, body)),
        }
    }

    fn operations<'a>(&'a self, api: &'a str) -> impl Iterator<Item = &'a Operation> {
        self.apis.apis.iter().filter(move |known| known.name == api).flat_map(|api| &api.operations)
    }
}
