//! From a server's name to where it is.

use super::{Client, ClientBuilder, builder::is_loopback};
use crate::{
    BaseUrl, Error, Result,
    client_server::{GetVersions, GetWellknown},
    error::{DiscoveryError, DiscoveryKind},
    service::{Homeserver, ServerName, Service},
};

impl Client {
    /// A client for the homeserver of this name, which is what stands behind the colon in its
    /// users' ids. Asks `https://NAME/.well-known/matrix/client`; a name that publishes nothing
    /// is itself the server. There must be a homeserver where it leads.
    ///
    /// ```no_run
    /// # async fn example() -> matrix_api::Result<()> {
    /// let client = matrix_api::Client::discover("example.org").await?;
    /// client.login_password("me", "secret").await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// See the [specification](https://spec.matrix.org/v1.19/client-server-api/#well-known-uris).
    ///
    /// # Errors
    ///
    /// [`Error::Discovery`].
    pub async fn discover(server_name: impl Into<String>) -> Result<Self> {
        Self::builder().server_name(server_name).build().await
    }
}

impl<S: Service> ClientBuilder<S> {
    /// Where the homeserver of this name is.
    pub(super) async fn discover(&self, name: &str) -> Result<String> {
        let fail = |kind, reason: &'static str| DiscoveryError::new(name, kind, reason);
        let home = self.home(name)?;
        let published = self.beside::<ServerName>(&home).assemble()?.send(GetWellknown::new()).await;
        let base = match published {
            Ok(published) => published.discovery.homeserver.base_url,
            Err(error) if error.status().is_some_and(|status| status.as_u16() == 404) => home,
            Err(error @ Error::Decode(_)) => {
                let reason = "what it publishes is not as it should be; tell its admin, or set the base URL";
                return Err(fail(DiscoveryKind::Document, reason).caused_by(error).into());
            }
            Err(error) => {
                let reason = "its name gives no usable answer; try again, or set the base URL";
                return Err(fail(DiscoveryKind::Unreachable, reason).caused_by(error).into());
            }
        };
        match BaseUrl::parse(&base) {
            Ok(url) if url.is_https() || self.may_be_plain(&url) => {}
            _ => return Err(fail(DiscoveryKind::BaseUrl, "the base URL that it publishes is no https URL").into()),
        }
        let nobody = || {
            let reason = "no homeserver answers where it leads; try again, or set the base URL";
            fail(DiscoveryKind::NotAHomeserver, reason)
        };
        match self.beside::<Homeserver>(&base).assemble()?.send(GetVersions::new()).await {
            Ok(answer) if answer.versions.is_empty() => Err(nobody().into()),
            Ok(_) => Ok(base),
            Err(error) => Err(nobody().caused_by(error).into()),
        }
    }

    /// The web server of the name. The port is that of federation and says nothing about clients,
    /// but on this very machine there is no other way to tell servers apart.
    fn home(&self, name: &str) -> Result<String> {
        let wrong = || DiscoveryError::new(name, DiscoveryKind::Name, "this is no server name, such as example.org");
        let url = BaseUrl::parse(&format!("https://{name}")).map_err(|_| wrong())?;
        if url.as_str().trim_start_matches("https://").contains('/') {
            return Err(wrong().into());
        }
        Ok(match self.may_be_plain(&url) {
            true => format!("http://{name}"),
            false => format!("https://{}", url.host()),
        })
    }

    fn may_be_plain(&self, url: &BaseUrl) -> bool {
        self.allows_http() || is_loopback(url.host())
    }
}
