//! Requests that this crate has no type for.

use std::{borrow::Cow, fmt, time::Duration};

use bytes::Bytes;
use http::{HeaderValue, Method, Request as HttpRequest, header::CONTENT_TYPE};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    Auth, Client, FullResponse, Idempotency, Plan, Response, Result, RetryPolicy,
    client::{Options, exchange::CallInfo, read},
    error::EncodeError,
    request::Withheld,
    secret::{Free, STARS},
    service::{Homeserver, Service},
    wire::{
        DecodeError, Query, Reply,
        context::{WriteMode, WriteScope},
    },
};

/// A request put together by hand: see [`Client::request`].
///
/// It goes through the same loop as every other, with the same limits and retries. To have types
/// of your own instead, implement [`Request`](crate::Request).
///
/// ```no_run
/// use matrix_api::{Client, http::Method, json};
/// use serde_json::Value;
///
/// # async fn example(client: Client) -> matrix_api::Result<()> {
/// let found: Value = client
///     .request(Method::POST, "/_matrix/client/unstable/org.example/search")
///     .query("limit", 10)
///     .json(&json!({"term": "cats"}))
///     .idempotent()
///     .send()
///     .await?;
/// # Ok(())
/// # }
/// ```
#[must_use]
pub struct CustomRequest<S: Service = Homeserver> {
    client: Client<S>,
    method: Method,
    path: String,
    /// With its question mark.
    query: Vec<u8>,
    body: Option<(HeaderValue, Bytes)>,
    auth: Auth,
    idempotent: bool,
    long_poll: bool,
    options: Options,
    refusal: Option<&'static str>,
}

impl<S: Service> CustomRequest<S> {
    pub(crate) fn new(client: Client<S>, method: Method, path: String) -> Self {
        Self {
            client,
            refusal: check_path(&path).err(),
            // What HTTP itself calls idempotent.
            idempotent: !matches!(method, Method::POST | Method::PATCH),
            method,
            path,
            query: Vec::new(),
            body: None,
            auth: Auth::AccessToken,
            long_poll: false,
            options: Options::default(),
        }
    }

    /// Adds a query parameter; called twice with one name, the parameter is repeated.
    pub fn query(mut self, name: &str, value: impl fmt::Display) -> Self {
        let start = self.query.len();
        // Text is always accepted as a value.
        Query::new(&mut self.query).set(name, &value.to_string());
        if start > 0 {
            self.query[start] = b'&';
        }
        self
    }

    /// Sends a value as JSON.
    pub fn json<T: Serialize + ?Sized>(mut self, value: &T) -> Self {
        match serde_json::to_vec(value) {
            Ok(bytes) => {
                let json = HeaderValue::from_static("application/json");
                self.body = Some((json, bytes.into()));
            }
            Err(_) => self.refuse("the value for the body cannot be written as JSON"),
        }
        self
    }

    /// Sends bytes of the named type.
    pub fn body(mut self, content_type: &str, bytes: impl Into<Bytes>) -> Self {
        match HeaderValue::from_str(content_type) {
            Ok(content_type) => self.body = Some((content_type, bytes.into())),
            Err(_) => self.refuse("the content type has characters that no header may have"),
        }
        self
    }

    /// Whether the token goes along. [`Auth::AccessToken`] unless set.
    pub fn auth(mut self, auth: Auth) -> Self {
        self.auth = auth;
        self
    }

    /// Says that the server may carry the request out twice without harm, so that it is also
    /// sent again when the first try may have arrived. Every method but POST and PATCH counts as
    /// such already.
    pub fn idempotent(mut self) -> Self {
        self.idempotent = true;
        self
    }

    /// Says that the server may hold its answer back for as long as the query parameter
    /// `timeout` says, in ms.
    pub fn long_poll(mut self) -> Self {
        self.long_poll = true;
        self
    }

