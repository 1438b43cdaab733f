//! Users as a server administrator sees them.

use matrix_api::client_server::CreateRoom;
use matrix_api::synapse_admin::create_or_modify_user::Threepid;
use matrix_api::synapse_admin::types::{Direction, ExternalId, Medium, UserOrder, UserType};
use matrix_api::synapse_admin::{
    CheckUsernameAvailable, CreateOrModifyUser, FindUserByExternalId, FindUserByThreepid, GetUser, GetUserWhois,
    ListUsers, ListUsersV3, SearchUsers, list_users,
};
use matrix_api::{Client, ErrorCode, UnixMillis, UnixSeconds, UserId};
use matrix_api_tests::live::{Live, PASSWORD, unique};

use crate::look;

/// The name without `@` and server.
fn name(user: &UserId) -> &str {
    user.localpart().unwrap()
}

/// The id of a user who does not exist yet.
fn someone(live: &Live, stem: &str) -> UserId {
    UserId::from(format!("@{}:{}", unique(stem), live.server_name()))
}

/// Sees to it that there is such a user.
async fn made(live: &Live, admin: &Client, user: &UserId) {
    if live.delegates_login() {
        live.provision(name(user)).await;
    } else {
        assert_eq!(admin.send(CreateOrModifyUser::new(user)).await.unwrap().status, 201);
    }
}

#[tokio::test]
async fn make_and_change() {
    let live = Live::new("admin_users::make_and_change");
    let admin = live.admin().await;
    let user = someone(&live, "made");
    let address = format!("{}@Example.org", unique("Made"));
    let make = CreateOrModifyUser::new(&user)
        .displayname("Made")
        .avatar_url("mxc://example.org/face")
        .threepids([Threepid::new(Medium::Email, &*address)])
        .external_ids([ExternalId::new("oidc-x", user.as_str())])
        .user_type(UserType::Support)
        .admin(true);
    let before = UnixSeconds::now();
    let one = if live.delegates_login() {
        // Neither an account nor a password is the homeserver's to make.
        look::refused(admin.send(make.clone()).await, 403, ErrorCode::Forbidden);
        live.provision(name(&user)).await;
        look::refused(admin.send(make.clone().password(PASSWORD)).await, 403, ErrorCode::Forbidden);
        let changed = admin.send(make).await.unwrap();
        assert_eq!(changed.status, 200);
        changed.user
    } else {
        let made = admin.send(make.password(PASSWORD)).await.unwrap();
        assert_eq!(made.status, 201);
        made.user
    };
    assert_eq!((one.name.as_str(), one.displayname.as_deref()), (user.as_str(), Some("Made")));
    assert_eq!(one.avatar_url.unwrap().as_str(), "mxc://example.org/face");
    assert_eq!((one.admin, one.user_type), (true, Some(UserType::Support)));
    assert_eq!((one.deactivated, one.erased, one.is_guest, one.shadow_banned), (false, false, false, false));
    assert_eq!((one.locked, one.suspended, one.approved), (Some(false), Some(false), None));
    assert!((before.get()..before.get() + 100).contains(&one.creation_ts.get()), "{:?}", one.creation_ts);
    let [threepid] = &one.threepids[..] else { panic!("one address") };
    assert_eq!((&threepid.medium, &threepid.address), (&Medium::Email, &address.to_lowercase()));
    assert!(threepid.validated_at >= UnixMillis(before.get() * 1000) && threepid.added_at >= threepid.validated_at);
    assert_eq!((one.external_ids[0].auth_provider.as_str(), one.external_ids.len()), ("oidc-x", 1));
    assert_eq!((one.last_seen_ts, one.appservice_id, one.consent_version), (None, None, None));

    let change = CreateOrModifyUser::new(&user).displayname("").threepids([]).user_type_null().locked(true);
    let changed = admin.send(change).await.unwrap();
    assert_eq!(changed.status, 200);
    let one = admin.send(GetUser::new(&user)).await.unwrap().user;
    assert_eq!((one.displayname.as_deref(), one.user_type, one.locked), (None, None, Some(true)));
    // What was not named is as it was.
    assert!(one.threepids.is_empty() && one.admin && one.avatar_url.is_some());
    assert_eq!(one.external_ids.len(), 1);
    look::refused(admin.send(GetUser::new(someone(&live, "nobody"))).await, 404, ErrorCode::NotFound);
    look::refused(admin.send(GetUser::new("@u:elsewhere.example")).await, 400, ErrorCode::Unknown);
}

