//! Who is in a room, and who sees to it.

use matrix_api::client_server::get_members_by_room::{Membership, NotMembership};
use matrix_api::client_server::{
    Ban, CreateRoom, GetJoinedMembersByRoom, GetJoinedRooms, GetMembersByRoom, GetMutualRooms, GetRoomStateWithKey,
    InviteUser, JoinRoomById, Kick, KnockRoom, LeaveRoom, SetProfileField, Unban,
};
use matrix_api::{Client, ErrorCode, RoomId, UserId, json};
use matrix_api_tests::live::{Account, Live};

use crate::look;

/// The membership of a user, and the reason given for it.
async fn standing(client: &Client, room: &RoomId, user: &UserId) -> (String, Option<String>) {
    let asked = GetRoomStateWithKey::new(room, "m.room.member", user.as_str());
    let content = client.send(asked).await.unwrap().content;
    (content.field("membership").unwrap().unwrap(), content.field("reason").unwrap())
}

fn because(membership: &str, reason: &str) -> (String, Option<String>) {
    (membership.to_owned(), Some(reason.to_owned()))
}

#[tokio::test]
async fn invite_and_join() {
    let live = Live::new("members::invite_and_join");
    let (alice, bob) = (live.login(Account::Alice).await, live.new_user().await);
    let (host, guest) = (look::me(&alice).await, look::me(&bob).await);
    let room = live.room(&alice).await;
    alice.send(InviteUser::new(&room, &guest).reason("tea")).await.unwrap();
    assert_eq!(standing(&alice, &room, &guest).await, because("invite", "tea"));

    let answer =
        live.sync_until(&bob, |sync| sync.rooms.as_ref().is_some_and(|rooms| rooms.invite.contains_key(&room)));
    let invited = answer.await.rooms.unwrap().invite.remove(&room).unwrap();
    let stripped = invited.invite_state.unwrap().events;
    let mine = stripped.iter().find(|event| look::field(event, "state_key") == guest.as_str()).unwrap();
    assert_eq!(look::field(mine, "sender"), host.as_str());
    assert_eq!(look::content(mine)["membership"], "invite");

    bob.send(JoinRoomById::new(&room)).await.unwrap();
    assert_eq!(standing(&bob, &room, &guest).await.0, "join");
    look::refused(alice.send(InviteUser::new(&room, &guest)).await, 403, ErrorCode::Forbidden);
}

#[tokio::test]
async fn kick_ban_unban() {
    let live = Live::new("members::kick_ban_unban");
    let (alice, bob) = (live.login(Account::Alice).await, live.new_user().await);
    let (host, guest) = (look::me(&alice).await, look::me(&bob).await);
    let room = live.shared_room(&alice, &bob).await;

    look::refused(bob.send(Kick::new(&room, &host)).await, 403, ErrorCode::Forbidden);
    alice.send(Kick::new(&room, &guest).reason("rude")).await.unwrap();
    assert_eq!(standing(&alice, &room, &guest).await, because("leave", "rude"));
    assert!(bob.send(GetJoinedRooms::new()).await.unwrap().joined_rooms.is_empty());

    bob.send(JoinRoomById::new(&room)).await.unwrap();
    alice.send(Ban::new(&room, &guest).reason("ruder")).await.unwrap();
    assert_eq!(standing(&alice, &room, &guest).await, because("ban", "ruder"));
    look::refused(bob.send(JoinRoomById::new(&room)).await, 403, ErrorCode::BadState);

    alice.send(Unban::new(&room, &guest).reason("sorry")).await.unwrap();
    assert_eq!(standing(&alice, &room, &guest).await, because("leave", "sorry"));
    bob.send(JoinRoomById::new(&room)).await.unwrap();
    assert_eq!(standing(&alice, &room, &guest).await.0, "join");
}

