//! Why a difference of the documents has no effect on the Rust.

use std::collections::BTreeSet;

use super::Places;
use super::edit::Edit;
use crate::node::{Node, segments};

const LIMITS: &str = "the server enforces limits; no type comes of them";
const DEFAULT: &str = "a default is the server's business; what is not set is not sent";
const FORMAT: &str = "id types come from a table of names; a format is only held against it";
const BYTES: &str = "bytes are bytes, whatever their content type";
const TITLE: &str = "types are named after operations, properties and files";
const TAGS: &str = "the modules of tags are private";
const CHANGED: &str = "the version that changed something is not printed";
const FAILURE: &str = "every failure is one type of the runtime's";
const BODY: &str = "a body that an operation has is always written";
const SCHEMES: &str = "of security schemes only the names count that operations list";
const QUERY_TOKEN: &str = "a token is never put into the URL, whatever a document allows";
const SHAPE: &str = "it comes to the same once links are followed and branches are merged";
const UNREACHED: &str = "no operation and no event reaches it";
const UNLISTED: &str = "it is of operations that are not generated";
const RAW: &str = "it is inside of what is kept as it came";
const PATCHED: &str = "a patch said so already";
const LINKED: &str = "a definition counts where something links to it, and the link is a difference of its own";
const ENVELOPE: &str = "what surrounds a content is the same for all events, and the runtime's";
const TWICE: &str = "something else says the same, before and after";

/// The reason, if there is one. Whether it holds is for others to see.
pub(super) fn of(edit: &Edit, places: [&Places; 2], is_document: bool, patched: bool) -> Option<&'static str> {
    let place = Place::of(&edit.pointer);
    let file = |files: fn(&Places) -> &BTreeSet<String>| places.iter().any(|places| files(places).contains(&edit.file));
    let is_raw = |places: &&Places| {
        let inside = |(file, pointer): &(String, String)| *file == edit.file && is_below(&edit.pointer, pointer);
        places.raw.iter().any(inside)
    };
    if !is_document && edit.pointer.is_empty() {
        return Some(LINKED);
    }
    if is_document && places.iter().all(|places| is_unlisted(edit, places)) {
        return Some(UNLISTED);
    }
    if place.failure {
        return Some(FAILURE);
    }
    let by_keyword = of_keyword(edit, &place);
    if by_keyword.is_some() {
        return by_keyword;
    }
    if patched {
        return Some(PATCHED);
    }
    if places.iter().any(is_raw) {
        return Some(RAW);
    }
    if !is_document && !file(|places| &places.reached) {
        return Some(UNREACHED);
    }
    let is_of_events = places.iter().any(|places| is_inside(&edit.file, &places.events));
    if is_of_events && if is_document { surrounds(&edit.pointer) } else { !file(|places| &places.files) } {
        return Some(ENVELOPE);
    }
    if !is_document && !file(|places| &places.files) {
        return Some(RAW);
    }
    (place.keyword == "required").then_some(TWICE)
}

/// A reason that follows from the keyword.
fn of_keyword(edit: &Edit, place: &Place) -> Option<&'static str> {
    Some(match place.keyword.as_str() {
        "pattern" | "minimum" | "maximum" | "minLength" | "maxLength" | "minItems" | "maxItems" | "minProperties"
        | "maxProperties" => LIMITS,
        "default" => DEFAULT,
        "content" => BYTES,
        "format" | "x-pattern-format" => FORMAT,
        "title" => TITLE,
        "tags" => TAGS,
        "x-changedInMatrixVersion" | "x-addedInMatrixVersion" => CHANGED,
        "required" if place.parent == "requestBody" || place.named == "headers" => BODY,
        "securitySchemes" => SCHEMES,
        "security" if only_query_tokens(edit) => QUERY_TOKEN,
        "components" if only_schemes(edit) => SCHEMES,
        "components" | "schemas" => LINKED,
        "$ref" | "allOf" | "anyOf" | "oneOf" | "type" | "additionalProperties" => SHAPE,
        _ => return None,
    })
}

/// Whether a place of a document has nothing to do with the operations that are made of it.
fn is_unlisted(edit: &Edit, places: &Places) -> bool {
    let of_file = |(file, _): &&(String, String)| *file == edit.file;
    let touches = |(_, call): &(String, String)| is_below(&edit.pointer, call) || is_below(call, &edit.pointer);
    let is_in_operation = edit.pointer.starts_with("/paths/")
        && segments(&edit.pointer).nth(2).is_none_or(|method| method != "parameters");
    let mut calls = places.calls.iter().filter(of_file).peekable();
    !is_inside(&edit.file, &places.events) && (calls.peek().is_none() || is_in_operation && !calls.any(touches))
}

fn is_inside(file: &str, folder: &Option<String>) -> bool {
    folder.as_ref().is_some_and(|folder| is_below(file, folder))
}

/// Whether a place of an event is neither in its content nor in its key.
fn surrounds(pointer: &str) -> bool {
    let inside = |outer| is_below(pointer, outer);
    !pointer.is_empty() && !inside("/properties/content") && !inside("/properties/state_key")
}

fn is_below(inner: &str, outer: &str) -> bool {
    inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn only_schemes(edit: &Edit) -> bool {
    let is_scheme = |node: &Node| match node {
        Node::Map(entries) => entries.iter().all(|(key, _)| key == "securitySchemes"),
        _ => false,
    };
    [&edit.old, &edit.new].into_iter().flatten().all(is_scheme)
}

fn only_query_tokens(edit: &Edit) -> bool {
    let is_query = |node: &Node| match node {
        Node::Map(schemes) => !schemes.is_empty() && schemes.iter().all(|(name, _)| name.ends_with("Query")),
        _ => false,
    };
    [&edit.old, &edit.new].into_iter().flatten().all(is_query)
}

/// What a pointer says of itself.
#[derive(Default)]
struct Place {
    /// The innermost keyword.
    keyword: String,
    /// The keyword around it.
    parent: String,
    /// The innermost keyword that holds names.
    named: String,
    /// Below a response that is neither a success nor a redirect.
    failure: bool,
}

impl Place {
    fn of(pointer: &str) -> Self {
        const NAMED: [&str; 11] = [
            "paths",
            "properties",
            "patternProperties",
            "responses",
            "content",
            "headers",
            "schemas",
            "parameters",
            "requestBodies",
            "securitySchemes",
            "variables",
        ];
        let mut place = Self::default();
        let mut name = false;
        for segment in segments(pointer) {
            if name {
                name = false;
                place.failure |= place.keyword == "responses" && !segment.starts_with(['2', '3']);
                continue;
            }
            if segment.bytes().all(|byte| byte.is_ascii_digit()) {
                continue;
            }
            name = NAMED.contains(&segment.as_str());
            if name {
                place.named.clone_from(&segment);
            }
            place.parent = std::mem::replace(&mut place.keyword, segment);
        }
        place
    }
}