#[tokio::test]
async fn a_refused_value_leaves_the_others_done() {
    let live = Live::new("admin_users::a_refused_value_leaves_the_others_done");
    let admin = live.admin().await;
    let (first, second) = (someone(&live, "first"), someone(&live, "second"));
    let taken = || [ExternalId::new("oidc-x", first.as_str())];
    made(&live, &admin, &first).await;
    admin.send(CreateOrModifyUser::new(&first).external_ids(taken())).await.unwrap();
    let half = || CreateOrModifyUser::new(&second).displayname("Half").external_ids(taken());
    if !live.delegates_login() {
        look::refused(admin.send(half()).await, 409, ErrorCode::Unknown);
        admin.send(CreateOrModifyUser::new(&second).displayname("")).await.unwrap();
    } else {
        made(&live, &admin, &second).await;
    }
    look::refused(admin.send(half()).await, 409, ErrorCode::Unknown);
    let one = admin.send(GetUser::new(&second)).await.unwrap().user;
    assert_eq!((one.displayname.as_deref(), one.external_ids.len()), (Some("Half"), 0));
}

#[tokio::test]
async fn lists() {
    let live = Live::new("admin_users::lists");
    let admin = live.admin().await;
    let stem = unique("listed");
    let id = |name: &str| UserId::from(format!("@{stem}-{name}:{}", live.server_name()));
    for name in ["a", "b", "c"] {
        made(&live, &admin, &id(name)).await;
        admin.send(CreateOrModifyUser::new(id(name)).displayname(format!("{name} von {stem}"))).await.unwrap();
    }
    admin.send(CreateOrModifyUser::new(id("b")).user_type(UserType::Bot)).await.unwrap();
    admin.send(CreateOrModifyUser::new(id("c")).deactivated(true)).await.unwrap();

    let of = || ListUsers::new().guests(false).name(stem.to_uppercase());
    let active = admin.send(of()).await.unwrap();
    assert_eq!((names(&active), active.total, active.next_token), (vec![id("a"), id("b")], 2, None));
    let a = &active.users[0];
    assert_eq!(a.displayname.as_deref(), Some(&*format!("a von {stem}")));
    let made = admin.send(GetUser::new(id("a"))).await.unwrap().user.creation_ts;
    assert_eq!(a.creation_ts, Some(UnixMillis(made.get() * 1000)));
    assert!(!a.admin && !a.is_guest && !a.erased && a.user_type.is_none() && a.last_seen_ts.is_none());
    assert_eq!((a.locked, a.approved), (Some(false), None));

    let all = of().deactivated(true);
    let back = admin.send(all.clone().dir(Direction::Backward)).await.unwrap();
    assert_eq!(names(&back), [id("c"), id("b"), id("a")]);
    assert!(back.users[0].deactivated);
    let page = admin.send(all.clone().limit(2).order_by(UserOrder::CreationTs)).await.unwrap();
    assert_eq!((page.users.len(), page.total), (2, 3));
    let rest = admin.send(all.clone().limit(2).from(page.next_token.unwrap())).await.unwrap();
    assert_eq!((rest.users.len(), rest.next_token), (1, None));
    assert_eq!(names(&admin.send(all.clone().not_user_type([UserType::from("")])).await.unwrap()), [id("b")]);
    let neither = all.clone().not_user_type([UserType::Bot, UserType::from("")]);
    assert!(admin.send(neither).await.unwrap().users.is_empty());
    let part = format!("{stem}-b:");
    assert_eq!(names(&admin.send(ListUsers::new().guests(false).user_id(part)).await.unwrap()), [id("b")]);
    assert!(admin.send(all.admins(true)).await.unwrap().users.is_empty());

    // The third version tells active from deactivated the other way.
    let of = || ListUsersV3::new().guests(false).name(&*stem);
    assert_eq!(admin.send(of()).await.unwrap().total, 3);
    let gone = admin.send(of().deactivated(true)).await.unwrap();
    assert_eq!((gone.users[0].name.clone(), gone.total), (id("c"), 1));
    assert_eq!(admin.send(of().deactivated(false)).await.unwrap().total, 2);
    let odd = admin.send(of().order_by("shoe size")).await;
    look::refused(odd, 400, ErrorCode::InvalidParam);
}

