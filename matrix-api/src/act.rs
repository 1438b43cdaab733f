//! What a handle is about to do.

use std::{
    fmt,
    future::{Future, IntoFuture},
    pin::Pin,
};

use crate::{
    Client, EventId, Plan, Request, Result, Room, ServerName, TxnId,
    client_server::{Ban, InviteUser, JoinRoom, Kick, KnockRoom, LeaveRoom, PostReceipt, RedactEvent, Unban},
    service::Homeserver,
};

/// What a handle is about to do: await it to do it, and set before what may be set.
///
/// ```no_run
/// # async fn example(room: matrix_api::Room) -> matrix_api::Result<()> {
/// room.kick("@troll:example.org").reason("advertising").await?;
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is sent unless it is awaited"]
pub struct Act<R: Request, T = ()> {
    client: Client,
    request: R,
    finish: Finish<R, T>,
}

/// What is made of the answer.
type Finish<R, T> = fn(&Client, &R, Result<<R as Request>::Response>) -> Result<T>;

impl<R: Request<To = Homeserver>, T> Act<R, T> {
    pub(crate) fn new(client: &Client, request: R, finish: Finish<R, T>) -> Self {
        Self { client: client.clone(), request, finish }
    }

    /// What would be sent. Without a network.
    ///
    /// # Errors
    ///
    /// [`Error::Encode`](crate::Error::Encode) if the request has a value that must not be sent.
    pub fn plan(&self) -> Result<Plan> {
        self.client.plan(&self.request)
    }

    pub(crate) fn set(mut self, change: impl FnOnce(&mut R)) -> Self {
        change(&mut self.request);
        self
    }
}

impl<R: Request<To = Homeserver>> Act<R> {
    /// One whose answer says nothing but that it was done.
    pub(crate) fn done(client: &Client, request: R) -> Self {
        Self::new(client, request, |_, _, answer| answer.map(drop))
    }
}

impl<R, T> IntoFuture for Act<R, T>
where
    R: Request<To = Homeserver> + Send + Sync + 'static,
    R::Response: Send,
    T: Send + 'static,
{
    type Output = Result<T>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let answer = self.client.send(&self.request).await;
            (self.finish)(&self.client, &self.request, answer)
        })
    }
}

impl<R: Request, T> fmt::Debug for Act<R, T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Act").field("operation", &R::METADATA.id).finish_non_exhaustive()
    }
}

macro_rules! reasons {
    ($($request:ident: $answer:ty),*) => {$(
        impl Act<$request, $answer> {
            /// Why, for everybody in the room to read.
            pub fn reason(self, reason: impl Into<String>) -> Self {
                self.set(|request| request.reason = Some(reason.into()))
            }
        }
    )*};
}

reasons! { Ban: (), InviteUser: (), JoinRoom: Room, Kick: (), KnockRoom: Room, LeaveRoom: (), RedactEvent: Option<EventId>, Unban: () }

macro_rules! vias {
    ($($request:ident),*) => {$(
        impl Act<$request, Room> {
            /// Servers that are in the room. A room that one's own server is not in is found through
            /// them; ids of rooms of version 12 and later name no server by themselves.
            pub fn via(self, servers: impl IntoIterator<Item = impl Into<ServerName>>) -> Self {
                self.set(|request| request.via.extend(servers.into_iter().map(Into::into)))
            }
        }
    )*};
}

vias! { JoinRoom, KnockRoom }

impl Act<RedactEvent, Option<EventId>> {
    /// The transaction id. Sent twice with the same one, the room gets it once.
    pub fn txn_id(self, txn_id: impl Into<TxnId>) -> Self {
        self.set(|request| request.txn_id = Some(txn_id.into()))
    }
}

impl Act<PostReceipt> {
    /// Only for the user's own devices to know.
    pub fn private(self) -> Self {
        self.set(|request| request.receipt_type = "m.read.private".into())
    }

    /// Counts for one thread alone: the id of its first event, or `main` for what is in no thread.
    pub fn thread(self, thread: impl Into<String>) -> Self {
        self.set(|request| request.thread_id = Some(thread.into()))
    }
}