    /// When this call is tried again, in place of the client's policy.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.options.policy = Some(policy);
        self
    }

    /// The most time from the start of an attempt to the beginning of its answer.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.options.timeout = Some(timeout);
        self
    }

    /// Adds a header. Those that the client answers for, such as `Authorization`, are refused.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.options.header(name, value);
        self
    }

    /// Sends it and reads the answer's JSON.
    ///
    /// # Errors
    ///
    /// See [`Error`](crate::Error).
    pub async fn send<T: DeserializeOwned>(self) -> Result<T> {
        Ok(self.send_full().await?.value)
    }

    /// As [`send`](Self::send), and hands over status, headers and the body as it came.
    ///
    /// # Errors
    ///
    /// See [`Error`](crate::Error).
    pub async fn send_full<T: DeserializeOwned>(self) -> Result<FullResponse<T>> {
        let options = self.options.clone();
        let (client, info, request) = self.finish(false)?;
        let (call, received) = client.exchange(info, options, request).await?;
        let whole: FullResponse<Whole<T>> = read(call, received, false)?;
        Ok(FullResponse { value: whole.value.0, status: whole.status, headers: whole.headers, body: whole.body })
    }

    /// Sends it and returns the answer's body as it is.
    ///
    /// # Errors
    ///
    /// See [`Error`](crate::Error).
    pub async fn send_bytes(self) -> Result<Bytes> {
        let options = self.options.clone();
        let (client, info, request) = self.finish(true)?;
        let (_, received) = client.exchange(info, options, request).await?;
        Ok(received.body)
    }

    /// What would be sent. The token shows as `***`, but whatever else is secret in path, query
    /// or body is not known to be, and shows.
    ///
    /// # Errors
    ///
    /// [`Error::Encode`](crate::Error::Encode) if the request must not be sent.
    pub fn plan(self) -> Result<Plan> {
        let (client, info, mut request) = self.finish(false)?;
        conceal(&mut request);
        client.plan_of(&info, request)
    }

    fn refuse(&mut self, reason: &'static str) {
        self.refusal.get_or_insert(reason);
    }

    fn finish(self, bytes: bool) -> Result<(Client<S>, CallInfo, HttpRequest<Bytes>)> {
        if let Some(reason) = self.refusal.or(self.options.refusal) {
            return Err(EncodeError::whole(OPERATION, reason).into());
        }
        let mut url = format!("{}{}", self.client.base_url(), self.path).into_bytes();
        url.extend_from_slice(&self.query);
        let mut request = HttpRequest::builder().method(&self.method).uri(url);
        let mut payload = Bytes::new();
        if let Some((content_type, body)) = self.body {
            request = request.header(CONTENT_TYPE, content_type);
            payload = body;
        }
        let request =
            request.body(payload).map_err(|_| EncodeError::whole(OPERATION, "the path and query make no valid URL"))?;
        let info = CallInfo {
            operation: Cow::Owned(format!("{} {}", self.method, self.path)),
            metadata: None,
            auth: self.auth,
            idempotency: if self.idempotent { Idempotency::Always } else { Idempotency::IfUnsent },
            long_poll: self.long_poll,
            redirect: false,
            bytes,
            streams: Default::default(),
        };
        Ok((self.client, info, request))
    }
}

const OPERATION: &str = "Client::request";

/// Nothing is known of the values, so none is shown: of the query and of JSON the names, of other bodies the size.
fn conceal(request: &mut HttpRequest<Bytes>) {
    let uri = request.uri().to_string();
    if let Some((start, query)) = uri.split_once('?') {
        let names = query.split('&').map(|pair| pair.split_once('=').map_or(pair, |(name, _)| name));
        let stars: Vec<_> = names.map(|name| format!("{name}={STARS}")).collect();
        if let Ok(shown) = format!("{start}?{}", stars.join("&")).parse() {
            *request.uri_mut() = shown;
        }
    }
    if request.body().is_empty() {
        return;
    }
    let _scope = WriteScope::enter(WriteMode::Redact);
    let json = serde_json::from_slice(request.body()).and_then(|json| serde_json::to_vec(&Free(&json)));
    let size = request.body().len();
    if json.is_err() {
        request.extensions_mut().insert(Withheld(size));
    }
    *request.body_mut() = json.map(Bytes::from).unwrap_or_default();
}

/// Any JSON that serde can read.
struct Whole<T>(T);

impl<T: DeserializeOwned> Response for Whole<T> {
    fn read(reply: &mut Reply<'_>) -> Result<Self, DecodeError> {
        reply.whole().map(Whole)
    }
}

