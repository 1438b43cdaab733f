use std::fmt::Write as _;

use matrix_api::{
    Client, Error, RetryPolicy,
    error::{Sent, TransportKind},
    http::Method,
};
use serde_json::Value;
#[cfg(feature = "rustls")]
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::{
    calls::{GetThing, MakeThing, PutThing, builder, client},
    server::{Server, Step, body, header, json, with},
};

/// Everything that an error shows without being asked for its body.
fn shown(error: &Error) -> String {
    let mut text = format!("{error} {error:?} {error:#?} {:?} {:?}", error.url(), error.operation());
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        let _ = write!(text, " {cause} {cause:?}");
        source = cause.source();
    }
    text
}

#[tokio::test]
async fn no_failure_shows_a_secret() {
    let steps = [
        json(403, r#"{"errcode":"M_FORBIDDEN"}"#),
        json(401, r#"{"errcode":"M_UNKNOWN_TOKEN"}"#),
        json(200, r#"{"name":{"access_token":"answer-canary"}}"#),
        json(200, r#""answer-canary"#),
        with(302, &[("Location", "https://example.org/?token=answer-canary")], ""),
        Step::Cut(Vec::new()),
        Step::Cut(b"HTTP/1.1 999 answer-canary\r\nbad header answer-canary\r\n\r\n".to_vec()),
        Step::Silence,
    ];
    for step in steps {
        let server = Server::start([step]).await;
        let client = builder(&server.url)
            .retry(RetryPolicy::none())
            .request_timeout(std::time::Duration::from_millis(200))
            .build()
            .await
            .unwrap();
        let request = MakeThing { secret: Some("password-canary".into()) };
        let error = client.send(request).await.unwrap_err();
        assert!(!shown(&error).contains("canary"), "{}", shown(&error));
        // It did go out.
        let seen = server.seen();
        assert!(seen[0].contains("authorization: Bearer token-canary"), "{}", seen[0]);
        assert_eq!(body(&seen[0]), r#"{"secret":"password-canary"}"#);
    }
}

#[tokio::test]
async fn a_query_is_not_shown_when_nothing_answers() {
    let url = {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    let client = client(&url).await;
    let call = client.request(Method::GET, "/x").query("token", "query-canary");
    let error = call.send::<Value>().await.unwrap_err();
    assert!(!shown(&error).contains("canary"), "{}", shown(&error));
    assert_eq!(error.url(), Some(&*format!("{url}/x")));
}

#[tokio::test]
async fn a_proxys_password_is_not_shown() {
    let builder = builder("http://127.0.0.1:9").retry(RetryPolicy::none());
    let client = builder.proxy("http://user:proxy-canary@127.0.0.1:9").build().await.unwrap();
    let error = client.send(GetThing).await.unwrap_err();
    assert!(!shown(&error).contains("canary"), "{}", shown(&error));
    assert!(!format!("{client:?} {client:#?}").contains("canary"));
}

#[tokio::test]
async fn a_proxy_gets_the_request() {
    let proxy = Server::start([json(200, r#"{"name":"a"}"#)]).await;
    let builder = builder("http://matrix.localhost:1/sub").proxy(&proxy.url);
    builder.build().await.unwrap().send(GetThing).await.unwrap();
    assert_eq!(proxy.lines(), ["GET http://matrix.localhost:1/sub/_matrix/thing HTTP/1.1"]);
}

/// Plain http is handed over, https asks for a tunnel; the proxy's password is for the proxy, the token is not.
#[tokio::test]
async fn a_proxy_is_told_its_password_and_nothing_else() {
    let proxy = Server::start([json(200, r#"{"name":"a"}"#), json(407, "")]).await;
    let address = proxy.url.replace("http://", "http://ann:pass@");
    let plain = builder("http://matrix.localhost:1").proxy(&*address).build().await.unwrap();
    plain.send(GetThing).await.unwrap();
    let tunnel = builder("https://matrix.localhost:1").retry(RetryPolicy::none()).proxy(address);
    let error = tunnel.build().await.unwrap().send(GetThing).await.unwrap_err();
    let Error::Transport(failed) = &error else { panic!("{error}") };
    assert_eq!((failed.kind(), failed.sent()), (TransportKind::Connect, Sent::No));
    assert_eq!(
        proxy.lines(),
        ["GET http://matrix.localhost:1/_matrix/thing HTTP/1.1", "CONNECT matrix.localhost:1 HTTP/1.1"]
    );
    let seen = proxy.seen();
    let told = |name| seen.iter().map(|request| header(request, name)).collect::<Vec<_>>();
    assert_eq!(told("proxy-authorization"), [Some("Basic YW5uOnBhc3M=".to_owned()), Some("Basic YW5uOnBhc3M=".into())]);
    assert_eq!(told("authorization"), [Some("Bearer token-canary".to_owned()), None]);
}

/// Through the tunnel goes TLS and nothing else.
#[cfg(feature = "rustls")]
#[tokio::test]
async fn what_goes_through_a_tunnel_is_encrypted() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let proxy = format!("http://{}", listener.local_addr().unwrap());
    let seen = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut bytes = vec![0; 4096];
        let length = stream.read(&mut bytes).await.unwrap();
        let asked = String::from_utf8(bytes[..length].to_vec()).unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
        let length = stream.read(&mut bytes).await.unwrap();
        bytes.truncate(length);
        (asked, bytes)
    });
    let builder = builder("https://matrix.localhost:1").retry(RetryPolicy::none()).user_agent("me").proxy(proxy);
    let error = builder.build().await.unwrap().send(GetThing).await.unwrap_err();
    let (asked, bytes) = seen.await.unwrap();
    assert!(asked.starts_with("CONNECT matrix.localhost:1 HTTP/1.1\r\n"), "{asked}");
    assert_eq!(header(&asked, "user-agent").as_deref(), Some("me"));
    // A handshake, in TLS 1.0's clothes as all of them are.
    assert_eq!(bytes[..2], [22, 3]);
    assert!(!String::from_utf8_lossy(&bytes).contains("canary"));
    let Error::Transport(failed) = &error else { panic!("{error}") };
    assert_eq!(failed.sent(), Sent::No);
}

#[tokio::test]
async fn plans_and_clients_show_no_secret() {
    let client = client("https://example.org").await;
    let plan = client.plan(&MakeThing { secret: Some("password-canary".into()) }).unwrap();
    let shown = format!("{plan} {plan:?} {} {}", plan.to_json(), plan.to_curl());
    assert!(!shown.contains("canary"), "{shown}");
    assert_eq!(
        plan.to_curl(),
        "curl -X POST 'https://example.org/_matrix/thing' -H 'content-type: application/json' \
         -H 'authorization: Bearer ***' --data-raw '{\"secret\":\"***\"}'"
    );
    let session = client.session().unwrap();
    let room = client.room("!r:example.org");
    let shown = format!("{client:?} {client:#?} {session:?} {session:#?} {room:?}");
    assert!(!shown.contains("canary"), "{shown}");

    let put = PutThing { room_id: "!r:example.org".into(), txn_id: None };
    assert!(!client.plan(&put).unwrap().to_string().contains("canary"));
    let custom = client.request(Method::GET, "/x").plan().unwrap();
    assert!(!custom.to_string().contains("canary"));
}

#[tokio::test]
async fn no_setting_shows_a_secret_when_it_is_refused() {
    let refusals = [
        Client::builder().base_url("http://user:canary@localhost").build().await.unwrap_err(),
        Client::builder().base_url("http://localhost/?token=canary").build().await.unwrap_err(),
        Client::builder().base_url("http://localhost").access_token("canary canary").build().await.unwrap_err(),
        Client::builder().base_url("http://localhost").proxy("canary canary").build().await.unwrap_err(),
        Client::builder().base_url("http://localhost").user_agent("canary\n").build().await.unwrap_err(),
    ];
    for error in refusals {
        assert!(!shown(&error).contains("canary"), "{}", shown(&error));
    }
}
