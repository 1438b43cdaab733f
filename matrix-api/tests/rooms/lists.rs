//! Lists that come in pages.

use matrix_api::{
    Error,
    client_server::{GetRoomEvents, QueryPublicRooms, get_room_events::Direction},
    error::Limit,
    json,
};

use crate::{asked, ok, start};

/// A page of events with these ids.
fn events(ids: &[&str], end: Option<&str>, name: &str) -> crate::Step {
    let mut page = json!({"start": "s", "chunk": ids.iter().map(|id| json!({"event_id": id})).collect::<Vec<_>>()});
    if let Some(end) = end {
        page[name] = json!(end);
    }
    ok(&page.to_string())
}

#[tokio::test]
async fn messages_in_both_directions() {
    let script = [events(&["$3", "$2"], Some("a"), "end"), events(&[], Some("b"), "end"), events(&["$1"], None, "end")];
    let (server, client) = start(script).await;
    let mut stream = client.room("!r:hs").messages();
    let mut seen = Vec::new();
    while let Some(event) = stream.next().await {
        seen.push(event.unwrap().event_id().unwrap().to_string());
    }
    assert_eq!(seen, ["$3", "$2", "$1"]);
    assert!(stream.next().await.is_none());
    let path = "GET /v3/rooms/%21r%3Ahs/messages";
    assert_eq!(
        asked(&server),
        [
            format!("{path}?dir=b&limit=100"),
            format!("{path}?from=a&dir=b&limit=100"),
            format!("{path}?from=b&dir=b&limit=100")
        ]
    );

    let (server, client) = start([events(&["$1"], Some("a"), "end"), events(&["$2"], None, "end")]).await;
    assert_eq!(client.room("!r:hs").messages_from_start().collect().await.unwrap().len(), 2);
    assert_eq!(asked(&server)[1], format!("{path}?from=a&dir=f&limit=100"));
}

#[tokio::test]
async fn a_place_that_was_named_before_is_the_end() {
    let (server, client) = start((0..9).map(|_| events(&["$1"], Some("a"), "end"))).await;
    assert_eq!(client.room("!r:hs").messages().collect().await.unwrap().len(), 2);
    let from = GetRoomEvents::new("!r:hs", Direction::Forward).from("a");
    assert_eq!(client.items(from).collect().await.unwrap().len(), 1);
    assert_eq!(asked(&server).len(), 3);
    // An empty place is none.
    let (server, client) = start((0..9).map(|_| events(&["$1"], Some(""), "end"))).await;
    assert_eq!(client.room("!r:hs").messages().collect().await.unwrap().len(), 1);
    assert_eq!(asked(&server).len(), 1);
}

#[tokio::test]
async fn empty_pages_without_an_end_have_a_limit() {
    let (server, client) = start((0..2000).map(|at| events(&[], Some(&at.to_string()), "end"))).await;
    let mut stream = client.room("!r:hs").messages();
    let error = stream.next().await.unwrap().unwrap_err();
    let Error::Limit(limit) = &error else { panic!("{error}") };
    assert_eq!((limit.limit(), limit.most(), error.operation()), (Limit::Pages, 1000, Some("getRoomEvents")));
    assert!(stream.next().await.is_none());
    assert_eq!((asked(&server).len(), stream.position().unwrap().as_str()), (1000, "999"));

    // An item begins the count anew.
    let page =
        |at: i32| events(if at == 900 { &["$1"] } else { &[] }, (at < 1800).then(|| at.to_string()).as_deref(), "end");
    let (server, client) = start((0..2000).map(page)).await;
    assert_eq!(client.room("!r:hs").messages().collect().await.unwrap().len(), 1);
    assert_eq!(asked(&server).len(), 1801);
}

#[tokio::test]
async fn a_failure_tells_where_to_go_on() {
    let (server, client) = start([events(&["$1"], Some("a"), "end"), crate::json(500, "{}")]).await;
    let mut stream = client.room("!r:hs").messages();
    assert!(stream.next().await.unwrap().is_ok());
    assert!(stream.next().await.unwrap().is_err() && stream.next().await.is_none());
    assert_eq!(stream.position().unwrap().as_str(), "a");
    assert_eq!(asked(&server).len(), 2);
}

