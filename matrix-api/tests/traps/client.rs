//! Traps that need a connection to show: redirects and tokens.

use matrix_api::{
    Auth, Client, ClientBuilder, Error, ErrorKind, RetryPolicy, Session, client_server::*, http::Method, json,
    service::ServerName, wire::DecodeCategory,
};
use serde_json::Value;

use crate::{
    forms::{answered, sent},
    operation,
    server::{self, Server, Step, header, with},
    those,
};

fn builder(url: &str) -> ClientBuilder {
    Client::builder().base_url(url).retry(RetryPolicy::none())
}

async fn logged_in(url: &str) -> Client {
    let session = Session::new("@me:hs", url).device_id("D").access_token("the-token");
    builder(url).session(session).build().await.unwrap()
}

fn redirect(status: u16, location: &str) -> Step {
    with(status, &[("Location", location)], "<html>moved</html>")
}

#[tokio::test]
async fn trap_09_redirects() {
    assert_eq!(those(|metadata| metadata.redirect), ["redirectToIdP", "redirectToSSO"]);
    assert_eq!(
        sent(&RedirectToSso::new("app://done?x=1").action("register")),
        "GET /_matrix/client/v3/login/sso/redirect?redirectUrl=app%3A%2F%2Fdone%3Fx%3D1&action=register"
    );
    assert_eq!(
        sent(&RedirectToIdp::new("oidc/x", "app://done")),
        "GET /_matrix/client/v3/login/sso/redirect/oidc%2Fx?redirectUrl=app%3A%2F%2Fdone"
    );

    // The answer is where to go, also within this very server; nobody goes there.
    let server = Server::start([redirect(302, "https://idp.hs/?a=b"), redirect(302, "/login/page")]).await;
    let client = logged_in(&server.url).await;
    assert_eq!(client.send(RedirectToSso::new("app://done")).await.unwrap().location, "https://idp.hs/?a=b");
    assert_eq!(client.send(RedirectToIdp::new("i", "app://done")).await.unwrap().location, "/login/page");
    assert_eq!(server.seen().len(), 2);
    assert!(server.seen().iter().all(|request| header(request, "authorization").is_none()));

    let error = answered::<RedirectToSsoResponse>(302, &[], "").unwrap_err();
    assert_eq!((error.category(), error.path()), (DecodeCategory::Header, "Location"));
}

#[tokio::test]
async fn trap_09_redirects_of_media() {
    for status in [307, 308] {
        let file = with(200, &[("Content-Type", "image/png")], "bytes");
        let server = Server::start([redirect(status, "/cdn/file"), file]).await;
        let found = logged_in(&server.url).await.send(GetContentAuthed::new("hs", "m")).await.unwrap();
        assert_eq!((&found.bytes[..], found.content_type.as_deref()), (&b"bytes"[..], Some("image/png")));
        assert_eq!(server.lines(), ["GET /_matrix/client/v1/media/download/hs/m HTTP/1.1", "GET /cdn/file HTTP/1.1"]);
    }
}

/// May take a token, whatever the documents say.
const OPTIONAL: [&str; 9] = [
    "changePassword",
    "deactivateAccount",
    "getProfileField",
    "getPublicRooms",
    "getRoomIdByAlias",
    "getRoomSummary",
    "getRoomVisibilityOnDirectory",
    "getUserProfile",
    "getVersions",
];

/// Take none.
const NONE: [&str; 21] = [
    "checkUsernameAvailability",
    "getAuthMetadata",
    "getContent",
    "getContentOverrideName",
    "getContentThumbnail",
    "getLoginFlows",
    "getWellknown",
    "getWellknownPolicy",
    "getWellknownSupport",
    "login",
    "redirectToIdP",
    "redirectToSSO",
    "refresh",
    "register",
    "registrationTokenValidity",
    "requestTokenTo3PIDEmail",
    "requestTokenTo3PIDMSISDN",
    "requestTokenToRegisterEmail",
    "requestTokenToRegisterMSISDN",
    "requestTokenToResetPasswordEmail",
    "requestTokenToResetPasswordMSISDN",
];

#[test]
fn trap_12_auth_from_security() {
    assert_eq!(those(|metadata| metadata.auth == Auth::Optional), OPTIONAL);
    let mut found = those(|metadata| metadata.auth == Auth::None);
    found.sort_unstable();
    assert_eq!(found, NONE);
    assert_eq!(
        those(|metadata| metadata.auth == Auth::Appservice),
        ["pingAppservice", "updateAppserviceRoomDirectoryVisibility"]
    );
    assert_eq!(those(|metadata| metadata.auth == Auth::AccessToken).len(), 166 - 9 - 21 - 2);
}

const SUMMARY: &str = r#"{"room_id":"!r:hs","num_joined_members":1,"world_readable":true,"guest_can_join":true}"#;

