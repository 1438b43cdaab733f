//! What a homeserver tells other servers without a signature.

use matrix_api::client_server::RequestOpenIdToken;
use matrix_api::federation::{ExchangeOpenIdToken, GetServerKey, GetVersion, GetWellKnown};
use matrix_api::service::Federation;
use matrix_api::{Client, ErrorCode, UnixMillis};
use matrix_api_tests::live::{Account, Live};

/// A client for what the homeserver answers to other servers, at the same address.
async fn peer(live: &Live) -> Client<Federation> {
    live.builder().build().await.unwrap()
}

#[tokio::test]
async fn where_it_is_answered() {
    let live = Live::new("federation::where_it_is_answered");
    let answer = live.by_name().await.send(GetWellKnown::new()).await.unwrap();
    let name = live.server_name();
    let host = name.split(':').next().unwrap();
    let told = answer.server.unwrap();
    assert_eq!(told.as_str().split(':').next(), Some(host));
}

#[tokio::test]
async fn version() {
    let live = Live::new("federation::version");
    let server = peer(&live).await.send(GetVersion::new()).await.unwrap().server.unwrap();
    assert_eq!(server.name.as_deref(), Some("Synapse"));
    assert!(server.version.unwrap().starts_with("1."));
}

#[tokio::test]
async fn keys() {
    let live = Live::new("federation::keys");
    let keys = peer(&live).await.send(GetServerKey::new()).await.unwrap().keys;
    assert_eq!(keys.server_name.as_str(), live.server_name());
    let (id, key) = keys.verify_keys.iter().next().unwrap();
    assert!(id.starts_with("ed25519:"));
    assert_eq!(key.key.len(), 43);
    assert!(keys.valid_until_ts > UnixMillis::now());
    assert!(keys.signatures.contains_key(live.server_name().as_str()));
}

#[tokio::test]
async fn whose_token() {
    let live = Live::new("federation::whose_token");
    let alice = live.login(Account::Alice).await;
    let user_id = alice.user_id().unwrap();
    let token = alice.send(RequestOpenIdToken::new(&user_id)).await.unwrap().token;
    let peer = peer(&live).await;
    assert_eq!(peer.send(ExchangeOpenIdToken::new(token.access_token)).await.unwrap().sub, user_id);
    let refused = peer.send(ExchangeOpenIdToken::new("madeup".to_owned())).await.unwrap_err();
    assert_eq!(refused.status().unwrap().as_u16(), 401);
    assert_eq!(refused.errcode(), Some(&ErrorCode::UnknownToken));
}
