//! The changes, in the order of the rules.

use super::Mutation;

mod calls;
mod events;
mod fields;
mod types;

pub(crate) fn all() -> impl Iterator<Item = &'static Mutation> {
    calls::CALLS
        .iter()
        .chain(fields::FIELDS)
        .chain(types::TYPES)
        .chain(events::EVENTS)
        .chain(types::NOTHING)
        .chain(events::NOTHING)
}
