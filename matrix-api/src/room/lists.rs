//! Lists that come in pages, as streams.

use super::Room;
use crate::{
    Client, EventId, ItemStream, Page, PageToken, Raw, Request, RoomId, TimelineEvent,
    client_server::{
        GetMutualRooms, GetNotifications, GetPublicRooms, GetRelatingEvents, GetRelatingEventsWithRelType,
        GetRelatingEventsWithRelTypeAndEventType, GetRoomEvents, GetSpaceHierarchy, GetThreadRoots, QueryPublicRooms,
        Search,
        get_notifications::Notification,
        get_room_events::Direction,
        get_space_hierarchy,
        search::{Categories, FoundEvent, OrderBy, RoomEventsCriteria},
        types::PublicRoomsChunk,
    },
    service::Homeserver,
};

/// A request for one page of a list: what [`Client::items`] takes.
pub trait Listed: Request<To = Homeserver> + Clone + Send + Sync + sealed::Sealed + 'static {
    /// What the list is of.
    type Item: Send + 'static;

    #[doc(hidden)]
    fn start(&mut self) -> &mut Option<String>;

    #[doc(hidden)]
    fn page(response: Self::Response) -> Page<Self::Item>;
}

mod sealed {
    pub trait Sealed {}
}

macro_rules! listed {
    ($($request:ident: $item:ty, $start:ident, |$page:ident| $items:expr, $next:expr, $total:expr;)*) => {$(
        impl sealed::Sealed for $request {}

        impl Listed for $request {
            type Item = $item;

            fn start(&mut self) -> &mut Option<String> {
                &mut self.$start
            }

            fn page($page: Self::Response) -> Page<Self::Item> {
                let next: Option<String> = $next;
                let total: Option<i64> = $total;
                Page::new($items, place(next), total)
            }
        }
    )*};
}

/// Where the next page begins. An empty place is none.
fn place(next: Option<String>) -> Option<PageToken> {
    next.filter(|next| !next.is_empty()).map(PageToken::from)
}

type Event = Raw<TimelineEvent>;

listed! {
    GetRoomEvents: Event, from, |page| page.chunk, page.end, None;
    GetRelatingEvents: Event, from, |page| page.chunk, page.next_batch, None;
    GetRelatingEventsWithRelType: Event, from, |page| page.chunk, page.next_batch, None;
    GetRelatingEventsWithRelTypeAndEventType: Event, from, |page| page.chunk, page.next_batch, None;
    GetThreadRoots: Event, from, |page| page.chunk, page.next_batch, None;
    GetSpaceHierarchy: get_space_hierarchy::Room, from, |page| page.rooms, page.next_batch, None;
    GetNotifications: Notification, from, |page| page.notifications, page.next_token, None;
    GetMutualRooms: RoomId, from, |page| page.joined, page.next_batch, Some(page.count);
    GetPublicRooms: PublicRoomsChunk, since, |answer| answer.page.chunk, answer.page.next_batch,
        answer.page.total_room_count_estimate;
    QueryPublicRooms: PublicRoomsChunk, since, |answer| answer.page.chunk, answer.page.next_batch,
        answer.page.total_room_count_estimate;
}

impl sealed::Sealed for Search {}

impl Listed for Search {
    type Item = FoundEvent;

    fn start(&mut self) -> &mut Option<String> {
        &mut self.next_batch
    }

    fn page(response: Self::Response) -> Page<FoundEvent> {
        let found = response.search_categories.room_events;
        let (items, next, total) =
            found.map_or((Vec::new(), None, None), |found| (found.results, found.next_batch, found.count));
        Page::new(items, place(next), total)
    }
}

impl Client {
    /// Goes through a list page by page, with whatever the request says; its `limit` is the size of a page. The
    /// stream ends with the last page, and where a server would turn in a circle. Pages without items on the way
    /// are passed over; a thousand of them in a row are [`Error::Limit`](crate::Error::Limit).
    ///
    /// ```no_run
    /// use matrix_api::{Client, client_server::{GetRoomEvents, get_room_events::Direction, types::RoomEventFilter}};
    ///
    /// # async fn example(client: Client, from: String) -> matrix_api::Result<()> {
    /// let pictures = RoomEventFilter::new().contains_url(true);
    /// let request = GetRoomEvents::new("!garden:example.org", Direction::Forward).from(from).filter(pictures);
    /// let mut events = client.items(request);
    /// while let Some(event) = events.next().await {
    ///     println!("{}", event?.event_type());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn items<R: Listed>(&self, mut request: R) -> ItemStream<R::Item>
    where
        R::Response: Send,
    {
        let (client, start) = (self.clone(), request.start().take().map(PageToken::from));
        let page_at = move |at: Option<PageToken>| {
            let mut request = request.clone();
            *request.start() = at.map(|at| at.as_str().to_owned());
            request
        };
        let (refusing, refused) = (self.clone(), page_at.clone());
        let stream = ItemStream::new(start, move |at| {
            let (client, request) = (client.clone(), page_at(at));
            async move { Ok(R::page(client.send(request).await?)) }
        });
        stream.through_empty(MOST_EMPTY, move |at| refusing.too_many_pages(&refused(at), MOST_EMPTY))
    }

