//! What was found where something else was due.

use std::{borrow::Cow, fmt};

use serde_json::value::RawValue;

use super::{
    DecodeError, Kind, Shape,
    decode_error::{Step, path},
    parse::{members, tag_of},
    raw_kind,
    shape::Member,
};

/// A place of an answer that is not as its operation has it, and was read in spite of that.
///
/// It shows names and kinds, and of values only those of enums.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Warning {
    /// The way to the value, such as `rooms.join["!a:b"].timeline.events[3]`; empty for the
    /// document itself.
    pub path: String,
    /// What was done about it.
    pub kind: WarningKind,
    /// What was found, such as `a number`.
    pub found: Cow<'static, str>,
    /// What was expected, such as `a string`.
    pub expected: &'static str,
}

/// What a [`Warning`] is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WarningKind {
    /// Null, where the value should be there or be left out; it counts as left out.
    Null,
    /// A value of another type.
    Type,
    /// A required member that is not there.
    Missing,
    /// An element of a list or a map that was left out, because of what another warning names.
    Skipped,
    /// A value that this version does not know.
    UnknownValue,
    /// A member that this version does not know. Only looked for when strict.
    UnknownMember,
}

impl fmt::Display for Warning {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = if self.path.is_empty() { "the document" } else { &self.path };
        match self.kind {
            WarningKind::Skipped => write!(out, "{place} was left out"),
            WarningKind::Missing => write!(out, "{place} is missing"),
            WarningKind::UnknownMember => write!(out, "{place} is not a known member"),
            _ => write!(out, "{place} should be {} but is {}", self.expected, self.found),
        }
    }
}

impl fmt::Debug for Warning {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Warning({self})")
    }
}

/// Types within themselves are not looked at further inside.
const DEEPEST: usize = 16;

/// More warnings than this are not told: they are all alike.
const MOST: usize = 1000;

/// Compares a body with its shape. `strict` looks for unknown members, too.
pub(crate) fn report(shape: &Shape, body: &[u8], strict: bool) -> Vec<Warning> {
    let mut walk = Walk { strict, content: false, path: Vec::new(), warnings: Vec::new() };
    let text = std::str::from_utf8(body).unwrap_or_default().trim_ascii();
    let says_nothing = text.is_empty() || matches!((shape, raw_kind(text)), (Shape::Object([]), Kind::List));
    if !says_nothing && !matches!(shape, Shape::Bytes) {
        walk.value(shape, text);
    }
    walk.warnings
}

/// Compares the content of an event, which lies one step inside.
pub(crate) fn report_within(step: &'static str, shape: &Shape, part: &str) -> Vec<Warning> {
    let path = vec![Step::Member(Cow::Borrowed(step))];
    let mut walk = Walk { strict: false, content: true, path, warnings: Vec::new() };
    walk.value(shape, part);
    walk.warnings
}

/// The first of the warnings, as an error.
#[cfg_attr(not(feature = "client"), allow(dead_code, reason = "only the client has a strict mode"))]
pub(crate) fn refusal(shape: &Shape, body: &[u8]) -> Option<DecodeError> {
    let warnings = report(shape, body, true);
    warnings.first().map(|warning| DecodeError::strict(warning, warnings.len()))
}

struct Walk<'a> {
    strict: bool,
    /// Whether it is a content, which may have numbers as old rooms write them.
    content: bool,
    path: Vec<Step<'a>>,
    warnings: Vec<Warning>,
}

impl<'a> Walk<'a> {
    /// Looks at a value, and tells whether it can be read.
    fn value(&mut self, shape: &Shape, json: &'a str) -> bool {
        let kind = raw_kind(json);
        match (shape, kind) {
            (Shape::Any | Shape::Bytes, _) | (Shape::Nullable(_), Kind::Null) => true,
            (Shape::Nullable(inner), _) => self.value(inner, json),
            (Shape::Boolean, Kind::Boolean) | (Shape::Number, Kind::Number) => true,
            (Shape::Text, Kind::Text) | (Shape::Raw, Kind::Object) => true,
            (Shape::Integer, Kind::Number) => self.integer(json),
            (Shape::Integer, Kind::Text) if self.content => {
                self.note(WarningKind::Type, name(kind), shape.expected());
                serde_json::from_str::<String>(json).is_ok_and(|text| text.trim().parse::<i64>().is_ok())
            }
            (Shape::Boolean, Kind::Number) => {
                self.note(WarningKind::Type, name(kind), shape.expected());
                matches!(json, "0" | "1")
            }
            (Shape::Enum(known), Kind::Text) => self.known(known, json),
            (Shape::List(inner), Kind::List) => self.list(inner, json),
            (Shape::Map(inner), Kind::Object) => self.map(inner, json),
            (Shape::Object(known), Kind::Object) => self.object(known, false, json),
            (Shape::Open(known), Kind::Object) => self.object(known, true, json),
            // No deeper than it is read.
            (Shape::Within(inner), _) => self.path.len() > DEEPEST || self.value(inner(), json),
            (Shape::Tagged(tag, known, other), Kind::Object) => {
                let found = tag_of(json, tag).unwrap_or_default();
                let shape = known.iter().find(|(value, _)| *value == found).map_or(*other, |(_, shape)| shape);
                self.value(shape, json)
            }
            (Shape::Union(alternatives), _) => match alternatives.iter().find(|(own, _)| *own == kind) {
                Some((_, inner)) => self.value(inner, json),
                None => {
                    self.note(WarningKind::Type, name(kind), shape.expected());
                    true
                }
            },
            (_, Kind::Null) => {
                self.note(WarningKind::Null, "null", shape.expected());
                matches!(shape, Shape::Raw)
            }
            _ => {
                self.note(WarningKind::Type, name(kind), shape.expected());
                matches!(shape, Shape::Raw)
            }
        }
    }

