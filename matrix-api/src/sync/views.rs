//! Looking at a response.

use crate::{
    EventHead, Raw, RoomId, StrippedStateEvent, TimelineEvent, UserId,
    client_server::{
        SyncEventsResponse,
        sync_events::{InvitedRoom, JoinedRoom, LeftRoom},
        types::TimelineBatch,
    },
};

/// An invitation to a room: see [`SyncEventsResponse::invites`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Invite<'a> {
    /// The room. Joining it accepts the invitation, leaving it declines.
    pub room_id: &'a RoomId,
    /// Who invites. Absent if the server does not say.
    pub inviter: Option<UserId>,
    /// The name of the room, if it has one.
    pub name: Option<String>,
    /// Whether the inviter means it as a conversation between the two.
    pub is_direct: bool,
    /// What else the server tells of the room.
    pub state: &'a [Raw<StrippedStateEvent>],
}

/// Somebody's membership of a room, as an event of its timeline tells it: see
/// [`SyncEventsResponse::member_events`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct MemberChange<'a> {
    /// Whose membership.
    pub user_id: UserId,
    /// What it is now: `join`, `leave`, `invite`, `ban` or `knock`.
    pub membership: String,
    /// What it was before, if the server says so.
    pub before: Option<String>,
    /// Who changed it.
    pub sender: Option<UserId>,
    /// The event.
    pub event: &'a Raw<TimelineEvent>,
}

impl MemberChange<'_> {
    /// Whether it is new: an event may also change a member's name or picture only.
    #[must_use]
    pub fn is_new(&self) -> bool {
        self.before.as_ref() != Some(&self.membership)
    }
}

impl SyncEventsResponse {
    /// What is new in a room that you are in.
    #[must_use]
    pub fn joined(&self, room: impl AsRef<str>) -> Option<&JoinedRoom> {
        self.rooms.as_ref()?.join.get(room.as_ref())
    }

    fn left(&self, room: &str) -> Option<&LeftRoom> {
        self.rooms.as_ref()?.leave.get(room)
    }

    pub(super) fn batch(&self, room: &str) -> Option<&TimelineBatch> {
        match self.joined(room) {
            Some(room) => room.timeline.as_ref(),
            None => self.left(room)?.timeline.as_ref(),
        }
    }

    /// The new events of a room that you are in or have just left, oldest first. If it is
    /// [limited](Self::is_limited), there is more between the last batch and these.
    #[must_use]
    pub fn timeline(&self, room: impl AsRef<str>) -> &[Raw<TimelineEvent>] {
        self.batch(room.as_ref()).map_or(&[], |batch| &batch.events)
    }

    /// Whether events of a room are missing between the last batch and this one.
    #[must_use]
    pub fn is_limited(&self, room: impl AsRef<str>) -> bool {
        self.batch(room.as_ref()).is_some_and(|batch| batch.limited == Some(true))
    }

    /// The rooms of which events are missing between the last batch and this one.
    pub fn limited_rooms(&self) -> impl Iterator<Item = &RoomId> {
        self.rooms_with_news().filter(|room| self.is_limited(room))
    }

    /// The rooms that you are in or have just left, and in which something is new.
    pub fn rooms_with_news(&self) -> impl Iterator<Item = &RoomId> {
        self.rooms.iter().flat_map(|rooms| rooms.join.keys().chain(rooms.leave.keys()))
    }

    /// The new events of a room that are of one of these types.
    pub fn of_type(&self, room: impl AsRef<str>, types: &[&str]) -> impl Iterator<Item = &Raw<TimelineEvent>> {
        self.timeline(room).iter().filter(move |event| types.contains(&&*event.event_type()))
    }

    /// How memberships of a room have changed, oldest first.
    #[must_use]
    pub fn member_events(&self, room: impl AsRef<str>) -> Vec<MemberChange<'_>> {
        self.timeline(room).iter().filter_map(change).collect()
    }

    /// Who has come into a room. Members who changed their name only are not among them.
    #[must_use]
    pub fn joins(&self, room: impl AsRef<str>) -> Vec<MemberChange<'_>> {
        self.changes(room, "join")
    }

    /// Who has left a room, or was put out of it, or has declined.
    #[must_use]
    pub fn leaves(&self, room: impl AsRef<str>) -> Vec<MemberChange<'_>> {
        self.changes(room, "leave")
    }

    fn changes(&self, room: impl AsRef<str>, to: &str) -> Vec<MemberChange<'_>> {
        let mut changes = self.member_events(room);
        changes.retain(|change| change.membership == to && change.is_new());
        changes
    }

    /// New invitations, and who they are from. `me` is who is invited: [`Client::user_id`](crate::Client::user_id).
    #[must_use]
    pub fn invites(&self, me: &UserId) -> Vec<Invite<'_>> {
        let rooms = self.rooms.iter().flat_map(|rooms| &rooms.invite);
        rooms.map(|(room, invited)| invite(me, room, invited)).collect()
    }

    /// How many one-time keys of an algorithm the server still has for this device.
    #[must_use]
    pub fn one_time_keys(&self, algorithm: &str) -> i64 {
        self.device_one_time_keys_count.get(algorithm).copied().unwrap_or(0)
    }
}

fn invite<'a>(me: &UserId, room_id: &'a RoomId, invited: &'a InvitedRoom) -> Invite<'a> {
    let state = invited.invite_state.as_ref().map_or(&[][..], |state| &state.events);
    let mut invite = Invite { room_id, inviter: None, name: None, is_direct: false, state };
    for event in state {
        let head = event.head();
        match (&*head.event_type(), head.state_key().as_deref()) {
            ("m.room.member", Some(user)) if user == me.as_str() && is_invited(&head) => {
                invite.inviter = head.sender();
                invite.is_direct = head.content("is_direct").unwrap_or(false);
            }
            ("m.room.name", _) => invite.name = head.content("name").filter(|name: &String| !name.is_empty()),
            _ => {}
        }
    }
    invite
}

fn is_invited(head: &EventHead<'_>) -> bool {
    head.content::<String>("membership").is_some_and(|membership| membership == "invite")
}

fn change(event: &Raw<TimelineEvent>) -> Option<MemberChange<'_>> {
    let head = event.head();
    if head.event_type() != "m.room.member" {
        return None;
    }
    Some(MemberChange {
        user_id: UserId::from(&*head.state_key()?),
        membership: head.content("membership")?,
        before: head.content_before("membership"),
        sender: head.sender(),
        event,
    })
}
