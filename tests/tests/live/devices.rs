//! A user's devices.

use matrix_api::client_server::{DeleteDevice, DeleteDevices, GetDevice, GetDevices, UpdateDevice};
use matrix_api::{Client, ErrorKind};
use matrix_api_tests::live::{Live, PASSWORD};

use crate::uia;

/// Another login of the same user.
async fn another(live: &Live, client: &Client) -> Client {
    let other = live.anonymous().await;
    other.login_password(client.user_id().unwrap().as_str(), PASSWORD).await.unwrap();
    other
}

#[tokio::test]
async fn read_and_name() {
    let live = Live::new("devices::read_and_name");
    let client = live.new_user().await;
    let id = client.device_id().unwrap();
    let all = client.send(GetDevices::new()).await.unwrap().devices;
    assert!(all.iter().any(|device| device.device_id == id));
    let other = another(&live, &client).await;
    assert_eq!(client.send(GetDevices::new()).await.unwrap().devices.len(), all.len() + 1);

    let named = client.send_full(UpdateDevice::new(&id).display_name("Kitchen")).await.unwrap();
    assert_eq!((named.status.as_u16(), named.value.status), (200, 200));
    let device = other.send(GetDevice::new(&id)).await.unwrap().device;
    assert_eq!(device.device_id, id);
    assert_eq!(device.display_name.as_deref(), Some("Kitchen"));
    let missing = client.send(GetDevice::new("NOWHERE")).await.unwrap_err();
    assert!(missing.is_not_found());
}

#[tokio::test]
async fn remove_one() {
    let live = Live::new("devices::remove_one");
    let client = live.new_user().await;
    let other = another(&live, &client).await;
    let gone = other.device_id().unwrap();
    let refused = client.send(DeleteDevice::new(&gone)).await.unwrap_err();
    client.send(DeleteDevice::new(&gone).auth(uia::answer(&refused, &client))).await.unwrap();
    assert!(client.send(GetDevice::new(&gone)).await.unwrap_err().is_not_found());
    assert_eq!(other.whoami().await.unwrap_err().kind(), ErrorKind::SessionEnded);
}

#[tokio::test]
async fn remove_many() {
    let live = Live::new("devices::remove_many");
    let client = live.new_user().await;
    let own = client.device_id().unwrap();
    another(&live, &client).await;
    let all = client.send(GetDevices::new()).await.unwrap().devices;
    let others: Vec<_> = all.into_iter().map(|device| device.device_id).filter(|id| *id != own).collect();
    // The one of the registration and the one of the second login.
    assert_eq!(others.len(), 2);
    let delete = DeleteDevices::new(others);
    let refused = client.send(&delete).await.unwrap_err();
    client.send(delete.auth(uia::answer(&refused, &client))).await.unwrap();
    let left = client.send(GetDevices::new()).await.unwrap().devices;
    assert_eq!(left.into_iter().map(|device| device.device_id).collect::<Vec<_>>(), [own]);
}
