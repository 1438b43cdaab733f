//! Logging in with the help of a website. The server's provider is a CAS that believes everybody.

use matrix_api::client_server::{Login, RedirectToIdp, RedirectToSso};
use matrix_api::{ErrorKind, http::Method};
use matrix_api_tests::live::{Live, unique};

use crate::web;

const BACK: &str = "http://localhost/back?x=1&y=a b";

#[tokio::test]
async fn redirects() {
    let live = Live::new("sso::redirects");
    let client = live.anonymous().await;
    let full = client.send_full(RedirectToSso::new(BACK)).await.unwrap();
    assert_eq!(full.status, 302);
    let start = format!("{}/cas/login?service=http%3A%2F%2F127.0.0.1", live.neighbours());
    assert!(full.value.location.starts_with(&start), "{}", full.value.location);
    // Escaped once for each of the two queries that it stands in.
    let end = "%3FredirectUrl%3Dhttp%253A%252F%252Flocalhost%252Fback%253Fx%253D1%2526y%253Da%2Bb";
    assert!(full.value.location.ends_with(end), "{}", full.value.location);

    let to_cas = client.send_full(RedirectToIdp::new("cas", BACK)).await.unwrap();
    assert_eq!(to_cas.status, 302);
    assert_eq!(to_cas.value.location, full.value.location);

    // An unknown provider is answered with a page for people.
    let refused = client.send(RedirectToIdp::new("nobody", BACK)).await.unwrap_err();
    assert_eq!((refused.kind(), refused.status().unwrap().as_u16()), (ErrorKind::Api, 404));
}

#[tokio::test]
async fn login() {
    let live = Live::new("sso::login");
    let client = live.anonymous().await;
    let name = unique("cas");
    // What the browser does after the CAS has sent it back: the CAS takes the ticket for the name.
    let ticket = client.request(Method::GET, "/_matrix/client/v3/login/cas/ticket");
    let page = ticket.auth(matrix_api::Auth::None).query("ticket", &name).query("redirectUrl", "http://localhost/back");
    let page = page.send_bytes().await.unwrap();
    let token = web::between(std::str::from_utf8(&page).unwrap(), "loginToken=", "\"");
    let answer = client.send(Login::new("m.login.token").token(token)).await.unwrap();
    assert_eq!(answer.user_id, format!("@{name}:{}", live.server_name()).as_str());
}
