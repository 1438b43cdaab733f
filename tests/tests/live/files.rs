//! Files through the handles, as programs send and fetch them: `media.rs` has the operations below.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use matrix_api::bytes::Bytes;
use matrix_api::client_server::GetOneRoomEvent;
use matrix_api::error::Limit;
use matrix_api::http::{Request, Response};
use matrix_api::{
    Client, Error, ErrorCode, ErrorKind, EventId, Handled, Middleware, Onward, Room, Transfer, UploadBody, json,
};
use matrix_api_tests::live::{Account, Live, unique};
use serde_json::Value;

use crate::media::{bytes, picture, size};
use crate::web;

/// A folder that is gone after the test.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let path = std::env::temp_dir().join(unique("files"));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str, content: &[u8]) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, content).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// What a transfer has told, in order.
#[derive(Clone, Default)]
struct Told(Arc<Mutex<Vec<Transfer>>>);

impl Told {
    fn listener(&self) -> impl Fn(Transfer) + Send + Sync + 'static {
        let told = self.0.clone();
        move |done| told.lock().unwrap().push(done)
    }

    /// It grew, and its last word was all of it.
    fn came_to(&self, total: usize) {
        let told = std::mem::take(&mut *self.0.lock().unwrap());
        let total = total as u64;
        let last = told.last().unwrap();
        assert_eq!((last.bytes, last.total, last.percent()), (total, Some(total), Some(100)));
        assert!(told.is_sorted_by_key(|done| done.bytes) && told.iter().all(|done| done.total == Some(total)));
    }
}

#[tokio::test]
async fn from_memory_from_a_file_and_from_what_can_be_read() {
    let live = Live::new("files::from_memory_from_a_file_and_from_what_can_be_read");
    let client = live.login(Account::Alice).await;
    let (media, folder, told) = (client.media(), Folder::new(), Told::default());
    let path = folder.file("all bytes.bin", &bytes());
    let reader = || UploadBody::reader(std::io::Cursor::new(bytes()));
    for (body, name) in [
        (UploadBody::from(bytes()), None),
        (UploadBody::from(&path), Some("all bytes.bin")),
        (reader().length(bytes().len() as u64), None),
    ] {
        let uri = media.upload(body).on_progress(told.listener()).await.unwrap();
        told.came_to(bytes().len());
        let mut stream = media.download(&uri).on_progress(told.listener()).await.unwrap();
        assert_eq!((stream.length(), stream.content_type()), (Some(100_000), Some("application/octet-stream")));
        assert_eq!(stream.file_name().as_deref(), name);
        let mut all = Vec::new();
        while let Some(piece) = stream.next().await {
            all.extend_from_slice(&piece.unwrap());
        }
        told.came_to(bytes().len());
        assert_eq!(all, bytes());
    }
    // From one server to a file, from there to memory.
    let uri = media.upload(&path).file_name("other.png").content_type("image/png").await.unwrap();
    let copy = folder.0.join("copy");
    let saved = media.download(&uri).on_progress(told.listener()).save(&copy).await.unwrap();
    told.came_to(bytes().len());
    assert_eq!((saved.length, saved.content_type.as_deref()), (100_000, Some("image/png")));
    assert_eq!(saved.file_name.as_deref(), Some("other.png"));
    assert_eq!(std::fs::read(&copy).unwrap(), bytes());
    assert_eq!(media.download(&uri).bytes().await.unwrap().bytes, bytes());

    // What has no length is nothing that Synapse takes, and what is there twice is there twice.
    let error = media.upload(reader()).await.unwrap_err();
    assert_eq!((error.kind(), error.status().unwrap().as_u16()), (ErrorKind::Api, 400), "{error}");
    let again = media.upload(media.download(&uri).bytes().await.unwrap().bytes).await.unwrap();
    assert_ne!(again, uri);
}

