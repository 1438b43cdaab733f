//! The core paths: what every bot does all the time. Also counted, instruction by instruction, by the benchmarks.

use std::{
    fmt::Write as _,
    hint::black_box,
    io::{Read as _, Write as _},
    net::TcpListener,
    thread,
};

use matrix_api::{
    BaseUrl, Client, Request, RetryPolicy, Session, TxnId,
    bytes::Bytes,
    client_server::{CreateRoom, GetRoomEvents, SendMessage, SyncEvents, SyncEventsResponse, types::RoomEventFilter},
    error::ApiError,
    http::{HeaderMap, StatusCode},
    request::{decode, encode},
};
use serde_json::json;

/// The paths by name.
pub(crate) const NAMES: [&str; 8] = [
    "encode a message",
    "encode a page of a room, five query parameters",
    "encode a room to be created",
    "encode a sync",
    "decode a sync of 100 KB, events unread",
    "decode the contents of its events",
    "decode a refusal",
    "send a message over loopback",
];

const ROOM: &str = "!OGEhHVWSdvArJzumhm:example.org";

/// What runs a path once, with everything made ready for it.
pub(crate) fn path(name: &str) -> Option<Box<dyn FnMut()>> {
    let at = NAMES.iter().position(|known| *known == name)?;
    Some(match at {
        0 => encoding(message),
        1 => encoding(page),
        2 => encoding(room),
        3 => encoding(sync),
        4 => decoding(),
        5 => contents(),
        6 => refusal(),
        _ => call(),
    })
}

fn message() -> SendMessage {
    let body = "Deploy at noon \u{1F680}, please check the \"logs\"";
    SendMessage::new(ROOM, "m.room.message", json!({"msgtype": "m.text", "body": body}))
}

fn page() -> GetRoomEvents {
    let mut filter = RoomEventFilter::new();
    filter.types = Some(vec!["m.room.message".to_owned(), "m.room.encrypted".to_owned()]);
    filter.lazy_load_members = Some(true);
    let page = GetRoomEvents::new(ROOM, "b").from("t392-516_47314_0_7_1_1_1_11444_1");
    page.to("t47409-4357353_219380_26003_2265").limit(50).filter(filter)
}

fn room() -> CreateRoom {
    let room = CreateRoom::new().name("Planning").topic("Sprint 12").preset("trusted_private_chat").is_direct(true);
    room.room_alias_name("planning").invite(["@a:example.org", "@bob:example.org", "@carol:example.org"])
}

fn sync() -> SyncEvents {
    SyncEvents::new().since("s72594_4483_1934").filter("66696p746572").timeout(30_000)
}

fn encoding<R: Request + 'static>(make: fn() -> R) -> Box<dyn FnMut()> {
    let base = BaseUrl::parse("https://matrix.example.org").expect("it is a base URL");
    Box::new(move || {
        let request = encode(&base, &make(), &TxnId::new()).expect("it can be sent");
        black_box(request);
    })
}

fn decoding() -> Box<dyn FnMut()> {
    let body = body();
    Box::new(move || drop(black_box(read(&body))))
}

fn read(body: &Bytes) -> SyncEventsResponse {
    decode(StatusCode::OK, &HeaderMap::new(), body.clone()).expect("it is a sync")
}

fn contents() -> Box<dyn FnMut()> {
    let sync = read(&body());
    Box::new(move || {
        let rooms = sync.rooms.iter().flat_map(|rooms| rooms.join.values());
        for event in rooms.flat_map(|room| &room.timeline.as_ref().expect("a timeline").events) {
            black_box(event.content());
        }
    })
}

/// A sync of 100 KB, as Synapse writes it.
fn body() -> Bytes {
    let mut text = String::from(r#"{"next_batch":"s72595_4483_1934","rooms":{"join":{"#);
    for room in 0..40 {
        let comma = if room == 0 { "" } else { "," };
        write!(text, r#"{comma}"!room{room:02}vWSdvArJzumhm:example.org":{{"timeline":{{"events":["#).expect("a text");
        let events: Vec<String> = (0..6).map(|event| self::event(room * 6 + event)).collect();
        write!(text, r#"{}],"limited":false,"prev_batch":"t{room}_47314"}}"#, events.join(",")).expect("a text");
        text.push_str(r#","ephemeral":{"events":[]},"unread_notifications":{"highlight_count":0}}"#);
    }
    text.push_str("}}}");
    assert!((90_000..110_000).contains(&text.len()), "{} bytes", text.len());
    Bytes::from(text)
}

fn event(number: usize) -> String {
    let (ty, content) = match number % 4 {
        0 => ("m.room.member", json!({"displayname": "Alice", "membership": "join", "avatar_url": "mxc://hs/GCmhgzM"})),
        1 => (
            "m.reaction",
            json!({"m.relates_to": {"event_id": "$143273582443PhrSn", "key": "\u{1F44D}", "rel_type": "m.annotation"}}),
        ),
        _ => ("m.room.message", json!({"body": "The bridge is down \u{1F680} again", "msgtype": "m.text"})),
    };
    let content = content.to_string().replace('\u{1F680}', r"\ud83d\ude80").replace('\u{1F44D}', r"\ud83d\udc4d");
    let state = if number.is_multiple_of(4) { r#""state_key":"@alice:example.org","# } else { "" };
    format!(
        r#"{{"content":{content},"event_id":"$143273582443PhrSn-zZ2n4Zb3c8q1yXk5mT0vB6u{number:03}","origin_server_ts":17000000{number:05},"sender":"@alice:example.org",{state}"type":"{ty}","unsigned":{{"age":7163420,"membership":"join","transaction_id":"m1700000000.{number}","m.org":"{}"}}}}"#,
        "x".repeat(40),
    )
}

fn refusal() -> Box<dyn FnMut()> {
    let body = Bytes::from_static(
        br#"{"errcode":"M_LIMIT_EXCEEDED","error":"Too many requests","retry_after_ms":2000,"org.example.why":["a",1]}"#,
    );
    Box::new(move || {
        let refusal = ApiError::read(StatusCode::TOO_MANY_REQUESTS, &HeaderMap::new(), body.clone());
        black_box(refusal);
    })
}

fn call() -> Box<dyn FnMut()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let session = Session::new("@me:example.org", serve()).access_token("canary");
    let client = {
        let _inside = runtime.enter();
        Client::builder().session(session).retry(RetryPolicy::none())
    };
    let client = runtime.block_on(client.build()).expect("a client");
    Box::new(move || {
        let sent = runtime.block_on(client.send(message())).expect("it is answered");
        assert!(sent.event_id.as_str().starts_with('$'));
    })
}

/// A server that has one answer, on a thread of its own. Gives its URL.
fn serve() -> String {
    const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 29\r\n\r\n\
        {\"event_id\":\"$143273582443P\"}";
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("its address"));
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            stream.set_nodelay(true).expect("a socket");
            thread::spawn(move || {
                let mut request = Vec::new();
                let mut piece = [0; 4096];
                while let Ok(length @ 1..) = stream.read(&mut piece) {
                    request.extend_from_slice(&piece[..length]);
                    // The body is an object without others inside, and nothing before it ends in a brace.
                    if request.ends_with(b"}") {
                        request.clear();
                        stream.write_all(ANSWER).expect("somebody who reads");
                    }
                }
            });
        }
    });
    url
}
