//! Lists of users, rooms and servers that moderators recommend to keep out.

mod changes;
mod rule;
#[cfg(test)]
mod tests;

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

pub use changes::PolicyChanges;
pub use rule::{PolicyKind, PolicyRule};

use crate::{
    Client, Event, EventId, Raw, Result, RoomId, SyncStream, UserId, client_server::SyncEventsResponse, sync::REDACTION,
};

/// The rules of policy rooms, kept up to date by syncing: see [`Client::policy_list`]. A clone is the same list.
///
/// A policy room is one whose state says what to do about whom: `m.policy.rule.user`, `m.policy.rule.room`,
/// `m.policy.rule.server`. Nothing follows from a rule by itself; what a program does about it is its own affair.
/// See the specification on [moderation policy lists](https://spec.matrix.org/v1.19/client-server-api/#moderation-policy-lists).
///
/// ```no_run
/// use matrix_api::{Client, SyncOptions};
///
/// # async fn example(client: Client) -> matrix_api::Result<()> {
/// let list = client.policy_list(["!policies:example.org"]).await?;
/// let mut changes = list.changes(client.sync_stream(SyncOptions::new()));
/// while let Some(change) = changes.next().await {
///     for rule in change?.added.iter().filter(|rule| rule.is_ban()) {
///         println!("to be kept out: {} ({})", rule.entity, rule.reason);
///     }
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct PolicyList {
    shared: Arc<Mutex<Shared>>,
}

struct Shared {
    rooms: Vec<RoomId>,
    rules: BTreeMap<Place, PolicyRule>,
}

/// Where a rule stands: the room, the type of its event and the state key.
type Place = (RoomId, String, String);

/// What a change of state did to a list: see [`PolicyList::feed`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PolicyChange {
    /// The policy room.
    pub room: RoomId,
    /// The rule that holds from now on.
    pub added: Option<PolicyRule>,
    /// The rule that held before and no longer does.
    pub removed: Option<PolicyRule>,
}

/// More rules than any list has that somebody wants to keep.
const MOST: usize = 200_000;

impl Client {
    /// Reads the rules of policy rooms, which the user has joined.
    ///
    /// # Errors
    ///
    /// [`Error::Api`](crate::Error::Api) with `M_FORBIDDEN` if the user is not in one of them.
    pub async fn policy_list(&self, rooms: impl IntoIterator<Item = impl Into<RoomId>>) -> Result<PolicyList> {
        let rooms: Vec<RoomId> = rooms.into_iter().map(Into::into).collect();
        let mut shared = Shared { rooms: Vec::new(), rules: BTreeMap::new() };
        for room in rooms {
            for event in self.room(&room).state().await? {
                shared.apply(&room, &event);
            }
            shared.rooms.push(room);
        }
        Ok(PolicyList { shared: Arc::new(Mutex::new(shared)) })
    }
}

impl PolicyList {
    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All rules, whatever they recommend.
    #[must_use]
    pub fn rules(&self) -> Vec<PolicyRule> {
        self.lock().rules.values().cloned().collect()
    }

    /// The rules about a user, by the user's id or by their server. One that [bans](PolicyRule::is_ban) is enough
    /// to keep the user out.
    #[must_use]
    pub fn about_user(&self, user: &UserId) -> Vec<PolicyRule> {
        let server = user.server_name();
        self.about(|rule| match rule.kind {
            PolicyKind::User => rule.concerns(user.as_str()),
            PolicyKind::Server => server.is_some_and(|server| rule.concerns(server)),
            PolicyKind::Room => false,
        })
    }

    /// The rules about a server.
    #[must_use]
    pub fn about_server(&self, server: impl AsRef<str>) -> Vec<PolicyRule> {
        self.about(|rule| rule.kind == PolicyKind::Server && rule.concerns(server.as_ref()))
    }

    /// The rules about a room, by its id or an alias.
    #[must_use]
    pub fn about_room(&self, room: impl AsRef<str>) -> Vec<PolicyRule> {
        self.about(|rule| rule.kind == PolicyKind::Room && rule.concerns(room.as_ref()))
    }

    fn about(&self, concerned: impl Fn(&PolicyRule) -> bool) -> Vec<PolicyRule> {
        self.lock().rules.values().filter(|rule| concerned(rule)).cloned().collect()
    }

    /// Takes in what a sync has brought, and says what has changed. For a program that syncs anyway; others go
    /// through [`changes`](Self::changes). The sync must let state of policy rooms pass.
    pub fn feed(&self, response: &SyncEventsResponse) -> Vec<PolicyChange> {
        let mut shared = self.lock();
        let mut changes = Vec::new();
        for room in shared.rooms.clone() {
            let Some(joined) = response.joined(&room) else { continue };
            let timeline = joined.timeline.iter().flat_map(|batch| &batch.events);
            // State before the timeline and then the timeline, or state after it. A redaction changes no state.
            match &joined.state_after {
                Some(after) => {
                    shared.all(&room, timeline.filter(|event| event.event_type() == REDACTION), &mut changes);
                    shared.all(&room, &after.events, &mut changes);
                }
                None => {
                    shared.all(&room, joined.state.iter().flat_map(|batch| &batch.events), &mut changes);
                    shared.all(&room, timeline, &mut changes);
                }
            }
        }
        changes
    }

    /// The changes of the list from now on, one by one, from a sync that is for nothing else.
    pub fn changes(&self, sync: SyncStream) -> PolicyChanges {
        PolicyChanges::new(self.clone(), sync)
    }
}

impl Shared {
    fn all<'a, T: Event + 'a>(
        &mut self,
        room: &RoomId,
        events: impl IntoIterator<Item = &'a Raw<T>>,
        changes: &mut Vec<PolicyChange>,
    ) {
        changes.extend(events.into_iter().filter_map(|event| self.apply(room, event)));
    }

    /// Takes in an event, if it is one of a rule; one that is emptied or redacted takes the rule away.
    fn apply<T: Event>(&mut self, room: &RoomId, event: &Raw<T>) -> Option<PolicyChange> {
        let head = event.head();
        let event_type = head.event_type();
        if event_type == REDACTION {
            return self.redact(room, &head.redacts()?);
        }
        let kind = PolicyKind::of(&event_type)?;
        let place = (room.clone(), event_type.into_owned(), head.state_key()?.into_owned());
        let added = PolicyRule::read(room, kind, &head);
        let known = self.rules.get(&place);
        if added.is_some() && known.is_none() && self.rules.len() >= MOST {
            return None;
        }
        let same = match (known, &added) {
            (Some(known), Some(added)) => known.says_the_same(added),
            (known, added) => known.is_none() && added.is_none(),
        };
        let removed = match &added {
            Some(rule) => self.rules.insert(place, rule.clone()),
            None => self.rules.remove(&place),
        };
        (!same).then(|| PolicyChange { room: room.clone(), added, removed })
    }

    /// A redaction comes without the event that it empties.
    fn redact(&mut self, room: &RoomId, event: &EventId) -> Option<PolicyChange> {
        let holds = |rule: &PolicyRule| rule.room == *room && rule.event_id.as_ref() == Some(event);
        let place = self.rules.iter().find(|(_, rule)| holds(rule))?.0.clone();
        let removed = self.rules.remove(&place);
        Some(PolicyChange { room: room.clone(), added: None, removed })
    }
}

impl fmt::Debug for PolicyList {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shared = self.lock();
        write!(out, "PolicyList({} rooms, {} rules)", shared.rooms.len(), shared.rules.len())
    }
}
