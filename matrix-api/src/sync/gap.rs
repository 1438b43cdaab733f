//! What a server has left out between two batches.

use super::SyncBatch;
use crate::{
    Client, Raw, Result, RoomId, TimelineEvent,
    client_server::{GetRoomEvents, SyncEventsResponse, get_room_events::Direction, types::RoomEventFilter},
};

/// The largest page that servers give.
const PAGE: usize = 1000;

/// A stretch of a room's history that is not in a batch.
struct Gap<'a> {
    room: &'a RoomId,
    /// Where the batch before ends.
    to: &'a str,
    filter: Option<RoomEventFilter>,
    most: usize,
}

/// What was found in a gap, newest first, and whether that is all.
struct Found {
    events: Vec<Raw<TimelineEvent>>,
    all: bool,
}

impl SyncBatch {
    /// Fetches the events of a room that are missing between the last batch and this one, oldest
    /// first. At most `most`, and those are the newest; an empty list if nothing is missing.
    ///
    /// [`SyncOptions::fill_gaps`](super::SyncOptions::fill_gaps) does it for every room of every
    /// batch.
    ///
    /// # Errors
    ///
    /// [`Error::Api`](crate::Error::Api) with `M_FORBIDDEN` if the user may not see them, and the
    /// failures of sending.
    pub async fn fill_gap(&self, room: impl AsRef<str>, most: usize) -> Result<Vec<Raw<TimelineEvent>>> {
        let room = room.as_ref();
        let (Some(from), Some(to)) = (gap(self, room), self.since()) else { return Ok(Vec::new()) };
        let filter = self.client().timeline_filter(self.filter_name()).await?;
        let gap = Gap { room: &RoomId::from(room), to, filter, most };
        let mut events = gap.fetch(self.client(), from).await?.events;
        events.reverse();
        Ok(events)
    }
}

/// Where the missing events of a room end; `None` if none are missing.
fn gap(response: &SyncEventsResponse, room: &str) -> Option<String> {
    response.batch(room).filter(|batch| batch.limited == Some(true))?.prev_batch.clone()
}

/// Fills every gap of a response that goes on from `since`.
///
/// # Errors
///
/// The failures of sending; what the server refuses to give out stays a gap.
pub(super) async fn fill(
    client: &Client,
    response: &mut SyncEventsResponse,
    since: &str,
    filter: &str,
    most: usize,
) -> Result<()> {
    let limited: Vec<RoomId> = response.limited_rooms().cloned().collect();
    if limited.is_empty() || most == 0 {
        return Ok(());
    }
    let filter = client.timeline_filter(filter).await?;
    for room in &limited {
        let Some(from) = gap(response, room.as_str()) else { continue };
        let gap = Gap { room, to: since, filter: filter.clone(), most };
        match gap.fetch(client, from).await {
            Ok(found) => put(response, room, found),
            Err(error) if super::backoff::is_fatal(&error) && error.status().is_some() => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Puts what was found before what is there.
fn put(response: &mut SyncEventsResponse, room: &RoomId, found: Found) {
    let Some(rooms) = &mut response.rooms else { return };
    let batch = match rooms.join.get_mut(room) {
        Some(joined) => joined.timeline.as_mut(),
        None => rooms.leave.get_mut(room).and_then(|left| left.timeline.as_mut()),
    };
    let Some(batch) = batch else { return };
    let newer = std::mem::take(&mut batch.events);
    batch.events = found.events.into_iter().rev().chain(newer).collect();
    batch.limited = Some(!found.all);
}

impl Gap<'_> {
    /// Pages backwards until the batch before is reached.
    async fn fetch(&self, client: &Client, mut from: String) -> Result<Found> {
        let mut events = Vec::new();
        while events.len() < self.most {
            let limit = (self.most - events.len()).min(PAGE);
            let mut page = GetRoomEvents::new(self.room, Direction::Backward).from(&from).to(self.to);
            page.limit = Some(limit as i64);
            page.filter = self.filter.clone();
            let answer = client.send(page).await?;
            let empty = answer.chunk.is_empty();
            events.extend(answer.chunk.into_iter().take(limit));
            match answer.end {
                // A server that repeats itself has no more to give.
                Some(end) if !empty && end != from => from = end,
                _ => return Ok(Found { events, all: true }),
            }
        }
        Ok(Found { events, all: false })
    }
}

impl Client {
    /// What a filter lets through of timelines: the gap is to be filled with the same.
    async fn timeline_filter(&self, name: &str) -> Result<Option<RoomEventFilter>> {
        if name.is_empty() {
            return Ok(None);
        }
        let filter = self.filters().download(name).await?;
        Ok(filter.and_then(|filter| filter.room?.timeline).map(|mut timeline| {
            timeline.limit = None;
            timeline
        }))
    }
}
