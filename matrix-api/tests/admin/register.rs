use matrix_api::{Client, RetryPolicy, json as value};
use serde_json::Value;

use crate::server::{Server, body, header, json};

#[tokio::test]
async fn an_account_by_the_shared_secret() {
    let answer =
        r#"{"user_id":"@pepper_roni:example.org","home_server":"example.org","access_token":"t","device_id":"D"}"#;
    let server = Server::start([json(200, r#"{"nonce":"thisisanonce"}"#), json(200, answer)]).await;
    let client = Client::builder().base_url(&*server.url).retry(RetryPolicy::none()).build().await.unwrap();
    let registration = client.register_user("shared_secret".to_owned(), "pepper_roni", "pizza".to_owned());
    let registration = registration.admin().displayname("Pepper Roni").without_login();
    let shown = format!("{registration:?}");
    assert!(!shown.contains("shared_secret") && !shown.contains("pizza"), "{shown}");
    let account = registration.await.unwrap();
    assert_eq!(account.user_id.as_str(), "@pepper_roni:example.org");

    let seen = server.seen();
    assert_eq!(server.lines()[0], "GET /_synapse/admin/v1/register HTTP/1.1");
    assert_eq!(server.lines()[1], "POST /_synapse/admin/v1/register HTTP/1.1");
    assert_eq!(header(&seen[1], "authorization"), None);
    assert_eq!(
        serde_json::from_str::<Value>(body(&seen[1])).unwrap(),
        value!({
            "nonce": "thisisanonce",
            "username": "pepper_roni",
            "password": "pizza",
            "mac": "48715842ad67d5dc9a9ee938a3bda4fcfae8d7c7",
            "admin": true,
            "displayname": "Pepper Roni",
            "inhibit_login": true,
        })
    );
}
