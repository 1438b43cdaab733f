//! Messages from device to device.

use matrix_api::client_server::SendToDevice;
use matrix_api::{Map, Raw, json};
use matrix_api_tests::live::{Live, PASSWORD};
use serde_json::Value;

#[tokio::test]
async fn to_another_device() {
    let live = Live::new("to_device::to_another_device");
    let (sender, receiver) = (live.new_user().await, live.new_user().await);
    let (user, device) = (receiver.user_id().unwrap(), receiver.device_id().unwrap());
    let other = live.anonymous().await;
    other.login_password(user.as_str(), PASSWORD).await.unwrap();

    let content = Raw::new(&json!({ "hello": "there" }));
    let to = Map::from([(user.clone(), Map::from([(device.as_str().to_owned(), content.clone())]))]);
    let request = SendToDevice::new("org.example.greeting", to).txn_id("once");
    sender.send(&request).await.unwrap();
    // The same transaction: the same message.
    sender.send(&request).await.unwrap();
    let all = Map::from([(user, Map::from([("*".to_owned(), content)]))]);
    sender.send(SendToDevice::new("org.example.to_all", all)).await.unwrap();

    let mut seen = Vec::new();
    for (client, last) in [(&receiver, 2), (&other, 1)] {
        let mut got = Vec::new();
        live.sync_until(client, |sync| {
            let events = sync.to_device.iter().flat_map(|batch| &batch.events);
            got.extend(events.map(|event| event.parse::<Value>().unwrap()));
            got.len() >= last
        })
        .await;
        assert_eq!(got.len(), last);
        seen.extend(got);
    }
    let types: Vec<_> = seen.iter().map(|event| event["type"].as_str().unwrap()).collect();
    assert_eq!(types, ["org.example.greeting", "org.example.to_all", "org.example.to_all"]);
    assert!(seen.iter().all(|event| event["content"] == json!({ "hello": "there" })));
    assert!(seen.iter().all(|event| event["sender"] == sender.user_id().unwrap().as_str()));
}
