use std::ops::Deref;

use super::RoomEvent;

/// A message of a room: see [`SyncBatch::messages`](super::SyncBatch::messages).
///
/// An encrypted message is one, too: it was said, and only this program cannot read it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Message {
    /// In the clear: an event `m.room.message`.
    Plain(RoomEvent),
    /// Encrypted: an event `m.room.encrypted`. This crate cannot read it.
    Encrypted(RoomEvent),
}

impl Message {
    /// `None` if the event is no message: of another type, or with its content redacted.
    pub(super) fn of(event: RoomEvent) -> Option<Self> {
        match event.event_type() {
            _ if event.state_key().is_some() => None,
            "m.room.message" if event.head.content.msgtype.is_some() => Some(Self::Plain(event)),
            "m.room.encrypted" => Some(Self::Encrypted(event)),
            _ => None,
        }
    }

    /// The event itself; every method of it is also one of the message.
    #[must_use]
    pub fn event(&self) -> &RoomEvent {
        match self {
            Self::Plain(event) | Self::Encrypted(event) => event,
        }
    }

    /// Whether it is encrypted.
    #[must_use]
    pub fn is_encrypted(&self) -> bool {
        matches!(self, Self::Encrypted(_))
    }

    /// What kind of message it is, such as `m.text` or `m.image`; `None` if it is encrypted.
    #[must_use]
    pub fn msgtype(&self) -> Option<&str> {
        match self {
            Self::Plain(event) => event.head.content.msgtype.as_deref(),
            Self::Encrypted(_) => None,
        }
    }

    /// Its text, whatever the kind; for a file the name or the caption.
    #[must_use]
    pub fn body(&self) -> Option<&str> {
        match self {
            Self::Plain(event) => event.head.content.body.as_deref(),
            Self::Encrypted(_) => None,
        }
    }

    /// What somebody has written, if it is a text and not a notice, an emote or a file.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        self.body().filter(|_| self.msgtype() == Some("m.text"))
    }

    /// Whether it is a notice: what a bot says. Answering one may never end.
    #[must_use]
    pub fn is_notice(&self) -> bool {
        self.msgtype() == Some("m.notice")
    }
}

impl Deref for Message {
    type Target = RoomEvent;

    fn deref(&self) -> &RoomEvent {
        self.event()
    }
}