    /// Whole numbers are read even if they are written as fractions.
    fn integer(&mut self, json: &str) -> bool {
        if json.parse::<i64>().is_ok() {
            return true;
        }
        self.note(WarningKind::Type, "a fraction or out of range", Shape::Integer.expected());
        let number = json.parse::<f64>().unwrap_or(f64::NAN);
        (number.fract() == 0.0 || self.content) && number.abs() < 9_223_372_036_854_775_808.0
    }

    fn known(&mut self, known: &[&str], json: &str) -> bool {
        let Ok(text) = serde_json::from_str::<String>(json) else { return false };
        if !known.contains(&&*text) {
            let short: String = text.chars().take(64).collect();
            self.note(WarningKind::UnknownValue, format!("{short:?}"), Shape::Enum(&[]).expected());
        }
        true
    }

    fn list(&mut self, inner: &Shape, json: &'a str) -> bool {
        let Ok(elements) = serde_json::from_str::<Vec<&RawValue>>(json) else { return false };
        for (at, element) in elements.into_iter().enumerate() {
            self.element(Step::Element(at), inner, element.get());
        }
        true
    }

    fn map(&mut self, inner: &Shape, json: &'a str) -> bool {
        let Ok(entries) = members(json) else { return false };
        for (key, value) in entries {
            self.element(Step::Member(key), inner, value.get());
        }
        true
    }

    fn element(&mut self, step: Step<'a>, inner: &Shape, json: &'a str) {
        self.path.push(step);
        if !self.value(inner, json) {
            self.note(WarningKind::Skipped, name(raw_kind(json)), inner.expected());
        }
        self.path.pop();
    }

    fn object(&mut self, known: &'static [Member], open: bool, json: &'a str) -> bool {
        let Ok(found) = members(json) else { return false };
        let mut readable = true;
        for (own, required, shape) in known {
            // The last of the same name wins, as in reading.
            let value = found.iter().rfind(|(key, _)| key == own).map(|(_, value)| value.get());
            self.path.push(Step::Member(Cow::Borrowed(own)));
            readable &= match value {
                Some(json) => self.member(shape, *required, json),
                None if *required => {
                    self.note(WarningKind::Missing, "nothing", shape.expected());
                    shape.is_collection()
                }
                None => true,
            };
            self.path.pop();
        }
        if self.strict && !open {
            self.unknown(known, found);
        }
        readable
    }

    /// A member that is bad or null is as good as absent.
    fn member(&mut self, shape: &Shape, required: bool, json: &'a str) -> bool {
        self.value(shape, json) || !required || shape.is_collection()
    }

    fn unknown(&mut self, known: &[Member], found: Vec<(Cow<'a, str>, &'a RawValue)>) {
        for (key, value) in found {
            if known.iter().any(|member| member.0 == key) {
                continue;
            }
            self.path.push(Step::Member(key));
            self.note(WarningKind::UnknownMember, name(raw_kind(value.get())), "nothing");
            self.path.pop();
        }
    }

    fn note(&mut self, kind: WarningKind, found: impl Into<Cow<'static, str>>, expected: &'static str) {
        if self.warnings.len() < MOST {
            let path = path(self.path.iter());
            self.warnings.push(Warning { path, kind, found: found.into(), expected });
        }
    }
}

fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::Null => "null",
        Kind::Boolean => "a boolean",
        Kind::Number => "a number",
        Kind::Text => "a string",
        Kind::List => "a list",
        Kind::Object => "an object",
    }
}
