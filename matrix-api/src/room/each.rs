//! The same in many rooms.

use std::{
    fmt,
    future::{Future, IntoFuture},
    pin::Pin,
    sync::Arc,
};

use super::Room;
use crate::{
    BatchReport, Client, Progress, Result, RoomId,
    batch::{self, Acting, Watcher},
};

/// The same in many rooms: see [`Client::for_each_room`].
#[must_use = "nothing is done before `.await`"]
pub struct EachRoom<T> {
    client: Client,
    rooms: Vec<RoomId>,
    act: Arc<dyn Fn(Room) -> Acting<T> + Send + Sync>,
    at_once: usize,
    progress: Option<Watcher<RoomId, T>>,
}

impl Client {
    /// Does the same in many rooms, in a few of them at a time. A failure stops nothing: the report has an outcome
    /// for every room, in the order in which they were given.
    ///
    /// If the server asks to slow down, all rooms wait together, and each call is tried again by the client's
    /// [policy](crate::RetryPolicy); since calls of other rooms may be the reason, that is no end to its attempts for
    /// ten minutes. Dropping the future begins with no more rooms and gives up those under way.
    ///
    /// ```no_run
    /// # async fn example(client: matrix_api::Client) -> matrix_api::Result<()> {
    /// let rooms = client.joined_rooms().await?;
    /// let report = client
    ///     .for_each_room(rooms, |room| async move { room.ban("@troll:example.org").reason("spam").await })
    ///     .at_once(2)
    ///     .await;
    /// for (room, error) in report.failed() {
    ///     println!("{room}: {error}");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn for_each_room<T, F>(
        &self,
        rooms: impl IntoIterator<Item = impl Into<RoomId>>,
        act: impl Fn(Room) -> F + Send + Sync + 'static,
    ) -> EachRoom<T>
    where
        F: Future<Output = Result<T>> + Send + 'static,
    {
        EachRoom {
            client: self.among_many(),
            rooms: rooms.into_iter().map(Into::into).collect(),
            act: Arc::new(move |room| Box::pin(act(room))),
            at_once: 4,
            progress: None,
        }
    }
}

impl<T> EachRoom<T> {
    /// In how many rooms at the same time; 4 unless set, and at least 1.
    pub fn at_once(mut self, most: usize) -> Self {
        self.at_once = most.max(1);
        self
    }

    /// Called after each outcome.
    pub fn on_progress(mut self, watch: impl FnMut(Progress<'_, RoomId, T>) + Send + 'static) -> Self {
        self.progress = Some(Box::new(watch));
        self
    }
}

impl<T: Send + 'static> IntoFuture for EachRoom<T> {
    type Output = BatchReport<RoomId, T>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        let Self { client, rooms, act, at_once, progress } = self;
        let entries = rooms.into_iter().map(move |room| (room.clone(), act(client.room(room))));
        Box::pin(batch::drive(entries, at_once, progress))
    }
}

impl<T> fmt::Debug for EachRoom<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("EachRoom").field("rooms", &self.rooms.len()).finish_non_exhaustive()
    }
}
