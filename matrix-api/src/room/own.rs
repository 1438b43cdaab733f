//! What a room is to a user, and where it is listed.

use std::time::Duration;

use serde::Serialize;

use super::{Room, state::found};
use crate::{
    Act, EventId, Map, Object, Raw, Result, RoomAccountDataContent, RoomAlias,
    client_server::{
        DeleteRoomTag, GetAccountDataPerRoom, GetLocalAliases, GetRoomSummary, GetRoomSummaryResponse, GetRoomTags,
        GetRoomVisibilityOnDirectory, PostReceipt, ReportEvent, ReportRoom, SetAccountDataPerRoom, SetReadMarker,
        SetRoomAlias, SetRoomTag, SetRoomVisibilityOnDirectory, SetTyping, types::Tag,
    },
};

/// The user's own view.
impl Room {
    /// Shows the others that the user is typing, for so long unless it is said again.
    ///
    /// # Errors
    ///
    /// [`Error::Api`](crate::Error::Api) with `M_FORBIDDEN` if the user is not in the room.
    pub async fn typing(&self, duration: Duration) -> Result<()> {
        let ms = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        let me = self.client.me().await?;
        self.client.send(SetTyping::new(&self.id, me, true).timeout(ms)).await.map(drop)
    }

    /// Shows the others that the user is no longer typing.
    ///
    /// # Errors
    ///
    /// As [`typing`](Self::typing).
    pub async fn stop_typing(&self) -> Result<()> {
        let me = self.client.me().await?;
        self.client.send(SetTyping::new(&self.id, me, false)).await.map(drop)
    }

    /// Says that the user has read everything up to an event: to everybody, unless it is
    /// [private](Act::private).
    pub fn mark_read(&self, event: impl Into<EventId>) -> Act<PostReceipt> {
        Act::done(&self.client, PostReceipt::new(&self.id, "m.read", event))
    }

    /// Moves the line below which everything is new to the user's own programs.
    ///
    /// # Errors
    ///
    /// [`Error::Api`](crate::Error::Api) with `M_FORBIDDEN` if the user is not in the room.
    pub async fn mark_fully_read(&self, event: impl Into<EventId>) -> Result<()> {
        self.client.send(SetReadMarker::new(&self.id).fully_read(event)).await.map(drop)
    }

    /// The user's tags of the room, such as `m.favourite`.
    ///
    /// # Errors
    ///
    /// See [`Error`](crate::Error).
    pub async fn tags(&self) -> Result<Map<String, Tag>> {
        let me = self.client.me().await?;
        Ok(self.client.send(GetRoomTags::new(me, &self.id)).await?.tags)
    }

    /// Tags the room: `m.favourite`, `m.lowpriority`, or a name of the user's own that begins with `u.`.
    ///
    /// # Errors
    ///
    /// See [`Error`](crate::Error).
    pub async fn set_tag(&self, name: impl Into<String>, tag: Tag) -> Result<()> {
        let me = self.client.me().await?;
        self.client.send(SetRoomTag::new(me, &self.id, name, tag)).await.map(drop)
    }

    /// Takes a tag away.
    ///
    /// # Errors
    ///
    /// See [`Error`](crate::Error).
    pub async fn remove_tag(&self, name: impl Into<String>) -> Result<()> {
        let me = self.client.me().await?;
        self.client.send(DeleteRoomTag::new(me, &self.id, name)).await.map(drop)
    }

    /// What the user's programs have stored with the room; `None` if that is nothing.
    ///
    /// # Errors
    ///
    /// [`Error::Decode`](crate::Error::Decode) if it is not what its type says.
    pub async fn account_data<C: RoomAccountDataContent>(&self) -> Result<Option<C>> {
        Ok(self.raw_account_data(C::TYPE).await?.map(|content| content.decode()).transpose()?)
    }

