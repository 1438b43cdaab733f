//! Rooms to be made, conversations, and spaces.

use std::sync::{Arc, Mutex};

use matrix_api::{
    ErrorKind,
    error::{Error, RoomErrorKind},
    json,
};

use crate::{FORBIDDEN, NOT_FOUND, asked, client, json as answer, ok, server, server::Server, start};

const MADE: &str = r#"{"room_id":"!new"}"#;

#[tokio::test]
async fn what_a_room_may_be() {
    let (server, client) = start((0..4).map(|_| ok(MADE))).await;
    let room = client.create_room().await.unwrap();
    assert_eq!(room.id(), &"!new");
    client.create_room().name("K").topic("T").alias("k").public().invite(["@a:hs"]).await.unwrap();
    client.create_room().version("11").encrypted().raw_state("org.x", "k", json!({"y": 1})).local_only().await.unwrap();
    client.create_room().space().await.unwrap();
    let create = "POST /v3/createRoom ";
    assert_eq!(
        asked(&server),
        [
            format!(r#"{create}{{"preset":"private_chat"}}"#),
            format!(
                r#"{create}{{"visibility":"public","room_alias_name":"k","name":"K","topic":"T","invite":["@a:hs"],"preset":"public_chat"}}"#
            ),
            format!(
                r#"{create}{{"room_version":"11","creation_content":{{"m.federate":false}},"initial_state":[{{"type":"m.room.encryption","state_key":"","content":{{"algorithm":"m.megolm.v1.aes-sha2"}}}},{{"type":"org.x","state_key":"k","content":{{"y":1}}}}],"preset":"private_chat"}}"#
            ),
            format!(r#"{create}{{"creation_content":{{"type":"m.space"}},"preset":"private_chat"}}"#),
        ]
    );
}

#[tokio::test]
async fn an_admin_by_the_version() {
    let versions = |default: &str| {
        ok(&format!(r#"{{"capabilities":{{"m.room_versions":{{"default":"{default}","available":{{}}}}}}}}"#))
    };
    let (above, levels) = (
        r#"POST /v3/createRoom {"invite":["@b:hs","@a:hs"],"creation_content":{"additional_creators":["@a:hs"]},"preset":"private_chat"}"#,
        r#"POST /v3/createRoom {"invite":["@b:hs","@a:hs"],"preset":"private_chat","power_level_content_override":{"users":{"@a:hs":100,"@me:hs":100}}}"#,
    );
    for (default, expected) in [("12", above), ("13", above), ("11", levels), ("org.example.x", levels)] {
        let (server, client) = start([versions(default), ok(MADE)]).await;
        client.create_room().invite(["@b:hs"]).admin("@a:hs").await.unwrap();
        assert_eq!(asked(&server), ["GET /v3/capabilities", expected]);
    }
    // A server that does not say makes the oldest; one that is told is not asked.
    let (server, client) = start([ok(r#"{"capabilities":{}}"#), ok(MADE), ok(MADE)]).await;
    client.create_room().invite(["@b:hs"]).admin("@a:hs").await.unwrap();
    client.create_room().version("12").admin("@a:hs").await.unwrap();
    assert_eq!(asked(&server)[1], levels);
    assert!(asked(&server)[2].contains(r#""room_version":"12","creation_content":{"additional_creators""#));
    assert_eq!(asked(&server).len(), 3);
}

/// A server that keeps account data, where somebody else writes it after each of these writes.
async fn account_data(rivals: Vec<&'static str>) -> (Server, Arc<Mutex<String>>) {
    let kept = Arc::new(Mutex::new(r#"{"@b:hs":["!b"],"odd":7}"#.to_owned()));
    let (store, rivals) = (kept.clone(), Mutex::new(rivals));
    let server = Server::answering(move |request| {
        let mut kept = store.lock().unwrap();
        if request.starts_with("POST") {
            return ok(MADE);
        }
        if request.starts_with("GET") {
            return ok(&kept);
        }
        *kept = server::body(request).to_owned();
        if let Some(rival) = rivals.lock().unwrap().pop() {
            *kept = rival.to_owned();
        }
        ok("{}")
    });
    (server.await, kept)
}

#[tokio::test]
async fn a_conversation_is_remembered_beside_others() {
    let (server, kept) = account_data(vec![]).await;
    let client = client(&server).await;
    let room = client.create_dm("@a:hs").await.unwrap();
    assert_eq!(room.id(), &"!new");
    assert_eq!(*kept.lock().unwrap(), r#"{"@a:hs":["!new"],"@b:hs":["!b"],"odd":7}"#);
    assert_eq!(
        asked(&server)[0],
        r#"POST /v3/createRoom {"invite":["@a:hs"],"preset":"trusted_private_chat","is_direct":true}"#
    );
    client.mark_direct("!two", "@a:hs").await.unwrap();
    client.mark_direct("!odd", "odd").await.unwrap();
    assert_eq!(client.direct_rooms("@a:hs").await.unwrap(), ["!new", "!two"]);
    assert!(client.direct_rooms("@c:hs").await.unwrap().is_empty());
    assert_eq!(*kept.lock().unwrap(), r#"{"@a:hs":["!new","!two"],"@b:hs":["!b"],"odd":["!odd"]}"#);
}

#[tokio::test]
async fn a_conversation_that_another_program_writes_over_is_written_again() {
    let (server, kept) = account_data(vec![r#"{"@c:hs":["!c"]}"#]).await;
    client(&server).await.mark_direct("!new", "@a:hs").await.unwrap();
    assert_eq!(*kept.lock().unwrap(), r#"{"@a:hs":["!new"],"@c:hs":["!c"]}"#);
    let (server, _) = account_data(vec!["{}"; 9]).await;
    let error = client(&server).await.mark_direct("!new", "@a:hs").await.unwrap_err();
    let Error::Room(refused) = &error else { panic!("{error}") };
    assert_eq!((refused.kind(), error.operation()), (RoomErrorKind::Conflict, Some("mark_direct")));
    assert_eq!(asked(&server).len(), 11);
}

#[tokio::test]
async fn the_first_conversation() {
    let (server, client) = start([answer(404, NOT_FOUND), ok("{}"), ok(r#"{"@a:hs":["!r"]}"#)]).await;
    client.mark_direct("!r", "@a:hs").await.unwrap();
    assert_eq!(asked(&server)[1], r#"PUT /v3/user/%40me%3Ahs/account_data/m.direct {"@a:hs":["!r"]}"#);
    let (_server, client) = start([answer(403, FORBIDDEN)]).await;
    assert_eq!(client.mark_direct("!r", "@a:hs").await.unwrap_err().kind(), ErrorKind::Api);
}

#[tokio::test]
async fn a_list_that_cannot_be_read_is_left_alone() {
    for (step, kind) in [
        (ok(r#"["!a"]"#), ErrorKind::Decode),
        (ok(r#"{"@b:hs":["!b"}"#), ErrorKind::Decode),
        (answer(404, "{}"), ErrorKind::Api),
    ] {
        let (server, client) = start([step, ok("{}"), ok("{}")]).await;
        assert_eq!(client.mark_direct("!r", "@a:hs").await.unwrap_err().kind(), kind);
        assert_eq!(asked(&server).len(), 1);
    }
}

#[tokio::test]
async fn the_last_write_counts_as_well() {
    let (server, kept) = account_data(vec![r#"{"odd":7}"#; 4]).await;
    client(&server).await.mark_direct("!new", "@a:hs").await.unwrap();
    assert_eq!(*kept.lock().unwrap(), r#"{"@a:hs":["!new"],"odd":7}"#);
    assert_eq!(asked(&server).len(), 11);
}

/// Entries of a hierarchy: ids, and whether they are spaces.
fn rooms(entries: &[(&str, bool)], next: Option<&str>) -> server::Step {
    let one = |(id, space): &(&str, bool)| {
        let mut room =
            json!({"room_id": id, "num_joined_members": 1, "world_readable": false, "guest_can_join": false});
        if *space {
            room["room_type"] = json!("m.space");
        }
        room
    };
    let mut page = json!({"rooms": entries.iter().map(one).collect::<Vec<_>>()});
    if let Some(next) = next {
        page["next_batch"] = json!(next);
    }
    ok(&page.to_string())
}

fn hierarchy() -> [server::Step; 2] {
    [
        rooms(&[("!s", true), ("!a", false), ("!t", true)], Some("n")),
        rooms(&[("!a", false), ("!b", false), ("!t", true)], None),
    ]
}

#[tokio::test]
async fn what_is_in_a_space() {
    let (server, client) = start(hierarchy().into_iter().chain(hierarchy()).chain([ok(r#"{"event_id":"$e"}"#)])).await;
    let space = client.space("!s");
    let ids = |rooms: Vec<matrix_api::client_server::get_space_hierarchy::Room>| {
        rooms.into_iter().map(|room| room.room_id.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(ids(space.rooms().await.unwrap()), ["!a", "!b"]);
    assert_eq!(ids(space.spaces().await.unwrap()), ["!t"]);
    let path = "GET /v1/rooms/%21s/hierarchy";
    assert_eq!(asked(&server)[..2], [path.to_owned(), format!("{path}?from=n")]);
    assert_eq!(space.add("!a", ["hs"]).await.unwrap(), "$e");
    assert_eq!(asked(&server)[4], r#"PUT /v3/rooms/%21s/state/m.space.child/%21a {"via":["hs"]}"#);
    let (server, client) = start([ok(r#"{"event_id":"$e"}"#)]).await;
    client.space("!s").remove("!a").await.unwrap();
    assert_eq!(asked(&server), ["PUT /v3/rooms/%21s/state/m.space.child/%21a {}"]);
    // A space is a room.
    assert_eq!(client.space("!s").id(), &"!s");
}

#[tokio::test]
async fn an_invitation_to_everything_in_a_space() {
    let server = Server::answering(|request| {
        let line = request.lines().next().unwrap();
        match line {
            _ if line.contains("hierarchy?from") => rooms(&[("!b", false), ("!c", false)], None),
            _ if line.contains("hierarchy") => rooms(&[("!s", true), ("!a", false), ("!b", false)], Some("n")),
            _ if line.contains("/state/") && line.contains("%21a") => ok(r#"{"membership":"join"}"#),
            _ if line.contains("/state/") => answer(404, NOT_FOUND),
            _ if line.contains("%21c") => answer(403, FORBIDDEN),
            _ => ok("{}"),
        }
    })
    .await;
    let client = client(&server).await;
    let report = client.space("!s").invite_everywhere("@a:hs").await.unwrap();
    let seen: Vec<_> =
        report.items.iter().map(|item| (item.key.as_str(), item.outcome.as_ref().ok().copied())).collect();
    assert_eq!(seen, [("!s", Some(true)), ("!a", Some(false)), ("!b", Some(true)), ("!c", None)]);
    let (room, error) = report.failed().next().unwrap();
    assert!(*room == "!c" && error.is_forbidden());
    let invited = asked(&server).into_iter().filter(|asked| asked.contains("/invite")).count();
    assert_eq!(invited, 3);
}
