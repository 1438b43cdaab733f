//! What a room says of itself, and single events.

use serde::Serialize;

use super::{ENCRYPTION, Room};
use crate::{
    Act, Error, ErrorCode, EventId, MessageContent, Object, Raw, Result, StateContent, StateEvent, StateKey,
    TimelineEvent, UnixMillis,
    client_server::{
        GetEventByTimestamp, GetEventContext, GetEventContextResponse, GetOneRoomEvent, GetRoomState,
        GetRoomStateWithKey, RedactEvent, SetRoomStateWithKey, UpgradeRoom, get_event_by_timestamp::Direction,
        get_room_state_with_key::Format,
    },
};

impl Room {
    /// All state events of the room.
    ///
    /// # Errors
    ///
    /// [`Error::Api`] with `M_FORBIDDEN` if the user was never in the room.
    pub async fn state(&self) -> Result<Vec<Raw<TimelineEvent>>> {
        Ok(self.client.send(GetRoomState::new(&self.id)).await?.events)
    }

    /// The content of one state event; `None` if the room has none. One request, not the whole state.
    ///
    /// ```no_run
    /// # #[cfg(feature = "events")]
    /// # async fn example(room: matrix_api::Room) -> matrix_api::Result<()> {
    /// use matrix_api::events::{RoomMember, RoomTopic};
    ///
    /// let topic = room.state_event::<RoomTopic>(()).await?;
    /// let ben = room.state_event::<RoomMember>("@ben:example.org").await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Api`] with `M_FORBIDDEN` if the user was never in the room, [`Error::Decode`] if the content is
    /// not what its type says.
    pub async fn state_event<C: StateContent>(&self, key: impl Into<C::Key>) -> Result<Option<C>> {
        let content = self.raw_state(C::TYPE, key.into().as_key()).await?;
        Ok(content.map(|content| content.decode()).transpose()?)
    }

    /// As [`state_event`](Self::state_event), for any type: the content as it came.
    ///
    /// # Errors
    ///
    /// [`Error::Api`] with `M_FORBIDDEN` if the user was never in the room.
    pub async fn raw_state(
        &self,
        event_type: impl Into<String>,
        key: impl Into<String>,
    ) -> Result<Option<Raw<Object>>> {
        let request = GetRoomStateWithKey::new(&self.id, event_type, key);
        found(self.client.send(request).await.map(|answer| answer.content))
    }

    /// The whole event of which [`raw_state`](Self::raw_state) is the content: who has set it, and when.
    ///
    /// # Errors
    ///
    /// As [`raw_state`](Self::raw_state).
    pub async fn whole_state_event(
        &self,
        event_type: impl Into<String>,
        key: impl Into<String>,
    ) -> Result<Option<Raw<StateEvent>>> {
        let request = GetRoomStateWithKey::new(&self.id, event_type, key).format(Format::Event);
        found(self.client.send(request).await.map(|answer| answer.content.cast()))
    }

    /// Which servers may take part in the room: all, if it does not say. To set it there is
    /// [`send_state`](Self::send_state).
    ///
    /// ```no_run
    /// # async fn example(room: matrix_api::Room) -> matrix_api::Result<()> {
    /// if room.server_acl().await?.denies("evil.example") {
    ///     println!("kept out");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`state_event`](Self::state_event).
    #[cfg(feature = "events")]
    pub async fn server_acl(&self) -> Result<crate::events::RoomServerAcl> {
        Ok(self.state_event(()).await?.unwrap_or_else(crate::events::RoomServerAcl::all))
    }

    /// Sets a state event of any type, and returns the event's id. For types that this crate knows there are
    /// [`send_state`](Self::send_state) and [`send_state_for`](Self::send_state_for).
    ///
    /// # Errors
    ///
    /// [`Error::Api`] with `M_FORBIDDEN` if the user may not do that.
    pub async fn set_state(
        &self,
        event_type: impl Into<String>,
        key: impl Into<String>,
        content: impl Serialize,
    ) -> Result<EventId> {
        let (event_type, key) = (event_type.into(), key.into());
        let encrypts = event_type == ENCRYPTION && key.is_empty();
        let request = SetRoomStateWithKey::new(&self.id, event_type, key, content);
        let event_id = self.client.send(request).await?.event_id;
        if encrypts {
            self.client.inner.encryption.switched_on(&self.id);
        }
        Ok(event_id)
    }

    /// Takes the content out of an event, for good and for everybody, and returns the id of the event that does it,
    /// if the server tells.
    pub fn redact(&self, event: impl Into<EventId>) -> Act<RedactEvent, Option<EventId>> {
        Act::new(&self.client, RedactEvent::new(&self.id, event), |_, _, answer| Ok(answer?.event_id))
    }

    /// An event of the room.
    ///
    /// # Errors
    ///
    /// [`Error::Api`] with `M_NOT_FOUND` if there is none that the user may see.
    pub async fn event(&self, event: impl Into<EventId>) -> Result<Raw<TimelineEvent>> {
        Ok(self.client.send(GetOneRoomEvent::new(&self.id, event)).await?.event)
    }

    /// The content of a message of the room: [`event`](Self::event) and
    /// [`decode`](Raw::decode) in one.
    ///
    /// # Errors
    ///
    /// Those of both.
    pub async fn message<C: MessageContent>(&self, event: impl Into<EventId>) -> Result<C> {
        Ok(self.event(event).await?.decode()?)
    }

    /// What was said before and after an event, up to so many events in all, and the room's state there.
    ///
    /// # Errors
    ///
    /// As [`event`](Self::event).
    pub async fn context(&self, event: impl Into<EventId>, limit: i64) -> Result<GetEventContextResponse> {
        self.client.send(GetEventContext::new(&self.id, event).limit(limit)).await
    }

    /// The first event from a time on (`f`), or the last before it (`b`); `None` if there is none.
    ///
    /// # Errors
    ///
    /// [`Error::Api`] with `M_FORBIDDEN` if the user is not in the room.
    pub async fn event_at(
        &self,
        time: impl Into<UnixMillis>,
        direction: impl Into<Direction>,
    ) -> Result<Option<EventId>> {
        let request = GetEventByTimestamp::new(&self.id, time, direction);
        found(self.client.send(request).await.map(|answer| answer.event_id))
    }

    /// Replaces the room by one of another version, such as `12`, and returns that. Members have to follow on
    /// their own.
    pub fn upgrade(&self, version: impl Into<String>) -> Act<UpgradeRoom, Self> {
        Act::new(&self.client, UpgradeRoom::new(&self.id, version), |client, _, answer| {
            Ok(client.room(answer?.replacement_room))
        })
    }
}

impl Act<UpgradeRoom, Room> {
    /// Who else counts as having created the new room, from version 12 on.
    pub fn additional_creators(self, users: impl IntoIterator<Item = impl Into<crate::UserId>>) -> Self {
        let users = users.into_iter().map(|user| user.into().as_str().to_owned()).collect();
        self.set(|request| request.additional_creators = Some(users))
    }
}

/// What does not exist is no failure. It is the homeserver that has to say so: a 404 without its code may come from
/// whatever stands before it.
pub(crate) fn found<T>(answer: Result<T>) -> Result<Option<T>> {
    match answer {
        Ok(value) => Ok(Some(value)),
        Err(Error::Api(answer)) if answer.errcode() == Some(&ErrorCode::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}
