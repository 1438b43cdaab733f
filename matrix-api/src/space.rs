//! A space: a room that holds rooms.

use std::{collections::BTreeSet, iter, ops::Deref};

use crate::{
    BatchReport, Client, EventId, ItemStream, Object, Result, Room, RoomId, ServerName, UserId,
    client_server::{GetSpaceHierarchy, get_space_hierarchy},
    json,
};

/// A space as seen by a client: see [`Client::space`]. It is a room, and does what a [`Room`] does. A clone is the
/// same space.
#[derive(Clone, Debug)]
pub struct Space {
    room: Room,
}

const SPACE: &str = "m.space";
const CHILD: &str = "m.space.child";

impl Client {
    /// A space, to act in. Says nothing about whether it is one. [`NewRoom::space`](crate::NewRoom::space) makes one.
    ///
    /// ```no_run
    /// # async fn example(client: matrix_api::Client) -> matrix_api::Result<()> {
    /// let space = client.space("!house:example.org");
    /// for room in space.rooms().await? {
    ///     println!("{}", room.name.unwrap_or_default());
    /// }
    /// let report = space.invite_everywhere("@ann:example.org").await?;
    /// println!("{report}");
    /// # Ok(())
    /// # }
    /// ```
    pub fn space(&self, id: impl Into<RoomId>) -> Space {
        Space { room: self.room(id) }
    }
}

impl Space {
    /// The space as a room.
    pub fn room(&self) -> &Room {
        &self.room
    }

    /// The space itself, and every room and space below it that the user may see, each before what is below it. A
    /// room that stands in several places may come more than once. Matrix has no way to go up from below.
    pub fn hierarchy(&self) -> ItemStream<get_space_hierarchy::Room> {
        self.room.client().items(GetSpaceHierarchy::new(self.room.id()))
    }

    /// Each room below the space that is to be kept, once.
    async fn below(&self, keep: fn(&get_space_hierarchy::Room) -> bool) -> Result<Vec<get_space_hierarchy::Room>> {
        let mut stream = self.hierarchy();
        let (mut seen, mut found) = (BTreeSet::from([self.room.id().clone()]), Vec::new());
        while let Some(room) = stream.next().await {
            let room = room?;
            if keep(&room) && seen.insert(room.room_id.clone()) {
                found.push(room);
            }
        }
        Ok(found)
    }

    /// The rooms that are in the space or in spaces below it, without the spaces.
    ///
    /// # Errors
    ///
    /// [`Error::Api`](crate::Error::Api) with `M_FORBIDDEN` if the user may not see the space.
    pub async fn rooms(&self) -> Result<Vec<get_space_hierarchy::Room>> {
        self.below(|room| !is_space(room)).await
    }

    /// The spaces below this one.
    ///
    /// # Errors
    ///
    /// As [`rooms`](Self::rooms).
    pub async fn spaces(&self) -> Result<Vec<get_space_hierarchy::Room>> {
        self.below(is_space).await
    }

    /// Puts a room or a space into this space, and returns the id of the event that says so. `via` names servers
    /// that are in it, at least one: others find it through them.
    ///
    /// # Errors
    ///
    /// [`Error::Api`](crate::Error::Api) with `M_FORBIDDEN` if the user may not do that.
    pub async fn add(
        &self,
        room: impl Into<RoomId>,
        via: impl IntoIterator<Item = impl Into<ServerName>>,
    ) -> Result<EventId> {
        let via: Vec<ServerName> = via.into_iter().map(Into::into).collect();
        self.room.set_state(CHILD, room.into().as_str(), json!({ "via": via })).await
    }

    /// Takes a room or a space out of this space.
    ///
    /// # Errors
    ///
    /// As [`add`](Self::add).
    pub async fn remove(&self, room: impl Into<RoomId>) -> Result<EventId> {
        self.room.set_state(CHILD, room.into().as_str(), Object::new()).await
    }

    /// Invites a user to the space and to everything below it. The report has for each room whether an invitation was
    /// sent: not to who is there or invited already. Rooms in which the client's user may not invite are among the
    /// failures.
    ///
    /// # Errors
    ///
    /// As [`rooms`](Self::rooms).
    pub async fn invite_everywhere(&self, user: impl Into<UserId>) -> Result<BatchReport<RoomId, bool>> {
        let user = user.into();
        let below = self.below(|_| true).await?.into_iter().map(|room| room.room_id);
        let rooms = iter::once(self.room.id().clone()).chain(below);
        Ok(self.room.client().for_each_room(rooms, move |room| invite(room, user.clone())).await)
    }
}

fn is_space(room: &get_space_hierarchy::Room) -> bool {
    room.room_type.as_deref() == Some(SPACE)
}

async fn invite(room: Room, user: UserId) -> Result<bool> {
    let member = room.raw_state("m.room.member", user.as_str()).await?;
    let membership: Option<String> = member.and_then(|member| member.field("membership").ok().flatten());
    if matches!(membership.as_deref(), Some("join" | "invite")) {
        return Ok(false);
    }
    room.invite(user).await.map(|()| true)
}

impl Deref for Space {
    type Target = Room;

    fn deref(&self) -> &Room {
        &self.room
    }
}
