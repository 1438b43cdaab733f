use std::{
    io,
    path::Path,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use matrix_api::{
    Error, ErrorKind, UploadBody,
    error::{Limit, Sent, TransportKind},
};
use tokio::io::{AsyncRead, AsyncWriteExt as _, ReadBuf};

use super::{CONFIG, Folder, Told, config, unrecognized, versions};
use crate::{
    calls::{builder, client},
    server::{Server, Step, body, header, json, with},
};

const UPLOAD: &str = "POST /_matrix/media/v3/upload HTTP/1.1";

fn stored() -> Step {
    json(200, r#"{"content_uri":"mxc://hs/abc"}"#)
}

/// Yields every piece, and then waits for good, or fails.
struct Pieces(Vec<&'static [u8]>, bool);

impl AsyncRead for Pieces {
    fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, out: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.0.is_empty() {
            return if self.1 { Poll::Ready(Err(io::Error::other("the disk is on fire"))) } else { Poll::Pending };
        }
        let piece = self.0.remove(0);
        out.put_slice(&piece[..piece.len().min(out.remaining())]);
        Poll::Ready(Ok(()))
    }
}

#[tokio::test]
async fn bytes_with_a_name() {
    let server = Server::start([config(10), stored(), stored()]).await;
    let client = client(&server.url).await;
    let told = Told::default();
    let upload = client.media().upload(b"0123456789".to_vec()).file_name("a b.png").on_progress(told.listener());
    assert_eq!(upload.await.unwrap(), "mxc://hs/abc");
    let seen = server.seen();
    assert_eq!(seen[0].lines().next().unwrap(), CONFIG);
    assert_eq!(seen[1].lines().next().unwrap(), "POST /_matrix/media/v3/upload?filename=a%20b.png HTTP/1.1");
    assert_eq!(header(&seen[1], "content-type").as_deref(), Some("image/png"));
    assert_eq!(header(&seen[1], "content-length").as_deref(), Some("10"));
    assert_eq!(header(&seen[1], "transfer-encoding"), None);
    assert_eq!(header(&seen[1], "authorization").as_deref(), Some("Bearer token-canary"));
    assert_eq!(body(&seen[1]), "0123456789");
    assert_eq!(told.take(), [(0, Some(10)), (10, Some(10))]);

    // The limit is known for an hour, to clones as well. Without a name it is bytes.
    client.clone().media().upload(b"x".to_vec()).await.unwrap();
    let seen = server.seen();
    assert_eq!((seen.len(), seen[2].lines().next().unwrap()), (3, UPLOAD));
    assert_eq!(header(&seen[2], "content-type").as_deref(), Some("application/octet-stream"));
}

#[tokio::test]
async fn a_file_and_an_empty_one() {
    let folder = Folder::new("up");
    let (long, empty) = (folder.0.join("long.TXT"), folder.0.join("empty"));
    std::fs::write(&long, "x".repeat(200_000)).unwrap();
    std::fs::write(&empty, "").unwrap();
    let server = Server::start([config(200_000), stored(), stored()]).await;
    let client = client(&server.url).await;
    let told = Told::default();
    client.media().upload(&long).on_progress(told.listener()).await.unwrap();
    let all = told.take();
    assert_eq!((all[0], *all.last().unwrap()), ((0, Some(200_000)), (200_000, Some(200_000))));
    assert!(all.len() > 3 && all.is_sorted());
    let seen = server.seen();
    assert!(seen[1].starts_with("POST /_matrix/media/v3/upload?filename=long.TXT "));
    assert_eq!(header(&seen[1], "content-type").as_deref(), Some("text/plain"));
    assert_eq!(body(&seen[1]), "x".repeat(200_000));

    let upload = client.media().upload(empty.as_path()).content_type("text/x-none").on_progress(told.listener());
    upload.file_name("other").await.unwrap();
    assert_eq!(told.take(), [(0, Some(0))]);
    let seen = server.seen();
    assert!(seen[2].starts_with("POST /_matrix/media/v3/upload?filename=other "));
    assert_eq!(header(&seen[2], "content-type").as_deref(), Some("text/x-none"));
    assert_eq!(header(&seen[2], "content-length").as_deref(), Some("0"));
}

#[tokio::test]
async fn what_can_be_read() {
    let server = Server::start([config(10), stored(), stored(), stored()]).await;
    let client = client(&server.url).await;
    let told = Told::default();
    // No more than was said is read, and nobody waits for more.
    let body_ = UploadBody::reader(Pieces(vec![b"0123", b"4567"], false)).length(6);
    client.media().upload(body_).on_progress(told.listener()).await.unwrap();
    assert_eq!(told.take(), [(0, Some(6)), (4, Some(6)), (6, Some(6))]);
    let seen = server.seen();
    assert_eq!((header(&seen[1], "content-length").as_deref(), body(&seen[1])), (Some("6"), "012345"));

    client.media().upload(UploadBody::reader(&b"0123456789"[..])).on_progress(told.listener()).await.unwrap();
    assert_eq!(told.take(), [(0, None), (10, None)]);
    let seen = server.seen();
    assert_eq!(header(&seen[2], "content-length"), None);
    assert_eq!(header(&seen[2], "transfer-encoding").as_deref(), Some("chunked"));
    assert_eq!(body(&seen[2]), "A\r\n0123456789\r\n0\r\n\r\n");
}

#[tokio::test]
async fn what_cannot_be_read() {
    let server = Server::start([config(100)]).await;
    let client = client(&server.url).await;
    let refused = async |body: UploadBody| client.media().upload(body).await.unwrap_err();
    let missing = refused(Path::new("/nowhere/cat.png").into()).await;
    assert_eq!(missing.to_string(), "uploadContent: /nowhere/cat.png cannot be read");
    let Error::File(file) = &missing else { panic!("{missing}") };
    assert_eq!(file.io().kind(), io::ErrorKind::NotFound);
    assert!(!missing.may_have_been_sent());
    // A device might never end.
    let device = refused(Path::new("/dev/null").into()).await;
    assert_eq!(device.to_string(), "uploadContent: /dev/null cannot be read");
    assert_eq!(server.seen().len(), 0);

    for (body, cause) in [
        (UploadBody::reader(Pieces(vec![b"0123"], true)).length(9), "the disk is on fire"),
        (UploadBody::reader(Pieces(vec![b"0123"], true)), "the disk is on fire"),
        (UploadBody::reader(&b"0123"[..]).length(9), "it is shorter than it was to be"),
    ] {
        let error = refused(body).await;
        assert_eq!(error.to_string(), "uploadContent: what was to be sent cannot be read");
        assert_eq!(std::error::Error::source(&error).unwrap().to_string(), cause);
        assert!(error.may_have_been_sent());
        assert_eq!((error.kind(), error.attempts().len()), (ErrorKind::File, 1));
    }
    assert_eq!(server.lines(), [CONFIG]);
}

#[tokio::test]
async fn what_is_too_large_is_not_sent() {
    let server = Server::start([config(9)]).await;
    let client = client(&server.url).await;
    for (body, sent) in [
        (UploadBody::from(b"0123456789".to_vec()), false),
        (UploadBody::reader(&b"0123456789"[..]).length(10), false),
        // Only when it has come so far is it known.
        (UploadBody::reader(&b"0123456789"[..]), true),
    ] {
        let error = client.media().upload(body).await.unwrap_err();
        let Error::Limit(limit) = &error else { panic!("{error}") };
        assert_eq!((limit.limit(), limit.most()), (Limit::UploadBytes, 9));
        assert_eq!(error.to_string(), "uploadContent: the file is larger than the 9 bytes that the server takes");
        assert_eq!(error.may_have_been_sent(), sent);
    }
    assert_eq!(server.lines(), [CONFIG]);
    assert_eq!(client.media().upload_limit().await.unwrap(), Some(9));
}

#[tokio::test]
async fn a_server_that_does_not_tell_its_limit() {
    for answer in [json(200, "{}"), json(200, r#"{"m.upload.size":-1}"#), json(403, "{}"), with(200, &[], "<html>")] {
        let once = builder("http://127.0.0.1:1").retry(matrix_api::RetryPolicy::none());
        let server = Server::start([answer, stored()]).await;
        let client = once.base_url(&server.url).build().await.unwrap();
        client.media().upload(b"x".to_vec()).await.unwrap();
        assert_eq!(server.lines(), [CONFIG, UPLOAD]);
    }
    // An older one is asked as of old.
    let server = Server::start([unrecognized(), versions(), config(3)]).await;
    let client = client(&server.url).await;
    assert_eq!(client.media().upload_limit().await.unwrap(), Some(3));
    assert_eq!(server.lines()[2], "GET /_matrix/media/v3/config HTTP/1.1");
    assert_eq!(client.media().upload(b"four".to_vec()).await.unwrap_err().kind(), ErrorKind::Limit);
}

#[tokio::test]
async fn what_can_be_read_again_is_sent_again() {
    let limited = || json(429, r#"{"errcode":"M_LIMIT_EXCEEDED","retry_after_ms":0}"#);
    let told = Told::default();
    let server = Server::start([config(9), limited(), stored(), limited(), limited()]).await;
    let client = client(&server.url).await;
    client.media().upload(b"abc".to_vec()).on_progress(told.listener()).await.unwrap();
    let seen = server.seen();
    assert_eq!((body(&seen[1]), body(&seen[2])), ("abc", "abc"));
    assert_eq!(told.take(), [(0, Some(3)), (3, Some(3)), (0, Some(3)), (3, Some(3))]);

    let error = client.media().upload(UploadBody::reader(&b"abc"[..]).length(3)).await.unwrap_err();
    assert!(error.is_rate_limited());
    assert_eq!((error.attempts().len(), server.seen().len()), (1, 4));
}

/// An upload is a write: if it may have arrived, it is not repeated.
#[tokio::test]
async fn what_may_have_arrived_is_not_sent_again() {
    let server = Server::start([config(9), Step::Cut(Vec::new()), stored()]).await;
    let client = client(&server.url).await;
    let error = client.media().upload(b"abc".to_vec()).await.unwrap_err();
    let Error::Transport(failed) = &error else { panic!("{error}") };
    assert_eq!((failed.kind(), failed.sent()), (TransportKind::Interrupted, Sent::Maybe));
    assert_eq!(server.seen().len(), 2);
}

/// The caller's decision, too, is nothing that a reader could follow.
#[tokio::test]
async fn a_hook_is_not_asked_about_what_is_spent() {
    let server = Server::start([config(9), json(500, "{}"), json(500, "{}"), stored()]).await;
    let client = builder(&server.url).on_failure(async |_| matrix_api::Again::RetryAfter(Duration::ZERO));
    let client = client.build().await.unwrap();
    assert!(client.media().upload(UploadBody::reader(&b"abc"[..]).length(3)).await.is_err());
    assert_eq!(server.seen().len(), 2);
    client.media().upload(b"abc".to_vec()).await.unwrap();
    assert_eq!(server.seen().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn an_upload_is_waited_for_from_its_last_piece_on() {
    let server = Server::start([config(1 << 20), Step::Silence]).await;
    let client = builder(&server.url).retry(matrix_api::RetryPolicy::none()).build().await.unwrap();
    client.media().upload_limit().await.unwrap();
    let start = tokio::time::Instant::now();
    let error = client.media().upload(vec![b'x'; 640 * 1024]).await.unwrap_err();
    assert!(error.is_timeout(), "{error}");
    // 30 s, and a second for every 64 KiB that may be under way.
    assert_eq!(start.elapsed().as_secs(), 40);
}

/// What came before an attempt is not counted into it.
#[tokio::test(start_paused = true)]
async fn a_file_is_sent_again_after_a_long_wait() {
    let folder = Folder::new("again");
    let path = folder.0.join("file");
    std::fs::write(&path, "abc").unwrap();
    let limited = json(429, r#"{"errcode":"M_LIMIT_EXCEEDED","retry_after_ms":50000}"#);
    let server = Server::start([config(9), limited, stored()]).await;
    let client = client(&server.url).await;
    let start = tokio::time::Instant::now();
    assert_eq!(client.media().upload(&path).await.unwrap(), "mxc://hs/abc");
    assert_eq!((start.elapsed().as_secs(), server.seen().len()), (50, 3));
}

#[tokio::test(start_paused = true)]
async fn the_reader_takes_its_time() {
    let server = Server::start([config(9), stored()]).await;
    let once = builder(&server.url).retry(matrix_api::RetryPolicy::none());
    let client = once.request_timeout(Duration::from_secs(30)).build().await.unwrap();
    let slow = || {
        let (mut feed, reader) = tokio::io::duplex(64);
        tokio::spawn(async move {
            for piece in ["012", "345"] {
                tokio::time::sleep(Duration::from_secs(100)).await;
                feed.write_all(piece.as_bytes()).await.unwrap();
            }
        });
        UploadBody::reader(reader)
    };
    client.media().upload(slow()).await.unwrap();
    assert_eq!(body(&server.seen()[1]), "3\r\n012\r\n3\r\n345\r\n0\r\n\r\n");
    // What has an end by itself still ends: 60 s for the whole of what is so short.
    let start = tokio::time::Instant::now();
    let error = client.media().upload(slow().length(6)).await.unwrap_err();
    assert!(error.is_timeout(), "{error}");
    assert_eq!(start.elapsed().as_secs(), 60);
}

#[tokio::test(start_paused = true)]
async fn patience_may_have_no_end() {
    let server = Server::start([config(9), stored()]).await;
    let client = builder(&server.url).request_timeout(Duration::MAX).build().await.unwrap();
    client.media().upload(UploadBody::reader(&b"abc"[..])).await.unwrap();
}
