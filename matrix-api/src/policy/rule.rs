use crate::{Event, EventId, Raw, RoomId, UserId, glob};

/// What a rule is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum PolicyKind {
    /// Users, by their ids.
    User,
    /// Rooms, by their ids or aliases.
    Room,
    /// Servers, by their names.
    Server,
}

impl PolicyKind {
    /// By the type of an event, old names of it included.
    pub(super) fn of(event_type: &str) -> Option<Self> {
        let names = ["m.policy.rule.", "m.room.rule.", "org.matrix.mjolnir.rule."];
        match names.iter().find_map(|name| event_type.strip_prefix(name))? {
            "user" => Some(Self::User),
            "room" => Some(Self::Room),
            "server" => Some(Self::Server),
            _ => None,
        }
    }
}

/// A rule of a policy room.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PolicyRule {
    /// The policy room.
    pub room: RoomId,
    /// What it is about.
    pub kind: PolicyKind,
    /// Whom it is about: an id or a name, with `*` for any characters and `?` for one.
    pub entity: String,
    /// What to do: `m.ban`, or whatever the room's people have agreed upon.
    pub recommendation: String,
    /// Why.
    pub reason: String,
    /// Who has set it, if the server says so.
    pub sender: Option<UserId>,
    /// The event that holds it.
    pub event_id: Option<EventId>,
}

impl PolicyRule {
    /// `None` if the event makes no rule: it says not whom it is about, or not what to do.
    pub(super) fn read<T: Event>(room: &RoomId, kind: PolicyKind, event: &Raw<T>) -> Option<Self> {
        let content = event.raw_content()?;
        let text = |name| content.field::<String>(name).ok().flatten();
        Some(Self {
            room: room.clone(),
            kind,
            entity: text("entity")?,
            recommendation: text("recommendation")?,
            reason: text("reason").unwrap_or_default(),
            sender: event.sender(),
            event_id: event.event_id(),
        })
    }

    /// Whether it is the same but for the event.
    pub(super) fn says_the_same(&self, other: &Self) -> bool {
        let parts = |rule: &Self| (rule.entity.clone(), rule.recommendation.clone(), rule.reason.clone());
        parts(self) == parts(other)
    }

    /// Whether it recommends to keep whom it is about out.
    #[must_use]
    pub fn is_ban(&self) -> bool {
        matches!(&*self.recommendation, "m.ban" | "org.matrix.mjolnir.ban")
    }

    /// Whether it is about this id or name. Upper and lower case are the same in names of servers.
    #[must_use]
    pub fn concerns(&self, id: &str) -> bool {
        match self.kind {
            PolicyKind::Server => glob::fits(&self.entity.to_lowercase(), &id.to_lowercase()),
            PolicyKind::User | PolicyKind::Room => glob::fits(&self.entity, id),
        }
    }
}
