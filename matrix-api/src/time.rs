//! Points in time, as Matrix counts them.

use std::{
    fmt,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::wire::{QueryValue, Read, Refused, Segment, Shape, Text};

macro_rules! time {
    ($(#[$docs:meta])* $name:ident, $unit:literal, $from:path, $count:ident) => {
        $(#[$docs])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub i64);

        impl $name {
            #[doc = concat!("The ", $unit, " since 1970, negative before it.")]
            #[must_use]
            pub const fn get(self) -> i64 {
                self.0
            }

            /// The time now, by the system's clock.
            #[must_use]
            pub fn now() -> Self {
                SystemTime::now().into()
            }

            /// The same point in time; `None` if the system cannot express it.
            #[must_use]
            pub fn to_system_time(self) -> Option<SystemTime> {
                let distance: Duration = $from(self.0.unsigned_abs());
                if self.0 < 0 {
                    UNIX_EPOCH.checked_sub(distance)
                } else {
                    UNIX_EPOCH.checked_add(distance)
                }
            }
        }

        impl From<i64> for $name {
            fn from(count: i64) -> Self {
                Self(count)
            }
        }

        impl From<SystemTime> for $name {
            /// Rounds towards 1970; what does not fit becomes the nearest that does.
            fn from(time: SystemTime) -> Self {
                let (distance, sign) = match time.duration_since(UNIX_EPOCH) {
                    Ok(after) => (after, 1),
                    Err(before) => (before.duration(), -1),
                };
                Self(i64::try_from(distance.$count()).unwrap_or(i64::MAX) * sign)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, out)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_i64(self.0)
            }
        }

        impl Read for $name {
            const SHAPE: Shape = Shape::Integer;

            fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                <i64 as Read>::read(deserializer).map(Self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Self::read(deserializer)
            }
        }

        impl Segment for $name {
            fn write_segment(&self, out: &mut Text<'_>) -> Result<(), Refused> {
                self.0.write_segment(out)
            }
        }

        impl QueryValue for $name {
            fn write_value(&self, out: &mut Text<'_>) -> Result<(), Refused> {
                self.0.write_value(out)
            }
        }
    };
}

time! {
    /// A point in time in milliseconds since 1970.
    UnixMillis, "milliseconds", Duration::from_millis, as_millis
}

time! {
    /// A point in time in seconds since 1970.
    UnixSeconds, "seconds", Duration::from_secs, as_secs
}
