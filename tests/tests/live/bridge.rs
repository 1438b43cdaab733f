//! An application service, and the third-party network behind it.

use std::collections::BTreeMap;

use matrix_api::client_server::types::Protocol;
use matrix_api::client_server::{
    GetOneRoomEvent, GetProtocolMetadata, GetProtocols, PingAppservice, QueryLocationByAlias, QueryLocationByProtocol,
    QueryUserById, QueryUserByProtocol, Register, UpdateAppserviceRoomDirectoryVisibility,
};
use matrix_api::{Client, ErrorCode, json};
use matrix_api_tests::live::{Account, Live, unique};
use serde_json::Value;

use crate::look;

fn check(network: &Protocol) {
    assert_eq!(network.user_fields, ["nick"]);
    assert_eq!(network.location_fields, ["channel"]);
    assert_eq!(network.icon, Some("mxc://localhost/network".into()));
    assert_eq!(network.field_types["nick"].regexp, "[a-z]+");
    assert_eq!(network.field_types["channel"].placeholder, "#channel");
    let [instance] = network.instances.as_slice() else { panic!("one instance") };
    assert_eq!((instance.desc.as_str(), instance.network_id.as_str()), ("A test network", "testnet"));
    assert_eq!(instance.fields.decode::<Value>().unwrap(), json!({ "host": "irc.localhost" }));
    // The homeserver's own name for it.
    assert_eq!(instance.instance_id.as_deref(), Some("test|testnet"));
}

#[tokio::test]
async fn networks() {
    let live = Live::new("bridge::networks");
    let client = live.login(Account::Alice).await;
    let all = client.send(GetProtocols::new()).await.unwrap().protocols;
    assert_eq!(all.len(), 1);
    check(&all["testnet"]);
    check(&client.send(GetProtocolMetadata::new("testnet")).await.unwrap().protocol);
    let missing = client.send(GetProtocolMetadata::new("pigeons")).await.unwrap_err();
    assert!(missing.is_not_found());
}

#[tokio::test]
async fn who_and_where() {
    let live = Live::new("bridge::who_and_where");
    let client = live.login(Account::Alice).await;
    let fields = |name: &str, value: &str| BTreeMap::from([(name.to_owned(), value.to_owned())]);
    let users = QueryUserByProtocol::new("testnet").fields(fields("nick", "cat & co"));
    let [user] = &client.send(users).await.unwrap().users[..] else { panic!("one user") };
    assert_eq!((user.userid.as_str(), user.protocol.as_str()), ("@_testnet_cat:localhost", "testnet"));
    assert_eq!(user.fields.decode::<Value>().unwrap()["nick"], "cat & co");
    let places = QueryLocationByProtocol::new("testnet").fields(fields("channel", "#cats"));
    let [place] = &client.send(places).await.unwrap().locations[..] else { panic!("one place") };
    assert_eq!((place.alias.as_str(), place.protocol.as_str()), ("#_testnet_cats:localhost", "testnet"));
    assert_eq!(place.fields.decode::<Value>().unwrap()["channel"], "#cats");

    // A network that nobody bridges has nobody in it.
    assert!(client.send(QueryUserByProtocol::new("pigeons")).await.unwrap().users.is_empty());
}

/// The other way round: Synapse asks no application service, since it has no protocol to ask by.
#[tokio::test]
async fn back_from_matrix() {
    let live = Live::new("bridge::back_from_matrix");
    let client = live.login(Account::Alice).await;
    let users = client.send(QueryUserById::new("@_testnet_cat:localhost")).await.unwrap().users;
    assert!(users.is_empty());
    let places = client.send(QueryLocationByAlias::new("#_testnet_cats:localhost")).await.unwrap().locations;
    assert!(places.is_empty());
}

#[tokio::test]
async fn ping() {
    let live = Live::new("bridge::ping");
    let service = live.appservice().await;
    assert_eq!(service.user_id().unwrap(), format!("@_test_bot:{}", live.server_name()).as_str());
    let answer = service.send(PingAppservice::new("test").transaction_id("one")).await.unwrap();
    assert!((0..60_000).contains(&answer.duration_ms));
    for (client, id) in [(&service, "another"), (&live.login(Account::Alice).await, "test")] {
        let refused = client.send(PingAppservice::new(id)).await.unwrap_err();
        assert_eq!(refused.errcode(), Some(&ErrorCode::Forbidden));
    }
}

#[tokio::test]
async fn directory() {
    let live = Live::new("bridge::directory");
    let service = live.appservice().await;
    let room = live.room(&service).await;
    service.send(UpdateAppserviceRoomDirectoryVisibility::new("testnet", &room, "public")).await.unwrap();
    service.send(UpdateAppserviceRoomDirectoryVisibility::new("testnet", &room, "private")).await.unwrap();
    let alice = live.login(Account::Alice).await;
    let refused = alice.send(UpdateAppserviceRoomDirectoryVisibility::new("testnet", room, "public")).await;
    assert_eq!(refused.unwrap_err().errcode(), Some(&ErrorCode::Forbidden));
}

#[tokio::test]
async fn names_are_reserved() {
    let live = Live::new("bridge::names_are_reserved");
    let register = Register::new().username(unique("bridged_")).password("a secret");
    let refused = live.anonymous().await.send(register).await.unwrap_err();
    assert_eq!(refused.errcode(), Some(&ErrorCode::Exclusive));
}

/// A user of the service acts by the service's token.
#[tokio::test]
async fn masquerade() {
    let live = Live::new("bridge::masquerade");
    let service = live.appservice().await;
    let name = unique("_test_cat");
    let user = service.register_appservice(&name).await.unwrap();
    assert_eq!(user, format!("@{name}:{}", live.server_name()).as_str());
    look::refused(service.register_appservice(&name).await, 400, ErrorCode::UserInUse);
    look::refused(service.register_appservice(unique("cat")).await, 400, ErrorCode::Exclusive);

    let cat = service.masquerade(&user);
    assert_eq!(look::me(&cat).await, user);
    let room = live.room(&cat).await;
    let said = live.text(&cat, &room, "Meow.").await;
    let event = cat.send(GetOneRoomEvent::new(&room, &said)).await.unwrap().event;
    assert_eq!(look::field(&event, "sender"), user.as_str());
    // The service itself is not there.
    look::refused(service.room(&room).send_text("Woof.").await, 403, ErrorCode::Forbidden);
    let again = Client::restore(cat.session().unwrap()).unwrap();
    assert_eq!(look::me(&again).await, user);

    // Nobody but the service's own users, once they are there.
    for other in [live.credentials(Account::Alice).0, "@_test_nobody:localhost".into()] {
        look::refused(service.masquerade(other).whoami().await, 403, ErrorCode::Forbidden);
    }
}

#[tokio::test]
async fn a_device_of_a_user() {
    let live = Live::new("bridge::a_device_of_a_user");
    let service = live.appservice().await;
    let user = service.register_appservice(unique("_test_dog")).await.unwrap();
    let own = live.appservice().await;
    let session = own.login_appservice(user.as_str()).device_id("BASKET").await.unwrap();
    assert_eq!((session.user_id, session.device_id), (user.clone(), Some("BASKET".into())));
    assert_eq!(look::me(&own).await, user);

    let masked = service.masquerade_device(&user, "BASKET");
    let owner = masked.whoami().await.unwrap();
    assert_eq!((owner.user_id, owner.device_id), (user.clone(), Some("BASKET".into())));
    let nowhere = service.masquerade_device(&user, "NOWHERE").whoami().await.unwrap_err();
    assert_eq!(nowhere.status().unwrap(), 400);
}
