//! Operations that ask who is asking.

use matrix_api::{
    Client, ErrorCode, ErrorKind, Object, UiaStep,
    client_server::{DeactivateAccount, DeleteDevice},
    json,
};
use serde_json::Value;

use crate::{
    calls::client,
    server::{Server, Step, body, header, json},
};

fn asked(flows: &Value, completed: &[&str]) -> Step {
    let question = json!({
        "session": "s1", "flows": flows, "completed": completed,
        "params": {"m.login.terms": {"policies": {}}},
    });
    json(401, &question.to_string())
}

fn password() -> Value {
    json!([{"stages": ["m.login.sso"]}, {"stages": ["m.login.password"]}])
}

fn auth(request: &str) -> Value {
    serde_json::from_str::<Value>(body(request)).unwrap()["auth"].clone()
}

#[tokio::test]
async fn a_password_answers() {
    let server = Server::start([asked(&password(), &[]), json(200, "{}")]).await;
    let client = client(&server.url).await;
    client.uia(DeleteDevice::new("OLD")).password("canary").await.unwrap();
    let seen = server.seen();
    assert!(server.lines().iter().all(|line| line == "DELETE /_matrix/client/v3/devices/OLD HTTP/1.1"));
    assert_eq!(body(&seen[0]), "{}");
    assert_eq!(
        auth(&seen[1]),
        json!({
            "type": "m.login.password", "session": "s1", "password": "canary",
            "identifier": {"type": "m.id.user", "user": "@me:example.org"},
        })
    );
    assert_eq!(header(&seen[1], "authorization").as_deref(), Some("Bearer token-canary"));
}

#[tokio::test]
async fn a_wrong_password_is_said_once() {
    let wrong = json!({
        "session": "s1", "flows": password(), "completed": [], "errcode": "M_FORBIDDEN", "error": "Invalid password",
    });
    let server = Server::start([asked(&password(), &[]), json(401, &wrong.to_string())]).await;
    let error = client(&server.url).await.uia(DeleteDevice::new("OLD")).password("wrong").await.unwrap_err();
    assert_eq!((error.kind(), error.errcode()), (ErrorKind::Api, Some(&ErrorCode::Forbidden)));
    assert!(error.uiaa().is_some());
    assert!(!format!("{error} {error:?}").contains("wrong"));
    assert_eq!(server.seen().len(), 2);
}

