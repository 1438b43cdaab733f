//! Tokens with which users prove to others who they are.

use std::process::Command;

use matrix_api::client_server::RequestOpenIdToken;
use matrix_api::client_server::types::OpenidToken;
use matrix_api::openid::Verifier;
use matrix_api::{ErrorKind, UserId};
use matrix_api_tests::live::{Account, Live};
use matrix_api_tests::programs::{Running, example, first_lines};
use serde_json::{Value, json};

use crate::web;

/// A token of Alice's, as a widget gets it, and whose it is.
async fn token(live: &Live) -> (UserId, Value) {
    let alice = live.login(Account::Alice).await;
    let user_id = alice.user_id().unwrap();
    let token = alice.send(RequestOpenIdToken::new(&user_id)).await.unwrap().token;
    let shown = json!({
        "access_token": token.access_token.expose(),
        "token_type": token.token_type,
        "matrix_server_name": token.matrix_server_name,
        "expires_in": token.expires_in,
    });
    (user_id, shown)
}

fn with(token: &Value, key: &str, value: &str) -> OpenidToken {
    let mut changed = token.clone();
    changed[key] = json!(value);
    serde_json::from_value(changed).unwrap()
}

fn local() -> Verifier {
    Verifier::builder().allow_private_addresses(true).allow_http(true).build().unwrap()
}

#[tokio::test]
async fn verified_by_the_homeserver() {
    let live = Live::new("openid::verified_by_the_homeserver");
    let (alice, token) = token(&live).await;
    let verifier = local();
    let good: OpenidToken = serde_json::from_value(token.clone()).unwrap();
    assert_eq!(verifier.verify(&good).await.unwrap(), alice);

    let made_up = with(&token, "access_token", "madeup");
    let error = verifier.verify(&made_up).await.unwrap_err();
    assert_eq!(error.to_string(), "openid::Verifier: the server does not know the token, or it has expired");

    // Another server that vouches for the same user.
    let liar = web::serve(vec![(
        "/_matrix/federation/v1/openid/userinfo?access_token=madeup",
        "application/json",
        format!(r#"{{"sub":"{alice}"}}"#).into_bytes(),
    )]);
    let mut elsewhere = token.clone();
    elsewhere["access_token"] = json!("madeup");
    let elsewhere = with(&elsewhere, "matrix_server_name", liar.strip_prefix("http://").unwrap());
    let error = verifier.verify(&elsewhere).await.unwrap_err();
    assert_eq!(error.to_string(), "openid::Verifier: the server answered with a user that is not its own");

    // Nobody there is no verdict.
    let nobody = with(&token, "matrix_server_name", "localhost:9");
    assert_eq!(verifier.verify(&nobody).await.unwrap_err().kind(), ErrorKind::Transport);

    // Unless it is allowed, nothing goes to this machine.
    let error = Verifier::new().unwrap().verify(&good).await.unwrap_err();
    assert_eq!(error.to_string(), "openid::Verifier: the server has private addresses only");
    let unlisted = Verifier::builder().allow_servers(["matrix.org"]).build().unwrap().verify(&good).await.unwrap_err();
    assert_eq!(unlisted.kind(), ErrorKind::Rejected);
}

#[tokio::test]
async fn not_after_its_time() {
    let live = Live::new("openid::not_after_its_time");
    let (_, token) = token(&live).await;
    let verifier = local();
    let token: OpenidToken = serde_json::from_value(token).unwrap();
    verifier.verify(&token).await.unwrap();
    // An hour passes in the homeserver's database.
    let script = "import sqlite3, sys\n\
        with sqlite3.connect(sys.argv[1], timeout=30) as database:\n    \
        database.execute('update open_id_tokens set ts_valid_until_ms = ts_valid_until_ms - 3600000 where token = ?', \
        (sys.argv[2],))\n";
    let mut python = Command::new("python3");
    python.args(["-c", script]).arg(live.database()).arg(token.access_token.expose());
    assert!(python.status().unwrap().success());
    let error = verifier.verify(&token).await.unwrap_err();
    assert_eq!(error.to_string(), "openid::Verifier: the server does not know the token, or it has expired");
}

/// What a web service answers to a token.
fn post(url: &str, token: &Value) -> String {
    web::post(&format!("{url}/login"), "application/json", &token.to_string())
}

#[tokio::test]
async fn widgets_log_in_to_a_web_service() {
    let live = Live::new("openid::widgets_log_in_to_a_web_service");
    let (alice, token) = token(&live).await;
    let mut made_up = token.clone();
    made_up["access_token"] = json!("madeup");

    let mut command = example("verify_openid");
    command.args(["--local", "127.0.0.1:0"]);
    let mut service = Running::start(command);
    let url = service.line().strip_prefix("listening on ").unwrap().to_owned();
    let answer: Value = serde_json::from_str(&post(&url, &token)).unwrap();
    assert_eq!(answer["user_id"], json!(alice));
    let session = answer["session"].as_str().unwrap();
    assert_eq!(web::get(&format!("{url}/whoami/{session}")), alice.as_str());
    let refused: Value = serde_json::from_str(&post(&url, &made_up)).unwrap();
    assert_eq!(refused["error"], "openid::Verifier: the server does not know the token, or it has expired");

    let mut command = first_lines("verify_openid");
    command.arg("--local");
    let mut service = Running::start(command);
    let url = service.line();
    assert_eq!(post(&url, &token), format!("welcome, {alice}"));
    assert_eq!(
        post(&url, &made_up),
        "go away: openid::Verifier: the server does not know the token, or it has expired"
    );
}
