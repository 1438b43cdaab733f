//! Who walks the way: the login that a [`Client`](crate::Client) carries, and where it is kept.

mod file;
mod keeper;
mod login;
mod store;

use std::collections::BTreeMap;

use serde::{Serialize, Serializer, de::MapAccess};

pub use file::FileStore;
pub(crate) use keeper::{Change, Keeper};
pub(crate) use login::{Login, Tokens};
pub use store::{SessionStore, StoreFuture};

use crate::{
    DeviceId, Secret, UnixMillis, UserId,
    wire::{self, Members, ReadObject},
};

/// A login, to be stored and used again: see [`Client::open`](crate::Client::open) and
/// [`Client::session`](crate::Client::session).
///
/// Serialising writes the tokens in the clear. Whoever has them can act as the user, so keep
/// the file for yourself, as [`FileStore`] does, or store
/// [`without_secrets`](Self::without_secrets) and the tokens elsewhere. `Debug` shows no token.
///
/// ```
/// use matrix_api::Session;
///
/// let session = Session::new("@me:example.org", "https://matrix.example.org").access_token("t");
/// let stored = serde_json::to_string(&session)?;
/// assert_eq!(serde_json::from_str::<Session>(&stored)?, session);
/// assert!(session.without_secrets().access_token.is_none());
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Session {
    /// The user that is logged in.
    pub user_id: UserId,

    /// The device of this login; an application service may have none.
    pub device_id: Option<DeviceId>,

    /// The homeserver's base URL.
    pub base_url: String,

    /// What proves the login; absent after [`without_secrets`](Self::without_secrets).
    pub access_token: Option<Secret<String>>,

    /// What a new access token can be had for, if the server gave one out.
    pub refresh_token: Option<Secret<String>>,

    /// When the access token ends, as far as the server has said.
    pub expires_at: Option<UnixMillis>,

    /// Where the tokens are renewed, if they come from an authorization server.
    #[cfg(feature = "oauth")]
    pub oauth: Option<crate::OAuthClient>,

    /// Whether the token is an application service's, and each request names the user, and the
    /// device if there is one: see [`Client::masquerade`](crate::Client::masquerade).
    pub masquerade: bool,

    /// How far this session has synced without a filter: where the next such sync begins.
    pub next_batch: Option<String>,

    /// The ids that the server gave to uploaded filters, by the names they go by here.
    pub filters: BTreeMap<String, String>,

    /// How far syncs with those filters have come, each by itself.
    pub positions: BTreeMap<String, String>,
}

impl Session {
    /// A session without device and token.
    pub fn new(user_id: impl Into<UserId>, base_url: impl Into<String>) -> Self {
        Self {
            user_id: user_id.into(),
            device_id: None,
            base_url: base_url.into(),
            access_token: None,
            refresh_token: None,
            expires_at: None,
            #[cfg(feature = "oauth")]
            oauth: None,
            masquerade: false,
            next_batch: None,
            filters: BTreeMap::new(),
            positions: BTreeMap::new(),
        }
    }

    /// Sets the device.
    #[must_use]
    pub fn device_id(mut self, device_id: impl Into<DeviceId>) -> Self {
        self.device_id = Some(device_id.into());
        self
    }

    /// Sets the access token.
    #[must_use]
    pub fn access_token(mut self, token: impl Into<Secret<String>>) -> Self {
        self.access_token = Some(token.into());
        self
    }

    /// Sets the refresh token.
    #[must_use]
    pub fn refresh_token(mut self, token: impl Into<Secret<String>>) -> Self {
        self.refresh_token = Some(token.into());
        self
    }

    /// Makes the token that of the user's application service.
    #[must_use]
    pub fn masquerade(mut self) -> Self {
        self.masquerade = true;
        self
    }

    /// Sets where the next sync begins.
    #[must_use]
    pub fn next_batch(mut self, next_batch: impl Into<String>) -> Self {
        self.next_batch = Some(next_batch.into());
        self
    }

    /// Where the next sync with this filter begins; the empty name is no filter.
    #[cfg(feature = "client-server")]
    pub(crate) fn position(&self, filter: &str) -> Option<&str> {
        let position = if filter.is_empty() { self.next_batch.as_ref() } else { self.positions.get(filter) };
        position.map(String::as_str)
    }

    #[cfg(feature = "client-server")]
    pub(crate) fn set_position(&mut self, filter: &str, position: String) {
        if filter.is_empty() {
            self.next_batch = Some(position);
        } else {
            self.positions.insert(filter.to_owned(), position);
        }
    }

    /// When a token ends that lasts for so many milliseconds.
    #[cfg(feature = "client-server")]
    pub(crate) fn end_of_token(expires_in_ms: Option<i64>) -> Option<UnixMillis> {
        Some(UnixMillis(UnixMillis::now().0.saturating_add(expires_in_ms?)))
    }