#[tokio::test]
async fn first_the_address_and_then_the_file() {
    let live = Live::new("files::first_the_address_and_then_the_file");
    let client = live.login(Account::Alice).await;
    let media = client.media();
    let place = media.create().await.unwrap().content_uri;
    let early = media.download(&place).wait(Duration::ZERO).bytes().await.unwrap_err();
    assert_eq!((early.errcode(), early.attempts().len()), (Some(&ErrorCode::NotYetUploaded), 1));

    // Somebody waits for it already.
    let waiting = media.download(&place).wait(Duration::from_secs(45)).bytes();
    let upload = media.upload(bytes()).at(&place).file_name("late.bin").content_type("application/x-late");
    let (came, sent) = tokio::join!(waiting, upload.into_future());
    assert_eq!(sent.unwrap(), place);
    let came = came.unwrap();
    assert_eq!((came.bytes, came.content_type.as_deref()), (bytes().into(), Some("application/x-late")));
    assert_eq!(came.file_name.as_deref(), Some("late.bin"));
    let twice = media.upload(bytes()).at(&place).await.unwrap_err();
    assert_eq!(twice.errcode(), Some(&ErrorCode::CannotOverwriteMedia));
}

#[tokio::test]
async fn no_more_than_is_wanted() {
    let live = Live::new("files::no_more_than_is_wanted");
    let client = live.login(Account::Alice).await;
    let (media, folder) = (client.media(), Folder::new());
    let uri = media.upload(bytes()).await.unwrap();
    let limit = |error: Error| match &error {
        Error::Limit(limit) => (limit.limit(), limit.most(), error.may_have_been_sent()),
        _ => panic!("{error}"),
    };
    let error = media.download(&uri).limit(99_999).bytes().await.unwrap_err();
    assert_eq!(limit(error), (Limit::BodyBytes, 99_999, true));
    let error = media.download(&uri).limit(99_999).save(folder.0.join("copy")).await.unwrap_err();
    assert_eq!(limit(error), (Limit::BodyBytes, 99_999, true));
    assert!(std::fs::read_dir(&folder.0).unwrap().next().is_none());
    assert_eq!(media.download(&uri).limit(100_000).bytes().await.unwrap().bytes.len(), 100_000);

    let most = media.upload_limit().await.unwrap().unwrap();
    let large = folder.file("large", b"");
    std::fs::File::options().write(true).open(&large).unwrap().set_len(most + 1).unwrap();
    assert_eq!(limit(media.upload(&large).await.unwrap_err()), (Limit::UploadBytes, most, false));
    let reader = UploadBody::reader(tokio::io::repeat(0)).length(most + 1);
    assert_eq!(limit(media.upload(reader).await.unwrap_err()), (Limit::UploadBytes, most, false));
}

/// The content of an event as the server has it.
async fn content(client: &Client, room: &Room, event: EventId) -> Value {
    let event = client.send(GetOneRoomEvent::new(room.id(), event)).await.unwrap().event;
    event.field("content").unwrap().unwrap()
}

