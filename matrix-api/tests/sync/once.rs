//! Single syncs, and filters with positions of their own.

use std::time::Duration;

use matrix_api::{ErrorKind, Filter, SyncOptions};

use crate::script::{Script, Step, body, news, query, refused};

fn uploaded(id: &str) -> Step {
    Step::Answer(200, format!(r#"{{"filter_id":"{id}"}}"#))
}

#[tokio::test(start_paused = true)]
async fn it_goes_on_where_the_last_one_left_off() {
    let script = Script::new([news("s1"), news("s2"), news("s3")]);
    let client = script.client().await;
    let first = client.sync_once(SyncOptions::new()).await.unwrap();
    assert_eq!((first.since(), first.next_batch.as_str()), (None, "s1"));
    let second = client.sync_once(SyncOptions::new().timeout(Duration::from_secs(5))).await.unwrap();
    assert_eq!(second.since(), Some("s1"));
    let third = client.sync_once(SyncOptions::new().fresh()).await.unwrap();
    assert_eq!(third.since(), None);
    let timeouts: Vec<_> = script.seen().iter().map(|target| query(target, "timeout").unwrap()).collect();
    assert_eq!(timeouts, ["0", "5000", "0"]);
}

#[tokio::test(start_paused = true)]
async fn a_failure_moves_nothing() {
    let script = Script::new([news("s1"), refused(403, "M_FORBIDDEN"), news("s2")]);
    let client = script.client().await;
    client.sync_once(SyncOptions::new()).await.unwrap();
    assert_eq!(client.sync_once(SyncOptions::new()).await.unwrap_err().kind(), ErrorKind::Api);
    assert_eq!(client.sync_once(SyncOptions::new()).await.unwrap().since(), Some("s1"));
}

#[tokio::test(start_paused = true)]
async fn two_filters_do_not_take_each_others_events_away() {
    let script = Script::new([uploaded("7"), uploaded("8"), news("a1"), news("b1"), news("a2"), news("b2")]);
    let client = script.client().await;
    client.filters().upload("a", Filter::quiet()).await.unwrap();
    assert_eq!(client.filters().upload("b", Filter::new()).await.unwrap(), "8");
    assert_eq!(client.filters().id("a").as_deref(), Some("7"));
    for _ in 0..2 {
        for name in ["a", "b"] {
            client.sync_once(SyncOptions::filter(name)).await.unwrap();
        }
    }
    let seen = script.seen();
    assert_eq!(seen[0], "/_matrix/client/v3/user/%40me%3Aexample.org/filter");
    let asked: Vec<_> = seen[2..].iter().map(|target| (query(target, "filter"), query(target, "since"))).collect();
    let some = |text: &str| Some(text.to_owned());
    let expected = [(some("7"), None), (some("8"), None), (some("7"), some("a1")), (some("8"), some("b1"))];
    assert_eq!(asked, expected);
}

fn logged_in(user: &str, device: &str) -> Step {
    Step::Answer(200, format!(r#"{{"user_id":"{user}","device_id":"{device}","access_token":"canary-2"}}"#))
}

#[tokio::test(start_paused = true)]
async fn another_login_begins_at_the_beginning() {
    let script = Script::new([news("a1"), Step::Answer(200, "{}".to_owned())]);
    let client = script.client().await;
    let batch = client.sync_once(SyncOptions::new()).await.unwrap();
    client.logout().await.unwrap();
    script.then([logged_in("@you:example.org", "D2"), news("b1"), news("b2")]);
    client.login_password("you", "x").await.unwrap();
    batch.acknowledge().await.unwrap();
    assert_eq!(client.session().unwrap().next_batch, None);
    client.sync_once(SyncOptions::new()).await.unwrap();
    batch.acknowledge().await.unwrap();
    client.sync_once(SyncOptions::new()).await.unwrap();
    assert_eq!(script.since(), [None, None, None, None, Some("b1".to_owned())]);
    assert_eq!(client.session().unwrap().next_batch.as_deref(), Some("b1"));

    // Without a logout, too, and where the answer comes when the other is there.
    script.then([Step::Later(Duration::from_secs(9), body("b3", "{}"))]);
    let late = tokio::spawn({
        let client = client.clone();
        async move { client.sync_once(SyncOptions::new()).await }
    });
    while script.seen().len() < 6 {
        tokio::task::yield_now().await;
    }
    script.then([logged_in("@her:example.org", "D3"), news("c1")]);
    client.login_password("her", "x").await.unwrap();
    late.await.unwrap().unwrap().acknowledge().await.unwrap();
    assert_eq!(client.session().unwrap().next_batch, None);
    assert_eq!(client.sync_once(SyncOptions::new()).await.unwrap().since(), None);
}

#[tokio::test(start_paused = true)]
async fn a_stream_begins_again_with_another_login() {
    let script = Script::new([news("a1")]);
    let client = script.client().await;
    let mut stream = client.sync_stream(SyncOptions::new());
    stream.next().await.unwrap().unwrap();
    script.then([logged_in("@you:example.org", "D2"), news("b1"), news("b2")]);
    client.login_password("you", "x").await.unwrap();
    assert_eq!(stream.next().await.unwrap().unwrap().since(), None);
    assert_eq!(client.session().unwrap().next_batch, None);
    assert_eq!(stream.next().await.unwrap().unwrap().since(), Some("b1"));
    // The same device goes on.
    script.then([logged_in("@you:example.org", "D2"), news("b3")]);
    client.login_password("you", "x").await.unwrap();
    assert_eq!(stream.next().await.unwrap().unwrap().since(), Some("b2"));
}

#[tokio::test(start_paused = true)]
async fn a_filter_needs_a_name() {
    let script = Script::new([]);
    let client = script.client().await;
    let error = client.filters().upload("", Filter::quiet()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Rejected);
    let error = client.sync_once(SyncOptions::filter("nobody")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Rejected);
    assert!(client.filters().download("nobody").await.unwrap().is_none());
    assert!(script.seen().is_empty());
}
