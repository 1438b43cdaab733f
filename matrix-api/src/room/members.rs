//! Who is in a room.

use super::Room;
use crate::{
    Act, Client, Error, ErrorCode, Map, MxcUri, Raw, Result, RoomOrAlias, ServerName, TimelineEvent, UserId,
    client_server::{
        Ban, ForgetRoom, GetJoinedMembersByRoom, GetMembersByRoom, InviteUser, JoinRoom, Kick, KnockRoom, LeaveRoom,
        Unban,
        get_joined_members_by_room::JoinedMember,
        get_members_by_room::{Membership, NotMembership},
    },
    error::{ApiError, RoomError, RoomErrorKind},
    http::StatusCode,
};

/// Somebody with a membership of a room: see [`Room::members`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Member {
    /// Who it is.
    pub user_id: UserId,
    /// `join`, `leave`, `invite`, `ban` or `knock`.
    pub membership: String,
    /// The name that the member goes by in the room.
    pub display_name: Option<String>,
    /// The member's picture in the room.
    pub avatar_url: Option<MxcUri>,
    /// The event that says so.
    pub event: Raw<TimelineEvent>,
}

impl Member {
    /// `None` if it is no event about a membership.
    fn read(event: Raw<TimelineEvent>) -> Option<Self> {
        let head = event.head();
        Some(Self {
            user_id: UserId::from(&*head.state_key()?),
            membership: head.content("membership")?,
            display_name: head.content("displayname"),
            avatar_url: head.content::<String>("avatar_url").filter(|url| !url.is_empty()).map(MxcUri::from),
            event: event.clone(),
        })
    }
}

/// Members. All of it fails with `M_FORBIDDEN` if the user may not do it.
impl Room {
    /// Invites a user.
    pub fn invite(&self, user: impl Into<UserId>) -> Act<InviteUser> {
        Act::done(&self.client, InviteUser::new(&self.id, user))
    }

    /// Puts a user out of the room, or takes back an invitation. They may come back if the room lets them.
    pub fn kick(&self, user: impl Into<UserId>) -> Act<Kick> {
        Act::done(&self.client, Kick::new(&self.id, user))
    }

    /// Puts a user out of the room, if they are in it, and keeps them out.
    pub fn ban(&self, user: impl Into<UserId>) -> Act<Ban> {
        Act::done(&self.client, Ban::new(&self.id, user))
    }

    /// Lifts a ban. The user is not in the room by that.
    pub fn unban(&self, user: impl Into<UserId>) -> Act<Unban> {
        Act::done(&self.client, Unban::new(&self.id, user))
    }

    /// Joins the room, or accepts an invitation to it: see [`Client::join`].
    pub fn join(&self) -> Act<JoinRoom, Self> {
        self.client.join(&self.id)
    }

    /// Asks to be invited: see [`Client::knock`].
    pub fn knock(&self) -> Act<KnockRoom, Self> {
        self.client.knock(&self.id)
    }

    /// Leaves the room, or declines an invitation to it.
    pub fn leave(&self) -> Act<LeaveRoom> {
        Act::done(&self.client, LeaveRoom::new(&self.id))
    }

    /// Forgets a room that was left: the server no longer lists it, nor hands out its history.
    ///
    /// # Errors
    ///
    /// [`Error::Api`] if the user has not left it.
    pub async fn forget(&self) -> Result<()> {
        self.client.send(ForgetRoom::new(&self.id)).await.map(drop)
    }

