//! The keys of devices and users.

use matrix_api::client_server::query_keys::DeviceKey;
use matrix_api::client_server::types::OneTimeKey;
use matrix_api::client_server::{
    ClaimKeys, GetKeysChanges, QueryKeys, SyncEvents, UploadCrossSigningKeys, UploadCrossSigningSignatures, UploadKeys,
};
use matrix_api::{Client, DeviceId, ErrorCode, Map, Raw, UserId, json};
use matrix_api_tests::live::Live;

use crate::crypto::{Key, cross_signing_key, device_keys, one_time_key};
use crate::uia;

/// A new user, and the key of the device.
async fn somebody(live: &Live) -> (Client, UserId, DeviceId, Key) {
    let client = live.new_user().await;
    let (user, device) = (client.user_id().unwrap(), client.device_id().unwrap());
    let key = Key::of_device(&device);
    (client, user, device, key)
}

async fn query(client: &Client, user: &UserId, device: &DeviceId) -> DeviceKey {
    let all = client.send(QueryKeys::new(Map::from([(user.clone(), vec![])]))).await.unwrap();
    assert!(all.failures.is_empty());
    all.device_keys[user][device.as_str()].clone()
}

#[tokio::test]
async fn upload_and_query() {
    let live = Live::new("keys::upload_and_query");
    let (client, user, device, key) = somebody(&live).await;
    let own = device_keys(&user, &device, &key);
    let answer = client.send(UploadKeys::new().device_keys(own.clone())).await.unwrap();
    assert!(answer.one_time_key_counts.values().all(|count| *count == 0), "{:?}", answer.one_time_key_counts);

    let other = live.new_user().await;
    let seen = query(&other, &user, &device).await;
    assert_eq!((&seen.user_id, &seen.device_id), (&user, &device));
    assert_eq!(seen.algorithms, own.algorithms);
    assert_eq!(seen.keys, own.keys);
    assert_eq!(seen.signatures, own.signatures);

    let mut strange = own;
    strange.device_id = "ANOTHER".into();
    let refused = client.send(UploadKeys::new().device_keys(strange)).await.unwrap_err();
    assert_eq!(refused.errcode(), Some(&ErrorCode::BadJson));
}

#[tokio::test]
async fn one_time_and_fallback() {
    let live = Live::new("keys::one_time_and_fallback");
    let (client, user, device, key) = somebody(&live).await;
    let once = one_time_key(&user, &key, "AAAAAQ");
    let (name, OneTimeKey::Object(mut fallback)) = one_time_key(&user, &key, "AAAAAg") else {
        panic!("the key is signed")
    };
    fallback.fallback = Some(true);
    let last = (name, OneTimeKey::Object(fallback));
    let upload = UploadKeys::new().device_keys(device_keys(&user, &device, &key));
    let upload = upload.one_time_keys(Map::from([once.clone()]));
    let counts = client.send(upload.fallback_keys(Map::from([last.clone()]))).await.unwrap().one_time_key_counts;
    assert_eq!(counts["signed_curve25519"], 1);

    let other = live.new_user().await;
    // The first gets the key for one use, everybody after that the fallback.
    for (name, key) in [&once, &last, &last] {
        let wanted = Map::from([(device.as_str().to_owned(), "signed_curve25519".to_owned())]);
        let claim = ClaimKeys::new(Map::from([(user.clone(), wanted)])).timeout(10_000);
        let answer = other.send(claim).await.unwrap();
        assert!(answer.failures.is_empty());
        assert_eq!(&answer.one_time_keys[&user][device.as_str()][name], key);
    }
}

#[tokio::test]
async fn changes() {
    let live = Live::new("keys::changes");
    let (alice, user, device, key) = somebody(&live).await;
    let bob = live.new_user().await;
    live.shared_room(&alice, &bob).await;
    let before = bob.send(SyncEvents::new()).await.unwrap().next_batch;
    alice.send(UploadKeys::new().device_keys(device_keys(&user, &device, &key))).await.unwrap();
    let mut after = before.clone();
    for _ in 0..60 {
        let sync = bob.send(SyncEvents::new().since(&after).timeout(1000)).await.unwrap();
        after = sync.next_batch;
        if sync.device_lists.is_some_and(|lists| lists.changed.contains(&user)) {
            break;
        }
    }
    let changes = bob.send(GetKeysChanges::new(before, after)).await.unwrap();
    assert!(changes.changed.contains(&user));
    assert!(changes.left.is_empty());
}

#[tokio::test]
async fn cross_signing() {
    let live = Live::new("keys::cross_signing");
    let (client, user, device, key) = somebody(&live).await;
    client.send(UploadKeys::new().device_keys(device_keys(&user, &device, &key))).await.unwrap();
    let (master, own, others) = (Key::new(), Key::new(), Key::new());
    let upload = UploadCrossSigningKeys::new()
        .master_key(cross_signing_key(&user, "master", &master, &key))
        .self_signing_key(cross_signing_key(&user, "self_signing", &own, &master))
        .user_signing_key(cross_signing_key(&user, "user_signing", &others, &master));
    // The first time, the login is proof enough.
    client.send(&upload).await.unwrap();

    let keys = client.send(QueryKeys::new(Map::from([(user.clone(), vec![])]))).await.unwrap();
    for (published, usage, key) in [
        (&keys.master_keys, "master", &master),
        (&keys.self_signing_keys, "self_signing", &own),
        (&keys.user_signing_keys, "user_signing", &others),
    ] {
        assert_eq!(published[&user].keys, Some(Map::from([(key.name(), key.public())])));
        assert_eq!(published[&user].usage.as_ref().unwrap()[0].as_ref(), usage);
    }

    // The next time, it is not.
    let new = upload.master_key(cross_signing_key(&user, "master", &Key::new(), &key));
    let refused = client.send(&new).await.unwrap_err();
    let auth = uia::answer(&refused, &client);
    let unsigned = client.send(new.auth(auth)).await.unwrap_err();
    // The two other keys are not signed by the new master key.
    assert_eq!(unsigned.errcode(), Some(&ErrorCode::InvalidSignature));
}

#[tokio::test]
async fn signatures() {
    let live = Live::new("keys::signatures");
    let (client, user, device, key) = somebody(&live).await;
    let published = device_keys(&user, &device, &key);
    client.send(UploadKeys::new().device_keys(published.clone())).await.unwrap();
    let (master, own) = (Key::new(), Key::new());
    let upload = UploadCrossSigningKeys::new()
        .master_key(cross_signing_key(&user, "master", &master, &key))
        .self_signing_key(cross_signing_key(&user, "self_signing", &own, &master));
    client.send(upload).await.unwrap();

    let upload = async |signer: &Key| {
        let mut signed = published.clone();
        signed.signatures = signer.signatures(&user, json!(published));
        let signed = Map::from([(device.as_str().to_owned(), Raw::new(&signed))]);
        client.send(UploadCrossSigningSignatures::new(Map::from([(user.clone(), signed)]))).await.unwrap().failures
    };
    assert!(upload(&own).await.is_empty());
    let seen = query(&client, &user, &device).await;
    assert_eq!(seen.signatures[&user][&own.name()], own.sign(json!(published)));
    assert_eq!(seen.signatures[&user][&key.name()], key.sign(json!(published)));

    let failures = upload(&Key::new()).await;
    let code: Option<String> = failures[&user][device.as_str()].field("errcode").unwrap();
    assert_eq!(code.as_deref(), Some("M_INVALID_SIGNATURE"));
}
