//! What is in the room, asked of the homeserver itself.

use std::collections::{BTreeMap, BTreeSet};

use matrix_api::client_server::GetRoomEvents;
use matrix_api::client_server::get_room_events::Direction;
use matrix_api::{Client, EventId, RoomId};
use serde_json::Value;

/// The events of the soak by the text in them.
#[derive(Default)]
pub(crate) struct Counted {
    pub(crate) bodies: BTreeMap<String, BTreeSet<EventId>>,
}

impl Counted {
    /// How many different events there are.
    pub(crate) fn distinct(&self) -> usize {
        self.bodies.values().map(BTreeSet::len).sum()
    }
}

/// Reads the whole room, from its newest event to its first.
pub(crate) async fn events(client: &Client, room: &RoomId) -> matrix_api::Result<Counted> {
    let mut counted = Counted::default();
    let mut from: Option<String> = None;
    loop {
        let mut page = GetRoomEvents::new(room, Direction::Backward).limit(1000);
        page.from = from.clone();
        let page = client.send(page).await?;
        for event in &page.chunk {
            let content: Option<Value> = event.field("content")?;
            let body = content.as_ref().and_then(|content| content["body"].as_str()).unwrap_or_default();
            let id: Option<EventId> = event.field("event_id")?;
            if let Some(id) = id.filter(|_| body.starts_with("soak ")) {
                counted.bodies.entry(body.to_owned()).or_default().insert(id);
            }
        }
        match page.end {
            Some(end) if !page.chunk.is_empty() && Some(&end) != from.as_ref() => from = Some(end),
            _ => return Ok(counted),
        }
    }
}
