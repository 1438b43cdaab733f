//! Reads the content of an event and writes it back.

use matrix_api::wire::Warning;
use matrix_api::{EventContent, EventKind, InvalidContent, Raw, TimelineEvent};
use serde_json::{Value, json};

/// Reads a content and writes it back.
pub type ContentBack = fn(&Raw<TimelineEvent>) -> Result<Back, InvalidContent>;

/// What was written, and what there is to say of it.
#[derive(Clone, Debug)]
pub struct Back {
    /// The content.
    pub json: Value,
    /// Whether nothing had to be forgiven.
    pub strict: bool,
    /// What the event reports.
    pub warnings: Vec<Warning>,
    /// Where the event occurs.
    pub kinds: &'static [EventKind],
}

/// [`ContentBack`] of one type. What was written is read once more and must be the same value.
///
/// # Errors
///
/// When it cannot be read.
///
/// # Panics
///
/// When it cannot be written, or what was written reads as another value.
pub fn content_back<C: EventContent + PartialEq>(event: &Raw<TimelineEvent>) -> Result<Back, InvalidContent> {
    let read: C = event.decode()?;
    let json = serde_json::to_value(&read).expect("a content can be written");
    let written = Raw::<TimelineEvent>::new(&json!({"type": C::TYPE, "content": json}));
    let again: C = written.decode().expect("what was written can be read");
    assert!(again == read, "{json} is read as another value");
    let strict = event.raw_content().is_some_and(|content| content.parse::<C>().is_ok());
    Ok(Back { json, strict, warnings: event.warnings::<C>(), kinds: C::KINDS })
}
