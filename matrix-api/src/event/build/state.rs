//! State.

use crate::{
    RoomId, UserId,
    events::{
        RoomCanonicalAlias, RoomEncryption, RoomGuestAccess, RoomHistoryVisibility, RoomJoinRules, RoomPowerLevels,
        RoomServerAcl, RoomTombstone,
        room_encryption::Algorithm,
        room_guest_access::GuestAccess,
        room_history_visibility::HistoryVisibility,
        room_join_rules::{Allow, AllowType, JoinRule},
    },
};

impl RoomEncryption {
    /// Megolm, which is what everybody uses.
    #[must_use]
    pub fn megolm() -> Self {
        Self::new(Algorithm::MegolmV1AesSha2)
    }
}

impl RoomJoinRules {
    /// Anybody may join.
    #[must_use]
    pub fn public() -> Self {
        Self::new(JoinRule::Public)
    }

    /// One needs an invitation.
    #[must_use]
    pub fn invite() -> Self {
        Self::new(JoinRule::Invite)
    }

    /// One needs an invitation, and may ask for it.
    #[must_use]
    pub fn knock() -> Self {
        Self::new(JoinRule::Knock)
    }

    /// Members of any of these rooms may join; others need an invitation.
    pub fn restricted(rooms: impl IntoIterator<Item = impl Into<RoomId>>) -> Self {
        Self::new(JoinRule::Restricted).allow(rooms.into_iter().map(membership))
    }

    /// The same, and others may ask for an invitation.
    pub fn knock_restricted(rooms: impl IntoIterator<Item = impl Into<RoomId>>) -> Self {
        Self::new(JoinRule::KnockRestricted).allow(rooms.into_iter().map(membership))
    }
}

fn membership(room: impl Into<RoomId>) -> Allow {
    Allow::new(AllowType::RoomMembership).room_id(room)
}

impl RoomHistoryVisibility {
    /// Members may read everything, also what was written before they came.
    #[must_use]
    pub fn shared() -> Self {
        Self::new(HistoryVisibility::Shared)
    }
}

impl RoomGuestAccess {
    /// Guests may join.
    #[must_use]
    pub fn can_join() -> Self {
        Self::new(GuestAccess::CanJoin)
    }

    /// Guests may not join.
    #[must_use]
    pub fn forbidden() -> Self {
        Self::new(GuestAccess::Forbidden)
    }
}

impl RoomServerAcl {
    /// Every server may take part, but for those that are denied later. Without `allow: ["*"]` nobody could.
    #[must_use]
    pub fn all() -> Self {
        Self::new().allow(["*"])
    }
}

impl RoomCanonicalAlias {
    /// All addresses, the main one first.
    pub fn all(&self) -> impl Iterator<Item = &crate::RoomAlias> {
        self.alias.iter().chain(self.alt_aliases.iter().flatten())
    }
}

impl RoomTombstone {
    /// The room goes on as another.
    pub fn moved_to(room: impl Into<RoomId>) -> Self {
        Self::new("This room has been replaced", room)
    }
}

impl RoomPowerLevels {
    /// The level of a user. The creators of a room of version 12 or later are above all levels,
    /// which this event does not know of.
    #[must_use]
    pub fn user_level(&self, user: &UserId) -> i64 {
        let own = self.users.as_ref().and_then(|users| users.get(user)).copied();
        own.or(self.users_default).unwrap_or(0)
    }

    /// Sets the level of a user, and leaves all else as it is.
    pub fn set_user_level(&mut self, user: impl Into<UserId>, level: i64) {
        self.users.get_or_insert_default().insert(user.into(), level);
    }

    /// What it takes to send a message of a type, such as `m.room.message`.
    #[must_use]
    pub fn message_level(&self, event_type: &str) -> i64 {
        self.event_level(event_type).or(self.events_default).unwrap_or(0)
    }

    /// What it takes to set state of a type, such as `m.room.name`.
    #[must_use]
    pub fn state_level(&self, event_type: &str) -> i64 {
        self.event_level(event_type).or(self.state_default).unwrap_or(50)
    }

    fn event_level(&self, event_type: &str) -> Option<i64> {
        self.events.as_ref().and_then(|events| events.get(event_type)).copied()
    }
}
