//! What is uploaded.

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::Mutex,
};

use bytes::Bytes;
use tokio::io::AsyncRead;

use crate::{
    Result,
    error::FileError,
    transport::{Origin, measure},
};

/// The bytes of a file that is to be uploaded: from memory, from a file, or from whatever can be read.
///
/// ```
/// use std::path::Path;
/// use matrix_api::UploadBody;
///
/// let from_memory = UploadBody::from(b"Hello".to_vec());
/// let from_file = UploadBody::from(Path::new("cat.png"));
/// let from_elsewhere = UploadBody::reader(tokio::io::empty()).length(0);
/// ```
#[must_use]
pub struct UploadBody {
    origin: Origin,
    length: Option<u64>,
}

impl UploadBody {
    /// Whatever tokio can read, to its end. It can be read once: if the upload fails after it has
    /// begun, it is not tried again.
    ///
    /// Servers want to know the length before; Synapse refuses an upload without. If it is known,
    /// say so by [`length`](Self::length).
    pub fn reader(reader: impl AsyncRead + Send + 'static) -> Self {
        Self { origin: Origin::Reader(Mutex::new(Some(Box::pin(reader)))), length: None }
    }

    /// How many bytes of a reader are sent. That there are fewer is an error; more are not read. Of
    /// bytes and files the length is known.
    pub fn length(mut self, bytes: u64) -> Self {
        if matches!(self.origin, Origin::Reader(_)) {
            self.length = Some(bytes);
        }
        self
    }

    /// The name of the file, if it is one.
    pub(super) fn file_name(&self) -> Option<String> {
        match &self.origin {
            Origin::Path(path) => Some(path.file_name()?.to_string_lossy().into_owned()),
            _ => None,
        }
    }

    /// How long it is, as far as that can be known.
    pub(super) async fn measure(&self, operation: &str) -> Result<Option<u64>> {
        Ok(match &self.origin {
            Origin::Bytes(bytes) => Some(bytes.len() as u64),
            Origin::Reader(_) => self.length,
            Origin::Path(path) => {
                let fail = |error| FileError::new(operation, format!("{} cannot be read", path.display()), error);
                Some(measure(path).await.map_err(fail)?)
            }
        })
    }

    #[cfg(feature = "image")]
    pub(super) fn origin(&self) -> &Origin {
        &self.origin
    }

    pub(super) fn into_origin(self) -> Origin {
        self.origin
    }
}

impl From<Bytes> for UploadBody {
    fn from(bytes: Bytes) -> Self {
        Self { origin: Origin::Bytes(bytes), length: None }
    }
}

impl From<Vec<u8>> for UploadBody {
    fn from(bytes: Vec<u8>) -> Self {
        Bytes::from(bytes).into()
    }
}

impl From<PathBuf> for UploadBody {
    fn from(path: PathBuf) -> Self {
        Self { origin: Origin::Path(path), length: None }
    }
}

impl From<&Path> for UploadBody {
    fn from(path: &Path) -> Self {
        path.to_owned().into()
    }
}

impl From<&PathBuf> for UploadBody {
    fn from(path: &PathBuf) -> Self {
        path.clone().into()
    }
}

impl fmt::Debug for UploadBody {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.origin, self.length) {
            (Origin::Bytes(bytes), _) => write!(out, "UploadBody({} bytes)", bytes.len()),
            (Origin::Path(_), _) => out.write_str("UploadBody(a file)"),
            (Origin::Reader(_), Some(length)) => write!(out, "UploadBody({length} bytes to be read)"),
            (Origin::Reader(_), None) => out.write_str("UploadBody(bytes to be read)"),
        }
    }
}
