use super::SynapseAdmin;
use crate::{
    PageToken, Request, UserId,
    pages::{ItemStream, Page},
    service::Homeserver,
    synapse_admin::{types, *},
};

/// A request for one page of a list: what [`SynapseAdmin::pages`] takes.
///
/// The members of a room, and everything else that is not here, come all at once.
pub trait Paged: Request<To = Homeserver> + Clone + Send + Sync + sealed::Sealed + 'static {
    /// What the list is of.
    type Item: Send + 'static;

    #[doc(hidden)]
    fn start(&mut self) -> &mut Option<PageToken>;

    #[doc(hidden)]
    fn page(response: Self::Response) -> Page<Self::Item>;

    /// Suits the request to a server whose accounts are kept elsewhere.
    #[doc(hidden)]
    fn delegated(&mut self) {}
}

mod sealed {
    pub trait Sealed {}
}

macro_rules! paged {
    ($($request:ident: $item:path = $items:ident, $next:expr, $total:expr $(; $delegated:item)?)*) => {$(
        impl sealed::Sealed for $request {}

        impl Paged for $request {
            type Item = $item;

            fn start(&mut self) -> &mut Option<PageToken> {
                &mut self.from
            }

            fn page(response: Self::Response) -> Page<Self::Item> {
                let next: fn(&Self::Response) -> Option<PageToken> = $next;
                let total: fn(&Self::Response) -> Option<i64> = $total;
                let (next, total) = (next(&response), total(&response));
                Page::new(response.$items, next, total)
            }

            $($delegated)?
        }
    )*};
}

paged! {
    ListUsers: types::UserSummary = users, |page| page.next_token.clone(), |page| Some(page.total);
        fn delegated(&mut self) {
            self.guests.get_or_insert(false);
        }
    ListUsersV3: types::UserSummary = users, |page| page.next_token.clone(), |page| Some(page.total);
        fn delegated(&mut self) {
            self.guests.get_or_insert(false);
        }
    ListRooms: types::RoomEntry = rooms, |page| page.next_batch.clone(), |page| Some(page.total_rooms)
    GetRoomHierarchy: get_room_hierarchy::HierarchyRoom = rooms, |page| page.next_batch.clone(), |_| None
    ListUserMedia: list_user_media::UserMedia = media, |page| page.next_token.clone(), |page| Some(page.total)
    GetUserMediaStatistics: get_user_media_statistics::UserMediaUsage =
        users, |page| page.next_token.clone(), |page| Some(page.total)
    ListEventReports: types::EventReport = event_reports, |page| page.next_token.clone(), |page| Some(page.total)
    ListUserReports: types::UserReport = user_reports, |page| page.next_token.clone(), |page| Some(page.total)
    ListDestinations: types::Destination = destinations, |page| page.next_token.clone(), |page| Some(page.total)
    ListDestinationRooms: list_destination_rooms::DestinationRoom =
        rooms, |page| page.next_token.clone(), |page| Some(page.total)
    ListQuarantineChanges: list_quarantine_changes::QuarantineChange =
        changes, |page| Some(page.next_batch.clone()), |_| None
}

impl SynapseAdmin {
    /// Goes through a list page by page, in the order and with the filters that the request sets. Its `limit` is the
    /// size of a page.
    ///
    /// Under Matrix Authentication Service lists of users leave out guests, whom it does not have.
    ///
    /// ```no_run
    /// use matrix_api::synapse_admin::{ListUsersV3, types::{Direction, UserOrder}};
    ///
    /// # async fn example(admin: matrix_api::admin::SynapseAdmin) -> matrix_api::Result<()> {
    /// let newest = ListUsersV3::new().order_by(UserOrder::CreationTs).dir(Direction::Backward);
    /// let mut users = admin.pages(newest).max_items(10);
    /// while let Some(user) = users.next().await {
    ///     println!("{}", user?.name);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn pages<R: Paged>(&self, mut request: R) -> ItemStream<R::Item>
    where
        R::Response: Send,
    {
        if self.delegated {
            request.delegated();
        }
        let (client, start) = (self.client.clone(), request.start().clone());
        ItemStream::new(start, move |at| {
            let (client, mut request) = (client.clone(), request.clone());
            async move {
                *request.start() = at;
                Ok(R::page(client.send(request).await?))
            }
        })
    }

    /// All users, deactivated ones too.
    pub fn users(&self) -> ItemStream<types::UserSummary> {
        self.pages(ListUsersV3::new())
    }

    /// All rooms.
    pub fn rooms(&self) -> ItemStream<types::RoomEntry> {
        self.pages(ListRooms::new())
    }

    /// All files that a user of this server has uploaded, the newest first.
    pub fn user_media(&self, user: impl Into<UserId>) -> ItemStream<list_user_media::UserMedia> {
        self.pages(ListUserMedia::new(user))
    }

    /// All reports of events, the newest first.
    pub fn event_reports(&self) -> ItemStream<types::EventReport> {
        self.pages(ListEventReports::new())
    }

    /// All reports of users, the newest first.
    pub fn user_reports(&self) -> ItemStream<types::UserReport> {
        self.pages(ListUserReports::new())
    }

    /// All servers that this one has sent something to.
    pub fn destinations(&self) -> ItemStream<types::Destination> {
        self.pages(ListDestinations::new())
    }

    /// Everything that went into quarantine or came out of it, oldest first, up to now.
    /// [`position`](ItemStream::position) is where to look for news later.
    pub fn quarantine_changes(&self) -> ItemStream<list_quarantine_changes::QuarantineChange> {
        self.pages(ListQuarantineChanges::new())
    }
}
