use std::time::Instant;

use http::header::{CONTENT_DISPOSITION, LOCATION};
use serde_json::Value;

use super::{operations::*, *};
use crate::{
    EventId, Patch, RoomId, UnixMillis, json,
    wire::{DecodeCategory, Reply},
};

fn page(text: &str) -> Page {
    read(text.to_owned()).unwrap()
}

fn fails<R: Response + std::fmt::Debug>(text: &str) -> String {
    read::<R>(text.to_owned()).unwrap_err().to_string()
}

#[test]
fn a_field_is_read_by_name() {
    let json = br#"{"x":[1],"event_id":"$a"}"#;
    let response = SendMessageResponse::from_json(json).unwrap();
    assert_eq!(response, SendMessageResponse { event_id: "$a".into() });
    let odd = SendMessageResponse::from_json(br#"{"event_id":"not an id"}"#).unwrap();
    assert_eq!(odd.event_id, EventId::from("not an id"));
    let last = SendMessageResponse::from_json(br#"{"event_id":1,"event_id":"$b"}"#).unwrap();
    assert_eq!(last.event_id, "$b");
}

#[test]
fn nothing_is_read_from_nothing_or_from_json() {
    for body in ["", " \n", "{}", "{\"a\":1}", "[]", "[{}]"] {
        assert_eq!(read(body), Ok(Nothing {}), "{body}");
    }
    assert_eq!(fails::<Nothing>("<html>hi"), "the document is HTML, not JSON (byte 1)");
    assert_eq!(fails::<Nothing>("no healthy upstream"), "the document is text, not JSON (byte 2)");
    assert_eq!(fails::<Nothing>("\"ok\""), "the document should be an object or nothing");
}

#[test]
fn null_is_absent_and_lists_default_to_empty() {
    let page = page(r#"{"chunk":null,"end":null,"new":[{}]}"#);
    assert_eq!(page, Page { chunk: vec![], end: None, rooms: [].into() });
}

#[test]
fn nested_data_is_read_in_one_pass() {
    let page = page(
        r#"{"rooms":{"!a:b":{"name":"A","seen":5.0,"users":["@u:b"],"topic":null,
            "state":null,"owner":null,"new":{"k":[1]}},"!c:d":{"name":"C"}}}"#,
    );
    let room = &page.rooms["!a:b"];
    assert_eq!((&*room.name, room.seen), ("A", Some(UnixMillis(5))));
    assert_eq!((&room.topic, &room.state), (&Patch::Null, &Some(json!(null))));
    assert_eq!(room.users, ["@u:b"]);
    assert_eq!(room.extra.get("new"), Some(&json!({ "k": [1] })));
    let other = &page.rooms[&RoomId::from("!c:d")];
    assert_eq!((&other.topic, &other.state, &other.owner), (&Patch::Absent, &None, &None));
    let text = serde_json::to_string(&room).unwrap();
    assert_eq!(text, r#"{"name":"A","seen":5,"users":["@u:b"],"topic":null,"state":null,"new":{"k":[1]}}"#);
    let again: Room = serde_json::from_str(&text).unwrap();
    assert_eq!(&again, room);
}

#[test]
fn raw_events_are_slices_of_the_body() {
    let body = Bytes::from_static(br#"{"chunk":[{"type":"a"}, {"type":"b" }],"rooms":{}}"#);
    let page: Page = read(body.clone()).unwrap();
    let inside = body.as_ptr_range();
    for event in &page.chunk {
        assert!(inside.contains(&event.json().as_ptr()));
    }
    assert_eq!(page.chunk[1].json(), r#"{"type":"b" }"#);
    assert_eq!(page.chunk[1].field::<String>("type"), Ok(Some("b".to_owned())));
    let own = page.chunk[0].detach();
    assert_eq!(own, page.chunk[0]);
    assert!(!inside.contains(&own.json().as_ptr()));
}

#[test]
fn raw_events_are_slices_in_the_second_pass_too() {
    let body = Bytes::from_static(br#"{"chunk":[{"a":1}],"rooms":{"!x:y":5}}"#);
    let page: Page = read(body.clone()).unwrap();
    assert!(page.rooms.is_empty());
    assert!(body.as_ptr_range().contains(&page.chunk[0].json().as_ptr()));
}

#[test]
fn bad_elements_are_left_out_only_if_the_strict_pass_fails() {
    let page = page(
        r#"{"end":"e","rooms":{
            "!bad:x":{"users":[]},
            "!ok:x":{"name":"ok","users":["@a:x",5,null,"@b:x",{"n":[1]}]},
            "!also bad:x":[],
            "!last:x":{"name":"last","seen":"no"}}}"#,
    );
    assert_eq!(page.rooms.len(), 2);
    assert_eq!(page.rooms["!ok:x"].users, ["@a:x", "@b:x"]);
    // A member that can be done without does not take its object along.
    let last = &page.rooms["!last:x"];
    assert_eq!((&*last.name, last.seen, last.extra.get("seen")), ("last", None, Some(&json!("no"))));
    assert_eq!(page.end.as_deref(), Some("e"));
}

#[test]
fn an_error_names_path_kind_and_offset_and_no_value() {
    assert_eq!(fails::<SendMessageResponse>("{}"), "event_id is missing");
    let text = r#"{"event_id":"canary"#;
    assert_eq!(fails::<SendMessageResponse>(text), "the document ends too early (byte 19)");
    assert_eq!(fails::<SendMessageResponse>(""), "the document is empty, not JSON");
    assert_eq!(
        fails::<SendMessageResponse>(r#"[{"event_id":"canary"}]"#),
        "the document should be an object but is a list (byte 0)"
    );
    assert_eq!(
        fails::<SendMessageResponse>("{\n\"event_id\":true}"),
        "event_id should be a string but is a boolean (byte 17)"
    );
    assert_eq!(
        fails::<Named>(r#"{"end":5,"name":{"token":"canary"}}"#),
        "name should be a string but is an object (byte 16)"
    );
    let error = read::<Page>(&b"{\"end\":\"\xff\"}"[..]).unwrap_err();
    assert_eq!(error.to_string(), "the document is not UTF-8 (byte 8)");
    assert_eq!(error.category(), DecodeCategory::NotUtf8);
}

/// A response that cannot do without its name.
#[derive(Debug)]
struct Named(#[allow(dead_code)] Room);

impl Response for Named {
    fn read(reply: &mut Reply<'_>) -> Result<Self, DecodeError> {
        reply.object().map(Self)
    }
}

/// What is not needed is left out, whatever it is instead.
#[test]
fn members_that_can_be_done_without_are_left_out() {
    assert_eq!(page(r#"{"end":{"a":1},"chunk":"x","rooms":5}"#), page("{}"));
    // What was passed over in one object is not to blame in the next.
    let twice = r#"{"rooms":{"!a:b":{"name":5},"!c:d":{"seen":"no"},"!e:f":{"name":"E"}},"end":"e"}"#;
    let page = page(&twice.replace("\"end\":\"e\"", "\"chunk\":5,\"end\":\"e\""));
    assert_eq!((page.rooms.len(), page.end.as_deref()), (1, Some("e")));
}

#[test]
fn a_path_leads_through_maps_and_lists() {
    #[derive(Debug)]
    struct Strict(#[allow(dead_code)] Page);
    impl Response for Strict {
        fn read(reply: &mut Reply<'_>) -> Result<Self, DecodeError> {
            // Sees the error of the strict pass, which the second one would mend.
            match reply.object() {
                Ok(page) => Ok(Self(page)),
                Err(error) => panic!("{error}"),
            }
        }
    }
    let texts = [
        (
            r#"{"rooms":{"!a:b":{"name":"x","users":["@u:b",5]}}}"#,
            r#"rooms["!a:b"].users[1] should be a string but is a number (byte 46)"#,
        ),
        (r#"{"rooms":{"plain":{}}}"#, "rooms.plain.name is missing (byte 20)"),
        (
            r#"{"rooms":{"!a:b":{"name":"x","seen":1.5}}}"#,
            r#"rooms["!a:b"].seen should be a whole number but is a fraction or out of range (byte 39)"#,
        ),
        (r#"{"rooms":{"!a:b":[]}}"#, r#"rooms["!a:b"] should be an object but is a list (byte 17)"#),
    ];
    for (text, expected) in texts {
        let panic = std::panic::catch_unwind(|| read::<Strict>(text).map(|_| ())).unwrap_err();
        assert_eq!(panic.downcast_ref::<String>().unwrap(), expected);
    }
}

#[test]
fn headers_bytes_and_redirects_are_read() {
    #[derive(Debug, PartialEq)]
    struct Media(u16, Option<String>, Bytes, Result<String, DecodeError>);
    impl Response for Media {
        fn read(reply: &mut Reply<'_>) -> Result<Self, DecodeError> {
            let name = reply.header("content-disposition");
            Ok(Self(reply.status(), name, reply.bytes(), reply.location()))
        }
    }
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_DISPOSITION, "inline".parse().unwrap());
    let media: Media = decode(StatusCode::OK, &headers, some_bytes()).unwrap();
    assert_eq!((media.0, media.1.as_deref(), media.2), (200, Some("inline"), some_bytes()));
    let error = media.3.unwrap_err();
    assert_eq!(error.to_string(), "header Location is missing or malformed");
    headers.insert(LOCATION, "https://a.b/c".parse().unwrap());
    let media: Media = decode(StatusCode::FOUND, &headers, Bytes::new()).unwrap();
    assert_eq!((media.0, media.3), (302, Ok("https://a.b/c".to_owned())));
}

#[test]
fn a_hand_written_response_can_use_serde() {
    #[derive(Debug)]
    struct Any(std::collections::BTreeMap<String, Vec<i64>>);
    impl Response for Any {
        fn read(reply: &mut Reply<'_>) -> Result<Self, DecodeError> {
            reply.whole().map(Self)
        }
    }
    assert_eq!(read::<Any>(r#"{"a":[1]}"#).unwrap().0["a"], [1]);
    assert_eq!(fails::<Any>(r#"{"a":["canary"]}"#), "the document is not what it should be (byte 14)");
}

#[test]
fn a_million_brackets_are_an_error_or_nothing_and_never_an_overflow() {
    let started = Instant::now();
    let deep = "[".repeat(1_000_000);
    let closed = format!("{deep}{}", "]".repeat(1_000_000));
    for text in [deep.clone(), closed.clone(), "{\"a\":".repeat(1_000_000)] {
        assert!(read::<Page>(text.clone()).is_err());
        assert!(read::<SendMessageResponse>(text).is_err());
    }
    let error = read::<Whole>(closed.clone()).unwrap_err();
    assert_eq!(error.category(), DecodeCategory::TooDeep);
    assert_eq!(error.to_string(), "the document is nested deeper than 128 levels (byte 128)");
    // One bad room costs that room only.
    let rooms = format!(r#"{{"rooms":{{"!a:b":{{"name":"","x":{closed}}},"!c:d":{{"name":""}}}}}}"#);
    assert_eq!(page(&rooms).rooms.into_keys().collect::<Vec<_>>(), ["!c:d"]);
    // What is skipped or kept unread needs no stack.
    assert!(read::<Page>(format!(r#"{{"new":{closed},"chunk":[{closed}]}}"#)).is_ok());
    assert!(started.elapsed().as_secs() < 20);
}

#[derive(Debug)]
struct Whole(#[allow(dead_code)] Value);

impl Response for Whole {
    fn read(reply: &mut Reply<'_>) -> Result<Self, DecodeError> {
        reply.special().map(Self)
    }
}

#[cfg(feature = "server")]
impl crate::request::WriteResponse for SendMessageResponse {
    fn write(&self, answer: &mut crate::wire::Answer) {
        answer.status(201);
        answer.header("X-Made", "here");
        answer.body().set("event_id", &self.event_id);
    }
}

#[cfg(feature = "server")]
#[test]
fn an_answer_is_written_and_read_back() {
    // A server's identifiers are not checked.
    let response = SendMessageResponse { event_id: "odd".into() };
    let written = crate::request::answer(&response).unwrap();
    assert_eq!(written.status(), StatusCode::CREATED);
    assert_eq!(written.headers().get("x-made").unwrap(), "here");
    assert_eq!(&written.body()[..], br#"{"event_id":"odd"}"#);
    assert_eq!(read(written.into_body()), Ok(response));
}

#[test]
fn one_thread_reads_one_after_the_other_without_traces() {
    assert!(read::<Named>(r#"{"name":5}"#).is_err());
    assert!(serde_json::from_str::<Room>(r#"{"users":[5]}"#).is_err());
    assert_eq!(fails::<SendMessageResponse>("{}"), "event_id is missing");
}
