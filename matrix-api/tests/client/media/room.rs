//! Files that go into rooms.

use std::time::Duration;

use matrix_api::{Client, ErrorKind, Room, UploadBody, json};
use serde_json::Value;

use super::config;
use crate::{
    calls::client,
    server::{Server, Step, body, header, json as answer},
};

const ENCRYPTION: &str = "GET /_matrix/client/v3/rooms/%21r%3Ahs/state/m.room.encryption/ HTTP/1.1";

fn plain() -> Step {
    answer(404, r#"{"errcode":"M_NOT_FOUND"}"#)
}

fn stored(id: &str) -> Step {
    answer(200, &format!(r#"{{"content_uri":"mxc://hs/{id}"}}"#))
}

fn sent() -> Step {
    answer(200, r#"{"event_id":"$e"}"#)
}

fn room(client: &Client) -> Room {
    client.room("!r:hs")
}

/// The content of the event that the last request has sent.
fn content(server: &Server) -> Value {
    let seen = server.seen();
    let last = seen.last().unwrap();
    assert!(last.starts_with("PUT /_matrix/client/v3/rooms/%21r%3Ahs/send/m.room.message/"), "{last}");
    serde_json::from_str(body(last)).unwrap()
}

#[tokio::test]
async fn a_file_and_what_is_known_of_it() {
    let server = Server::start([plain(), config(99), stored("a"), sent(), stored("b"), sent()]).await;
    let client = client(&server.url).await;
    let event = room(&client).send_file(b"hello".to_vec()).file_name("a.txt").txn_id("t1").await.unwrap();
    assert_eq!(event, "$e");
    let lines = server.lines();
    assert_eq!(lines[0], ENCRYPTION);
    assert_eq!(lines[2], "POST /_matrix/media/v3/upload?filename=a.txt HTTP/1.1");
    assert_eq!(lines[3], "PUT /_matrix/client/v3/rooms/%21r%3Ahs/send/m.room.message/t1 HTTP/1.1");
    let info = json!({"mimetype": "text/plain", "size": 5});
    let plain = json!({"msgtype": "m.file", "body": "a.txt", "filename": "a.txt", "url": "mxc://hs/a", "info": info});
    assert_eq!(content(&server), plain);

    // Nameless, and of unknown length.
    let audio = room(&client).send_audio(UploadBody::reader(&b"la"[..])).caption("La la").content_type("audio/x-la");
    audio.duration(Duration::from_millis(1500)).await.unwrap();
    let info = json!({"mimetype": "audio/x-la", "duration": 1500});
    let song = json!({"msgtype": "m.audio", "body": "La la", "filename": "audio", "url": "mxc://hs/b", "info": info});
    assert_eq!(content(&server), song);
}

#[tokio::test]
async fn a_film_with_a_picture_of_it() {
    let server = Server::start([plain(), config(99), stored("small"), stored("film"), sent()]).await;
    let client = client(&server.url).await;
    let film = room(&client).send_video(b"film".to_vec()).file_name("a.mp4").dimensions(640, 480);
    film.thumbnail(b"png".to_vec(), "image/png", 64, 48).await.unwrap();
    let seen = server.seen();
    assert_eq!((header(&seen[2], "content-type").as_deref(), body(&seen[2])), (Some("image/png"), "png"));
    assert_eq!((header(&seen[3], "content-type").as_deref(), body(&seen[3])), (Some("video/mp4"), "film"));
    let info = json!({
        "mimetype": "video/mp4", "size": 4, "w": 640, "h": 480,
        "thumbnail_url": "mxc://hs/small",
        "thumbnail_info": {"mimetype": "image/png", "size": 3, "w": 64, "h": 48},
    });
    assert_eq!(content(&server)["info"], info);
    assert_eq!(content(&server)["msgtype"], "m.video");
}

#[tokio::test]
async fn nothing_goes_up_for_an_encrypted_room() {
    let encrypted = answer(200, r#"{"algorithm":"m.megolm.v1.aes-sha2"}"#);
    let server = Server::start([encrypted, config(99), stored("a"), sent()]).await;
    let client = client(&server.url).await;
    let error = room(&client).send_image(b"secret".to_vec()).await.unwrap_err();
    assert_eq!((error.kind(), server.lines()), (ErrorKind::Encrypted, vec![ENCRYPTION.to_owned()]));
    room(&client).send_image(b"public".to_vec()).allow_plaintext().await.unwrap();
    assert_eq!(content(&server)["msgtype"], "m.image");
    // What is no picture is sent as it was called.
    assert_eq!(content(&server)["info"], json!({"mimetype": "application/octet-stream", "size": 6}));
}

#[cfg(unix)]
#[tokio::test]
async fn a_pipe_is_no_file() {
    let folder = super::Folder::new("pipe");
    let path = folder.0.join("cat.png");
    assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
    let server = Server::start([plain(), plain(), config(99), stored("a")]).await;
    let client = client(&server.url).await;
    let both = async {
        let image = room(&client).send_image(&path).await.unwrap_err();
        let small = room(&client).send_image(b"x".to_vec()).thumbnail(&path, "image/png", 1, 1).await.unwrap_err();
        (image, small)
    };
    let done = tokio::time::timeout(Duration::from_secs(10), both).await;
    // Whoever waits for the pipe waits no longer.
    drop(std::fs::File::options().read(true).write(true).open(&path).unwrap());
    let (image, small) = done.unwrap();
    for error in [image, small] {
        assert_eq!(error.to_string(), format!("uploadContent: {} cannot be read", path.display()));
    }
    assert_eq!(server.lines(), [ENCRYPTION]);
}

#[cfg(feature = "image")]
#[tokio::test]
async fn a_large_picture_gets_a_small_one() {
    use std::io::Cursor;

    let folder = super::Folder::new("room");
    let picture = |width, height| {
        let mut bytes = Cursor::new(Vec::new());
        image::RgbImage::new(width, height).write_to(&mut bytes, image::ImageFormat::Png).unwrap();
        bytes.into_inner()
    };
    // Called otherwise than it is.
    let path = folder.0.join("large.jpg");
    std::fs::write(&path, picture(1600, 400)).unwrap();
    let script = [plain(), config(99_999), stored("small"), stored("large"), sent(), stored("tiny"), sent()];
    let server = Server::start(script).await;
    let client = client(&server.url).await;
    room(&client).send_image(&path).await.unwrap();
    let seen = server.seen();
    assert_eq!(header(&seen[2], "content-type").as_deref(), Some("image/jpeg"));
    assert_eq!(header(&seen[3], "content-type").as_deref(), Some("image/png"));
    let info = &content(&server)["info"];
    assert_eq!((&info["mimetype"], &info["w"], &info["h"]), (&json!("image/png"), &json!(1600), &json!(400)));
    assert_eq!(info["thumbnail_url"], "mxc://hs/small");
    let small = &info["thumbnail_info"];
    assert_eq!((&small["mimetype"], &small["w"], &small["h"]), (&json!("image/jpeg"), &json!(800), &json!(200)));

    room(&client).send_image(picture(800, 600)).file_name("a.png").await.unwrap();
    let info = &content(&server)["info"];
    assert_eq!((&info["w"], &info["h"], &info["thumbnail_url"]), (&json!(800), &json!(600), &Value::Null));
}
