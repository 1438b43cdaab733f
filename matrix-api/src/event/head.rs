use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, IgnoredAny, MapAccess, Visitor},
};
use serde_json::value::RawValue;

use crate::{EventId, RoomId, UnixMillis, UserId, wire::Key};

/// What an event says of itself, its content aside: see [`Raw::head`](crate::Raw::head).
///
/// What is missing or malformed is `None`; a server's event is never refused for it.
#[derive(Clone, Default)]
pub struct EventHead<'a> {
    pub(super) ty: Option<&'a str>,
    pub(super) sender: Option<&'a str>,
    pub(super) event_id: Option<&'a str>,
    pub(super) room_id: Option<&'a str>,
    pub(super) origin_server_ts: Option<&'a str>,
    pub(super) state_key: Option<&'a str>,
    pub(super) redacts: Option<&'a str>,
    pub(super) unsigned: Option<&'a str>,
    pub(super) content: Option<&'a str>,
    prev_content: Option<&'a str>,
}

impl<'a> EventHead<'a> {
    /// The members of an event; none if it is no object.
    pub(super) fn of(event: &'a str) -> Self {
        serde_json::from_str(event).unwrap_or_default()
    }

    /// The type, such as `m.room.message`; empty if there is none.
    #[must_use]
    pub fn event_type(&self) -> Cow<'a, str> {
        text(self.ty).unwrap_or_default()
    }

    /// Who sent it.
    #[must_use]
    pub fn sender(&self) -> Option<UserId> {
        text(self.sender).map(|text| UserId::from(&*text))
    }

    /// Its id.
    #[must_use]
    pub fn event_id(&self) -> Option<EventId> {
        text(self.event_id).map(|text| EventId::from(&*text))
    }

    /// The room it is in. Absent where the response says so already, as in a sync.
    #[must_use]
    pub fn room_id(&self) -> Option<RoomId> {
        text(self.room_id).map(|text| RoomId::from(&*text))
    }

    /// When the sender's server sent it, by that server's clock.
    #[must_use]
    pub fn origin_server_ts(&self) -> Option<UnixMillis> {
        value(self.origin_server_ts)
    }

    /// What tells it from other state events of its type; `None` for an event that is no state.
    #[must_use]
    pub fn state_key(&self) -> Option<Cow<'a, str>> {
        text(self.state_key)
    }

    /// The event that this one redacts, in rooms of all versions.
    #[must_use]
    pub fn redacts(&self) -> Option<EventId> {
        // Since room version 11 in the content.
        let found = text(self.redacts).or_else(|| text(member(self.content, "redacts")));
        found.map(|text| EventId::from(&*text))
    }

    /// Whether its content was taken out by a redaction.
    #[must_use]
    pub fn is_redacted(&self) -> bool {
        member(self.unsigned, "redacted_because").is_some_and(|event| event != "null")
    }

    /// The transaction id it was sent with, if this very device sent it.
    #[must_use]
    pub fn transaction_id(&self) -> Option<String> {
        text(member(self.unsigned, "transaction_id")).map(Cow::into_owned)
    }

    /// How long ago it was sent, in ms, by the clock of the server that tells.
    #[must_use]
    pub fn age(&self) -> Option<i64> {
        value(member(self.unsigned, "age"))
    }

    /// The content as it came: JSON text.
    #[must_use]
    pub fn content_json(&self) -> Option<&'a str> {
        self.content
    }

    /// Reads a member of the content; `None` if it is missing or has another shape.
    #[must_use]
    pub fn content<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        value(member(self.content, name))
    }

    /// Reads a member of the content that a state event has replaced, if the server tells that one;
    /// `None` if it is missing or has another shape.
    #[must_use]
    pub fn content_before<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        // Servers put it there, or beside it.
        let before = member(self.unsigned, "prev_content").filter(|json| *json != "null").or(self.prev_content);
        value(member(before, name))
    }

    /// Reads a member of `unsigned`, what servers add to the event; `None` if it is missing or has another shape.
    #[must_use]
    pub fn unsigned<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        value(member(self.unsigned, name))
    }
}

impl fmt::Debug for EventHead<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("EventHead").field("type", &self.event_type()).field("event_id", &self.event_id()).finish()
    }
}

/// The value of a JSON text.
fn text(json: Option<&str>) -> Option<Cow<'_, str>> {
    serde_json::from_str::<Key<'_>>(json?).ok().map(Key::into_cow)
}

fn value<T: DeserializeOwned>(json: Option<&str>) -> Option<T> {
    serde_json::from_str(json?).ok()
}

/// A member of an object. The last of its name wins.
fn member<'a>(object: Option<&'a str>, name: &str) -> Option<&'a str> {
    crate::wire::member_of(object?, name).map(RawValue::get)
}

impl<'de> Deserialize<'de> for EventHead<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(HeadVisitor)
    }
}

struct HeadVisitor;

impl<'de> Visitor<'de> for HeadVisitor {
    type Value = EventHead<'de>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an event")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<EventHead<'de>, A::Error> {
        let mut head = EventHead::default();
        while let Some(key) = map.next_key::<Key<'de>>()? {
            let place = match &*key {
                "type" => &mut head.ty,
                "sender" => &mut head.sender,
                "event_id" => &mut head.event_id,
                "room_id" => &mut head.room_id,
                "origin_server_ts" => &mut head.origin_server_ts,
                "state_key" => &mut head.state_key,
                "redacts" => &mut head.redacts,
                "unsigned" => &mut head.unsigned,
                "content" => &mut head.content,
                "prev_content" => &mut head.prev_content,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                    continue;
                }
            };
            *place = Some(map.next_value::<&RawValue>()?.get());
        }
        Ok(head)
    }
}
