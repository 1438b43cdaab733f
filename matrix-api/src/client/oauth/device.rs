use std::time::Duration;

use serde_json::Value;
use tokio::time::{Instant, sleep};

use super::{OAuthLogin, exchange};
use crate::{Error, Result, Secret, Session, error::AuthError, session::Tokens};

pub(super) const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// What the user needs to agree on another device.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeviceCode {
    /// The code to be typed there.
    pub user_code: String,

    /// The page on which to type it.
    pub verification_uri: String,

    /// The same page with the code in it, for a link or a QR code.
    pub verification_uri_complete: Option<String>,

    /// How long the code counts.
    pub expires_in: Duration,
}

/// A device code and how to ask for its tokens.
struct Asking {
    client_id: String,
    device_code: Secret<String>,
    interval: Duration,
    until: Instant,
}

impl OAuthLogin {
    /// Logs in without a browser on this machine: `show` tells the user where to go and which
    /// code to type there, and then it is waited for.
    ///
    /// # Errors
    ///
    /// [`Error::Auth`]: with `access_denied` if the user does not agree, with `expired_token` if it
    /// takes too long, with `unsupported_grant_type` if the server does not offer this.
    pub async fn device_code(mut self, show: impl FnOnce(&DeviceCode)) -> Result<Session> {
        const OPERATION: &str = "oauth.device";
        let metadata = self.oauth.metadata.clone();
        let Some(endpoint) = metadata.device_authorization_endpoint else {
            return Err(AuthError::new(OPERATION, "unsupported_grant_type")
                .described("there are no device codes")
                .into());
        };
        let client_id = self.introduce("http://127.0.0.1:0/").await?;
        let device_id = self.device()?;
        let scope = self.scope_text(&device_id).await?;
        let executor = self.oauth.client.inner.executor.clone();
        let form = [("client_id", client_id.as_str()), ("scope", &scope)];
        let answer = executor.post_form(OPERATION, &endpoint, &form).await?;
        let seconds = |name: &str| answer.get(name).and_then(Value::as_u64).map(Duration::from_secs);
        let code = DeviceCode {
            user_code: exchange::text(OPERATION, &answer, "user_code")?,
            verification_uri: exchange::text(OPERATION, &answer, "verification_uri")?,
            verification_uri_complete: exchange::text(OPERATION, &answer, "verification_uri_complete").ok(),
            expires_in: seconds("expires_in").unwrap_or(Duration::from_secs(600)).min(Duration::from_secs(3600)),
        };
        let asking = Asking {
            client_id,
            device_code: exchange::text(OPERATION, &answer, "device_code")?.into(),
            interval: seconds("interval").unwrap_or(Duration::from_secs(5)),
            until: Instant::now() + code.expires_in,
        };
        show(&code);
        let (client_id, tokens) = self.wait(asking).await?;
        self.oauth.settle(client_id, device_id, tokens).await
    }

    /// Asks until the user has decided, no more often than the server wants.
    async fn wait(&self, mut asking: Asking) -> Result<(String, Tokens)> {
        const OPERATION: &str = "oauth.token";
        let form = [
            ("grant_type", GRANT),
            ("device_code", asking.device_code.expose()),
            ("client_id", asking.client_id.as_str()),
        ];
        while asking.interval < asking.until.saturating_duration_since(Instant::now()) {
            sleep(asking.interval).await;
            let endpoint = &self.oauth.metadata.token_endpoint;
            let answer = self.oauth.client.inner.executor.post_form(OPERATION, endpoint, &form).await;
            match answer {
                Ok(answer) => return Ok((asking.client_id.clone(), exchange::tokens(OPERATION, &answer, None)?)),
                Err(Error::Auth(failed)) if failed.code() == "authorization_pending" => {}
                Err(Error::Auth(failed)) if failed.code() == "slow_down" => asking.interval += Duration::from_secs(5),
                // The user needs no second code because the line was bad for a moment.
                Err(Error::Transport(_)) => asking.interval += Duration::from_secs(1),
                Err(error) => return Err(error),
            }
        }
        Err(AuthError::new(OPERATION, "expired_token").described("nobody has agreed in time").into())
    }
}
