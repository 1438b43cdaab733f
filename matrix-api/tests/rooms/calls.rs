//! One call each: method, path and body.

use std::{future::Future, time::Duration};

use matrix_api::{
    Client, ErrorKind, Result,
    client_server::types::Tag,
    error::{Error, RoomErrorKind},
    json,
};

use crate::{FORBIDDEN, NOT_FOUND, asked, ok, start};

/// Does something once, with this answer, and says what was asked of the server and what came of it.
async fn once<T, F: Future<Output = Result<T>>>(answer: &str, act: impl FnOnce(Client) -> F) -> (String, T) {
    let (server, client) = start([ok(answer)]).await;
    let value = act(client).await.unwrap();
    let [asked] = &asked(&server)[..] else { panic!("{:?}", asked(&server)) };
    (asked.clone(), value)
}

macro_rules! asks {
    ($answer:expr, |$client:ident| $act:expr, $asked:expr) => {{
        let (asked, value) = once($answer, |$client| async move { $act.await }).await;
        assert_eq!(asked, $asked);
        value
    }};
}

#[tokio::test]
async fn members() {
    asks!("{}", |c| c.room("!r:hs").invite("@a:hs"), r#"POST /v3/rooms/%21r%3Ahs/invite {"user_id":"@a:hs"}"#);
    asks!(
        "{}",
        |c| c.room("!r:hs").invite("@a:hs").reason("tea"),
        r#"POST /v3/rooms/%21r%3Ahs/invite {"user_id":"@a:hs","reason":"tea"}"#
    );
    asks!("{}", |c| c.room("!r:hs").kick("@a:hs"), r#"POST /v3/rooms/%21r%3Ahs/kick {"user_id":"@a:hs"}"#);
    asks!(
        "{}",
        |c| c.room("!r:hs").ban("@a:hs").reason("spam"),
        r#"POST /v3/rooms/%21r%3Ahs/ban {"user_id":"@a:hs","reason":"spam"}"#
    );
    asks!(
        "{}",
        |c| c.room("!r:hs").unban("@a:hs").reason("sorry"),
        r#"POST /v3/rooms/%21r%3Ahs/unban {"user_id":"@a:hs","reason":"sorry"}"#
    );
    asks!("{}", |c| c.room("!r:hs").leave().reason("bye"), r#"POST /v3/rooms/%21r%3Ahs/leave {"reason":"bye"}"#);
    asks!("{}", |c| async move { c.room("!r:hs").forget().await }, "POST /v3/rooms/%21r%3Ahs/forget {}");
    let room = asks!(
        r#"{"room_id":"!r:hs"}"#,
        |c| c.join("#a:hs").via(["x.org", "y.org"]).reason("hi"),
        r#"POST /v3/join/%23a%3Ahs?via=x.org&via=y.org {"reason":"hi"}"#
    );
    assert_eq!(room.id(), &"!r:hs");
    asks!(r#"{"room_id":"!r:hs"}"#, |c| c.room("!r:hs").join(), "POST /v3/join/%21r%3Ahs {}");
    asks!(r#"{"room_id":"!r:hs"}"#, |c| c.room("!r:hs").knock(), "POST /v3/knock/%21r%3Ahs {}");
}

#[tokio::test]
async fn who_is_in_a_room() {
    let chunk = r#"{"chunk":[
        {"type":"m.room.member","state_key":"@a:hs","sender":"@a:hs","content":{"membership":"join","displayname":"Ann"}},
        {"type":"m.room.member","content":{}}, 7,
        {"type":"m.room.member","state_key":"@b:hs","content":{"membership":"ban","avatar_url":"","displayname":null}}]}"#;
    let members = asks!(
        chunk,
        |c| c.room("!r:hs").members().membership("join").at("t"),
        "GET /v3/rooms/%21r%3Ahs/members?at=t&membership=join"
    );
    let seen: Vec<_> = members
        .iter()
        .map(|one| {
            (one.user_id.as_str(), one.membership.as_str(), one.display_name.as_deref(), one.avatar_url.is_some())
        })
        .collect();
    assert_eq!(seen, [("@a:hs", "join", Some("Ann"), false), ("@b:hs", "ban", None, false)]);
    let joined = r#"{"joined":{"@a:hs":{"display_name":"Ann"},"@b:hs":{}}}"#;
    let ids =
        asks!(joined, |c| async move { c.room("!r:hs").member_ids().await }, "GET /v3/rooms/%21r%3Ahs/joined_members");
    assert_eq!(ids, ["@a:hs", "@b:hs"]);
}

#[tokio::test]
async fn state_by_one_request() {
    let raw = asks!(
        r#"{"x":1}"#,
        |c| async move { c.room("!r:hs").raw_state("org.x", "k/y").await },
        "GET /v3/rooms/%21r%3Ahs/state/org.x/k%2Fy"
    );
    assert_eq!(raw.unwrap().json(), r#"{"x":1}"#);
    asks!(
        r#"{"type":"org.x"}"#,
        |c| async move { c.room("!r:hs").whole_state_event("org.x", "").await },
        "GET /v3/rooms/%21r%3Ahs/state/org.x/?format=event"
    );
    asks!(
        r#"{"event_id":"$e"}"#,
        |c| async move { c.room("!r:hs").set_state("org.x", "k", json!({"y": null})).await },
        r#"PUT /v3/rooms/%21r%3Ahs/state/org.x/k {"y":null}"#
    );
    let (_server, client) = start([crate::json(404, NOT_FOUND), crate::json(403, FORBIDDEN)]).await;
    assert!(client.room("!r:hs").raw_state("org.x", "").await.unwrap().is_none());
    assert!(client.room("!r:hs").raw_state("org.x", "").await.unwrap_err().is_forbidden());
}

#[cfg(feature = "events")]
#[tokio::test]
async fn state_as_types() {
    use matrix_api::events::{RoomMember, RoomPowerLevels};
    let levels = asks!(
        r#"{"users":{"@a:hs":50},"ban":60}"#,
        |c| async move { c.room("!r:hs").state_event::<RoomPowerLevels>(()).await },
        "GET /v3/rooms/%21r%3Ahs/state/m.room.power_levels/"
    );
    assert_eq!(levels.unwrap().user_level(&"@a:hs".into()), 50);
    let member = asks!(
        r#"{"membership":"join"}"#,
        |c| async move { c.room("!r:hs").state_event::<RoomMember>("@a:hs").await },
        "GET /v3/rooms/%21r%3Ahs/state/m.room.member/%40a%3Ahs"
    );
    assert_eq!(member.unwrap().membership.as_str(), "join");
    let (_server, client) = start([ok(r#"{"membership":7}"#)]).await;
    let error = client.room("!r:hs").state_event::<RoomMember>("@a:hs").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
}

#[tokio::test]
async fn single_events() {
    let redaction = asks!(
        r#"{"event_id":"$r"}"#,
        |c| c.room("!r:hs").redact("$e").reason("oops").txn_id("t"),
        r#"PUT /v3/rooms/%21r%3Ahs/redact/%24e/t {"reason":"oops"}"#
    );
    assert_eq!(redaction.unwrap(), "$r");
    asks!(
        r#"{"type":"x"}"#,
        |c| async move { c.room("!r:hs").event("$e").await },
        "GET /v3/rooms/%21r%3Ahs/event/%24e"
    );
    asks!(
        "{}",
        |c| async move { c.room("!r:hs").context("$e", 4).await },
        "GET /v3/rooms/%21r%3Ahs/context/%24e?limit=4"
    );
    let at = asks!(
        r#"{"event_id":"$e","origin_server_ts":5}"#,
        |c| async move { c.room("!r:hs").event_at(5, "f").await },
        "GET /v1/rooms/%21r%3Ahs/timestamp_to_event?ts=5&dir=f"
    );
    assert_eq!(at.unwrap(), "$e");
    let room = asks!(
        r#"{"replacement_room":"!n"}"#,
        |c| c.room("!r:hs").upgrade("12").additional_creators(["@a:hs"]),
        r#"POST /v3/rooms/%21r%3Ahs/upgrade {"new_version":"12","additional_creators":["@a:hs"]}"#
    );
    assert_eq!(room.id(), &"!n");
}

#[tokio::test]
async fn ones_own_view_of_a_room() {
    macro_rules! own {
        ($answer:expr, |$room:ident| $act:expr, $asked:expr) => {
            asks!(
                $answer,
                |c| async move {
                    let $room = c.room("!r:hs");
                    $act.await
                },
                $asked
            )
        };
    }
    let typing = "PUT /v3/rooms/%21r%3Ahs/typing/%40me%3Ahs";
    own!("{}", |room| room.typing(Duration::from_secs(4)), format!(r#"{typing} {{"typing":true,"timeout":4000}}"#));
    own!("{}", |room| room.stop_typing(), format!(r#"{typing} {{"typing":false}}"#));
    own!("{}", |room| room.mark_read("$e"), "POST /v3/rooms/%21r%3Ahs/receipt/m.read/%24e {}");
    own!(
        "{}",
        |room| room.mark_read("$e").private().thread("main"),
        r#"POST /v3/rooms/%21r%3Ahs/receipt/m.read.private/%24e {"thread_id":"main"}"#
    );
    own!("{}", |room| room.mark_fully_read("$e"), r#"POST /v3/rooms/%21r%3Ahs/read_markers {"m.fully_read":"$e"}"#);
    let user = "/v3/user/%40me%3Ahs/rooms/%21r%3Ahs";
    let tags = own!(r#"{"tags":{"u.x":{"order":0.5}}}"#, |room| room.tags(), format!("GET {user}/tags"));
    assert_eq!(tags["u.x"].order, Some(0.5));
    own!(
        "{}",
        |room| room.set_tag("m.favourite", Tag::new().order(0.25)),
        format!(r#"PUT {user}/tags/m.favourite {{"order":0.25}}"#)
    );
    own!("{}", |room| room.remove_tag("u.x"), format!("DELETE {user}/tags/u.x"));
    let data = own!(r#"{"a":1}"#, |room| room.raw_account_data("org.x"), format!("GET {user}/account_data/org.x"));
    assert_eq!(data.unwrap().json(), r#"{"a":1}"#);
    own!(
        "{}",
        |room| room.set_raw_account_data("org.x", json!({"a": 2})),
        format!(r#"PUT {user}/account_data/org.x {{"a":2}}"#)
    );
    own!("{}", |room| room.report("spam"), r#"POST /v3/rooms/%21r%3Ahs/report {"reason":"spam"}"#);
    own!("{}", |room| room.report_event("$e", "spam"), r#"POST /v3/rooms/%21r%3Ahs/report/%24e {"reason":"spam"}"#);
    own!(r##"{"aliases":["#a:hs"]}"##, |room| room.aliases(), "GET /v3/rooms/%21r%3Ahs/aliases");
    own!("{}", |room| room.add_alias("#a:hs"), r#"PUT /v3/directory/room/%23a%3Ahs {"room_id":"!r:hs"}"#);
    let listed = own!(r#"{"visibility":"public"}"#, |room| room.is_listed(), "GET /v3/directory/list/room/%21r%3Ahs");
    assert!(listed);
    own!("{}", |room| room.set_listed(false), r#"PUT /v3/directory/list/room/%21r%3Ahs {"visibility":"private"}"#);
}

#[tokio::test]
async fn the_account() {
    let rooms =
        asks!(r#"{"joined_rooms":["!r:hs"]}"#, |c| async move { c.joined_rooms().await }, "GET /v3/joined_rooms");
    assert_eq!(rooms, ["!r:hs"]);
    let room = asks!(
        r##"{"room_id":"!r:hs","servers":["hs"]}"##,
        |c| async move { c.resolve_alias("#a:hs").await },
        "GET /v3/directory/room/%23a%3Ahs"
    );
    assert_eq!(room.unwrap(), "!r:hs");
    asks!("{}", |c| async move { c.delete_alias("#a:hs").await }, "DELETE /v3/directory/room/%23a%3Ahs");
    let data = "/v3/user/%40me%3Ahs/account_data/org.x";
    asks!("{}", |c| async move { c.raw_account_data("org.x").await }, format!("GET {data}"));
    asks!("{}", |c| async move { c.set_raw_account_data("org.x", json!([1])).await }, format!("PUT {data} [1]"));
    let profile = "/v3/profile/%40me%3Ahs";
    asks!(
        "{}",
        |c| async move { c.set_display_name(Some("Me")).await },
        format!(r#"PUT {profile}/displayname {{"displayname":"Me"}}"#)
    );
    asks!("{}", |c| async move { c.set_avatar_url(None).await }, format!("DELETE {profile}/avatar_url"));
    asks!(
        "{}",
        |c| async move { c.set_presence("unavailable", Some("tea")).await },
        r#"PUT /v3/presence/%40me%3Ahs/status {"presence":"unavailable","status_msg":"tea"}"#
    );
    asks!(
        r#"{"access_token":"t","token_type":"Bearer","matrix_server_name":"hs","expires_in":3600}"#,
        |c| async move { c.open_id_token().await },
        "POST /v3/user/%40me%3Ahs/openid/request_token {}"
    );
    asks!(
        r#"{"results":[],"limited":false}"#,
        |c| async move { c.search_users("ann").await },
        r#"POST /v3/user_directory/search {"search_term":"ann"}"#
    );
}

#[tokio::test]
async fn who_is_logged_in_is_asked_once() {
    let (server, _) = start([ok(r#"{"user_id":"@me:hs"}"#), ok("{}"), ok("{}")]).await;
    let client = Client::builder().base_url(&server.url).access_token("t").build().await.unwrap();
    client.set_raw_account_data("org.x", json!({})).await.unwrap();
    client.room("!r:hs").stop_typing().await.unwrap();
    let lines = asked(&server);
    assert_eq!(lines[0], "GET /v3/account/whoami");
    assert_eq!(lines.len(), 3);
}

#[tokio::test]
async fn whether_a_user_exists() {
    let limited = r#"{"errcode":"M_LIMIT_EXCEEDED"}"#;
    let invalid = r#"{"errcode":"M_INVALID_PARAM"}"#;
    let unknown = r#"{"errcode":"M_UNKNOWN","error":"No row found"}"#;
    let answers = [
        (200, "{}"),
        (404, NOT_FOUND),
        (404, unknown),
        (400, invalid),
        (403, FORBIDDEN),
        (429, limited),
        (502, "oops"),
    ];
    let (server, client) = start(answers.map(|(status, body)| crate::json(status, body))).await;
    let user = client.user("@a:hs");
    for expected in [Ok(true), Ok(false), Ok(false), Ok(false), Err(403), Err(429), Err(502)] {
        let found = user.exists().await.map_err(|error| error.status().unwrap().as_u16());
        assert_eq!(found, expected);
    }
    assert!(asked(&server).iter().all(|asked| asked == "GET /v3/profile/%40a%3Ahs"));
}

#[tokio::test]
async fn what_a_user_shows() {
    let name = asks!(
        r#"{"displayname":"Ann"}"#,
        |c| async move { c.user("@a:hs").display_name().await },
        "GET /v3/profile/%40a%3Ahs/displayname"
    );
    assert_eq!(name.as_deref(), Some("Ann"));
    for (answer, url) in
        [(r#"{"avatar_url":"mxc://hs/x"}"#, Some("mxc://hs/x")), (r#"{"avatar_url":""}"#, None), ("{}", None)]
    {
        let found = asks!(
            answer,
            |c| async move { c.user("@a:hs").avatar_url().await },
            "GET /v3/profile/%40a%3Ahs/avatar_url"
        );
        assert_eq!(found.as_ref().map(|url| url.as_str()), url);
    }
    let presence = "GET /v3/presence/%40a%3Ahs/status";
    for (answer, online) in [
        (r#"{"presence":"online"}"#, true),
        (r#"{"presence":"online","currently_active":false}"#, false),
        (r#"{"presence":"unavailable","currently_active":true}"#, true),
        (r#"{"presence":"offline"}"#, false),
    ] {
        assert_eq!(asks!(answer, |c| async move { c.user("@a:hs").is_online().await }, presence), online, "{answer}");
    }
    let (_server, client) = start([crate::json(403, FORBIDDEN), crate::json(500, "{}")]).await;
    let user = client.user("@a:hs");
    assert!(!user.is_online().await.unwrap());
    assert_eq!(user.is_online().await.unwrap_err().kind(), ErrorKind::Api);
    asks!(
        "{}",
        |c| async move { c.user("@a:hs").report("spam").await },
        r#"POST /v3/users/%40a%3Ahs/report {"reason":"spam"}"#
    );
    asks!("{}", |c| async move { c.user("@a:hs").whois().await }, "GET /v3/admin/whois/%40a%3Ahs");
}

#[tokio::test]
async fn a_room_that_no_server_is_named_for() {
    let unknown = r#"{"errcode":"M_UNKNOWN","error":"Can't join remote room"}"#;
    let (server, client) = start((0..5).map(|_| crate::json(404, unknown)).chain([crate::json(403, FORBIDDEN)])).await;
    for act in [client.join("!AbC"), client.room("!AbC").join()] {
        let error = act.await.unwrap_err();
        let Error::Room(refused) = &error else { panic!("{error}") };
        assert_eq!((refused.kind(), refused.room()), (RoomErrorKind::NeedsVia, "!AbC"));
        assert_eq!(
            error.to_string(),
            "joinRoom: the room is not known here and its id names no server; give one that is in it by via()"
        );
        assert_eq!((error.kind(), error.status().unwrap().as_u16()), (ErrorKind::Room, 404));
        assert!(error.may_have_been_sent());
    }
    let error = client.knock("!AbC").await.unwrap_err();
    assert_eq!((error.kind(), error.operation()), (ErrorKind::Room, Some("knockRoom")));
    // Whoever says where to look, or names a server by the id, gets the server's own answer.
    assert_eq!(client.join("!AbC").via(["hs"]).await.unwrap_err().kind(), ErrorKind::Api);
    assert_eq!(client.join("!AbC:hs").await.unwrap_err().kind(), ErrorKind::Api);
    assert!(client.join("!AbC").await.unwrap_err().is_forbidden());
    assert_eq!(asked(&server).len(), 6);
}

#[tokio::test]
async fn what_would_be_sent() {
    let (server, client) = start([]).await;
    let plan = client.room("!r:hs").kick("@a:hs").reason("spam").plan().unwrap();
    assert_eq!(plan.method(), "POST");
    assert!(client.room("!r:hs").kick("nobody").plan().is_err());
    assert_eq!(client.room("!r:hs").kick("nobody").await.unwrap_err().kind(), ErrorKind::Encode);
    assert!(asked(&server).is_empty());
}

#[tokio::test]
async fn what_is_not_there_is_for_the_homeserver_to_say() {
    // A server in front of it knows no such page, which says nothing about the room.
    let page = || crate::server::with(404, &[("Content-Type", "text/html")], "<h1>Not Found</h1>");
    let (server, client) = start([page(), page(), page(), crate::json(404, "{}"), page()]).await;
    let room = client.room("!r:hs");
    assert_eq!(room.raw_state("m.room.topic", "").await.unwrap_err().status().unwrap(), 404);
    assert!(room.is_encrypted().await.is_err());
    assert!(room.send_text("hi").await.is_err());
    assert!(room.is_encrypted().await.is_err());
    assert_eq!(client.join("!AbC").await.unwrap_err().kind(), ErrorKind::Api);
    assert!(asked(&server).iter().all(|line| !line.starts_with("PUT")));
    let (_server, client) = start([crate::json(404, NOT_FOUND)]).await;
    assert!(!client.room("!r:hs").is_encrypted().await.unwrap());
}

#[tokio::test]
async fn who_switches_encryption_on_knows_of_it() {
    let written = || ok(r#"{"event_id":"$e"}"#);
    let script = [crate::json(404, NOT_FOUND), written(), written(), crate::json(403, FORBIDDEN), written(), written()];
    let (server, client) = start(script).await;
    let room = client.room("!r:hs");
    room.send_text("one").await.unwrap();
    // Neither another key nor a refusal switches it on.
    let content = json!({"algorithm": "m.megolm.v1.aes-sha2"});
    room.set_state("m.room.encryption", "k", &content).await.unwrap();
    assert!(room.set_state("m.room.encryption", "", &content).await.unwrap_err().is_forbidden());
    room.send_text("two").await.unwrap();
    room.set_state("m.room.encryption", "", &content).await.unwrap();
    assert!(room.is_encrypted().await.unwrap());
    assert_eq!(room.send_text("three").await.unwrap_err().kind(), ErrorKind::Encrypted);
    assert_eq!(asked(&server).len(), 6);
}
