//! What a client knows of its login, and how the token gets into a request.

use std::{
    collections::BTreeMap,
    sync::{PoisonError, RwLock},
};

use http::{HeaderMap, HeaderValue, header::AUTHORIZATION};

use super::Session;
use crate::{Auth, DeviceId, Secret, UnixMillis, UserId};

/// A token, and the header it travels in.
#[derive(Clone)]
pub(super) struct Token {
    secret: Secret<String>,
    header: HeaderValue,
}

impl Token {
    pub(super) fn new(secret: Secret<String>) -> Result<Self, NoToken> {
        let token = secret.expose();
        if token.is_empty() || token.bytes().any(|byte| !byte.is_ascii_graphic()) {
            return Err(NoToken);
        }
        let mut header = HeaderValue::from_str(&format!("Bearer {token}")).map_err(|_| NoToken)?;
        header.set_sensitive(true);
        Ok(Self { secret, header })
    }
}

/// Tokens as a server gives them out.
#[derive(Clone)]
pub(crate) struct Tokens {
    access: Token,
    refresh: Option<Secret<String>>,
    expires_at: Option<UnixMillis>,
}

impl Tokens {
    /// `None` if the access token is none.
    #[cfg(feature = "client-server")]
    pub(crate) fn new(
        access: Secret<String>,
        refresh: Option<Secret<String>>,
        expires_in_ms: Option<i64>,
    ) -> Option<Self> {
        Some(Self { access: Token::new(access).ok()?, refresh, expires_at: Session::end_of_token(expires_in_ms) })
    }

    /// Those of a session; `None` if it has none.
    pub(crate) fn of(session: &Session) -> Option<Self> {
        let access = Token::new(session.access_token.clone()?).ok()?;
        Some(Self { access, refresh: session.refresh_token.clone(), expires_at: session.expires_at })
    }

