//! Conversations with one other user.

use serde_json::{Map, Value};

use crate::{
    Client, Result, Room, RoomId, UserId,
    error::{RoomError, RoomErrorKind},
};

const DIRECT: &str = "m.direct";
/// How often it is written among other programs of the user.
const ATTEMPTS: u32 = 5;

/// Conversations with one other user. Which rooms are such is kept with the account, as `m.direct`.
impl Client {
    /// Makes a room for a conversation with a user, invites them, and remembers it as such. There may be one
    /// already: see [`direct_rooms`](Self::direct_rooms).
    ///
    /// ```no_run
    /// # async fn example(client: matrix_api::Client) -> matrix_api::Result<()> {
    /// let ann = client.create_dm("@ann:example.org").await?;
    /// ann.send_text("Hi!").await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// See [`Error`](crate::Error). If the room is there and could not be remembered, it is not returned:
    /// [`joined_rooms`](Self::joined_rooms) has it, and [`mark_direct`](Self::mark_direct) tries again.
    pub async fn create_dm(&self, user: impl Into<UserId>) -> Result<Room> {
        let user = user.into();
        let room = self.create_room().direct(user.clone()).await?;
        self.mark_direct(room.id(), user).await?;
        Ok(room)
    }

    /// The conversations with a user, the ones marked last at the end. The user may have left some of them.
    ///
    /// # Errors
    ///
    /// See [`Error`](crate::Error).
    pub async fn direct_rooms(&self, user: impl Into<UserId>) -> Result<Vec<RoomId>> {
        let all = self.direct().await?;
        let rooms = all.get(user.into().as_str()).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        Ok(rooms.iter().filter_map(Value::as_str).map(RoomId::from).collect())
    }

    /// Remembers a room as a conversation with a user. What else is remembered stays as it is.
    ///
    /// # Errors
    ///
    /// [`Error::Room`](crate::Error::Room) with [`RoomErrorKind::Conflict`] if other programs of the user write the
    /// same list again and again, [`Error::Decode`](crate::Error::Decode) if it is no such list and therefore left as
    /// it is; otherwise see [`Error`](crate::Error).
    pub async fn mark_direct(&self, room: impl Into<RoomId>, user: impl Into<UserId>) -> Result<()> {
        let (room, user) = (room.into(), user.into());
        for attempt in 0..=ATTEMPTS {
            let mut all = self.direct().await?;
            let mut rooms = match all.remove(user.as_str()) {
                Some(Value::Array(rooms)) => rooms,
                _ => Vec::new(),
            };
            // Another program of the user may write at the same time, so it is looked at again once it is written.
            if rooms.iter().any(|known| known == room.as_str()) {
                return Ok(());
            }
            if attempt < ATTEMPTS {
                rooms.push(room.as_str().into());
                all.insert(user.as_str().to_owned(), rooms.into());
                self.set_raw_account_data(DIRECT, all).await?;
            }
        }
        Err(RoomError::new("mark_direct", room.as_str(), RoomErrorKind::Conflict).into())
    }

    /// The whole list. One that cannot be read is an error: nothing must be written over it.
    async fn direct(&self) -> Result<Map<String, Value>> {
        match self.raw_account_data(DIRECT).await? {
            Some(content) => Ok(content.parse()?),
            None => Ok(Map::new()),
        }
    }
}
