//! What can be asked of an event without reading all of it.

use std::borrow::Cow;

use super::{ContentReader, Event, EventContent, EventHead, HasContent, InvalidContent};
use crate::{
    EventId, Object, Raw, RoomId, UnixMillis, UserId,
    wire::{DecodeError, Warning, report_within},
};

/// An event. Each question goes through the JSON once; [`head`](Self::head) asks all of them at once.
impl<E: Event> Raw<E> {
    /// What the event says of itself, its content aside.
    #[must_use]
    pub fn head(&self) -> EventHead<'_> {
        EventHead::of(self.json())
    }

    /// The type, such as `m.room.message`; empty if there is none.
    #[must_use]
    pub fn event_type(&self) -> Cow<'_, str> {
        self.head().event_type()
    }

    /// Whether it is of the type that this is the content of.
    #[must_use]
    pub fn is<C: EventContent>(&self) -> bool {
        self.event_type() == C::TYPE
    }

    /// Who sent it.
    #[must_use]
    pub fn sender(&self) -> Option<UserId> {
        self.head().sender()
    }

    /// Its id.
    #[must_use]
    pub fn event_id(&self) -> Option<EventId> {
        self.head().event_id()
    }

    /// The room it is in. Absent where the response says so already, as in a sync.
    #[must_use]
    pub fn room_id(&self) -> Option<RoomId> {
        self.head().room_id()
    }

    /// When the sender's server sent it, by that server's clock.
    #[must_use]
    pub fn origin_server_ts(&self) -> Option<UnixMillis> {
        self.head().origin_server_ts()
    }

    /// What tells it from other state events of its type; `None` for an event that is no state.
    #[must_use]
    pub fn state_key(&self) -> Option<Cow<'_, str>> {
        self.head().state_key()
    }

    /// The event that this one redacts, in rooms of all versions.
    #[must_use]
    pub fn redacts(&self) -> Option<EventId> {
        self.head().redacts()
    }

    /// Whether its content was taken out by a redaction.
    #[must_use]
    pub fn is_redacted(&self) -> bool {
        self.head().is_redacted()
    }

    /// The transaction id it was sent with, if this very device sent it.
    #[must_use]
    pub fn transaction_id(&self) -> Option<String> {
        self.head().transaction_id()
    }

    /// How long ago it was sent, in ms, by the clock of the server that tells.
    #[must_use]
    pub fn age(&self) -> Option<i64> {
        self.head().age()
    }

    /// The content as it came; `None` if there is none.
    #[must_use]
    pub fn raw_content(&self) -> Option<Raw<Object>> {
        self.content_of(&self.head())
    }

    /// Reads the content of an event of this type.
    ///
    /// Members of another shape than they should have are kept among the unknown ones, as far as
    /// the content does without; [`warnings`](Self::warnings) tells of them.
    ///
    /// # Errors
    ///
    /// An event of another type, and a content that does without none of its bad members. The
    /// error holds the JSON.
    ///
    /// ```
    /// # #[cfg(feature = "events")] {
    /// use matrix_api::{Raw, TimelineEvent, events::RoomMessage};
    ///
    /// let json = r#"{"type": "m.room.message", "content": {"msgtype": "m.text", "body": "Hi"}}"#;
    /// let event = Raw::<TimelineEvent>::from_json(json.to_owned()).unwrap();
    /// let message = event.decode::<RoomMessage>().unwrap();
    /// assert_eq!((message.msgtype(), message.body()), ("m.text", "Hi"));
    /// # }
    /// ```
    pub fn decode<C: EventContent>(&self) -> Result<C, InvalidContent> {
        let head = self.head();
        let ty = head.event_type();
        let content = self.content_of(&head);
        let outcome = match (&content, ty == C::TYPE) {
            (_, false) => Err(DecodeError::unexpected("type", C::TYPE)),
            (None, _) => Err(DecodeError::unexpected("content", "an object")),
            (Some(content), true) => content.read_content(),
        };
        outcome.map_err(|error| InvalidContent::new(ty.into_owned(), content, error))
    }

    /// The content, whatever it is, for a `match`.
    #[must_use]
    pub fn content(&self) -> E::Content
    where
        E: HasContent,
    {
        let head = self.head();
        super::AnyContent::read(ContentReader::new(head.event_type().into_owned(), self.content_of(&head)))
    }

    /// Where the content is not as its type has it, and what is done about it.
    #[must_use]
    pub fn warnings<C: EventContent>(&self) -> Vec<Warning> {
        self.head().content.map(|content| report_within("content", &C::SHAPE, content)).unwrap_or_default()
    }

    /// The content as a part of the shared text.
    pub(crate) fn content_of(&self, head: &EventHead<'_>) -> Option<Raw<Object>> {
        head.content.map(|content| self.part(content))
    }
}