#[tokio::test]
async fn relations_and_threads() {
    let two = || [events(&["$1"], Some("a"), "next_batch"), events(&["$2"], None, "next_batch")];
    let path = "GET /v1/rooms/%21r%3Ahs";
    let (server, client) = start(two()).await;
    assert_eq!(client.room("!r:hs").relations("$e").collect().await.unwrap().len(), 2);
    assert_eq!(
        asked(&server),
        [format!("{path}/relations/%24e?limit=100"), format!("{path}/relations/%24e?from=a&limit=100")]
    );
    let (server, client) = start(two()).await;
    assert_eq!(client.room("!r:hs").relations_of("$e", "m.thread").collect().await.unwrap().len(), 2);
    assert_eq!(asked(&server)[1], format!("{path}/relations/%24e/m.thread?from=a&limit=100"));
    let (server, client) = start(two()).await;
    assert_eq!(client.room("!r:hs").relations_from_start("$e").collect().await.unwrap().len(), 2);
    assert_eq!(asked(&server)[1], format!("{path}/relations/%24e?from=a&limit=100&dir=f"));
    let (server, client) = start(two()).await;
    assert_eq!(client.room("!r:hs").relations_of_from_start("$e", "m.thread").collect().await.unwrap().len(), 2);
    assert_eq!(asked(&server)[1], format!("{path}/relations/%24e/m.thread?from=a&limit=100&dir=f"));
    let (server, client) = start(two()).await;
    assert_eq!(client.room("!r:hs").threads().collect().await.unwrap().len(), 2);
    assert_eq!(asked(&server)[1], format!("{path}/threads?limit=100&from=a"));
}

#[tokio::test]
async fn directory_search_notifications() {
    let room = r#"{"num_joined_members":1,"room_id":"!r:hs","world_readable":true,"guest_can_join":false}"#;
    let page = |next: &str| ok(&format!(r#"{{"chunk":[{room}],"total_room_count_estimate":2{next}}}"#));
    let (server, client) = start([page(r#","next_batch":"n""#), page(""), page("")]).await;
    let mut stream = client.public_rooms();
    assert!(stream.next().await.unwrap().is_ok());
    assert_eq!(stream.total(), Some(2));
    assert_eq!(stream.collect().await.unwrap().len(), 1);
    client.items(QueryPublicRooms::new().server("x.org").limit(5)).collect().await.unwrap();
    assert_eq!(
        asked(&server),
        ["GET /v3/publicRooms", "GET /v3/publicRooms?since=n", r#"POST /v3/publicRooms?server=x.org {"limit":5}"#]
    );

    let page = |rooms: [&str; 2], more: &str| {
        let room =
            |id| format!(r#"{{"num_joined_members":1,"room_id":"{id}","world_readable":true,"guest_can_join":false}}"#);
        ok(&format!(r#"{{"chunk":[{},{}]{more}}}"#, room(rooms[0]), room(rooms[1])))
    };
    let (server, client) =
        start([page(["!c:hs", "!d:hs"], r#","prev_batch":"p""#), page(["!a:hs", "!b:hs"], "")]).await;
    let before = client.public_rooms_before("q").collect().await.unwrap();
    assert_eq!(
        before.iter().map(|room| room.room_id.as_str()).collect::<Vec<_>>(),
        ["!d:hs", "!c:hs", "!b:hs", "!a:hs"]
    );
    assert_eq!(asked(&server), ["GET /v3/publicRooms?since=q", "GET /v3/publicRooms?since=p"]);

    let found = r#"{"search_categories":{"room_events":{"count":2,"next_batch":"n","results":[{"rank":1.5}]}}}"#;
    let (server, client) = start([ok(found), ok(r#"{"search_categories":{}}"#)]).await;
    assert_eq!(client.search("tea").collect().await.unwrap()[0].rank, Some(1.5));
    let criteria = r#"{"search_categories":{"room_events":{"search_term":"tea","order_by":"recent"}}}"#;
    assert_eq!(
        asked(&server),
        [format!("POST /v3/search {criteria}"), format!("POST /v3/search?next_batch=n {criteria}")]
    );

    let one = r#"{"actions":[],"event":{},"read":false,"room_id":"!r:hs","ts":1}"#;
    let page = |next: &str| ok(&format!(r#"{{"notifications":[{one}]{next}}}"#));
    let (server, client) = start([page(r#","next_token":"n""#), page("")]).await;
    assert_eq!(client.notifications().collect().await.unwrap().len(), 2);
    assert_eq!(asked(&server), ["GET /v3/notifications", "GET /v3/notifications?from=n"]);

    let (server, client) = start([ok(r#"{"joined":["!r:hs"],"count":1}"#)]).await;
    assert_eq!(client.user("@a:hs").mutual_rooms().collect().await.unwrap(), ["!r:hs"]);
    assert_eq!(asked(&server), ["GET /v1/mutual_rooms?user_id=%40a%3Ahs"]);
}
