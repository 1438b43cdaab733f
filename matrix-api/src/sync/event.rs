//! An event of a room, to be answered.

use std::borrow::Cow;

use serde::de::MapAccess;

use crate::{
    Client, EventContent, EventId, InvalidContent, Raw, Room, RoomId, SendEvent, TimelineEvent, UnixMillis, UserId,
    json,
    room::Answers,
    wire::{Members, ReadObject},
};

/// An event of a room's timeline, to be answered: see [`SyncBatch::events`](super::SyncBatch::events)
/// and [`SyncBatch::messages`](super::SyncBatch::messages). A clone is the same event.
#[derive(Clone, Debug)]
pub struct RoomEvent {
    room: Room,
    raw: Raw<TimelineEvent>,
    pub(super) head: Head,
    answers: Answers,
}

/// What an event says, as far as the views need it.
#[derive(Clone, Debug)]
pub(super) struct Head {
    pub(super) event_type: String,
    event_id: EventId,
    sender: UserId,
    sent_at: Option<UnixMillis>,
    state_key: Option<String>,
    pub(super) content: Content,
}

/// What a message says.
#[derive(Clone, Debug, Default)]
pub(super) struct Content {
    pub(super) msgtype: Option<String>,
    pub(super) body: Option<String>,
    relation: Option<Relation>,
}

#[derive(Clone, Debug)]
struct Relation {
    rel_type: Option<String>,
    event_id: Option<EventId>,
}

impl RoomEvent {
    /// `None` if the event has no id, sender or type, so that nobody could answer it.
    pub(super) fn read(client: &Client, room: &RoomId, raw: &Raw<TimelineEvent>) -> Option<Self> {
        let head = Head::read(raw)?;
        let room = Room::new(client.clone(), room.clone());
        Some(Self { room, raw: raw.clone(), head, answers: Answers::default() })
    }

    /// The room it is in.
    #[must_use]
    pub fn room(&self) -> &Room {
        &self.room
    }

    /// Its id.
    #[must_use]
    pub fn event_id(&self) -> &EventId {
        &self.head.event_id
    }

    /// Its type, such as `m.room.message`.
    #[must_use]
    pub fn event_type(&self) -> &str {
        &self.head.event_type
    }

    /// Who sent it.
    #[must_use]
    pub fn sender(&self) -> &UserId {
        &self.head.sender
    }

    /// When it was sent, as the sender's server has it.
    #[must_use]
    pub fn sent_at(&self) -> Option<UnixMillis> {
        self.head.sent_at
    }

    /// The state key, if it is a state event.
    #[must_use]
    pub fn state_key(&self) -> Option<&str> {
        self.head.state_key.as_deref()
    }

    /// Whether the client's own user sent it, on whichever device.
    #[must_use]
    pub fn is_mine(&self) -> bool {
        self.room.client().user_id().is_some_and(|me| me == self.head.sender)
    }

    /// Whether it replaces an earlier event: an edit.
    #[must_use]
    pub fn is_edit(&self) -> bool {
        self.head.content.relation.as_ref().is_some_and(|relation| relation.is("m.replace"))
    }

    /// The first event of the thread that it is in.
    #[must_use]
    pub fn thread_root(&self) -> Option<&EventId> {
        let relation = self.head.content.relation.as_ref().filter(|relation| relation.is("m.thread"))?;
        relation.event_id.as_ref()
    }

    /// Reads its content as that of an event of a type.
    ///
    /// # Errors
    ///
    /// As [`Raw::decode`].
    pub fn decode<C: EventContent>(&self) -> Result<C, InvalidContent> {
        self.raw.decode()
    }

    /// The event as it came. It keeps the whole response alive, unless it is
    /// [detached](Raw::detach).
    #[must_use]
    pub fn raw(&self) -> &Raw<TimelineEvent> {
        &self.raw
    }

