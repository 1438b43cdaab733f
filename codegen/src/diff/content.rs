//! Two versions of the contents of events become rows.

use super::Rows;
use super::compare::pair;
use super::item::{self, Owner};
use super::rule::Kind;
use super::surface::Item;
use crate::ir::EventKind;

/// The content of a type of event, with its types.
#[derive(Debug)]
pub(super) struct Content {
    /// The type of the event.
    pub(super) wire: String,
    pub(super) kinds: Vec<EventKind>,
    pub(super) item: Item,
    /// The other types of its module.
    pub(super) own: Vec<Item>,
}

/// Compares the contents of all events, which are the same if they are of the same type of event.
pub(super) fn lists(old: &[Content], new: &[Content], rows: &mut Rows) {
    for (old, new) in pair(old, new, &[&|old: &Content, new: &Content| old.wire == new.wire]) {
        match (old, new) {
            (Some(old), Some(new)) => compare(old, new, rows),
            (Some(old), None) => {
                rows.add(Kind::ContentRemoved, &old.item.path, &old.item.origin, Some(described(old)), None);
            }
            (None, Some(new)) => {
                rows.add(Kind::ContentAdded, &new.item.path, &new.item.origin, None, Some(described(new)));
            }
            (None, None) => {}
        }
    }
}

fn compare(old: &Content, new: &Content, rows: &mut Rows) {
    let mut row = |kind, before: String, after: String| {
        rows.add(kind, &new.item.path, &new.item.origin, Some(before), Some(after));
    };
    let lacks = |content: &Content, word: &str| content.kinds.iter().all(|kind| kind.word() != word);
    if new.kinds.iter().any(|kind| lacks(old, kind.word())) {
        row(Kind::ContentKindAdded, words(old), words(new));
    }
    if old.kinds.iter().any(|kind| lacks(new, kind.word())) {
        row(Kind::ContentKindRemoved, words(old), words(new));
    }
    if let (Some(before), Some(after)) = (key(old), key(new))
        && before != after
    {
        row(Kind::ContentKeyRetyped, before.to_owned(), after.to_owned());
    }
    item::compare(&old.item, &new.item, Owner::Definitions, rows);
    item::lists(&old.own, &new.own, Owner::Definitions, rows);
}

fn described(content: &Content) -> String {
    format!("{} ({}; {})", content.wire, words(content), item::form(&content.item))
}

/// The kinds of event, as the table of kinds calls them.
fn words(content: &Content) -> String {
    content.kinds.iter().map(EventKind::word).collect::<Vec<_>>().join(", ")
}

/// What its state events are told apart by.
fn key(content: &Content) -> Option<&str> {
    content.kinds.iter().find_map(|kind| match kind {
        EventKind::State(key) => Some(key.rust()),
        _ => None,
    })
}
