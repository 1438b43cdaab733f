//! How values stand on the wire: in paths, queries and bodies, to the byte.
#![cfg(feature = "client-server")]

#[path = "support/forms.rs"]
#[allow(dead_code)]
mod forms;

use std::collections::BTreeMap;

use matrix_api::{BaseUrl, Raw, TxnId, client_server::*, json, request::encode, wire::IdOr};
use serde_json::Value;

use forms::{read, sent};

#[test]
fn a_path_has_nothing_but_unreserved_characters() {
    let rows = [
        ("a-z.A_Z~0", "a-z.A_Z~0"),
        ("!", "%21"),
        (":", "%3A"),
        ("#", "%23"),
        ("@", "%40"),
        ("/", "%2F"),
        ("$", "%24"),
        ("%", "%25"),
        ("%2F", "%252F"),
        (" ", "%20"),
        ("+", "%2B"),
        ("?&=", "%3F%26%3D"),
        ("{roomId}", "%7BroomId%7D"),
        ("...", "..."),
        (";,'()*", "%3B%2C%27%28%29%2A"),
        ("[]^|\\\"<>`", "%5B%5D%5E%7C%5C%22%3C%3E%60"),
        ("é", "%C3%A9"),
        ("日本", "%E6%97%A5%E6%9C%AC"),
        ("🦀", "%F0%9F%A6%80"),
    ];
    for (value, encoded) in rows {
        assert_eq!(
            sent(&DeletePushRule::new("content", value)),
            format!("DELETE /_matrix/client/v3/pushrules/global/content/{encoded}")
        );
        assert_eq!(
            sent(&GetRoomStateWithKey::new("!r:hs", value, value)),
            format!("GET /_matrix/client/v3/rooms/%21r%3Ahs/state/{encoded}/{encoded}")
        );
    }
}

#[test]
fn an_id_in_a_path_is_encoded_as_a_whole() {
    assert_eq!(
        sent(&GetRoomIdByAlias::new("#a/b c:hs:8448")),
        "GET /_matrix/client/v3/directory/room/%23a%2Fb%20c%3Ahs%3A8448"
    );
    assert_eq!(
        sent(&GetContentOverrideNameAuthed::new("[::1]:8448", "m", "my file?.png")),
        "GET /_matrix/client/v1/media/download/%5B%3A%3A1%5D%3A8448/m/my%20file%3F.png"
    );
}

#[test]
fn the_base_url_goes_before_the_path() {
    for (base, expected) in [
        ("https://hs", "https://hs/_matrix/client/versions"),
        ("https://hs/", "https://hs/_matrix/client/versions"),
        ("https://hs/sub", "https://hs/sub/_matrix/client/versions"),
        ("http://hs:8008/sub/folder/", "http://hs:8008/sub/folder/_matrix/client/versions"),
        ("http://[::1]:8008", "http://[::1]:8008/_matrix/client/versions"),
    ] {
        let base = BaseUrl::parse(base).unwrap();
        assert_eq!(encode(&base, &GetVersions::new(), &TxnId::new()).unwrap().uri(), expected);
    }
}

#[test]
fn a_query_has_what_was_set_and_nothing_else() {
    assert_eq!(sent(&SyncEvents::new()), "GET /_matrix/client/v3/sync");
    assert_eq!(
        sent(&SyncEvents::new().full_state(false).use_state_after(true)),
        "GET /_matrix/client/v3/sync?full_state=false&use_state_after=true"
    );
    assert_eq!(
        sent(&GetSpaceHierarchy::new("!s:hs").suggested_only(true).limit(-1).max_depth(i64::MAX)),
        "GET /_matrix/client/v1/rooms/%21s%3Ahs/hierarchy?suggested_only=true&limit=-1&max_depth=9223372036854775807"
    );
    assert_eq!(
        sent(&GetUrlPreviewAuthed::new("https://a.b/?q=1&r=é+ #x").ts(1_784_000_000_000)),
        "GET /_matrix/client/v1/media/preview_url\
         ?url=https%3A%2F%2Fa.b%2F%3Fq%3D1%26r%3D%C3%A9%2B%20%23x&ts=1784000000000"
    );
    // Nothing said, and nothing said aloud.
    assert_eq!(sent(&GetRoomEvents::new("!r:hs", "f")), "GET /_matrix/client/v3/rooms/%21r%3Ahs/messages?dir=f");
    assert_eq!(
        sent(&GetRoomEvents::new("!r:hs", "f").from("")),
        "GET /_matrix/client/v3/rooms/%21r%3Ahs/messages?from=&dir=f"
    );
    // A value of one's own is sent as it is.
    assert_eq!(
        sent(&GetRoomEvents::new("!r:hs", "sideways")),
        "GET /_matrix/client/v3/rooms/%21r%3Ahs/messages?dir=sideways"
    );
    assert_eq!(
        sent(&JoinRoom::new("!r:hs").via(["b.hs", "a.hs", "b.hs"])),
        "POST /_matrix/client/v3/join/%21r%3Ahs?via=b.hs&via=a.hs&via=b.hs [application/json] {}"
    );
    let nothing = types::SyncFilter::new();
    assert_eq!(sent(&SyncEvents::new().filter(IdOr::inline(nothing))), "GET /_matrix/client/v3/sync?filter=%7B%7D");
    let unicode = types::RoomEventFilter::new().types(["é \"x\""]);
    // {"types":["é \"x\""]}
    assert_eq!(
        sent(&GetEventContext::new("!r:hs", "$e").filter(unicode)),
        "GET /_matrix/client/v3/rooms/%21r%3Ahs/context/%24e\
         ?filter=%7B%22types%22%3A%5B%22%C3%A9%20%5C%22x%5C%22%22%5D%7D"
    );
}

