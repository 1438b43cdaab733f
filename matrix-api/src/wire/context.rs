//! What serde has no room for, kept per thread while something is read or written.
//!
//! Reading: the body that is shared, where in it an error arose, and whether bad elements are
//! left out. Writing: whether identifiers are checked and secrets hidden.
//!
//! What generic code calls here takes values and no closures, so that it is compiled once.

use std::cell::{Cell, RefCell};

use bytes::Bytes;

use super::{
    decode_error::{DecodeCategory, Problem, Step, diagnose},
    part::Part,
};

thread_local! {
    static READING: RefCell<Option<Reading>> = const { RefCell::new(None) };
    /// Whether there is one: asked for every event, so it is kept apart.
    static IS_READING: Cell<bool> = const { Cell::new(false) };
    static DEPTH: Cell<usize> = const { Cell::new(0) };
    static LENIENT: Cell<Lenient> = const { Cell::new(Lenient::No) };
    static REJECTED: RefCell<Vec<Rejected>> = const { RefCell::new(Vec::new()) };
    static WRITING: Cell<WriteMode> = const { Cell::new(WriteMode::Plain) };
    static REFUSAL: Cell<Option<&'static str>> = const { Cell::new(None) };
    /// The member that was refused, from the outermost inwards, with dots between.
    static BLAMED: RefCell<String> = const { RefCell::new(String::new()) };
}

/// One document that is being read.
struct Reading {
    body: Bytes,
    /// The same, once a part of it was kept.
    whole: Option<Part>,
    /// From the place of an error outwards. Empty while all goes well.
    path: Vec<Step<'static>>,
    problem: Option<Problem>,
}

/// What a reading forgives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lenient {
    /// Nothing.
    No,
    /// Bad elements and members, which are left out.
    Reply,
    /// The same, and numbers as old rooms have them: as text, or with a fraction.
    Content,
}

/// A member that was passed over, and what is wrong with it.
struct Rejected {
    depth: usize,
    name: &'static str,
    path: Vec<Step<'static>>,
    problem: Option<Problem>,
}

/// While it lives, one document is read on this thread.
pub(crate) struct ReadScope {
    outer: Option<Reading>,
    outer_lenient: Lenient,
}

impl ReadScope {
    pub(crate) fn enter(body: Bytes, lenient: Lenient) -> Self {
        let reading = Reading { body, whole: None, path: Vec::new(), problem: None };
        IS_READING.set(true);
        Self { outer: READING.replace(Some(reading)), outer_lenient: LENIENT.replace(lenient) }
    }
}

impl Drop for ReadScope {
    fn drop(&mut self) {
        IS_READING.set(self.outer.is_some());
        READING.set(self.outer.take());
        LENIENT.set(self.outer_lenient);
    }
}

fn with<T>(act: impl FnOnce(&mut Reading) -> T) -> Option<T> {
    READING.with_borrow_mut(|reading| reading.as_mut().map(act))
}

/// Whether a document is being read from text that can be borrowed from.
pub(crate) fn is_reading() -> bool {
    IS_READING.get()
}

/// Whether bad elements and members are left out.
pub(super) fn is_lenient() -> bool {
    LENIENT.get() != Lenient::No
}

/// Whether numbers may be written as in old rooms.
pub(super) fn takes_old_numbers() -> bool {
    LENIENT.get() == Lenient::Content
}

/// The text as a part of the body, if it lies in it, or else as a copy.
pub(crate) fn share(text: &str) -> Part {
    let text = text.as_bytes();
    let shared = with(|reading| {
        let from = offset_in(text, &reading.body)?;
        let whole = reading.whole.get_or_insert_with(|| Part::all(reading.body.clone()));
        Some(whole.part(from, text.len()))
    });
    shared.flatten().unwrap_or_else(|| Part::all(Bytes::copy_from_slice(text)))
}

/// Where a slice lies in the body, if it does.
pub(super) fn offset(text: &[u8]) -> Option<usize> {
    with(|reading| offset_in(text, &reading.body)).flatten()
}

fn offset_in(part: &[u8], whole: &[u8]) -> Option<usize> {
    let from = part.as_ptr().addr().checked_sub(whole.as_ptr().addr())?;
    (from.checked_add(part.len())? <= whole.len()).then_some(from)
}

/// Notes on the way out of an error that it arose under this step.
pub(super) fn step(step: Step<'static>) {
    with(|reading| reading.path.push(step));
}

/// Notes what is wrong, unless something deeper down is known to be.
pub(super) fn problem(problem: Problem) {
    with(|reading| {
        reading.problem.get_or_insert(problem);
    });
}

/// Settles what is wrong in a part, from what was noted in it and what serde_json says of its text.
pub(super) fn settle(text: &str, error: &serde_json::Error) {
    let noted = with(|reading| reading.problem.take()).flatten();
    let problem = diagnose(text, error, noted);
    with(|reading| reading.problem = Some(problem));
}