/// Sends an operation of each kind and returns the token that went along.
async fn tokens(client: &Client, server: &Server) -> Vec<Option<String>> {
    client.send(GetVersions::new()).await.unwrap();
    client.send(GetRoomSummary::new("#r:hs")).await.unwrap();
    client.send(ChangePassword::new("new")).await.unwrap();
    client.send(DeactivateAccount::new()).await.unwrap();
    client.send(GetProfileField::new("@u:hs", "displayname")).await.unwrap();
    client.send(GetPublicRooms::new()).await.unwrap();
    client.send(GetLoginFlows::new()).await.unwrap();
    client.send(RequestTokenToResetPasswordEmail::new("secret", "a@b.c", 1)).await.unwrap();
    server.seen().iter().map(|request| header(request, "authorization")).collect()
}

fn answers() -> impl Iterator<Item = Step> {
    let bodies = [
        r#"{"versions":[]}"#,
        SUMMARY,
        "{}",
        r#"{"id_server_unbind_result":"success"}"#,
        r#"{"displayname":"U"}"#,
        r#"{"chunk":[]}"#,
        r#"{"flows":[]}"#,
        r#"{"sid":"s"}"#,
    ];
    bodies.into_iter().map(|body| server::json(200, body))
}

#[tokio::test]
async fn trap_12_auth_from_security_on_the_wire() {
    let server = Server::start(answers()).await;
    let token = || Some("Bearer the-token".to_owned());
    let sent = tokens(&logged_in(&server.url).await, &server).await;
    assert_eq!(sent, [token(), token(), token(), token(), token(), token(), None, None]);

    let server = Server::start(answers()).await;
    let guest = builder(&server.url).build().await.unwrap();
    assert_eq!(tokens(&guest, &server).await, vec![None; 8]);

    // What needs a token is not tried without one.
    let error = guest.send(SendToDevice::new("m.dummy", [])).await.unwrap_err();
    assert_eq!((error.kind(), error.operation()), (ErrorKind::NotLoggedIn, Some("sendToDevice")));
    let error = guest.send(UpdateAppserviceRoomDirectoryVisibility::new("irc", "!r:hs", "public")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotLoggedIn);
    assert_eq!(server.seen().len(), 8);
}

/// An application service registers its users with its own token: by hand, as the document says
/// that the operation takes none.
#[tokio::test]
async fn trap_12_auth_from_security_of_application_services() {
    let server = Server::start([server::json(200, r#"{"user_id":"@_irc_a:hs"}"#)]).await;
    let client = logged_in(&server.url).await;
    let answer: Value = client
        .request(Method::POST, "/_matrix/client/v3/register")
        .auth(Auth::AccessToken)
        .json(&json!({"type": "m.login.application_service", "username": "_irc_a"}))
        .send()
        .await
        .unwrap();
    assert_eq!(answer["user_id"], "@_irc_a:hs");
    assert_eq!(header(&server.seen()[0], "authorization").as_deref(), Some("Bearer the-token"));
}

/// A 401 asks for another stage only if it says so, whatever the document declares.
#[tokio::test]
async fn trap_12_auth_from_security_and_from_401() {
    let flows = r#"{"flows":[{"stages":["m.login.password"]}],"session":"s","params":{}}"#;
    let ended = r#"{"errcode":"M_UNKNOWN_TOKEN","error":"gone","soft_logout":true}"#;
    let failed = r#"{"errcode":"M_FORBIDDEN","error":"wrong","flows":[],"session":"s","completed":[]}"#;
    let bodies = [flows, failed, ended, ended];
    let server = Server::start(bodies.map(|body| server::json(401, body))).await;
    let client = logged_in(&server.url).await;

    let error = client.send(UploadCrossSigningKeys::new()).await.unwrap_err();
    assert_eq!((error.kind(), error.errcode()), (ErrorKind::Api, None));
    assert_eq!(error.uiaa().unwrap().get("session"), Some(&json!("s")));
    let error = client.send(DeleteDevice::new("D")).await.unwrap_err();
    assert!(error.is_forbidden());
    assert_eq!(error.uiaa().unwrap().get("completed"), Some(&json!([])));

    let error = client.send(GetTokenOwner::new()).await.unwrap_err();
    assert!(error.uiaa().is_none());
    assert!(matches!(&error, Error::SessionEnded(ended) if ended.api().soft_logout()));
    let error = client.send(Refresh::new("r")).await.unwrap_err();
    assert!(error.uiaa().is_none());

    let takes_proof = those(|metadata| metadata.fields.iter().any(|field| field.name == "auth"));
    let named = [
        "add3PID",
        "changePassword",
        "deactivateAccount",
        "deleteDevice",
        "deleteDevices",
        "generateLoginToken",
        "register",
        "uploadCrossSigningKeys",
    ];
    assert_eq!(takes_proof, named);
    assert!(operation("refresh").fields.iter().all(|field| field.name != "auth"));
}

/// The three well-known files live on the server name: a client for it fetches them without a token.
#[tokio::test]
async fn trap_14_path_building_on_another_host_on_the_wire() {
    let server = Server::start([server::json(200, r#"{"m.homeserver":{"base_url":"https://hs"}}"#)]).await;
    let client = ClientBuilder::<ServerName>::new().base_url(&server.url).build().await.unwrap();
    let found = client.send(GetWellknown::new()).await.unwrap();
    assert_eq!(found.discovery.homeserver.base_url, "https://hs");
    assert_eq!(server.lines(), ["GET /.well-known/matrix/client HTTP/1.1"]);
}
