use std::{borrow::Cow, error, fmt, fmt::Write as _};

use serde_json::error::Category;

use super::{Warning, context};

/// Why JSON could not be read, and where.
///
/// In words of our own: it shows names and positions, never values.
#[derive(Clone, PartialEq, Eq)]
pub struct DecodeError(Box<Inner>);

#[derive(Clone, PartialEq, Eq)]
struct Inner {
    path: String,
    problem: Problem,
    /// What a strict reading says, and how many more things it has to say.
    strict: Option<(Box<str>, usize)>,
}

/// What kind of fault it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DecodeCategory {
    /// The text is not JSON.
    Syntax,
    /// A value has another type than expected.
    Type,
    /// A required member is missing.
    Missing,
    /// The text ends too early, or is empty.
    Eof,
    /// The text is not UTF-8.
    NotUtf8,
    /// There are more than 128 levels.
    TooDeep,
    /// A header is missing or malformed.
    Header,
    /// A request that came in has the method or the path of another operation.
    Route,
    /// A strict reading found something that an ordinary one passes over.
    Strict,
}

#[derive(Clone, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) category: DecodeCategory,
    pub(super) expected: Option<&'static str>,
    pub(super) found: Option<&'static str>,
    pub(super) offset: Option<usize>,
}

impl Problem {
    pub(super) fn new(category: DecodeCategory) -> Self {
        Self { category, expected: None, found: None, offset: None }
    }
}

/// One step of the way to a value.
pub(super) enum Step<'a> {
    Member(Cow<'a, str>),
    Element(usize),
}

impl DecodeError {
    /// A value that is not what it should be: for responses written by hand. The path is one
    /// such as `rooms.join`; what is expected reads like `a number`.
    #[must_use]
    pub fn unexpected(path: &str, expected: &'static str) -> Self {
        let problem = Problem { expected: Some(expected), ..Problem::new(DecodeCategory::Type) };
        Self(Box::new(Inner { path: path.to_owned(), problem, strict: None }))
    }

    /// A header that is missing or malformed.
    pub(crate) fn header(name: &str) -> Self {
        let problem = Problem::new(DecodeCategory::Header);
        Self(Box::new(Inner { path: name.to_owned(), problem, strict: None }))
    }

    /// A parameter of a request that came in is not what it should be.
    pub(super) fn parameter(name: &str, expected: &'static str) -> Self {
        Self::at(name, Problem { expected: Some(expected), ..Problem::new(DecodeCategory::Type) })
    }

    pub(super) fn at(name: &str, problem: Problem) -> Self {
        let path = path([&Step::Member(Cow::Borrowed(name))]);
        Self(Box::new(Inner { path, problem, strict: None }))
    }

    /// A request that came in is one for another operation.
    pub(crate) fn route() -> Self {
        Self(Box::new(Inner { path: String::new(), problem: Problem::new(DecodeCategory::Route), strict: None }))
    }

    /// The same error inside a parameter.
    pub(super) fn below(self, name: &'static str) -> Self {
        self.within(Step::Member(Cow::Borrowed(name)))
    }

    /// From the first of so many warnings.
    #[cfg_attr(not(feature = "client"), allow(dead_code, reason = "only the client has a strict mode"))]
    pub(super) fn strict(first: &Warning, count: usize) -> Self {
        let problem = Problem { expected: Some(first.expected), ..Problem::new(DecodeCategory::Strict) };
        let strict = Some((first.to_string().into(), count - 1));
        Self(Box::new(Inner { path: first.path.clone(), problem, strict }))
    }

    pub(super) fn missing(name: &'static str) -> Self {
        context::step(Step::Member(Cow::Borrowed(name)));
        Self::bare(Problem::new(DecodeCategory::Missing))
    }

    pub(super) fn not_utf8(offset: usize) -> Self {
        Self::bare(Problem { offset: Some(offset), ..Problem::new(DecodeCategory::NotUtf8) })
    }

    /// With the path that was noted on the way out.
    fn bare(problem: Problem) -> Self {
        let (steps, _) = context::take_error();
        Self(Box::new(Inner { path: path(steps.iter().rev()), problem, strict: None }))
    }

    /// From what serde_json says of a text, and from what was noted on the way out of it.
    pub(crate) fn of(text: &str, error: &serde_json::Error) -> Self {
        let (steps, noted) = context::take_error();
        Self(Box::new(Inner { path: path(steps.iter().rev()), problem: diagnose(text, error, noted), strict: None }))
    }

    /// The same error seen from one level further out.
    pub(super) fn within(mut self, step: Step<'_>) -> Self {
        let inner = std::mem::take(&mut self.0.path);
        self.0.path = path([&step]);
        let joined = !inner.is_empty() && !inner.starts_with('[');
        self.0.path.push_str(if joined { "." } else { "" });
        self.0.path.push_str(&inner);
        self
    }

    /// The error of a content, seen from its event.
    pub(crate) fn within_content(self) -> Self {
        self.within(Step::Member(Cow::Borrowed("content")))
    }

    /// What kind of fault it is.
    #[must_use]
    pub fn category(&self) -> DecodeCategory {
        self.0.problem.category
    }

    /// The way to the value, such as `rooms.join["!a:b"].timeline.events[3]`; empty for the
    /// document itself. For a header, its name.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.0.path
    }

    /// How far the reader had come in the body, in bytes.
    #[must_use]
    pub fn offset(&self) -> Option<usize> {
        self.0.problem.offset
    }

    /// What was expected, such as `a string`, if it is known.
    #[must_use]
    pub fn expected(&self) -> Option<&'static str> {
        self.0.problem.expected
    }

    /// What was found, such as `a number`, if it is known.
    #[must_use]
    pub fn found(&self) -> Option<&'static str> {
        self.0.problem.found
    }

    /// Whether a value is to blame and not the text as a whole.
    pub(crate) fn is_about_shape(&self) -> bool {
        use DecodeCategory::{Missing, Syntax, TooDeep, Type};
        matches!(self.category(), Missing | Syntax | TooDeep | Type)
    }
}

