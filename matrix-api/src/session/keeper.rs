//! Between a client's login and the store of its session.

use std::sync::Arc;

use tokio::sync::{Mutex, MutexGuard, watch};

use super::{Session, SessionStore, Tokens};
use crate::Result;

/// Lets one change of the session happen after the other, and each reach the store.
#[derive(Default)]
pub(crate) struct Keeper {
    store: Option<Arc<dyn SessionStore>>,
    /// New tokens that could not be stored yet, and so are not used yet.
    gate: Mutex<Option<Tokens>>,
    /// Whether new tokens are being got, for whoever watches.
    renewing: watch::Sender<bool>,
}

/// While it lives, new tokens are being got.
pub(crate) struct Renewing<'a>(&'a watch::Sender<bool>);

impl Drop for Renewing<'_> {
    fn drop(&mut self) {
        self.0.send_replace(false);
    }
}

/// The right to change the session.
pub(crate) struct Change<'a> {
    store: Option<&'a dyn SessionStore>,
    unsaved: MutexGuard<'a, Option<Tokens>>,
}

impl Keeper {
    pub(crate) fn new(store: Option<Arc<dyn SessionStore>>) -> Self {
        Self { store, gate: Mutex::default(), renewing: watch::Sender::default() }
    }

    #[cfg(feature = "client-server")]
    pub(crate) fn has_store(&self) -> bool {
        self.store.is_some()
    }

    /// Says that new tokens are being got. One change happens after the other, so one at a time.
    pub(crate) fn renewing(&self) -> Renewing<'_> {
        self.renewing.send_replace(true);
        Renewing(&self.renewing)
    }

    /// Whether new tokens are being got, as it changes.
    #[cfg(feature = "client-server")]
    pub(crate) fn watch(&self) -> watch::Receiver<bool> {
        self.renewing.subscribe()
    }

    /// Waits until no other change is under way.
    pub(crate) async fn change(&self) -> Change<'_> {
        Change { store: self.store.as_deref(), unsaved: self.gate.lock().await }
    }
}

impl Change<'_> {
    /// # Errors
    ///
    /// The store's.
    pub(crate) async fn load(&self) -> Result<Option<Session>> {
        match self.store {
            Some(store) => store.load().await,
            None => Ok(None),
        }
    }

    /// # Errors
    ///
    /// The store's.
    pub(crate) async fn save(&self, session: &Session) -> Result<()> {
        match self.store {
            Some(store) => store.save(session).await,
            None => Ok(()),
        }
    }

    /// # Errors
    ///
    /// The store's.
    pub(crate) async fn clear(&self) -> Result<()> {
        match self.store {
            Some(store) => store.clear().await,
            None => Ok(()),
        }
    }

    pub(crate) fn keep_unsaved(&mut self, tokens: Tokens) {
        *self.unsaved = Some(tokens);
    }

    pub(crate) fn unsaved(&mut self) -> Option<Tokens> {
        self.unsaved.take()
    }
}
