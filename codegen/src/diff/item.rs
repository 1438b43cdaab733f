//! Two versions of a type become rows.

use super::Rows;
use super::compare::pair;
use super::rule::Kind;
use super::surface::{Alternative, Form, Item, Member};
use crate::ir::{Need, Place};

/// Whose the types are; those of a renamed operation are renamed along with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    Operation,
    Definitions,
}

/// Compares the types of two modules.
pub(super) fn lists(old: &[Item], new: &[Item], owner: Owner, rows: &mut Rows) {
    let by_path = |old: &Item, new: &Item| match owner {
        Owner::Definitions => old.path == new.path,
        Owner::Operation => last(&old.path) == last(&new.path),
    };
    let by_spot = |old: &Item, new: &Item| old.spot == new.spot;
    for (old, new) in pair(old, new, &[&by_path, &by_spot]) {
        match (old, new) {
            (Some(old), Some(new)) => compare(old, new, owner, rows),
            (Some(old), None) => rows.add(Kind::TypeRemoved, &old.path, &old.origin, Some(form(old)), None),
            (None, Some(new)) => rows.add(Kind::TypeAdded, &new.path, &new.origin, None, Some(form(new))),
            (None, None) => {}
        }
    }
}

fn last(path: &str) -> &str {
    path.rsplit("::").next().unwrap_or(path)
}

/// What a type is, in a few words.
pub(super) fn form(item: &Item) -> String {
    match &item.form {
        Form::Struct(members) => format!("struct of {} fields", members.len()),
        Form::Enum(values) => format!("enum of {} texts", values.len()),
        Form::Union(kinds) => format!("enum of {} JSON kinds", kinds.len()),
        Form::Tagged(forms) => format!("enum of {} objects", forms.len()),
    }
}

/// Compares a type with itself.
pub(super) fn compare(old: &Item, new: &Item, owner: Owner, rows: &mut Rows) {
    let renamed = match owner {
        Owner::Definitions => old.path != new.path,
        // The response's name follows from the request's.
        Owner::Operation => last(&old.path) != last(&new.path) && !new.spot.is_empty(),
    };
    if renamed {
        rows.add(Kind::TypeRenamed, &new.path, &new.origin, Some(old.path.clone()), Some(new.path.clone()));
    }
    ways(old, new, rows);
    match (&old.form, &new.form) {
        (Form::Struct(before), Form::Struct(after)) => members(old, new, before, after, rows),
        (Form::Enum(before), Form::Enum(after)) => values(new, before, after, rows),
        (Form::Union(before), Form::Union(after)) | (Form::Tagged(before), Form::Tagged(after)) => {
            kinds(new, before, after, rows)
        }
        _ => rows.add(Kind::TypeReshaped, &new.path, &new.origin, Some(form(old)), Some(form(new))),
    }
    if old.summary != new.summary {
        rows.add(Kind::WordsChanged, &new.path, &new.origin, old.summary.clone(), new.summary.clone());
    }
}

/// Which ways it travels, and which features have it.
fn ways(old: &Item, new: &Item, rows: &mut Rows) {
    let mut row = |kind, before: &str, after: &str| {
        rows.add(kind, &new.path, &new.origin, Some(before.to_owned()), Some(after.to_owned()));
    };
    match (old.sent, new.sent) {
        (false, true) => row(Kind::TypeNowSent, "not sent", "sent"),
        (true, false) => row(Kind::TypeNotSent, "sent", "not sent"),
        _ => {}
    }
    match (old.received, new.received) {
        (false, true) => row(Kind::TypeNowReceived, "not received", "received"),
        (true, false) => row(Kind::TypeNotReceived, "received", "not received"),
        _ => {}
    }
    let list = |item: &Item| item.features.iter().cloned().collect::<Vec<_>>().join(", ");
    if !old.features.is_subset(&new.features) {
        row(Kind::TypeReachShrank, &list(old), &list(new));
    } else if old.features != new.features {
        row(Kind::TypeReachGrew, &list(old), &list(new));
    }
}

