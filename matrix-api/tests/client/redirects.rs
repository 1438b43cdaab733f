use matrix_api::{ErrorKind, error::TransportKind};

use crate::{
    calls::{Download, Elsewhere, GetThing, MakeThing, client},
    server::{Server, Step, header, json, with},
};

fn to(location: &str) -> Step {
    with(307, &[("Location", location)], "")
}

fn kind(error: &matrix_api::Error) -> TransportKind {
    match error {
        matrix_api::Error::Transport(failed) => failed.kind(),
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_read_is_followed_within_its_origin() {
    let server = Server::start([to("/one"), to("two?x=y"), to("/three"), json(200, r#"{"name":"a"}"#)]).await;
    let client = client(&server.url).await;
    assert_eq!(client.send(GetThing).await.unwrap().name, "a");
    assert_eq!(
        server.lines(),
        ["GET /_matrix/thing HTTP/1.1", "GET /one HTTP/1.1", "GET /two?x=y HTTP/1.1", "GET /three HTTP/1.1"]
    );
    for request in server.seen() {
        assert_eq!(header(&request, "authorization").as_deref(), Some("Bearer token-canary"));
    }
}

#[tokio::test]
async fn four_redirects_are_one_too_many() {
    let server = Server::start((0..9).map(|_| to("/again"))).await;
    let error = client(&server.url).await.send(GetThing).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Limit);
    assert_eq!(error.to_string(), "getThing: more than 3 redirects; raise the limit or ask for less");
    assert_eq!(server.seen().len(), 4);
}

#[tokio::test]
async fn nothing_else_is_followed() {
    let other = Server::start([]).await;
    let away = format!("{}/canary?access_token=canary", other.url);
    for location in [&away, "https://user:canary@example.org/", "file:///canary", "canary://"] {
        let server = Server::start([to(location), to(location)]).await;
        let client = client(&server.url).await;
        let error = client.send(Download).await.unwrap_err();
        assert_eq!(kind(&error), TransportKind::Redirect);
        assert!(!format!("{error} {error:?}").contains("canary"));
        let error = client.send(GetThing).await.unwrap_err();
        assert_eq!(kind(&error), TransportKind::Redirect);
        assert_eq!(server.seen().len(), 2);
    }
    let server = Server::start([to("https://example.org:8448/canary?canary"), with(302, &[], "")]).await;
    let client = client(&server.url).await;
    let error = client.send(MakeThing::default()).await.unwrap_err();
    assert_eq!(kind(&error), TransportKind::Redirect);
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert_eq!(cause, "the redirect leads to https://example.org:8448");
    let error = client.send(GetThing).await.unwrap_err();
    assert_eq!(kind(&error), TransportKind::Redirect);
    assert_eq!(server.seen().len(), 2);
    assert!(other.seen().is_empty());
}

#[tokio::test]
async fn a_redirect_may_be_the_answer() {
    let server = Server::start([with(302, &[("Location", "https://sso.example.org/?a=b")], "moved")]).await;
    let location = client(&server.url).await.send(Elsewhere).await.unwrap();
    assert_eq!(location.0, "https://sso.example.org/?a=b");
    assert_eq!(server.seen().len(), 1);
}

#[cfg(any(feature = "rustls", feature = "native-tls"))]
#[tokio::test]
async fn media_is_fetched_from_another_server_by_tls_only() {
    use tokio::{io::AsyncReadExt, net::TcpListener};

    let other = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let location = format!("https://{}/file", other.local_addr().unwrap());
    let first_bytes = tokio::spawn(async move {
        let (mut stream, _) = other.accept().await.unwrap();
        let mut bytes = [0; 3];
        stream.read_exact(&mut bytes).await.unwrap();
        bytes
    });
    let server = Server::start([to(&location)]).await;
    let client = crate::calls::builder(&server.url).retry(matrix_api::RetryPolicy::none()).build().await.unwrap();
    client.send(Download).await.unwrap_err();
    // A TLS handshake, and so no request in the clear.
    let [content, major, _] = first_bytes.await.unwrap();
    assert_eq!((content, major), (22, 3));
}
