//! A room to be made.

use std::{
    fmt,
    future::{Future, IntoFuture},
    pin::Pin,
};

use serde::Serialize;
use serde_json::{Map, Value};

use super::{ENCRYPTION, OLDEST, Room, creators_stand_above};
use crate::{
    Batch, Client, Raw, Result, StateContent, UserId,
    client_server::{
        CreateRoom, GetCapabilities, InviteUser,
        create_room::{InitialState, Preset, Visibility},
    },
    json,
};

/// A room to be made: see [`Client::create_room`].
#[derive(Clone)]
#[must_use = "nothing is sent unless it is awaited"]
pub struct NewRoom {
    client: Client,
    request: CreateRoom,
    invited: Vec<UserId>,
    admins: Vec<UserId>,
    state: Vec<InitialState>,
    creation: Map<String, Value>,
}

impl Client {
    /// Makes a room, for invited users only unless it says otherwise, and returns it.
    ///
    /// ```no_run
    /// # async fn example(client: matrix_api::Client) -> matrix_api::Result<()> {
    /// let room = client.create_room().name("Kitchen").admin("@ann:example.org").invite(["@ben:example.org"]).await?;
    /// room.send_text("Dinner is ready.").await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Api`](crate::Error::Api) with `M_ROOM_IN_USE` if the alias is taken, and with
    /// `M_UNSUPPORTED_ROOM_VERSION` if the server does not have the version.
    pub fn create_room(&self) -> NewRoom {
        NewRoom {
            client: self.clone(),
            request: CreateRoom::new().preset(Preset::PrivateChat),
            invited: Vec::new(),
            admins: Vec::new(),
            state: Vec::new(),
            creation: Map::new(),
        }
    }
}

impl NewRoom {
    /// The room's name.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.request.name = Some(name.into());
        self
    }

    /// What the room is about.
    pub fn topic(mut self, topic: impl Into<String>) -> Self {
        self.request.topic = Some(topic.into());
        self
    }

    /// The first part of an alias: `kitchen` for `#kitchen:example.org`.
    pub fn alias(mut self, localpart: impl Into<String>) -> Self {
        self.request.room_alias_name = Some(localpart.into());
        self
    }

    /// Anybody may join, and the server's directory lists the room.
    pub fn public(mut self) -> Self {
        self.request.preset = Some(Preset::PublicChat);
        self.request.visibility = Some(Visibility::Public);
        self
    }

    /// The version of the room, such as `11`; the server's default unless set.
    pub fn version(mut self, version: impl Into<String>) -> Self {
        self.request.room_version = Some(version.into());
        self
    }

    /// Users to invite. For more than a few there is [`Room::invite_many`]: servers limit how fast it goes, and one
    /// who cannot be invited here is a failure of the whole.
    pub fn invite(mut self, users: impl IntoIterator<Item = impl Into<UserId>>) -> Self {
        self.invited.extend(users.into_iter().map(Into::into));
        self
    }

    /// Invites a user who may do everything here: in rooms of version 12 and later as another creator, above all
    /// power levels, and before that with the level of the creator, 100.
    ///
    /// Without a [`version`](Self::version) the server is asked which one it makes.
    pub fn admin(mut self, user: impl Into<UserId>) -> Self {
        self.admins.push(user.into());
        self
    }

    /// The room is encrypted from the start.
    pub fn encrypted(self) -> Self {
        self.raw_state(ENCRYPTION, "", json!({"algorithm": "m.megolm.v1.aes-sha2"}))
    }

    /// State that the room has from the start.
    pub fn state<C: StateContent<Key = ()>>(self, content: C) -> Self {
        self.raw_state(C::TYPE, "", content)
    }

    /// As [`state`](Self::state), of any type and key.
    pub fn raw_state(mut self, event_type: impl Into<String>, key: impl Into<String>, content: impl Serialize) -> Self {
        self.state.push(InitialState::new(event_type, content).state_key(key));
        self
    }

    /// The room is a space: see [`Client::space`].
    pub fn space(mut self) -> Self {
        self.creation.insert("type".to_owned(), "m.space".into());
        self
    }

    /// Only users of this server may ever join.
    pub fn local_only(mut self) -> Self {
        self.creation.insert("m.federate".to_owned(), false.into());
        self
    }

    /// A conversation with one other user, who may do as much in it.
    pub(crate) fn direct(mut self, user: UserId) -> Self {
        self.request.preset = Some(Preset::TrustedPrivateChat);
        self.request.is_direct = Some(true);
        self.invited.push(user);
        self
    }

    /// The request that makes it. The server is asked for what it takes to know.
    async fn request(mut self) -> Result<CreateRoom> {
        if !self.admins.is_empty() {
            self.appoint().await?;
        }
        for admin in self.admins {
            if !self.invited.contains(&admin) {
                self.invited.push(admin);
            }
        }
        let mut request = self.request;
        if !self.invited.is_empty() {
            request = request.invite(self.invited);
        }
        if !self.state.is_empty() {
            request.initial_state = Some(self.state);
        }
        if !self.creation.is_empty() {
            request = request.creation_content(self.creation);
        }
        Ok(request)
    }

    async fn appoint(&mut self) -> Result<()> {
        let version = match &self.request.room_version {
            Some(version) => version.clone(),
            None => {
                let able = self.client.send(GetCapabilities::new()).await?.capabilities.room_versions;
                // A server that does not say makes rooms of the first version.
                able.map_or_else(|| OLDEST.to_owned(), |versions| versions.default)
            }
        };
        if creators_stand_above(&version) {
            self.creation.insert("additional_creators".to_owned(), json!(self.admins));
        } else {
            let me = self.client.me().await?;
            let all = self.admins.iter().chain([&me]).map(|user| (user.as_str().to_owned(), 100.into()));
            let users: Map<String, Value> = all.collect();
            self.request.power_level_content_override = Some(Raw::new(&json!({ "users": users })));
        }
        Ok(())
    }
}

impl IntoFuture for NewRoom {
    type Output = Result<Room>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let client = self.client.clone();
            let request = self.request().await?;
            let id = client.send(request).await?.room_id;
            Ok(client.room(id))
        })
    }
}

impl fmt::Debug for NewRoom {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("NewRoom").finish_non_exhaustive()
    }
}

impl Room {
    /// Invites many users, a few at a time, with an outcome for each.
    pub fn invite_many(&self, users: impl IntoIterator<Item = impl Into<UserId>>) -> Batch<UserId, InviteUser> {
        let invitation = |user: UserId| (user.clone(), InviteUser::new(&self.id, user));
        self.client.batch(users.into_iter().map(Into::into).map(invitation))
    }
}