    /// Answers with a plain text, in the same thread if it is in one.
    ///
    /// However often the event is seen and answered, in this run of the program or in the next, the
    /// room gets the answer once: its transaction id is [derived](crate::TxnId::derived) from the
    /// event and from which of your answers to it this is, the first or a later one. That holds as
    /// long as the server remembers the id; see there. If answers to one event are sent side by
    /// side, name their ids yourself.
    ///
    /// ```no_run
    /// # async fn example(question: matrix_api::RoomEvent) -> matrix_api::Result<()> {
    /// question.reply("Looking it up ...").await?;
    /// question.reply("42").await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`Room::send_text`].
    pub fn reply(&self, text: impl Into<String>) -> SendEvent {
        self.answer("m.text", text.into())
    }

    /// As [`reply`](Self::reply), as a notice, which no other bot answers.
    pub fn reply_notice(&self, text: impl Into<String>) -> SendEvent {
        self.answer("m.notice", text.into())
    }

    fn answer(&self, msgtype: &str, body: String) -> SendEvent {
        let to = json!({"event_id": self.head.event_id});
        let relation = match self.thread_root() {
            Some(root) => json!({
                "rel_type": "m.thread", "event_id": root, "is_falling_back": false, "m.in_reply_to": to,
            }),
            None => json!({"m.in_reply_to": to}),
        };
        let content = json!({
            "msgtype": msgtype,
            "body": body,
            "m.mentions": {"user_ids": [self.head.sender]},
            "m.relates_to": relation,
        });
        self.room.send_message(&content).answers(self.head.event_id.clone(), self.answers.clone())
    }

    /// Reacts, with an emoji as a rule. As with [`reply`](Self::reply), the room gets each reaction
    /// once.
    ///
    /// In an encrypted room reactions are in the clear, by any client.
    pub fn react(&self, key: impl AsRef<str>) -> SendEvent {
        let key = key.as_ref();
        let relation = json!({"rel_type": "m.annotation", "event_id": self.head.event_id, "key": key});
        let txn_id = crate::TxnId::derived(&self.head.event_id, &format!("react-{key}"));
        self.room.send_event("m.reaction", &json!({"m.relates_to": relation})).txn_id(txn_id).allow_plaintext()
    }
}

impl Relation {
    fn is(&self, rel_type: &str) -> bool {
        self.rel_type.as_deref() == Some(rel_type)
    }
}

impl Head {
    fn read(raw: &Raw<TimelineEvent>) -> Option<Self> {
        let event = raw.head();
        let content = raw.content_of(&event).and_then(|content| content.read_content().ok());
        Some(Self {
            event_type: Some(event.event_type()).filter(|ty| !ty.is_empty())?.into_owned(),
            event_id: event.event_id()?,
            sender: event.sender()?,
            sent_at: event.origin_server_ts(),
            state_key: event.state_key().map(Cow::into_owned),
            // A content of another shape says nothing, but the event is there.
            content: content.unwrap_or_default(),
        })
    }
}

crate::read_object!(Content);
crate::read_object!(Relation);

impl ReadObject for Content {
    fn read_object<'de, A: MapAccess<'de>>(members: &mut Members<'de, A>) -> Result<Self, A::Error> {
        let mut content = Self::default();
        while let Some(key) = members.key()? {
            match &*key {
                "msgtype" => members.value("msgtype", &mut content.msgtype)?,
                "body" => members.value("body", &mut content.body)?,
                "m.relates_to" => members.value("m.relates_to", &mut content.relation)?,
                _ => members.skip()?,
            }
        }
        Ok(content)
    }
}

impl ReadObject for Relation {
    fn read_object<'de, A: MapAccess<'de>>(members: &mut Members<'de, A>) -> Result<Self, A::Error> {
        let (mut rel_type, mut event_id) = (None, None);
        while let Some(key) = members.key()? {
            match &*key {
                "rel_type" => members.value("rel_type", &mut rel_type)?,
                "event_id" => members.value("event_id", &mut event_id)?,
                _ => members.skip()?,
            }
        }
        Ok(Self { rel_type, event_id })
    }
}
