//! Who may do what in a room.

use serde_json::{Map, Value};

use crate::UserId;

/// The power levels of a room: see [`RoomInfo`](super::RoomInfo).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PowerLevels {
    /// What it takes to ban.
    pub ban: i64,
    /// What it takes to put somebody out.
    pub kick: i64,
    /// What it takes to take back what others have said.
    pub redact: i64,
    /// What it takes to invite.
    pub invite: i64,
    /// What it takes to send a message, unless there is a level for its type.
    pub events_default: i64,
    /// What it takes to change state, unless there is a level for its type.
    pub state_default: i64,
    /// What everybody has who has no level of their own.
    pub users_default: i64,
    users: Levels,
    events: Levels,
}

/// Levels by name, as many as there is room for. One text, a line each with the level first: rooms
/// have a dozen of these, and an allocation for each name would cost more than the name.
#[derive(Clone, Debug)]
struct Levels {
    lines: Box<str>,
    all: bool,
}

/// How many bytes of users and of types of events are kept.
const USERS: usize = 280;
const EVENTS: usize = 256;

impl PowerLevels {
    /// `None` if there is no content at all.
    pub(super) fn read(content: &Map<String, Value>, me: Option<&UserId>) -> Option<Self> {
        let level = |name: &str, default| content.get(name).and_then(number).unwrap_or(default);
        let levels = |name: &str, budget, first| Levels::read(content.get(name), budget, first);
        Some(Self {
            ban: level("ban", 50),
            kick: level("kick", 50),
            redact: level("redact", 50),
            invite: level("invite", 0),
            events_default: level("events_default", 0),
            state_default: level("state_default", 50),
            users_default: level("users_default", 0),
            users: levels("users", USERS, me.map(UserId::as_str)),
            events: levels("events", EVENTS, Some("m.room.message")),
        })
    }

    /// The level of a user; `None` if it is not among what is kept. Your own always is.
    #[must_use]
    pub fn of(&self, user: &UserId) -> Option<i64> {
        self.users.get(user.as_str(), self.users_default)
    }

    /// The level that it takes to send events of a type; `None` if it is not among what is kept.
    #[must_use]
    pub fn needed(&self, event_type: &str, is_state: bool) -> Option<i64> {
        self.events.get(event_type, if is_state { self.state_default } else { self.events_default })
    }

    #[cfg(test)]
    pub(super) fn size(&self) -> usize {
        self.users.lines.len() + self.events.lines.len() + 32
    }
}

impl Levels {
    /// The one that is named first always finds room.
    fn read(levels: Option<&Value>, budget: usize, first: Option<&str>) -> Self {
        let map = levels.and_then(Value::as_object);
        let first = first.and_then(|first| map?.get_key_value(first));
        let others = map.into_iter().flatten().filter(|(name, _)| Some(*name) != first.map(|(name, _)| name));
        let (mut lines, mut all) = (String::new(), true);
        for (name, level) in first.into_iter().chain(others) {
            let Some(level) = number(level) else { continue };
            let line = format!("{level} {name}\n");
            if lines.len() + line.len() <= budget && !name.contains('\n') {
                lines += &line;
            } else {
                all = false;
            }
        }
        Self { lines: lines.into(), all }
    }

    fn get(&self, name: &str, default: i64) -> Option<i64> {
        let mut lines = self.lines.lines().filter_map(|line| line.split_once(' '));
        match lines.find(|(_, kept)| *kept == name) {
            Some((level, _)) => level.parse().ok(),
            None => self.all.then_some(default),
        }
    }
}

/// Old rooms hold levels as text, and some as fractions.
fn number(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64().or_else(|| Some(number.as_f64()? as i64)),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}
