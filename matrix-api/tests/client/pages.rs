//! Lists whose pages have no end.

use matrix_api::{
    ErrorKind,
    client_server::{GetRoomEvents, get_room_events::Direction},
    error::Limit,
};

use crate::{
    calls::client,
    server::{Server, Step, json},
};

fn page(from: Option<String>) -> GetRoomEvents {
    let mut page = GetRoomEvents::new("!r:hs", Direction::Backward);
    page.from = from;
    page
}

fn ends(with: Option<&str>) -> Step {
    let end = with.map_or(String::new(), |end| format!(r#","end":"{end}""#));
    json(200, &format!(r#"{{"start":"s","chunk":[]{end}}}"#))
}

/// How many pages are read to the end, and where each began.
async fn read(script: Vec<Step>) -> (usize, Vec<Option<String>>) {
    let server = Server::start(script).await;
    let client = client(&server.url).await;
    let mut pages = client.pages(page, |page| page.end.clone());
    let mut count = 0;
    while pages.next().await.unwrap().is_some() {
        count += 1;
    }
    assert!(pages.next().await.unwrap().is_none());
    let from =
        |line: String| line.split_once("from=").map(|(_, from)| from.split(['&', ' ']).next().unwrap().to_owned());
    (count, server.lines().into_iter().map(from).collect())
}

#[tokio::test]
async fn pages_are_read_to_the_end() {
    let text = |text: &str| Some(text.to_owned());
    let script = vec![ends(Some("a")), ends(Some("b")), ends(None)];
    assert_eq!(read(script).await, (3, vec![None, text("a"), text("b")]));
}

#[tokio::test]
async fn a_place_that_was_named_before_is_the_end() {
    // The same place for ever, and a circle of three.
    assert_eq!(read((0..9).map(|_| ends(Some("a"))).collect()).await.0, 2);
    let circle = (0..9).map(|at| ends(Some(["a", "b", "c"][at % 3]))).collect();
    assert_eq!(read(circle).await.0, 4);
}

#[tokio::test]
async fn pages_without_an_end_have_a_limit() {
    let server = Server::start((0..99).map(|at| ends(Some(&at.to_string())))).await;
    let client = client(&server.url).await;
    let mut pages = client.pages(page, |page| page.end.clone()).max_pages(5);
    for _ in 0..5 {
        assert!(pages.next().await.unwrap().is_some());
    }
    let error = pages.next().await.unwrap_err();
    let matrix_api::Error::Limit(limit) = &error else { panic!("{error}") };
    assert_eq!((limit.limit(), limit.most()), (Limit::Pages, 5));
    assert_eq!(error.to_string(), "getRoomEvents: more than 5 pages; raise the limit or ask for less");
    assert_eq!(server.seen().len(), 5);
}

#[tokio::test]
async fn a_page_that_failed_can_be_asked_for_again() {
    let server = Server::start([ends(Some("a")), json(403, "{}"), ends(None)]).await;
    let client = client(&server.url).await;
    let mut pages = client.pages(page, |page| page.end.clone());
    pages.next().await.unwrap();
    assert_eq!(pages.next().await.unwrap_err().kind(), ErrorKind::Api);
    assert!(pages.next().await.unwrap().is_some() && pages.next().await.unwrap().is_none());
    assert_eq!(server.lines()[1], server.lines()[2]);
}
