//! Logging in and out.

mod builder;
mod choose;
mod sso;

pub use builder::LoginBuilder;
pub use choose::AnyLogin;

use super::{Client, failure};
use crate::{
    Auth, Error, Result, Secret, UserId,
    client_server::{GetTokenOwner, GetTokenOwnerResponse, Logout, Register},
};

impl Client {
    /// Logs in with a password, as a new device unless one is named, and keeps the login in this
    /// client and all its clones. The user is a user id or its local part.
    ///
    /// The session is handed over to be stored, so that the next start needs no password; a
    /// client with a [store](crate::ClientBuilder::store) has stored it already. The password is
    /// not kept.
    ///
    /// ```no_run
    /// # async fn example(client: matrix_api::Client) -> matrix_api::Result<()> {
    /// let session = client.login_password("me", "secret").device_name("My bot").await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Api`] with `M_FORBIDDEN` if the server does not accept user and password. Synapse
    /// says the same of an account that was deactivated, for its password went with it; another
    /// server may say `M_USER_DEACTIVATED`. With `M_USER_LOCKED` the account is locked, until its
    /// server's administrator unlocks it. A suspended account is let in: only what it may not do
    /// is refused, later, with `M_USER_SUSPENDED`.
    pub fn login_password(&self, user: impl Into<String>, password: impl Into<Secret<String>>) -> LoginBuilder {
        LoginBuilder::password(self, LoginBuilder::user(user.into()), password.into())
    }

    /// As [`login_password`](Self::login_password), for a user who goes by a mail address.
    pub fn login_email(&self, address: impl Into<String>, password: impl Into<Secret<String>>) -> LoginBuilder {
        LoginBuilder::password(self, LoginBuilder::email(address.into()), password.into())
    }

    /// As [`login_password`](Self::login_password), for a user who goes by a phone number:
    /// a country's two letters, such as `GB`, and the number as it is dialled there.
    ///
    /// # Errors
    ///
    /// Those of [`login_password`](Self::login_password), and Synapse's `M_INVALID_PARAM` for what
    /// is no number.
    pub fn login_phone(
        &self,
        country: impl Into<String>,
        number: impl Into<String>,
        password: impl Into<Secret<String>>,
    ) -> LoginBuilder {
        LoginBuilder::password(self, LoginBuilder::phone(country.into(), number.into()), password.into())
    }

    /// Logs in with a login token: from a single sign-on, or made by
    /// [`GenerateLoginToken`](crate::client_server::GenerateLoginToken). It counts once, for a few
    /// minutes.
    ///
    /// # Errors
    ///
    /// [`Error::Api`] with `M_FORBIDDEN` if the server does not accept the token, and with
    /// `M_USER_DEACTIVATED` or `M_USER_LOCKED` if it does, but not the account.
    pub fn login_token(&self, token: impl Into<Secret<String>>) -> LoginBuilder {
        LoginBuilder::token(self, token.into())
    }

    /// Logs in as a user of an application service, with a device. The client must have been
    /// built with the service's own token, which this login replaces: do it in a client of its
    /// own.
    ///
    /// # Errors
    ///
    /// [`Error::Api`] with `M_EXCLUSIVE` if the user is not one of the service's, and with
    /// `M_USER_DEACTIVATED` or `M_USER_LOCKED` if its account is.
    pub fn login_appservice(&self, user: impl Into<String>) -> LoginBuilder {
        LoginBuilder::appservice(self, user.into())
    }

    /// Makes a user of the application service whose token the client was built with, by its local
    /// part, and gives its id. Nobody is logged in: [`masquerade`](Self::masquerade) needs no more,
    /// and [`login_appservice`](Self::login_appservice) makes a device.
    ///
    /// # Errors
    ///
    /// [`Error::Api`] with `M_EXCLUSIVE` if the name is not one of the service's, and with
    /// `M_USER_IN_USE` if the user is there already.
    pub async fn register_appservice(&self, username: impl Into<String>) -> Result<UserId> {
        let request = Register::new().type_("m.login.application_service").username(username).inhibit_login(true);
        Ok(self.call(request).auth(Auth::AccessToken).send().await?.user_id)
    }

    /// Logs out: the token ends, and the device is gone from the account. The client forgets the
    /// login, and so does its store. A session that the server has ended already counts as
    /// logged out.
    ///
    /// # Errors
    ///
    /// The failures of sending; then the login is kept.
    pub async fn logout(&self) -> Result<()> {
        #[cfg(feature = "oauth")]
        if self.session().is_some_and(|session| session.oauth.is_some()) {
            return self.oauth().await?.revoke().await;
        }
        match self.send(Logout::new()).await {
            Ok(_) | Err(Error::SessionEnded(_)) => self.inner.forget().await,
            Err(error) => Err(error),
        }
    }

    /// Asks the server whose token this is. The answer is kept for [`user_id`](Self::user_id)
    /// and [`session`](Self::session).
    ///
    /// # Errors
    ///
    /// [`Error::NotLoggedIn`] without a token, [`Error::SessionEnded`] if it no longer holds.
    pub async fn whoami(&self) -> Result<GetTokenOwnerResponse> {
        let owner = self.send(GetTokenOwner::new()).await?;
        let login = &self.inner.executor.login;
        login.set_owner(owner.user_id.clone(), owner.device_id.clone());
        Ok(owner)
    }

    pub(super) async fn check_token(&self, expected: Option<UserId>) -> Result<()> {
        let owner = self.whoami().await?.user_id;
        match expected {
            Some(expected) if expected != owner => {
                Err(failure::setup("ClientBuilder", format!("the access token is that of {owner}, not of {expected}")))
            }
            _ => Ok(()),
        }
    }
}