    pub(crate) fn write_to(&self, session: &mut Session) {
        session.access_token = Some(self.access.secret.clone());
        session.refresh_token.clone_from(&self.refresh);
        session.expires_at = self.expires_at;
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
    refresh_token: Option<Secret<String>>,
    expires_at: Option<UnixMillis>,
    #[cfg(feature = "oauth")]
    oauth: Option<crate::OAuthClient>,
    user_id: Option<UserId>,
    device_id: Option<DeviceId>,
    /// Whether the token is an application service's, and each request names the user.
    masquerade: bool,
    next_batch: Option<String>,
    filters: BTreeMap<String, String>,
    positions: BTreeMap<String, String>,
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
            (state.refresh_token, state.expires_at) = (None, None);
            state.changes += 1;
        });
        Ok(())
    }

    #[cfg(feature = "client-server")]
    pub(crate) fn set_owner(&self, user_id: UserId, device_id: Option<DeviceId>) {
        self.write(|state| {
            // Whom it acts as was said before.
            if !state.masquerade {
                state.user_id = Some(user_id);
                state.device_id = device_id;
            }
        });
    }

    /// Becomes this session, whoever was logged in before.
    pub(crate) fn adopt(&self, session: &Session) -> Result<(), NoToken> {
        let token = session.access_token.clone().map(Token::new).transpose()?;
        self.write(|state| {
            *state = State {
                token,
                refresh_token: session.refresh_token.clone(),
                expires_at: session.expires_at,
                #[cfg(feature = "oauth")]
                oauth: session.oauth.clone(),
                user_id: Some(session.user_id.clone()),
                device_id: session.device_id.clone(),
                masquerade: session.masquerade,
                next_batch: session.next_batch.clone(),
                filters: session.filters.clone(),
                positions: session.positions.clone(),
                changes: state.changes + 1,
            };
        });
        Ok(())
    }

    /// Goes on with new tokens.
    pub(crate) fn set_tokens(&self, tokens: Tokens) {
        self.write(|state| {
            state.token = Some(tokens.access);
            state.refresh_token = tokens.refresh;
            state.expires_at = tokens.expires_at;
            state.changes += 1;
        });
    }

    /// The tokens are worth nothing any more. Who it was is still known, and with `soft` on which
    /// device. There is no new token, so that none is counted.
    pub(crate) fn end(&self, soft: bool) {
        self.write(|state| {
            (state.token, state.refresh_token, state.expires_at) = (None, None, None);
            state.device_id = state.device_id.take().filter(|_| soft);
        });
    }

    /// Takes over how far the sync has come, and the filters.
    pub(crate) fn set_progress(&self, session: &Session) {
        self.write(|state| {
            state.next_batch.clone_from(&session.next_batch);
            state.filters.clone_from(&session.filters);
            state.positions.clone_from(&session.positions);
        });
    }

    #[cfg(any(feature = "client-server", test))]
    pub(crate) fn clear(&self) {
        self.write(|state| *state = State { changes: state.changes + 1, ..State::default() });
    }

    /// A login with the same token that acts as somebody else.
    pub(crate) fn masked(&self, user_id: UserId, device_id: Option<DeviceId>) -> Self {
        let token = self.read(|state| state.token.clone());
        let state = State { token, user_id: Some(user_id), device_id, masquerade: true, ..State::default() };
        Self { state: RwLock::new(state) }
    }

    /// Whom it acts as, and on which device, if the token does not say.
    pub(crate) fn mask(&self) -> Option<(UserId, Option<DeviceId>)> {
        self.read(|state| {
            let user_id = state.user_id.as_ref().filter(|_| state.masquerade)?;
            Some((user_id.clone(), state.device_id.clone()))
        })
    }

    pub(crate) fn user_id(&self) -> Option<UserId> {
        self.read(|state| state.user_id.clone())
    }

    pub(crate) fn device_id(&self) -> Option<DeviceId> {
        self.read(|state| state.device_id.clone())
    }

    /// The device of a session that has ended without it, if it was this user's.
    #[cfg(feature = "client-server")]
    pub(crate) fn left_device(&self, user: Option<&str>) -> Option<DeviceId> {
        self.read(|state| {
            let owner = state.user_id.as_ref().filter(|_| state.token.is_none())?;
            let local = owner.as_str().strip_prefix('@')?.split(':').next();
            let same = user.is_some() && (user == Some(owner.as_str()) || user == local);
            state.device_id.clone().filter(|_| same)
        })
    }

    /// Hands over how far the login has come to one that goes on as the same device, and its
    /// filters. Whether it does.
    #[cfg(feature = "client-server")]
    pub(crate) fn hand_over(&self, session: &mut Session) -> bool {
        self.read(|state| {
            let same = state.device_id.is_some()
                && state.device_id == session.device_id
                && state.user_id.as_ref() == Some(&session.user_id);
            if same {
                session.next_batch.clone_from(&state.next_batch);
                session.filters.clone_from(&state.filters);
                session.positions.clone_from(&state.positions);
            }
            same
        })
    }

    /// Tells one token from the next, without comparing them.
    pub(crate) fn changes(&self) -> u64 {
        self.read(|state| state.changes)
    }

    pub(crate) fn has_token(&self) -> bool {
        self.read(|state| state.token.is_some())
    }

    /// Everything, if it is known who is logged in and the token is there.
    pub(crate) fn session(&self, base_url: &str) -> Option<Session> {
        self.read(|state| {
            Some(Session {
                user_id: state.user_id.clone()?,
                device_id: state.device_id.clone(),
                base_url: base_url.to_owned(),
                access_token: Some(state.token.as_ref()?.secret.clone()),
                refresh_token: state.refresh_token.clone(),
                expires_at: state.expires_at,
                #[cfg(feature = "oauth")]
                oauth: state.oauth.clone(),
                masquerade: state.masquerade,
                next_batch: state.next_batch.clone(),
                filters: state.filters.clone(),
                positions: state.positions.clone(),
            })
        })
    }

    /// Whether the token has ended by the clock, and another can be asked for. Gives its count.
    pub(crate) fn outdated(&self, now: UnixMillis) -> Option<u64> {
        self.read(|state| {
            let ended = state.token.is_some() && state.expires_at.is_some_and(|end| end <= now);
            (ended && state.refresh_token.is_some()).then_some(state.changes)
        })
    }

    /// Puts the token into the one header in which it travels. Gives the count of the token, if
    /// there is one.
    pub(crate) fn sign(&self, auth: Auth, headers: &mut HeaderMap) -> Result<Option<u64>, NotLoggedIn> {
        if auth == Auth::None {
            return Ok(None);
        }
        let token = self.read(|state| Some((state.token.as_ref()?.header.clone(), state.changes)));
        match token {
            Some((header, count)) => {
                headers.insert(AUTHORIZATION, header);
                Ok(Some(count))
            }
            None if auth == Auth::Optional => Ok(None),
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
}