#[tokio::test]
async fn what_cannot_be_answered_is_handed_over() {
    let server = Server::start([asked(&json!([{"stages": ["m.login.recaptcha"]}]), &[])]).await;
    let error = client(&server.url).await.uia(DeactivateAccount::new()).password("x").await.unwrap_err();
    assert_eq!(error.to_string(), "deactivateAccount: 401; complete one of the flows in uiaa()");
    // A question that has vanished is a plain refusal.
    let gone = json(400, r#"{"errcode":"M_UNKNOWN","error":"Unknown session ID"}"#);
    let server = Server::start([asked(&password(), &[]), gone]).await;
    let error = client(&server.url).await.uia(DeactivateAccount::new()).password("x").await.unwrap_err();
    assert_eq!((error.kind(), error.status().unwrap().as_u16()), (ErrorKind::Api, 400));
    assert!(error.uiaa().is_none());
    // A token that ends in between is the session's end, not a question.
    let server = Server::start([json(401, r#"{"errcode":"M_UNKNOWN_TOKEN"}"#)]).await;
    let error = client(&server.url).await.uia(DeactivateAccount::new()).password("x").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SessionEnded);
}

#[tokio::test]
async fn several_stages_and_a_browser() {
    let flows = json!([{"stages": ["m.login.terms", "org.example.captcha", "m.login.dummy"]}]);
    let script = [
        asked(&flows, &[]),
        asked(&flows, &["m.login.terms"]),
        asked(&flows, &["m.login.terms", "org.example.captcha"]),
        json(200, r#"{"id_server_unbind_result":"success"}"#),
    ];
    let server = Server::start(script).await;
    let page = format!("{}/_matrix/client/v3/auth/org.example.captcha/fallback/web?session=s1", server.url);
    let client = client(&server.url).await;
    let done = client.uia(DeactivateAccount::new()).agree_to_terms().on_stage(move |stage| {
        assert_eq!((stage.name.as_str(), stage.fallback_url == page), ("org.example.captcha", true));
        // The user has been there.
        async { Some(Object::new()) }
    });
    done.await.unwrap();
    let answers: Vec<Value> = server.seen().iter().skip(1).map(|request| auth(request)).collect();
    assert_eq!(
        answers,
        [
            json!({"type": "m.login.terms", "session": "s1"}),
            json!({"session": "s1"}),
            json!({"type": "m.login.dummy", "session": "s1"}),
        ]
    );
}

#[tokio::test]
async fn a_caller_may_go_step_by_step() {
    let script = [asked(&password(), &[]), asked(&password(), &[]), json(200, "{}")];
    let server = Server::start(script).await;
    let client = client(&server.url).await;
    let UiaStep::Asked(question) = client.uia(DeleteDevice::new("OLD")).start().await.unwrap() else { panic!() };
    assert_eq!(question.info().flows(), [["m.login.sso"], ["m.login.password"]]);
    assert_eq!(question.info().session(), Some("s1"));
    assert_eq!(question.info().params("m.login.terms"), Some(&json!({"policies": {}})));
    let wrong: Object = serde_json::from_str(r#"{"password":"canary"}"#).unwrap();
    let UiaStep::Asked(again) = question.complete("m.login.password", wrong.clone()).await.unwrap() else { panic!() };
    assert!(again.info().completed().is_empty());
    assert!(!format!("{again:?}").contains("canary"));
    let UiaStep::Done(_) = again.complete("m.login.password", wrong).await.unwrap() else { panic!() };
    assert_eq!(auth(&server.seen()[2]), json!({"type": "m.login.password", "session": "s1", "password": "canary"}));
}

#[tokio::test]
async fn an_account_is_made() {
    let flows = json!([{"stages": ["m.login.registration_token", "m.login.dummy"]}]);
    let made = json!({"user_id": "@new:example.org", "device_id": "D", "access_token": "fresh"});
    let script = [asked(&flows, &[]), asked(&flows, &["m.login.registration_token"]), json(200, &made.to_string())];
    let server = Server::start(script).await;
    let client = Client::builder().base_url(&server.url).build().await.unwrap();
    let registration = client.register("new", "canary").registration_token("abcd").device_name("Test");
    assert!(!format!("{registration:?}").contains("canary"));
    let session = registration.await.unwrap();
    assert_eq!(client.session(), Some(session));
    let seen = server.seen();
    assert_eq!(
        serde_json::from_str::<Value>(body(&seen[0])).unwrap(),
        json!({"username": "new", "password": "canary", "initial_device_display_name": "Test"})
    );
    assert_eq!(auth(&seen[1]), json!({"type": "m.login.registration_token", "session": "s1", "token": "abcd"}));
    assert_eq!(auth(&seen[2]), json!({"type": "m.login.dummy", "session": "s1"}));

    let server = Server::start([json(400, r#"{"errcode":"M_USER_IN_USE","error":"taken"}"#)]).await;
    let client = Client::builder().base_url(&server.url).build().await.unwrap();
    let error = client.register("new", "x").await.unwrap_err();
    assert_eq!(error.errcode(), Some(&ErrorCode::UserInUse));
    // Nothing can be half-kept of an account without a token.
    let server = Server::start([json(200, r#"{"user_id":"@new:example.org"}"#)]).await;
    let client = Client::builder().base_url(&server.url).build().await.unwrap();
    assert_eq!(client.register_guest().await.unwrap_err().kind(), ErrorKind::Rejected);
    assert_eq!(
        (client.session(), server.lines()[0].as_str()),
        (None, "POST /_matrix/client/v3/register?kind=guest HTTP/1.1")
    );
}