fn created(request: CreateRoom) -> String {
    let form = sent(&request);
    form.strip_prefix("POST /_matrix/client/v3/createRoom [application/json] ").unwrap().to_owned()
}

#[test]
fn absent_null_empty_and_false_are_different_in_bodies() {
    let nobody: [&str; 0] = [];
    assert_eq!(created(CreateRoom::new()), "{}");
    assert_eq!(created(CreateRoom::new().invite(nobody)), r#"{"invite":[]}"#);
    assert_eq!(created(CreateRoom::new().is_direct(false)), r#"{"is_direct":false}"#);
    assert_eq!(created(CreateRoom::new().topic("")), r#"{"topic":""}"#);
    assert_eq!(created(CreateRoom::new().creation_content(json!({}))), r#"{"creation_content":{}}"#);
    assert_eq!(
        created(CreateRoom::new().creation_content(json!({"a": null, "b": [], "c": false, "d": {}, "e": 0, "f": ""}))),
        r#"{"creation_content":{"a":null,"b":[],"c":false,"d":{},"e":0,"f":""}}"#
    );
    let state = create_room::InitialState::new("m.room.encryption", json!({"algorithm": "x"}));
    assert_eq!(
        created(CreateRoom::new().initial_state([state.clone()])),
        r#"{"initial_state":[{"type":"m.room.encryption","content":{"algorithm":"x"}}]}"#
    );
    assert_eq!(
        created(CreateRoom::new().initial_state([state.state_key("")])),
        r#"{"initial_state":[{"type":"m.room.encryption","state_key":"","content":{"algorithm":"x"}}]}"#
    );
    assert_eq!(
        sent(&SetReadMarker::new("!r:hs").read_private("$e")),
        r#"POST /_matrix/client/v3/rooms/%21r%3Ahs/read_markers [application/json] {"m.read.private":"$e"}"#
    );
}

/// What a server says of data that is not its own comes back as it was written.
#[test]
fn absent_null_empty_and_false_are_different_in_answers() {
    for json in ["{}", r#"{"a":null}"#, r#"{"a":[]}"#, r#"{"a":false}"#, r#"{"a":{}}"#, r#"{"a":0}"#, r#"{"a":""}"#] {
        let stored: GetAccountDataResponse = read(json);
        assert_eq!(stored.content.json(), json);
        let again = SetAccountData::new("@u:hs", "a", &stored.content);
        assert!(sent(&again).ends_with(json), "{}", sent(&again));
        let field: GetProfileFieldResponse = read(json);
        assert_eq!(serde_json::to_string(&field.content).unwrap(), json);
        let value: Value = serde_json::from_str(json).unwrap();
        assert_eq!(stored.content.decode::<Value>().unwrap(), value);
    }
    // Of its own data, nothing and null are the same, and no list is an empty one.
    for json in [r#"{"chunk":[]}"#, r#"{"chunk":null,"next_batch":null}"#, "{}"] {
        let page: GetThreadRootsResponse = read(json);
        assert!(page.chunk.is_empty() && page.next_batch.is_none(), "{json}");
    }
}

#[test]
fn content_is_sent_as_it_was_written() {
    let content = r#"{"b":1.0,"a":{"y":1e2,"x":"\u00e9"}}"#;
    let raw: Raw<matrix_api::Object> = Raw::from_json(content.to_owned()).unwrap();
    let form = sent(&SendMessage::new("!r:hs", "x", &raw).txn_id("t 2"));
    assert_eq!(form, format!("PUT /_matrix/client/v3/rooms/%21r%3Ahs/send/x/t%202 [application/json] {content}"));

    // Whatever JSON can hold; what it cannot hold as it is, is escaped.
    let text = BTreeMap::from([("body", "\u{0}\u{1F980}\"\\"), ("msgtype", "m.text")]);
    assert_eq!(
        sent(&SendMessage::new("!r:hs", "m.room.message", text)),
        "PUT /_matrix/client/v3/rooms/%21r%3Ahs/send/m.room.message/t1 [application/json] \
         {\"body\":\"\\u0000\u{1F980}\\\"\\\\\",\"msgtype\":\"m.text\"}"
    );
}

#[test]
fn maps_and_unions_keep_their_form() {
    use set_push_rule_actions::Action;

    let actions = [
        Action::Text("notify".to_owned()),
        Action::Object([("set_tweak", json!("sound")), ("value", json!("default"))].into_iter().collect()),
        Action::Other(json!(7)),
    ];
    assert_eq!(
        sent(&SetPushRuleActions::new("room", "!r:hs", actions)),
        "PUT /_matrix/client/v3/pushrules/global/room/%21r%3Ahs/actions [application/json] \
         {\"actions\":[\"notify\",{\"set_tweak\":\"sound\",\"value\":\"default\"},7]}"
    );
    let devices = BTreeMap::from([("@u:hs".into(), vec!["D".to_owned()]), ("@v:hs".into(), vec![])]);
    assert_eq!(
        sent(&QueryKeys::new(devices).timeout(10_000)),
        "POST /_matrix/client/v3/keys/query [application/json] \
         {\"timeout\":10000,\"device_keys\":{\"@u:hs\":[\"D\"],\"@v:hs\":[]}}"
    );
    assert_eq!(
        sent(&SetRoomTag::new("@u:hs", "!r:hs", "m.favourite", types::Tag::new().order(0.25))),
        "PUT /_matrix/client/v3/user/%40u%3Ahs/rooms/%21r%3Ahs/tags/m.favourite [application/json] {\"order\":0.25}"
    );
}
