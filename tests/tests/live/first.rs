//! The calls of the first minute.

use matrix_api::client_server::{GetCapabilities, GetVersions};
use matrix_api_tests::live::{Account, Live};

#[tokio::test]
async fn versions_and_whoami() {
    let live = Live::new("first::versions_and_whoami");
    let client = live.login(Account::Alice).await;
    let versions = client.send(GetVersions::new()).await.unwrap();
    assert!(versions.versions.iter().any(|version| version == "v1.11"));
    let owner = client.whoami().await.unwrap();
    assert_eq!(owner.user_id, live.credentials(Account::Alice).0);
    assert_eq!(owner.is_guest, Some(false));
    let capabilities = client.send(GetCapabilities::new()).await.unwrap();
    assert!(capabilities.capabilities.change_password.is_some_and(|password| password.enabled));
    client.logout().await.unwrap();
}