fn members(old: &Item, new: &Item, before: &[Member], after: &[Member], rows: &mut Rows) {
    let by_name = |old: &Member, new: &Member| old.name == new.name;
    let by_wire = |old: &Member, new: &Member| !old.wire.is_empty() && old.wire == new.wire;
    // The name of a path's parameter is nobody's but the document's.
    let in_path = |member: &Member| member.place == Some(Place::Path);
    let by_segment = |old: &Member, new: &Member| in_path(old) && in_path(new) && old.inner == new.inner;
    let pairs = pair(before, after, &[&by_name, &by_wire, &by_segment]);
    for (member, now) in &pairs {
        match (member, now) {
            (Some(member), Some(now)) => self::member(new, member, now, old.sent && new.sent, rows),
            (Some(member), None) => {
                let path = format!("{}::{}", old.path, member.name);
                rows.add(Kind::FieldRemoved, &path, at(member, old), Some(described(member)), None);
            }
            (None, Some(now)) => {
                // What could not be made before has no constructor to break.
                let required = new.sent && old.sent && now.is_argument();
                let kind = if required { Kind::FieldAddedRequired } else { Kind::FieldAdded };
                let path = format!("{}::{}", new.path, now.name);
                rows.add(kind, &path, at(now, new), None, Some(described(now)));
                if now.kept {
                    rows.add(Kind::FieldRequiredKept, &path, at(now, new), None, Some(described(now)));
                }
            }
            (None, None) => {}
        }
    }
    let both = pairs.iter().filter_map(|(old, new)| old.as_ref().zip(new.as_ref()));
    let both: Vec<_> = both.filter(|(old, new)| old.is_argument() && new.is_argument()).collect();
    let order: Vec<_> = both.iter().map(|(old, _)| old.name.as_str()).collect();
    let mut sorted = both.clone();
    sorted.sort_by_key(|(_, new)| after.iter().position(|other| std::ptr::eq(other, **new)));
    let wanted: Vec<_> = sorted.iter().map(|(old, _)| old.name.as_str()).collect();
    if old.sent && new.sent && order != wanted {
        let path = format!("{}::new", new.path);
        rows.add(Kind::ArgumentsReordered, &path, &new.origin, Some(order.join(", ")), Some(wanted.join(", ")));
    }
}

/// Where a member stands in the documents, or where its owner does.
fn at<'a>(member: &'a Member, owner: &'a Item) -> &'a crate::openapi::Origin {
    if member.origin.file.is_empty() { &owner.origin } else { &member.origin }
}

fn described(member: &Member) -> String {
    match place(member.place) {
        Some(place) => format!("{}, {place}", member.ty()),
        None => member.ty(),
    }
}

fn place(place: Option<Place>) -> Option<&'static str> {
    Some(match place? {
        Place::Path => "in the path",
        Place::Query => "in the query",
        Place::Header => "in a header",
        Place::Body => "in the body",
        Place::Special => "the whole body",
    })
}

/// What has changed around the type, if that shows.
fn wrapping(old: &Member, new: &Member, both_made: bool) -> Option<Kind> {
    let same = old.ty() == new.ty();
    if same && old.kept != new.kept {
        return Some(if new.kept { Kind::FieldRequiredKept } else { Kind::FieldBecameOptional });
    }
    if same && (old.is_argument() == new.is_argument() || !both_made) {
        return None;
    }
    Some(match (old.need, new.need) {
        (Need::Optional, Need::Required) => Kind::FieldBecameRequired,
        (Need::Required, Need::Optional) => Kind::FieldBecameOptional,
        _ if old.nullable != new.nullable => Kind::FieldNullChanged,
        _ if same && new.is_argument() => Kind::FieldBecameRequired,
        _ if same => Kind::FieldBecameOptional,
        // It travels other ways than before, and may now be missing or no longer be.
        _ => Kind::FieldRetyped,
    })
}