    /// As [`account_data`](Self::account_data), for any type: the content as it came.
    ///
    /// # Errors
    ///
    /// See [`Error`](crate::Error).
    pub async fn raw_account_data(&self, event_type: impl Into<String>) -> Result<Option<Raw<Object>>> {
        let me = self.client.me().await?;
        found(self.client.send(GetAccountDataPerRoom::new(me, &self.id, event_type)).await.map(|data| data.content))
    }

    /// Stores something with the room, for the user's own programs alone.
    ///
    /// # Errors
    ///
    /// See [`Error`](crate::Error).
    pub async fn set_account_data<C: RoomAccountDataContent>(&self, content: C) -> Result<()> {
        self.set_raw_account_data(C::TYPE, content).await
    }

    /// As [`set_account_data`](Self::set_account_data), for any type.
    ///
    /// # Errors
    ///
    /// See [`Error`](crate::Error).
    pub async fn set_raw_account_data(&self, event_type: impl Into<String>, content: impl Serialize) -> Result<()> {
        let me = self.client.me().await?;
        self.client.send(SetAccountDataPerRoom::new(me, &self.id, event_type, content)).await.map(drop)
    }

    /// Reports the room to the administrators of the user's server.
    ///
    /// # Errors
    ///
    /// See [`Error`](crate::Error).
    pub async fn report(&self, reason: impl Into<String>) -> Result<()> {
        self.client.send(ReportRoom::new(&self.id, reason)).await.map(drop)
    }

    /// Reports an event to the administrators of the user's server.
    ///
    /// # Errors
    ///
    /// [`Error::Api`](crate::Error::Api) with `M_NOT_FOUND` if the user cannot see it.
    pub async fn report_event(&self, event: impl Into<EventId>, reason: impl Into<String>) -> Result<()> {
        self.client.send(ReportEvent::new(&self.id, event).reason(reason)).await.map(drop)
    }
}

/// Where the room is listed.
impl Room {
    /// What the room shows to those who are not in it.
    ///
    /// # Errors
    ///
    /// [`Error::Api`](crate::Error::Api) with `M_NOT_FOUND` if it shows nothing to this user.
    pub async fn summary(&self) -> Result<GetRoomSummaryResponse> {
        self.client.send(GetRoomSummary::new(&self.id)).await
    }

    /// The aliases that the user's server has for the room.
    ///
    /// # Errors
    ///
    /// [`Error::Api`](crate::Error::Api) with `M_FORBIDDEN` if the user is not in the room.
    pub async fn aliases(&self) -> Result<Vec<RoomAlias>> {
        Ok(self.client.send(GetLocalAliases::new(&self.id)).await?.aliases)
    }

    /// Gives the room an alias on the user's server.
    ///
    /// # Errors
    ///
    /// [`Error::Api`](crate::Error::Api) with status 409 if it is taken.
    pub async fn add_alias(&self, alias: impl Into<RoomAlias>) -> Result<()> {
        self.client.send(SetRoomAlias::new(alias, &self.id)).await.map(drop)
    }

    /// Whether the directory of the user's server lists the room.
    ///
    /// # Errors
    ///
    /// [`Error::Api`](crate::Error::Api) with `M_NOT_FOUND` if the server does not know the room.
    pub async fn is_listed(&self) -> Result<bool> {
        let answer = self.client.send(GetRoomVisibilityOnDirectory::new(&self.id)).await?;
        Ok(answer.visibility.is_some_and(|visibility| visibility.as_str() == "public"))
    }

    /// Lists the room in the directory of the user's server, or takes it out.
    ///
    /// # Errors
    ///
    /// [`Error::Api`](crate::Error::Api) with `M_FORBIDDEN` if the user or the server does not allow it.
    pub async fn set_listed(&self, listed: bool) -> Result<()> {
        let visibility = if listed { "public" } else { "private" };
        self.client.send(SetRoomVisibilityOnDirectory::new(&self.id).visibility(visibility)).await.map(drop)
    }
}
