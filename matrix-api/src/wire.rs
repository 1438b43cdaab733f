//! How values stand in a request and are found in a reply: what generated code is written with.
//!
//! Writers return nothing: each keeps the first value it must refuse, and
//! [`encode`](crate::request::encode) reports it with the operation's and the field's name.

mod answer;
mod body;
pub(crate) mod buffer;
mod collect;
pub(crate) mod context;
mod decode_error;
mod disposition;
mod fault;
mod from_text;
mod headers;
mod incoming;
mod object;
mod parse;
mod part;
mod patch;
mod path;
mod query;
mod read;
mod reply;
mod report;
pub(crate) mod route;
mod shape;
mod text;
mod unknown;
mod write;

#[cfg(test)]
mod tests;

pub use answer::Answer;
pub use body::Body;
pub use decode_error::{DecodeCategory, DecodeError};
pub use disposition::file_name;
pub(crate) use fault::Fault;
pub use from_text::FromText;
pub use headers::Headers;
pub use incoming::Incoming;
pub use object::{Key, Members, Object, ReadObject, need, read_members};
pub use parse::{Kind, from_raw, mismatch, raw_kind, read_tagged};
pub(crate) use parse::{member_of, parse_content, parse_owned, raw_field};
pub(crate) use part::Part;
pub use patch::{IdOr, Patch};
pub use path::Path;
pub use query::Query;
pub use read::{Read, read_text};
pub use reply::Reply;
#[cfg(feature = "client")]
pub(crate) use report::refusal;
pub use report::{Warning, WarningKind};
pub(crate) use report::{report, report_within};
pub use shape::Shape;
pub use text::{QueryValue, Refused, Segment, Text};
pub(crate) use text::{has_control, percent};
pub use unknown::Unknown;
pub use write::{ObjectWriter, write_object};
