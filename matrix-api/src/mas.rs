//! Running Matrix Authentication Service: what its administrators do, over the calls of
//! [`mas_admin`](crate::mas_admin).
//!
//! [`Client::mas_admin`] gives the handle. It gets its own tokens, and has [streams](MasAdmin::pages) through
//! everything that comes in pages. Whatever it lacks, [`MasAdmin::send`] sends.

mod grant;
mod paged;

use std::sync::Arc;

pub use crate::pages::ItemStream;
use crate::{Client, Plan, Request, Result, Secret, service};
use grant::Grant;
pub use paged::Paged;

/// What the service knows a program by: see [`Client::mas_admin`].
///
/// It is one of the `clients` of the service's configuration, with `client_auth_method: client_secret_basic`, and its
/// id stands under `policy.data.admin_clients`.
#[derive(Clone, Debug)]
#[must_use]
pub struct ClientCredentials {
    issuer: Option<String>,
    id: String,
    secret: Secret<String>,
}

impl ClientCredentials {
    /// The client's id, which is a ULID, and its secret.
    pub fn new(id: impl Into<String>, secret: impl Into<Secret<String>>) -> Self {
        Self { issuer: None, id: id.into(), secret: secret.into() }
    }

    /// Where the service's public side is, if the admin API is served elsewhere.
    pub fn issuer(mut self, url: impl Into<String>) -> Self {
        self.issuer = Some(url.into());
        self
    }
}

/// Matrix Authentication Service in the hands of its administrator: see [`Client::mas_admin`]. A clone is the same.
///
/// ```no_run
/// use matrix_api::{ClientBuilder, mas::ClientCredentials, service::MasAdmin};
/// use matrix_api::mas_admin::{DeactivateUser, ListUsers};
///
/// # async fn example(secret: String) -> matrix_api::Result<()> {
/// let client = ClientBuilder::<MasAdmin>::new().base_url("https://auth.example.org").build().await?;
/// let mas = client.mas_admin(ClientCredentials::new("01FSHN9AG0MZAA6S4AF7CTV32E", secret)).await?;
/// let mut locked = mas.pages(ListUsers::new().filter_status("locked"));
/// while let Some(user) = locked.next().await {
///     mas.send(DeactivateUser::new(user?.id)).await?;
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct MasAdmin {
    client: Client<service::MasAdmin>,
    grant: Option<Arc<Grant>>,
}

impl Client<service::MasAdmin> {
    /// Takes the service in hand as a program of its administrators, by the grant of client credentials. The first
    /// token is got at once, and another one whenever it ends.
    ///
    /// # Errors
    ///
    /// [`Error::Auth`](crate::Error::Auth) if the service does not know the credentials or does not let them in, or
    /// says nothing usable of where tokens are to be had.
    pub async fn mas_admin(&self, credentials: ClientCredentials) -> Result<MasAdmin> {
        let grant = Grant::find(self, credentials).await?;
        grant.renew(self, self.inner.executor.login.changes()).await?;
        Ok(MasAdmin { client: self.clone(), grant: Some(Arc::new(grant)) })
    }
}

impl MasAdmin {
    /// Takes the service in hand with the token that the client carries, such as that of a personal session with the
    /// scope `urn:mas:admin`. Nothing is asked, and no other token can be got.
    pub fn with_token_of(client: Client<service::MasAdmin>) -> Self {
        Self { client, grant: None }
    }

    /// The client that it acts through. Its calls take the token as it is.
    pub fn client(&self) -> &Client<service::MasAdmin> {
        &self.client
    }

    /// As [`Client::send`], with a token that has not ended.
    ///
    /// # Errors
    ///
    /// Those of `Client::send`, and [`Error::Auth`](crate::Error::Auth) if no other token can be had.
    pub async fn send<R: Request<To = service::MasAdmin>>(&self, request: R) -> Result<R::Response> {
        let Some(grant) = &self.grant else { return self.client.send(request).await };
        let mut token = self.client.inner.executor.login.changes();
        if grant.has_ended() {
            token = grant.renew(&self.client, token).await?;
        }
        match self.client.send(&request).await {
            // Ended before its time. Nothing was done, so it may be sent again.
            Err(error) if error.status() == Some(http::StatusCode::UNAUTHORIZED) => {
                grant.renew(&self.client, token).await?;
                self.client.send(request).await
            }
            done => done,
        }
    }

    /// As [`Client::plan`].
    ///
    /// # Errors
    ///
    /// Those of `Client::plan`.
    pub fn plan<R: Request<To = service::MasAdmin>>(&self, request: &R) -> Result<Plan> {
        self.client.plan(request)
    }
}
