//! Calls over reqwest: what is set up there counts, the rules of the client stay.

use matrix_api::{Error, RetryPolicy, error::TransportKind, reqwest::redirect::Policy};

use crate::{
    calls::{GetThing, MakeThing, builder},
    server::{Server, header, json, with},
};

#[tokio::test]
async fn what_is_set_up_counts_and_the_rules_stay() {
    let moved = with(307, &[("location", "/_matrix/elsewhere")], "");
    let server = Server::start([json(200, r#"{"name":"a"}"#), moved]).await;
    let builder = builder(&server.url).retry(RetryPolicy::none()).user_agent("first");
    let client = builder.reqwest(|settings| settings.user_agent("second").redirect(Policy::limited(9)));
    let client = client.build().await.unwrap();
    client.send(GetThing).await.unwrap();
    let error = client.send(MakeThing { secret: None }).await.unwrap_err();
    let Error::Transport(failed) = &error else { panic!("{error}") };
    assert_eq!(failed.kind(), TransportKind::Redirect);
    assert_eq!(server.lines(), ["GET /_matrix/thing HTTP/1.1", "POST /_matrix/thing HTTP/1.1"]);
    assert_eq!(header(&server.seen()[0], "user-agent").as_deref(), Some("second"));
}

#[tokio::test]
async fn a_setting_that_cannot_be_used_is_refused() {
    let builder = builder("http://localhost:1").reqwest(|settings| settings.user_agent("canary\n"));
    let error = builder.build().await.unwrap_err();
    assert!(matches!(error, Error::Rejected(_)) && !error.to_string().contains("canary"), "{error}");
}
