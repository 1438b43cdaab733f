//! Matrix identifiers.
//!
//! Each is a text of its own type. Making one from a text never fails, and neither does reading
//! one that a server sent: real rooms hold identifiers that break the rules. A value is checked
//! when it is sent, or early with `parse`.

#[macro_use]
mod define;
mod check;
#[cfg(test)]
mod tests;

use std::{error, fmt};

define_id! {
    /// The id of a room, such as `!abc:example.org`.
    RoomId, "a room ID", check::room
}
define_id! {
    /// A name of a room, such as `#cats:example.org`.
    RoomAlias, "a room alias", check::alias
}
define_id! {
    /// A room by its id or by one of its names.
    RoomOrAlias, "a room ID or alias", check::room_or_alias
}
define_id! {
    /// The id of a user, such as `@alice:example.org`.
    UserId, "a user ID", check::user
}
define_id! {
    /// The id of an event, such as `$abc`.
    EventId, "an event ID", check::event
}
define_id! {
    /// The name of a homeserver: a host with an optional port.
    ServerName, "a server name", check::server
}
define_id! {
    /// The id of one login of a user.
    DeviceId, "a device ID", check::device
}
define_id! {
    /// The address of a file in a media repository, such as `mxc://example.org/abc`.
    ///
    /// The empty text may be sent: it is how a profile loses its picture.
    MxcUri, "an mxc URI", check::mxc_or_empty
}

/// Why a text is no such identifier. Does not repeat the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IdError {
    what: &'static str,
    reason: &'static str,
}

impl IdError {
    /// What is wrong, such as ``must start with `!` ``.
    #[must_use]
    pub fn reason(&self) -> &'static str {
        self.reason
    }
}

impl fmt::Display for IdError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {}", self.what, self.reason)
    }
}

impl error::Error for IdError {}

impl RoomId {
    /// The server in the id. Rooms of version 12 and later have none.
    #[must_use]
    pub fn server_name(&self) -> Option<&str> {
        check::after_colon(self.as_str())
    }
}

impl RoomAlias {
    /// The server that keeps the alias; `None` if the alias is malformed.
    #[must_use]
    pub fn server_name(&self) -> Option<&str> {
        check::after_colon(self.as_str())
    }
}

impl RoomOrAlias {
    /// The server in the id or alias, if it names one.
    #[must_use]
    pub fn server_name(&self) -> Option<&str> {
        check::after_colon(self.as_str())
    }
}

impl UserId {
    /// The name in front of the server; `None` if the id is malformed.
    #[must_use]
    pub fn localpart(&self) -> Option<&str> {
        Some(self.as_str().strip_prefix('@')?.split_once(':')?.0)
    }

    /// The user's server; `None` if the id is malformed.
    #[must_use]
    pub fn server_name(&self) -> Option<&str> {
        check::after_colon(self.as_str())
    }
}

impl EventId {
    /// The server in the id. Only rooms of version 1 and 2 have it.
    #[must_use]
    pub fn server_name(&self) -> Option<&str> {
        check::after_colon(self.as_str())
    }
}

impl MxcUri {
    /// The server and the media id.
    ///
    /// # Errors
    ///
    /// When it is not `mxc://`, a server name, a slash, and a media id of `A-Z a-z 0-9 - _`.
    pub fn parts(&self) -> Result<(&str, &str), IdError> {
        check::mxc(self.as_str()).map_err(|reason| IdError { what: "an mxc URI", reason })
    }

    /// The address of a file on a server.
    #[must_use]
    pub fn from_parts(server: &str, media_id: &str) -> Self {
        Self::from(format!("mxc://{server}/{media_id}"))
    }
}

impl From<RoomId> for RoomOrAlias {
    fn from(id: RoomId) -> Self {
        Self::from(id.into_text())
    }
}

impl From<&RoomId> for RoomOrAlias {
    fn from(id: &RoomId) -> Self {
        Self::from(id.as_str())
    }
}

impl From<RoomAlias> for RoomOrAlias {
    fn from(alias: RoomAlias) -> Self {
        Self::from(alias.into_text())
    }
}

impl From<&RoomAlias> for RoomOrAlias {
    fn from(alias: &RoomAlias) -> Self {
        Self::from(alias.as_str())
    }
}
