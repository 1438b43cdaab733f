//! What was read in spite of its shape, and what strict calls make of it.

use matrix_api::{
    ErrorKind, Response,
    client_server::{
        CreateRoom, CreateRoomResponse, GetJoinedMembersByRoomResponse, GetPresenceResponse, GetRoomEventsResponse,
        GetTokenOwner, GetVersionsResponse, LogoutResponse, SyncEventsResponse,
    },
    wire::{DecodeCategory, WarningKind},
};

use crate::{
    calls::{Download, builder, client},
    server::{Server, json, with},
};

/// What is told of a body that can be read.
fn told<R: Response>(body: &str) -> Vec<String> {
    R::from_json(body.as_bytes()).unwrap();
    R::warnings(body.as_bytes()).iter().map(ToString::to_string).collect()
}

#[test]
fn a_body_as_it_should_be_has_nothing_to_tell() {
    assert_eq!(told::<GetRoomEventsResponse>(r#"{"start":"a","chunk":[{"type":"m.x"}],"more":1}"#), [""; 0]);
    assert_eq!(told::<CreateRoomResponse>(r#"{"room_id":"anything"}"#), [""; 0]);
    assert_eq!(told::<LogoutResponse>(""), [""; 0]);
    assert_eq!(told::<LogoutResponse>("[]"), [""; 0]);
    assert_eq!(told::<LogoutResponse>("{}"), [""; 0]);
}

#[test]
fn null_and_absent_are_told() {
    assert_eq!(
        told::<GetRoomEventsResponse>(r#"{"start":"a","end":null,"chunk":null}"#),
        ["end should be a string but is null", "chunk should be a list but is null"]
    );
    assert_eq!(told::<GetRoomEventsResponse>(r#"{"start":"a"}"#), ["chunk is missing"]);
    let warnings = GetRoomEventsResponse::warnings(br#"{"start":"a","end":null}"#);
    assert_eq!(warnings[0].kind, WarningKind::Null);
    assert_eq!((&*warnings[0].path, &*warnings[0].found, warnings[0].expected), ("end", "null", "a string"));
    assert_eq!(warnings[1].kind, WarningKind::Missing);
}

#[test]
fn skipped_elements_are_told_with_the_reason() {
    assert_eq!(
        told::<GetVersionsResponse>(r#"{"versions":["v1.1",5,"v1.2"],"unstable_features":{"a":true,"b c":"x"}}"#),
        [
            "versions[1] should be a string but is a number",
            "versions[1] was left out",
            "unstable_features[\"b c\"] should be true or false but is a string",
            "unstable_features[\"b c\"] was left out",
        ]
    );
    assert_eq!(
        told::<GetJoinedMembersByRoomResponse>(r#"{"joined":{"@a:b":[],"@b:b":{"avatar_url":null}}}"#),
        [
            "joined[\"@a:b\"] should be an object but is a list",
            "joined[\"@a:b\"] was left out",
            "joined[\"@b:b\"].avatar_url should be a string but is null",
        ]
    );
}

#[test]
fn a_sync_is_looked_at_to_the_bottom() {
    let body = r#"{
        "next_batch": "s1",
        "device_one_time_keys_count": {"a": 5.0, "b": 1.5},
        "rooms": {"join": {"!a:b": {"timeline": {"limited": null, "events": [{}, 7]}}}, "leave": null}
    }"#;
    assert_eq!(
        told::<SyncEventsResponse>(body),
        [
            "rooms.join[\"!a:b\"].timeline.limited should be true or false but is null",
            "rooms.join[\"!a:b\"].timeline.events[1] should be an object but is a number",
            "rooms.leave should be an object but is null",
            "device_one_time_keys_count.a should be a whole number but is a fraction or out of range",
            "device_one_time_keys_count.b should be a whole number but is a fraction or out of range",
            "device_one_time_keys_count.b was left out",
        ]
    );
}

#[test]
fn an_unknown_value_is_told_as_it_is() {
    let warnings = GetPresenceResponse::warnings(br#"{"presence":"org.example.new"}"#);
    let told: Vec<_> = warnings.iter().map(|warning| (warning.kind, &*warning.path, &*warning.found)).collect();
    assert_eq!(told, [(WarningKind::UnknownValue, "presence", "\"org.example.new\"")]);
    assert_eq!(GetPresenceResponse::warnings(br#"{"presence":"online"}"#), []);
}

#[test]
fn a_flood_of_warnings_is_cut() {
    let body = format!(r#"{{"versions":[{}0]}}"#, "0,".repeat(5000));
    assert_eq!(GetVersionsResponse::warnings(body.as_bytes()).len(), 1000);
    let deep = format!(r#"{{"start":"a","chunk":[{}1{}]}}"#, r#"{"a":"#.repeat(100_000), "}".repeat(100_000));
    assert_eq!(told::<GetRoomEventsResponse>(&deep), [""; 0]);
    assert!(GetVersionsResponse::warnings(b"not json").len() == 1);
}

#[tokio::test]
async fn a_full_response_tells_when_it_is_asked() {
    let odd = json(200, r#"{"user_id":"@a:b","device_id":null,"is_guest":false}"#);
    let server = Server::start([json(200, r#"{"room_id":"!a:b","more":1}"#), with(200, &[], "bytes"), odd]).await;
    let client = client(&server.url).await;
    assert_eq!(client.send_full(CreateRoom::new()).await.unwrap().warnings(), []);
    assert_eq!(client.send_full(Download).await.unwrap().warnings(), []);
    let told = client.send_full(GetTokenOwner::new()).await.unwrap().warnings();
    assert_eq!(told.iter().map(ToString::to_string).collect::<Vec<_>>(), ["device_id should be a string but is null"]);
}

#[tokio::test]
async fn a_strict_call_makes_errors_of_it() {
    let answers = [
        r#"{"user_id":"@a:b","device_id":null,"canary":"canary"}"#,
        r#"{"user_id":"@a:b","is_guest":false,"new":{}}"#,
        r#"{"user_id":"@a:b","is_guest":false}"#,
        r#"{"user_id":"@a:b","more":"canary"}"#,
    ];
    let server = Server::start(answers.map(|body| json(200, body))).await;
    let client = client(&server.url).await;
    let told = [
        "getTokenOwner: done (200), but strictly read, device_id should be a string but is null, \
         and 1 more such",
        "getTokenOwner: done (200), but strictly read, new is not a known member",
    ];
    for text in told {
        let error = client.call(GetTokenOwner::new()).strict().send().await.unwrap_err();
        assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::Decode, text));
        let matrix_api::Error::Decode(failed) = &error else { unreachable!() };
        assert_eq!(failed.error().category(), DecodeCategory::Strict);
        assert!(error.request_was_accepted());
    }
    client.call(GetTokenOwner::new()).strict().send().await.unwrap();

    let client = builder(&server.url).strict(true).build().await.unwrap();
    let error = client.send(GetTokenOwner::new()).await.unwrap_err();
    assert_eq!(error.json_path(), Some("more"));
    assert_eq!(server.seen().len(), 4);
}
