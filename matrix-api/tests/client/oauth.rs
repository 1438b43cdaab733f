//! Logins by OAuth 2.0 and in a browser, against a script.

use std::time::Duration;

use matrix_api::{Client, Error, ErrorKind, FileStore, OAuthLogin, RetryPolicy, json};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{
    calls::GetThing,
    server::{Server, Step, body, header, json, with},
    stores::{Folder, text},
};

fn metadata(url: &str) -> Step {
    let metadata = json!({
        "issuer": format!("{url}/"),
        "authorization_endpoint": format!("{url}/authorize?x=1"),
        "token_endpoint": format!("{url}/token"),
        "revocation_endpoint": format!("{url}/revoke"),
        "registration_endpoint": format!("{url}/register"),
        "device_authorization_endpoint": format!("{url}/device"),
        "response_types_supported": ["code"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "response_modes_supported": ["query"],
        "code_challenge_methods_supported": ["S256"],
        "account_management_uri": format!("{url}/account"),
        "account_management_actions_supported": ["org.matrix.profile", "org.matrix.device_delete"],
    });
    json(200, &metadata.to_string())
}

/// Answers as a homeserver and its authorization server in one; `token` answers for tokens.
async fn world(version: &'static str, token: impl Fn(&str, usize) -> Step + Send + Sync + 'static) -> Server {
    let asked = std::sync::atomic::AtomicUsize::new(0);
    Server::answering(move |request| {
        let url = format!("http://{}", header(request, "host").unwrap());
        let path = request.split([' ', '?']).nth(1).unwrap();
        match path {
            "/_matrix/client/v1/auth_metadata" => metadata(&url),
            "/_matrix/client/versions" => json(200, &json!({"versions": [version]}).to_string()),
            "/register" => json(201, r#"{"client_id":"client-1"}"#),
            "/token" => token(request, asked.fetch_add(1, std::sync::atomic::Ordering::SeqCst)),
            "/device" => json(
                200,
                &json!({
                    "device_code": "device-canary", "user_code": "ABCD", "verification_uri": format!("{url}/link"),
                    "expires_in": 30, "interval": if request.contains("never") { u64::MAX } else { 2 },
                })
                .to_string(),
            ),
            "/revoke" => json(200, "{}"),
            "/_matrix/client/v3/account/whoami" if header(request, "authorization").unwrap() == "Bearer access-1" => {
                json(200, r#"{"user_id":"@me:example.org","device_id":"DEVICE"}"#)
            }
            "/_matrix/thing" if header(request, "authorization").unwrap() == "Bearer ended" => {
                json(401, r#"{"errcode":"M_UNKNOWN_TOKEN"}"#)
            }
            "/_matrix/thing" => json(200, r#"{"name":"a"}"#),
            "/_matrix/client/v3/account/whoami" => json(200, r#"{"user_id":"@me:example.org"}"#),
            _ => json(404, r#"{"errcode":"M_UNRECOGNIZED"}"#),
        }
    })
    .await
}

fn tokens() -> Step {
    let tokens = json!({
        "access_token": "access-1", "refresh_token": "refresh-1", "token_type": "Bearer", "expires_in": 300,
    });
    json(200, &tokens.to_string())
}

fn refusal(code: &str) -> Step {
    json(400, &json!({"error": code, "error_description": "because"}).to_string())
}

fn fields(query: &str) -> Vec<(String, String)> {
    let decode = |text: &str| text.replace("%3A", ":").replace("%2F", "/").replace("%20", " ").replace("%2A", "*");
    query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (decode(name), decode(value)))
        .collect()
}

fn field(query: &str, name: &str) -> String {
    fields(query).into_iter().find(|(found, _)| found == name).unwrap_or_else(|| panic!("{name} in {query}")).1
}

async fn login(server: &Server) -> (Client, OAuthLogin) {
    let client = Client::builder().base_url(&server.url).build().await.unwrap();
    let login = client.oauth().await.unwrap().login().device_id("DEVICE").program("Test", "https://test.example.org");
    (client, login)
}

/// Opens a URL as a browser does.
async fn visit(url: String) -> String {
    let (host, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let mut stream = TcpStream::connect(host).await.unwrap();
    stream.write_all(format!("GET /{path} HTTP/1.1\r\nHost: {host}\r\n\r\n").as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn a_browser_brings_back_a_code() {
    let server = world("v1.15", |_, _| tokens()).await;
    let folder = Folder::new();
    let store = FileStore::open(folder.file()).unwrap();
    let client = Client::builder().base_url(&server.url).store(store).build().await.unwrap();
    let login = client.oauth().await.unwrap().login().device_id("DEVICE").scope("urn:synapse:admin:*");
    let (tell, told) = tokio::sync::oneshot::channel();
    let browser = tokio::spawn(async move {
        let url: String = told.await.unwrap();
        let (_, query) = url.split_once('?').unwrap();
        let back = format!("{}?code=code-1&state={}", field(query, "redirect_uri"), field(query, "state"));
        assert!(visit(back).await.starts_with("HTTP/1.1 200 OK"));
        url
    });
    let session = login.browser(move |url| tell.send(url.to_owned()).unwrap()).await.unwrap();
    let url = browser.await.unwrap();
    assert_eq!(client.session(), Some(session.clone()));
    assert_eq!((session.user_id.as_str(), session.device_id.as_ref().unwrap().as_str()), ("@me:example.org", "DEVICE"));
    assert!(text(&folder.file()).contains("refresh-1"));

    let seen = server.seen();
    let asked: Value = seen
        .iter()
        .find(|one| one.starts_with("POST /register"))
        .map(|one| serde_json::from_str(body(one)).unwrap())
        .unwrap();
    assert_eq!(asked["redirect_uris"], json!(["http://127.0.0.1/"]));
    assert_eq!(asked["token_endpoint_auth_method"], "none");
    assert!(url.starts_with(&format!("{}/authorize?x=1&", server.url)));
    let (_, query) = url.split_once('?').unwrap();
    let scope = "urn:matrix:client:api:* urn:matrix:client:device:DEVICE urn:synapse:admin:*";
    assert_eq!(field(query, "scope"), scope);
    assert_eq!((field(query, "code_challenge_method"), field(query, "response_type")), ("S256".into(), "code".into()));
    let exchange = seen.iter().find(|one| one.starts_with("POST /token")).unwrap();
    assert_eq!(header(exchange, "content-type").as_deref(), Some("application/x-www-form-urlencoded"));
    assert_eq!(header(exchange, "authorization"), None);
    let form = body(exchange);
    assert_eq!((field(form, "grant_type"), field(form, "code")), ("authorization_code".into(), "code-1".into()));
    assert_eq!(
        (field(form, "client_id"), field(form, "redirect_uri")),
        ("client-1".into(), field(query, "redirect_uri"))
    );
    assert_eq!(field(form, "code_verifier").len(), 43);
    assert_ne!(field(form, "code_verifier"), field(query, "code_challenge"));
}

/// Which names of scopes a server knows follows from the version that it names.
#[tokio::test]
async fn a_server_of_before_the_stable_scopes_is_asked_for_the_old_ones() {
    let old = "urn:matrix:org.matrix.msc2967.client:api:* urn:matrix:org.matrix.msc2967.client:device:DEVICE";
    let stable = "urn:matrix:client:api:* urn:matrix:client:device:DEVICE";
    for (version, scope) in [("v1.14", old), ("v1.15", stable), ("v1.16", stable)] {
        let server = world(version, |_, _| tokens()).await;
        let (client, login) = login(&server).await;
        let pending = login.scope("urn:synapse:admin:*").begin("https://me.example.org/back").await.unwrap();
        let (_, query) = pending.url().split_once('?').unwrap();
        assert_eq!(field(query, "scope"), format!("{scope} urn:synapse:admin:*"), "{version}");
        let back = format!("?code=c&state={}", field(query, "state"));
        let session = pending.finish(&back).await.unwrap();
        assert_eq!(session.device_id, Some("DEVICE".into()));
        assert_eq!(client.session(), Some(session));
    }
}

#[tokio::test]
async fn an_answer_to_another_question_is_not_taken() {
    let server = world("v1.15", |_, _| tokens()).await;
    let rows = [
        ("?code=c&state=other", "invalid_state"),
        ("?code=c", "invalid_state"),
        ("", "invalid_state"),
        ("?code=c&state=STATE&iss=https%3A%2F%2Fevil.example.org%2F", "invalid_state"),
        ("?error=access_denied&error_description=no&state=STATE", "access_denied"),
        ("?state=STATE", "invalid_response"),
    ];
    for (back, code) in rows {
        let (client, login) = login(&server).await;
        let pending = login.begin("https://me.example.org/back").await.unwrap();
        let state = field(pending.url().split_once('?').unwrap().1, "state");
        assert!(!format!("{pending:?}").contains(&state));
        let error = pending.finish(&back.replace("STATE", &state)).await.unwrap_err();
        assert!(matches!(&error, Error::Auth(failed) if failed.code() == code), "{back}: {error}");
        assert_eq!((error.kind(), client.session()), (ErrorKind::Auth, None));
    }
    assert!(!server.lines().iter().any(|line| line.starts_with("POST /token")));
}

#[tokio::test]
async fn a_server_that_gives_nothing_usable_leaves_nothing() {
    let rows = [
        (refusal("invalid_grant"), "invalid_grant"),
        (json(200, "{}"), "invalid_response"),
        (json(200, "no"), "invalid_response"),
        (json(200, r#"{"access_token":"a b"}"#), "invalid_response"),
    ];
    for (step, code) in rows {
        let step = std::sync::Mutex::new(Some(step));
        let server = world("v1.15", move |_, _| step.lock().unwrap().take().unwrap()).await;
        let (client, login) = login(&server).await;
        let pending = login.client_id("known").begin("https://me.example.org/back").await.unwrap();
        let state = field(pending.url().split_once('?').unwrap().1, "state");
        let error = pending.finish(&format!("?code=c&state={state}")).await.unwrap_err();
        assert!(matches!(&error, Error::Auth(failed) if failed.code() == code), "{error}");
        assert_eq!((error.operation(), client.session()), (Some("oauth.token"), None));
        assert!(!server.lines().iter().any(|line| line.starts_with("POST /register")));
    }
}

#[tokio::test(start_paused = true)]
async fn a_code_on_another_device() {
    let steps = ["authorization_pending", "slow_down", "authorization_pending"];
    let server = world("v1.14", move |_, asked| steps.get(asked).map_or_else(tokens, |code| refusal(code))).await;
    let (client, login) = login(&server).await;
    let start = tokio::time::Instant::now();
    let session = login
        .device_code(|code| {
            assert_eq!((code.user_code.as_str(), code.expires_in), ("ABCD", Duration::from_secs(30)));
            assert!(code.verification_uri.ends_with("/link") && code.verification_uri_complete.is_none());
        })
        .await
        .unwrap();
    // Every 2 s, and after the server has asked for it every 7 s.
    assert_eq!(start.elapsed().as_secs(), 2 + 2 + 7 + 7);
    assert_eq!(client.session(), Some(session));
    let asked = server.seen().into_iter().find(|one| one.starts_with("POST /device")).unwrap();
    // A server of before 1.15 knows the old names only.
    let old = "urn:matrix:org.matrix.msc2967.client";
    assert_eq!(field(body(&asked), "scope"), format!("{old}:api:* {old}:device:DEVICE"));
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_for_a_user_for_ever() {
    for (code, expected) in [("authorization_pending", "expired_token"), ("access_denied", "access_denied")] {
        let server = world("v1.15", move |_, _| refusal(code)).await;
        let (client, login) = login(&server).await;
        let error = login.device_code(|_| ()).await.unwrap_err();
        assert!(matches!(&error, Error::Auth(failed) if failed.code() == expected), "{error}");
        assert_eq!(client.session(), None);
        assert!(!format!("{error} {error:?}").contains("canary"));
    }
}

/// More than any clock can count.
#[tokio::test]
async fn a_server_that_wants_to_be_asked_never_again() {
    let server = world("v1.15", |_, _| refusal("authorization_pending")).await;
    let (_, login) = login(&server).await;
    let error = login.scope("urn:test:never").device_code(|_| ()).await.unwrap_err();
    assert!(matches!(&error, Error::Auth(failed) if failed.code() == "expired_token"), "{error}");
    assert!(!server.lines().iter().any(|line| line.starts_with("POST /token")));
}

#[tokio::test]
async fn tokens_are_renewed_where_they_came_from() {
    let server = world("v1.15", |request, asked| match asked {
        0 => tokens(),
        1 => {
            assert_eq!(field(body(request), "refresh_token"), "refresh-1");
            json(200, r#"{"access_token":"access-2","refresh_token":"refresh-2","expires_in":300}"#)
        }
        _ => refusal("invalid_grant"),
    })
    .await;
    let (client, login) = login(&server).await;
    let pending = login.begin("https://me.example.org/back").await.unwrap();
    let state = field(pending.url().split_once('?').unwrap().1, "state");
    let mut session = pending.finish(&format!("https://me.example.org/back?code=c&state={state}")).await.unwrap();
    let stored = serde_json::to_string(&session).unwrap();
    assert!(stored.contains(r#""oauth":{"issuer":"#), "{stored}");
    assert_eq!(serde_json::from_str::<matrix_api::Session>(&stored).unwrap(), session);
    drop(client);

    // As after a restart, with a token that has ended by now.
    session.expires_at = Some(matrix_api::UnixMillis(1));
    let again = Client::restore(session.clone()).unwrap();
    again.whoami().await.unwrap();
    assert_eq!(again.session().unwrap().refresh_token, Some("refresh-2".into()));
    session.refresh_token = Some("used up".into());
    let late = Client::restore(session).unwrap();
    assert_eq!(late.whoami().await.unwrap_err().kind(), ErrorKind::SessionEnded);
    assert_eq!(late.session(), None);

    again.logout().await.unwrap();
    assert_eq!(again.session(), None);
    let revoked = server.seen().into_iter().find(|one| one.starts_with("POST /revoke")).unwrap();
    assert_eq!(
        (field(body(&revoked), "token"), field(body(&revoked), "token_type_hint")),
        ("refresh-2".into(), "refresh_token".into())
    );
}

/// Somebody on the way, or a server in trouble, does not end a session.
#[tokio::test]
async fn only_the_words_of_the_rfc_end_a_session() {
    let limited = || with(429, &[("Retry-After", "3")], r#"{"error":"slow_down"}"#);
    let rows = [
        (limited as fn() -> Step, "slow_down"),
        (|| json(503, r#"{"error":"temporarily_unavailable"}"#), "temporarily_unavailable"),
        (|| json(403, r#"{"error":"Forbidden"}"#), "Forbidden"),
        (|| json(401, "<html>"), ""),
        (|| json(400, "{}"), ""),
    ];
    for (step, code) in rows {
        let server = world("v1.15", move |_, asked| match asked {
            0 => tokens(),
            1 => step(),
            2 => json(200, r#"{"access_token":"access-2","refresh_token":"refresh-2","expires_in":300}"#),
            _ => refusal("invalid_grant"),
        })
        .await;
        let (client, login) = login(&server).await;
        let pending = login.begin("https://me.example.org/back").await.unwrap();
        let state = field(pending.url().split_once('?').unwrap().1, "state");
        pending.finish(&format!("?code=c&state={state}")).await.unwrap();
        let mut session = client.session().unwrap();
        session.access_token = Some("ended".into());
        let client = Client::builder().session(session.clone()).retry(RetryPolicy::none()).build().await.unwrap();
        let error = client.send(GetThing).await.unwrap_err();
        let failed = match &error {
            Error::Auth(failed) => failed.code(),
            _ => "",
        };
        assert_eq!((failed, error.operation()), (code, Some("oauth.refresh")), "{error}");
        assert_eq!(client.session(), Some(session));
        client.send(GetThing).await.unwrap();
        assert_eq!(client.session().unwrap().refresh_token, Some("refresh-2".into()));
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_endpoint_that_is_busy_is_asked_again() {
    let server = world("v1.15", |_, asked| match asked {
        0 => with(429, &[("Retry-After", "3")], r#"{"error":"slow_down"}"#),
        _ => tokens(),
    })
    .await;
    let (client, login) = login(&server).await;
    let pending = login.begin("https://me.example.org/back").await.unwrap();
    let state = field(pending.url().split_once('?').unwrap().1, "state");
    let start = tokio::time::Instant::now();
    pending.finish(&format!("?code=c&state={state}")).await.unwrap();
    assert!(start.elapsed().as_secs() >= 3 && client.session().is_some());
    assert_eq!(server.lines().iter().filter(|line| line.starts_with("POST /token")).count(), 2);
}

#[tokio::test]
async fn the_account_is_managed_elsewhere() {
    let server = world("v1.15", |_, _| tokens()).await;
    let client = Client::builder().base_url(&server.url).build().await.unwrap();
    let oauth = client.oauth().await.unwrap();
    let page = format!("{}/account", server.url);
    assert_eq!(oauth.account_management_url(None, None), Some(page.clone()));
    let url = oauth.account_management_url(Some("org.matrix.device_delete"), Some("A B"));
    assert_eq!(url, Some(format!("{page}?action=org.matrix.device_delete&device_id=A%20B")));
    // A page that the server does not have is not asked for.
    assert_eq!(oauth.account_management_url(Some("org.example.x"), None), Some(page));
}

#[tokio::test]
async fn a_login_goes_the_way_that_the_server_offers() {
    let flows = |names: &[&str]| {
        let flows: Vec<Value> = names.iter().map(|name| json!({"type": name})).collect();
        json(200, &json!({"flows": flows}).to_string())
    };
    let unknown = || json(404, r#"{"errcode":"M_UNRECOGNIZED"}"#);
    let versions = || json(200, r#"{"versions":["v1.11"]}"#);
    let done = r#"{"user_id":"@me:example.org","device_id":"D","access_token":"one"}"#;
    let script = [unknown(), versions(), flows(&["m.login.sso", "m.login.password"]), json(200, done)];
    let server = Server::start(script).await;
    let client = Client::builder().base_url(&server.url).build().await.unwrap();
    client.login().password("me", "secret").browser(|_| panic!("no browser is needed")).await.unwrap();
    let ways: Vec<String> = server.lines().iter().map(|line| line.split(' ').nth(1).unwrap().to_owned()).collect();
    assert_eq!(
        ways,
        [
            "/_matrix/client/v1/auth_metadata",
            "/_matrix/client/versions",
            "/_matrix/client/v3/login",
            "/_matrix/client/v3/login",
        ]
    );

    let server = Server::start([unknown(), versions(), flows(&["m.login.sso"])]).await;
    let client = Client::builder().base_url(&server.url).build().await.unwrap();
    let error = client.login().password("me", "canary").await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "Client::login: the server offers m.login.sso; none of them can be used with what was given"
    );

    // A server under OAuth: the device goes before the browser.
    let server = world("v1.15", |_, _| tokens()).await;
    let client = Client::builder().base_url(&server.url).build().await.unwrap();
    let login = client.login().password("me", "x").browser(|_| panic!("a device was given")).device_code(|_| ());
    assert_eq!(login.await.unwrap().user_id.as_str(), "@me:example.org");
}

/// As a server does that has moved to an authorization server and still takes the passwords of before.
#[tokio::test]
async fn a_password_is_enough_where_the_server_takes_both() {
    let done = r#"{"user_id":"@me:example.org","device_id":"D","access_token":"one"}"#;
    let server = Server::answering(move |request| {
        let url = format!("http://{}", header(request, "host").unwrap());
        match request.split(' ').take(2).collect::<Vec<_>>()[..] {
            ["GET", "/_matrix/client/v1/auth_metadata"] => metadata(&url),
            ["GET", "/_matrix/client/v3/login"] => json(200, r#"{"flows":[{"type":"m.login.password"}]}"#),
            ["POST", "/_matrix/client/v3/login"] => json(200, done),
            _ => json(404, "{}"),
        }
    })
    .await;
    let client = Client::builder().base_url(&server.url).build().await.unwrap();
    let session = client.login().password("me", "canary").device_name("Test").await.unwrap();
    assert_eq!((client.session(), session.oauth.is_none()), (Some(session.clone()), true));
    let sent: Value = serde_json::from_str(body(server.seen().last().unwrap())).unwrap();
    assert_eq!((&sent["password"], &sent["initial_device_display_name"]), (&json!("canary"), &json!("Test")));
    assert_eq!(server.seen().len(), 3);
}

#[tokio::test]
async fn single_sign_on_comes_back_with_a_token() {
    let done = r#"{"user_id":"@me:example.org","device_id":"D","access_token":"one"}"#;
    let server = Server::start([json(200, done)]).await;
    let client = Client::builder().base_url(&server.url).build().await.unwrap();
    let (tell, told) = tokio::sync::oneshot::channel();
    tokio::spawn(async move {
        let url: String = told.await.unwrap();
        let (path, query) = url.split_once('?').unwrap();
        assert!(path.ends_with("/_matrix/client/v3/login/sso/redirect/cas"), "{url}");
        visit(format!("{}?loginToken=token%2Bcanary", field(query, "redirectUrl"))).await;
    });
    let session = client.login_sso(Some("cas"), move |url| tell.send(url.to_owned()).unwrap()).await.unwrap();
    assert_eq!(client.session(), Some(session));
    let sent: Value = serde_json::from_str(body(&server.seen()[0])).unwrap();
    assert_eq!(sent, json!({"type": "m.login.token", "token": "token+canary"}));

    // As the way that the server offers, under the name that was given.
    let flows = json(200, r#"{"flows":[{"type":"m.login.sso"},{"type":"m.login.token"}]}"#);
    let unknown = json(404, r#"{"errcode":"M_UNRECOGNIZED"}"#);
    let server = Server::start([unknown, json(200, r#"{"versions":["v1.11"]}"#), flows, json(200, done)]).await;
    let client = Client::builder().base_url(&server.url).build().await.unwrap();
    let login = client.login().device_name("Test").browser(|url| {
        let (_, query) = url.split_once('?').unwrap();
        tokio::spawn(visit(format!("{}?loginToken=canary", field(query, "redirectUrl"))));
    });
    assert_eq!(login.await.unwrap().user_id.as_str(), "@me:example.org");
    let sent: Value = serde_json::from_str(body(server.seen().last().unwrap())).unwrap();
    let expected = json!({"type": "m.login.token", "token": "canary", "initial_device_display_name": "Test"});
    assert_eq!(sent, expected);
}

#[tokio::test]
async fn metadata_that_would_send_secrets_in_the_clear_is_refused() {
    let server = Server::answering(|_| {
        let metadata = json!({
            "issuer": "https://a/", "authorization_endpoint": "https://a/a", "token_endpoint": "ftp://a/t",
            "revocation_endpoint": "https://a/r", "registration_endpoint": "https://a/c",
            "response_types_supported": [], "grant_types_supported": [], "response_modes_supported": [],
            "code_challenge_methods_supported": [],
        });
        json(200, &metadata.to_string())
    })
    .await;
    let client = Client::builder().base_url(&server.url).build().await.unwrap();
    let error = client.oauth().await.unwrap_err();
    assert!(matches!(&error, Error::Auth(failed) if failed.code() == "invalid_response"), "{error}");
}