/// Joins what serde_json says with what was noted. Its own words quote values: only the kind of
/// fault and the kind of value are taken from them.
pub(super) fn diagnose(text: &str, error: &serde_json::Error, noted: Option<Problem>) -> Problem {
    let words = error.to_string();
    let offset = offset_of(text, error);
    match error.classify() {
        Category::Data => {
            let mut problem = noted.unwrap_or_else(|| Problem::new(guess(&words)));
            problem.offset = problem.offset.or(offset);
            if problem.category == DecodeCategory::Type {
                problem.found = problem.found.or_else(|| found(&words));
            }
            problem
        }
        Category::Eof => Problem { offset, ..Problem::new(DecodeCategory::Eof) },
        Category::Syntax | Category::Io => {
            let too_deep = words.starts_with("recursion limit exceeded");
            let category = if too_deep { DecodeCategory::TooDeep } else { DecodeCategory::Syntax };
            let found = match text.trim_start().chars().next() {
                Some('<') => Some("HTML"),
                Some(first) if first.is_alphabetic() => Some("text"),
                _ => None,
            };
            Problem { offset, found, ..Problem::new(category) }
        }
    }
}

/// Types that derive their reading note nothing.
fn guess(words: &str) -> DecodeCategory {
    if words.starts_with("missing field") { DecodeCategory::Missing } else { DecodeCategory::Type }
}

fn found(words: &str) -> Option<&'static str> {
    let rest = words.strip_prefix("invalid type: ").or(words.strip_prefix("invalid value: "))?;
    let kinds = [
        ("null", "null"),
        ("unit", "null"),
        ("boolean", "a boolean"),
        ("integer", "a number"),
        ("floating point", "a fraction or out of range"),
        ("number", "a number"),
        ("string", "a string"),
        ("sequence", "a list"),
        ("map", "an object"),
    ];
    kinds.iter().find(|(word, _)| rest.starts_with(word)).map(|(_, ours)| *ours)
}

/// serde_json counts lines and columns; in a body, bytes are of more use.
fn offset_of(text: &str, error: &serde_json::Error) -> Option<usize> {
    let before = error.line().checked_sub(1)?;
    let start = match before {
        0 => 0,
        _ => text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').nth(before - 1)?.0 + 1,
    };
    let base = context::offset(text.as_bytes()).unwrap_or(0);
    Some(base + (start + error.column()).min(text.len()))
}

/// The steps from the outside in, cut where they get long.
pub(super) fn path<'a>(steps: impl IntoIterator<Item = &'a Step<'a>>) -> String {
    const LONGEST: usize = 200;
    let mut path = String::new();
    for step in steps {
        if path.len() > LONGEST {
            path.push('…');
            break;
        }
        match step {
            Step::Element(index) => {
                // Writing to a string cannot fail.
                let _ = write!(path, "[{index}]");
            }
            Step::Member(name) if is_plain(name) => {
                if !path.is_empty() {
                    path.push('.');
                }
                path.push_str(name);
            }
            Step::Member(name) => {
                let short: String = name.chars().take(64).collect();
                let _ = write!(path, "[{short:?}]");
            }
        }
    }
    path
}

fn is_plain(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 64
        && !name.starts_with(|first: char| first.is_ascii_digit())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

impl fmt::Display for DecodeError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Problem { category, expected, found, offset } = &self.0.problem;
        let place = if self.0.path.is_empty() { "the document" } else { &self.0.path };
        match (category, expected, found) {
            (DecodeCategory::Type, Some(expected), Some(found)) => {
                write!(out, "{place} should be {expected} but is {found}")?;
            }
            (DecodeCategory::Type, Some(expected), None) => {
                write!(out, "{place} should be {expected}")?;
            }
            (DecodeCategory::Type, ..) => write!(out, "{place} is not what it should be")?,
            (DecodeCategory::Route, ..) => return out.write_str("the request is for another operation"),
            (DecodeCategory::Missing, ..) => write!(out, "{place} is missing")?,
            (DecodeCategory::Strict, ..) => {
                let (text, more) = self.0.strict.as_ref().map_or((place, 0), |(text, more)| (text, *more));
                out.write_str(text)?;
                return if more == 0 { Ok(()) } else { write!(out, ", and {more} more such") };
            }
            (DecodeCategory::Header, ..) => {
                return write!(out, "header {place} is missing or malformed");
            }
            (DecodeCategory::Syntax, _, Some(found)) => write!(out, "{place} is {found}, not JSON")?,
            (DecodeCategory::Syntax, ..) => write!(out, "{place} is not valid JSON")?,
            (DecodeCategory::Eof, ..) if *offset == Some(0) => {
                return write!(out, "{place} is empty, not JSON");
            }
            (DecodeCategory::Eof, ..) => write!(out, "{place} ends too early")?,
            (DecodeCategory::NotUtf8, ..) => write!(out, "{place} is not UTF-8")?,
            (DecodeCategory::TooDeep, ..) => {
                write!(out, "{place} is nested deeper than {} levels", context::DEEPEST)?;
            }
        }
        match offset {
            Some(offset) => write!(out, " (byte {offset})"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for DecodeError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "DecodeError({self})")
    }
}

impl error::Error for DecodeError {}