#[tokio::test]
async fn knock() {
    let live = Live::new("members::knock");
    let (alice, bob) = (live.login(Account::Alice).await, live.new_user().await);
    let guest = look::me(&bob).await;
    let rule =
        matrix_api::client_server::create_room::InitialState::new("m.room.join_rules", json!({"join_rule": "knock"}));
    let create = CreateRoom::new().preset("private_chat").initial_state([rule.state_key("")]);
    let room = alice.send(create).await.unwrap().room_id;
    let knock = KnockRoom::new(room.as_str()).via([live.server_name()]).reason("may I?");
    assert_eq!(bob.send(knock).await.unwrap().room_id, room);
    assert_eq!(standing(&alice, &room, &guest).await, because("knock", "may I?"));

    let answer = live.sync_until(&bob, |sync| sync.rooms.as_ref().is_some_and(|rooms| rooms.knock.contains_key(&room)));
    let knocked = answer.await.rooms.unwrap().knock.remove(&room).unwrap();
    let stripped = knocked.knock_state.unwrap().events;
    let rules = stripped.iter().find(|event| look::kind(event) == "m.room.join_rules").unwrap();
    assert_eq!(look::content(rules), json!({"join_rule": "knock"}));

    alice.send(InviteUser::new(&room, &guest)).await.unwrap();
    assert_eq!(bob.send(JoinRoomById::new(&room)).await.unwrap().room_id, room);
    let closed = live.room(&alice).await;
    look::refused(bob.send(KnockRoom::new(closed.as_str())).await, 403, ErrorCode::Forbidden);
}

#[tokio::test]
async fn lists() {
    let live = Live::new("members::lists");
    let (alice, bob, carol) = (live.new_user().await, live.new_user().await, live.new_user().await);
    let (host, guest, other) = (look::me(&alice).await, look::me(&bob).await, look::me(&carol).await);
    let avatar = format!("mxc://{}/picture", live.server_name());
    alice.send(SetProfileField::new(&host, "displayname", json!({"displayname": "The Host"}))).await.unwrap();
    alice.send(SetProfileField::new(&host, "avatar_url", json!({"avatar_url": avatar}))).await.unwrap();
    let room = live.shared_room(&alice, &bob).await;
    let early = bob.send(matrix_api::client_server::SyncEvents::new()).await.unwrap().next_batch;
    alice.send(InviteUser::new(&room, &other)).await.unwrap();

    let joined = alice.send(GetJoinedMembersByRoom::new(&room)).await.unwrap().joined;
    assert_eq!(joined.keys().collect::<Vec<_>>().len(), 2);
    assert_eq!(joined[&host].display_name.as_deref(), Some("The Host"));
    assert_eq!(joined[&host].avatar_url.as_ref().map(|url| url.as_str()), Some(avatar.as_str()));
    assert_eq!(joined[&guest].avatar_url, None);

    let all = bob.send(GetMembersByRoom::new(&room)).await.unwrap().chunk;
    assert_eq!(names(&all), sorted([&host, &guest, &other]));
    let invited = GetMembersByRoom::new(&room).membership(Membership::Invite);
    assert_eq!(names(&bob.send(invited).await.unwrap().chunk), sorted([&other]));
    let here = GetMembersByRoom::new(&room).not_membership(NotMembership::Invite);
    assert_eq!(names(&bob.send(here).await.unwrap().chunk), sorted([&host, &guest]));
    let then = GetMembersByRoom::new(&room).at(early);
    assert_eq!(names(&bob.send(then).await.unwrap().chunk), sorted([&host, &guest]));
    look::refused(carol.send(GetMembersByRoom::new(&room)).await, 403, ErrorCode::Forbidden);
}

fn names<T>(members: &[matrix_api::Raw<T>]) -> Vec<String> {
    let mut names: Vec<_> =
        members.iter().map(|one| look::field(one, "state_key").as_str().unwrap().to_owned()).collect();
    names.sort();
    names
}

fn sorted<const N: usize>(users: [&UserId; N]) -> Vec<String> {
    let mut names = users.map(|user| user.as_str().to_owned()).to_vec();
    names.sort();
    names
}

#[tokio::test]
async fn mutual_rooms() {
    let live = Live::new("members::mutual_rooms");
    let (alice, bob) = (live.new_user().await, live.new_user().await);
    let guest = look::me(&bob).await;
    let both = live.shared_room(&alice, &bob).await;
    let left = live.shared_room(&alice, &bob).await;
    live.room(&alice).await;
    bob.send(LeaveRoom::new(&left)).await.unwrap();
    let mutual = alice.send(GetMutualRooms::new(&guest)).await.unwrap();
    assert_eq!(mutual.joined, [both]);
    assert_eq!((mutual.count, mutual.next_batch), (1, None));
    look::refused(bob.send(GetMutualRooms::new(&guest)).await, 400, ErrorCode::InvalidParam);
}
