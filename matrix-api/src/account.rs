//! What a user has and does, beside rooms.

use serde::Serialize;

use crate::{
    AccountDataContent, Client, MxcUri, Object, Raw, Result, RoomAlias, RoomId, UserId,
    client_server::{
        DeleteProfileField, DeleteRoomAlias, GetAccountData, GetJoinedRooms, GetRoomIdByAlias, RequestOpenIdToken,
        SearchUserDirectory, SearchUserDirectoryResponse, SetAccountData, SetPresence, SetProfileField,
        set_presence::Presence, types::OpenidToken,
    },
    json,
    room::found,
};

impl Client {
    /// Who is logged in; asked of the server once if it is not known.
    pub(crate) async fn me(&self) -> Result<UserId> {
        match self.user_id() {
            Some(me) => Ok(me),
            None => Ok(self.whoami().await?.user_id),
        }
    }

    /// The rooms that the user is in.
    ///
    /// # Errors
    ///
    /// See [`Error`](crate::Error).
    pub async fn joined_rooms(&self) -> Result<Vec<RoomId>> {
        Ok(self.send(GetJoinedRooms::new()).await?.joined_rooms)
    }

    /// The room that has an alias; `None` if none has.
    ///
    /// # Errors
    ///
    /// See [`Error`](crate::Error).
    pub async fn resolve_alias(&self, alias: impl Into<RoomAlias>) -> Result<Option<RoomId>> {
        let answer = found(self.send(GetRoomIdByAlias::new(alias)).await)?;
        Ok(answer.and_then(|answer| answer.room_id))
    }

    /// Takes an alias away from its room. There is [`Room::add_alias`](crate::Room::add_alias), too.
    ///
    /// # Errors
    ///
    /// [`Error::Api`](crate::Error::Api) with `M_NOT_FOUND` if no room has it, with `M_FORBIDDEN` if the user may
    /// not do that.
    pub async fn delete_alias(&self, alias: impl Into<RoomAlias>) -> Result<()> {
        self.send(DeleteRoomAlias::new(alias)).await.map(drop)
    }

    /// What the user's programs have stored with the account; `None` if that is nothing.
    ///
    /// ```no_run
    /// # #[cfg(feature = "events")]
    /// # async fn example(client: matrix_api::Client) -> matrix_api::Result<()> {
    /// use matrix_api::events::IgnoredUserList;
    ///
    /// let ignored = client.account_data::<IgnoredUserList>().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Decode`](crate::Error::Decode) if it is not what its type says.
    pub async fn account_data<C: AccountDataContent>(&self) -> Result<Option<C>> {
        Ok(self.raw_account_data(C::TYPE).await?.map(|content| content.decode()).transpose()?)
    }

    /// As [`account_data`](Self::account_data), for any type: the content as it came.
    ///
    /// # Errors
    ///
    /// See [`Error`](crate::Error).
    pub async fn raw_account_data(&self, event_type: impl Into<String>) -> Result<Option<Raw<Object>>> {
        let me = self.me().await?;
        found(self.send(GetAccountData::new(me, event_type)).await.map(|data| data.content))
    }

    /// Stores something with the account, for the user's own programs alone.
    ///
    /// # Errors
    ///
    /// See [`Error`](crate::Error).
    pub async fn set_account_data<C: AccountDataContent>(&self, content: C) -> Result<()> {
        self.set_raw_account_data(C::TYPE, content).await
    }

    /// As [`set_account_data`](Self::set_account_data), for any type.
    ///
    /// # Errors
    ///
    /// See [`Error`](crate::Error).
    pub async fn set_raw_account_data(&self, event_type: impl Into<String>, content: impl Serialize) -> Result<()> {
        let me = self.me().await?;
        self.send(SetAccountData::new(me, event_type, content)).await.map(drop)
    }

    /// Sets the name that the user goes by, or takes it away.
    ///
    /// # Errors
    ///
    /// [`Error::Api`](crate::Error::Api) with `M_FORBIDDEN` if the server does not allow it.
    pub async fn set_display_name(&self, name: Option<&str>) -> Result<()> {
        self.set_profile("displayname", name).await
    }

    /// Sets the user's picture, or takes it away.
    ///
    /// # Errors
    ///
    /// As [`set_display_name`](Self::set_display_name).
    pub async fn set_avatar_url(&self, url: Option<&MxcUri>) -> Result<()> {
        if let Some(url) = url {
            url.validate()?;
        }
        self.set_profile("avatar_url", url.map(MxcUri::as_str)).await
    }

    async fn set_profile(&self, name: &str, value: Option<&str>) -> Result<()> {
        let me = self.me().await?;
        match value {
            Some(value) => self.send(SetProfileField::new(me, name, json!({ name: value }))).await.map(drop),
            None => self.send(DeleteProfileField::new(me, name)).await.map(drop),
        }
    }

    /// Says whether the user is there, and something about it if there is something to say. A sync says `online` of
    /// its own accord.
    ///
    /// # Errors
    ///
    /// See [`Error`](crate::Error).
    pub async fn set_presence(&self, presence: impl Into<Presence>, status: Option<&str>) -> Result<()> {
        let mut request = SetPresence::new(self.me().await?, presence);
        request.status_msg = status.map(str::to_owned);
        self.send(request).await.map(drop)
    }

    /// A token that proves to a third party who the user is, and lets it do nothing else. It holds for an hour or
    /// so; feature `openid` has the other side of it.
    ///
    /// # Errors
    ///
    /// See [`Error`](crate::Error).
    pub async fn open_id_token(&self) -> Result<OpenidToken> {
        Ok(self.send(RequestOpenIdToken::new(self.me().await?)).await?.token)
    }

    /// Users by a part of their name or id, as far as the server lets them be found.
    ///
    /// # Errors
    ///
    /// See [`Error`](crate::Error).
    pub async fn search_users(&self, term: impl Into<String>) -> Result<SearchUserDirectoryResponse> {
        self.send(SearchUserDirectory::new(term)).await
    }
}
