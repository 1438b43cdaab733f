//! New tokens for old ones, or the end of the session.

use std::{future::Future, pin::Pin, sync::Arc};

use super::{exchange::Executor, failure};
use crate::{
    Error, ErrorCode, Result, Session,
    error::ApiError,
    session::{Change, Tokens},
};

/// What became of an attempt to get new tokens.
pub(super) enum Renewal {
    /// There is another token now.
    Done,
    /// There is none any more; the server's words, if it was asked just now.
    Ended(Option<ApiError>),
    /// It cannot be told: the server or the store could not be reached.
    Failed(Error),
}

/// Why there are no new tokens.
enum Refusal {
    /// The server will not give any, or there is nothing to ask with.
    No(Option<ApiError>),
    /// It could not be asked.
    Failed(Error),
}

impl From<Error> for Refusal {
    /// A refusal that trying again will not change is the end.
    fn from(error: Error) -> Self {
        match &error {
            Error::SessionEnded(ended) => Self::No(Some(ended.api().clone())),
            Error::Auth(failed) if FINAL.contains(&failed.code()) => Self::No(failed.api().cloned()),
            Error::Api(refusal) if is_final(refusal) => Self::No(Some(refusal.clone())),
            _ => Self::Failed(error),
        }
    }
}

/// What an authorization server refuses a refresh token with for good: RFC 6749, 5.2. Other words
/// are a proxy's, or say that it is the server which is in trouble.
const FINAL: [&str; 6] = [
    "invalid_client",
    "invalid_grant",
    "invalid_request",
    "invalid_scope",
    "unauthorized_client",
    "unsupported_grant_type",
];

/// Without an error code it is no homeserver that speaks, but something on the way to it. A locked
/// account may be unlocked again.
fn is_final(refusal: &ApiError) -> bool {
    let passing = [ErrorCode::LimitExceeded, ErrorCode::ResourceLimitExceeded, ErrorCode::UserLocked];
    let status = matches!(refusal.status().as_u16(), 400 | 401 | 403);
    status && refusal.errcode().is_some_and(|code| !passing.contains(code))
}

pub(super) type Renewing = Pin<Box<dyn Future<Output = Renewal> + Send>>;

impl Executor {
    /// Sees to it that there is another token than the one of this count. However many calls ask
    /// for it at once, the server is asked once; and it goes on when the call that asked is
    /// given up, since what the server has sent must not be lost.
    ///
    /// Boxed, for asking goes through the loop that calls this.
    pub(super) fn renew(self: &Arc<Self>, count: u64, soft: bool) -> Renewing {
        let executor = self.clone();
        Box::pin(async move {
            let renewing = tokio::spawn(async move { executor.renew_in_turn(count, soft).await });
            renewing.await.unwrap_or_else(|_| Renewal::Failed(failure::setup("refresh", "it was broken off")))
        })
    }

    async fn renew_in_turn(self: &Arc<Self>, count: u64, soft: bool) -> Renewal {
        let mut change = self.keeper.change().await;
        if !self.login.has_token() {
            return Renewal::Ended(None);
        }
        if self.login.changes() != count {
            return Renewal::Done;
        }
        self.renew_with(&mut change, soft).await.unwrap_or_else(Renewal::Failed)
    }

    async fn renew_with(self: &Arc<Self>, change: &mut Change<'_>, soft: bool) -> Result<Renewal> {
        let Some(session) = self.login.session(self.base.as_str()) else {
            // Nobody has asked whose token it was.
            self.login.end(false);
            return Ok(Renewal::Ended(None));
        };
        if self.take_from_store(change, &session).await? {
            // Ours are older than these.
            change.unsaved();
            return Ok(Renewal::Done);
        }
        let _renewing = self.keeper.renewing();
        let tokens = match change.unsaved() {
            Some(tokens) => Ok(tokens),
            None => self.ask(&session).await,
        };
        match tokens {
            Ok(tokens) => self.take(change, session, tokens).await.map(|()| Renewal::Done),
            Err(Refusal::Failed(error)) => Err(error),
            // Perhaps another process was faster.
            Err(Refusal::No(_)) if self.take_from_store(change, &session).await? => Ok(Renewal::Done),
            Err(Refusal::No(refusal)) => {
                let soft = soft || refusal.as_ref().is_some_and(ApiError::soft_logout);
                self.end(change, &session, soft).await;
                Ok(Renewal::Ended(refusal))
            }
        }
    }

    /// Takes up the tokens that another process has stored.
    async fn take_from_store(&self, change: &Change<'_>, session: &Session) -> Result<bool> {
        let stored = change.load().await?.filter(|stored| stored.user_id == session.user_id);
        let newer = stored.filter(|stored| stored.access_token != session.access_token);
        match newer.and_then(|newer| Tokens::of(&newer)) {
            Some(tokens) => {
                self.login.set_tokens(tokens);
                Ok(true)
            }
            None => Ok(false),
        }
    }

    /// New tokens are stored before they are used. If that fails they are kept for the next try:
    /// the server may not give them out again.
    async fn take(&self, change: &mut Change<'_>, mut session: Session, tokens: Tokens) -> Result<()> {
        tokens.write_to(&mut session);
        change.keep_unsaved(tokens.clone());
        change.save(&session).await?;
        change.unsaved();
        self.login.set_tokens(tokens);
        Ok(())
    }

    /// A device that remains is remembered, for the next login to take up.
    async fn end(&self, change: &Change<'_>, session: &Session, soft: bool) {
        self.login.end(soft);
        let stored = if soft { change.save(&session.without_secrets()).await } else { change.clear().await };
        // That the session has ended is what the caller needs to know.
        drop(stored);
    }

    /// Sends a request on the client's own terms, around its middleware.
    #[cfg(feature = "client-server")]
    async fn send<R: crate::Request>(self: &Arc<Self>, request: R) -> Result<R::Response> {
        use super::exchange::CallInfo;
        use crate::{error, request, transport};
        let mut encoded = request::encode_fresh(&self.base, &request)?;
        let info = CallInfo::from(R::METADATA);
        let mut call = error::Call::new(info.operation.clone(), &encoded);
        call.repeatable = info.is_repeatable();
        let ended = self.exchange(&info, &self.terms, &mut transport::Call::of(&mut encoded, false)).await;
        call.attempts = ended.attempts;
        let received = ended.result.map_err(|why| failure::error(call.clone(), why))?;
        Ok(super::read(call, received, false)?.value)
    }

    #[cfg(feature = "client-server")]
    async fn ask(self: &Arc<Self>, session: &Session) -> Result<Tokens, Refusal> {
        let Some(token) = &session.refresh_token else { return Err(Refusal::No(None)) };
        #[cfg(feature = "oauth")]
        if let Some(oauth) = &session.oauth {
            return Ok(self.renew_by_oauth(oauth, token).await?);
        }
        let answer = self.send(crate::client_server::Refresh::new(token.clone())).await?;
        let refresh_token = answer.refresh_token.or_else(|| session.refresh_token.clone());
        Tokens::new(answer.access_token, refresh_token, answer.expires_in_ms)
            .ok_or_else(|| failure::setup("refresh", "the server sent a token that is none").into())
    }

    #[cfg(not(feature = "client-server"))]
    async fn ask(self: &Arc<Self>, _: &Session) -> Result<Tokens, Refusal> {
        Err(Refusal::No(None))
    }
}
