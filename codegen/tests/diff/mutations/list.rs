//! The changes, in the order of the rules.

use super::Mutation;

mod calls;
mod fields;
mod types;

pub(crate) fn all() -> impl Iterator<Item = &'static Mutation> {
    calls::CALLS.iter().chain(fields::FIELDS).chain(types::TYPES).chain(types::NOTHING)
}
