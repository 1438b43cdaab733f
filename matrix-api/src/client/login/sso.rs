//! Logging in by the server's single sign-on.

use super::super::Client;
use crate::{
    Request, Result, TxnId,
    client_server::{RedirectToIdp, RedirectToSso},
    request,
};

impl Client {
    /// Where a browser has to go for the server's single sign-on. It comes back at
    /// `redirect_url` with a `loginToken` in the query, for [`login_token`](Self::login_token).
    /// A provider is one of those that the flow `m.login.sso` names; without it the server asks.
    ///
    /// Anybody who can make the user's browser open that URL could log the user in as somebody
    /// else, so put a random value into it and look for it when the browser comes back.
    ///
    /// # Errors
    ///
    /// [`Error::Encode`](crate::Error::Encode) if the provider cannot stand in a URL.
    pub fn sso_url(&self, redirect_url: &str, provider: Option<&str>) -> Result<String> {
        match provider {
            Some(provider) => self.url_of(&RedirectToIdp::new(provider, redirect_url)),
            None => self.url_of(&RedirectToSso::new(redirect_url)),
        }
    }

    fn url_of<R: Request>(&self, request: &R) -> Result<String> {
        Ok(request::encode(&self.inner.base, request, &TxnId::new())?.uri().to_string())
    }

    /// Logs in by the server's single sign-on with the user's browser, which `open` is to open
    /// at the URL, and waits for it to come back to this machine, for five minutes at most.
    ///
    /// # Errors
    ///
    /// [`Error::Auth`](crate::Error::Auth) if the browser does not come back, and those of
    /// [`login_token`](Self::login_token).
    #[cfg(feature = "loopback")]
    pub async fn login_sso(&self, provider: Option<&str>, open: impl FnOnce(&str)) -> Result<crate::Session> {
        self.sign_on(provider, open).await?.await
    }

    /// The login with the token that the browser brings back.
    #[cfg(feature = "loopback")]
    pub(super) async fn sign_on(&self, provider: Option<&str>, open: impl FnOnce(&str)) -> Result<super::LoginBuilder> {
        use super::super::loopback::Receiver;
        use crate::{TxnId, error::AuthError};
        // 128 random bits: nobody else can send the browser back here.
        let receiver = Receiver::new(&format!("/{}", TxnId::new().as_str())).await?;
        open(&self.sso_url(receiver.url(), provider)?);
        let back = receiver.receive().await?;
        let query = back.split_once('?').map_or("", |(_, query)| query);
        let token = super::super::query::parse_query(query).into_iter().find(|(name, _)| name == "loginToken");
        match token {
            Some((_, token)) => Ok(self.login_token(token)),
            None => {
                Err(AuthError::new("sso", "invalid_response").described("the browser came back without a token").into())
            }
        }
    }
}