    /// The rooms in the directory of the user's server, those with the most members first. For another server's, or some of them only, give [`items`](Self::items) a `QueryPublicRooms`.
    pub fn public_rooms(&self) -> ItemStream<PublicRoomsChunk> {
        self.items(GetPublicRooms::new())
    }

    /// The rooms in the directory before a page, from there back to the largest: `from` is the `prev_batch` of that
    /// page, as [`GetPublicRooms`] answers it.
    pub fn public_rooms_before(&self, from: impl Into<PageToken>) -> ItemStream<PublicRoomsChunk> {
        let client = self.clone();
        ItemStream::new(Some(from.into()), move |at| {
            let (client, mut request) = (client.clone(), GetPublicRooms::new());
            request.since = at.map(|at| at.as_str().to_owned());
            async move {
                let page = client.send(request).await?.page;
                let rooms = page.chunk.into_iter().rev().collect();
                Ok(Page::new(rooms, place(page.prev_batch), page.total_room_count_estimate))
            }
        })
    }

    /// Messages with these words in the user's rooms, as far as the server can read them, the newest first. For one
    /// room, or the best first, give [`items`](Self::items) a `Search`; by rank servers may have one page only. Matrix
    /// has no way to begin at the other end.
    pub fn search(&self, words: impl Into<String>) -> ItemStream<FoundEvent> {
        let criteria = RoomEventsCriteria::new(words).order_by(OrderBy::Recent);
        self.items(Search::new(Categories::new().room_events(criteria)))
    }

    /// What the user was notified of, the newest first; Matrix has no other order.
    pub fn notifications(&self) -> ItemStream<Notification> {
        self.items(GetNotifications::new())
    }
}

impl crate::User {
    /// The rooms that the client's user and this one are both in. Not every server tells.
    pub fn mutual_rooms(&self) -> ItemStream<RoomId> {
        self.client().items(GetMutualRooms::new(self.id()))
    }
}

/// Lists. What may be set beyond this is set in a request for [`Client::items`].
impl Room {
    /// What has happened in the room, the newest first, back to its beginning or to where the user may not look.
    ///
    /// [`position`](ItemStream::position) is where to go on later.
    ///
    /// ```no_run
    /// # #[cfg(feature = "events")]
    /// # async fn example(room: matrix_api::Room) -> matrix_api::Result<()> {
    /// use matrix_api::events::RoomMessage;
    ///
    /// let mut messages = room.messages().max_items(100);
    /// while let Some(event) = messages.next().await {
    ///     let event = event?;
    ///     if event.is::<RoomMessage>() && !event.is_redacted() {
    ///         println!("{}", event.decode::<RoomMessage>()?.body());
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn messages(&self) -> ItemStream<Event> {
        self.client.items(GetRoomEvents::new(&self.id, Direction::Backward).limit(PAGE))
    }

    /// As [`messages`](Self::messages), the oldest first, up to now.
    pub fn messages_from_start(&self) -> ItemStream<Event> {
        self.client.items(GetRoomEvents::new(&self.id, Direction::Forward).limit(PAGE))
    }

    /// Events that relate to an event, such as its edits, reactions and replies in its thread, the newest first.
    pub fn relations(&self, event: impl Into<EventId>) -> ItemStream<Event> {
        self.client.items(GetRelatingEvents::new(&self.id, event).limit(PAGE))
    }

    /// Events that relate to an event in one way, such as `m.thread` or `m.annotation`, the newest first.
    pub fn relations_of(&self, event: impl Into<EventId>, rel_type: impl Into<String>) -> ItemStream<Event> {
        self.client.items(GetRelatingEventsWithRelType::new(&self.id, event, rel_type).limit(PAGE))
    }

    /// As [`relations`](Self::relations), the oldest first.
    pub fn relations_from_start(&self, event: impl Into<EventId>) -> ItemStream<Event> {
        self.client.items(GetRelatingEvents::new(&self.id, event).dir("f").limit(PAGE))
    }

    /// As [`relations_of`](Self::relations_of), the oldest first.
    pub fn relations_of_from_start(&self, event: impl Into<EventId>, rel_type: impl Into<String>) -> ItemStream<Event> {
        self.client.items(GetRelatingEventsWithRelType::new(&self.id, event, rel_type).dir("f").limit(PAGE))
    }

    /// The first events of the room's threads, the thread with the newest reply first; Matrix has no other order.
    pub fn threads(&self) -> ItemStream<Event> {
        self.client.items(GetThreadRoots::new(&self.id).limit(PAGE))
    }
}

/// How many events are asked for at once: servers give ten unless asked, and a hundred at most.
const PAGE: i64 = 100;
/// How many empty pages in a row are passed over.
const MOST_EMPTY: u64 = 1000;
