//! Reads a request as a server does and sends it as a client would.

use std::collections::BTreeMap;

use matrix_api::bytes::Bytes;
use matrix_api::http::Request as HttpRequest;
use matrix_api::request::{encode, receive};
use matrix_api::wire::DecodeError;
use matrix_api::{BaseUrl, ReadRequest, TxnId};

/// Reads a request and sends it on.
pub type SendBack = fn(&HttpRequest<Bytes>) -> Result<Sent, Failed>;

/// What was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// The HTTP method.
    pub method: String,
    /// The path and the query.
    pub target: String,
    /// The headers, by name in lower case.
    pub headers: BTreeMap<String, String>,
    /// The body, empty for none.
    pub body: Bytes,
}

/// What went wrong.
#[derive(Clone, Debug)]
pub enum Failed {
    /// It could not be read.
    Read(DecodeError),
    /// It could not be sent, or what was sent reads as something else.
    Send(String),
}

/// [`SendBack`] of one type. What was sent is read once more and must be the same value.
///
/// # Errors
///
/// When it cannot be read, or not be sent.
pub fn send_back<R>(request: &HttpRequest<Bytes>) -> Result<Sent, Failed>
where
    R: ReadRequest + PartialEq,
{
    let read: R = receive(request).map_err(Failed::Read)?;
    let base = BaseUrl::parse("https://example.org").map_err(|error| Failed::Send(error.to_string()))?;
    // The transaction id of this sending must give way to the one that was read.
    let sent = encode(&base, &read, &TxnId::from("another")).map_err(|error| Failed::Send(error.to_string()))?;
    let again: R = receive(&sent).map_err(|error| Failed::Send(format!("what was sent cannot be read: {error}")))?;
    if again != read {
        return Err(Failed::Send("what was sent is read as another value".to_owned()));
    }
    let (head, body) = sent.into_parts();
    let target = head.uri.path_and_query().map(ToString::to_string).unwrap_or_default();
    let headers = head
        .headers
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
    Ok(Sent { method: head.method.to_string(), target, headers: headers.collect(), body })
}
