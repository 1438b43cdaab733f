//! What a server has left out between two batches.

use super::{SyncBatch, SyncOptions};
use crate::{
    Client, Error, Raw, Result, RoomId, TimelineEvent,
    client_server::{GetRoomEvents, SyncEventsResponse, get_room_events::Direction, types::RoomEventFilter},
};

/// The largest page that servers give.
const PAGE: usize = 1000;
/// How many pages are asked for even where few events are wanted.
const SHORT_PAGES: usize = 20;

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

/// Fills every gap of a response that goes on from `since`. A stream that is no longer `patient`
/// goes on with the gaps that it cannot fill: one broken room must not hold up all others.
///
/// # Errors
///
/// The failures of sending; what the server refuses to give out stays a gap.
pub(super) async fn fill(
    client: &Client,
    options: &SyncOptions,
    response: &mut SyncEventsResponse,
    since: &str,
    patient: bool,
) -> Result<()> {
    let most = options.most_filled;
    let limited: Vec<RoomId> = response.limited_rooms().cloned().collect();
    if limited.is_empty() || most == 0 {
        return Ok(());
    }
    let filter = client.timeline_filter(options.key()).await?;
    for room in &limited {
        let Some(from) = gap(response, room.as_str()) else { continue };
        let gap = Gap { room, to: since, filter: filter.clone(), most };
        match gap.fetch(client, from).await {
            Ok(found) => put(response, room, found),
            Err(error) if is_kept_back(&error) => {}
            Err(error) if patient || matches!(error, Error::SessionEnded(_)) => return Err(error),
            Err(_) => {}
        }
    }
    Ok(())
}

/// Whether the server does not give these events out, and will not.
fn is_kept_back(error: &Error) -> bool {
    let refused = error.status().is_some_and(|status| matches!(status.as_u16(), 400 | 403 | 404));
    matches!(error, Error::Api(_)) && refused && !error.is_rate_limited()
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
        // Pages may be short, but not all of them.
        for _ in 0..SHORT_PAGES + self.most / 100 {
            if events.len() >= self.most {
                break;
            }
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
