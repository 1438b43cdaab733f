//! How rooms are found: aliases, the published list, summaries.

use matrix_api::client_server::get_room_summary::{Encryption, Membership};
use matrix_api::client_server::get_room_visibility_on_directory::Visibility;
use matrix_api::client_server::query_public_rooms::Filter;
use matrix_api::client_server::{
    CreateRoom, DeleteRoomAlias, GetLocalAliases, GetPublicRooms, GetRoomIdByAlias, GetRoomSummary,
    GetRoomVisibilityOnDirectory, QueryPublicRooms, SetRoomAlias, SetRoomVisibilityOnDirectory,
};
use matrix_api::{ErrorCode, RoomAlias, json};
use matrix_api_tests::live::{Account, Live, unique};

use crate::look;

#[tokio::test]
async fn aliases() {
    let live = Live::new("directory::aliases");
    let (alice, bob) = (live.login(Account::Alice).await, live.login(Account::Bob).await);
    let room = live.room(&alice).await;
    // A slash and an umlaut must survive the path.
    let alias = RoomAlias::from(format!("#{}/ä:{}", unique("name"), live.server_name()));
    assert!(alice.send(GetLocalAliases::new(&room)).await.unwrap().aliases.is_empty());
    alice.send(SetRoomAlias::new(&alias, &room)).await.unwrap();
    look::refused(alice.send(SetRoomAlias::new(&alias, &room)).await, 409, ErrorCode::Unknown);

    // Nobody needs a login to look an alias up.
    for client in [&alice, &live.anonymous().await] {
        let found = client.send(GetRoomIdByAlias::new(&alias)).await.unwrap();
        assert_eq!(found.room_id.as_ref(), Some(&room));
        assert_eq!(found.servers, [live.server_name().as_str()]);
    }
    assert_eq!(alice.send(GetLocalAliases::new(&room)).await.unwrap().aliases, [alias.as_str()]);
    look::refused(bob.send(GetLocalAliases::new(&room)).await, 403, ErrorCode::Forbidden);
    look::refused(bob.send(DeleteRoomAlias::new(&alias)).await, 403, ErrorCode::Forbidden);
    alice.send(DeleteRoomAlias::new(&alias)).await.unwrap();
    look::refused(alice.send(GetRoomIdByAlias::new(&alias)).await, 404, ErrorCode::NotFound);
    assert!(alice.send(GetLocalAliases::new(&room)).await.unwrap().aliases.is_empty());
}

#[tokio::test]
async fn visibility() {
    let live = Live::new("directory::visibility");
    let (alice, bob) = (live.login(Account::Alice).await, live.login(Account::Bob).await);
    let room = live.room(&alice).await;
    let ask = GetRoomVisibilityOnDirectory::new(&room);
    assert_eq!(alice.send(&ask).await.unwrap().visibility, Some(Visibility::Private));
    let publish = SetRoomVisibilityOnDirectory::new(&room).visibility("public");
    look::refused(bob.send(&publish).await, 403, ErrorCode::Forbidden);
    alice.send(&publish).await.unwrap();
    assert_eq!(live.anonymous().await.send(&ask).await.unwrap().visibility, Some(Visibility::Public));
    alice.send(SetRoomVisibilityOnDirectory::new(&room).visibility("private")).await.unwrap();
    assert_eq!(alice.send(&ask).await.unwrap().visibility, Some(Visibility::Private));
    // Nothing said means public.
    alice.send(SetRoomVisibilityOnDirectory::new(&room)).await.unwrap();
    assert_eq!(alice.send(&ask).await.unwrap().visibility, Some(Visibility::Public));
    let nowhere = GetRoomVisibilityOnDirectory::new(format!("!nowhere:{}", live.server_name()));
    look::refused(alice.send(nowhere).await, 404, ErrorCode::NotFound);
}

