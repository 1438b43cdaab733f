//! Rows 7 and 8: servers that send a client elsewhere.

use matrix_api::{Error, error::TransportKind};

use crate::{
    calls::{Download, GetThing, MakeThing, client},
    server::{Server, body, header, with},
};

fn refused(error: &Error) {
    let Error::Transport(failed) = error else { panic!("{error}") };
    assert_eq!(failed.kind(), TransportKind::Redirect, "{error}");
}

#[tokio::test]
async fn row_07_nothing_goes_to_another_origin() {
    let other = Server::start([]).await;
    for status in [301, 302, 303, 307, 308] {
        let location = format!("{}/elsewhere", other.url);
        let script = (0..4).map(|_| with(status, &[("Location", &location)], ""));
        let server = Server::start(script).await;
        let client = client(&server.url).await;
        refused(&client.send(GetThing).await.unwrap_err());
        refused(&client.send(Download).await.unwrap_err());
        refused(&client.send(MakeThing { secret: Some("password-canary".into()) }).await.unwrap_err());
        refused(&client.login_password("@me:example.org", "password-canary").await.unwrap_err());
        let seen = server.seen();
        // At its own place it was sent.
        assert_eq!(header(&seen[0], "authorization").as_deref(), Some("Bearer token-canary"));
        assert!(body(&seen[2]).contains("password-canary") && body(&seen[3]).contains("password-canary"));
    }
    // No connection, and so not a byte.
    assert_eq!((other.seen().len(), other.open(), other.ever_opened()), (0, 0, 0));
}

#[tokio::test]
async fn row_07_a_write_goes_nowhere_else_on_its_own_origin_either() {
    for status in [301, 302, 303, 307, 308] {
        let server = Server::start([with(status, &[("Location", "/elsewhere")], "")]).await;
        refused(&client(&server.url).await.send(MakeThing::default()).await.unwrap_err());
        assert_eq!(server.seen().len(), 1);
    }
}

/// The versions that a TLS handshake offers, from its first message.
#[cfg(feature = "rustls")]
fn offered(hello: &[u8]) -> Vec<u16> {
    let number = |at: usize| u16::from_be_bytes([hello[at], hello[at + 1]]);
    // Past the heads of record and message, the old version field and the random bytes.
    let mut at = 5 + 4 + 2 + 32;
    at += 1 + usize::from(hello[at]);
    at += 2 + usize::from(number(at));
    at += 1 + usize::from(hello[at]);
    let end = at + 2 + usize::from(number(at));
    at += 2;
    while at < end {
        let (kind, length) = (number(at), usize::from(number(at + 2)));
        if kind == 43 {
            let list = &hello[at + 5..at + 4 + length];
            return list.chunks(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
        }
        at += 4 + length;
    }
    panic!("no versions are offered");
}

#[cfg(feature = "rustls")]
#[tokio::test]
async fn tls_is_1_2_at_least_whatever_a_server_chooses() {
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    let seen = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut hello = vec![0; 5];
        stream.read_exact(&mut hello).await.unwrap();
        let length = usize::from(u16::from_be_bytes([hello[3], hello[4]]));
        hello.resize(5 + length, 0);
        stream.read_exact(&mut hello[5..]).await.unwrap();
        // "TLS 1.1, please": a server's hello of that version.
        let mut answer = vec![22, 3, 2, 0, 42, 2, 0, 0, 38, 3, 2];
        answer.extend([7; 32]);
        answer.extend([0, 0xc0, 0x13, 0]);
        stream.write_all(&answer).await.unwrap();
        // Until the client hangs up.
        let _ = stream.read_to_end(&mut Vec::new()).await;
        hello
    });
    let client = crate::calls::builder(&url).retry(matrix_api::RetryPolicy::none()).build().await.unwrap();
    let error = client.send(GetThing).await.unwrap_err();
    let Error::Transport(failed) = &error else { panic!("{error}") };
    assert_eq!(failed.kind(), TransportKind::Tls, "{error}");
    assert!(!error.may_have_been_sent());
    let mut versions = offered(&seen.await.unwrap());
    versions.sort_unstable();
    assert_eq!(versions, [0x0303, 0x0304]);
}
