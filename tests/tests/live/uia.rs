//! Answers to the server's question who one is.

use matrix_api::client_server::types::AuthData;
use matrix_api::{Client, Error, ErrorKind, Object, json};
use matrix_api_tests::live::PASSWORD;

/// What is sent along the second time, when the first time was refused with the question.
pub(crate) fn answer(refused: &Error, client: &Client) -> AuthData {
    let user = client.user_id().expect("somebody is logged in");
    let auth = AuthData::new().type_("m.login.password").session(session(refused, "m.login.password"));
    auth.extra("identifier", json!({ "type": "m.id.user", "user": user.as_str() })).extra("password", PASSWORD)
}

/// The session that the server has opened, which one stage alone can finish.
pub(crate) fn session(refused: &Error, stage: &str) -> String {
    assert_eq!(refused.kind(), ErrorKind::Api, "{refused}");
    assert_eq!(refused.status().expect("there was an answer"), 401);
    let question: &Object = refused.uiaa().expect("the server asks who it is");
    let flows = question.get("flows").and_then(|flows| flows.as_array()).expect("there are flows");
    assert!(flows.contains(&json!({ "stages": [stage] })), "{flows:?}");
    question.get("session").and_then(|id| id.as_str()).expect("there is a session").to_owned()
}
