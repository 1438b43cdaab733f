//! Who may do what in a room.

mod edit;

pub(crate) use self::edit::Turns;
use super::{OLDEST, Room, creation, creators_stand_above};
use crate::{
    Result, UserId,
    error::{RoomError, RoomErrorKind},
    events::RoomPowerLevels,
};

const CREATE: &str = "m.room.create";

/// The power that a user has in a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Power {
    /// A level. 100 may do everything in most rooms, 50 moderates, 0 is what everybody has.
    Level(i64),
    /// A creator of a room of version 12 or later: above all levels, for good.
    Creator,
}

impl Power {
    /// The level; `None` for a creator, who is above all of them.
    #[must_use]
    pub fn level(self) -> Option<i64> {
        match self {
            Self::Creator => None,
            Self::Level(level) => Some(level),
        }
    }

    /// Whether it is enough for what takes this level.
    #[must_use]
    pub fn reaches(self, needed: i64) -> bool {
        self >= Self::Level(needed)
    }
}

/// Who may do what in a room: see [`Room::power`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RoomPower {
    /// The room's version, such as `12`.
    pub version: String,
    /// Who has created the room, and from version 12 on who else counts as having done so.
    pub creators: Vec<UserId>,
    /// The levels; `None` if the room has none.
    pub levels: Option<RoomPowerLevels>,
}

impl RoomPower {
    /// The power of a user, member or not.
    #[must_use]
    pub fn of(&self, user: &UserId) -> Power {
        let created = self.creators.contains(user);
        match &self.levels {
            _ if created && creators_stand_above(&self.version) => Power::Creator,
            Some(levels) => Power::Level(levels.user_level(user)),
            // A room without levels belongs to who has created it.
            None => Power::Level(if created { 100 } else { 0 }),
        }
    }

    /// Whether a user has the power to send messages of a type, such as `m.room.message`.
    #[must_use]
    pub fn may_send(&self, user: &UserId, event_type: &str) -> bool {
        self.of(user).reaches(self.levels.as_ref().map_or(0, |levels| levels.message_level(event_type)))
    }

    /// Whether a user has the power to set state of a type, such as `m.room.name`.
    #[must_use]
    pub fn may_set(&self, user: &UserId, event_type: &str) -> bool {
        self.of(user).reaches(self.levels.as_ref().map_or(0, |levels| levels.state_level(event_type)))
    }

    /// Whether a user has the power to kick another, who must stand below them. To ban is
    /// [`may_ban`](Self::may_ban).
    #[must_use]
    pub fn may_kick(&self, user: &UserId, other: &UserId) -> bool {
        self.of(user).reaches(self.needed(|levels| levels.kick)) && self.of(user) > self.of(other)
    }

    /// Whether a user has the power to ban another, who must stand below them.
    #[must_use]
    pub fn may_ban(&self, user: &UserId, other: &UserId) -> bool {
        self.of(user).reaches(self.needed(|levels| levels.ban)) && self.of(user) > self.of(other)
    }

    fn needed(&self, level: fn(&RoomPowerLevels) -> Option<i64>) -> i64 {
        self.levels.as_ref().and_then(level).unwrap_or(50)
    }
}

impl Room {
    /// Who may do what here. Two requests; a [`RoomCache`](crate::RoomCache) knows without asking.
    ///
    /// # Errors
    ///
    /// [`Error::Api`](crate::Error::Api) with `M_FORBIDDEN` if the user was never in the room.
    pub async fn power(&self) -> Result<RoomPower> {
        let (version, creators) = self.creation().await?;
        let levels = self.state_event::<RoomPowerLevels>(()).await?;
        Ok(RoomPower { version, creators, levels })
    }

    /// The power of a user here, member or not.
    ///
    /// ```no_run
    /// use matrix_api::Power;
    ///
    /// # async fn example(room: matrix_api::Room) -> matrix_api::Result<()> {
    /// match room.power_of("@ann:example.org").await? {
    ///     Power::Creator => println!("made this room"),
    ///     Power::Level(level) => println!("has level {level}"),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`power`](Self::power).
    pub async fn power_of(&self, user: impl Into<UserId>) -> Result<Power> {
        Ok(self.power().await?.of(&user.into()))
    }

    /// Sets the power level of a user, and nothing else: whatever else is in the event stays as it is, known to
    /// this version or not.
    ///
    /// Matrix has no way to change state only if it is still what it was. So the event is read, written, and read
    /// back with what others wrote meanwhile: what was covered is put back, what was lost is set again. The changes
    /// of one client follow one another; two clients that set many users' levels at once lose nothing.
    ///
    /// # Errors
    ///
    /// [`Error::Room`](crate::Error::Room) with [`RoomErrorKind::Creator`] if the user stands above all levels,
    /// before anything is written, with [`RoomErrorKind::Conflict`] if somebody else has set the level of the same
    /// user at the same time; theirs holds, and with [`RoomErrorKind::Contended`] if others write so often that it
    /// does not come to rest. [`Error::Api`](crate::Error::Api) with `M_FORBIDDEN` if the client's
    /// user may not do that.
    pub async fn set_user_power(&self, user: impl Into<UserId>, level: i64) -> Result<()> {
        let user = user.into();
        user.validate()?;
        let (version, creators) = self.creation().await?;
        if creators_stand_above(&version) && creators.contains(&user) {
            return Err(RoomError::new("set_user_power", self.id.as_str(), RoomErrorKind::Creator).into());
        }
        edit::set_level(self, &creators, &user, level).await
    }

    /// The room's version, and who has created it.
    async fn creation(&self) -> Result<(String, Vec<UserId>)> {
        let event = self.whole_state_event(CREATE, "").await?;
        if let Some(event) = event.filter(|event| event.sender().is_some() && event.raw_content().is_some()) {
            return Ok(creation(&event.head()));
        }
        // A server that knows contents only.
        let state = self.state().await?;
        let found = state.iter().find(|event| event.event_type() == CREATE);
        Ok(found.map_or_else(|| (OLDEST.to_owned(), Vec::new()), |event| creation(&event.head())))
    }
}