    /// Whether there is a token that can travel in a header.
    #[cfg(feature = "client-server")]
    pub(crate) fn has_usable_token(&self) -> bool {
        self.access_token.clone().is_some_and(|token| login::Token::new(token).is_ok())
    }

    /// The same session with nothing in it that lets anybody in.
    #[must_use]
    pub fn without_secrets(&self) -> Self {
        Self { access_token: None, refresh_token: None, expires_at: None, ..self.clone() }
    }
}

impl Serialize for Session {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = wire::write_object(serializer)?;
        out.set("user_id", &self.user_id)?;
        out.opt("device_id", &self.device_id)?;
        out.set("base_url", &self.base_url)?;
        out.opt("access_token", &self.access_token)?;
        out.opt("refresh_token", &self.refresh_token)?;
        out.opt("expires_at", &self.expires_at)?;
        #[cfg(feature = "oauth")]
        out.opt("oauth", &self.oauth)?;
        if self.masquerade {
            out.set("masquerade", &true)?;
        }
        out.opt("next_batch", &self.next_batch)?;
        if !self.filters.is_empty() {
            out.set("filters", &self.filters)?;
        }
        if !self.positions.is_empty() {
            out.set("positions", &self.positions)?;
        }
        out.end()
    }
}

crate::read_object!(Session);

impl ReadObject for Session {
    fn read_object<'de, A: MapAccess<'de>>(members: &mut Members<'de, A>) -> Result<Self, A::Error> {
        let (mut user_id, mut base_url, mut filters, mut positions) = (None, None, None, None);
        let mut masquerade = None;
        let mut session = Self::new("", "");
        while let Some(key) = members.key()? {
            match &*key {
                "user_id" => members.value("user_id", &mut user_id)?,
                "device_id" => members.value("device_id", &mut session.device_id)?,
                "base_url" => members.value("base_url", &mut base_url)?,
                "access_token" => members.value("access_token", &mut session.access_token)?,
                "refresh_token" => members.value("refresh_token", &mut session.refresh_token)?,
                "expires_at" => members.value("expires_at", &mut session.expires_at)?,
                #[cfg(feature = "oauth")]
                "oauth" => members.value("oauth", &mut session.oauth)?,
                "masquerade" => members.value("masquerade", &mut masquerade)?,
                "next_batch" => members.value("next_batch", &mut session.next_batch)?,
                "filters" => members.value("filters", &mut filters)?,
                "positions" => members.value("positions", &mut positions)?,
                _ => members.skip()?,
            }
        }
        session.user_id = wire::need("user_id", user_id)?;
        session.base_url = wire::need("base_url", base_url)?;
        session.masquerade = masquerade.unwrap_or_default();
        session.filters = filters.unwrap_or_default();
        session.positions = positions.unwrap_or_default();
        Ok(session)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_stored_and_read_again() {
        let session = Session::new("@a:b", "https://b").device_id("D").access_token("canary");
        let text = serde_json::to_string(&session).unwrap();
        assert_eq!(text, r#"{"user_id":"@a:b","device_id":"D","base_url":"https://b","access_token":"canary"}"#);
        assert_eq!(serde_json::from_str::<Session>(&text).unwrap(), session);
        assert!(!format!("{session:?}").contains("canary"));

        let bare = session.without_secrets();
        let text = serde_json::to_string(&bare).unwrap();
        assert!(!text.contains("canary"));
        assert_eq!(serde_json::from_str::<Session>(&text).unwrap(), bare);
        assert!(serde_json::from_str::<Session>(r#"{"user_id":"@a:b"}"#).is_err());
    }

    #[test]
    fn everything_is_stored_that_a_restart_needs() {
        let mut session = Session::new("@a:b", "https://b").access_token("t").refresh_token("canary").next_batch("s1");
        session.expires_at = Some(UnixMillis(7));
        session.filters.insert("quiet".to_owned(), "0".to_owned());
        session.positions.insert("quiet".to_owned(), "s2".to_owned());
        let text = serde_json::to_string(&session).unwrap();
        let tail = r#""refresh_token":"canary","expires_at":7,"next_batch":"s1","filters":{"quiet":"0"},"positions":{"quiet":"s2"}}"#;
        assert!(text.ends_with(tail), "{text}");
        assert_eq!(serde_json::from_str::<Session>(&text).unwrap(), session);
        assert!(!format!("{session:?}").contains("canary"));

        let bare = session.without_secrets();
        assert_eq!((&bare.refresh_token, bare.expires_at), (&None, None));
        assert_eq!((&bare.next_batch, &bare.filters), (&session.next_batch, &session.filters));
        assert_eq!(bare.positions, session.positions);
    }
}
