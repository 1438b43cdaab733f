//! Who is at the other end: OpenID tokens of Matrix, verified.
//!
//! A user asks their homeserver for a token
//! ([`RequestOpenIdToken`](crate::client_server::RequestOpenIdToken)) and gives it to a third
//! party, a widget's web service for instance. The third party asks that homeserver whose token it
//! is. A [`Verifier`] is the third party's half:
//!
//! ```no_run
//! use matrix_api::{client_server::types::OpenidToken, openid::Verifier};
//!
//! # async fn example(token: OpenidToken) -> matrix_api::Result<()> {
//! let verifier = Verifier::new()?;
//! let user_id = verifier.verify(&token).await?;
//! println!("{user_id} is at the door");
//! # Ok(())
//! # }
//! ```
//!
//! The server that is asked is one that a stranger names. Unless it is told otherwise, a verifier
//! speaks https only, reads no more than 64 KiB, and connects to no address of this machine, of a
//! private network, or of a range that is set aside.
//!
//! Servers are found as [the specification] says: by what they publish under
//! `/.well-known/matrix/server`, by the service records of DNS (feature `srv`), and on port 8448.
//!
//! [the specification]: https://spec.matrix.org/v1.19/server-server-api/#resolving-server-names

mod directory;
mod lookup;
#[cfg(feature = "srv")]
mod srv;
#[cfg(test)]
mod tests;

use std::{borrow::Cow, collections::BTreeSet, fmt, sync::Arc, time::Duration};

use directory::{Directory, refuse};

use crate::{
    Client, Error, Result, ServerName, UserId,
    client_server::types::OpenidToken,
    error::TransportKind,
    federation::ExchangeOpenIdToken,
    guard::{Rules, is_of},
    service::Federation,
};

/// Verifies OpenID tokens. A clone shares connections and what is known of servers.
#[derive(Clone)]
pub struct Verifier(Arc<Inner>);

struct Inner {
    directory: Directory,
    allowed: Option<BTreeSet<String>>,
}

/// Sets up a [`Verifier`].
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct VerifierBuilder {
    rules: Rules,
    allowed: Option<BTreeSet<String>>,
}

impl Verifier {
    /// A verifier that takes the tokens of every public homeserver.
    ///
    /// # Errors
    ///
    /// [`Error::Rejected`] if TLS, or with feature `srv` DNS, cannot be set up.
    pub fn new() -> Result<Self> {
        Self::builder().build()
    }

    /// A verifier with rules of its own.
    pub fn builder() -> VerifierBuilder {
        VerifierBuilder::default()
    }

    /// Asks the token's homeserver whose token it is.
    ///
    /// How long the user stays logged in is for the caller to say; the token itself holds for
    /// [`expires_in`](OpenidToken::expires_in) seconds from when it was made.
    ///
    /// # Errors
    ///
    /// [`Error::Rejected`] says that the token proves nothing: it is unknown or has expired, the
    /// server vouches for a user that is not its own, is not one of the
    /// [allowed](VerifierBuilder::allow_servers), or stands where strangers may not send us. Any
    /// other error says that the server could not be asked, and that the token may still be good.
    pub async fn verify(&self, token: &OpenidToken) -> Result<UserId> {
        let server = &token.matrix_server_name;
        if !self.0.takes(server) {
            return Err(refuse("the token is from a server that is not on the list"));
        }
        let asked = ExchangeOpenIdToken::new(token.access_token.clone());
        let answer = self.0.directory.client(server).await?.send(asked).await.map_err(verdict)?;
        if !is_of(&answer.sub, server) {
            return Err(refuse("the server answered with a user that is not its own"));
        }
        Ok(answer.sub)
    }

    /// A client for the federation API of a server, found and guarded as for a verification. It
    /// signs nothing, so only operations that need no signature are of use.
    ///
    /// # Errors
    ///
    /// [`Error::Rejected`] if the name is not valid, or is an address that must not be asked.
    pub async fn server(&self, name: &ServerName) -> Result<Client<Federation>> {
        self.0.directory.client(name).await
    }
}

impl Inner {
    fn takes(&self, server: &ServerName) -> bool {
        self.allowed.as_ref().is_none_or(|allowed| allowed.contains(&server.as_str().to_ascii_lowercase()))
    }
}

/// What a failure says of the token.
fn verdict(error: Error) -> Error {
    let rejection: Cow<'static, str> = match &error {
        Error::SessionEnded(_) => "the server does not know the token, or it has expired".into(),
        Error::Api(refusal) if refusal.status() == 401 => "the server does not accept the token".into(),
        Error::Transport(failed) if failed.kind() == TransportKind::Forbidden => {
            "the server has private addresses only".into()
        }
        _ => return error,
    };
    refuse(rejection)
}

impl VerifierBuilder {
    /// Takes the tokens of these servers only.
    pub fn allow_servers(mut self, names: impl IntoIterator<Item = impl Into<ServerName>>) -> Self {
        let names = names.into_iter().map(|name| name.into().as_str().to_ascii_lowercase());
        self.allowed.get_or_insert_default().extend(names);
        self
    }

    /// Lets servers stand on this machine and in private networks. Anybody who can hand over a
    /// token can then make this process send requests there.
    pub fn allow_private_addresses(mut self, allow: bool) -> Self {
        self.rules.private = allow;
        self
    }

    /// Speaks plain http, and no https: for tests against a server on this machine.
    pub fn allow_http(mut self, allow: bool) -> Self {
        self.rules.http = allow;
        self
    }

    /// The most time for each of the two steps of a verification, to find the server and to ask
    /// it; each is tried again for as long at most. 10 s unless set.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.rules.timeout = Some(timeout);
        self
    }

    /// Makes the verifier.
    ///
    /// # Errors
    ///
    /// [`Error::Rejected`] if TLS, or with feature `srv` DNS, cannot be set up.
    pub fn build(self) -> Result<Verifier> {
        let directory = Directory::new(self.rules)?;
        Ok(Verifier(Arc::new(Inner { directory, allowed: self.allowed })))
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Verifier").field("allowed", &self.0.allowed).finish_non_exhaustive()
    }
}
