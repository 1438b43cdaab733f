//! What an event is to another.

use crate::{
    EventId, UserId,
    events::{
        InReplyTo, Mentions, Reaction, RelatesTo, RelationType, RoomMessage,
        reaction::{Annotation, AnnotationType},
    },
};

impl RoomMessage {
    /// Makes it a reply to an event.
    #[must_use]
    pub fn reply_to(mut self, event: impl Into<EventId>) -> Self {
        let relation = self.relates_to_mut().get_or_insert_with(RelatesTo::new);
        relation.in_reply_to = Some(InReplyTo::new(event));
        // Within a thread it is now a reply for everybody.
        relation.is_falling_back = relation.is_falling_back.map(|_| false);
        self
    }

    /// Puts it into the thread that begins with an event. `last` is the thread's latest event,
    /// which clients without threads show it as a reply to; the first one if unknown.
    #[must_use]
    pub fn in_thread(mut self, root: impl Into<EventId>, last: Option<EventId>) -> Self {
        let root = root.into();
        let reply = self.relates_to().and_then(|relation| relation.in_reply_to.clone());
        let relation = RelatesTo::new().rel_type(RelationType::Thread).event_id(root.clone());
        let falling_back = reply.is_none();
        let reply = reply.unwrap_or_else(|| InReplyTo::new(last.unwrap_or(root)));
        *self.relates_to_mut() = Some(relation.in_reply_to(reply).is_falling_back(falling_back));
        self
    }

    /// Makes it an edit: the message that takes the place of an event of the same sender.
    ///
    /// Clients that know no edits show it as a message of its own, marked with an asterisk.
    #[must_use]
    pub fn replace(mut self, event: impl Into<EventId>) -> Self {
        // What an edit is to other events cannot be changed.
        *self.relates_to_mut() = None;
        let mut edit = self.clone();
        edit.mark();
        *edit.new_content_mut() = Some(Box::new(self));
        let relation = RelatesTo::new().rel_type(RelationType::Replace).event_id(event);
        *edit.relates_to_mut() = Some(relation);
        // Who was mentioned already is not notified again.
        if let Some(mentions) = edit.mentions_mut() {
            *mentions = Mentions::new();
        }
        edit
    }

    /// Puts an asterisk before the text.
    fn mark(&mut self) {
        let (body, html) = match self {
            Self::Text(message) => (&mut message.body, message.formatted_body.as_mut()),
            Self::Notice(message) => (&mut message.body, message.formatted_body.as_mut()),
            Self::Emote(message) => (&mut message.body, message.formatted_body.as_mut()),
            _ => return,
        };
        for text in [Some(body), html].into_iter().flatten() {
            text.insert_str(0, "* ");
        }
    }

    /// Mentions users, so that they are notified.
    #[must_use]
    pub fn mention(mut self, users: impl IntoIterator<Item = impl Into<UserId>>) -> Self {
        let mentions = self.mentions_mut().get_or_insert_with(Mentions::new);
        mentions.user_ids.get_or_insert_default().extend(users.into_iter().map(Into::into));
        self
    }

    /// Mentions everybody in the room, if the sender may.
    #[must_use]
    pub fn mention_room(mut self) -> Self {
        self.mentions_mut().get_or_insert_with(Mentions::new).room = Some(true);
        self
    }

    /// The event that it takes the place of, if it is an edit.
    #[must_use]
    pub fn replaces(&self) -> Option<&EventId> {
        self.relates_to().and_then(RelatesTo::replaces)
    }
}

impl RelatesTo {
    fn is(&self, kind: &RelationType) -> bool {
        self.rel_type.as_ref() == Some(kind)
    }

    /// The event that is replied to; not that of a thread's message for clients without threads.
    #[must_use]
    pub fn replies_to(&self) -> Option<&EventId> {
        let falling_back = self.is(&RelationType::Thread) && self.is_falling_back == Some(true);
        self.in_reply_to.as_ref().filter(|_| !falling_back).map(|reply| &reply.event_id)
    }

    /// The event that the thread begins with.
    #[must_use]
    pub fn thread(&self) -> Option<&EventId> {
        self.event_id.as_ref().filter(|_| self.is(&RelationType::Thread))
    }

    /// The event that is edited.
    #[must_use]
    pub fn replaces(&self) -> Option<&EventId> {
        self.event_id.as_ref().filter(|_| self.is(&RelationType::Replace))
    }
}

impl Reaction {
    /// A reaction to an event, such as `👍`.
    pub fn to(event: impl Into<EventId>, key: impl Into<String>) -> Self {
        let relation = Annotation::new().rel_type(AnnotationType::Annotation).event_id(event).key(key);
        Self::new().relates_to(relation)
    }
}
