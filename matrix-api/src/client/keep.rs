//! Changes of a client's login, each stored before it is used.

#[cfg(feature = "client-server")]
use super::failure;
use super::{Client, Inner};
use crate::{Result, Session, service::Homeserver};

impl Inner {
    pub(super) fn session(&self) -> Option<Session> {
        self.executor.login.session(self.base.as_str())
    }

    /// Stores a new login, and then becomes it. One of the same device goes on where the last one
    /// left off.
    #[cfg(feature = "client-server")]
    pub(super) async fn adopt(&self, mut session: Session) -> Result<Session> {
        let mut change = self.executor.keeper.change().await;
        if !session.has_usable_token() {
            return Err(failure::setup("login", "the server sent a token that is none"));
        }
        let goes_on = self.executor.login.hand_over(&mut session);
        change.save(&session).await?;
        // Tokens of the login before are none of this one.
        change.unsaved();
        // The token has just been looked at.
        let _ = self.executor.login.adopt(&session);
        if !goes_on {
            self.positions.clear();
        }
        Ok(session)
    }

    /// Stores what a builder has given the client as its login.
    pub(super) async fn keep(&self) -> Result<()> {
        let change = self.executor.keeper.change().await;
        match self.session() {
            Some(session) => change.save(&session).await,
            None => Ok(()),
        }
    }

    /// The login has ended, here and in the store.
    #[cfg(feature = "client-server")]
    pub(super) async fn forget(&self) -> Result<()> {
        let mut change = self.executor.keeper.change().await;
        change.unsaved();
        self.executor.login.clear();
        self.positions.clear();
        change.clear().await
    }
}

impl Client<Homeserver> {
    /// Whether new tokens are being got, as it changes.
    #[cfg(feature = "client-server")]
    pub(crate) fn renewing(&self) -> tokio::sync::watch::Receiver<bool> {
        self.inner.executor.keeper.watch()
    }

    /// Changes how far the session has come, its positions and its filters, and stores it. No
    /// other change counts. Without a login nothing happens.
    #[cfg_attr(not(feature = "client-server"), allow(dead_code))]
    pub(crate) async fn remember(&self, progress: impl FnOnce(&mut Session)) -> Result<()> {
        let executor = &self.inner.executor;
        let change = executor.keeper.change().await;
        let Some(mut session) = self.session() else { return Ok(()) };
        progress(&mut session);
        executor.login.set_progress(&session);
        match self.session() {
            Some(session) => change.save(&session).await,
            None => Ok(()),
        }
    }
}
