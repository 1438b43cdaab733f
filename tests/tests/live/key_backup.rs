//! Keys of rooms that are kept on the server.

use std::collections::BTreeMap;

use matrix_api::client_server::types::{KeyBackupData, RoomKeyBackup};
use matrix_api::client_server::{
    DeleteRoomKeyBySessionId, DeleteRoomKeys, DeleteRoomKeysByRoomId, DeleteRoomKeysVersion, GetRoomKeyBySessionId,
    GetRoomKeys, GetRoomKeysByRoomId, GetRoomKeysVersion, GetRoomKeysVersionCurrent, PostRoomKeysVersion,
    PutRoomKeyBySessionId, PutRoomKeys, PutRoomKeysByRoomId, PutRoomKeysVersion,
};
use matrix_api::{Client, ErrorCode, RoomId, json};
use matrix_api_tests::live::Live;
use serde_json::Value;

const ALGORITHM: &str = "m.megolm_backup.v1.curve25519-aes-sha2";
const KITCHEN: &str = "!kitchen:example.org";
const GARDEN: &str = "!garden:example.org";

fn key(first_message_index: i64) -> KeyBackupData {
    let data = json!({ "ciphertext": "c2VjcmV0", "ephemeral": "ZXBoZW1lcmFs", "mac": "bWFj" });
    KeyBackupData::new(first_message_index, 1, false, data)
}

fn sessions(keys: &[(&str, i64)]) -> RoomKeyBackup {
    RoomKeyBackup::new(keys.iter().map(|(session, index)| ((*session).to_owned(), key(*index))))
}

async fn new_version(client: &Client, public_key: &str) -> String {
    client.send(PostRoomKeysVersion::new(ALGORITHM, json!({ "public_key": public_key }))).await.unwrap().version
}

#[tokio::test]
async fn versions() {
    let live = Live::new("key_backup::versions");
    let client = live.new_user().await;
    let missing = client.send(GetRoomKeysVersionCurrent::new()).await.unwrap_err();
    assert_eq!(missing.errcode(), Some(&ErrorCode::NotFound));
    let first = new_version(&client, "first").await;
    let second = new_version(&client, "second").await;
    assert!(first != second);

    let current = client.send(GetRoomKeysVersionCurrent::new()).await.unwrap();
    assert_eq!((current.version.as_str(), current.count), (second.as_str(), 0));
    assert_eq!(current.algorithm.as_ref(), ALGORITHM);
    assert_eq!(current.auth_data.decode::<Value>().unwrap(), json!({ "public_key": "second" }));
    let old = client.send(GetRoomKeysVersion::new(&first)).await.unwrap();
    assert_eq!((old.version, old.count), (first, 0));
    assert_eq!(old.auth_data.field::<String>("public_key").unwrap().as_deref(), Some("first"));

    let signed = json!({ "public_key": "second", "signatures": {} });
    client.send(PutRoomKeysVersion::new(&second, ALGORITHM, signed.clone()).body_version(&second)).await.unwrap();
    let changed = client.send(GetRoomKeysVersion::new(&second)).await.unwrap();
    assert_eq!(changed.auth_data.decode::<Value>().unwrap(), signed);
    client.send(DeleteRoomKeysVersion::new(&second)).await.unwrap();
    assert!(client.send(GetRoomKeysVersion::new(&second)).await.unwrap_err().is_not_found());
}

#[tokio::test]
async fn one_key() {
    let live = Live::new("key_backup::one_key");
    let client = live.new_user().await;
    let version = new_version(&client, "key").await;
    let put = async |index| client.send(PutRoomKeyBySessionId::new(KITCHEN, "one", &version, key(index))).await;
    let first = put(5).await.unwrap().update;
    assert_eq!(first.count, 1);
    let better = put(2).await.unwrap().update;
    assert_eq!(better.count, 1);
    assert!(better.etag != first.etag);
    // Worse than what is there: the server keeps the better one.
    assert_eq!(put(7).await.unwrap().update.etag, better.etag);

    let get = GetRoomKeyBySessionId::new(KITCHEN, "one", &version);
    let kept = client.send(&get).await.unwrap().key;
    assert_eq!((kept.first_message_index, kept.forwarded_count, kept.is_verified), (2, 1, false));
    assert_eq!(kept.session_data.field::<String>("mac").unwrap().as_deref(), Some("bWFj"));
    let deleted = client.send(DeleteRoomKeyBySessionId::new(KITCHEN, "one", &version)).await.unwrap();
    assert_eq!(deleted.update.count, 0);
    assert_eq!(client.send(get).await.unwrap_err().errcode(), Some(&ErrorCode::NotFound));
}

#[tokio::test]
async fn keys_of_a_room() {
    let live = Live::new("key_backup::keys_of_a_room");
    let client = live.new_user().await;
    let old = new_version(&client, "old").await;
    let version = new_version(&client, "new").await;
    let put = PutRoomKeysByRoomId::new(KITCHEN, &version, sessions(&[("one", 1), ("two", 2)]));
    assert_eq!(client.send(&put).await.unwrap().update.count, 2);
    let keys = client.send(GetRoomKeysByRoomId::new(KITCHEN, &version)).await.unwrap().keys;
    let indexes: BTreeMap<_, _> =
        keys.sessions.iter().flatten().map(|(id, key)| (id.as_str(), key.first_message_index)).collect();
    assert_eq!(indexes, BTreeMap::from([("one", 1), ("two", 2)]));
    let deleted = client.send(DeleteRoomKeysByRoomId::new(KITCHEN, &version)).await.unwrap();
    assert_eq!(deleted.update.count, 0);

    let refused = client.send(PutRoomKeysByRoomId::new(KITCHEN, &old, sessions(&[("one", 1)]))).await.unwrap_err();
    assert_eq!(refused.errcode(), Some(&ErrorCode::WrongRoomKeysVersion));
}

#[tokio::test]
async fn all_keys() {
    let live = Live::new("key_backup::all_keys");
    let client = live.new_user().await;
    let version = new_version(&client, "key").await;
    let rooms: BTreeMap<RoomId, _> = BTreeMap::from([
        (KITCHEN.into(), sessions(&[("one", 1), ("two", 2)])),
        (GARDEN.into(), sessions(&[("three", 3)])),
    ]);
    assert_eq!(client.send(PutRoomKeys::new(&version, rooms)).await.unwrap().update.count, 3);
    let kept = client.send(GetRoomKeys::new(&version)).await.unwrap().rooms;
    assert_eq!(kept.keys().map(RoomId::as_str).collect::<Vec<_>>(), [GARDEN, KITCHEN]);
    let index = |room: &str, session: &str| kept[room].sessions.as_ref().unwrap()[session].first_message_index;
    assert_eq!((index(KITCHEN, "two"), index(GARDEN, "three")), (2, 3));
    assert_eq!(client.send(DeleteRoomKeys::new(&version)).await.unwrap().update.count, 0);
    assert!(client.send(GetRoomKeys::new(&version)).await.unwrap().rooms.is_empty());
}
