use std::fmt;

use crate::RoomId;

/// The room is encrypted, and what was to be sent there is not.
#[derive(Clone)]
pub struct EncryptedRoom(Box<RoomId>);

impl EncryptedRoom {
    #[cfg_attr(not(all(feature = "client", feature = "client-server")), allow(dead_code))]
    pub(crate) fn new(room: RoomId) -> Self {
        Self(Box::new(room))
    }

    /// The room.
    #[must_use]
    pub fn room_id(&self) -> &RoomId {
        &self.0
    }
}

impl fmt::Display for EncryptedRoom {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("sendMessage: the room is encrypted and this event would not be; nothing was sent; allow_plaintext() sends it even so")
    }
}

impl fmt::Debug for EncryptedRoom {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "EncryptedRoom({})", self.0)
    }
}
