use std::{future::poll_fn, pin::Pin};

use futures_core::Stream;
use matrix_api::{ErrorKind, PageToken, admin::Paged, synapse_admin::*};

use crate::{
    lines,
    server::{Step, json},
    start,
};

/// A page of destinations, whose tokens are text.
fn destinations(names: &[&str], next: Option<&str>) -> Step {
    let one = |name: &&str| {
        format!(
            r#"{{"destination":"{name}","retry_last_ts":0,"retry_interval":0,"failure_ts":null,"last_successful_stream_ordering":null}}"#
        )
    };
    let list = names.iter().map(one).collect::<Vec<_>>().join(",");
    let next = next.map(|next| format!(r#","next_token":"{next}""#)).unwrap_or_default();
    json(200, &format!(r#"{{"destinations":[{list}],"total":3{next}}}"#))
}

/// A page of quarantine changes, whose tokens are numbers and always there.
fn changes(media: &[&str], next: i64) -> Step {
    let one = |media: &&str| format!(r#"{{"origin":"example.org","media_id":"{media}","quarantined":1}}"#);
    let list = media.iter().map(one).collect::<Vec<_>>().join(",");
    json(200, &format!(r#"{{"changes":[{list}],"next_batch":{next}}}"#))
}

#[tokio::test]
async fn page_after_page() {
    let (server, admin) = start(false, [destinations(&["a", "b"], Some("2")), destinations(&["c"], None)]).await;
    let mut stream = admin.pages(ListDestinations::new().limit(2));
    assert_eq!(stream.total(), None);
    let mut names = Vec::new();
    while let Some(item) = stream.next().await {
        names.push(item.unwrap().destination.to_string());
    }
    assert_eq!((names.join(" ").as_str(), stream.total()), ("a b c", Some(3)));
    assert!(stream.next().await.is_none());
    assert_eq!(
        lines(&server),
        [
            "GET /_synapse/admin/v1/federation/destinations?limit=2",
            "GET /_synapse/admin/v1/federation/destinations?from=2&limit=2"
        ]
    );
}

#[tokio::test]
async fn no_page_more_than_needed() {
    let (server, admin) = start(false, [destinations(&["a", "b"], Some("2"))]).await;
    let names = admin.destinations().max_items(2).collect().await.unwrap();
    assert_eq!(names.len(), 2);
    assert!(admin.destinations().max_items(0).collect().await.unwrap().is_empty());
    assert_eq!(lines(&server).len(), 1);
}

#[tokio::test]
async fn it_ends_where_it_would_turn_in_a_circle() {
    let script = [destinations(&["a"], Some("1")), destinations(&["b"], Some("2")), destinations(&["c"], Some("1"))];
    let (server, admin) = start(false, script).await;
    assert_eq!(admin.destinations().collect().await.unwrap().len(), 3);
    assert_eq!(lines(&server).len(), 3);
    // The page that the caller began with counts as well, and so does one that is empty but leads on.
    let (server, admin) = start(false, [destinations(&["a"], Some("7")), destinations(&[], Some("8"))]).await;
    assert_eq!(admin.pages(ListDestinations::new().from("7")).collect().await.unwrap().len(), 1);
    assert_eq!(admin.destinations().collect().await.unwrap().len(), 0);
    assert_eq!(lines(&server).len(), 2);
}

#[tokio::test]
async fn a_list_that_never_ends_ends_with_its_news() {
    let (server, admin) = start(false, [changes(&["x", "y"], 20), changes(&[], 20)]).await;
    let mut stream = admin.quarantine_changes();
    let first = stream.next().await.unwrap().unwrap();
    assert_eq!((first.media_id.as_str(), first.quarantined), ("x", true));
    assert!(stream.next().await.unwrap().is_ok() && stream.next().await.is_none());
    assert_eq!(stream.position(), Some(&PageToken::from(20)));
    let path = "GET /_synapse/admin/v1/media/quarantine_changes";
    assert_eq!(lines(&server), [path.to_owned(), format!("{path}?from=20")]);
}

#[tokio::test]
async fn an_error_is_the_last_item_and_tells_where_to_go_on() {
    let broken = || json(500, r#"{"errcode":"M_UNKNOWN","error":"Internal server error"}"#);
    let (server, admin) = start(false, [destinations(&["a"], Some("1")), broken(), destinations(&["b"], None)]).await;
    let mut stream = admin.destinations();
    assert!(stream.next().await.unwrap().is_ok());
    assert_eq!(stream.next().await.unwrap().unwrap_err().kind(), ErrorKind::Api);
    assert!(stream.next().await.is_none());
    let rest = ListDestinations::new().from(stream.position().unwrap());
    assert_eq!(admin.pages(rest).collect().await.unwrap()[0].destination.as_str(), "b");
    assert_eq!(lines(&server)[1], lines(&server)[2]);
}

#[tokio::test]
async fn a_dropped_future_loses_no_page() {
    let (server, admin) = start(false, [destinations(&["a"], None)]).await;
    let mut stream = admin.destinations();
    tokio::select! {
        biased;
        _ = stream.next() => panic!("no answer comes at once"),
        () = std::future::ready(()) => {}
    }
    // As others see it: a `Stream` that needs no pinning.
    let item = poll_fn(|context| Pin::new(&mut stream).poll_next(context)).await;
    assert_eq!(item.unwrap().unwrap().destination.as_str(), "a");
    assert_eq!(lines(&server).len(), 1);
}

#[tokio::test]
async fn users_without_guests_where_there_are_none() {
    let page = || json(200, r#"{"users":[],"total":0}"#);
    let (server, admin) = start(true, [page(), page(), page()]).await;
    admin.users().collect().await.unwrap();
    admin.pages(ListUsers::new()).collect().await.unwrap();
    admin.pages(ListUsersV3::new().guests(true)).collect().await.unwrap();
    assert_eq!(
        lines(&server),
        [
            "GET /_synapse/admin/v3/users?guests=false",
            "GET /_synapse/admin/v2/users?guests=false",
            "GET /_synapse/admin/v3/users?guests=true"
        ]
    );
    let (server, admin) = start(false, [page()]).await;
    admin.users().collect().await.unwrap();
    assert_eq!(lines(&server), ["GET /_synapse/admin/v3/users"]);
}

#[tokio::test]
async fn every_list_has_its_own_names() {
    let script = [
        json(200, r#"{"rooms":[],"offset":0,"total_rooms":0}"#),
        json(200, r#"{"media":[],"total":0}"#),
        json(200, r#"{"event_reports":[],"total":0}"#),
        json(200, r#"{"user_reports":[],"total":0}"#),
        json(200, r#"{"users":[],"total":0}"#),
        json(200, r#"{"rooms":[],"total":0}"#),
        json(200, r#"{"rooms":[]}"#),
    ];
    let (server, admin) = start(false, script).await;
    admin.rooms().collect().await.unwrap();
    admin.user_media("@bob:example.org").collect().await.unwrap();
    admin.event_reports().collect().await.unwrap();
    admin.user_reports().collect().await.unwrap();
    admin.pages(GetUserMediaStatistics::new()).collect().await.unwrap();
    admin.pages(ListDestinationRooms::new("b.example")).collect().await.unwrap();
    admin.pages(GetRoomHierarchy::new("!space:example.org")).collect().await.unwrap();
    let paths = [
        "rooms",
        "users/%40bob%3Aexample.org/media",
        "event_reports",
        "user_reports",
        "statistics/users/media",
        "federation/destinations/b.example/rooms",
        "rooms/%21space%3Aexample.org/hierarchy",
    ];
    let wanted: Vec<_> = paths.iter().map(|path| format!("GET /_synapse/admin/v1/{path}")).collect();
    assert_eq!(lines(&server), wanted);
}

/// A page that names itself as the next one, for ever, ends its list after the second time; and a page is not asked for
/// where there are items enough.
async fn ends<R: Paged>(request: R, key: &str, item: &str, next: &str)
where
    R::Response: Send,
{
    let body = format!(r#"{{"{key}":[{item}],"total":9,"offset":0,"total_rooms":9,{next}}}"#);
    let (server, admin) = start(false, (0..4).map(|_| json(200, &body))).await;
    assert_eq!(admin.pages(request.clone()).collect().await.unwrap().len(), 2, "{key}");
    assert_eq!(lines(&server).len(), 2, "{key}");
    assert_eq!(admin.pages(request).max_items(1).collect().await.unwrap().len(), 1, "{key}");
    assert_eq!(lines(&server).len(), 3, "{key}");
}

#[tokio::test]
async fn every_list_ends() {
    let user = r#"{"name":"@u:hs","is_guest":0,"admin":0,"deactivated":false,"shadow_banned":false,"erased":false}"#;
    let room = r#"{"room_id":"!r:hs","joined_members":1,"joined_local_members":1,"federatable":true,"public":false,"state_events":7}"#;
    let child = r#"{"room_id":"!r:hs","num_joined_members":1,"world_readable":false,"guest_can_join":false,"children_state":[]}"#;
    let media = r#"{"media_id":"m","created_ts":1,"safe_from_quarantine":false}"#;
    let report = r#"{"id":1,"received_ts":1,"room_id":"!r:hs","event_id":"$e","user_id":"@u:hs"}"#;
    let complaint = r#"{"id":1,"received_ts":1,"target_user_id":"@v:hs","user_id":"@u:hs","reason":"spam"}"#;
    let destination = r#"{"destination":"b.example","retry_last_ts":0,"retry_interval":0}"#;
    let (text, number) = (r#""next_token":"5""#, r#""next_token":5"#);
    let (batch, count) = (r#""next_batch":"5""#, r#""next_batch":5"#);
    ends(ListUsers::new(), "users", user, text).await;
    ends(ListUsersV3::new(), "users", user, text).await;
    ends(ListRooms::new(), "rooms", room, count).await;
    ends(GetRoomHierarchy::new("!s:hs"), "rooms", child, batch).await;
    ends(ListUserMedia::new("@u:hs"), "media", media, number).await;
    ends(GetUserMediaStatistics::new(), "users", r#"{"user_id":"@u:hs","media_count":1}"#, number).await;
    ends(ListEventReports::new(), "event_reports", report, number).await;
    ends(ListUserReports::new(), "user_reports", complaint, number).await;
    ends(ListDestinations::new(), "destinations", destination, text).await;
    ends(ListDestinationRooms::new("b.example"), "rooms", r#"{"room_id":"!r:hs","stream_ordering":1}"#, text).await;
    let change = r#"{"origin":"hs","media_id":"m","quarantined":1}"#;
    ends(ListQuarantineChanges::new(), "changes", change, count).await;
}
