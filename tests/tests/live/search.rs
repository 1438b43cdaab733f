//! Finding things again: messages, users, notifications.

use matrix_api::client_server::get_notifications::NotificationAction;
use matrix_api::client_server::search::{
    Categories, EventContextOptions, GroupBy, GroupKey, Groupings, OrderBy, ResultRoomEvents, RoomEventsCriteria,
    SearchKey,
};
use matrix_api::client_server::types::RoomEventFilter;
use matrix_api::client_server::{
    GetNotifications, PostReceipt, Search, SearchUserDirectory, SendMessage, SetProfileField, SetRoomStateWithKey,
};
use matrix_api::{Client, ErrorCode, UnixMillis, json};
use matrix_api_tests::live::{Account, Live, unique};

use crate::look;

async fn search(client: &Client, criteria: RoomEventsCriteria, from: Option<String>) -> ResultRoomEvents {
    let mut search = Search::new(Categories::new().room_events(criteria));
    search.next_batch = from;
    client.send(search).await.unwrap().search_categories.room_events.unwrap()
}

#[tokio::test]
async fn messages() {
    let live = Live::new("search::messages");
    let (alice, bob) = (live.new_user().await, live.new_user().await);
    let host = look::me(&alice).await;
    let room = live.shared_room(&alice, &bob).await;
    let first = live.text(&alice, &room, "the brown fox").await;
    live.text(&alice, &room, "something else").await;
    let second = live.text(&bob, &room, "another fox").await;
    live.text(&alice, &room, "the end").await;

    let context = EventContextOptions::new().before_limit(1).after_limit(1).include_profile(true);
    let criteria = RoomEventsCriteria::new("fox")
        .keys([SearchKey::ContentBody])
        .order_by(OrderBy::Recent)
        .event_context(context)
        .include_state(true)
        .groupings(Groupings::new().group_by([GroupBy::new().key(GroupKey::RoomId)]));
    let found = search(&alice, criteria, None).await;
    assert_eq!((found.count, &found.highlights[..]), (Some(2), &["fox".to_owned()][..]));
    let hits: Vec<_> = found.results.iter().map(|hit| look::id(hit.result.as_ref().unwrap())).collect();
    assert_eq!(hits, [second.clone(), first.clone()]);
    assert!(found.results.iter().all(|hit| hit.rank.is_some()));
    let around = found.results[1].context.as_ref().unwrap();
    assert_eq!(look::bodies(&around.events_after), ["something else"]);
    assert!(around.start.is_some() && around.end.is_some());
    assert_eq!(around.profile_info[&host].displayname.as_deref(), host.localpart());
    let state = &found.state[&room];
    assert_eq!(state.iter().filter(|event| look::kind(event) == "m.room.create").count(), 1);
    assert_eq!(found.groups["room_id"][room.as_str()].results.len(), 2);

    let one = RoomEventsCriteria::new("fox").order_by("recent").filter(RoomEventFilter::new().limit(1));
    let page = search(&alice, one.clone(), None).await;
    assert_eq!(look::id(page.results[0].result.as_ref().unwrap()), second);
    let page = search(&alice, one, page.next_batch).await;
    assert_eq!(look::id(page.results[0].result.as_ref().unwrap()), first);
    let none = search(&alice, RoomEventsCriteria::new("hedgehog"), None).await;
    assert_eq!((none.count, none.results.len()), (Some(0), 0));
}

#[tokio::test]
async fn ranked_and_grouped() {
    let live = Live::new("search::ranked_and_grouped");
    let (alice, bob) = (live.new_user().await, live.new_user().await);
    let (host, guest) = (look::me(&alice).await, look::me(&bob).await);
    let room = live.shared_room(&alice, &bob).await;
    let mine = live.text(&alice, &room, "badger badger badger").await;
    let other = live.text(&bob, &room, "a badger among many other words").await;
    let keys = [GroupKey::RoomId, GroupKey::Sender].map(|key| GroupBy::new().key(key));
    let criteria = RoomEventsCriteria::new("badger").order_by("rank").groupings(Groupings::new().group_by(keys));
    let found = search(&alice, criteria, None).await;
    assert_eq!(found.count, Some(2));
    assert!(found.results[0].rank >= found.results[1].rank);
    let groups = &found.groups["sender"];
    assert_eq!(groups[host.as_str()].results, [mine.as_str()]);
    assert_eq!(groups[guest.as_str()].results, [other.as_str()]);
    // The rank of the best of them.
    assert_eq!(groups[host.as_str()].order, found.results[0].rank);
    assert_eq!(groups[guest.as_str()].order, found.results[1].rank);
    assert_eq!(found.groups["room_id"][room.as_str()].results.len(), 2);
}

