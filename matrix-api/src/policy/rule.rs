use crate::{EventHead, EventId, RoomId, UserId, glob, sync::cut};

/// More bytes than any id or pattern needs, and as many as are kept of a reason.
const LONGEST: usize = 1024;

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
    /// Why; of a very long reason the beginning.
    pub reason: String,
    /// Who has set it, if the server says so.
    pub sender: Option<UserId>,
    /// The event that holds it.
    pub event_id: Option<EventId>,
}

impl PolicyRule {
    /// `None` if the event makes no rule: it says not whom it is about, or not what to do, or so at great length.
    pub(super) fn read(room: &RoomId, kind: PolicyKind, head: &EventHead<'_>) -> Option<Self> {
        let needed = |name| head.content::<String>(name).filter(|text| text.len() <= LONGEST);
        let reason: Option<String> = head.content("reason");
        Some(Self {
            room: room.clone(),
            kind,
            entity: needed("entity")?,
            recommendation: needed("recommendation")?,
            reason: cut(reason.as_deref().unwrap_or_default(), LONGEST).to_owned(),
            sender: head.sender(),
            event_id: head.event_id(),
        })
    }

    /// Whether it is the same but for the event.
    pub(super) fn says_the_same(&self, other: &Self) -> bool {
        (&self.entity, &self.recommendation, &self.reason) == (&other.entity, &other.recommendation, &other.reason)
    }

    /// Whether it recommends to keep whom it is about out.
    #[must_use]
    pub fn is_ban(&self) -> bool {
        matches!(&*self.recommendation, "m.ban" | "org.matrix.mjolnir.ban")
    }

    /// Whether it is about this id or name. In names of servers upper and lower case are the same, and a port does
    /// not count.
    #[must_use]
    pub fn concerns(&self, id: &str) -> bool {
        match self.kind {
            PolicyKind::Server => glob::fits_server(&self.entity, id),
            PolicyKind::User | PolicyKind::Room => glob::fits(&self.entity, id),
        }
    }
}
