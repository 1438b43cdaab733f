//! The floor: a sync as it would be written by hand, with slices of the body for ids and events.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use bytes::Bytes;
use serde::{Deserialize, Deserializer, de};
use serde_json::value::RawValue;

/// Reads it, and makes slices of what it borrows.
pub(crate) fn sync(body: &Bytes) -> Sync<Bytes, Bytes> {
    let read: Sync<Str<'_>, &RawValue> = serde_json::from_slice(body).expect("the body is a sync");
    let text = |text: Str<'_>| match text.0 {
        Cow::Borrowed(text) => body.slice_ref(text.as_bytes()),
        Cow::Owned(text) => Bytes::from(text),
    };
    Map(text, |event: &RawValue| body.slice_ref(event.get().as_bytes())).sync(read)
}

/// A string borrowed from the input when it has no escapes. Unlike `Cow<str>` it also borrows as a map key.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Str<'a>(pub(crate) Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Str<'a> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct V;
        impl<'de> de::Visitor<'de> for V {
            type Value = Str<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }
            fn visit_borrowed_str<E>(self, v: &'de str) -> Result<Str<'de>, E> {
                Ok(Str(Cow::Borrowed(v)))
            }
            fn visit_str<E>(self, v: &str) -> Result<Str<'de>, E> {
                Ok(Str(Cow::Owned(v.to_owned())))
            }
        }
        d.deserialize_str(V)
    }
}

