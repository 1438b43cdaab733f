//! Logging in with the help of a website. The server's provider is a CAS that believes everybody.

use matrix_api::client_server::{DeleteDevice, Login, RedirectToIdp, RedirectToSso};
use matrix_api::{Client, ErrorKind, Object, Session, UiaStep, http::Method};
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

/// Plays the browser: over the provider's page and the server's own, back to the program.
fn browse(url: &str, user: &str) {
    let page = web::redirect(url);
    let ticket = web::redirect(&format!("{page}&user={user}"));
    // The server asks whether the program is to be let in, and has a link for that.
    let question = web::get(&ticket);
    let back = question.split('"').find(|text| text.contains("loginToken=")).expect("there is a link");
    web::get(&back.replace("&amp;", "&"));
}

async fn sign_on(client: &Client, provider: Option<&str>, name: &str) -> Session {
    let user = name.to_owned();
    let login = client.login_sso(provider, move |url| {
        let url = url.to_owned();
        std::thread::spawn(move || browse(&url, &user));
    });
    login.await.unwrap()
}

#[tokio::test]
async fn with_a_browser() {
    let live = Live::new("sso::with_a_browser");
    let name = unique("browser");
    let client = live.anonymous().await;
    let first = sign_on(&client, None, &name).await;
    assert_eq!(first.user_id, format!("@{name}:{}", live.server_name()).as_str());
    assert_eq!(client.session().as_ref(), Some(&first));
    client.whoami().await.unwrap();
    // The same account again, on another device.
    let second = sign_on(&live.anonymous().await, Some("cas"), &name).await;
    assert_eq!(second.user_id, first.user_id);
    assert_ne!(second.device_id, first.device_id);
}

/// Whoever has no password says who they are in a browser again, at the page that the SDK names.
#[tokio::test]
async fn a_device_is_deleted_with_a_browser() {
    let live = Live::new("sso::a_device_is_deleted_with_a_browser");
    let name = unique("deletes");
    let (client, other) = (live.anonymous().await, live.anonymous().await);
    sign_on(&client, None, &name).await;
    let device = sign_on(&other, None, &name).await.device_id.unwrap();

    let UiaStep::Asked(question) = client.uia(DeleteDevice::new(&device)).start().await.unwrap() else {
        panic!("it asks")
    };
    assert_eq!(question.info().flows(), [["m.login.sso"]]);
    let (session, page) = (question.info().session().unwrap(), question.stage("m.login.sso").unwrap().fallback_url);
    let path = "_matrix/client/v3/auth/m.login.sso/fallback/web";
    assert_eq!(page, format!("{}/{path}?session={session}", live.base_url()));
    // Before anybody was there, the server asks again.
    let UiaStep::Asked(_) = question.complete("m.login.sso", Object::new()).await.unwrap() else { panic!("it asks") };

    let done = client.uia(DeleteDevice::new(&device)).on_stage(move |stage| {
        confirm(&stage.fallback_url, &name);
        async { Some(Object::new()) }
    });
    done.await.unwrap();
    assert_eq!(other.whoami().await.unwrap_err().kind(), ErrorKind::SessionEnded);
    client.whoami().await.unwrap();
}

/// Plays the browser on the page on which somebody says again who they are.
fn confirm(url: &str, user: &str) {
    let page = web::get(url);
    let link = page.split('"').find(|text| text.contains("/cas/login")).expect("there is a link");
    let ticket = web::redirect(&format!("{}&user={user}", link.replace("&amp;", "&")));
    web::get(&ticket);
}
