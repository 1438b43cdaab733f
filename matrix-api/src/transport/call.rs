//! What is sent.

use bytes::Bytes;
use http::{HeaderMap, Method, Uri};

use super::Source;

/// What a request carries.
#[derive(Clone)]
pub(crate) enum Payload {
    Bytes(Bytes),
    /// Made while it is sent.
    Stream(Source),
}

impl Payload {
    /// How long it is, as far as that is known.
    pub(crate) fn length(&self) -> Option<u64> {
        match self {
            Self::Bytes(bytes) => Some(bytes.len() as u64),
            Self::Stream(source) => source.length(),
        }
    }

    /// Whether all of it can be sent, for the first time or again.
    pub(crate) fn is_whole(&self) -> bool {
        match self {
            Self::Bytes(_) => true,
            Self::Stream(source) => source.is_whole(),
        }
    }
}

/// A request, ready to be sent.
#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) url: Uri,
    pub(crate) headers: HeaderMap,
    pub(crate) payload: Payload,
}

impl Call {
    /// Takes the headers out of the request, unless it is kept to be sent once more.
    pub(crate) fn of(request: &mut http::Request<Bytes>, keep: bool) -> Self {
        let headers = if keep { request.headers().clone() } else { std::mem::take(request.headers_mut()) };
        Self {
            method: request.method().clone(),
            url: request.uri().clone(),
            headers,
            payload: Payload::Bytes(request.body().clone()),
        }
    }
}
