use std::{error::Error as _, time::Duration};

use matrix_api::{
    Client, Error, ErrorCode, ErrorKind, Handled, Middleware, Onward, RetryPolicy,
    bytes::Bytes,
    error::{Limit, TransportKind},
    http::{Request, Response},
};
use tokio::io::AsyncReadExt as _;

use super::{Folder, Told, unrecognized, versions};
use crate::{
    calls::{builder, client},
    server::{Server, Step, header, json, with},
};

const URI: &str = "mxc://media.example.org:8448/abc";
const LINE: &str = "GET /_matrix/client/v1/media/download/media.example.org%3A8448/abc HTTP/1.1";

fn file(body: &str) -> Step {
    let name = ("Content-Disposition", "attachment; filename=\"../b.png\"");
    with(200, &[("Content-Type", "image/png"), name], body)
}

fn chunked(body: &str) -> Step {
    let text = format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n0\r\n\r\n", body.len());
    Step::Answer(text.into_bytes())
}

/// Says ten, has five.
fn cut() -> Step {
    Step::Cut(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n01234".to_vec())
}

async fn once(url: &str) -> Client {
    builder(url).retry(RetryPolicy::none()).build().await.unwrap()
}

fn broken(error: &Error) {
    let Error::Transport(failed) = error else { panic!("{error}") };
    assert_eq!(failed.kind(), TransportKind::Interrupted);
    assert!(error.request_was_accepted());
}

fn limited(error: &Error, most: u64) {
    let Error::Limit(limit) = error else { panic!("{error}") };
    assert_eq!((limit.limit(), limit.most()), (Limit::BodyBytes, most));
}

#[tokio::test]
async fn a_stream_and_what_is_known_of_it() {
    let server = Server::start([file("0123456789"), chunked("0123456789"), file("")]).await;
    let client = client(&server.url).await;
    let told = Told::default();
    let mut stream = client.media().download(URI).on_progress(told.listener()).await.unwrap();
    assert_eq!((stream.content_type(), stream.length()), (Some("image/png"), Some(10)));
    assert_eq!(stream.file_name().as_deref(), Some("b.png"));
    let mut all = Vec::new();
    while let Some(piece) = stream.next().await {
        all.extend_from_slice(&piece.unwrap());
    }
    assert_eq!(all, b"0123456789");
    assert!(stream.next().await.is_none());
    assert_eq!(told.take().last(), Some(&(10, Some(10))));
    let request = &server.seen()[0];
    assert_eq!(request.lines().next().unwrap(), LINE);
    assert_eq!(header(request, "authorization").as_deref(), Some("Bearer token-canary"));

    // Of unknown length, read like a file, in small parts.
    let mut stream = client.media().download(URI).on_progress(told.listener()).await.unwrap();
    assert_eq!(stream.length(), None);
    let mut three = [0; 3];
    stream.read_exact(&mut three).await.unwrap();
    let mut rest = String::new();
    stream.read_to_string(&mut rest).await.unwrap();
    assert_eq!((&three, &*rest), (b"012", "3456789"));
    assert_eq!(told.take(), [(10, None), (10, Some(10))]);

    let empty = client.media().download(URI).on_progress(told.listener()).bytes().await.unwrap();
    assert_eq!((empty.bytes.len(), told.take()), (0, vec![(0, Some(0))]));
}

#[tokio::test]
async fn no_more_than_was_wanted() {
    let announced = || Step::Cut(b"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n".to_vec());
    let server = Server::start([announced(), chunked("0123456789"), chunked("0123456789a"), announced()]).await;
    let client = builder(&server.url).media_limit(10).build().await.unwrap();
    let download = || client.media().download(URI);
    limited(&download().await.unwrap_err(), 10);
    assert_eq!(download().bytes().await.unwrap().bytes, "0123456789");
    let mut stream = download().await.unwrap();
    limited(&stream.next().await.unwrap().unwrap_err(), 10);
    assert!(stream.next().await.is_none());
    limited(&download().limit(3).bytes().await.unwrap_err(), 3);
    // None of it is tried again.
    assert_eq!(server.seen().len(), 4);
}

#[tokio::test]
async fn what_breaks_off_is_an_error() {
    let server = Server::start([cut(), cut(), cut()]).await;
    let client = once(&server.url).await;
    let told = Told::default();
    let mut stream = client.media().download(URI).on_progress(told.listener()).await.unwrap();
    assert_eq!(stream.next().await.unwrap().unwrap(), "01234");
    broken(&stream.next().await.unwrap().unwrap_err());
    assert!(stream.next().await.is_none());
    assert_eq!(told.take(), [(5, Some(10))]);
    let mut stream = client.media().download(URI).await.unwrap();
    let error = stream.read_to_end(&mut Vec::new()).await.unwrap_err();
    broken(error.get_ref().unwrap().downcast_ref::<Error>().unwrap());
    broken(&client.media().download(URI).bytes().await.unwrap_err());
    assert_eq!(server.seen().len(), 3);
}

#[tokio::test]
async fn a_whole_file_is_fetched_again() {
    let server = Server::start([cut(), cut(), file("0123456789"), cut(), cut(), cut(), cut(), cut(), cut()]).await;
    let client = client(&server.url).await;
    assert_eq!(client.media().download(URI).bytes().await.unwrap().bytes, "0123456789");
    assert_eq!(server.lines(), [LINE; 3]);
    // As often as any call.
    broken(&client.media().download(URI).bytes().await.unwrap_err());
    assert_eq!(server.seen().len(), 3 + 5);
}

/// More than was announced is not of this answer.
#[tokio::test]
async fn a_length_that_is_too_small_is_the_length() {
    let more = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n0123456789".to_vec();
    let server = Server::start([Step::Cut(more)]).await;
    assert_eq!(once(&server.url).await.media().download(URI).bytes().await.unwrap().bytes, "01234");
}

#[tokio::test]
async fn a_file_is_replaced_as_a_whole() {
    let folder = Folder::new("down");
    let path = folder.0.join("cat.png");
    let server = Server::start([cut(), file("0123456789"), cut(), json(404, r#"{"errcode":"M_NOT_FOUND"}"#)]).await;
    let saved = client(&server.url).await.media().download(URI).save(&path).await.unwrap();
    assert_eq!((saved.length, saved.content_type.as_deref()), (10, Some("image/png")));
    assert_eq!(saved.file_name.as_deref(), Some("b.png"));
    assert_eq!(std::fs::read(&path).unwrap(), b"0123456789");

    let client = once(&server.url).await;
    broken(&client.media().download(URI).save(&path).await.unwrap_err());
    assert!(client.media().download(URI).save(&path).await.unwrap_err().is_not_found());
    assert_eq!(std::fs::read(&path).unwrap(), b"0123456789");
    assert_eq!(folder.names(), ["cat.png"]);

    let server = Server::start([file("0"), file("0")]).await;
    let client = once(&server.url).await;
    for path in [folder.0.join("no/cat.png"), "/".into()] {
        let error = client.media().download(URI).save(&path).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::File);
        assert_eq!(error.to_string(), format!("getContentAuthed: {} cannot be written", path.display()));
        assert!(error.source().is_some());
    }
}

#[tokio::test]
async fn given_up_it_leaves_nothing() {
    let folder = Folder::new("dropped");
    let half = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n01234".to_vec();
    let server = Server::start([Step::Answer(half)]).await;
    let client = once(&server.url).await;
    let told = Told::default();
    let begun = told.clone();
    let (path, uri) = (folder.0.join("cat.png"), URI);
    let saving =
        tokio::spawn(async move { client.media().download(uri).on_progress(begun.listener()).save(path).await });
    while told.0.lock().unwrap().is_empty() {
        tokio::task::yield_now().await;
    }
    saving.abort();
    assert!(saving.await.unwrap_err().is_cancelled());
    assert_eq!(folder.names(), [""; 0]);
}

#[tokio::test]
async fn a_redirect_is_followed_at_home_and_nowhere_else_without_tls() {
    let to = |place: &str| with(307, &[("Location", place)], "");
    let other = Server::start([file("x")]).await;
    let server = Server::start([to("/there"), file("0123"), to(&format!("{}/away", other.url))]).await;
    let client = client(&server.url).await;
    assert_eq!(client.media().download(URI).bytes().await.unwrap().bytes, "0123");
    assert_eq!(server.lines(), [LINE, "GET /there HTTP/1.1"]);
    let error = client.media().download(URI).await.unwrap_err();
    assert!(matches!(&error, Error::Transport(failed) if failed.kind() == TransportKind::Redirect), "{error}");
    assert_eq!((server.seen().len(), other.seen().len()), (3, 0));
}

#[tokio::test]
async fn a_small_picture() {
    let server = Server::start([file("png"), file("png"), unrecognized(), versions(), file("png")]).await;
    let client = client(&server.url).await;
    let plain = client.media().thumbnail(URI, 320, 240).bytes().await.unwrap();
    assert_eq!((&*plain.bytes, plain.content_type.as_deref()), (&b"png"[..], Some("image/png")));
    let all = || client.media().thumbnail(URI, 32, 32).crop().animated(false).wait(Duration::from_secs(1));
    all().bytes().await.unwrap();
    all().bytes().await.unwrap();
    let lines = server.lines();
    let place = "thumbnail/media.example.org%3A8448/abc";
    let query = "width=32&height=32&method=crop&timeout_ms=1000&animated=false";
    assert_eq!(lines[0], format!("GET /_matrix/client/v1/media/{place}?width=320&height=240 HTTP/1.1"));
    assert_eq!(lines[1], format!("GET /_matrix/client/v1/media/{place}?{query} HTTP/1.1"));
    assert_eq!(lines[4], format!("GET /_matrix/media/v3/{place}?{query} HTTP/1.1"));
    assert_eq!(header(&server.seen()[4], "authorization"), None);
}

#[tokio::test(start_paused = true)]
async fn a_piece_may_take_so_long_and_the_reader_as_long_as_it_likes() {
    let head = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n01234".to_vec();
    let halves = |seconds| Step::Halves(head.clone(), Duration::from_secs(seconds), b"56789".to_vec());
    let server = Server::start([halves(19), halves(21), file("0123456789")]).await;
    let client = once(&server.url).await;
    assert_eq!(client.media().download(URI).bytes().await.unwrap().bytes, "0123456789");
    let error = client.media().download(URI).bytes().await.unwrap_err();
    assert!(error.is_timeout() && error.request_was_accepted(), "{error}");

    let mut stream = client.media().download(URI).await.unwrap();
    tokio::time::sleep(Duration::from_secs(3600)).await;
    assert_eq!(stream.next().await.unwrap().unwrap(), "0123456789");
    assert!(stream.next().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn the_server_may_wait_for_a_file_as_long_as_it_is_asked_to() {
    let late = |seconds, status| {
        let body = r#"{"errcode":"M_NOT_YET_UPLOADED"}"#;
        let Step::Answer(bytes) = json(status, body) else { unreachable!() };
        Step::Later(Duration::from_secs(seconds), bytes)
    };
    let server = Server::start([late(89, 200), late(60, 504), late(91, 200)]).await;
    let client = once(&server.url).await;
    let patient = builder(&server.url).build().await.unwrap();
    let download = |client: &Client| client.media().download(URI).wait(Duration::from_secs(60));
    // 30 s for the call itself, and a minute for what it waits for.
    download(&client).bytes().await.unwrap();
    assert_eq!(server.lines(), [LINE.replace(" HTTP", "?timeout_ms=60000 HTTP")]);
    let error = download(&patient).bytes().await.unwrap_err();
    assert_eq!((error.errcode(), error.attempts().len()), (Some(&ErrorCode::NotYetUploaded), 1));
    assert!(download(&client).bytes().await.unwrap_err().is_timeout());
    assert_eq!(server.seen().len(), 3);
}

#[tokio::test]
async fn a_name_may_be_as_long_as_names_can_be() {
    let folder = Folder::new("long");
    let path = folder.0.join("n".repeat(255));
    let server = Server::start([file("0123456789")]).await;
    once(&server.url).await.media().download(URI).save(&path).await.unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), b"0123456789");
    assert_eq!(folder.names(), ["n".repeat(255)]);
}

#[tokio::test]
async fn no_address_is_no_request() {
    let server = Server::start([]).await;
    let client = client(&server.url).await;
    for uri in ["", "https://hs/a", "mxc://hs", "mxc://hs/a/../b"] {
        assert_eq!(client.media().download(uri).await.unwrap_err().kind(), ErrorKind::Encode, "{uri}");
        assert_eq!(client.media().thumbnail(uri, 1, 1).bytes().await.unwrap_err().kind(), ErrorKind::Encode, "{uri}");
    }
    assert_eq!(server.seen().len(), 0);
}

/// Has the file itself, or looks on.
struct Shelf(Option<&'static str>);

impl Middleware for Shelf {
    fn handle<'a>(&'a self, request: Request<Bytes>, next: Onward<'a>) -> Handled<'a> {
        Box::pin(async move {
            match self.0 {
                Some(text) => Ok(Response::new(text.into())),
                None => {
                    let answer = next.run(request).await?;
                    assert!(answer.body().is_empty() && answer.status().is_success());
                    Ok(answer)
                }
            }
        })
    }
}

#[tokio::test]
async fn a_file_passes_middleware_by_unless_it_has_one() {
    let server = Server::start([file("0123456789")]).await;
    for (shelf, expected) in [(None, "0123456789"), (Some("its own"), "its own")] {
        let client = builder(&server.url).middleware(Shelf(shelf)).build().await.unwrap();
        assert_eq!(client.media().download(URI).bytes().await.unwrap().bytes, expected);
    }
    let client = builder(&server.url).middleware(Shelf(Some("too long"))).media_limit(7).build().await.unwrap();
    limited(&client.media().download(URI).bytes().await.unwrap_err(), 7);
    assert_eq!(server.seen().len(), 1);
}
