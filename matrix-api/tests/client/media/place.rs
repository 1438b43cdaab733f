//! Addresses that are there before their files, and what servers say about pages.

use matrix_api::{ErrorKind, MxcUri, json};

use super::{config, unrecognized, versions};
use crate::{
    calls::client,
    server::{Server, body, header, json as answer},
};

#[tokio::test]
async fn first_the_address() {
    let created = answer(200, r#"{"content_uri":"mxc://[2001:db8::1]:8448/a-b_c","unused_expires_at":7}"#);
    let server = Server::start([created, config(9), answer(200, "{}")]).await;
    let client = client(&server.url).await;
    let created = client.media().create().await.unwrap();
    let upload = client.media().upload(b"late".to_vec()).at(&created.content_uri).file_name("late.txt");
    assert_eq!(upload.await.unwrap(), created.content_uri);
    assert_eq!(server.lines()[0], "POST /_matrix/media/v1/create HTTP/1.1");
    let seen = server.seen();
    let place = "PUT /_matrix/media/v3/upload/%5B2001%3Adb8%3A%3A1%5D%3A8448/a-b_c?filename=late.txt HTTP/1.1";
    assert_eq!(seen[2].lines().next().unwrap(), place);
    assert_eq!((header(&seen[2], "content-type").as_deref(), body(&seen[2])), (Some("text/plain"), "late"));

    let error = client.media().upload(b"x".to_vec()).at("mxc://hs").await.unwrap_err();
    assert_eq!((error.kind(), server.seen().len()), (ErrorKind::Encode, 3));
}

#[tokio::test]
async fn the_preview_of_a_page() {
    let page = r#"{"og:title":"Cats","og:image":"mxc://hs/a","matrix:image:size":5}"#;
    let server = Server::start([answer(200, page), unrecognized(), versions(), answer(200, page)]).await;
    let client = client(&server.url).await;
    for _ in 0..2 {
        let preview = client.media().preview("https://example.org/?a=b").await.unwrap();
        assert_eq!(preview.extra.get("og:title"), Some(&json!("Cats")));
        assert_eq!((preview.og_image.as_deref(), preview.matrix_image_size), (Some("mxc://hs/a"), Some(5)));
    }
    let lines = server.lines();
    assert_eq!(lines[0], "GET /_matrix/client/v1/media/preview_url?url=https%3A%2F%2Fexample.org%2F%3Fa%3Db HTTP/1.1");
    assert_eq!(lines[3], "GET /_matrix/media/v3/preview_url?url=https%3A%2F%2Fexample.org%2F%3Fa%3Db HTTP/1.1");
}

#[test]
fn addresses_have_ports_and_numbers() {
    for (text, server, id) in [
        ("mxc://example.org/a", "example.org", "a"),
        ("mxc://example.org:8448/a-b_C9", "example.org:8448", "a-b_C9"),
        ("mxc://1.2.3.4:80/a", "1.2.3.4:80", "a"),
        ("mxc://[::1]/a", "[::1]", "a"),
        ("mxc://[2001:db8::1]:8448/a", "[2001:db8::1]:8448", "a"),
    ] {
        assert_eq!(MxcUri::parse(text).unwrap().parts().unwrap(), (server, id));
        assert_eq!(MxcUri::from_parts(server, id), text);
    }
    for text in
        ["https://a/b", "mxc://a", "mxc:///b", "mxc://a/", "mxc://a/b/c", "mxc://a/..", "mxc://../b", "mxc://a:b/c"]
    {
        assert!(MxcUri::parse(text).is_err(), "{text}");
    }
}
