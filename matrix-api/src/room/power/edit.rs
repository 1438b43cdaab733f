//! Changing one level beside others who change theirs.

#[cfg(test)]
mod tests;

use std::{
    hash::{BuildHasher, BuildHasherDefault, DefaultHasher},
    time::Duration,
};

use serde_json::{Map, Value};

use crate::{
    Error, EventId, Raw, Result, Room, TimelineEvent, UserId,
    client::exchange::roll,
    client_server::{GetRoomEvents, get_room_events::Direction, types::RoomEventFilter},
    error::{RoomError, RoomErrorKind},
};

const LEVELS: &str = "m.room.power_levels";
/// How often it is written before somebody else is said to be in the way.
const ATTEMPTS: u32 = 20;
/// How often others are given time to come to rest before the next write.
const LOOKS: u32 = 5;
/// How many changes are looked back upon: as many as a server gives at once.
const LOOKED_BACK: i64 = 100;
/// How long somebody who came later has to make room.
const GRACE: Duration = Duration::from_millis(500);
/// From how many versions before it a change may come.
const BASES: usize = 16;

type Content = Map<String, Value>;

/// The event as it was at some time.
#[derive(Clone, Debug, PartialEq)]
struct Version {
    /// `None` if there was none, or if the server does not say which it was.
    id: Option<EventId>,
    content: Content,
}

/// Where a level stands: a member, or a member of a member.
type Spot = (String, Option<String>);

/// What is to be where.
struct Wish {
    spot: Spot,
    value: Option<Value>,
}

/// Somebody else with another wish for the same spot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rival {
    /// They wrote before us.
    First,
    /// They wrote after us.
    Later,
}

/// One's own changes of a room follow one another: only others are rivals. Rooms share a few locks.
#[derive(Default)]
pub(crate) struct Turns([tokio::sync::Mutex<()>; 16]);

impl Turns {
    async fn wait(&self, room: &Room) -> tokio::sync::MutexGuard<'_, ()> {
        let hash = BuildHasherDefault::<DefaultHasher>::default().hash_one(room.id().as_str());
        self.0[hash as usize % self.0.len()].lock().await
    }
}

/// One's own wish and writes, and what is known of those of others.
struct Writer {
    wish: Wish,
    mine: Vec<EventId>,
    /// What the room had been through when it was read, the oldest first.
    before: Vec<Version>,
    /// What was read then.
    seen: Version,
    /// What came after that, as far as it was ever shown.
    log: Vec<Version>,
}

pub(super) async fn set_level(room: &Room, creators: &[UserId], user: &UserId, level: i64) -> Result<()> {
    let _turn = room.client().inner.power_turns.wait(room).await;
    let wish = Wish { spot: ("users".to_owned(), Some(user.as_str().to_owned())), value: Some(level.into()) };
    let before = history(room).await?;
    let seen = read(room, creators).await?;
    let mut content = seen.content.clone();
    put(&mut content, &wish.spot, wish.value.clone());
    if content == seen.content {
        return Ok(());
    }
    let mut writer = Writer { wish, mine: Vec::new(), before, seen, log: Vec::new() };
    for attempt in 1..=ATTEMPTS {
        writer.mine.push(room.set_state(LEVELS, "", &content).await?);
        let now = writer.look(room, creators).await?;
        let (wanted, rival) = writer.replay();
        let settled = wanted == now.content;
        match rival {
            None if settled => return Ok(()),
            // Whoever has lost as well puts back what was written over others, and looks whether it stayed.
            _ if !settled => {}
            Some(Rival::First) => return Err(refusal(room, RoomErrorKind::Conflict)),
            _ => {
                // If they do as it is done here, they will put it back.
                tokio::time::sleep(GRACE).await;
                let after = read(room, creators).await?.content;
                let held = get(&after, &writer.wish.spot) == writer.wish.value.as_ref();
                return if held { Ok(()) } else { Err(refusal(room, RoomErrorKind::Conflict)) };
            }
        }
        content = wanted;
        if rival.is_none() {
            let longest = Duration::from_millis(40 * u64::from(attempt.min(5)));
            tokio::time::sleep(longest.mul_f64(f64::from(roll()) / f64::from(u32::MAX))).await;
        }
    }
    Err(refusal(room, RoomErrorKind::Contended))
}

fn refusal(room: &Room, kind: RoomErrorKind) -> Error {
    RoomError::new("set_user_power", room.id().as_str(), kind).into()
}

impl Writer {
    /// Learns how it came about, and returns what holds.
    async fn look(&mut self, room: &Room, creators: &[UserId]) -> Result<Version> {
        let mut now = read(room, creators).await?;
        let mut shown = Vec::new();
        for _ in 0..LOOKS {
            shown = history(room).await?;
            let quiet = shown.iter().all(|version| self.is_mine(version) || is_in(&self.before, version));
            // While others are at it, the two must be of one time.
            let again = if quiet { now.clone() } else { read(room, creators).await? };
            if again == now {
                break;
            }
            now = again;
        }
        // Where others never rest the next write shows what was missed.
        self.learn(shown, &now);
        Ok(now)
    }