/// `both_made`: there is a constructor on both sides.
fn member(owner: &Item, old: &Member, new: &Member, both_made: bool, rows: &mut Rows) {
    let path = format!("{}::{}", owner.path, new.name);
    let mut row = |kind, before: String, after: String| {
        rows.add(kind, &path, at(new, owner), Some(before), Some(after));
    };
    if old.name != new.name {
        row(Kind::FieldRenamed, old.name.clone(), new.name.clone());
    }
    if old.inner != new.inner {
        row(Kind::FieldRetyped, full(old, new), full(new, old));
    } else if let Some(kind) = wrapping(old, new, both_made) {
        row(kind, old.ty(), new.ty());
    } else if old.need != new.need {
        row(Kind::FieldNeedUnseen, need(old.need).to_owned(), need(new.need).to_owned());
    }
    if old.place != new.place {
        let said = |member: &Member| place(member.place).unwrap_or_default().to_owned();
        row(Kind::FieldMoved, said(old), said(new));
    }
    let wire = |member: &Member| format!("`{}`, {}", member.wire, member.encoding);
    // The name of a whole document is ours, not the wire's.
    let whole = new.place == Some(Place::Special);
    if old.encoding != new.encoding || old.wire != new.wire && !whole {
        row(Kind::FieldWireChanged, wire(old), wire(new));
    }
    lines(old, new, &mut row);
}

fn lines(old: &Member, new: &Member, row: &mut impl FnMut(Kind, String, String)) {
    let some = |text: &Option<String>| text.clone().unwrap_or_default();
    if old.deprecated != new.deprecated {
        let kind = if new.deprecated { Kind::FieldDeprecated } else { Kind::FieldReinstated };
        row(kind, said(old.deprecated), said(new.deprecated));
    }
    if old.since != new.since {
        row(Kind::SinceChanged, some(&old.since), some(&new.since));
    }
    if old.docs != new.docs {
        row(Kind::WordsChanged, some(&old.docs), some(&new.docs));
    }
}

fn said(deprecated: bool) -> String {
    if deprecated { "deprecated" } else { "not deprecated" }.to_owned()
}

fn need(need: Need) -> &'static str {
    match need {
        Need::Required => "required",
        Need::Expected => "expected",
        Need::Optional => "optional",
    }
}

/// The type, with the paths in it where the other one reads the same.
fn full(member: &Member, other: &Member) -> String {
    if member.ty() == other.ty() {
        format!("{} of {}", member.ty(), member.inner.names.join(", "))
    } else {
        member.ty()
    }
}

fn values(item: &Item, before: &[(String, String)], after: &[(String, String)], rows: &mut Rows) {
    let by_name = |old: &(String, String), new: &(String, String)| old.1 == new.1;
    let by_wire = |old: &(String, String), new: &(String, String)| old.0 == new.0;
    for (old, new) in pair(before, after, &[&by_name, &by_wire]) {
        let (_, name) = new.or(old).cloned().unwrap_or_default();
        let path = format!("{}::{name}", item.path);
        let mut row = |kind, before: Option<&String>, after: Option<&String>| {
            rows.add(kind, &path, &item.origin, before.cloned(), after.cloned());
        };
        match (old, new) {
            (Some((old, _)), None) => row(Kind::ValueRemoved, Some(old), None),
            (None, Some((new, _))) => row(Kind::ValueAdded, None, Some(new)),
            (Some((_, old)), Some((_, new))) if old != new => row(Kind::ValueRenamed, Some(old), Some(new)),
            (Some((old, _)), Some((new, _))) if old != new => row(Kind::ValueWireChanged, Some(old), Some(new)),
            _ => {}
        }
    }
}

fn kinds(item: &Item, before: &[Alternative], after: &[Alternative], rows: &mut Rows) {
    let by_name = |old: &Alternative, new: &Alternative| old.name == new.name;
    for (old, new) in pair(before, after, &[&by_name]) {
        let Some(one) = new.or(old) else { continue };
        let path = format!("{}::{}", item.path, one.name);
        let mut row = |kind, before: Option<&String>, after: Option<&String>| {
            rows.add(kind, &path, &item.origin, before.cloned(), after.cloned());
        };
        match (old, new) {
            (Some(old), None) => row(Kind::KindRemoved, Some(&old.holds.text), None),
            (None, Some(new)) => row(Kind::KindAdded, None, Some(&new.holds.text)),
            (Some(old), Some(new)) => {
                if old.holds != new.holds {
                    row(Kind::KindRetyped, Some(&old.holds.text), Some(&new.holds.text));
                }
                if old.wire != new.wire {
                    row(Kind::ValueWireChanged, Some(&old.wire), Some(&new.wire));
                }
            }
            (None, None) => {}
        }
    }
}