#[tokio::test]
async fn public_rooms() {
    let live = Live::new("directory::public_rooms");
    let (alice, anyone) = (live.login(Account::Alice).await, live.anonymous().await);
    let name = unique("marketplace");
    let create = CreateRoom::new().preset("public_chat").visibility("public").name(&name).topic("Fish and fruit");
    let room = alice.send(create.room_alias_name(&name)).await.unwrap().room_id;
    let square = alice
        .send(
            CreateRoom::new()
                .preset("public_chat")
                .visibility("public")
                .name(&name)
                .creation_content(json!({"type": "m.space"})),
        )
        .await
        .unwrap()
        .room_id;

    // Goes through all pages, without a login.
    let mut found = None;
    let mut ask = GetPublicRooms::new().limit(1);
    while found.is_none() {
        let page = anyone.send(&ask).await.unwrap().page;
        assert_eq!(page.chunk.len(), 1);
        assert!(page.total_room_count_estimate.is_some_and(|count| count >= 2));
        found = page.chunk.into_iter().find(|one| one.room_id == room);
        ask.since = page.next_batch;
        assert!(found.is_some() || ask.since.is_some(), "the room is on no page");
    }
    let found = found.unwrap();
    assert_eq!(found.name.as_deref(), Some(name.as_str()));
    assert_eq!(found.topic.as_deref(), Some("Fish and fruit"));
    assert_eq!(found.canonical_alias.unwrap(), format!("#{name}:{}", live.server_name()).as_str());
    assert_eq!(found.num_joined_members, 1);
    assert_eq!((found.world_readable, found.guest_can_join), (false, false));
    assert_eq!(found.join_rule.as_deref(), Some("public"));
    assert_eq!((found.room_type, found.avatar_url), (None, None));

    // With a server's name only users may ask, even if the name is the server's own.
    let by_name = GetPublicRooms::new().server(live.server_name());
    look::refused(anyone.send(&by_name).await, 401, ErrorCode::MissingToken);
    assert!(alice.send(&by_name).await.unwrap().page.chunk.iter().any(|one| one.room_id == room));

    let filter = Filter::new().generic_search_term(&name);
    let both = alice.send(QueryPublicRooms::new().filter(filter.clone())).await.unwrap().page;
    assert_eq!((both.chunk.len(), both.next_batch, both.prev_batch), (2, None, None));
    let plain = filter.clone().room_types([None::<String>]);
    let plain = alice.send(QueryPublicRooms::new().limit(10).filter(plain)).await.unwrap().page.chunk;
    assert_eq!(plain.iter().map(|one| &one.room_id).collect::<Vec<_>>(), [&room]);
    let spaces = filter.room_types([Some("m.space".to_owned())]);
    let spaces =
        alice.send(QueryPublicRooms::new().filter(spaces).include_all_networks(true)).await.unwrap().page.chunk;
    assert_eq!(spaces.iter().map(|one| &one.room_id).collect::<Vec<_>>(), [&square]);
    assert_eq!(spaces[0].room_type.as_deref(), Some("m.space"));
}

#[tokio::test]
async fn summary() {
    let live = Live::new("directory::summary");
    let (alice, bob) = (live.login(Account::Alice).await, live.login(Account::Bob).await);
    let alias = unique("summary");
    let state = [
        ("m.room.encryption", json!({"algorithm": "m.megolm.v1.aes-sha2"})),
        ("m.room.avatar", json!({"url": "mxc://localhost/door"})),
        ("m.room.guest_access", json!({"guest_access": "can_join"})),
    ];
    let state = state
        .map(|(kind, content)| matrix_api::client_server::create_room::InitialState::new(kind, content).state_key(""));
    let create = CreateRoom::new().preset("public_chat").name("In short").topic("Briefly").room_alias_name(&alias);
    let room = alice.send(create.initial_state(state).room_version("11")).await.unwrap().room_id;
    let alias = format!("#{alias}:{}", live.server_name());

    let summary = alice.send(GetRoomSummary::new(alias.as_str()).via([live.server_name()])).await.unwrap();
    assert_eq!(summary.room_id, room);
    assert_eq!(summary.name.as_deref(), Some("In short"));
    assert_eq!(summary.topic.as_deref(), Some("Briefly"));
    assert_eq!(summary.canonical_alias.unwrap(), alias.as_str());
    assert_eq!(summary.avatar_url.unwrap(), "mxc://localhost/door");
    assert_eq!(summary.num_joined_members, 1);
    assert_eq!((summary.world_readable, summary.guest_can_join), (false, true));
    assert_eq!(summary.join_rule.as_deref(), Some("public"));
    assert_eq!(summary.room_version.as_deref(), Some("11"));
    assert_eq!(summary.encryption, Some(Encryption::MegolmV1AesSha2));
    assert_eq!(summary.membership, Some(Membership::Join));

    let outside = bob.send(GetRoomSummary::new(room.as_str())).await.unwrap();
    assert_eq!(outside.membership, Some(Membership::Leave));
    let anonymous = live.anonymous().await.send(GetRoomSummary::new(room.as_str())).await.unwrap();
    assert_eq!((anonymous.room_id, anonymous.membership), (room, None));
    let closed = live.room(&alice).await;
    look::refused(bob.send(GetRoomSummary::new(closed.as_str())).await, 404, ErrorCode::NotFound);
}
