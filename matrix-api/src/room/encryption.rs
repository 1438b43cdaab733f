//! Which rooms are encrypted.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use super::state::found;
use crate::{Client, Error, Result, RoomId, client_server::GetRoomStateWithKey, error::EncryptedRoom};

pub(crate) const ENCRYPTION: &str = "m.room.encryption";

/// How long a room is taken to be as it was: somebody may switch encryption on.
const TRUSTED: Duration = Duration::from_secs(600);
/// More rooms than this are not remembered.
const MOST: usize = 10_000;

/// What a client knows of rooms it has sent to. Shared by all clones.
#[derive(Default)]
pub(crate) struct Encryption {
    rooms: Mutex<HashMap<RoomId, Known>>,
}

#[derive(Clone, Copy)]
enum Known {
    /// For ever: it cannot be switched off.
    Encrypted,
    /// When it was looked up.
    Plain(Instant),
}

impl Encryption {
    fn lock(&self) -> MutexGuard<'_, HashMap<RoomId, Known>> {
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is known and not too old.
    fn known(&self, room: &RoomId) -> Option<bool> {
        match self.lock().get(room)? {
            Known::Encrypted => Some(true),
            Known::Plain(when) => (when.elapsed() < TRUSTED).then_some(false),
        }
    }

    fn learn(&self, room: &RoomId, encrypted: bool) {
        let mut rooms = self.lock();
        if rooms.len() >= MOST && !rooms.contains_key(room) {
            rooms.clear();
        }
        rooms.insert(room.clone(), if encrypted { Known::Encrypted } else { Known::Plain(Instant::now()) });
    }

    /// Whether it would be news that this room is encrypted.
    pub(crate) fn is_taken_for_plain(&self, room: &RoomId) -> bool {
        matches!(self.lock().get(room), Some(Known::Plain(_)))
    }

    /// Somebody has switched it on.
    pub(crate) fn switched_on(&self, room: &RoomId) {
        self.learn(room, true);
    }
}

impl Client {
    pub(crate) async fn is_encrypted(&self, room: &RoomId) -> Result<bool> {
        let encryption = &self.inner.encryption;
        if let Some(known) = encryption.known(room) {
            return Ok(known);
        }
        let encrypted = found(self.send(GetRoomStateWithKey::new(room, ENCRYPTION, "")).await)?.is_some();
        encryption.learn(room, encrypted);
        Ok(encrypted)
    }

    /// An error if the room is encrypted. Who may not see the state of a room may not send there
    /// either, and the server will say so.
    pub(crate) async fn refuse_encrypted(&self, room: &RoomId) -> Result<()> {
        match self.is_encrypted(room).await {
            Ok(false) => Ok(()),
            Ok(true) => Err(Error::Encrypted(EncryptedRoom::new(room.clone()))),
            Err(error) if error.is_forbidden() => Ok(()),
            Err(error) => Err(error),
        }
    }
}
