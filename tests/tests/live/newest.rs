//! What the specification has had since the newest version that the homeserver names: some of it is served.

use matrix_api::client_server::{
    self, DeleteProfileField, GetAdminLockUser, GetAdminSuspendUser, GetMutualRooms, GetProfileField,
    GetWellknownPolicy, SetAdminLockUser, SetAdminSuspendUser, SetProfileField,
};
use matrix_api::service::Homeserver;
use matrix_api::{Client, Error, ErrorKind, Request, Support, json};
use matrix_api_tests::live::{Account, Live};

use crate::look;

/// Sends what the server has, and says so by a flag.
async fn served<R: Request<To = Homeserver>>(client: &Client, request: R) {
    let name = R::METADATA.id;
    assert_eq!(client.supports::<R>().await.unwrap(), Support::Yes, "{name}");
    client.send(request).await.unwrap_or_else(|error| panic!("{name}: {error}"));
}

/// Sends what the server does not have: once, to find out.
async fn lacking<R: Request<To = Homeserver>>(client: &Client, request: R) {
    let name = R::METADATA.id;
    assert_eq!(client.supports::<R>().await.unwrap(), Support::Unknown, "{name}");
    for sent in [true, false] {
        let error = client.send(&request).await.err().unwrap_or_else(|| panic!("{name} is served"));
        let Error::Unsupported(lacking) = &error else { panic!("{name}: {error}") };
        assert_eq!((lacking.needs(), lacking.has()), ("Matrix v1.18", "v1.15"), "{error}");
        assert_eq!(lacking.tried().is_some(), sent, "{error}");
        assert_eq!(client.supports::<R>().await.unwrap(), Support::No);
    }
}

#[tokio::test]
async fn each_is_sent() {
    let live = Live::new("newest::each_is_sent");
    // Two of them have taken the place of older ones, and so are known by their flag.
    let flag = "uk.tcpip.msc4133.stable";
    let newer = |since: &str| {
        since.strip_prefix("1.").and_then(|minor| minor.parse().ok()).is_some_and(|minor: u32| minor > 15)
    };
    let mut names: Vec<&str> = client_server::OPERATIONS
        .iter()
        .filter(|operation| operation.since.is_some_and(newer) || operation.flags.contains(&flag))
        .map(|operation| operation.id)
        .collect();
    names.sort_unstable();
    let known = [
        "deleteProfileField",
        "getAdminLockUser",
        "getAdminSuspendUser",
        "getMutualRooms",
        "getProfileField",
        "getWellknownPolicy",
        "setAdminLockUser",
        "setAdminSuspendUser",
        "setProfileField",
    ];
    assert_eq!(names, known, "each of them is sent below");

    let client = live.login(Account::Alice).await;
    let user = look::me(&client).await;
    let other = look::me(&live.new_user().await).await;
    const FIELD: &str = "org.example.newest";
    served(&client, SetProfileField::new(&user, FIELD, json!({ FIELD: 1 }))).await;
    served(&client, GetProfileField::new(&user, FIELD)).await;
    served(&client, DeleteProfileField::new(&user, FIELD)).await;
    served(&client, GetMutualRooms::new(&other)).await;

    let admin = live.login(Account::Admin).await;
    lacking(&admin, GetAdminLockUser::new(&other)).await;
    lacking(&admin, SetAdminLockUser::new(&other, true)).await;
    lacking(&admin, GetAdminSuspendUser::new(&other)).await;
    lacking(&admin, SetAdminSuspendUser::new(&other, true)).await;
    // What a server's name does not publish is not there, which says nothing about the homeserver.
    let nothing = live.by_name().await.send(GetWellknownPolicy::new()).await.unwrap_err();
    assert_eq!((nothing.kind(), nothing.status().unwrap().as_u16()), (ErrorKind::Api, 404));
}
