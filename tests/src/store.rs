//! Stores that can be looked into.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

use matrix_api::error::StoreError;
use matrix_api::{Session, SessionStore, StoreFuture};

/// Keeps a session in memory. A clone is the same store.
#[derive(Clone, Debug, Default)]
pub struct Memory(Arc<Mutex<Kept>>);

#[derive(Debug, Default)]
struct Kept {
    session: Option<Session>,
    tokens: Vec<String>,
}

impl Memory {
    /// What is kept at this moment.
    #[must_use]
    pub fn session(&self) -> Option<Session> {
        self.kept().session.clone()
    }

    /// Every access token that was ever kept, each once, in their order.
    #[must_use]
    pub fn tokens(&self) -> Vec<String> {
        self.kept().tokens.clone()
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().expect("no test panics while it looks")
    }
}

impl SessionStore for Memory {
    fn load(&self) -> StoreFuture<'_, Option<Session>> {
        Box::pin(async { Ok(self.session()) })
    }

    fn save<'a>(&'a self, session: &'a Session) -> StoreFuture<'a, ()> {
        let mut kept = self.kept();
        let token = session.access_token.clone().map(matrix_api::Secret::into_exposed);
        let token = token.filter(|token| kept.tokens.last() != Some(token));
        kept.tokens.extend(token);
        kept.session = Some(session.clone());
        Box::pin(async { Ok(()) })
    }

    fn clear(&self) -> StoreFuture<'_, ()> {
        self.kept().session = None;
        Box::pin(async { Ok(()) })
    }
}

/// Keeps a session in a file that several processes use at once, the last to save wins: what a database would be to
/// the replicas of a program.
#[derive(Clone, Debug)]
pub struct Shared(PathBuf);

impl Shared {
    /// In this file, whose folder is there.
    #[must_use]
    pub fn new(path: &Path) -> Self {
        Self(path.to_owned())
    }

    /// What is kept at this moment.
    #[must_use]
    pub fn session(&self) -> Option<Session> {
        match fs::read(&self.0) {
            Ok(text) => Some(serde_json::from_slice(&text).expect("it is replaced as a whole")),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => panic!("the store cannot be read: {error}"),
        }
    }

    fn write(&self, session: &Session) -> std::io::Result<()> {
        let new = self.0.with_extension(std::process::id().to_string());
        fs::write(&new, serde_json::to_vec(session)?)?;
        fs::rename(new, &self.0)
    }
}

impl SessionStore for Shared {
    fn load(&self) -> StoreFuture<'_, Option<Session>> {
        Box::pin(async { Ok(self.session()) })
    }

    fn save<'a>(&'a self, session: &'a Session) -> StoreFuture<'a, ()> {
        let written = self.write(session);
        Box::pin(async { written.map_err(|error| StoreError::new("it cannot be written").caused_by(error).into()) })
    }

    fn clear(&self) -> StoreFuture<'_, ()> {
        let removed = fs::remove_file(&self.0);
        Box::pin(async { removed.map_err(|error| StoreError::new("it cannot be removed").caused_by(error).into()) })
    }
}