#[tokio::test]
async fn into_rooms() {
    let live = Live::new("files::into_rooms");
    let (alice, bob) = (live.new_user().await, live.new_user().await);
    let id = live.shared_room(&alice, &bob).await;
    let (room, folder, told) = (alice.room(&id), Folder::new(), Told::default());
    let dot = folder.file("dot.png", &picture());
    let [song, film] = [folder.file("la.ogg", b"la la"), folder.file("film.mp4", &bytes())];
    let length = picture().len();

    let file = room.send_file(bytes()).file_name("a.txt").on_progress(told.listener()).await.unwrap();
    told.came_to(100_000);
    let audio = room.send_audio(&song).caption("La la").duration(Duration::from_millis(1500)).await.unwrap();
    let video = room.send_video(&film).dimensions(640, 480).duration(Duration::from_secs(2));
    let video = video.thumbnail(&dot, "image/png", 64, 64).await.unwrap();
    let reader = UploadBody::reader(std::io::Cursor::new(picture())).length(length as u64);
    let image = room.send_image(reader).file_name("dot.png").dimensions(64, 64).await.unwrap();

    let plain = |content_type: &str, size: usize| json!({"mimetype": content_type, "size": size});
    let with = |mut info: Value, more: Value| {
        info.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        info
    };
    let small = with(plain("image/png", length), json!({"w": 64, "h": 64}));
    let rows = [
        (file, "m.file", "a.txt", "a.txt", plain("text/plain", 100_000), bytes()),
        (
            audio,
            "m.audio",
            "La la",
            "la.ogg",
            with(plain("audio/ogg", 5), json!({"duration": 1500})),
            b"la la".to_vec(),
        ),
        (
            video,
            "m.video",
            "film.mp4",
            "film.mp4",
            with(plain("video/mp4", 100_000), json!({"w": 640, "h": 480, "duration": 2000, "thumbnail_info": small})),
            bytes(),
        ),
        (image, "m.image", "dot.png", "dot.png", small.clone(), picture()),
    ];
    for (event, kind, body, name, info, sent) in rows {
        let mut content = content(&bob, &room, event).await;
        let url = content["url"].as_str().unwrap().to_owned();
        let came = bob.media().download(url.as_str()).bytes().await.unwrap();
        assert_eq!((came.bytes, came.file_name.as_deref()), (Bytes::from(sent), Some(name)));
        if let Some(Value::String(url)) = content["info"].as_object_mut().unwrap().remove("thumbnail_url") {
            assert_eq!(kind, "m.video");
            assert_eq!(bob.media().download(url).bytes().await.unwrap().bytes, picture());
        }
        let expected = json!({"msgtype": kind, "body": body, "filename": name, "url": url, "info": info});
        assert_eq!(content, expected);
    }
}

#[tokio::test]
async fn small_pictures_and_pages() {
    let live = Live::new("files::small_pictures_and_pages");
    let client = live.login(Account::Alice).await;
    let media = client.media();
    let uri = media.upload(picture()).file_name("dot.png").await.unwrap();
    let scaled = media.thumbnail(&uri, 20, 10).bytes().await.unwrap();
    assert_eq!((size(&scaled.bytes), scaled.content_type.as_deref()), ((10, 10), Some("image/png")));
    let cropped = media.thumbnail(&uri, 16, 8).crop().animated(false).bytes().await.unwrap();
    assert_eq!(size(&cropped.bytes), (16, 8));

    let page = "<html><head><meta property='og:title' content='Cats'></head><body>Miaow</body></html>";
    let site = web::serve(vec![("/pets", "text/html; charset=utf-8", page.as_bytes().to_vec())]);
    let preview = media.preview(format!("{site}/pets")).await.unwrap();
    assert_eq!(preview.extra.get("og:title"), Some(&json!("Cats")));
    assert_eq!(media.preview(format!("{site}/nothing")).await.unwrap_err().status().unwrap().as_u16(), 502);
}

/// Makes a server of before Matrix 1.11 of it.
struct Older;

impl Middleware for Older {
    fn handle<'a>(&'a self, request: Request<Bytes>, next: Onward<'a>) -> Handled<'a> {
        if request.uri().path().starts_with("/_matrix/client/v1/media/") {
            let mut answer = Response::new(Bytes::from_static(br#"{"errcode":"M_UNRECOGNIZED"}"#));
            *answer.status_mut() = matrix_api::http::StatusCode::NOT_FOUND;
            return Box::pin(async { Ok(answer) });
        }
        next.run(request)
    }
}

#[tokio::test]
async fn as_of_old() {
    let live = Live::new("files::as_of_old");
    let session = live.login(Account::Alice).await.session().unwrap();
    let client = live.builder().session(session).middleware(Older).build().await.unwrap();
    let media = client.media();
    assert_eq!(media.upload_limit().await.unwrap(), Some(50 * 1024 * 1024));
    let uri = media.upload(picture()).file_name("dot.png").await.unwrap();
    assert_eq!(media.download(&uri).bytes().await.unwrap().bytes, picture());
    assert_eq!(size(&media.thumbnail(&uri, 32, 32).crop().bytes().await.unwrap().bytes), (32, 32));
    let site = web::serve(vec![("/pets", "text/html", b"<title>Cats</title>".to_vec())]);
    assert_eq!(media.preview(format!("{site}/pets")).await.unwrap().extra.get("og:title"), Some(&json!("Cats")));
}
