use matrix_api::{ErrorKind, error::Limit};

use crate::{
    calls::{Download, GetThing, PollThing, builder, client},
    server::{Server, Step, with},
};

const MIB: u64 = 1024 * 1024;

fn announces(length: u64) -> Step {
    Step::Cut(format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n").into_bytes())
}

fn chunked(body: &str) -> Step {
    let text = format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n0\r\n\r\n", body.len());
    Step::Answer(text.into_bytes())
}

fn most(error: &matrix_api::Error) -> u64 {
    match error {
        matrix_api::Error::Limit(limit) => {
            assert_eq!(limit.limit(), Limit::BodyBytes);
            limit.most()
        }
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn an_answer_that_announces_too_much_is_not_read() {
    let server = Server::start([announces(64 * MIB + 1), announces(512 * MIB + 1), announces(512 * MIB + 1)]).await;
    let client = client(&server.url).await;
    let error = client.send(GetThing).await.unwrap_err();
    assert_eq!(most(&error), 64 * MIB);
    assert_eq!(error.status().unwrap(), 200);
    assert!(error.request_was_accepted());
    assert_eq!(most(&client.send(PollThing { timeout: 0 }).await.unwrap_err()), 512 * MIB);
    assert_eq!(most(&client.send(Download).await.unwrap_err()), 512 * MIB);
    assert_eq!(server.seen().len(), 3);
}

#[tokio::test]
async fn an_answer_is_counted_while_it_is_read() {
    let server = Server::start([chunked("0123456789"), chunked("0123456789a"), with(200, &[], "0123456789a")]).await;
    let client = builder(&server.url).media_limit(10).build().await.unwrap();
    assert_eq!(client.send(Download).await.unwrap().0, "0123456789");
    let error = client.send(Download).await.unwrap_err();
    assert_eq!(most(&error), 10);
    assert_eq!(error.body().unwrap(), "0123456789");
    assert_eq!(most(&client.send(Download).await.unwrap_err()), 10);
}

#[tokio::test]
async fn of_a_refusal_only_the_beginning_is_kept() {
    let page = "x".repeat(3 * MIB as usize);
    let server = Server::start([with(404, &[], &page)]).await;
    let error = client(&server.url).await.send(GetThing).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Api);
    assert_eq!(error.status().unwrap(), 404);
    assert_eq!(error.body().unwrap().len(), 512 * 1024);
}
