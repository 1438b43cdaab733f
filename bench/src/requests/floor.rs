//! The floor: each request written by hand.

use std::fmt::Write as _;
use std::hint::black_box;

use http::{HeaderValue, Method, Request as HttpRequest, Uri, header};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;

use super::{BODY, FILTER, FROM, HOST, HTML, INVITED, ROOM, SINCE, TO, TOKEN, TXN};

/// As strictly as the client encodes.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

pub(super) struct Floor {
    token: HeaderValue,
}

#[derive(Serialize)]
struct Text<'a> {
    msgtype: &'a str,
    body: &'a str,
    format: &'a str,
    formatted_body: &'a str,
}

#[derive(Serialize)]
struct Create<'a> {
    invite: &'a [&'a str],
    is_direct: bool,
    name: &'a str,
    preset: &'a str,
    room_alias_name: &'a str,
    topic: &'a str,
}

#[derive(Serialize)]
struct Filter<'a> {
    types: &'a [&'a str],
    lazy_load_members: bool,
}

impl Floor {
    pub(super) fn new() -> Self {
        Self { token: HeaderValue::try_from(format!("Bearer {TOKEN}")).expect("it is a header") }
    }

    pub(super) fn build(&self, kind: &str) -> HttpRequest<Vec<u8>> {
        let mut url = String::with_capacity(320);
        url.push_str(HOST);
        url.push_str("/_matrix/client/v3/");
        match kind {
            "message" => {
                url.push_str("rooms/");
                url.extend(utf8_percent_encode(ROOM, ENCODED));
                url.push_str("/send/m.room.message/");
                url.extend(utf8_percent_encode(TXN, ENCODED));
                let format = "org.matrix.custom.html";
                let text = Text { msgtype: "m.text", body: BODY, format, formatted_body: HTML };
                self.finish(Method::PUT, url, json(&text))
            }
            "new room" => {
                url.push_str("createRoom");
                let (name, topic, preset) = ("Planning", "Sprint 12", "trusted_private_chat");
                let room =
                    Create { invite: &INVITED, is_direct: true, name, preset, room_alias_name: "planning", topic };
                self.finish(Method::POST, url, json(&room))
            }
            "sync" => {
                url.push_str("sync?filter=");
                url.extend(utf8_percent_encode(FILTER, ENCODED));
                url.push_str("&since=");
                url.extend(utf8_percent_encode(SINCE, ENCODED));
                write!(url, "&timeout={}", black_box(30_000)).expect("a text");
                self.finish(Method::GET, url, Vec::new())
            }
            _ => {
                url.push_str("rooms/");
                url.extend(utf8_percent_encode(ROOM, ENCODED));
                url.push_str("/messages?from=");
                url.extend(utf8_percent_encode(FROM, ENCODED));
                url.push_str("&to=");
                url.extend(utf8_percent_encode(TO, ENCODED));
                write!(url, "&dir=b&limit={}&filter=", black_box(50)).expect("a text");
                let filter = Filter { types: &["m.room.message", "m.room.encrypted"], lazy_load_members: true };
                let filter = serde_json::to_string(&filter).expect("it is JSON");
                url.extend(utf8_percent_encode(&filter, ENCODED));
                self.finish(Method::GET, url, Vec::new())
            }
        }
    }

    fn finish(&self, method: Method, url: String, body: Vec<u8>) -> HttpRequest<Vec<u8>> {
        let mut request = HttpRequest::new(body);
        *request.method_mut() = method;
        *request.uri_mut() = Uri::try_from(url).expect("it is a URL");
        request.headers_mut().insert(header::AUTHORIZATION, self.token.clone());
        if !request.body().is_empty() {
            request.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        request
    }
}

fn json(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).expect("it is JSON")
}
