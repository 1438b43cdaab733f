use std::ops::Range;

use bytes::Bytes;
use http::{Extensions, HeaderMap, Request as HttpRequest, StatusCode, Uri, uri::PathAndQuery};

use super::{BaseUrl, Metadata, ReadRequest, Request, Response};
use crate::{
    error::EncodeError,
    txn::{StandIn, TxnId},
    wire::{
        Body, DecodeError, Fault, Headers, Incoming, Path, Query, Reply, buffer,
        context::{Lenient, ReadScope, WriteMode, WriteScope},
    },
};

/// The URL without its query and with stars for secrets; kept beside a request that has some.
#[derive(Clone)]
struct SafeUrl(Box<str>);

/// The four writers of a request behind one vtable, so that `build` is compiled once.
trait Fields {
    fn path(&self, path: &mut Path<'_>);
    fn query(&self, query: &mut Query<'_>);
    fn headers(&self, headers: &mut Headers);
    fn body(&self, body: &mut Body<'_>);
}

struct Erased<'a, R: ?Sized>(&'a R);

impl<R: Request + ?Sized> Fields for Erased<'_, R> {
    fn path(&self, path: &mut Path<'_>) {
        self.0.path(path);
    }

    fn query(&self, query: &mut Query<'_>) {
        self.0.query(query);
    }

    fn headers(&self, headers: &mut Headers) {
        self.0.headers(headers);
    }

    fn body(&self, body: &mut Body<'_>) {
        self.0.body(body);
    }
}

/// Turns a request into HTTP, without the token and without any I/O.
///
/// `txn` stands in where the request has no transaction id of its own. Where it has, that one is in the extensions of
/// the result, as a [`TxnId`].
///
/// # Errors
///
/// When a value must not be sent: a broken identifier, a path segment that is empty or made of
/// dots, a header with control characters, content that is not JSON, or a URL that is too long.
pub fn encode<R: Request + ?Sized>(
    base: &BaseUrl,
    request: &R,
    txn: &TxnId,
) -> Result<HttpRequest<Bytes>, EncodeError> {
    build(R::METADATA, &Erased(request), base, &StandIn::Given(txn), WriteMode::Encode)
}

/// As [`encode`], with a fresh transaction id where one is needed. The one that was used is in the
/// extensions of the result, as a [`TxnId`], if the operation has one.
///
/// # Errors
///
/// As for [`encode`].
#[cfg(feature = "client")]
pub(crate) fn encode_fresh<R: Request + ?Sized>(
    base: &BaseUrl,
    request: &R,
) -> Result<HttpRequest<Bytes>, EncodeError> {
    build(R::METADATA, &Erased(request), base, &StandIn::Fresh(Default::default()), WriteMode::Encode)
}

/// How many bytes a body has that is a file: they are not shown.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(not(feature = "client"), allow(dead_code, reason = "only plans show it"))]
pub(crate) struct Withheld(pub(crate) usize);

/// As [`encode`], with `***` in place of every secret, and without the bytes of a file: for showing, not for sending.
///
/// # Errors
///
/// As for [`encode`].
pub fn encode_redacted<R: Request + ?Sized>(
    base: &BaseUrl,
    request: &R,
    txn: &TxnId,
) -> Result<HttpRequest<Bytes>, EncodeError> {
    build(R::METADATA, &Erased(request), base, &StandIn::Given(txn), WriteMode::Redact)
}

fn build(
    metadata: &'static Metadata,
    fields: &dyn Fields,
    base: &BaseUrl,
    txn: &StandIn<'_>,
    mode: WriteMode,
) -> Result<HttpRequest<Bytes>, EncodeError> {
    let _scope = WriteScope::enter(mode);
    let mut request = HttpRequest::new(Bytes::new());
    fill(&mut request, metadata, fields, base, txn)?;
    Ok(request)
}

/// Everything in its place: a request is large, and each of its parts as well, so that none is handed around.
fn fill(
    request: &mut HttpRequest<Bytes>,
    metadata: &'static Metadata,
    fields: &dyn Fields,
    base: &BaseUrl,
    txn: &StandIn<'_>,
) -> Result<(), EncodeError> {
    let fail = |fault| EncodeError::new(metadata.id, fault);

    let path = path(metadata, fields, base, txn, request.extensions_mut()).map_err(fail)?;
    let mut headers = Headers::default();
    fields.headers(&mut headers);
    headers.finish(request.headers_mut()).map_err(fail)?;

    let mut body = Body::new(Some(txn));
    fields.body(&mut body);
    body.finish().map_err(fail)?;
    body.name_type(request.headers_mut());
    if let Some(txn) = body.used_txn {
        request.extensions_mut().get_or_insert_with(|| txn);
    }
    if let Some(size) = body.withheld {
        request.extensions_mut().insert(Withheld(size));
    }
    *request.body_mut() = body.bytes;
    *request.method_mut() = metadata.method.clone();
    match uri(base, path) {
        Ok(uri) => *request.uri_mut() = uri,
        Err(reason) => return Err(EncodeError::whole(metadata.id, reason)),
    }
    Ok(())
}

/// The path with its query. The transaction id in it, and the URL to show instead, become extensions.
fn path(
    metadata: &'static Metadata,
    fields: &dyn Fields,
    base: &BaseUrl,
    txn: &StandIn<'_>,
    extensions: &mut Extensions,
) -> Result<Bytes, Fault> {
    let mut text = buffer::take();
    text.extend_from_slice(base.prefix().as_bytes());
    let mut path = Path::new(&mut text, metadata.path, txn);
    fields.path(&mut path);
    let (txn, secrets) = path.finish()?;
    if let Some(txn) = txn {
        extensions.insert(txn);
    }
    if !secrets.is_empty() {
        extensions.insert(starred(base, &text, &secrets));
    }
    let mut query = Query::new(&mut text);
    fields.query(&mut query);
    query.finish()?;
    if text == metadata.path.as_bytes() {
        buffer::give_back(text);
        return Ok(Bytes::from_static(metadata.path.as_bytes()));
    }
    Ok(buffer::into_bytes(text))
}

/// The whole URL. What comes before the path was read once, with the base URL.
fn uri(base: &BaseUrl, path: Bytes) -> Result<Uri, &'static str> {
    /// What the `http` crate can hold.
    const LONGEST: usize = u16::MAX as usize - 1;
    if base.origin().len() + path.len() > LONGEST {
        return Err("the URL is longer than 65534 bytes");
    }
    match PathAndQuery::from_maybe_shared(path) {
        Ok(path) => base.with(path).ok_or("the URL is not valid"),
        Err(_) => Err("the URL is not valid"),
    }
}

