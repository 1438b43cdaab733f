//! Bodies made up from types.

use serde_json::{Map, Value, json};

use super::predict::{is_time, kind};
use crate::ir::{Field, Need, Response, ResponseKind, Shape, Type, TypeDef, TypeId};

/// What is unusual about a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// Every member is there, every list and map has one element.
    Nothing,
    /// Only what is required is there, and lists and maps are empty.
    Least,
    /// Whatever is optional is null.
    Nulls,
    /// Lists and maps are empty.
    Empty,
    /// Enums have a value that nobody knows.
    UnknownValues,
    /// Objects have a member that nobody knows.
    UnknownMembers,
    /// Whole numbers are written with a fraction of zero.
    Fractions,
    /// One place is different: that of this index among the places of its sort.
    At(Spot, usize),
}

/// A sort of places where one thing can be different.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spot {
    /// A list or map has elements of every wrong kind around its good one.
    Elements,
    /// A member is null.
    Null,
    /// A member is missing.
    Absent,
    /// A member is of another JSON kind: that of this index among the wrong ones.
    Wrong(usize),
}

/// Makes one body.
pub(super) struct Maker<'a> {
    types: &'a [TypeDef],
    /// Chooses among the values of enums and the kinds of unions.
    round: usize,
    change: Change,
    at: Vec<String>,
    /// The types that are being made, so that one that holds itself has an end.
    open: Vec<TypeId>,
    passed: usize,
    /// Where the change was made.
    pub(super) hit: Option<String>,
    /// How many rounds show every value of every enum and union.
    pub(super) rounds: usize,
}

impl<'a> Maker<'a> {
    pub(super) fn new(types: &'a [TypeDef], change: Change, round: usize) -> Self {
        Self { types, round, change, at: Vec::new(), open: Vec::new(), passed: 0, hit: None, rounds: 1 }
    }

    /// The JSON of a response; `None` if it is none.
    pub(super) fn body(&mut self, response: &Response) -> Option<Value> {
        match &response.kind {
            ResponseKind::Empty => Some(self.object(&[])),
            ResponseKind::Fields { fields, .. } => Some(self.object(fields)),
            ResponseKind::Special(field) => Some(self.value(&field.ty)),
            ResponseKind::Bytes(_) | ResponseKind::Redirect(_) => None,
        }
    }

    /// Counts the places of a sort and tells whether this is the one.
    fn is_at(&mut self, spot: Spot) -> bool {
        let Change::At(wanted, index) = self.change else { return false };
        if wanted != spot {
            return false;
        }
        self.passed += 1;
        let hit = self.passed == index + 1;
        if hit {
            self.hit = Some(self.at.join("."));
        }
        hit
    }

    fn below<T>(&mut self, step: &str, make: impl FnOnce(&mut Self) -> T) -> T {
        self.at.push(step.to_owned());
        let made = make(self);
        self.at.pop();
        made
    }

    pub(super) fn object(&mut self, fields: &[Field]) -> Value {
        let mut members = Map::new();
        for field in fields {
            if let Some(value) = self.below(&field.wire, |maker| maker.member(field)) {
                members.insert(field.wire.clone(), value);
            }
        }
        if self.change == Change::UnknownMembers {
            members.insert("org.example.unknown".to_owned(), json!({"deep": [1, null]}));
        }
        Value::Object(members)
    }

    fn member(&mut self, field: &Field) -> Option<Value> {
        let optional = field.need == Need::Optional;
        if optional && self.change == Change::Least || self.is_at(Spot::Absent) {
            return None;
        }
        if optional && self.change == Change::Nulls || self.is_at(Spot::Null) {
            return Some(Value::Null);
        }
        if let Change::At(Spot::Wrong(which), _) = self.change {
            let wrong = wrong(self.types, &field.ty).into_iter().nth(which);
            if let Some(wrong) = wrong.filter(|_| self.is_at(Spot::Wrong(which))) {
                return Some(wrong);
            }
        }
        Some(self.value(&field.ty))
    }

    pub(super) fn value(&mut self, ty: &Type) -> Value {
        match ty {
            Type::Boolean => json!(true),
            Type::Integer => self.whole(7),
            Type::Scalar(name) if is_time(name) => self.whole(1_432_735_824_653),
            Type::Number => json!(0.25),
            Type::Text | Type::Txn | Type::Bytes => json!("some \"text\" with ü and 🙂"),
            Type::Scalar(name) => json!(scalar(name)),
            Type::Any | Type::Free | Type::Object => json!({"any": [1, "text", {"of": null}], "a\u{0}b": -0.5}),
            Type::Event(_) => json!({"type": "org.example.event", "content": {"body": "text"}, "unknown": [null]}),
            Type::List(inner) => self.list(inner),
            Type::Map(key, inner) => self.map(key, inner),
            Type::Named(id) => self.named(*id),
            Type::Constant(text) => json!(text),
            Type::Nullable(inner)
            | Type::Secret(inner)
            | Type::Boxed(inner)
            | Type::Json(inner)
            | Type::IdOrJson(inner) => self.value(inner),
        }
    }

    fn whole(&self, number: i64) -> Value {
        if self.change == Change::Fractions { json!(number as f64) } else { json!(number) }
    }

