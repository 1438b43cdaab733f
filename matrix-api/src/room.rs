//! A room, to act in.

use crate::{Client, EventId, Result, RoomId, client_server::SendMessage, json};

/// A room as seen by a client: see [`Client::room`]. A clone is the same room.
#[derive(Clone, Debug)]
pub struct Room {
    client: Client,
    id: RoomId,
}

impl Room {
    pub(crate) fn new(client: Client, id: RoomId) -> Self {
        Self { client, id }
    }

    /// The room's id.
    pub fn id(&self) -> &RoomId {
        &self.id
    }

    /// Sends a plain text message, and returns the new event's id.
    ///
    /// However often it is tried, the room gets the message once. If it fails and may have been
    /// sent, [`Error::txn_id`](crate::Error::txn_id) is what makes another try the same message.
    ///
    /// # Errors
    ///
    /// [`Error::Api`](crate::Error::Api) with `M_FORBIDDEN` if the user is not in the room or may
    /// not send there.
    pub async fn send_text(&self, text: impl Into<String>) -> Result<EventId> {
        let content = json!({"msgtype": "m.text", "body": text.into()});
        let request = SendMessage::new(&self.id, "m.room.message", content);
        Ok(self.client.send(request).await?.event_id)
    }
}
