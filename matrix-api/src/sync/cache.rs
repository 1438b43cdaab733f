//! What rooms are like, kept up to date by syncing.

mod info;
mod power;
#[cfg(test)]
mod tests;

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde_json::Value;

pub use info::RoomInfo;
#[cfg(feature = "events")]
pub(crate) use info::cut;
pub use power::PowerLevels;

use crate::{
    Event, EventHead, Raw, RoomId, UserId,
    client_server::{
        SyncEventsResponse,
        sync_events::{JoinedRoom, LeftRoom},
        types::{StateEventBatch, TimelineBatch},
    },
};

/// What rooms are like: names, encryption, versions, who may do what, and which are direct chats.
///
/// Opt-in, by [`SyncOptions::cache`](super::SyncOptions::cache), and then fed by that sync alone. A
/// room takes less than 2 KiB, however large its state is: what does not fit is not kept, and its
/// accessor says `None`, which always means that the server has to be asked.
///
/// It is a copy of what the last batch said. Timelines with gaps do no harm, since servers tell the
/// state of a room across them. A filter that leaves out state does: let `m.room.*` pass.
///
/// ```no_run
/// use matrix_api::{Client, RoomCache, SyncOptions};
///
/// # async fn example(client: Client) -> matrix_api::Result<()> {
/// let rooms = RoomCache::new(10_000);
/// let mut stream = client.sync_stream(SyncOptions::new().cache(&rooms));
/// while let Some(batch) = stream.next().await {
///     for message in batch?.questions() {
///         let room = rooms.room(message.room().id());
///         println!("in {:?}", room.as_ref().and_then(|room| room.name()));
///     }
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct RoomCache {
    shared: Arc<Mutex<Shared>>,
}

struct Shared {
    most: usize,
    primed: bool,
    complete: bool,
    rooms: BTreeMap<RoomId, RoomInfo>,
    direct: BTreeMap<RoomId, UserId>,
}

/// The type of an event that empties another.
pub(crate) const REDACTION: &str = "m.room.redaction";
/// Longer ids are not valid and not kept.
const LONGEST_ID: usize = 255;
/// Direct chats with ids longer than this are not kept; nobody has them.
const LONGEST_DIRECT: usize = 112;

impl RoomCache {
    /// A cache of at most this many rooms. When it is full, rooms that the user has left make room
    /// for others.
    #[must_use]
    pub fn new(most: usize) -> Self {
        let shared = Shared { most, primed: false, complete: true, rooms: BTreeMap::new(), direct: BTreeMap::new() };
        Self { shared: Arc::new(Mutex::new(shared)) }
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is known of a room that the user is in, is invited to or has left since the program
    /// began.
    #[must_use]
    pub fn room(&self, room: impl AsRef<str>) -> Option<RoomInfo> {
        self.lock().rooms.get(room.as_ref()).cloned()
    }

    /// The rooms that are kept.
    #[must_use]
    pub fn rooms(&self) -> Vec<RoomId> {
        self.lock().rooms.keys().cloned().collect()
    }

    /// Whether every room is there. If not, there are more than the cache may keep.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        let shared = self.lock();
        shared.primed && shared.complete
    }

    /// The direct chats with a user, by the account data `m.direct`.
    #[must_use]
    pub fn direct_rooms(&self, user: &UserId) -> Vec<RoomId> {
        let shared = self.lock();
        shared.direct.iter().filter(|(_, with)| *with == user).map(|(room, _)| room.clone()).collect()
    }

    /// With whom a room is a direct chat, if it is one.
    #[must_use]
    pub fn direct_with(&self, room: impl AsRef<str>) -> Option<UserId> {
        self.lock().direct.get(room.as_ref()).cloned()
    }

    /// Whether it has seen the whole state of all rooms.
    pub(super) fn is_primed(&self) -> bool {
        self.lock().primed
    }

