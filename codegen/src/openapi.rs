//! The slice of OpenAPI 3.1 that the documents use, read keyword by keyword.
//!
//! A keyword that is not named here is refused: what the generator does not
//! understand, it does not skip.

mod document;
mod schema;

pub(crate) use document::{Document, Header, Media, Method, Operation, Parameter, ParameterPlace, Response, read};
pub(crate) use schema::{Additional, JsonType, Product, Schema, Since, Target, read as read_schema};

/// Where something stands in the specs.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Origin {
    pub(crate) file: String,
    pub(crate) pointer: String,
}

impl Origin {
    /// A refusal of that place.
    pub(crate) fn error(&self, message: impl Into<String>) -> crate::error::Error {
        crate::error::Error::new(&self.file, &self.pointer, message)
    }
}

impl From<&crate::node::Cursor<'_>> for Origin {
    fn from(at: &crate::node::Cursor<'_>) -> Self {
        Self { file: at.file.to_owned(), pointer: at.pointer.clone() }
    }
}