fn starred(base: &BaseUrl, path: &[u8], secrets: &[Range<usize>]) -> SafeUrl {
    let mut safe = String::with_capacity(base.origin().len() + path.len());
    safe.push_str(base.origin());
    // Put together from texts, it is one.
    let path = std::str::from_utf8(path).unwrap_or_default();
    let mut from = 0;
    for secret in secrets {
        safe.push_str(&path[from..secret.start]);
        safe.push_str("***");
        from = secret.end;
    }
    safe.push_str(&path[from..]);
    SafeUrl(safe.into())
}

/// The URL of a request for error texts and spans: no query, and stars for secrets in the path.
pub(crate) fn safe_url<B>(request: &HttpRequest<B>) -> String {
    if let Some(safe) = request.extensions().get::<SafeUrl>() {
        return safe.0.to_string();
    }
    let uri = request.uri();
    join(uri, uri.path())
}

fn join(uri: &Uri, path: &str) -> String {
    let scheme = uri.scheme_str().unwrap_or_default();
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    let mut url = String::with_capacity(scheme.len() + 3 + authority.len() + path.len());
    for part in [scheme, "://", authority, path] {
        url.push_str(part);
    }
    url
}

/// Reads a response from its parts.
///
/// If the strict pass fails, a second one leaves out the elements of lists and maps that cannot
/// be read. The status is not judged: a caller decides what counts as success.
///
/// # Errors
///
/// When the response cannot be read even so.
pub fn decode<R: Response>(status: StatusCode, headers: &HeaderMap, body: Bytes) -> Result<R, DecodeError> {
    let mut response = None;
    two_passes(status, headers, &body, &mut |reply| {
        response = Some(R::read(reply)?);
        Ok(())
    })?;
    // `two_passes` succeeds only if the last call of the closure did.
    response.ok_or_else(|| DecodeError::header("the response"))
}

fn two_passes(
    status: StatusCode,
    headers: &HeaderMap,
    body: &Bytes,
    read: &mut dyn FnMut(&mut Reply<'_>) -> Result<(), DecodeError>,
) -> Result<(), DecodeError> {
    strict_then_lenient(body, &mut || read(&mut Reply::new(status, headers, body)))
}

fn strict_then_lenient(body: &Bytes, read: &mut dyn FnMut() -> Result<(), DecodeError>) -> Result<(), DecodeError> {
    let mut pass = |lenient| {
        let _scope = ReadScope::enter(body.clone(), lenient);
        read()
    };
    match pass(Lenient::No) {
        // Leaving something out can only mend what is wrong with a value.
        Err(error) if error.is_about_shape() => pass(Lenient::Reply),
        done => done,
    }
}

/// Reads a request that came in: for servers and test doubles.
///
/// The path must be that of the specification: whoever serves it below another one takes that off
/// before. The token is not looked at. As with responses, elements of lists and maps that cannot
/// be read are left out.
///
/// # Errors
///
/// When it is a request for another operation, see [`Metadata::matches`], or a value is missing or
/// is not what the operation takes.
pub fn receive<R: ReadRequest>(request: &HttpRequest<Bytes>) -> Result<R, DecodeError> {
    if *request.method() != R::METADATA.method {
        return Err(DecodeError::route());
    }
    let (uri, body) = (request.uri(), request.body());
    let mut received = None;
    strict_then_lenient(body, &mut || {
        let query = uri.query().unwrap_or_default();
        let mut incoming = Incoming::new(R::METADATA.path, uri.path(), query, request.headers(), body)?;
        received = Some(R::read(&mut incoming)?);
        Ok(())
    })?;
    received.ok_or_else(DecodeError::route)
}

/// Writes a response: for servers and test doubles.
///
/// # Errors
///
/// When a header or the body cannot be written.
pub fn answer<R: super::WriteResponse>(response: &R) -> Result<http::Response<Bytes>, EncodeError> {
    let mut answer = crate::wire::Answer::new();
    response.write(&mut answer);
    let (status, headers, body) = answer.into_parts()?;
    let mut response = http::Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    Ok(response)
}