fn names(page: &list_users::ListUsersResponse) -> Vec<UserId> {
    page.users.iter().map(|user| user.name.clone()).collect()
}

#[tokio::test]
async fn found_by_a_part_of_the_id() {
    let live = Live::new("admin_users::found_by_a_part_of_the_id");
    let admin = live.admin().await;
    let user = someone(&live, "searched");
    made(&live, &admin, &user).await;
    admin.send(CreateOrModifyUser::new(&user).user_type(UserType::Bot)).await.unwrap();
    let found = admin.send(SearchUsers::new(look::me(&admin).await, name(&user))).await.unwrap().users;
    let [one] = &found[..] else { panic!("one user, not {found:?}") };
    assert_eq!((&one.name, one.admin, one.is_guest), (&user, false, false));
    assert_eq!(one.user_type, Some(UserType::Bot));
    let none = admin.send(SearchUsers::new(&user, unique("nothing"))).await.unwrap();
    assert!(none.users.is_empty());
}

#[tokio::test]
async fn found_by_who_they_are_elsewhere() {
    let live = Live::new("admin_users::found_by_who_they_are_elsewhere");
    let admin = live.admin().await;
    let user = someone(&live, "elsewhere");
    let address = format!("{}@example.org", unique("elsewhere"));
    // Everything that an address of the web may not hold as it is.
    let id = format!("{}/ä?#%", unique("sub"));
    made(&live, &admin, &user).await;
    let make = CreateOrModifyUser::new(&user)
        .external_ids([ExternalId::new("oidc-x", &*id)])
        .threepids([Threepid::new(Medium::Email, &*address)]);
    admin.send(make).await.unwrap();
    assert_eq!(admin.send(FindUserByExternalId::new("oidc-x", &*id)).await.unwrap().user_id, user);
    assert_eq!(admin.send(FindUserByThreepid::new(Medium::Email, &*address)).await.unwrap().user_id, user);
    look::refused(admin.send(FindUserByExternalId::new("oidc-y", id)).await, 404, ErrorCode::NotFound);
    look::refused(admin.send(FindUserByThreepid::new(Medium::Msisdn, "4912")).await, 404, ErrorCode::NotFound);
}

#[tokio::test]
async fn names_that_are_free() {
    let live = Live::new("admin_users::names_that_are_free");
    let admin = live.admin().await;
    let user = someone(&live, "name");
    let ask = |name: &str| admin.send(CheckUsernameAvailable::new(name.to_owned()));
    assert!(ask(name(&user)).await.unwrap().available);
    made(&live, &admin, &user).await;
    look::refused(ask(name(&user)).await, 400, ErrorCode::UserInUse);
    look::refused(ask("no spaces").await, 400, ErrorCode::InvalidUsername);
    look::refused(ask("bridged_cat").await, 400, ErrorCode::Exclusive);
}

#[tokio::test]
async fn whereabouts() {
    let live = Live::new("admin_users::whereabouts");
    let (admin, client) = (live.admin().await, live.new_user().await);
    let user = look::me(&client).await;
    client.send(CreateRoom::new()).await.unwrap();
    let answer = admin.send(GetUserWhois::new(&user)).await.unwrap();
    assert_eq!(answer.user_id, user);
    let connections = &answer.devices[""].sessions[0].connections;
    assert_eq!(connections[0].ip, "127.0.0.1");
    assert!(connections[0].user_agent.contains("matrix-api"), "{connections:?}");
    assert!(connections[0].last_seen <= UnixMillis::now());
    // For users about themselves, too; for nobody else.
    assert_eq!(client.send(GetUserWhois::new(&user)).await.unwrap().user_id, user);
    let other = client.send(GetUserWhois::new(look::me(&admin).await)).await;
    look::refused(other, 403, ErrorCode::Forbidden);
    look::refused(client.send(GetUser::new(&user)).await, 403, ErrorCode::Forbidden);
}