#[tokio::test]
async fn names() {
    let live = Live::new("search::names");
    let alice = live.new_user().await;
    let room = live.room(&alice).await;
    let name = SetRoomStateWithKey::new(&room, "m.room.name", "", json!({"name": "The walrus club"}));
    let named = alice.send(name).await.unwrap().event_id;
    live.text(&alice, &room, "a walrus").await;
    let criteria = RoomEventsCriteria::new("walrus").keys([SearchKey::ContentName]).order_by(OrderBy::Rank);
    let found = search(&alice, criteria, None).await;
    assert_eq!(found.results.len(), 1);
    assert_eq!(look::id(found.results[0].result.as_ref().unwrap()), named);
    let odd = RoomEventsCriteria::new("walrus").order_by("size");
    let odd = Search::new(Categories::new().room_events(odd));
    look::refused(alice.send(odd).await, 400, ErrorCode::Unknown);
}

#[tokio::test]
async fn users() {
    let live = Live::new("search::users");
    let (alice, bob) = (live.login(Account::Alice).await, live.new_user().await);
    let guest = look::me(&bob).await;
    let name = unique("Zebulon").replace('-', "");
    bob.send(SetProfileField::new(&guest, "displayname", json!({"displayname": name}))).await.unwrap();
    let avatar = format!("mxc://{}/zebra", live.server_name());
    bob.send(SetProfileField::new(&guest, "avatar_url", json!({"avatar_url": avatar}))).await.unwrap();
    // The directory follows the profiles a moment later.
    for _ in 0..600 {
        let found = alice.send(SearchUserDirectory::new(&name).limit(5)).await.unwrap();
        assert!(!found.limited);
        if let [user] = &found.results[..]
            && user.avatar_url.is_some()
        {
            assert_eq!(user.user_id, guest);
            assert_eq!(user.display_name.as_deref(), Some(name.as_str()));
            assert_eq!(user.avatar_url.as_ref().unwrap(), &avatar.as_str());
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("the directory does not have the new user");
}

#[tokio::test]
async fn notifications() {
    let live = Live::new("search::notifications");
    let (alice, bob) = (live.login(Account::Alice).await, live.new_user().await);
    let guest = look::me(&bob).await;
    let room = live.shared_room(&alice, &bob).await;
    let before = UnixMillis::now();
    let plain = live.text(&alice, &room, "a word").await;
    let mention = json!({"msgtype": "m.text", "body": "hey you", "m.mentions": {"user_ids": [guest]}});
    let mention = alice.send(SendMessage::new(&room, "m.room.message", mention)).await.unwrap().event_id;
    bob.send(PostReceipt::new(&room, "m.read", &plain)).await.unwrap();

    let all = bob.send(GetNotifications::new()).await.unwrap().notifications;
    let seen: Vec<_> = all.iter().map(|one| (look::id(&one.event), one.read)).collect();
    assert_eq!(seen, [(mention.clone(), false), (plain.clone(), true)]);
    assert_eq!((&all[0].room_id, &all[0].profile_tag), (&room, &None));
    assert!(all[0].ts >= before);
    assert_eq!(look::content(&all[0].event)["body"], "hey you");
    assert!(matches!(&all[0].actions[0], NotificationAction::Text(text) if text == "notify"));
    let tweak = |name: &str| {
        all[0].actions.iter().any(|action| {
            matches!(action, NotificationAction::Object(tweak)
            if tweak.get("set_tweak") == Some(&json!(name)))
        })
    };
    assert!(tweak("highlight") && tweak("sound"));

    let page = bob.send(GetNotifications::new().limit(1)).await.unwrap();
    assert_eq!(look::id(&page.notifications[0].event), mention);
    let page = bob.send(GetNotifications::new().from(page.next_token.unwrap())).await.unwrap();
    assert_eq!(page.notifications.len(), 1);
    assert_eq!(look::id(&page.notifications[0].event), plain);
    let loud = bob.send(GetNotifications::new().only("highlight")).await.unwrap().notifications;
    assert_eq!(loud.len(), 1);
    assert_eq!(look::id(&loud[0].event), mention);
}
