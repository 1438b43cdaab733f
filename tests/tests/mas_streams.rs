//! Every list of the admin API of Matrix Authentication Service, followed from page to page: recorded pages, with the
//! ids and cursors of others.

use matrix_api::mas::{MasAdmin, Paged};
use matrix_api::mas_admin::*;
use matrix_api::service::MasAdmin as Service;
use matrix_api::{Client, ClientBuilder, RetryPolicy};
use serde_json::{Value, json};

use server::Server;

#[path = "../../matrix-api/tests/client/server.rs"]
#[allow(dead_code, reason = "the client's own tests need more of it")]
mod server;

/// The recorded page of a list: one with items, and with a link to the next page.
fn recorded(operation: &str) -> Value {
    let text = include_str!("../data/recorded/mas-admin.yaml");
    let document: Value = serde_yaml::from_str(text).unwrap();
    let records = document["records"].as_array().unwrap();
    let is_it = |record: &&Value| record["operation"] == operation && record["body"]["links"]["next"].is_string();
    let record = records.iter().find(is_it).unwrap_or_else(|| panic!("{operation} has a record"));
    record["body"].clone()
}

/// The page with these items and cursors; `next` is whether its links name another.
fn page(recorded: &Value, items: &[(&str, &str)], next: bool) -> String {
    let mut page = recorded.clone();
    let item = &recorded["data"][0];
    let named = items.iter().map(|(id, cursor)| {
        let mut item = item.clone();
        (item["id"], item["meta"]) = (json!(id), json!({"page": {"cursor": cursor}}));
        item
    });
    page["data"] = named.collect();
    if !next {
        page["links"].as_object_mut().unwrap().remove("next");
    }
    page.to_string()
}

/// What a request asks for after which cursor.
fn after(request: &str) -> Option<String> {
    let target = request.split(' ').nth(1)?;
    let at = target.split(['?', '&']).find_map(|part| part.strip_prefix("page%5Bafter%5D="))?;
    Some(at.to_owned())
}

async fn admin(server: &Server) -> MasAdmin {
    let builder = ClientBuilder::new().base_url(&server.url).access_token("mpt_token").retry(RetryPolicy::none());
    let client: Client<Service> = builder.build().await.unwrap();
    MasAdmin::with_token_of(client)
}

/// Three pages, then a circle: `begin` is the request, `id` reads an item's.
async fn walk<R: Paged>(operation: &str, path: &str, begin: fn() -> R, id: fn(R::Item) -> String)
where
    R::Response: Send,
{
    let body = recorded(operation);
    let total = body["meta"]["count"].as_i64();
    let pages = body.clone();
    let server = Server::answering(move |request| {
        let text = match after(request).as_deref() {
            None => page(&pages, &[("a", "ca"), ("b", "cb")], true),
            Some("cb") => page(&pages, &[("c", "cc"), ("d", "cd")], true),
            Some("cd") => page(&pages, &[("e", "ce")], false),
            other => panic!("{other:?} is no place"),
        };
        server::json(200, &text)
    })
    .await;
    let mas = admin(&server).await;
    let lines = |server: &Server| -> Vec<String> {
        server.lines().iter().map(|line| line.trim_end_matches(" HTTP/1.1").to_owned()).collect()
    };
    let asked = |after: &[&str]| -> Vec<String> {
        let line = |at: &&str| match *at {
            "" => format!("GET /api/admin/v1/{path}"),
            at => format!("GET /api/admin/v1/{path}?page%5Bafter%5D={at}"),
        };
        after.iter().map(line).collect()
    };
    let mut stream = mas.pages(begin());
    let mut ids = String::new();
    while let Some(item) = stream.next().await {
        ids += &id(item.unwrap());
    }
    assert_eq!((ids.as_str(), stream.total()), ("abcde", total), "{operation}");
    assert_eq!(lines(&server), asked(&["", "cb", "cd"]), "{operation}");
    // No page more than it takes.
    assert_eq!(mas.pages(begin()).max_items(3).collect().await.unwrap().len(), 3, "{operation}");
    assert_eq!(lines(&server)[3..], asked(&["", "cb"]), "{operation}");

    // The second page leads to the first one's end again.
    let server = Server::answering(move |request| {
        let ids = if after(request).is_some() { [("c", "cc"), ("d", "cb")] } else { [("a", "ca"), ("b", "cb")] };
        server::json(200, &page(&body, &ids, true))
    })
    .await;
    let all = admin(&server).await.pages(begin()).collect().await.unwrap();
    assert_eq!(all.into_iter().map(id).collect::<String>(), "abcd", "{operation}");
    assert_eq!(lines(&server), asked(&["", "cb"]), "{operation}");
}

macro_rules! walks {
    ($($test:ident: $request:ident, $operation:literal, $path:literal;)*) => {
        $(#[tokio::test]
        async fn $test() {
            walk::<$request>($operation, $path, $request::new, |item| item.id).await;
        })*

        /// A list that a release of the service adds has a place here.
        #[test]
        fn none_is_left_out() {
            let walked = [$($operation),*];
            for operation in OPERATIONS.iter().filter(|operation| operation.fields.iter().any(|field| field.name == "page[after]")) {
                assert!(walked.contains(&operation.id), "{}", operation.id);
            }
            assert_eq!(walked.len(), 10);
        }
    };
}

walks! {
    compat_sessions: ListCompatSessions, "listCompatSessions", "compat-sessions";
    oauth2_clients: ListOauth2Clients, "listOAuth2Clients", "oauth2-clients";
    oauth2_sessions: ListOauth2Sessions, "listOAuth2Sessions", "oauth2-sessions";
    personal_sessions: ListPersonalSessions, "listPersonalSessions", "personal-sessions";
    upstream_oauth_links: ListUpstreamOauthLinks, "listUpstreamOAuthLinks", "upstream-oauth-links";
    upstream_oauth_providers: ListUpstreamOauthProviders, "listUpstreamOAuthProviders", "upstream-oauth-providers";
    user_emails: ListUserEmails, "listUserEmails", "user-emails";
    user_registration_tokens: ListUserRegistrationTokens, "listUserRegistrationTokens", "user-registration-tokens";
    user_sessions: ListUserSessions, "listUserSessions", "user-sessions";
    users: ListUsers, "listUsers", "users";
}
