//! What a server can do, and what becomes of what it cannot.

use std::time::Duration;

use matrix_api::{
    Error, ErrorCode, ErrorKind, MxcUri, Support,
    client_server::{
        DeleteProfileField, GetAdminLockUser, GetContentAuthed, GetMutualRooms, GetRoomSummary, GetWhoIs, ReportRoom,
    },
};

use crate::{
    calls::client,
    server::{Server, Step, json, with},
};

const UNRECOGNIZED: &str = r#"{"errcode":"M_UNRECOGNIZED","error":"what?"}"#;
const VERSIONS: &str = "GET /_matrix/client/versions HTTP/1.1";
const MUTUAL: &str = "GET /_matrix/client/v1/mutual_rooms?user_id=%40a%3Ab HTTP/1.1";

fn versions(named: &[&str], features: &str) -> Step {
    json(200, &format!(r#"{{"versions":{},"unstable_features":{{{features}}}}}"#, matrix_api::json!(named)))
}

#[tokio::test]
async fn what_a_server_names_it_has() {
    use Support::{Unknown, Yes};
    let media = r#""org.matrix.msc3916.stable":true,"uk.tcpip.msc4133.stable":false"#;
    let rows: [(&[&str], &str, [Support; 6]); 6] = [
        // who is, since 1.0; media, 1.11; report, 1.13; summary, 1.15; profile fields, 1.16; mutual rooms, 1.19
        (&["v1.1"], "", [Yes, Unknown, Unknown, Unknown, Unknown, Unknown]),
        (&["r0.6.1", "v1.1", "v1.10"], "", [Yes, Unknown, Unknown, Unknown, Unknown, Unknown]),
        (&["v1.11"], "", [Yes, Yes, Unknown, Unknown, Unknown, Unknown]),
        (&["v1.1", "v1.15", "v1.2"], "", [Yes, Yes, Yes, Yes, Unknown, Unknown]),
        (&["v1.15"], r#""uk.tcpip.msc4133.stable":true"#, [Yes, Yes, Yes, Yes, Yes, Unknown]),
        (&["r0.6.1"], media, [Unknown, Yes, Unknown, Unknown, Unknown, Unknown]),
    ];
    for (named, features, expected) in rows {
        let server = Server::start([versions(named, features)]).await;
        let client = client(&server.url).await;
        let found = [
            client.supports::<GetWhoIs>().await.unwrap(),
            client.supports::<GetContentAuthed>().await.unwrap(),
            client.supports::<ReportRoom>().await.unwrap(),
            client.supports::<GetRoomSummary>().await.unwrap(),
            client.supports::<DeleteProfileField>().await.unwrap(),
            client.clone().supports::<GetMutualRooms>().await.unwrap(),
        ];
        assert_eq!(found, expected, "{named:?} {features}");
        assert_eq!(server.lines(), [VERSIONS]);
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_server_denies_is_not_sent_again_for_an_hour() {
    for status in [404, 405] {
        let rooms = r#"{"joined":[],"count":0}"#;
        let script = [json(status, UNRECOGNIZED), versions(&["v1.15"], ""), versions(&["v1.15"], ""), json(200, rooms)];
        let server = Server::start(script).await;
        let client = client(&server.url).await;
        let request = GetMutualRooms::new("@a:b");
        let error = client.send(&request).await.unwrap_err();
        assert_eq!((error.kind(), error.operation()), (ErrorKind::Unsupported, Some("getMutualRooms")));
        assert_eq!(error.errcode(), Some(&ErrorCode::Unrecognized));
        assert_eq!(error.status().unwrap().as_u16(), status);
        let Error::Unsupported(lacking) = &error else { panic!("{error}") };
        assert_eq!(lacking.needs(), "Matrix v1.19 or uk.half-shot.msc2666.query_mutual_rooms.stable");
        assert_eq!(lacking.has(), "v1.15");
        assert_eq!(lacking.tried().unwrap().status().as_u16(), status);
        assert_eq!(
            lacking.to_string(),
            format!(
                "getMutualRooms: needs {}, the server has v1.15; it answered {status} to GET \
                 /_matrix/client/v1/mutual_rooms",
                lacking.needs()
            )
        );
        assert_eq!(server.lines(), [MUTUAL, VERSIONS]);

        // All clones know, and nothing is sent.
        assert_eq!(client.clone().supports::<GetMutualRooms>().await.unwrap(), Support::No);
        let error = client.clone().send(&request).await.unwrap_err();
        let Error::Unsupported(lacking) = &error else { panic!("{error}") };
        assert!(lacking.tried().is_none() && lacking.to_string().ends_with("; nothing was sent"), "{lacking}");
        assert!(!error.may_have_been_sent());
        tokio::time::advance(Duration::from_secs(3599)).await;
        assert_eq!(client.supports::<GetMutualRooms>().await.unwrap(), Support::No);
        assert_eq!(server.seen().len(), 2);

        // An hour later the server may have learned it.
        tokio::time::advance(Duration::from_secs(2)).await;
        assert_eq!(client.supports::<GetMutualRooms>().await.unwrap(), Support::Unknown);
        client.send(&request).await.unwrap();
        assert_eq!(server.lines(), [MUTUAL, VERSIONS, VERSIONS, MUTUAL]);
    }
}

#[tokio::test]
async fn other_refusals_say_nothing_about_support() {
    for step in [
        json(404, r#"{"errcode":"M_NOT_FOUND"}"#),
        json(400, UNRECOGNIZED),
        json(403, UNRECOGNIZED),
        with(404, &[], "<html>"),
        json(405, "{}"),
    ] {
        let server = Server::start([step]).await;
        let client = client(&server.url).await;
        let error = client.send(GetAdminLockUser::new("@a:b")).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Api, "{error}");
        assert_eq!(server.seen().len(), 1);
    }
}

#[tokio::test]
async fn a_server_that_does_not_even_say_its_versions() {
    let server = Server::start([json(404, UNRECOGNIZED), json(404, UNRECOGNIZED), json(404, UNRECOGNIZED)]).await;
    let client = client(&server.url).await;
    let error = client.send(GetAdminLockUser::new("@a:b")).await.unwrap_err();
    assert!(matches!(&error, Error::Unsupported(lacking) if lacking.needs() == "Matrix v1.18"), "{error}");
    // Asking for the versions is an operation that cannot be missing.
    assert_eq!(client.supports::<GetWhoIs>().await.unwrap_err().kind(), ErrorKind::Api);
}

#[tokio::test]
async fn media_comes_by_the_old_paths_only_where_the_new_ones_are_missing() {
    let uri = MxcUri::from("mxc://media.example.org/abc");
    let new = "GET /_matrix/client/v1/media/download/media.example.org/abc HTTP/1.1";
    let old = "GET /_matrix/media/v3/download/media.example.org/abc HTTP/1.1";
    let bytes = || with(200, &[("Content-Type", "image/png")], "bytes");
    let fetch = async |client: &matrix_api::Client| client.media().download(&uri).bytes().await;

    let server = Server::start([bytes()]).await;
    let content = fetch(&client(&server.url).await).await.unwrap();
    assert_eq!((&*content.bytes, content.content_type.as_deref()), (&b"bytes"[..], Some("image/png")));
    assert_eq!(server.lines(), [new]);

    let server = Server::start([json(404, UNRECOGNIZED), versions(&["v1.10"], ""), bytes(), bytes()]).await;
    let lacking = client(&server.url).await;
    fetch(&lacking).await.unwrap();
    // Known by now.
    fetch(&lacking).await.unwrap();
    assert_eq!(server.lines(), [new, VERSIONS, old, old]);

    let server = Server::start([json(404, r#"{"errcode":"M_NOT_FOUND"}"#)]).await;
    assert!(fetch(&client(&server.url).await).await.unwrap_err().is_not_found());
    assert_eq!(server.lines(), [new]);
}

/// A proposal is sent only to a server that names it, and what a server names is asked for once.
#[cfg(feature = "unstable")]
#[tokio::test]
async fn a_proposal_is_sent_only_where_it_is_named() {
    use matrix_api::unstable::Msc4140ListDelayedEvents;

    const DELAYED: &str = "GET /_matrix/client/unstable/org.matrix.msc4140/delayed_events HTTP/1.1";
    for features in ["", r#""org.matrix.msc4140":false"#] {
        // Versions say nothing of proposals.
        let server = Server::start([versions(&["v1.19"], features)]).await;
        let client = client(&server.url).await;
        let error = client.send(&Msc4140ListDelayedEvents::new()).await.unwrap_err();
        let Error::Unsupported(lacking) = &error else { panic!("{error}") };
        assert_eq!(lacking.needs(), "the unstable feature org.matrix.msc4140");
        assert_eq!((lacking.has(), lacking.tried().is_none()), ("v1.19", true));
        assert_eq!(client.supports::<Msc4140ListDelayedEvents>().await.unwrap(), Support::No);
        assert_eq!(server.lines(), [VERSIONS]);
    }
    let waiting = || json(200, r#"{"delayed_events":[]}"#);
    let server = Server::start([versions(&[], r#""org.matrix.msc4140":true"#), waiting(), waiting()]).await;
    let client = client(&server.url).await;
    for _ in 0..2 {
        assert_eq!(client.send(&Msc4140ListDelayedEvents::new()).await.unwrap().delayed_events.len(), 0);
    }
    assert_eq!(client.supports::<Msc4140ListDelayedEvents>().await.unwrap(), Support::Yes);
    assert_eq!(server.lines(), [VERSIONS, DELAYED, DELAYED]);
}

/// The second path of simplified sliding sync, which no server that the live tests start has.
#[cfg(feature = "unstable")]
#[tokio::test]
async fn sliding_sync_under_its_number_goes_where_that_is_named() {
    use matrix_api::unstable::{Msc4186SlidingSync, Msc4186SlidingSyncUnderItsNumber, types::SlidingList};

    let answer = r#"{"pos":"7","lists":{"all":{"count":2}},"rooms":{"!a:b":{"name":"Books","joined_count":3,
        "timeline":[{"type":"m.room.message","event_id":"$1","sender":"@c:b","origin_server_ts":1,"content":{}}]}}}"#;
    let server = Server::start([versions(&[], r#""org.matrix.msc4186":true"#), json(200, answer)]).await;
    let client = client(&server.url).await;
    let list = SlidingList::new([vec!["m.room.create".to_owned(), String::new()]], 1).ranges([vec![0, 9]]);
    let request = Msc4186SlidingSyncUnderItsNumber::new().pos("6").timeout(500);
    let found = client.send(request.lists([("all".to_owned(), list)])).await.unwrap();
    assert_eq!((found.pos.as_str(), found.lists["all"].count), ("7", 2));
    let room = &found.rooms["!a:b"];
    assert_eq!((room.name.as_deref(), room.joined_count, room.timeline.len()), (Some("Books"), Some(3), 1));
    let expected = "POST /_matrix/client/unstable/org.matrix.msc4186/sync?pos=6&timeout=500 HTTP/1.1";
    assert_eq!(server.lines(), [VERSIONS, expected]);
    let sent: serde_json::Value = serde_json::from_str(crate::server::body(&server.seen()[1])).unwrap();
    let list = matrix_api::json!({"required_state": [["m.room.create", ""]], "timeline_limit": 1, "ranges": [[0, 9]]});
    assert_eq!(sent, matrix_api::json!({"lists": {"all": list}}));
    // The other path has a name of its own.
    assert_eq!(client.supports::<Msc4186SlidingSync>().await.unwrap(), Support::No);
}
