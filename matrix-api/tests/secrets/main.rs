//! Nothing that is secret shows, wherever it is looked for: each secret is a canary that is sent
//! and seen by nobody.
#![cfg(feature = "client-server")]
// Deprecated operations have secrets, too.
#![allow(deprecated)]

#[cfg(feature = "synapse-admin")]
mod admin;
mod errors;
#[cfg(feature = "identity")]
mod identity;
mod requests;
mod responses;
#[cfg(feature = "client")]
mod sessions;

use matrix_api::{BaseUrl, Metadata, Request, TxnId, bytes::Bytes, http, request::EncodeError};

/// What no text may contain.
const CANARY: &str = "canary";

/// The secret of a field.
fn canary(field: &str) -> String {
    format!("{CANARY}-{field}")
}

/// Every operation of the APIs that are there.
fn operations() -> impl Iterator<Item = &'static Metadata> {
    let all = matrix_api::client_server::OPERATIONS.iter();
    #[cfg(feature = "synapse-admin")]
    let all = all.chain(matrix_api::synapse_admin::OPERATIONS);
    #[cfg(feature = "identity")]
    let all = all.chain(matrix_api::identity::OPERATIONS);
    all.copied()
}

type Encode<R> = fn(&BaseUrl, &R, &TxnId) -> Result<http::Request<Bytes>, EncodeError>;

/// URL, headers and body in one text.
fn text<R: Request>(encode: Encode<R>, request: &R) -> String {
    let base = BaseUrl::parse("https://hs").unwrap();
    let request = encode(&base, request, &TxnId::from("t1")).unwrap();
    // `Debug` shows URL, headers and extensions.
    format!("{} {request:?} {}", request.uri(), std::str::from_utf8(request.body()).unwrap())
}

fn hidden(shown: &str) {
    assert!(!shown.contains(CANARY), "{shown}");
}
