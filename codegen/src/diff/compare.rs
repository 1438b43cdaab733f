//! Two surfaces become rows: operations and what is true of every call.

use super::content;
use super::item::{self, Owner};
use super::rule::Kind;
use super::surface::{Call, Facts, Form, Item, Surface};
use super::{Row, Rows};
use crate::ir::Auth;

/// Compares everything public.
pub(super) fn surfaces(old: &Surface, new: &Surface) -> Vec<Row> {
    let mut rows = Rows::default();
    let pairs = pair(&old.operations, &new.operations, &[&by_id, &by_call]);
    for (old, new) in pairs {
        match (old, new) {
            (Some(old), Some(new)) => operation(old, new, &mut rows),
            (Some(old), None) => rows.add(Kind::OperationRemoved, &old.request.path, &old.origin, gone(old), None),
            (None, Some(new)) => rows.add(Kind::OperationAdded, &new.request.path, &new.origin, None, gone(new)),
            (None, None) => {}
        }
    }
    content::lists(&old.contents, &new.contents, &mut rows);
    item::lists(&old.types, &new.types, Owner::Definitions, &mut rows);
    rows.finish()
}

fn by_id(old: &Call, new: &Call) -> bool {
    old.api == new.api && old.id == new.id
}

fn by_call(old: &Call, new: &Call) -> bool {
    old.api == new.api && old.facts.method == new.facts.method && same_path(&old.facts, &new.facts)
}

fn same_path(old: &Facts, new: &Facts) -> bool {
    without_names(&old.path) == without_names(&new.path)
}

/// The template without the names of its parameters, which have rows of their own.
fn without_names(path: &str) -> String {
    let mut out = String::new();
    let mut inside = false;
    for letter in path.chars() {
        inside = inside && letter != '}';
        if !inside {
            out.push(letter);
        }
        inside |= letter == '{';
    }
    out
}

/// What is told of an operation that is there on one side only.
fn gone(call: &Call) -> Option<String> {
    let count = |item: &Item| match &item.form {
        Form::Struct(members) => members.len(),
        _ => 0,
    };
    let Facts { method, path, .. } = &call.facts;
    let (request, response) = (count(&call.request), count(&call.response));
    let own = match call.own.len() {
        0 => String::new(),
        1 => ", 1 type of its own".to_owned(),
        several => format!(", {several} types of its own"),
    };
    Some(format!("{method} {path} ({request} fields sent, {response} received{own})"))
}

/// Whether two are the same thing.
pub(super) type Same<'s, T> = &'s dyn Fn(&T, &T) -> bool;

/// Pairs two lists: by the first rule all that it can, then by the next what is left. Old order first.
pub(super) fn pair<'a, T>(old: &'a [T], new: &'a [T], rules: &[Same<'_, T>]) -> Vec<(Option<&'a T>, Option<&'a T>)> {
    let mut partner: Vec<Option<usize>> = vec![None; old.len()];
    let mut taken = vec![false; new.len()];
    for rule in rules {
        for (index, old) in old.iter().enumerate() {
            if partner[index].is_some() {
                continue;
            }
            let found = new.iter().enumerate().position(|(at, new)| !taken[at] && rule(old, new));
            if let Some(at) = found {
                partner[index] = Some(at);
                taken[at] = true;
            }
        }
    }
    let mut pairs: Vec<_> = old.iter().zip(&partner).map(|(old, at)| (Some(old), at.map(|at| &new[at]))).collect();
    pairs.extend(new.iter().zip(&taken).filter(|(_, taken)| !**taken).map(|(new, _)| (None, Some(new))));
    pairs
}

fn operation(old: &Call, new: &Call, rows: &mut Rows) {
    let mut row = |kind, before: String, after: String| {
        rows.add(kind, &new.request.path, &new.origin, Some(before), Some(after));
    };
    if old.request.path != new.request.path {
        let kept = new.former.as_ref() == Some(&old.request.path);
        let kind = if kept { Kind::OperationRenamedKept } else { Kind::OperationRenamed };
        row(kind, old.request.path.clone(), new.request.path.clone());
    }
    let left = |former: &&String| **former != new.request.path && new.former.as_ref() != Some(*former);
    if let Some(former) = old.former.as_ref().filter(left) {
        row(Kind::FormerNameRemoved, former.clone(), new.request.path.clone());
    }
    let address = |facts: &Facts| format!("{} {}", facts.method, facts.path);
    if old.facts.method != new.facts.method || !same_path(&old.facts, &new.facts) {
        row(Kind::OperationMoved, address(&old.facts), address(&new.facts));
    }
    if old.facts.auth != new.facts.auth {
        let demanded = matches!(new.facts.auth, Auth::AccessToken | Auth::Appservice);
        let kind = if demanded { Kind::AuthTightened } else { Kind::AuthLoosened };
        row(kind, auth(old.facts.auth).to_owned(), auth(new.facts.auth).to_owned());
    }
    facts(&old.facts, &new.facts, &mut row);
    words(&old.facts, &new.facts, &mut row);
    item::compare(&old.request, &new.request, Owner::Operation, rows);
    item::compare(&old.response, &new.response, Owner::Operation, rows);
    item::lists(&old.own, &new.own, Owner::Operation, rows);
}

fn auth(auth: Auth) -> &'static str {
    match auth {
        Auth::None => "no login",
        Auth::Optional => "an optional login",
        Auth::AccessToken => "a login",
        Auth::Appservice => "an application service's token",
    }
}

fn facts(old: &Facts, new: &Facts, row: &mut impl FnMut(Kind, String, String)) {
    let said = |yes: bool| if yes { "yes" } else { "no" }.to_owned();
    let mut flag = |kind, old: bool, new: bool| {
        if old != new {
            row(kind, said(old), said(new));
        }
    };
    flag(Kind::RateLimitChanged, old.rate_limited, new.rate_limited);
    flag(Kind::LongPollChanged, old.long_poll, new.long_poll);
    let deprecation = if new.deprecated { Kind::OperationDeprecated } else { Kind::OperationReinstated };
    flag(deprecation, old.deprecated, new.deprecated);
    let mut text = |kind, old: String, new: String| {
        if old != new {
            row(kind, old, new);
        }
    };
    text(Kind::ServiceChanged, old.service.clone(), new.service.clone());
    text(Kind::IdempotencyChanged, format!("{:?}", old.idempotency), format!("{:?}", new.idempotency));
    text(Kind::EffectChanged, format!("{:?}", old.effect), format!("{:?}", new.effect));
    text(Kind::ReplyChanged, old.reply.to_owned(), new.reply.to_owned());
}

fn words(old: &Facts, new: &Facts, row: &mut impl FnMut(Kind, String, String)) {
    let list = |texts: &mut dyn Iterator<Item = &String>| texts.cloned().collect::<Vec<_>>().join(", ");
    let mut text = |kind, old: String, new: String| {
        if old != new {
            row(kind, old, new);
        }
    };
    text(Kind::StatusesChanged, list(&mut old.statuses.iter()), list(&mut new.statuses.iter()));
    text(Kind::ErrcodesChanged, list(&mut old.errcodes.iter()), list(&mut new.errcodes.iter()));
    let some = |text: &Option<String>| text.clone().unwrap_or_default();
    text(Kind::SinceChanged, some(&old.since), some(&new.since));
    text(Kind::LinkChanged, some(&old.anchor), some(&new.anchor));
    text(Kind::WordsChanged, some(&old.summary), some(&new.summary));
}
