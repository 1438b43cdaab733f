//! A sync across the end of an access token.

use std::time::Duration;

use matrix_api::{Client, ErrorKind, Session, SyncOptions, SyncState, SyncStream};

use crate::server::{Server, Step, json};

const GONE: &str = r#"{"errcode":"M_UNKNOWN_TOKEN","error":"gone"}"#;
const TOKENS: &str = r#"{"access_token":"access-1","refresh_token":"refresh-1"}"#;

fn batch(next: &str) -> Step {
    json(200, &format!(r#"{{"next_batch":"{next}"}}"#))
}

/// The answer after a while, so that somebody can see what is going on meanwhile.
fn slowly(step: Step) -> Step {
    match step {
        Step::Answer(bytes) => Step::Later(Duration::from_millis(300), bytes),
        other => other,
    }
}

async fn stream(server: &Server) -> SyncStream {
    let session = Session::new("@me:example.org", &server.url).access_token("access-0").refresh_token("refresh-0");
    Client::builder().session(session).build().await.unwrap().sync_stream(SyncOptions::new())
}

#[tokio::test]
async fn it_goes_on_with_new_tokens_and_says_so_meanwhile() {
    let server = Server::start([batch("s1"), json(401, GONE), slowly(json(200, TOKENS)), batch("s2")]).await;
    let mut stream = stream(&server).await;
    stream.next().await.unwrap().unwrap();
    let mut watch = stream.watch();
    let watcher = tokio::spawn(async move {
        let mut told = Vec::new();
        while let Some(state) = watch.changed().await {
            told.push(matches!(state, SyncState::Refreshing));
        }
        told
    });
    assert_eq!(stream.next().await.unwrap().unwrap().next_batch, "s2");
    assert!(matches!(stream.watch().state(), SyncState::Running));
    drop(stream);
    assert_eq!(watcher.await.unwrap().first(), Some(&true));
    let paths: Vec<_> = server.lines().iter().map(|line| line.split(['?', ' ']).nth(1).unwrap().to_owned()).collect();
    let sync = "/_matrix/client/v3/sync";
    assert_eq!(paths, [sync, sync, "/_matrix/client/v3/refresh", sync]);
    assert!(server.lines()[3].contains("since=s1"));
}

#[tokio::test(start_paused = true)]
async fn tokens_that_cannot_be_had_at_the_moment_do_not_end_it() {
    let busy = || json(502, "<html>");
    let server = Server::start([
        json(401, GONE),
        busy(),
        busy(),
        busy(),
        json(401, GONE),
        json(200, TOKENS),
        batch("s1"),
        json(401, GONE),
        json(401, GONE),
    ])
    .await;
    let mut stream = stream(&server).await;
    assert_eq!(stream.next().await.unwrap().unwrap().next_batch, "s1");
    assert_eq!(stream.next().await.unwrap().unwrap_err().kind(), ErrorKind::SessionEnded);
    assert!(stream.next().await.is_none());
}
