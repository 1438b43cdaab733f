use matrix_api::{Error, ErrorKind, synapse_admin::*};

use crate::{
    UNRECOGNIZED, client, lines,
    server::{Server, Step, header, json, with},
    start,
};

async fn refusal(script: impl IntoIterator<Item = Step>) -> Error {
    let server = Server::start(script).await;
    client(&server).await.synapse_admin().await.unwrap_err()
}

fn forbidden() -> Step {
    json(403, r#"{"errcode":"M_FORBIDDEN","error":"You are not a server admin"}"#)
}

#[tokio::test]
async fn it_asks_twice() {
    let (server, admin) = start(false, []).await;
    assert!(!admin.is_delegated());
    assert_eq!(
        server.lines(),
        ["GET /_synapse/admin/v1/background_updates/enabled HTTP/1.1", "GET /_synapse/admin/v1/register HTTP/1.1"]
    );
    let seen = server.seen();
    assert_eq!(header(&seen[0], "authorization").as_deref(), Some("Bearer token-canary"));
    assert_eq!(header(&seen[1], "authorization"), None);
}

#[tokio::test]
async fn it_says_what_is_missing() {
    let nonce = || json(200, r#"{"nonce":"n"}"#);
    let error = refusal([forbidden(), nonce()]).await;
    assert_eq!(error.kind(), ErrorKind::Rejected);
    assert_eq!(error.to_string(), "synapse_admin: the account is no server administrator; another one can make it one");
    let error = refusal([forbidden(), json(404, UNRECOGNIZED)]).await;
    assert_eq!(error.kind(), ErrorKind::Rejected);
    assert_eq!(
        error.to_string(),
        "synapse_admin: the token lacks the scope urn:synapse:admin:*, which the login must ask for"
    );
    for answer in [json(404, UNRECOGNIZED), with(404, &[("Content-Type", "text/html")], "<h1>nginx</h1>")] {
        let error = refusal([answer]).await;
        assert_eq!(
            error.to_string(),
            "synapse_admin: no admin API answers: the server is not Synapse, or a proxy keeps it to itself"
        );
    }
    let error = refusal([json(500, r#"{"errcode":"M_UNKNOWN","error":"Internal server error"}"#)]).await;
    assert_eq!(error.kind(), ErrorKind::Api);
}

#[tokio::test]
async fn what_is_not_there_is_not_sent() {
    let (server, admin) = start(true, [json(200, r#"{"server_version":"1.163.2"}"#)]).await;
    assert!(admin.is_delegated());
    let reset = ResetUserPassword::new("@bob:example.org", "canary".to_owned());
    for error in [admin.send(&reset).await.unwrap_err(), admin.plan(&reset).unwrap_err()] {
        assert_eq!((error.kind(), error.operation()), (ErrorKind::Unsupported, Some("resetUserPassword")));
        assert!(error.to_string().contains("Matrix Authentication Service"), "{error}");
        assert!(error.to_string().contains("nothing was sent") && !error.to_string().contains("canary"), "{error}");
    }
    admin.send(GetServerVersion::new()).await.unwrap();
    assert_eq!(lines(&server), ["GET /_synapse/admin/v1/server_version"]);
    // Where Synapse keeps the accounts, the same is sent.
    let (server, admin) = start(false, [json(200, "{}")]).await;
    admin.send(reset).await.unwrap();
    assert_eq!(lines(&server), ["POST /_synapse/admin/v1/reset_password/%40bob%3Aexample.org"]);
}

#[test]
fn twelve_operations_need_accounts_that_synapse_keeps() {
    let absent: Vec<_> = OPERATIONS.iter().filter(|operation| operation.absent_under.is_some()).collect();
    assert_eq!(absent.len(), 12);
    assert!(absent.iter().all(|operation| operation.absent_under == Some("Matrix Authentication Service")));
}
