use std::{error, fmt};

use super::ApiError;

/// A room does not allow it as it was asked.
#[derive(Clone)]
pub struct RoomError(Box<Inner>);

#[derive(Clone)]
struct Inner {
    what: &'static str,
    room: Box<str>,
    kind: RoomErrorKind,
    answer: Option<ApiError>,
}

/// Why a room does not allow it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RoomErrorKind {
    /// The user has created the room and stands above power levels, which cannot be changed: rooms
    /// of version 12 and later. Nothing was changed.
    Creator,
    /// Somebody else has changed the same thing at the same time. Theirs holds.
    Conflict,
    /// Others change the same event again and again, and this change may have been lost among theirs.
    Contended,
    /// The room is not known to the user's server and its id names no other: joining it takes the
    /// name of a server that is in it, by `via`.
    NeedsVia,
}

#[cfg_attr(not(all(feature = "client", feature = "client-server")), allow(dead_code))]
impl RoomError {
    /// `what` names the helper, such as `set_user_power`.
    pub(crate) fn new(what: &'static str, room: &str, kind: RoomErrorKind) -> Self {
        Self(Box::new(Inner { what, room: room.into(), kind, answer: None }))
    }

    /// After a server's refusal.
    pub(crate) fn answered(room: &str, kind: RoomErrorKind, answer: ApiError) -> Self {
        Self(Box::new(Inner { what: "", room: room.into(), kind, answer: Some(answer) }))
    }
}

impl RoomError {
    /// The room, by its id.
    #[must_use]
    pub fn room(&self) -> &str {
        &self.0.room
    }

    /// Why it does not allow it.
    #[must_use]
    pub fn kind(&self) -> RoomErrorKind {
        self.0.kind
    }

    /// What the server answered, if it was asked.
    #[must_use]
    pub fn answer(&self) -> Option<&ApiError> {
        self.0.answer.as_ref()
    }

    pub(super) fn operation(&self) -> &str {
        self.answer().and_then(ApiError::call).map_or(self.0.what, |call| &call.operation)
    }
}

impl fmt::Display for RoomError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reason = match self.kind() {
            RoomErrorKind::Creator => "creators of a room stand above power levels; nothing was changed",
            RoomErrorKind::Conflict => "somebody else has changed the same thing meanwhile; theirs holds",
            RoomErrorKind::Contended => "others change the same event again and again; the change may be lost",
            RoomErrorKind::NeedsVia => {
                "the room is not known here and its id names no server; give one that is in it by via()"
            }
        };
        write!(out, "{}: {reason}", self.operation())
    }
}

impl fmt::Debug for RoomError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "RoomError({self})")
    }
}

impl error::Error for RoomError {}
