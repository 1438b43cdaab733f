//! Files, up and down.
#![allow(deprecated, reason = "the old ways still have to work")]

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use matrix_api::client_server::get_content_thumbnail_authed::{ContentType, ThumbnailMethod};
use matrix_api::client_server::{
    CreateContent, GetConfig, GetConfigAuthed, GetContent, GetContentAuthed, GetContentOverrideName,
    GetContentOverrideNameAuthed, GetContentThumbnail, GetContentThumbnailAuthed, GetUrlPreview, GetUrlPreviewAuthed,
    UploadContent, UploadContentToMxc,
};
use matrix_api::{Client, ErrorCode, MxcUri, RetryPolicy, ServerName, Session, UnixMillis, json};
use matrix_api_tests::live::{Account, Live};

use crate::web;

/// A picture of 64 by 64 points, all of one colour.
const PICTURE: &str = "iVBORw0KGgoAAAANSUhEUgAAAEAAAABACAIAAAAlC+aJAAAAT0lEQVR42u3PQQkAAAgEsEtiEvtjLCP4FgYrsEz1axEQEBAQEB\
    AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQuCyROiEPuUV3nwAAAABJRU5ErkJggg";

pub(crate) fn picture() -> Vec<u8> {
    STANDARD_NO_PAD.decode(PICTURE).unwrap()
}

/// Width and height, from where every PNG has them.
pub(crate) fn size(png: &[u8]) -> (u32, u32) {
    let number = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().unwrap());
    assert!(png.starts_with(b"\x89PNG\r\n\x1a\n"));
    (number(16), number(20))
}

/// Every byte there is, many times over: nothing on the way may take them for text.
pub(crate) fn bytes() -> Vec<u8> {
    (0..=255).cycle().take(100_000).collect()
}

fn parts(uri: &MxcUri) -> (ServerName, String) {
    let (server, media) = uri.parts().unwrap();
    (server.into(), media.to_owned())
}

async fn upload(client: &Client, content_type: &str, name: &str, bytes: Vec<u8>) -> (ServerName, String) {
    let upload = UploadContent::new(bytes).content_type(content_type).filename(name);
    parts(&client.send(upload).await.unwrap().content_uri)
}

#[tokio::test]
async fn up_and_down() {
    let live = Live::new("media::up_and_down");
    let client = live.login(Account::Alice).await;
    let (server, media) = upload(&client, "application/x-test", "grüne \"Bytes\".bin", bytes()).await;
    assert_eq!(server, live.server_name().as_str());

    let down = client.send(GetContentAuthed::new(&server, &media).timeout_ms(5000)).await.unwrap();
    assert_eq!(down.bytes, bytes());
    assert_eq!(down.content_type.as_deref(), Some("application/x-test"));
    let disposition = down.content_disposition.unwrap();
    assert_eq!(disposition, "attachment; filename*=utf-8''gr%C3%BCne%20%22Bytes%22.bin");

    let named = client.send(GetContentOverrideNameAuthed::new(&server, &media, "other.bin")).await.unwrap();
    assert_eq!(named.bytes, bytes());
    assert_eq!(named.content_disposition.as_deref(), Some("attachment; filename=other.bin"));
    let spaced = client.send(GetContentOverrideNameAuthed::new(&server, &media, "a b/ä?.bin")).await.unwrap();
    assert_eq!(spaced.content_disposition.as_deref(), Some("attachment; filename*=utf-8''a%20b/%C3%A4%3F.bin"));

    let missing = client.send(GetContentAuthed::new(&server, "nothing")).await.unwrap_err();
    assert_eq!(missing.errcode(), Some(&ErrorCode::NotFound));
}

#[tokio::test]
async fn empty_and_unnamed() {
    let live = Live::new("media::empty_and_unnamed");
    let client = live.login(Account::Alice).await;
    let uri = client.send(UploadContent::new(vec![])).await.unwrap().content_uri;
    let (server, media) = parts(&uri);
    let down = client.send(GetContentAuthed::new(server, media)).await.unwrap();
    assert!(down.bytes.is_empty());
    assert_eq!(down.content_type.as_deref(), Some("application/octet-stream"));
}

