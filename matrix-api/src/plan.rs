//! What would be sent.

use std::{borrow::Cow, fmt};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, header::AUTHORIZATION};
use serde_json::{Map, Value};

use crate::{Auth, json, request::Withheld};

/// What a request would send, made without a network: see [`Client::plan`](crate::Client::plan).
///
/// `Display` shows it as HTTP, [`to_curl`](Self::to_curl) as a command, and
/// [`to_json`](Self::to_json) as data. Secrets are `***` from the start; a plan does not hold
/// them. Of content without a form of its own, such as that of a message, names show and values
/// do not, and of a file only its size. A transaction id that is made when the request is sent stands as `made-at-send`.
#[derive(Clone, Debug)]
pub struct Plan {
    operation: Cow<'static, str>,
    method: Method,
    url: String,
    headers: HeaderMap,
    body: Bytes,
    /// The size of a file that would be sent; its bytes are not held.
    file: Option<usize>,
    missing: &'static [&'static str],
}

impl Plan {
    /// What a plan has where sending would make a transaction id.
    pub(crate) const TXN_ID: &'static str = "made-at-send";

    pub(crate) fn new(operation: Cow<'static, str>, auth: Auth, logged_in: bool, redacted: Request<Bytes>) -> Self {
        let (head, body) = redacted.into_parts();
        let needed = matches!(auth, Auth::AccessToken | Auth::Appservice);
        let mut headers = head.headers;
        if needed || (auth == Auth::Optional && logged_in) {
            headers.insert(AUTHORIZATION, HeaderValue::from_static("Bearer ***"));
        }
        Self {
            operation,
            method: head.method,
            url: head.uri.to_string(),
            headers,
            body,
            file: head.extensions.get::<Withheld>().map(|Withheld(size)| *size),
            missing: if needed && !logged_in { &["access token"] } else { &[] },
        }
    }

    /// The operation's id.
    pub fn operation(&self) -> &str {
        &self.operation
    }

    /// The HTTP method.
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// The whole URL.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The headers that belong to the request. The connection adds its own.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The body; empty if there is none, or if it is a file.
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// What the client lacks: `access token`, or nothing. With something missing, sending fails
    /// with [`Error::NotLoggedIn`](crate::Error::NotLoggedIn).
    pub fn missing(&self) -> &[&'static str] {
        self.missing
    }

    /// The plan as a JSON object with `operation`, `method`, `url`, `headers`, `body` and
    /// `missing`. The body is JSON where it is that, else its text, and `{"bytes": n}` where it
    /// is not text either.
    pub fn to_json(&self) -> Value {
        let headers: Map<String, Value> = self.lines().map(|(name, value)| (name.to_owned(), value.into())).collect();
        json!({
            "operation": self.operation,
            "method": self.method.as_str(),
            "url": self.url,
            "headers": headers,
            "body": self.body_json(),
            "missing": self.missing,
        })
    }

    /// The plan as a `curl` command for a POSIX shell. Fill in what shows as `***`; a body that
    /// is not text is read from the file `body`.
    pub fn to_curl(&self) -> String {
        let mut command = format!("curl -X {} {}", self.method, quoted(&self.url));
        for (name, value) in self.lines() {
            command += " -H ";
            command += &quoted(&format!("{name}: {value}"));
        }
        match self.text() {
            Ok("") => {}
            Ok(text) => {
                command += " --data-raw ";
                command += &quoted(text);
            }
            Err(_) => command += " --data-binary @body",
        }
        command
    }

    fn body_json(&self) -> Value {
        match (serde_json::from_slice(&self.body), self.text()) {
            (Ok(json), _) => json,
            (_, Ok("")) => Value::Null,
            (_, Ok(text)) => text.into(),
            (_, Err(size)) => json!({"bytes": size}),
        }
    }

    /// The body as text, or the size of one that is none.
    fn text(&self) -> Result<&str, usize> {
        match self.file {
            Some(size) => Err(size),
            None => std::str::from_utf8(&self.body).map_err(|_| self.body.len()),
        }
    }

    fn lines(&self) -> impl Iterator<Item = (&str, Cow<'_, str>)> {
        let headers = self.headers.iter();
        headers.map(|(name, value)| (name.as_str(), String::from_utf8_lossy(value.as_bytes())))
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {}", self.method, self.url)?;
        for (name, value) in self.lines() {
            write!(out, "\n{name}: {value}")?;
        }
        match self.text() {
            Ok("") => {}
            Ok(text) => write!(out, "\n\n{text}")?,
            Err(size) => write!(out, "\n\n({size} bytes)")?,
        }
        for missing in self.missing {
            write!(out, "\n\nmissing: {missing}")?;
        }
        Ok(())
    }
}

/// One word for a POSIX shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(auth: Auth, logged_in: bool, body: &'static [u8]) -> Plan {
        let request = Request::put("https://example.org/a?b=c")
            .header("content-type", "application/json")
            .body(Bytes::from_static(body))
            .unwrap();
        Plan::new("test".into(), auth, logged_in, request)
    }

    #[test]
    fn it_shows_as_http() {
        let ready = plan(Auth::AccessToken, true, br#"{"a":1}"#);
        assert_eq!(
            ready.to_string(),
            "PUT https://example.org/a?b=c\ncontent-type: application/json\n\
             authorization: Bearer ***\n\n{\"a\":1}"
        );
        let bytes = plan(Auth::AccessToken, false, &[0xff, 0xfe]);
        assert_eq!(
            bytes.to_string(),
            "PUT https://example.org/a?b=c\ncontent-type: application/json\n\
             authorization: Bearer ***\n\n(2 bytes)\n\nmissing: access token"
        );
    }

    #[test]
    fn it_shows_as_json() {
        let shown = plan(Auth::Optional, false, br#"{"a":1}"#).to_json();
        assert_eq!(
            shown,
            json!({
                "operation": "test",
                "method": "PUT",
                "url": "https://example.org/a?b=c",
                "headers": {"content-type": "application/json"},
                "body": {"a": 1},
                "missing": [],
            })
        );
        assert_eq!(plan(Auth::None, true, b"").to_json()["body"], Value::Null);
        assert_eq!(plan(Auth::None, true, b"plain").to_json()["body"], "plain");
        assert_eq!(plan(Auth::None, true, &[0xff]).to_json()["body"], json!({"bytes": 1}));
        let missing = plan(Auth::Appservice, false, b"").to_json();
        assert_eq!(missing["missing"], json!(["access token"]));
    }

    #[test]
    fn it_shows_as_a_command() {
        let shown = plan(Auth::Optional, true, br#"{"a":"it's"}"#).to_curl();
        assert_eq!(
            shown,
            r#"curl -X PUT 'https://example.org/a?b=c' -H 'content-type: application/json' -H 'authorization: Bearer ***' --data-raw '{"a":"it'\''s"}'"#
        );
        let bytes = plan(Auth::None, true, &[0xff]).to_curl();
        assert!(bytes.ends_with(" --data-binary @body"), "{bytes}");
    }
}