    /// Takes in the last versions, and the one that holds. What was learned before them is kept: a server shows a
    /// hundred at most, and none to who may not look back.
    fn learn(&mut self, shown: Vec<Version>, now: &Version) {
        let since = shown.iter().position(|version| version.id == self.seen.id).map_or(0, |at| at + 1);
        // What was known before may have lost against what was seen, and counts for nothing.
        let new: Vec<_> = shown.into_iter().skip(since).filter(|version| !is_in(&self.before, version)).collect();
        let known = |first: &Version| self.log.iter().position(|version| version.id == first.id);
        self.log.truncate(new.first().and_then(known).unwrap_or(self.log.len()));
        self.log.extend(new);
        let told = [&self.before, &self.log].into_iter().any(|log| is_in(log, now));
        if !told && *now != self.seen {
            self.log.push(now.clone());
        }
    }

    fn is_mine(&self, version: &Version) -> bool {
        version.id.as_ref().is_some_and(|id| self.mine.contains(id))
    }

    /// What should hold after all changes since a version was seen, one's own wish among them unless somebody else
    /// has another for the same spot.
    ///
    /// An event holds all levels, so who wrote it without knowing of the one before has taken that back unasked. What
    /// they meant to change is taken to be the difference from the version before it that it differs least from.
    fn replay(&self) -> (Content, Option<Rival>) {
        let (mut wanted, mut rival, mut written) = (self.seen.content.clone(), None, false);
        for (at, version) in self.log.iter().enumerate() {
            if self.is_mine(version) {
                written = true;
                continue;
            }
            let before = self.before.iter().chain([&self.seen]).chain(&self.log[..at]).rev().take(BASES);
            let meant = before.map(|base| changes(&base.content, &version.content)).min_by_key(|meant| effort(meant));
            for (spot, value) in meant.unwrap_or_default() {
                // Whoever leaves it as it was has no wish for it.
                let other = value != self.wish.value && value.as_ref() != get(&self.seen.content, &spot);
                if spot == self.wish.spot && other {
                    rival.get_or_insert(if written { Rival::Later } else { Rival::First });
                }
                put(&mut wanted, &spot, value);
            }
        }
        if rival.is_none() {
            put(&mut wanted, &self.wish.spot, self.wish.value.clone());
        }
        (wanted, rival)
    }
}

/// Whether a version is among these. Without ids the content tells.
fn is_in(log: &[Version], version: &Version) -> bool {
    log.iter().any(|known| match &version.id {
        Some(_) => known.id == version.id,
        None => known.content == version.content,
    })
}

/// How much somebody has done by these changes. They rather did not know of a level than took it away.
fn effort(changes: &[(Spot, Option<Value>)]) -> usize {
    changes.iter().map(|(_, value)| if value.is_some() { 1 } else { 3 }).sum()
}

async fn read(room: &Room, creators: &[UserId]) -> Result<Version> {
    let Some(event) = room.whole_state_event(LEVELS, "").await? else {
        // Without the event creators have this level; with it only if it says so.
        let users: Content = creators.iter().map(|creator| (creator.as_str().to_owned(), 100.into())).collect();
        let content = [("users".to_owned(), users.into())].into_iter().collect();
        return Ok(Version { id: None, content });
    };
    match event.raw_content() {
        Some(content) => Ok(Version { id: event.event_id(), content: content.parse()? }),
        // A server that knows contents only.
        None => Ok(Version { id: None, content: event.parse()? }),
    }
}

/// The last versions, the oldest first.
async fn history(room: &Room) -> Result<Vec<Version>> {
    let changes = RoomEventFilter::new().types([LEVELS]);
    let request = GetRoomEvents::new(room.id(), Direction::Backward).limit(LOOKED_BACK).filter(changes);
    let events = room.client().send(request).await?.chunk.into_iter().rev();
    let read = |event: Raw<TimelineEvent>| {
        let content = event.raw_content()?.parse().ok()?;
        event.state_key()?.is_empty().then_some(Version { id: Some(event.event_id()?), content })
    };
    Ok(events.filter_map(read).collect())
}

/// What is to be done to make one of the other.
fn changes(from: &Content, to: &Content) -> Vec<(Spot, Option<Value>)> {
    let spots = |content: &Content| -> Vec<Spot> {
        content
            .iter()
            .flat_map(|(name, value)| match value {
                Value::Object(inner) => inner.keys().map(|key| (name.clone(), Some(key.clone()))).collect(),
                _ => vec![(name.clone(), None)],
            })
            .collect()
    };
    let mut all = spots(from);
    all.extend(spots(to));
    all.sort();
    all.dedup();
    all.retain(|spot| get(from, spot) != get(to, spot));
    let valued = |spot: Spot| {
        let value = get(to, &spot).cloned();
        (spot, value)
    };
    all.into_iter().map(valued).collect()
}

fn get<'a>(content: &'a Content, (name, key): &Spot) -> Option<&'a Value> {
    let value = content.get(name)?;
    match key {
        Some(key) => value.as_object()?.get(key),
        None => Some(value),
    }
}

fn put(content: &mut Content, (name, key): &Spot, value: Option<Value>) {
    let (place, name) = match key {
        None => (content, name),
        Some(key) => {
            let inner = content.entry(name).or_insert_with(|| Map::new().into());
            if !inner.is_object() {
                *inner = Map::new().into();
            }
            let Value::Object(inner) = inner else { return };
            (inner, key)
        }
    };
    match value {
        Some(value) => drop(place.insert(name.clone(), value)),
        None => drop(place.remove(name)),
    }
}
