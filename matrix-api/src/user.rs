//! A user, to look at.

use http::StatusCode;
use serde_json::Value;

use crate::{
    Client, Error, ErrorCode, MxcUri, Result, UserId,
    client_server::{
        GetPresence, GetPresenceResponse, GetProfileField, GetUserProfile, GetUserProfileResponse, GetWhoIs,
        GetWhoIsResponse, ReportUser,
    },
};

/// A user as seen by a client: see [`Client::user`]. A clone is the same user.
#[derive(Clone, Debug)]
pub struct User {
    client: Client,
    id: UserId,
}

impl Client {
    /// A user, to look at. Says nothing about whether they exist.
    ///
    /// ```no_run
    /// # async fn example(client: matrix_api::Client) -> matrix_api::Result<()> {
    /// let ben = client.user("@ben:example.org");
    /// if ben.exists().await? && ben.is_online().await? {
    ///     println!("{:?} is here", ben.display_name().await?);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn user(&self, id: impl Into<UserId>) -> User {
        User { client: self.clone(), id: id.into() }
    }
}

impl User {
    /// The user's id.
    pub fn id(&self) -> &UserId {
        &self.id
    }

    /// The client that looks.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Whether there is such a user, as far as the server tells: some have no profile, and servers may keep
    /// profiles to those who share a room with them.
    ///
    /// # Errors
    ///
    /// Everything but the answer that there is no such user. A server that cannot be asked is a failure, not a no.
    pub async fn exists(&self) -> Result<bool> {
        match self.client.send(GetUserProfile::new(&self.id)).await {
            Ok(_) => Ok(true),
            Err(error) if is_absent(&error) => Ok(false),
            // So says a server of a user of its own whose name cannot be.
            Err(Error::Api(refused)) if refused.errcode() == Some(&ErrorCode::InvalidParam) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The user's name, picture and whatever else they show.
    ///
    /// # Errors
    ///
    /// [`Error::Api`] with `M_NOT_FOUND` if there is no such user or no profile, with `M_FORBIDDEN` if the server
    /// keeps it to itself.
    pub async fn profile(&self) -> Result<GetUserProfileResponse> {
        self.client.send(GetUserProfile::new(&self.id)).await
    }

    /// The name that the user goes by; `None` if there is none.
    ///
    /// # Errors
    ///
    /// As [`profile`](Self::profile), but for what is not found.
    pub async fn display_name(&self) -> Result<Option<String>> {
        self.field("displayname").await
    }

    /// The user's picture; `None` if there is none.
    ///
    /// # Errors
    ///
    /// As [`profile`](Self::profile), but for what is not found.
    pub async fn avatar_url(&self) -> Result<Option<MxcUri>> {
        let url = self.field("avatar_url").await?;
        Ok(url.filter(|url| !url.is_empty()).map(MxcUri::from))
    }

    async fn field(&self, name: &str) -> Result<Option<String>> {
        match self.client.send(GetProfileField::new(&self.id, name)).await {
            Ok(answer) => Ok(answer.content.get(name).and_then(Value::as_str).map(str::to_owned)),
            Err(error) if is_absent(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whether the user is there, and what they say of it.
    ///
    /// # Errors
    ///
    /// [`Error::Api`] with `M_FORBIDDEN` if the two share no room, or if the server does without presence.
    pub async fn presence(&self) -> Result<GetPresenceResponse> {
        self.client.send(GetPresence::new(&self.id)).await
    }

    /// Whether the user is there right now. Whom one may not look at is not.
    ///
    /// # Errors
    ///
    /// Everything but the answer that the user may not be looked at, or does not exist.
    pub async fn is_online(&self) -> Result<bool> {
        match self.presence().await {
            Ok(answer) => Ok(answer.currently_active.unwrap_or(answer.presence.as_str() == "online")),
            Err(error) if error.is_forbidden() || is_absent(&error) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The user's devices and from where they were last used. Of other users for administrators only.
    ///
    /// # Errors
    ///
    /// [`Error::Api`] with `M_FORBIDDEN` if the client's user is none.
    pub async fn whois(&self) -> Result<GetWhoIsResponse> {
        self.client.send(GetWhoIs::new(&self.id)).await
    }

    /// Reports the user to the administrators of the client's server.
    ///
    /// # Errors
    ///
    /// See [`Error`].
    pub async fn report(&self, reason: impl Into<String>) -> Result<()> {
        self.client.send(ReportUser::new(&self.id, reason)).await.map(drop)
    }
}

/// Servers say that there is no such user by the status, with any code.
fn is_absent(error: &Error) -> bool {
    matches!(error, Error::Api(refused) if refused.status() == StatusCode::NOT_FOUND)
}