/// Refuses a path that could be read as another one.
fn check_path(path: &str) -> Result<(), &'static str> {
    let Some(rest) = path.strip_prefix('/') else {
        return Err("the path must start with a slash");
    };
    if path.contains(['?', '#']) {
        return Err("the path must not have a query or a fragment; use query()");
    }
    if !path.bytes().all(|byte| byte.is_ascii_graphic()) || path.contains('\\') {
        return Err("the path must be visible ASCII, with everything else percent-encoded");
    }
    let segments = rest.split('/').count();
    for (at, segment) in rest.split('/').enumerate() {
        let dots = segment.to_ascii_lowercase().replace("%2e", ".");
        // The last may be empty: that is an empty state key.
        if dots == "." || dots == ".." || (segment.is_empty() && at + 1 < segments) {
            return Err("the path must not have empty or dot segments");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client() -> Client {
        let builder = Client::builder().base_url("https://example.org/sub/");
        builder.access_token("canary").assemble().unwrap()
    }

    #[test]
    fn everything_ends_up_in_its_place() {
        let plan = client()
            .request(Method::POST, "/_matrix/a%2Fb/")
            .query("limit", 10)
            .query("from", "a&b=c")
            .query("from", true)
            .json(&[1, 2])
            .plan()
            .unwrap();
        assert_eq!(
            plan.to_string(),
            "POST https://example.org/sub/_matrix/a%2Fb/?limit=***&from=***&from=***\n\
             content-type: application/json\nauthorization: Bearer ***\n\n[\"***\",\"***\"]"
        );
        let file = client().request(Method::PUT, "/a").body("text/plain", "canary").plan().unwrap();
        assert!(file.to_string().ends_with("\n\n(6 bytes)") && !format!("{file:?}").contains("canary"));
    }

    #[test]
    fn only_post_and_patch_need_a_word_to_be_repeated() {
        let class = |request: CustomRequest| request.finish(false).unwrap().1.idempotency;
        let client = client();
        for method in [Method::GET, Method::PUT, Method::DELETE] {
            assert_eq!(class(client.request(method, "/")), Idempotency::Always);
        }
        for method in [Method::POST, Method::PATCH] {
            let request = client.request(method, "/");
            assert_eq!(class(request), Idempotency::IfUnsent);
        }
        let request = client.request(Method::POST, "/").idempotent();
        assert_eq!(class(request), Idempotency::Always);
    }

    #[test]
    fn a_path_is_what_it_looks_like() {
        let client = client();
        let refused = |path: &str| match client.request(Method::GET, path).plan() {
            Ok(plan) => panic!("{path:?} became {}", plan.url()),
            Err(error) => error.to_string(),
        };
        let start = "Client::request: the path must start with a slash";
        let dots = "Client::request: the path must not have empty or dot segments";
        let query = "Client::request: the path must not have a query or a fragment; use query()";
        let ascii = "Client::request: the path must be visible ASCII, with everything else percent-encoded";
        let rows = [
            ("", start),
            ("a", start),
            ("//evil.org/a", dots),
            ("/a//b", dots),
            ("/a/./b", dots),
            ("/a/../b", dots),
            ("/a/%2e%2E/b", dots),
            ("/a/.%2e", dots),
            ("/a?b", query),
            ("/a#b", query),
            ("/a b", ascii),
            ("/a\r\nX: y", ascii),
            ("/ä", ascii),
            ("/a\\..\\b", ascii),
        ];
        for (path, reason) in rows {
            assert_eq!(refused(path), reason, "{path:?}");
        }
    }

    #[test]
    fn what_cannot_be_sent_is_refused() {
        let text = |request: CustomRequest| request.plan().unwrap_err().to_string();
        let broken = std::collections::BTreeMap::from([((1, 2), 3)]);
        assert_eq!(
            text(client().request(Method::GET, "/").json(&broken)),
            "Client::request: the value for the body cannot be written as JSON"
        );
        assert_eq!(
            text(client().request(Method::GET, "/").body("a\nb", "")),
            "Client::request: the content type has characters that no header may have"
        );
    }
}
