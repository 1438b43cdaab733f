//! Matrix Authentication Service by a script, and a program that administers it.
#![cfg(all(feature = "mas-admin", feature = "oauth"))]

#[path = "client/server.rs"]
#[allow(dead_code, reason = "the client's own tests need more of it")]
mod server;

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use matrix_api::{
    Client, ClientBuilder, Error, ErrorKind, Result, RetryPolicy,
    mas::{ClientCredentials, MasAdmin},
    mas_admin::{GetUserByUsername, GetVersion, ListUserSessions, ListUsers, types::IncludeCount},
    service,
};
use server::{Server, Step, json};

async fn client(server: &Server) -> Client<service::MasAdmin> {
    let builder = ClientBuilder::new().base_url(&server.url).retry(RetryPolicy::none());
    builder.build().await.unwrap()
}

fn credentials() -> ClientCredentials {
    ClientCredentials::new("01FSHN9AG0MZAA6S4AF7CTV32E", "secret-canary+&")
}

/// Where tokens are to be had, on the server that is asked.
fn metadata(head: &str) -> Step {
    let host = head.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    json(200, &format!(r#"{{"issuer":"http://{host}/","token_endpoint":"http://{host}/oauth2/token"}}"#))
}

fn token(name: &str, lasts: u64) -> Step {
    json(
        200,
        &format!(r#"{{"access_token":"{name}","token_type":"Bearer","expires_in":{lasts},"scope":"urn:mas:admin"}}"#),
    )
}

/// A service that hands out tokens with these lifetimes, called `canary1`, `canary2` and so on, and answers everything
/// else in this way.
async fn service(
    lifetimes: &'static [u64],
    answer: impl Fn(&str) -> Step + Send + Sync + 'static,
) -> (Server, Arc<AtomicUsize>) {
    let given = Arc::new(AtomicUsize::new(0));
    let count = given.clone();
    let server = Server::answering(move |request| match request.lines().next().unwrap() {
        "GET /.well-known/openid-configuration HTTP/1.1" => metadata(request),
        "POST /oauth2/token HTTP/1.1" => {
            let nth = count.fetch_add(1, Ordering::SeqCst);
            token(&format!("canary{}", nth + 1), lifetimes[nth.min(lifetimes.len() - 1)])
        }
        _ => answer(request),
    })
    .await;
    (server, given)
}

async fn start(
    lifetimes: &'static [u64],
    answer: impl Fn(&str) -> Step + Send + Sync + 'static,
) -> (Server, Arc<AtomicUsize>, MasAdmin) {
    let (server, given) = service(lifetimes, answer).await;
    let mas = client(&server).await.mas_admin(credentials()).await.unwrap();
    (server, given, mas)
}

fn version() -> Step {
    json(200, r#"{"version":"1.8.0"}"#)
}

/// A page of users with these ids.
fn users(ids: &[&str], more: bool) -> Step {
    let one = |id: &&str| {
        format!(
            r#"{{"type":"user","id":"{id}","attributes":{{"username":"u","created_at":"2026-01-01T00:00:00Z",
            "locked_at":null,"deactivated_at":null,"admin":false,"legacy_guest":false}},
            "links":{{"self":"/api/admin/v1/users/{id}"}},"meta":{{"page":{{"cursor":"c{id}"}}}}}}"#
        )
    };
    let list = ids.iter().map(one).collect::<Vec<_>>().join(",");
    let next = if more { r#","next":"/api/admin/v1/users?page[after]=x&page[first]=2""# } else { "" };
    json(200, &format!(r#"{{"meta":{{"count":3}},"data":[{list}],"links":{{"self":"/api/admin/v1/users"{next}}}}}"#))
}

/// The lines of what was asked after the login.
fn lines(server: &Server) -> Vec<String> {
    server.lines()[2..].iter().map(|line| line.trim_end_matches(" HTTP/1.1").to_owned()).collect()
}

#[tokio::test]
async fn a_token_for_the_programs_own_credentials() {
    let (server, _, mas) = start(&[300], |_| version()).await;
    assert_eq!(mas.send(GetVersion::new()).await.unwrap().service_version.version, "1.8.0");
    let seen = server.seen();
    assert_eq!(seen.len(), 3);
    assert!(!seen[0].contains("authorization"), "{}", seen[0]);
    // base64 of `01FSHN9AG0MZAA6S4AF7CTV32E:secret-canary%2B%26`
    let basic = "\r\nauthorization: Basic MDFGU0hOOUFHME1aQUE2UzRBRjdDVFYzMkU6c2VjcmV0LWNhbmFyeSUyQiUyNg==\r\n";
    assert!(seen[1].contains(basic), "{}", seen[1]);
    assert!(seen[1].ends_with("\r\n\r\ngrant_type=client_credentials&scope=urn%3Amas%3Aadmin"), "{}", seen[1]);
    assert!(seen[2].starts_with("GET /api/admin/v1/version HTTP/1.1\r\n"), "{}", seen[2]);
    assert!(seen[2].contains("\r\nauthorization: Bearer canary1\r\n"), "{}", seen[2]);
    for shown in [format!("{mas:?}"), format!("{:?}", credentials()), mas.plan(&GetVersion::new()).unwrap().to_string()]
    {
        assert!(!shown.contains("canary"), "{shown}");
    }
}

#[tokio::test]
async fn page_after_page() {
    let (server, _, mas) =
        start(&[300], |request| match request.contains("page[after]=cb") || request.contains("page%5Bafter%5D=cb") {
            true => users(&["c"], false),
            false => users(&["a", "b"], true),
        })
        .await;
    let mut stream = mas.pages(ListUsers::new().page_first(2).filter_status("active").page_last(7));
    let mut ids = String::new();
    while let Some(user) = stream.next().await {
        ids += &user.unwrap().id;
    }
    assert_eq!((ids.as_str(), stream.total()), ("abc", Some(3)));
    let first = "GET /api/admin/v1/users?page%5Bfirst%5D=2&filter%5Bstatus%5D=active";
    let second = "GET /api/admin/v1/users?page%5Bafter%5D=cb&page%5Bfirst%5D=2&filter%5Bstatus%5D=active";
    assert_eq!(lines(&server), [first, second]);
    // As many as are wanted, and from where they are wanted.
    assert_eq!(mas.users().max_items(2).collect().await.unwrap().len(), 2);
    assert_eq!(mas.pages(ListUsers::new().page_after("cb")).collect().await.unwrap()[0].id, "c");
    assert_eq!(lines(&server)[2..], ["GET /api/admin/v1/users", "GET /api/admin/v1/users?page%5Bafter%5D=cb"]);
}

#[tokio::test]
async fn it_ends_where_it_would_turn_in_a_circle() {
    // Always the same page, which always says that there is another.
    let (server, _, mas) = start(&[300], |_| users(&["a", "b"], true)).await;
    assert_eq!(mas.users().collect().await.unwrap().len(), 4);
    assert_eq!(lines(&server).len(), 2);
    // No items lead nowhere, and neither does a mere count.
    let (server, _, mas) = start(&[300], |_| users(&[], true)).await;
    assert!(mas.users().collect().await.unwrap().is_empty());
    assert_eq!(lines(&server).len(), 1);
    let body = r#"{"meta":{"count":7},"links":{"self":"/api/admin/v1/user-sessions"}}"#;
    let (_, _, mas) = start(&[300], move |_| json(200, body)).await;
    let mut stream = mas.pages(ListUserSessions::new().count(IncludeCount::Only));
    assert!(stream.next().await.is_none());
    assert_eq!(stream.total(), Some(7));
}

#[tokio::test]
async fn older_services_name_no_cursor() {
    let (server, _, mas) = start(&[300], |request| {
        let (ids, next) = if request.contains("after") { ("b", "") } else { ("a", r#","next":"x""#) };
        json(
            200,
            &format!(
                r#"{{"meta":{{"count":2}},"data":[{{"type":"user","id":"{ids}","attributes":{{"username":"u",
                "created_at":"2026-01-01T00:00:00Z","locked_at":null,"deactivated_at":null,"admin":false,
                "legacy_guest":false}},"links":{{"self":"x"}}}}],"links":{{"self":"x"{next}}}}}"#
            ),
        )
    })
    .await;
    assert_eq!(mas.users().collect().await.unwrap().len(), 2);
    assert_eq!(lines(&server)[1], "GET /api/admin/v1/users?page%5Bafter%5D=a");
}

