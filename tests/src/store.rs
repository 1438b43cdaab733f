//! A store that can be looked into.

use std::sync::{Arc, Mutex, MutexGuard};

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