macro_rules! model {
    ($( struct $name:ident { $( $(#[$m:meta])* $f:ident : $t:ty, )* } )*) => { $(
        #[derive(Deserialize)]
        #[serde(bound = "S: Deserialize<'de> + Ord, E: Deserialize<'de>")]
        pub(crate) struct $name<S: Ord, E> {
            $( #[serde(default)] $(#[$m])* pub(crate) $f: $t, )*
            #[serde(skip, default)]
            pub(crate) _p: std::marker::PhantomData<(S, E)>,
        }
        impl<S: Ord, E> Default for $name<S, E> {
            fn default() -> Self {
                Self { $( $f: Default::default(), )* _p: std::marker::PhantomData }
            }
        }
    )* }
}

model! {
    struct Sync {
        next_batch: Option<S>,
        rooms: Rooms<S, E>,
        presence: Events<S, E>,
        account_data: Events<S, E>,
        to_device: Events<S, E>,
        device_lists: DeviceLists<S, E>,
        device_one_time_keys_count: BTreeMap<S, u64>,
        device_unused_fallback_key_types: Option<Vec<S>>,
    }
    struct DeviceLists { changed: Vec<S>, left: Vec<S>, }
    struct Events { events: Vec<E>, }
    struct Rooms {
        join: BTreeMap<S, Joined<S, E>>,
        invite: BTreeMap<S, Invited<S, E>>,
        leave: BTreeMap<S, Left<S, E>>,
        knock: BTreeMap<S, Knocked<S, E>>,
    }
    struct Invited { invite_state: Events<S, E>, }
    struct Knocked { knock_state: Events<S, E>, }
    struct Left { timeline: Timeline<S, E>, state: Events<S, E>, account_data: Events<S, E>, }
    struct Timeline { events: Vec<E>, limited: bool, prev_batch: Option<S>, }
    struct Summary {
        #[serde(rename = "m.heroes")] heroes: Vec<S>,
        #[serde(rename = "m.joined_member_count")] joined: Option<u64>,
        #[serde(rename = "m.invited_member_count")] invited: Option<u64>,
    }
    struct Counts { highlight_count: Option<u64>, notification_count: Option<u64>, }
    struct Joined {
        summary: Summary<S, E>,
        unread_notifications: Counts<S, E>,
        unread_thread_notifications: BTreeMap<S, Counts<S, E>>,
        timeline: Timeline<S, E>,
        state: Events<S, E>,
        account_data: Events<S, E>,
        ephemeral: Events<S, E>,
    }
}

/// Rebuild with other string and event holders.
pub(crate) struct Map<FS, FE>(pub(crate) FS, pub(crate) FE);

impl<FS, FE> Map<FS, FE> {
    pub(crate) fn sync<S: Ord, E, S2: Ord, E2>(&mut self, v: Sync<S, E>) -> Sync<S2, E2>
    where
        FS: FnMut(S) -> S2,
        FE: FnMut(E) -> E2,
    {
        Sync {
            next_batch: v.next_batch.map(&mut self.0),
            rooms: Rooms {
                join: v.rooms.join.into_iter().map(|(k, r)| ((self.0)(k), self.joined(r))).collect(),
                invite: v
                    .rooms
                    .invite
                    .into_iter()
                    .map(|(k, r)| {
                        ((self.0)(k), Invited { invite_state: self.events(r.invite_state), _p: Default::default() })
                    })
                    .collect(),
                leave: v
                    .rooms
                    .leave
                    .into_iter()
                    .map(|(k, r)| {
                        (
                            (self.0)(k),
                            Left {
                                timeline: self.timeline(r.timeline),
                                state: self.events(r.state),
                                account_data: self.events(r.account_data),
                                _p: Default::default(),
                            },
                        )
                    })
                    .collect(),
                knock: v
                    .rooms
                    .knock
                    .into_iter()
                    .map(|(k, r)| {
                        ((self.0)(k), Knocked { knock_state: self.events(r.knock_state), _p: Default::default() })
                    })
                    .collect(),
                _p: Default::default(),
            },
            presence: self.events(v.presence),
            account_data: self.events(v.account_data),
            to_device: self.events(v.to_device),
            device_lists: DeviceLists {
                changed: v.device_lists.changed.into_iter().map(&mut self.0).collect(),
                left: v.device_lists.left.into_iter().map(&mut self.0).collect(),
                _p: Default::default(),
            },
            device_one_time_keys_count: v
                .device_one_time_keys_count
                .into_iter()
                .map(|(k, n)| ((self.0)(k), n))
                .collect(),
            device_unused_fallback_key_types: v
                .device_unused_fallback_key_types
                .map(|x| x.into_iter().map(&mut self.0).collect()),
            _p: Default::default(),
        }
    }
    fn events<S: Ord, E, S2: Ord, E2>(&mut self, v: Events<S, E>) -> Events<S2, E2>
    where
        FE: FnMut(E) -> E2,
    {
        Events { events: v.events.into_iter().map(&mut self.1).collect(), _p: Default::default() }
    }
    fn timeline<S: Ord, E, S2: Ord, E2>(&mut self, v: Timeline<S, E>) -> Timeline<S2, E2>
    where
        FS: FnMut(S) -> S2,
        FE: FnMut(E) -> E2,
    {
        Timeline {
            events: v.events.into_iter().map(&mut self.1).collect(),
            limited: v.limited,
            prev_batch: v.prev_batch.map(&mut self.0),
            _p: Default::default(),
        }
    }
    fn joined<S: Ord, E, S2: Ord, E2>(&mut self, r: Joined<S, E>) -> Joined<S2, E2>
    where
        FS: FnMut(S) -> S2,
        FE: FnMut(E) -> E2,
    {
        let counts = |c: Counts<S, E>| Counts {
            highlight_count: c.highlight_count,
            notification_count: c.notification_count,
            _p: Default::default(),
        };
        Joined {
            summary: Summary {
                heroes: r.summary.heroes.into_iter().map(&mut self.0).collect(),
                joined: r.summary.joined,
                invited: r.summary.invited,
                _p: Default::default(),
            },
            unread_notifications: counts(r.unread_notifications),
            unread_thread_notifications: r
                .unread_thread_notifications
                .into_iter()
                .map(|(k, c)| ((self.0)(k), counts(c)))
                .collect(),
            timeline: self.timeline(r.timeline),
            state: self.events(r.state),
            account_data: self.events(r.account_data),
            ephemeral: self.events(r.ephemeral),
            _p: Default::default(),
        }
    }
}
