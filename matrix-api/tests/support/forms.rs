//! What goes out and what comes back, as short texts to compare with.

use std::fmt::Write as _;

use matrix_api::{
    BaseUrl, Request, Response, TxnId,
    bytes::Bytes,
    http::{self, HeaderMap, HeaderName, HeaderValue, StatusCode, header::CONTENT_TYPE},
    request::{EncodeError, decode, encode},
    wire::DecodeError,
};

/// The homeserver of all these requests.
const BASE: &str = "https://hs";

fn encoded<R: Request>(request: &R) -> Result<http::Request<Bytes>, EncodeError> {
    encode(&BaseUrl::parse(BASE).unwrap(), request, &TxnId::from("t1"))
}

/// Method, path with query, headers in brackets, body. The name of the content type is left out:
/// `POST /_matrix/client/v3/rooms/%21r/forget [application/json] {}`.
pub(crate) fn sent<R: Request>(request: &R) -> String {
    let request = encoded(request).unwrap();
    let path = request.uri().to_string();
    let mut text = format!("{} {}", request.method(), path.strip_prefix(BASE).unwrap());
    for (name, value) in request.headers() {
        let value = value.to_str().unwrap();
        if name == CONTENT_TYPE {
            let _ = write!(text, " [{value}]");
        } else {
            let _ = write!(text, " [{name}: {value}]");
        }
    }
    if !request.body().is_empty() {
        text.push(' ');
        text.push_str(std::str::from_utf8(request.body()).unwrap());
    }
    text
}

/// The body alone.
pub(crate) fn body<R: Request>(request: &R) -> Bytes {
    encoded(request).unwrap().into_body()
}

/// Why the request is not sent.
pub(crate) fn refused<R: Request>(request: &R) -> String {
    encoded(request).unwrap_err().to_string()
}

/// A response from its JSON.
pub(crate) fn read<R: Response>(json: &str) -> R {
    R::from_json(json.as_bytes()).unwrap()
}

/// A response from status, headers and body.
pub(crate) fn answered<R: Response>(
    status: u16,
    headers: &[(&'static str, &str)],
    body: impl Into<Bytes>,
) -> Result<R, DecodeError> {
    let headers: HeaderMap = headers
        .iter()
        .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap()))
        .collect();
    decode(StatusCode::from_u16(status).unwrap(), &headers, body.into())
}
