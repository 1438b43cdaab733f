//! Devices of others.

use matrix_api::synapse_admin::{
    CreateUserDevice, DeleteUserDevice, DeleteUserDevices, GetUserDevice, ListUserDevices, UpdateUserDevice,
};
use matrix_api::{DeviceId, ErrorCode, ErrorKind, UnixMillis};
use matrix_api_tests::live::Live;

use crate::look;

#[tokio::test]
async fn made_named_and_deleted() {
    let live = Live::new("admin_devices::made_named_and_deleted");
    let (admin, client) = (live.admin().await, live.new_user().await);
    let answer = client.whoami().await.unwrap();
    let (user, own) = (answer.user_id, answer.device_id.unwrap());
    let before = admin.send(ListUserDevices::new(&user)).await.unwrap();
    assert_eq!(before.total, i64::try_from(before.devices.len()).unwrap());

    // An id may hold what an address may not.
    let made = DeviceId::from("SPARE/ONE");
    for _ in 0..2 {
        let full = admin.send_full(CreateUserDevice::new(&user, &made)).await.unwrap();
        assert_eq!(full.status, 201);
    }
    admin.send(UpdateUserDevice::new(&user, &made).display_name("Spare")).await.unwrap();
    admin.send(UpdateUserDevice::new(&user, &made)).await.unwrap();
    let device = admin.send(GetUserDevice::new(&user, &made)).await.unwrap().device;
    assert_eq!((&device.user_id, &device.device_id), (&user, &made));
    assert_eq!(device.display_name.as_deref(), Some("Spare"));
    assert_eq!((device.last_seen_ts, device.last_seen_ip, device.dehydrated), (None, None, None));

    let all = admin.send(ListUserDevices::new(&user)).await.unwrap();
    assert_eq!(all.total, before.total + 1);
    let [seen] = &all.devices.iter().filter(|device| device.device_id == own).collect::<Vec<_>>()[..] else {
        panic!("the client's own device is there")
    };
    assert_eq!(seen.last_seen_ip.as_deref(), Some("127.0.0.1"));
    assert!(seen.last_seen_ts.unwrap() <= UnixMillis::now());
    assert!(seen.last_seen_user_agent.as_ref().unwrap().contains("matrix-api"));

    admin.send(DeleteUserDevice::new(&user, &made)).await.unwrap();
    admin.send(DeleteUserDevice::new(&user, &made)).await.unwrap();
    look::refused(admin.send(GetUserDevice::new(&user, &made)).await, 404, ErrorCode::NotFound);
    let long = UpdateUserDevice::new(&user, &own).display_name("x".repeat(101));
    look::refused(admin.send(long).await, 400, ErrorCode::TooLarge);

    admin.send(CreateUserDevice::new(&user, "ANOTHER")).await.unwrap();
    admin.send(DeleteUserDevices::new(&user, [own, "ANOTHER".into(), "NEVER".into()])).await.unwrap();
    assert_eq!(admin.send(ListUserDevices::new(&user)).await.unwrap().total, before.total - 1);
    if !live.delegates_login() {
        // Else the token is not the homeserver's to end.
        assert_eq!(client.whoami().await.unwrap_err().kind(), ErrorKind::SessionEnded);
    }
}
