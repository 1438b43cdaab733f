//! Changing one level beside others who change theirs.

use std::{
    collections::BTreeSet,
    hash::{BuildHasher, BuildHasherDefault, DefaultHasher},
    time::Duration,
};

use serde_json::{Map, Value};

use crate::{
    EventId, Raw, Result, Room, TimelineEvent, UserId,
    client::exchange::roll,
    client_server::{GetRoomEvents, get_room_events::Direction, types::RoomEventFilter},
    error::{RoomError, RoomErrorKind},
};

const LEVELS: &str = "m.room.power_levels";
/// How often it is written before somebody else is said to be in the way.
const ATTEMPTS: u32 = 20;
/// How many changes are looked back upon: as many as a server gives at once.
const LOOKED_BACK: i64 = 100;
/// How long somebody who came later has to make room.
const GRACE: Duration = Duration::from_millis(500);
/// From how many versions before it a change may come.
const BASES: usize = 16;

type Content = Map<String, Value>;

/// The event as it was at some time.
#[derive(Clone)]
struct Version {
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
        self.0[(hash % 16) as usize].lock().await
    }
}

pub(super) async fn set_level(room: &Room, creators: &[UserId], user: &UserId, level: i64) -> Result<()> {
    let _turn = room.client().inner.power_turns.wait(room).await;
    let wish = Wish { spot: ("users".to_owned(), Some(user.as_str().to_owned())), value: Some(level.into()) };
    let known: BTreeSet<EventId> = history(room).await?.into_iter().filter_map(|version| version.id).collect();
    let seen = read(room, creators).await?;
    let mut content = seen.content.clone();
    put(&mut content, &wish.spot, wish.value.clone());
    if content == seen.content {
        return Ok(());
    }
    let mut mine = Vec::new();
    for attempt in 1..=ATTEMPTS {
        mine.push(room.set_state(LEVELS, "", &content).await?);
        let (now, log) = look(room, creators, &seen, &known, &mine).await?;
        let (wanted, rival) = replay(&seen, &log, &known, &mine, &wish);
        let settled = wanted == now.content;
        match rival {
            None if settled => return Ok(()),
            None => {}
            Some(Rival::First) => {
                if !settled {
                    // What was written over them is put back.
                    room.set_state(LEVELS, "", &wanted).await?;
                }
                break;
            }
            Some(Rival::Later) => {
                // If they do as it is done here, they will put it back.
                tokio::time::sleep(GRACE).await;
                if get(&read(room, creators).await?.content, &wish.spot) == wish.value.as_ref() {
                    return Ok(());
                }
                break;
            }
        }
        content = wanted;
        tokio::time::sleep(
            Duration::from_millis(40 * u64::from(attempt.min(5))).mul_f64(f64::from(roll()) / f64::from(u32::MAX)),
        )
        .await;
    }
    Err(RoomError::new("set_user_power", room.id().as_str(), RoomErrorKind::Conflict).into())
}

/// What holds, and how it came about, as far as that can be told.
async fn look(
    room: &Room,
    creators: &[UserId],
    seen: &Version,
    known: &BTreeSet<EventId>,
    mine: &[EventId],
) -> Result<(Version, Vec<Version>)> {
    let mut now = read(room, creators).await?;
    loop {
        let mut log = history(room).await?;
        if seen.id.is_some() && !log.iter().any(|version| version.id == seen.id) {
            log.clear();
        }
        let old = |version: &Version| version.id.as_ref().is_none_or(|id| mine.contains(id) || known.contains(id));
        if log.iter().all(old) {
            return Ok((now, log));
        }
        // Others are at it: the two must be of one time.
        let again = read(room, creators).await?;
        if again.id == now.id {
            return Ok((now, log));
        }
        now = again;
    }
}

/// What should hold after all changes since a version was seen, one's own wish among them unless somebody else has
/// another for the same spot.
///
/// An event holds all levels, so who wrote it without knowing of the one before has taken that back unasked. What
/// they meant to change is taken to be the difference from the version before it that it differs least from. What was
/// known before the version was seen counts for nothing but that: it may have lost against it.
fn replay(
    seen: &Version,
    log: &[Version],
    known: &BTreeSet<EventId>,
    mine: &[EventId],
    wish: &Wish,
) -> (Content, Option<Rival>) {
    let since = log.iter().position(|version| version.id == seen.id).map_or(0, |at| at + 1);
    let (mut wanted, mut rival, mut written) = (seen.content.clone(), None, false);
    for (at, version) in log.iter().enumerate().skip(since) {
        if version.id.as_ref().is_some_and(|id| mine.contains(id)) {
            written = true;
            continue;
        }
        if version.id.as_ref().is_some_and(|id| known.contains(id)) {
            continue;
        }
        let before = log[..at].iter().rev().take(BASES).chain(if since == 0 { Some(seen) } else { None });
        let meant = before.map(|base| changes(&base.content, &version.content)).min_by_key(|meant| effort(meant));
        for (spot, value) in meant.unwrap_or_default() {
            // Whoever leaves it as it was has no wish for it.
            let other = value != wish.value && value.as_ref() != get(&seen.content, &spot);
            if spot == wish.spot && other {
                rival.get_or_insert(if written { Rival::Later } else { Rival::First });
            }
            put(&mut wanted, &spot, value);
        }
    }
    if rival.is_none() {
        put(&mut wanted, &wish.spot, wish.value.clone());
    }
    (wanted, rival)
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
        // A server that knows contents only: this version is not to be found again.
        None => Ok(Version { id: Some("".into()), content: event.parse()? }),
    }
}