#[tokio::test]
async fn first_the_id() {
    let live = Live::new("media::first_the_id");
    let client = live.login(Account::Alice).await;
    let created = client.send(CreateContent::new()).await.unwrap();
    assert!(created.unused_expires_at.unwrap() > UnixMillis::now());
    let (server, media) = parts(&created.content_uri);

    // The same login, without patience for what is not there yet.
    let session: Session = client.session().unwrap();
    let impatient = live.builder().session(session).retry(RetryPolicy::none()).build().await.unwrap();
    let early = impatient.send(GetContentAuthed::new(&server, &media).timeout_ms(0)).await.unwrap_err();
    assert_eq!((early.status().unwrap().as_u16(), early.errcode()), (504, Some(&ErrorCode::NotYetUploaded)));

    let upload = UploadContentToMxc::new(&server, &media, bytes()).content_type("text/plain").filename("late.txt");
    client.send(&upload).await.unwrap();
    let down = client.send(GetContentAuthed::new(&server, &media)).await.unwrap();
    assert_eq!(down.bytes, bytes());
    assert_eq!(down.content_type.as_deref(), Some("text/plain; charset=UTF-8"));
    assert_eq!(down.content_disposition.as_deref(), Some("inline; filename=late.txt"));
    let again = client.send(upload).await.unwrap_err();
    assert_eq!((again.status().unwrap().as_u16(), again.errcode()), (409, Some(&ErrorCode::CannotOverwriteMedia)));
}

#[tokio::test]
async fn thumbnail() {
    let live = Live::new("media::thumbnail");
    let client = live.login(Account::Alice).await;
    let (server, media) = upload(&client, "image/png", "dot.png", picture()).await;
    let small = GetContentThumbnailAuthed::new(&server, &media, 16, 8).method(ThumbnailMethod::Crop);
    let small = client.send(small.animated(false).timeout_ms(5000)).await.unwrap();
    assert_eq!(size(&small.bytes), (16, 8));
    assert_eq!(small.content_type, Some(ContentType::ImagePng));
    assert_eq!(small.content_disposition.as_deref(), Some("inline"));
    let scaled = GetContentThumbnailAuthed::new(&server, &media, 20, 10).method(ThumbnailMethod::Scale);
    assert_eq!(size(&client.send(scaled).await.unwrap().bytes), (10, 10));
}

/// The old ways, which need no login.
#[tokio::test]
async fn without_a_login() {
    let live = Live::new("media::without_a_login");
    let client = live.login(Account::Alice).await;
    let (server, media) = upload(&client, "image/png", "dot.png", picture()).await;
    let anonymous = live.anonymous().await;
    let get = GetContent::new(&server, &media).allow_remote(false).allow_redirect(true).timeout_ms(5000);
    let down = anonymous.send(get).await.unwrap();
    assert_eq!(down.bytes, picture());
    assert_eq!(down.content_type.as_deref(), Some("image/png"));
    assert_eq!(down.content_disposition.as_deref(), Some("inline; filename=dot.png"));
    let named = anonymous.send(GetContentOverrideName::new(&server, &media, "point.png")).await.unwrap();
    assert_eq!(named.bytes, picture());
    assert_eq!(named.content_disposition.as_deref(), Some("inline; filename=point.png"));
    let small = GetContentThumbnail::new(&server, &media, 32, 32).method("crop").allow_redirect(true);
    let small = anonymous.send(small).await.unwrap();
    assert_eq!(size(&small.bytes), (32, 32));
    assert_eq!(small.content_type.unwrap().as_ref(), "image/png");
}

#[tokio::test]
async fn limits() {
    let live = Live::new("media::limits");
    let client = live.login(Account::Alice).await;
    let new = client.send(GetConfigAuthed::new()).await.unwrap().upload_size;
    assert_eq!(new, Some(50 * 1024 * 1024));
    assert_eq!(client.send(GetConfig::new()).await.unwrap().upload_size, new);
}

#[tokio::test]
async fn preview() {
    let live = Live::new("media::preview");
    let client = live.login(Account::Alice).await;
    let page = "<html><head><title>Not this</title><meta property='og:title' content='Cats &amp; dogs'>\
        <meta property='og:image' content='/dot.png'></head><body>Miaow</body></html>";
    let site = web::serve(vec![
        ("/pets", "text/html; charset=utf-8", page.as_bytes().to_vec()),
        ("/dot.png", "image/png", picture()),
    ]);
    let preview = client.send(GetUrlPreviewAuthed::new(format!("{site}/pets"))).await.unwrap();
    assert_eq!(preview.extra.get("og:title"), Some(&json!("Cats & dogs")));
    assert_eq!(preview.matrix_image_size, Some(picture().len().try_into().unwrap()));
    let (server, media) = parts(&MxcUri::from(preview.og_image.unwrap()));
    assert_eq!(client.send(GetContentAuthed::new(server, media)).await.unwrap().bytes, picture());

    let old = client.send(GetUrlPreview::new(format!("{site}/pets")).ts(UnixMillis::now())).await.unwrap();
    assert_eq!(old.extra, preview.extra);
    assert_eq!(old.matrix_image_size, preview.matrix_image_size);
    let missing = client.send(GetUrlPreviewAuthed::new(format!("{site}/nothing"))).await.unwrap_err();
    assert_eq!(missing.status().unwrap(), 502);
}
