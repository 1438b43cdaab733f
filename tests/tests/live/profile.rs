//! What users say of themselves.

use matrix_api::client_server::{DeleteProfileField, GetProfileField, GetUserProfile, SetProfileField};
use matrix_api::{ErrorCode, json};
use matrix_api_tests::live::{Account, Live};

#[tokio::test]
async fn name_and_picture() {
    let live = Live::new("profile::name_and_picture");
    let client = live.new_user().await;
    let user = client.user_id().unwrap();
    let set = async |name: &str, value: &str| {
        client.send(SetProfileField::new(&user, name, json!({ name: value }))).await.unwrap();
    };
    set("displayname", "Zoë").await;
    set("avatar_url", "mxc://example.org/face").await;
    let anonymous = live.anonymous().await;
    let profile = anonymous.send(GetUserProfile::new(&user)).await.unwrap();
    assert_eq!(profile.displayname.as_deref(), Some("Zoë"));
    assert_eq!(profile.avatar_url.unwrap(), "mxc://example.org/face");
    assert_eq!(profile.tz, None);
    assert!(profile.extra.is_empty());

    let name = anonymous.send(GetProfileField::new(&user, "displayname")).await.unwrap();
    assert_eq!(name.content.get("displayname"), Some(&json!("Zoë")));
    client.send(DeleteProfileField::new(&user, "displayname")).await.unwrap();
    let profile = anonymous.send(GetUserProfile::new(&user)).await.unwrap();
    assert_eq!(profile.displayname, None);
}

#[tokio::test]
async fn fields_of_ones_own() {
    let live = Live::new("profile::fields_of_ones_own");
    let client = live.new_user().await;
    let user = client.user_id().unwrap();
    let field = "org.example.pets";
    let pets = json!({ "cats": 2, "names": ["Mia", "Leo"] });
    client.send(SetProfileField::new(&user, field, json!({ field: pets }))).await.unwrap();
    client.send(SetProfileField::new(&user, "m.tz", json!({ "m.tz": "Europe/Vienna" }))).await.unwrap();
    let profile = client.send(GetUserProfile::new(&user)).await.unwrap();
    assert_eq!(profile.extra.get(field), Some(&pets));
    assert_eq!(profile.tz.as_deref(), Some("Europe/Vienna"));
    let one = client.send(GetProfileField::new(&user, field)).await.unwrap().content;
    assert_eq!(one.get(field), Some(&pets));

    client.send(DeleteProfileField::new(&user, field)).await.unwrap();
    assert!(client.send(GetProfileField::new(&user, field)).await.unwrap_err().is_not_found());
    let others = live.credentials(Account::Bob).0;
    let refused = client.send(DeleteProfileField::new(others, field)).await.unwrap_err();
    assert_eq!(refused.errcode(), Some(&ErrorCode::Forbidden));
    let refused = client.send(SetProfileField::new(&user, field, json!({}))).await.unwrap_err();
    assert_eq!(refused.errcode(), Some(&ErrorCode::MissingParam));
}