/// Notes what was expected where an error arose.
pub(crate) fn expected(expected: &'static str) {
    problem(Problem { expected: Some(expected), ..Problem::new(DecodeCategory::Type) });
}

/// Takes what is known of an error, for the report.
pub(super) fn take_error() -> (Vec<Step<'static>>, Option<Problem>) {
    with(|reading| (std::mem::take(&mut reading.path), reading.problem.take())).unwrap_or_default()
}

/// Forgets an error that is passed over.
pub(super) fn forget_error() {
    let _ = take_error();
}

/// Passes over a bad member of the object that is being read, and remembers why.
pub(super) fn reject(name: &'static str) {
    step(Step::Member(name.into()));
    let (path, problem) = take_error();
    REJECTED.with_borrow_mut(|all| all.push(Rejected { depth: DEPTH.get(), name, path, problem }));
}

/// Brings the error of a member back that was passed over, if this is one: it cannot be done without.
pub(super) fn recall(name: &'static str) -> bool {
    let depth = DEPTH.get();
    let mine = |one: &Rejected| one.depth == depth && one.name == name;
    let found = REJECTED.with_borrow_mut(|all| all.iter().rposition(mine).map(|at| all.swap_remove(at)));
    let Some(found) = found else { return false };
    with(|reading| (reading.path, reading.problem) = (found.path, found.problem));
    true
}

/// How many lists and objects may lie inside one another, as in serde_json.
///
/// serde_json counts by itself, but begins anew in each parser over a part of the document.
pub(super) const DEEPEST: usize = 128;

/// While it lives, one more list or object is being read on this thread.
pub(super) struct Level(usize);

impl Level {
    pub(super) fn enter<E: serde::de::Error>() -> Result<Self, E> {
        Self::enter_by(1)
    }

    /// For what takes as much of the stack as so many levels.
    pub(super) fn enter_by<E: serde::de::Error>(weight: usize) -> Result<Self, E> {
        let depth = DEPTH.get() + weight;
        if depth > DEEPEST {
            problem(Problem::new(DecodeCategory::TooDeep));
            return Err(E::custom("nested too deeply"));
        }
        DEPTH.set(depth);
        if is_lenient() {
            // What was passed over in an object that is done.
            REJECTED.with_borrow_mut(|all| all.retain(|one| one.depth < depth));
        }
        Ok(Self(weight))
    }
}

impl Drop for Level {
    fn drop(&mut self) {
        DEPTH.set(DEPTH.get() - self.0);
    }
}

/// How values are written on this thread.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum WriteMode {
    /// By somebody's own serializer: as it is.
    Plain,
    /// Into a request: identifiers are checked.
    Encode,
    /// Into a request for showing: secrets are hidden, too.
    Redact,
}

/// While it lives, values are written in this mode on this thread.
pub(crate) struct WriteScope(WriteMode);

impl WriteScope {
    pub(crate) fn enter(mode: WriteMode) -> Self {
        clear_refusal();
        Self(WRITING.replace(mode))
    }
}

impl Drop for WriteScope {
    fn drop(&mut self) {
        WRITING.set(self.0);
    }
}

pub(crate) fn is_encoding() -> bool {
    WRITING.get() != WriteMode::Plain
}

pub(crate) fn is_redacting() -> bool {
    WRITING.get() == WriteMode::Redact
}

/// An error for a serializer, whose reason `take_refusal` then tells.
pub(crate) fn refuse<E: serde::ser::Error>(reason: &'static str) -> E {
    clear_refusal();
    REFUSAL.set(Some(reason));
    E::custom(reason)
}

/// Notes on the way out of a refusal that it arose in this member.
pub(super) fn blame(member: &str) {
    BLAMED.with_borrow_mut(|path| {
        if !path.is_empty() {
            path.insert(0, '.');
        }
        path.insert_str(0, member);
    });
}

/// Which member of a value was refused; empty if the value itself was.
pub(super) fn take_blamed() -> String {
    BLAMED.take()
}

/// Forgets a refusal that somebody else's serializer passed over.
pub(crate) fn clear_refusal() {
    REFUSAL.set(None);
    BLAMED.with_borrow_mut(String::clear);
}

/// Why a value could not be written, without quoting it.
pub(crate) fn take_refusal(error: &serde_json::Error) -> &'static str {
    if let Some(reason) = REFUSAL.take() {
        return reason;
    }
    // The only two complaints of serde_json's own.
    match error.to_string().as_str() {
        "key must be a string" => "has a map whose keys are not text",
        "float key must be finite (got NaN or +/-inf)" => "has a map with an infinite key",
        _ => "could not be written as JSON",
    }
}