/// The last versions, the oldest first.
async fn history(room: &Room) -> Result<Vec<Version>> {
    let changes = RoomEventFilter::new().types([LEVELS]);
    let request = GetRoomEvents::new(room.id(), Direction::Backward).limit(LOOKED_BACK).filter(changes);
    let events = room.client().send(request).await?.chunk.into_iter().rev();
    let read = |event: Raw<TimelineEvent>| {
        let content = event.raw_content()?.parse().ok()?;
        event.state_key()?.is_empty().then(|| Version { id: event.event_id(), content })
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
    all.into_iter().map(|spot| (get(to, &spot).cloned(), spot)).map(|(value, spot)| (spot, value)).collect()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json;

    fn version(id: &str, content: Value) -> Version {
        let Value::Object(content) = content else { panic!("no object") };
        Version { id: Some(id.into()), content }
    }

    /// Somebody has seen `$0` and sets the level of `a` to 50, in `$mine`.
    fn replayed(log: &[(&str, Value)]) -> (Value, Option<Rival>) {
        let log: Vec<_> = log.iter().map(|(id, content)| version(id, content.clone())).collect();
        let wish = Wish { spot: ("users".to_owned(), Some("a".to_owned())), value: Some(50.into()) };
        let known = ["$old".into(), "$0".into(), "$lost".into()].into();
        let (wanted, rival) = replay(&version("$0", seen()), &log, &known, &["$mine".into()], &wish);
        (wanted.into(), rival)
    }

    fn seen() -> Value {
        json!({"users": {"me": 100, "a": 0, "b": 0}, "x": 1})
    }

    fn ours() -> Value {
        json!({"users": {"me": 100, "a": 50, "b": 0}, "x": 1})
    }

    #[test]
    fn nobody_else_wrote() {
        assert_eq!(replayed(&[("$0", seen()), ("$mine", ours())]), (ours(), None));
        // Nor is anything known of others where no history can be had.
        assert_eq!(replayed(&[]), (ours(), None));
    }

    #[test]
    fn what_others_meant_is_kept_in_any_order() {
        let theirs = json!({"users": {"me": 100, "a": 0, "b": 25}, "y": [2], "events": {"t": 3}});
        let both = json!({"users": {"me": 100, "a": 50, "b": 25}, "y": [2], "events": {"t": 3}});
        assert_eq!(replayed(&[("$0", seen()), ("$1", theirs.clone()), ("$mine", ours())]), (both.clone(), None));
        assert_eq!(replayed(&[("$0", seen()), ("$mine", ours()), ("$1", theirs.clone())]), (both.clone(), None));
        assert_eq!(replayed(&[("$0", seen()), ("$1", theirs), ("$mine", ours()), ("$2", both.clone())]), (both, None));
    }

    #[test]
    fn who_knew_nothing_takes_nothing_back() {
        // `b` was raised before `$0`; `$1` was written by somebody who saw only what was before that.
        let before = json!({"users": {"me": 100, "a": 0}, "x": 1});
        let blind = json!({"users": {"me": 100, "a": 0, "c": 7}, "x": 1});
        let all = json!({"users": {"me": 100, "a": 50, "b": 0, "c": 7}, "x": 1});
        assert_eq!(replayed(&[("$old", before), ("$0", seen()), ("$1", blind), ("$mine", ours())]), (all, None));
    }

    #[test]
    fn who_did_not_know_of_a_level_did_not_take_it_away() {
        // `$2` is two steps on from `$1`, whose writer did not know of `$mine`.
        let first = json!({"users": {"me": 100, "a": 0, "b": 0, "c": 1}, "x": 1});
        let mine = json!({"users": {"me": 100, "a": 50, "b": 0, "c": 1}, "x": 1});
        let both = json!({"users": {"me": 100, "a": 0, "b": 0, "c": 1, "d": 1, "e": 1}, "x": 1});
        let all = json!({"users": {"me": 100, "a": 50, "b": 0, "c": 1, "d": 1, "e": 1}, "x": 1});
        assert_eq!(replayed(&[("$0", seen()), ("$1", first), ("$mine", mine), ("$2", both)]), (all, None));
    }

    #[test]
    fn what_had_lost_already_is_no_rival() {
        let lost = json!({"users": {"me": 100, "a": 75, "b": 0}, "x": 1});
        assert_eq!(replayed(&[("$0", seen()), ("$lost", lost), ("$mine", ours())]), (ours(), None));
    }

    #[test]
    fn what_was_taken_back_stays_so() {
        let raised = json!({"users": {"me": 100, "a": 50, "b": 25}, "x": 1});
        let gone = json!({"users": {"me": 100, "a": 50}, "x": 1});
        assert_eq!(replayed(&[("$0", seen()), ("$mine", ours()), ("$1", raised), ("$2", gone.clone())]), (gone, None));
    }

    #[test]
    fn who_wants_another_level_wins() {
        let theirs = json!({"users": {"me": 100, "a": 75, "b": 0}, "x": 1});
        assert_eq!(
            replayed(&[("$0", seen()), ("$1", theirs.clone()), ("$mine", ours())]),
            (theirs.clone(), Some(Rival::First))
        );
        assert_eq!(
            replayed(&[("$0", seen()), ("$mine", ours()), ("$1", theirs.clone())]),
            (theirs, Some(Rival::Later))
        );
        // The same level is no quarrel.
        assert_eq!(replayed(&[("$0", seen()), ("$1", ours()), ("$mine", ours())]), (ours(), None));
    }
}