/// Lets in whoever has the second token.
fn second_only(request: &str) -> Step {
    match request.contains("Bearer canary2") {
        true => version(),
        false => json(401, r#"{"errors":[{"title":"Invalid access token"}]}"#),
    }
}

#[tokio::test]
async fn a_token_that_has_ended_is_replaced_once_for_all() {
    let (server, given, mas) = start(&[300], second_only).await;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let mas = mas.clone();
        tasks.spawn(async move { mas.send(GetVersion::new()).await });
    }
    tasks.join_all().await.into_iter().for_each(|done| drop(done.unwrap()));
    assert_eq!(given.load(Ordering::SeqCst), 2);
    assert!(server.lines().len() >= 2 + 1 + 1 + 20);
    // A service that takes no token is asked for one once a call.
    let (_, given, mas) = start(&[300], |_| json(401, r#"{"errors":[{"title":"Invalid access token"}]}"#)).await;
    let error = mas.send(GetVersion::new()).await.unwrap_err();
    assert_eq!(error.to_string(), "version: 401: Invalid access token");
    assert_eq!(given.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_token_is_replaced_before_it_ends() {
    let (server, given, mas) = start(&[300, 4], |_| version()).await;
    for (advance, expected) in [(0, 1), (289, 1), (2, 2), (1, 2), (2, 3)] {
        tokio::time::pause();
        tokio::time::advance(Duration::from_secs(advance)).await;
        tokio::time::resume();
        mas.send(GetVersion::new()).await.unwrap();
        assert_eq!(given.load(Ordering::SeqCst), expected, "after {advance} s more");
    }
    assert_eq!(server.lines().len(), 1 + 3 + 5);
}

#[tokio::test]
async fn what_is_refused_says_why() {
    let ask = async |script: Vec<Step>| {
        let server = Server::start(script).await;
        client(&server).await.mas_admin(credentials()).await.unwrap_err()
    };
    let code = |error: &Error| match error {
        Error::Auth(failed) => failed.code().to_owned(),
        _ => panic!("{error}"),
    };
    for nothing in ["{}", "[]", r#"{"token_endpoint":7}"#, r#"{"token_endpoint":"ftp://x"}"#] {
        assert_eq!(code(&ask(vec![json(200, nothing)]).await), "invalid_response", "{nothing}");
    }
    assert_eq!(ask(vec![json(404, "<html>")]).await.kind(), ErrorKind::Api);
    let wrong: &[(u16, &str, &str)] = &[
        (401, r#"{"error":"invalid_client","error_description":"canary"}"#, "invalid_client"),
        (403, r#"{"error":"invalid_scope"}"#, "invalid_scope"),
        (200, r#"{"token_type":"Bearer"}"#, "invalid_response"),
        (200, r#"{"access_token":"two words","token_type":"Bearer"}"#, "invalid_response"),
    ];
    for &(status, body, expected) in wrong {
        let server = Server::answering(move |request| match request.starts_with("GET") {
            true => metadata(request),
            false => json(status, body),
        });
        let server = server.await;
        let error = client(&server).await.mas_admin(credentials()).await.unwrap_err();
        assert_eq!(code(&error), expected);
        assert!(!error.to_string().contains("two words"), "{error}");
    }
    let elsewhere = credentials().issuer("not a url");
    let server = Server::start([]).await;
    assert_eq!(code(&client(&server).await.mas_admin(elsewhere).await.unwrap_err()), "invalid_response");
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn the_public_side_may_be_elsewhere() -> Result<()> {
    let (public, _) = service(&[300], |_| json(500, "")).await;
    let within = Server::start([version()]).await;
    let mas = client(&within).await.mas_admin(credentials().issuer(format!("{}/", public.url))).await?;
    mas.send(GetVersion::new()).await?;
    assert_eq!(public.lines().len(), 2);
    assert_eq!(within.lines(), ["GET /api/admin/v1/version HTTP/1.1"]);
    Ok(())
}

#[tokio::test]
async fn a_token_of_ones_own_will_do() {
    let server = Server::start([json(404, r#"{"errors":[{"title":"User ID not found"}]}"#)]).await;
    let client: Client<service::MasAdmin> =
        ClientBuilder::new().base_url(&server.url).access_token("mpt_canary").build().await.unwrap();
    let mas = MasAdmin::with_token_of(client);
    let error = mas.send(GetUserByUsername::new("nobody")).await.unwrap_err();
    assert!(error.is_not_found());
    assert_eq!(error.to_string(), "getUserByUsername: 404: User ID not found");
    assert!(server.seen()[0].contains("\r\nauthorization: Bearer mpt_canary\r\n"));
}
