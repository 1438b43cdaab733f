//! Who walks the way: the login that a [`Client`](crate::Client) carries.

use std::sync::{PoisonError, RwLock};

use http::{HeaderMap, HeaderValue, header::AUTHORIZATION};
use serde::{Serialize, Serializer, de::MapAccess};

use crate::{
    Auth, DeviceId, Secret, UserId,
    wire::{self, Members, ReadObject},
};

/// A login, to be stored and used again: see [`Client::session`](crate::Client::session) and
/// [`Client::restore`](crate::Client::restore).
///
/// Serialising writes the access token in the clear. Whoever has it can act as the user, so keep
/// the file for yourself, or store [`without_secrets`](Self::without_secrets) and the token
/// elsewhere. `Debug` shows no token.
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
}

impl Session {
    /// A session without device and token.
    pub fn new(user_id: impl Into<UserId>, base_url: impl Into<String>) -> Self {
        Self { user_id: user_id.into(), device_id: None, base_url: base_url.into(), access_token: None }
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

    /// The same session with nothing in it that lets anybody in.
    #[must_use]
    pub fn without_secrets(&self) -> Self {
        Self { access_token: None, ..self.clone() }
    }
}

impl Serialize for Session {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = wire::write_object(serializer)?;
        out.set("user_id", &self.user_id)?;
        out.opt("device_id", &self.device_id)?;
        out.set("base_url", &self.base_url)?;
        out.opt("access_token", &self.access_token)?;
        out.end()
    }
}

crate::read_object!(Session);

impl ReadObject for Session {
    fn read_object<'de, A: MapAccess<'de>>(members: &mut Members<'de, A>) -> Result<Self, A::Error> {
        let mut user_id = None;
        let mut device_id = None;
        let mut base_url = None;
        let mut access_token = None;
        while let Some(key) = members.key()? {
            match &*key {
                "user_id" => members.value("user_id", &mut user_id)?,
                "device_id" => members.value("device_id", &mut device_id)?,
                "base_url" => members.value("base_url", &mut base_url)?,
                "access_token" => members.value("access_token", &mut access_token)?,
                _ => members.skip()?,
            }
        }
        Ok(Self {
            user_id: wire::need("user_id", user_id)?,
            device_id,
            base_url: wire::need("base_url", base_url)?,
            access_token,
        })
    }
}

/// A token, and the header it travels in.
#[derive(Clone)]
struct Token {
    secret: Secret<String>,
    header: HeaderValue,
}

impl Token {
    fn new(secret: Secret<String>) -> Result<Self, NoToken> {
        let token = secret.expose();
        if token.is_empty() || token.bytes().any(|byte| !byte.is_ascii_graphic()) {
            return Err(NoToken);
        }
        let mut header = HeaderValue::from_str(&format!("Bearer {token}")).map_err(|_| NoToken)?;
        header.set_sensitive(true);
        Ok(Self { secret, header })
    }
}

/// What a client knows of its login. Shared by all clones of the client.
#[derive(Default)]
pub(crate) struct Login {
    state: RwLock<State>,
}

#[derive(Clone, Default)]
struct State {
    token: Option<Token>,
    user_id: Option<UserId>,
    device_id: Option<DeviceId>,
    /// How often the token has changed.
    changes: u64,
}

/// The text cannot be an HTTP header, so it cannot be a token.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NoToken;

/// The operation needs a login and there is none.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NotLoggedIn;

impl Login {
    pub(crate) fn set_token(&self, secret: Secret<String>) -> Result<(), NoToken> {
        let token = Token::new(secret)?;
        self.write(|state| {
            state.token = Some(token);
            state.changes += 1;
        });
        Ok(())
    }

    #[cfg(feature = "client-server")]
    pub(crate) fn set_owner(&self, user_id: UserId, device_id: Option<DeviceId>) {
        self.write(|state| {
            state.user_id = Some(user_id);
            state.device_id = device_id;
        });
    }

    /// Becomes this session, whoever was logged in before.
    pub(crate) fn adopt(&self, session: &Session) -> Result<(), NoToken> {
        let token = session.access_token.clone().map(Token::new).transpose()?;
        self.write(|state| {
            *state = State {
                token,
                user_id: Some(session.user_id.clone()),
                device_id: session.device_id.clone(),
                changes: state.changes + 1,
            };
        });
        Ok(())
    }

    #[cfg(any(feature = "client-server", test))]
    pub(crate) fn clear(&self) {
        self.write(|state| *state = State { changes: state.changes + 1, ..State::default() });
    }

    pub(crate) fn user_id(&self) -> Option<UserId> {
        self.read(|state| state.user_id.clone())
    }

    pub(crate) fn device_id(&self) -> Option<DeviceId> {
        self.read(|state| state.device_id.clone())
    }

    /// Tells one token from the next, without comparing them.
    pub(crate) fn changes(&self) -> u64 {
        self.read(|state| state.changes)
    }

    pub(crate) fn has_token(&self) -> bool {
        self.read(|state| state.token.is_some())
    }

    /// Everything, if it is known who is logged in.
    pub(crate) fn session(&self, base_url: String) -> Option<Session> {
        self.read(|state| {
            Some(Session {
                user_id: state.user_id.clone()?,
                device_id: state.device_id.clone(),
                base_url,
                access_token: Some(state.token.as_ref()?.secret.clone()),
            })
        })
    }

    /// Puts the token into the one header in which it travels.
    pub(crate) fn sign(&self, auth: Auth, headers: &mut HeaderMap) -> Result<(), NotLoggedIn> {
        if auth == Auth::None {
            return Ok(());
        }
        let header = self.read(|state| state.token.as_ref().map(|token| token.header.clone()));
        match header {
            Some(header) => {
                headers.insert(AUTHORIZATION, header);
                Ok(())
            }
            None if auth == Auth::Optional => Ok(()),
            None => Err(NotLoggedIn),
        }
    }

    fn read<T>(&self, look: impl FnOnce(&State) -> T) -> T {
        look(&self.state.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn write(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state.write().unwrap_or_else(PoisonError::into_inner));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signed(login: &Login, auth: Auth) -> Result<Option<HeaderValue>, NotLoggedIn> {
        let mut headers = HeaderMap::new();
        login.sign(auth, &mut headers)?;
        Ok(headers.remove(AUTHORIZATION))
    }

    #[test]
    fn the_operation_decides_whether_the_token_goes_along() {
        let login = Login::default();
        assert_eq!(signed(&login, Auth::None), Ok(None));
        assert_eq!(signed(&login, Auth::Optional), Ok(None));
        assert_eq!(signed(&login, Auth::AccessToken), Err(NotLoggedIn));
        assert_eq!(signed(&login, Auth::Appservice), Err(NotLoggedIn));

        login.set_token("canary".into()).unwrap();
        assert_eq!(signed(&login, Auth::None), Ok(None));
        for auth in [Auth::Optional, Auth::AccessToken, Auth::Appservice] {
            let header = signed(&login, auth).unwrap().unwrap();
            assert_eq!(header, "Bearer canary");
            assert!(header.is_sensitive());
        }
        login.clear();
        assert_eq!(signed(&login, Auth::AccessToken), Err(NotLoggedIn));
    }

    #[test]
    fn a_token_is_plain_visible_text() {
        for token in ["", "a b", "a\r\nX-Evil: 1", "ä"] {
            let login = Login::default();
            assert_eq!(login.set_token(token.into()), Err(NoToken), "{token:?}");
            assert!(!login.has_token());
        }
    }

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
}
