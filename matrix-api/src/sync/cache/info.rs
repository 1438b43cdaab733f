//! One room.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use super::{REDACTION, power::PowerLevels};
use crate::{
    Event, EventHead, EventId, Raw, RoomAlias, UserId,
    room::{creation, creators_stand_above},
};

/// What is known of a room: see [`RoomCache`](super::RoomCache).
///
/// `None` means that the room has no such thing, or one too large to be kept.
#[derive(Clone, Debug, Default)]
pub struct RoomInfo {
    membership: Box<str>,
    name: Named,
    alias: Named,
    encryption: Option<Box<str>>,
    version: Option<Box<str>>,
    creators: Option<Box<[UserId]>>,
    power: Option<PowerLevels>,
    /// Whether there are power levels that are not kept.
    too_large: bool,
}

/// A text, and the event that it comes from: a redaction of that takes it away.
#[derive(Clone, Debug, Default)]
struct Named {
    text: Option<Box<str>>,
    event: u64,
}

/// How many bytes are kept of a name; of an alias; of an algorithm,
/// a version and a membership; of all creators together, with what it takes to keep them apart.
const NAME: usize = 128;
const ALIAS: usize = 128;
const WORD: usize = 40;
const CREATORS: usize = 288;

impl RoomInfo {
    /// Your own membership: `join`, `invite`, `knock`, `leave` or `ban`.
    #[must_use]
    pub fn membership(&self) -> &str {
        &self.membership
    }

    /// The name of the room. Of a very long one the beginning.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.text.as_deref()
    }

    /// The main alias.
    #[must_use]
    pub fn alias(&self) -> Option<RoomAlias> {
        self.alias.text.as_deref().map(RoomAlias::from)
    }

    /// The algorithm by which the room is encrypted, if it is; empty if the room does not say which.
    #[must_use]
    pub fn encryption(&self) -> Option<&str> {
        self.encryption.as_deref()
    }

    /// The version of the room, such as `12`.
    #[must_use]
    pub fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }

    /// Who has created the room, and in version 12 and later who else counts as having done so.
    #[must_use]
    pub fn creators(&self) -> Option<&[UserId]> {
        self.creators.as_deref()
    }

    /// Who may do what, apart from creators: see [`power_level`](Self::power_level).
    #[must_use]
    pub fn power_levels(&self) -> Option<&PowerLevels> {
        self.power.as_ref()
    }

    /// The power level of a user, `i64::MAX` for creators of rooms from version 12 on. `None` if
    /// it is not among what is kept.
    #[must_use]
    pub fn power_level(&self, user: &UserId) -> Option<i64> {
        let created = self.creators.as_ref().is_some_and(|creators| creators.contains(user));
        if created && self.creators_rule() {
            return Some(i64::MAX);
        }
        match &self.power {
            Some(levels) => levels.of(user),
            // A room without power levels belongs to who has created it.
            None if !self.too_large && self.creators.is_some() => Some(if created { 100 } else { 0 }),
            None => None,
        }
    }

    /// Whether a user has the power to send events of this type. `None` if that is not known.
    #[must_use]
    pub fn may_send(&self, user: &UserId, event_type: &str, is_state: bool) -> Option<bool> {
        let needed = match &self.power {
            Some(levels) => levels.needed(event_type, is_state)?,
            None if self.too_large => return None,
            None => 0,
        };
        Some(self.power_level(user)? >= needed)
    }

    fn creators_rule(&self) -> bool {
        self.version.as_deref().is_some_and(creators_stand_above)
    }

    pub(super) fn is_left(&self) -> bool {
        matches!(&*self.membership, "leave" | "ban")
    }

    pub(super) fn set_membership(&mut self, membership: &str) {
        if *self.membership != *membership {
            self.membership = cut(membership, WORD).into();
        }
    }

    /// Takes in an event, if it is one of state or takes one back.
    pub(super) fn apply<E: Event>(&mut self, me: Option<&UserId>, event: &Raw<E>) {
        let head = event.head();
        match (&*head.event_type(), head.state_key().as_deref()) {
            (REDACTION, None) => self.redacted(&head),
            ("m.room.member", Some(user)) if me.is_some_and(|me| me.as_str() == user) => {
                if let Some(membership) = head.content::<String>("membership") {
                    self.set_membership(&membership);
                }
            }
            ("m.room.name", Some("")) => self.name = Named::new(&head, "name", cut),
            ("m.room.canonical_alias", Some("")) => {
                self.alias = Named::new(&head, "alias", |alias, _| if alias.len() <= ALIAS { alias } else { "" });
            }
            ("m.room.encryption", Some("")) => {
                let algorithm: String = head.content("algorithm").unwrap_or_default();
                self.encryption = Some(cut(&algorithm, WORD).into());
            }
            ("m.room.power_levels", Some("")) => {
                let content = head.content_json().and_then(|json| serde_json::from_str(json).ok());
                self.power = PowerLevels::read(&content.unwrap_or_default(), me);
                self.too_large = self.power.is_none();
            }
            ("m.room.create", Some("")) => self.created(&head),
            _ => {}
        }
    }

    fn created(&mut self, head: &EventHead<'_>) {
        let (version, creators) = creation(head);
        self.version = Some(cut(&version, WORD).into());
        let fits =
            creators.iter().map(|creator| creator.as_str().len() + 2 * size_of::<UserId>()).sum::<usize>() <= CREATORS;
        self.creators = fits.then(|| creators.into());
    }

    fn redacted(&mut self, head: &EventHead<'_>) {
        let Some(target) = head.redacts() else { return };
        for named in [&mut self.name, &mut self.alias] {
            if named.event == hash(&target) {
                *named = Named::default();
            }
        }
    }

    /// Bytes that it takes, the pieces on the heap included.
    #[cfg(test)]
    pub(super) fn size(&self) -> usize {
        /// What an allocator adds to each piece.
        const EXTRA: usize = 16;
        let text = |text: &Option<Box<str>>| text.as_ref().map_or(0, |text| text.len() + EXTRA);
        let creators = self.creators.iter().flatten().map(|one| one.as_str().len() + size_of::<UserId>() + EXTRA);
        size_of::<Self>()
            + self.membership.len()
            + EXTRA
            + [&self.name.text, &self.alias.text, &self.encryption, &self.version].map(text).iter().sum::<usize>()
            + creators.sum::<usize>()
            + EXTRA
            + self.power.as_ref().map_or(0, PowerLevels::size)
    }
}

impl Named {
    fn new(head: &EventHead<'_>, name: &str, fit: fn(&str, usize) -> &str) -> Self {
        let text: String = head.content(name).unwrap_or_default();
        let text = fit(&text, NAME);
        Self { text: (!text.is_empty()).then(|| text.into()), event: head.event_id().as_ref().map_or(0, hash) }
    }
}

/// Tells one event from another in a few bytes.
fn hash(event: &EventId) -> u64 {
    let mut hasher = DefaultHasher::new();
    event.hash(&mut hasher);
    hasher.finish()
}

/// The beginning of a text, no more than this many bytes of it.
pub(crate) fn cut(text: &str, most: usize) -> &str {
    let end = (0..=most.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    &text[..end.unwrap_or(0)]
}
