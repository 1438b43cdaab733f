//! Events: what their contents are, and how one is read out of JSON that is kept as it came.

mod any;
#[cfg(feature = "events")]
mod build;
mod head;
mod raw;

use serde::{Serialize, de::DeserializeOwned};

pub use any::{AnyContent, ContentReader, HasContent, InvalidContent, UnknownContent};
#[cfg(feature = "events")]
pub use build::FileSource;
pub use head::EventHead;

use crate::{
    AccountDataEvent, EphemeralEvent, RoomId, StateEvent, StrippedStateEvent, TimelineEvent, ToDeviceEvent, UserId,
    wire::Shape,
};

#[cfg(test)]
mod tests;

/// The content of a type of event.
///
/// Those of the specification are in [`events`](crate::events); one of your own needs a type and what it is:
///
/// ```
/// use matrix_api::{EventContent, EventKind, MessageContent};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Deserialize, Serialize)]
/// struct Dice {
///     sides: u8,
/// }
///
/// impl EventContent for Dice {
///     const TYPE: &'static str = "org.example.dice";
///     const KINDS: &'static [EventKind] = &[EventKind::Message];
/// }
///
/// impl MessageContent for Dice {}
/// ```
pub trait EventContent: Serialize + DeserializeOwned {
    /// The type of the event, such as `m.room.message`.
    const TYPE: &'static str;

    /// Where such events occur.
    const KINDS: &'static [EventKind];

    /// What the JSON should be, for reports.
    #[doc(hidden)]
    const SHAPE: Shape = Shape::Any;
}

/// The content of a message event: what a room's timeline is made of, beside state.
pub trait MessageContent: EventContent {}

/// The content of a state event.
pub trait StateContent: EventContent {
    /// What tells the state events of this type apart; `()` if a room has only one.
    type Key: StateKey;
}

/// The content of an event that is not kept, such as typing.
pub trait EphemeralContent: EventContent {}

/// The content of an event among the data of a user's account.
pub trait AccountDataContent: EventContent {}

/// The content of an event among a user's data on a room.
pub trait RoomAccountDataContent: EventContent {}

/// The content of an event from device to device.
pub trait ToDeviceContent: EventContent {}

/// Where events occur.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EventKind {
    /// In a room's timeline.
    Message,
    /// In a room's state, and so in its timeline.
    State,
    /// Not kept, such as typing.
    Ephemeral,
    /// Among the data of a user's account.
    AccountData,
    /// Among a user's data on a room.
    RoomAccountData,
    /// From device to device.
    ToDevice,
}

/// What tells the state events of a type apart.
pub trait StateKey {
    /// The key as text.
    fn as_key(&self) -> &str;
}

impl StateKey for () {
    fn as_key(&self) -> &str {
        ""
    }
}

impl StateKey for String {
    fn as_key(&self) -> &str {
        self
    }
}

impl StateKey for UserId {
    fn as_key(&self) -> &str {
        self.as_str()
    }
}

impl StateKey for RoomId {
    fn as_key(&self) -> &str {
        self.as_str()
    }
}

/// What marks the JSON of an event: see [`Raw`](crate::Raw).
pub trait Event: sealed::Sealed {}

mod sealed {
    pub trait Sealed {}
}

macro_rules! events {
    ($($name:ident),*) => {$(
        impl sealed::Sealed for $name {}
        impl Event for $name {}
    )*};
}

events!(AccountDataEvent, EphemeralEvent, StateEvent, StrippedStateEvent, TimelineEvent, ToDeviceEvent);
