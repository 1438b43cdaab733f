use super::SynapseAdmin;
use crate::{
    Batch, Request, RoomId, RoomOrAlias, UserId,
    job::Job,
    service::Homeserver,
    synapse_admin::{CreateOrModifyUser, DeactivateUser, DeleteRoom, GetUser, JoinUserToRoom, types::ShutdownResult},
};

/// Many at once. For other requests there is [`Client::batch`](crate::Client::batch).
impl SynapseAdmin {
    /// Makes users of this server join a room. Unless anybody may join, the administrator must be in it and invites
    /// them first.
    pub fn join_many(
        &self,
        room: impl Into<RoomOrAlias>,
        users: impl IntoIterator<Item = impl Into<UserId>>,
    ) -> Batch<UserId, JoinUserToRoom> {
        let room = room.into();
        self.client.batch(of_users(users, |user| JoinUserToRoom::new(&room, user)))
    }

    /// Deactivates accounts of this server: `admin.deactivate_many(users, DeactivateUser::new)`. What `request` makes
    /// of a user's id may set `erase`, which nothing does by default.
    pub fn deactivate_many(
        &self,
        users: impl IntoIterator<Item = impl Into<UserId>>,
        request: impl Fn(UserId) -> DeactivateUser,
    ) -> Batch<UserId, DeactivateUser> {
        self.client.batch(of_users(users, request))
    }

    /// Locks accounts of this server, or unlocks them. The server is asked for each account first: a change to one that
    /// does not exist would make it.
    pub fn lock_many(
        &self,
        users: impl IntoIterator<Item = impl Into<UserId>>,
        locked: bool,
    ) -> Batch<UserId, CreateOrModifyUser> {
        let entries = of_users(users, |user| CreateOrModifyUser::new(user).locked(locked));
        let client = self.client.clone();
        let batch = Batch::new(self.client.clone(), entries, move |request: CreateOrModifyUser| {
            let client = client.clone();
            async move {
                client.send(GetUser::new(&request.user_id)).await?;
                client.send(request).await
            }
        });
        batch.shows_before(|request| GetUser::new(&request.user_id))
    }

    /// Begins to delete rooms: `admin.delete_many(rooms, DeleteRoom::new)`. The report has the jobs, to be waited for.
    /// A room that is being deleted already gets the job that does it.
    ///
    /// A clean-up that outlives its process writes down the ids of the jobs as they begin. Another one
    /// [takes these up](Self::room_deletion), and deletes the other rooms; one of which the deletion began without being
    /// written down is taken up as well, and one that is gone costs nothing.
    ///
    /// ```no_run
    /// # use matrix_api::{RoomId, synapse_admin::DeleteRoom};
    /// # async fn example(
    /// #     admin: matrix_api::admin::SynapseAdmin, rooms: Vec<RoomId>, mut noted: Vec<(RoomId, String)>,
    /// #     mut note: impl FnMut(&RoomId, &str) + Send + 'static,
    /// # ) -> matrix_api::Result<()> {
    /// let rest = rooms.iter().filter(|room| !noted.iter().any(|(done, _)| done == *room));
    /// let report = admin
    ///     .delete_many(rest, DeleteRoom::new)
    ///     .on_progress(move |progress| {
    ///         if let Ok(job) = progress.outcome {
    ///             note(progress.key, job.id());
    ///         }
    ///     })
    ///     .await;
    /// let taken_up = noted.iter().map(|(_, id)| admin.room_deletion(id));
    /// for job in taken_up.chain(report.succeeded().map(|(_, job)| job.clone())) {
    ///     job.wait().await?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn delete_many(
        &self,
        rooms: impl IntoIterator<Item = impl Into<RoomId>>,
        request: impl Fn(RoomId) -> DeleteRoom,
    ) -> Batch<RoomId, DeleteRoom, Job<ShutdownResult>> {
        let entries = rooms.into_iter().map(Into::into).map(|room: RoomId| (room.clone(), request(room)));
        let admin = self.clone();
        Batch::new(self.client.clone(), entries, move |request| {
            let admin = admin.clone();
            async move { admin.delete_room(request).await }
        })
    }
}

fn of_users<R: Request<To = Homeserver>>(
    users: impl IntoIterator<Item = impl Into<UserId>>,
    request: impl Fn(UserId) -> R,
) -> impl Iterator<Item = (UserId, R)> {
    users.into_iter().map(Into::into).map(move |user: UserId| (user.clone(), request(user)))
}
