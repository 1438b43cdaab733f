//! Secrets of a client and its session.

use matrix_api::{Client, Secret, Session};

use crate::hidden;

fn session() -> Session {
    Session::new("@me:hs", "https://hs").device_id("D").access_token("canary").refresh_token("canary")
}

#[test]
fn a_session_shows_no_token() {
    let session = session();
    hidden(&format!("{session:?} {session:#?}"));
    let oauth = if cfg!(feature = "oauth") { "oauth: None, " } else { "" };
    assert_eq!(
        format!("{session:?}"),
        [
            r#"Session { user_id: "@me:hs", device_id: Some("D"), base_url: "https://hs", access_token: Some(***), "#,
            "refresh_token: Some(***), expires_at: None, ",
            oauth,
            "masquerade: false, next_batch: None, filters: {}, positions: {} }",
        ]
        .concat()
    );
    // Stored as a whole it can be used again; without its secrets it is only a name.
    let stored = serde_json::to_string(&session).unwrap();
    assert_eq!(
        stored,
        r#"{"user_id":"@me:hs","device_id":"D","base_url":"https://hs","access_token":"canary","refresh_token":"canary"}"#
    );
    assert_eq!(serde_json::from_str::<Session>(&stored).unwrap(), session);
    let bare = session.without_secrets();
    let stored = serde_json::to_string(&bare).unwrap();
    hidden(&stored);
    assert_eq!(stored, r#"{"user_id":"@me:hs","device_id":"D","base_url":"https://hs"}"#);
    assert_eq!(serde_json::from_str::<Session>(&stored).unwrap(), bare);
    // A stored session that is broken does not show what it had.
    let error = serde_json::from_str::<Session>(r#"{"user_id":1,"access_token":"canary"}"#).unwrap_err();
    hidden(&format!("{error} {error:?}"));
}

#[tokio::test]
async fn a_client_shows_no_token() {
    let builder = Client::builder().session(session()).proxy("http://u:canary@127.0.0.1:9");
    hidden(&format!("{builder:?} {builder:#?}"));
    let client = builder.build().await.unwrap();
    hidden(&format!("{client:?} {client:#?} {:?}", client.room("!r:hs")));
    assert_eq!(client.session().unwrap().access_token, Some(Secret::from("canary")));
    let error = Client::restore(Session::new("@me:hs", "https://hs").access_token("can ary canary")).unwrap_err();
    hidden(&format!("{error} {error:?}"));
    let error = Client::restore(Session::new("@me:hs", "https://u:canary@hs")).unwrap_err();
    hidden(&format!("{error} {error:?}"));
}
