//! The contract with generated code, shown on operations written as the generator writes them.

mod base_url;
mod decode;
mod encode;
mod operations;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use super::{BaseUrl, Request, Response, decode, encode};
use crate::{TxnId, wire::DecodeError};

fn base() -> BaseUrl {
    BaseUrl::parse("https://example.org/").unwrap()
}

fn txn() -> TxnId {
    TxnId::from("t1")
}

/// Method, URL and body in one text.
fn sent<R: Request>(request: &R) -> String {
    let request = encode(&base(), request, &txn()).unwrap();
    let body = std::str::from_utf8(request.body()).unwrap();
    format!("{} {} {body}", request.method(), request.uri()).trim_end().to_owned()
}

fn refused<R: Request>(request: &R) -> String {
    encode(&base(), request, &txn()).unwrap_err().to_string()
}

fn read<R: Response>(body: impl Into<Bytes>) -> Result<R, DecodeError> {
    decode(StatusCode::OK, &HeaderMap::new(), body.into())
}
