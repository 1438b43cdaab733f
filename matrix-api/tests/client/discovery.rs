//! From a server's name to its base URL.

use matrix_api::{Client, Error, ErrorKind, error::DiscoveryKind, json};

use crate::server::{Server, Step, json, with};

const WELL_KNOWN: &str = "GET /.well-known/matrix/client HTTP/1.1";
const VERSIONS: &str = "GET /_matrix/client/versions HTTP/1.1";

fn name(server: &Server) -> String {
    server.url.replace("http://", "")
}

fn leads_to(url: &str) -> Step {
    json(200, &json!({ "m.homeserver": { "base_url": url }, "org.example": 1 }).to_string())
}

fn versions() -> Step {
    json(200, r#"{"versions":["v1.15"]}"#)
}

#[tokio::test]
async fn a_document_leads_to_the_server() {
    let homeserver = Server::start([versions()]).await;
    let server = Server::start([leads_to(&format!("{}/matrix/", homeserver.url))]).await;
    let client = Client::discover(name(&server)).await.unwrap();
    assert_eq!(client.base_url().as_str(), format!("{}/matrix", homeserver.url));
    assert_eq!(server.lines(), [WELL_KNOWN]);
    assert_eq!(homeserver.lines(), ["GET /matrix/_matrix/client/versions HTTP/1.1"]);
}

#[tokio::test]
async fn a_name_that_publishes_nothing_is_the_server() {
    for nothing in [with(404, &[], "<html>"), json(404, r#"{"errcode":"M_NOT_FOUND"}"#), with(404, &[], "")] {
        let server = Server::start([nothing, versions()]).await;
        let client = Client::discover(name(&server)).await.unwrap();
        assert_eq!(client.base_url().as_str(), server.url);
        assert_eq!(server.lines(), [WELL_KNOWN, VERSIONS]);
    }
}

async fn refused(script: impl IntoIterator<Item = Step>) -> (DiscoveryKind, Error) {
    let server = Server::start(script).await;
    let error = Client::discover(name(&server)).await.unwrap_err();
    let Error::Discovery(failed) = &error else { panic!("{error}") };
    assert_eq!(failed.server_name(), name(&server));
    assert!(!error.may_have_been_sent());
    (failed.kind(), error)
}

#[tokio::test]
async fn a_document_that_is_none_is_an_error_and_not_guessed_around() {
    let wrong =
        ["<html>", "", "[]", "{}", r#"{"m.homeserver":{}}"#, r#"{"m.homeserver":{"base_url":7}}"#, "{\"m.homes"];
    for document in wrong {
        // The same twice: a page in place of JSON is asked for once more.
        let (kind, error) = refused([json(200, document), json(200, document)]).await;
        assert_eq!(kind, DiscoveryKind::Document, "{document}: {error}");
        let source = std::error::Error::source(&error).unwrap().downcast_ref::<Error>().unwrap();
        assert_eq!(source.kind(), ErrorKind::Decode);
    }
}

#[tokio::test]
async fn a_web_server_in_trouble_says_nothing() {
    for step in [with(403, &[], "no"), with(500, &[], ""), with(302, &[("Location", "http://example.org/")], "")] {
        let (kind, error) = refused([step]).await;
        assert_eq!(kind, DiscoveryKind::Unreachable, "{error}");
    }
}

#[tokio::test]
async fn a_document_that_lies_is_found_out() {
    let insecure =
        ["http://example.org", "ftp://example.org", "example.org", "", "https://user@example.org", "https://a/../b"];
    for url in insecure {
        let (kind, error) = refused([leads_to(url)]).await;
        assert_eq!(kind, DiscoveryKind::BaseUrl, "{url}: {error}");
    }
    for answer in [json(404, "{}"), json(200, "{}"), json(200, "hello"), with(200, &[], "<html>")] {
        let elsewhere = Server::start([answer]).await;
        let (kind, error) = refused([leads_to(&elsewhere.url)]).await;
        assert_eq!(kind, DiscoveryKind::NotAHomeserver, "{error}");
    }
}

#[tokio::test]
async fn what_is_no_name_is_not_asked() {
    for wrong in ["", "a/b", "user@example.org", "https://example.org", "a b", "example.org?x", "exämple.org"] {
        let error = Client::discover(wrong).await.unwrap_err();
        assert!(matches!(&error, Error::Discovery(failed) if failed.kind() == DiscoveryKind::Name), "{wrong}: {error}");
    }
}

#[tokio::test]
async fn a_base_url_or_a_session_needs_no_discovery() {
    let server = Server::start([]).await;
    let builder = Client::builder().server_name("example.invalid").base_url(&server.url);
    assert_eq!(builder.build().await.unwrap().base_url().as_str(), server.url);
    let session = matrix_api::Session::new("@me:example.invalid", &server.url).access_token("t");
    let builder = Client::builder().server_name("example.invalid").session(session);
    assert_eq!(builder.build().await.unwrap().base_url().as_str(), server.url);
    assert!(server.seen().is_empty());
}