    /// Takes in what a batch says. One without `since` is a snapshot.
    pub(super) fn feed(&self, me: Option<&UserId>, since: Option<&str>, response: &SyncEventsResponse) {
        let mut shared = self.lock();
        if since.is_none() {
            shared.rooms.clear();
            shared.complete = true;
        }
        shared.primed = true;
        if let Some(data) = &response.account_data {
            for event in &data.events {
                shared.direct(&event.head());
            }
        }
        let Some(rooms) = &response.rooms else { return };
        for (id, room) in &rooms.leave {
            shared.leave(me, id, room);
        }
        for (id, room) in &rooms.invite {
            let state = room.invite_state.as_ref().map_or(&[][..], |state| &state.events);
            shared.outside(me, id, "invite", state);
        }
        for (id, room) in &rooms.knock {
            let state = room.knock_state.as_ref().map_or(&[][..], |state| &state.events);
            shared.outside(me, id, "knock", state);
        }
        for (id, room) in &rooms.join {
            shared.join(me, id, room);
        }
    }
}

impl Shared {
    /// The entry of a room, if there is room for it.
    fn entry(&mut self, id: &RoomId) -> Option<&mut RoomInfo> {
        if id.as_str().len() > LONGEST_ID {
            self.complete = false;
            return None;
        }
        if !self.rooms.contains_key(id) && self.rooms.len() >= self.most {
            let left = self.rooms.iter().find(|(_, room)| room.is_left()).map(|(left, _)| left.clone());
            match left {
                Some(left) => drop(self.rooms.remove(&left)),
                None => {
                    self.complete = false;
                    return None;
                }
            }
        }
        Some(self.rooms.entry(id.clone()).or_default())
    }

    fn join(&mut self, me: Option<&UserId>, id: &RoomId, room: &JoinedRoom) {
        let Some(info) = self.entry(id) else { return };
        if info.membership() != "join" {
            // A room that one has just come into is told of from the beginning.
            *info = RoomInfo::default();
        }
        info.set_membership("join");
        apply(info, me, &room.state, &room.state_after, &room.timeline);
    }

    fn leave(&mut self, me: Option<&UserId>, id: &RoomId, room: &LeftRoom) {
        if !self.rooms.contains_key(id) {
            return;
        }
        let Some(info) = self.entry(id) else { return };
        info.set_membership("leave");
        apply(info, me, &room.state, &room.state_after, &room.timeline);
    }

    fn outside<E: Event>(&mut self, me: Option<&UserId>, id: &RoomId, membership: &str, state: &[Raw<E>]) {
        let Some(info) = self.entry(id) else { return };
        *info = RoomInfo::default();
        info.set_membership(membership);
        state.iter().for_each(|event| info.apply(me, event));
    }

    fn direct(&mut self, event: &EventHead<'_>) {
        if event.event_type() != "m.direct" {
            return;
        }
        let content = event.content_json().and_then(|json| serde_json::from_str(json).ok());
        let Some(users): Option<BTreeMap<String, Value>> = content else { return };
        let rooms = users.iter().flat_map(|(user, rooms)| {
            let rooms = rooms.as_array().map_or(&[][..], Vec::as_slice);
            rooms.iter().filter_map(move |room| Some((room.as_str()?, user)))
        });
        let fits = |(room, user): &(&str, &String)| room.len() <= LONGEST_DIRECT && user.len() <= LONGEST_DIRECT;
        let kept = rooms.filter(fits).take(self.most);
        self.direct = kept.map(|(room, user)| (RoomId::from(room), UserId::from(user))).collect();
    }
}

/// State as it was before the timeline and then the timeline, or, if the server tells it, state as
/// it is after the timeline and what was taken back in it: a redaction changes no state.
fn apply(
    info: &mut RoomInfo,
    me: Option<&UserId>,
    before: &Option<StateEventBatch>,
    after: &Option<StateEventBatch>,
    timeline: &Option<TimelineBatch>,
) {
    let timeline = timeline.iter().flat_map(|batch| &batch.events);
    if let Some(after) = after {
        timeline.filter(|event| event.event_type() == REDACTION).for_each(|event| info.apply(me, event));
        after.events.iter().for_each(|event| info.apply(me, event));
        return;
    }
    let before = before.iter().flat_map(|batch| &batch.events);
    before.for_each(|event| info.apply(me, event));
    timeline.for_each(|event| info.apply(me, event));
}

impl fmt::Debug for RoomCache {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "RoomCache({} rooms)", self.lock().rooms.len())
    }
}
