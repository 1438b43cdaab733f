//! What a server says of itself.

use matrix_api::client_server::{
    GetAuthMetadata, GetTurnServer, GetVersions, GetWellknown, GetWellknownPolicy, GetWellknownSupport,
};
use matrix_api::{ErrorCode, ErrorKind, UnixSeconds};
use matrix_api_tests::live::{Account, Live};

#[tokio::test]
async fn versions() {
    let live = Live::new("server::versions");
    let answer = live.anonymous().await.send(GetVersions::new()).await.unwrap();
    assert!(answer.versions.contains(&"v1.12".to_owned()));
    assert_eq!(answer.unstable_features.get("org.matrix.simplified_msc3575"), Some(&true));
}

#[tokio::test]
async fn well_known() {
    let live = Live::new("server::well_known");
    let client = live.by_name().await;
    let found = client.send(GetWellknown::new()).await.unwrap().discovery;
    assert_eq!(found.homeserver.base_url, format!("{}/", live.base_url()));
    assert!(found.identity_server.is_none());
    // Synapse leaves these two to whoever runs the website.
    let support = client.send(GetWellknownSupport::new()).await.unwrap_err();
    let policy = client.send(GetWellknownPolicy::new()).await.unwrap_err();
    for missing in [support, policy] {
        assert_eq!((missing.kind(), missing.status().unwrap().as_u16()), (ErrorKind::Api, 404));
        assert!(missing.is_not_found());
        assert_eq!(missing.errcode(), None);
    }
}

#[tokio::test]
async fn oauth_is_not_offered() {
    let live = Live::new("server::oauth_is_not_offered");
    let refused = live.anonymous().await.send(GetAuthMetadata::new()).await.unwrap_err();
    assert_eq!((refused.kind(), refused.status().unwrap().as_u16()), (ErrorKind::Unsupported, 404));
    assert_eq!(refused.errcode(), Some(&ErrorCode::Unrecognized));
}

#[tokio::test]
async fn turn() {
    let live = Live::new("server::turn");
    let client = live.login(Account::Alice).await;
    let answer = client.send(GetTurnServer::new()).await.unwrap();
    assert_eq!(answer.uris, ["turn:127.0.0.1:3478?transport=udp"]);
    assert_eq!(answer.ttl, 3600);
    let (until, user) = answer.username.split_once(':').unwrap();
    assert_eq!(client.user_id().unwrap(), user);
    assert!(until.parse::<i64>().unwrap() > UnixSeconds::now().get());
    assert!(!answer.password.expose().is_empty());
}
