//! A room, to act in.

mod create;
mod each;
mod encryption;
mod files;
mod lists;
mod members;
mod own;
#[cfg(feature = "events")]
mod power;
mod send;
mod state;

pub use create::NewRoom;
pub use each::EachRoom;
pub(crate) use encryption::{ENCRYPTION, Encryption};
pub use lists::Listed;
pub use members::Member;
#[cfg(feature = "events")]
pub(crate) use power::Turns;
#[cfg(feature = "events")]
pub use power::{Power, RoomPower};
pub(crate) use send::Answers;
pub use send::SendEvent;
pub(crate) use state::found;

use serde::Serialize;
use serde_json::Value;

use crate::{Client, EventHead, EventId, MessageContent, Raw, Result, RoomId, StateContent, StateKey, UserId, json};

/// The version of a room that does not say which it has.
const OLDEST: &str = "1";

/// A room as seen by a client: see [`Client::room`]. A clone is the same room.
///
/// # Encrypted rooms
///
/// This crate does not encrypt. What is sent into a room with encryption would be there for the
/// server to read, and servers take it without a word; so it is refused here, with
/// [`Error::Encrypted`](crate::Error::Encrypted), unless
/// [`allow_plaintext`](SendEvent::allow_plaintext) says otherwise. Whether a room is encrypted is
/// asked of the server before the first event is sent there, and at most every ten minutes after
/// that. [What works in encrypted rooms](crate::guide::encrypted_rooms) has a page of its own.
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

    /// The client that acts here.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Sends a plain text message, and returns the new event's id.
    ///
    /// However often it is tried, the room gets the message once. If it fails and may have been
    /// sent, [`Error::txn_id`](crate::Error::txn_id) is what makes another try the same message.
    ///
    /// ```no_run
    /// # async fn example(room: matrix_api::Room) -> matrix_api::Result<()> {
    /// let event_id = room.send_text("Dinner is ready.").await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Api`](crate::Error::Api) with `M_FORBIDDEN` if the user is not in the room or may
    /// not send there, [`Error::Encrypted`](crate::Error::Encrypted) if the room is encrypted.
    pub fn send_text(&self, text: impl Into<String>) -> SendEvent {
        self.send_message(&json!({"msgtype": "m.text", "body": text.into()}))
    }

    /// As [`send_text`](Self::send_text), as a notice: what a bot says without being asked, so that
    /// no other bot answers.
    pub fn send_notice(&self, text: impl Into<String>) -> SendEvent {
        self.send_message(&json!({"msgtype": "m.notice", "body": text.into()}))
    }

    /// As [`send_text`](Self::send_text), with a content of your own for the event
    /// `m.room.message`.
    pub fn send_message(&self, content: &(impl Serialize + ?Sized)) -> SendEvent {
        self.send_event("m.room.message", content)
    }

    /// As [`send_text`](Self::send_text), for any type of event that is not state.
    pub fn send_event(&self, event_type: impl Into<String>, content: &(impl Serialize + ?Sized)) -> SendEvent {
        SendEvent::new(self.clone(), event_type.into(), Raw::new(content))
    }

    /// Whether the room is encrypted, as far as is known: it is asked at most every ten minutes.
    ///
    /// # Errors
    ///
    /// [`Error::Api`](crate::Error::Api) with `M_FORBIDDEN` if the user is not in the room.
    pub async fn is_encrypted(&self) -> Result<bool> {
        self.client.is_encrypted(&self.id).await
    }

    /// As [`send_text`](Self::send_text), for a content that knows the type of its event.
    ///
    /// ```no_run
    /// # #[cfg(feature = "events")]
    /// # async fn example(room: matrix_api::Room, rose: matrix_api::MxcUri) -> matrix_api::Result<()> {
    /// use matrix_api::events::{ImageInfo, ImageMessage, Reaction, RoomMessage};
    ///
    /// let event_id = room.send(RoomMessage::html("Hi", "<b>Hi</b>").mention(["@ben:hs.example"])).await?;
    /// room.send(Reaction::to(event_id, "👍")).await?;
    /// let image = ImageMessage::at("rose.png", rose).info(ImageInfo::of(640, 480, "image/png", 10_000));
    /// room.send(RoomMessage::from(image)).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn send<C: MessageContent>(&self, content: C) -> SendEvent {
        self.send_event(C::TYPE, &content)
    }

    /// Sets a state event of which a room has one, such as its name, and returns the event's id.
    /// State is not encrypted, whether or not the room is.
    ///
    /// ```no_run
    /// # #[cfg(feature = "events")]
    /// # async fn example(room: matrix_api::Room) -> matrix_api::Result<()> {
    /// use matrix_api::events::{RoomJoinRules, RoomName};
    ///
    /// room.send_state(RoomName::new("Garden")).await?;
    /// room.send_state(RoomJoinRules::public()).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Api`](crate::Error::Api) with `M_FORBIDDEN` if the user may not do that.
    pub async fn send_state<C: StateContent<Key = ()>>(&self, content: C) -> Result<EventId> {
        self.set_state(C::TYPE, "", content).await
    }

    /// Sets a state event of which a room has one for each key, such as a user's membership, and
    /// returns the event's id.
    ///
    /// # Errors
    ///
    /// As [`send_state`](Self::send_state).
    pub async fn send_state_for<C: StateContent>(&self, key: impl Into<C::Key>, content: C) -> Result<EventId> {
        self.set_state(C::TYPE, key.into().as_key(), content).await
    }
}

/// Whether creators of rooms of a version stand above power levels.
pub(crate) fn creators_stand_above(version: &str) -> bool {
    version.parse::<u32>().is_ok_and(|version| version >= 12)
}

/// A room's version and who has created it, by its first event.
pub(crate) fn creation(head: &EventHead<'_>) -> (String, Vec<UserId>) {
    let version: String = head.content("room_version").unwrap_or_else(|| OLDEST.to_owned());
    let creator = head.sender().or_else(|| head.content::<String>("creator").map(UserId::from));
    let mut creators: Vec<UserId> = creator.into_iter().collect();
    if creators_stand_above(&version) {
        let more: Vec<Value> = head.content("additional_creators").unwrap_or_default();
        creators.extend(more.iter().filter_map(Value::as_str).map(UserId::from));
    }
    (version, creators)
}