    /// Whether a list or map gets an element.
    fn fills(&self, inner: &Type) -> bool {
        let endless = matches!(inner, Type::Named(id) if self.open.contains(id));
        !endless && !matches!(self.change, Change::Least | Change::Empty)
    }

    fn list(&mut self, inner: &Type) -> Value {
        if !self.fills(inner) {
            return json!([]);
        }
        let bad = self.is_at(Spot::Elements);
        let mut list = if bad { bad_elements(self.types, inner) } else { Vec::new() };
        list.push(self.below("[]", |maker| maker.value(inner)));
        if bad {
            list.extend(bad_elements(self.types, inner));
        }
        Value::Array(list)
    }

    fn map(&mut self, key: &Type, inner: &Type) -> Value {
        let mut map = Map::new();
        if self.fills(inner) {
            if self.is_at(Spot::Elements) {
                // Names that sort before every other, as bad elements do harm to what follows.
                let bad = bad_elements(self.types, inner).into_iter().enumerate();
                map.extend(bad.map(|(index, value)| (format!("!!{index}"), value)));
            }
            let key = match self.value(key) {
                Value::String(key) => key,
                other => other.to_string(),
            };
            map.insert(key, self.below("*", |maker| maker.value(inner)));
        }
        Value::Object(map)
    }

    fn named(&mut self, id: TypeId) -> Value {
        let types = self.types;
        self.open.push(id);
        let value = match &types[id.0].shape {
            Shape::Object { fields, .. } => self.object(fields),
            Shape::Whole(field) => self.value(&field.ty),
            Shape::Tagged { variants, other, .. } => {
                self.rounds = self.rounds.max(variants.len() + 1);
                let round = self.round % (variants.len() + 1);
                self.named(variants.get(round).map_or(*other, |variant| variant.ty))
            }
            Shape::Enum { values } => {
                self.rounds = self.rounds.max(values.len());
                match self.change {
                    Change::UnknownValues => json!("org.example.unknown"),
                    _ => json!(values[self.round % values.len()].wire),
                }
            }
            Shape::Union { alternatives } => {
                let others = wrong(types, &Type::Named(id));
                let count = alternatives.len() + others.len();
                self.rounds = self.rounds.max(count);
                match alternatives.get(self.round % count) {
                    Some(one) => one.ty.as_ref().map_or(Value::Null, |ty| self.value(ty)),
                    None => others[self.round % count - alternatives.len()].clone(),
                }
            }
        };
        self.open.pop();
        value
    }
}

fn scalar(name: &str) -> &'static str {
    match name {
        "RoomId" => "!room:example.org",
        "RoomAlias" | "RoomOrAlias" => "#room:example.org",
        "UserId" => "@alice:example.org",
        "EventId" => "$event",
        "ServerName" => "example.org:8448",
        "DeviceId" => "DEVICE",
        "MxcUri" => "mxc://example.org/media",
        "ErrorCode" => "M_FORBIDDEN",
        _ => "text",
    }
}

/// Elements that are no `ty`, an empty one included where something is required.
fn bad_elements(types: &[TypeDef], ty: &Type) -> Vec<Value> {
    let mut bad = wrong(types, ty);
    bad.push(Value::Null);
    if let Type::Named(id) = ty
        && let Shape::Object { fields, .. } = &types[id.0].shape
        && fields.iter().any(is_needed)
    {
        bad.push(json!({}));
    }
    bad
}

fn is_needed(field: &Field) -> bool {
    field.need == Need::Required && !field.ty.is_collection() && !matches!(field.ty, Type::Nullable(_))
}

/// Values of kinds that a type is not, though some types take them all the same.
pub(super) fn wrong(types: &[TypeDef], ty: &Type) -> Vec<Value> {
    let own: Vec<&str> = match ty {
        Type::Boolean => vec!["Boolean"],
        Type::Integer => vec!["Number"],
        Type::Number => vec!["Number"],
        Type::Scalar(name) if is_time(name) => vec!["Number"],
        Type::Scalar(name) if name == "PageToken" => vec!["Text", "Number"],
        Type::Text | Type::Constant(_) | Type::Scalar(_) | Type::Txn | Type::Bytes => vec!["Text"],
        Type::Any | Type::Free | Type::Event(_) | Type::Object | Type::Map(..) => vec!["Object"],
        Type::List(_) => vec!["List"],
        Type::Nullable(inner)
        | Type::Secret(inner)
        | Type::Boxed(inner)
        | Type::Json(inner)
        | Type::IdOrJson(inner) => {
            return wrong(types, inner);
        }
        Type::Named(id) => match &types[id.0].shape {
            Shape::Object { .. } | Shape::Whole(_) | Shape::Tagged { .. } => vec!["Object"],
            Shape::Enum { .. } => vec!["Text"],
            Shape::Union { alternatives } => alternatives.iter().map(|one| one.name).collect(),
        },
    };
    let every = [json!(true), json!(5), json!("wrong"), json!([["wrong"]]), json!({"wrong": {}})];
    let mut wrong: Vec<_> = every.into_iter().filter(|value| !own.contains(&kind(value))).collect();
    let whole = matches!(ty, Type::Integer) || matches!(ty, Type::Scalar(name) if is_time(name));
    if whole {
        wrong.extend([json!(1.5), json!(1e300), json!(u64::MAX)]);
    }
    wrong
}