    /// Everybody who has a membership, those who left included, in no order. In a large room that is a lot:
    /// [`joined_members`](Self::joined_members) is smaller.
    ///
    /// ```no_run
    /// # async fn example(room: matrix_api::Room) -> matrix_api::Result<()> {
    /// for member in room.members().membership("ban").await? {
    ///     println!("{} is banned", member.user_id);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn members(&self) -> Act<GetMembersByRoom, Vec<Member>> {
        Act::new(&self.client, GetMembersByRoom::new(&self.id), |_, _, answer| {
            Ok(answer?.chunk.into_iter().filter_map(Member::read).collect())
        })
    }

    /// Everybody who is in the room, with name and picture.
    ///
    /// # Errors
    ///
    /// [`Error::Api`] with `M_FORBIDDEN` if the user is not in it.
    pub async fn joined_members(&self) -> Result<Map<UserId, JoinedMember>> {
        Ok(self.client.send(GetJoinedMembersByRoom::new(&self.id)).await?.joined)
    }

    /// The ids of everybody who is in the room.
    ///
    /// # Errors
    ///
    /// As [`joined_members`](Self::joined_members).
    pub async fn member_ids(&self) -> Result<Vec<UserId>> {
        Ok(self.joined_members().await?.into_keys().collect())
    }
}

impl Act<GetMembersByRoom, Vec<Member>> {
    /// Only those with this membership, such as `join`.
    pub fn membership(self, membership: impl Into<Membership>) -> Self {
        self.set(|request| request.membership = Some(membership.into()))
    }

    /// All but those with this membership.
    pub fn not_membership(self, membership: impl Into<NotMembership>) -> Self {
        self.set(|request| request.not_membership = Some(membership.into()))
    }

    /// As it was at this place of a timeline: a `prev_batch` or a sync's `next_batch`.
    pub fn at(self, token: impl Into<String>) -> Self {
        self.set(|request| request.at = Some(token.into()))
    }
}

impl Client {
    /// Joins a room by its id or one of its aliases, or accepts an invitation to it, and returns it. A room that
    /// the user is in already is returned, too.
    ///
    /// ```no_run
    /// # async fn example(client: matrix_api::Client) -> matrix_api::Result<()> {
    /// let kitchen = client.join("#kitchen:example.org").await?;
    /// let garden = client.join("!31hneApxJ_1o-63DmFrpeqnkFfWppnzWso1JvH3ogLM").via(["example.org"]).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Room`] with [`RoomErrorKind::NeedsVia`] if the server does not know the room, the id names no
    /// other server, and no [`via`](Act::via) was given: ids of rooms of version 12 and later never do.
    /// [`Error::Api`] with `M_FORBIDDEN` if the room does not let the user in.
    pub fn join(&self, room: impl Into<RoomOrAlias>) -> Act<JoinRoom, Room> {
        Act::new(self, JoinRoom::new(room), |client, request, answer| {
            let answer = answer.map(|answer| answer.room_id);
            Ok(client.room(answer.map_err(|error| lost(&request.room_id_or_alias, &request.via, error))?))
        })
    }

    /// Asks to be invited to a room, by its id or one of its aliases.
    ///
    /// # Errors
    ///
    /// As [`join`](Self::join).
    pub fn knock(&self, room: impl Into<RoomOrAlias>) -> Act<KnockRoom, Room> {
        Act::new(self, KnockRoom::new(room), |client, request, answer| {
            let answer = answer.map(|answer| answer.room_id);
            Ok(client.room(answer.map_err(|error| lost(&request.room_id_or_alias, &request.via, error))?))
        })
    }
}

/// Says what is missing if a server knows no way to a room. It is asked first: the room of an invitation, or one
/// that others of the server are in, needs no `via`.
fn lost(room: &RoomOrAlias, via: &[ServerName], error: Error) -> Error {
    let unnamed = room.as_str().starts_with('!') && room.server_name().is_none();
    let no_way = |answer: &ApiError| {
        matches!(answer.status(), StatusCode::NOT_FOUND | StatusCode::BAD_REQUEST)
            && matches!(answer.errcode(), Some(ErrorCode::NotFound | ErrorCode::Unknown))
    };
    match error {
        Error::Api(answer) if unnamed && via.is_empty() && no_way(&answer) => {
            RoomError::answered(room.as_str(), RoomErrorKind::NeedsVia, answer).into()
        }
        error => error,
    }
}
