//! Power in rooms of several versions, and two who set levels at once.

use matrix_api::error::{Error, RoomErrorKind};
use matrix_api::events::RoomPowerLevels;
use matrix_api::{Client, Power, Room, UserId, json};
use matrix_api_tests::live::Live;

use crate::look;

fn kind(error: Error) -> RoomErrorKind {
    let Error::Room(refused) = &error else { panic!("{error}") };
    refused.kind()
}

async fn power(room: &Room, user: &UserId) -> Power {
    room.power_of(user).await.unwrap()
}

/// A room of this version with two who may do everything, and a member.
async fn in_version(live: &Live, version: &str) {
    let (boss, co, guest) = (live.new_user().await, live.new_user().await, live.new_user().await);
    let users = [look::me(&boss).await, look::me(&co).await, look::me(&guest).await];
    let [owner, second, member] = &users;
    let room = boss.create_room().version(version).public().admin(second).await.unwrap();
    let above = version == "12";
    let top = if above { Power::Creator } else { Power::Level(100) };
    assert_eq!(power(&room, owner).await, top, "{version}");
    assert_eq!(power(&room, second).await, top, "{version}");
    assert_eq!(power(&room, member).await, Power::Level(0));

    co.room(room.id()).join().await.unwrap();
    guest.room(room.id()).join().await.unwrap();
    let colleague = co.room(room.id());
    colleague.set_user_power(member, 50).await.unwrap();
    assert_eq!(power(&room, member).await, Power::Level(50));
    assert!(room.power().await.unwrap().may_kick(member, &"@nobody:hs".into()));
    assert!(guest.room(room.id()).set_user_power(member, 100).await.unwrap_err().is_forbidden());
    if above {
        assert_eq!(kind(colleague.set_user_power(owner, 50).await.unwrap_err()), RoomErrorKind::Creator);
        assert_eq!(kind(room.set_user_power(second, 50).await.unwrap_err()), RoomErrorKind::Creator);
    } else {
        // Who stands as high as oneself is out of reach, by the server's word.
        assert!(colleague.set_user_power(owner, 50).await.unwrap_err().is_forbidden());
    }
    // What the event held besides is there still.
    let levels = room.state_event::<RoomPowerLevels>(()).await.unwrap().unwrap();
    assert!(levels.state_level("m.room.power_levels") >= 100 && levels.user_level(member) == 50);
    // The next room is the same people's, whatever its version.
    let next = room.upgrade("12").await.unwrap();
    assert_eq!(power(&next, owner).await, Power::Creator);
}

#[tokio::test]
async fn versions_10_11_and_12() {
    let live = Live::new("power::versions_10_11_and_12");
    for version in ["10", "11", "12"] {
        in_version(&live, version).await;
    }
}

#[tokio::test]
async fn the_servers_default_is_known() {
    let live = Live::new("power::the_servers_default_is_known");
    let (boss, co) = (live.new_user().await, live.new_user().await);
    let second = look::me(&co).await;
    let room = boss.create_room().admin(&second).await.unwrap();
    let made = room.power().await.unwrap();
    assert_eq!((made.version.as_str(), made.of(&second)), ("12", Power::Creator));
    assert_eq!(made.creators.len(), 2);
}

/// A room of several who may do everything, each of whom sets levels of so many users, all at once. Returns how many
/// were told that it went well, and how many of those levels are not there in the end.
async fn at_once(live: &Live, version: &str, clients: usize, each: i64) -> (usize, usize) {
    let mut all = Vec::new();
    for _ in 0..clients {
        all.push(live.new_user().await);
    }
    let mut creation = all[0].create_room().version(version).public();
    for other in &all[1..] {
        creation = creation.admin(look::me(other).await);
    }
    let room = creation.await.unwrap();
    for other in &all[1..] {
        other.join(room.id()).await.unwrap();
    }
    let content = room.raw_state("m.room.power_levels", "").await.unwrap().unwrap();
    let mut content: serde_json::Map<String, serde_json::Value> = content.parse().unwrap();
    content.insert("org.example.kept".to_owned(), json!({"as": ["it", "is"]}));
    room.set_state("m.room.power_levels", "", content).await.unwrap();

    // One's own clones take turns; the other clients do not wait for them.
    let set = |client: &Client, at: usize, number: i64| {
        let (room, user) = (client.room(room.id()), UserId::from(format!("@u{at}-{number}:example.org")));
        tokio::spawn(async move { (room.set_user_power(&user, number).await, user, number) })
    };
    let tasks: Vec<_> =
        (1..=each).flat_map(|number| all.iter().enumerate().map(move |(at, one)| set(one, at, number))).collect();
    let mut done = Vec::new();
    for task in tasks {
        match task.await.unwrap() {
            (Ok(()), user, number) => done.push((user, number)),
            // Who is told that it may be lost can do it again.
            (Err(error), ..) => assert_eq!(kind(error), RoomErrorKind::Contended),
        }
    }
    let levels = room.state_event::<RoomPowerLevels>(()).await.unwrap().unwrap();
    assert_eq!(levels.extra.get("org.example.kept"), Some(&json!({"as": ["it", "is"]})));
    let lost: Vec<_> = done.iter().filter(|(user, number)| levels.user_level(user) != *number).collect();
    println!("version {version}, {clients} clients: {} of {} done, lost: {lost:?}", done.len(), each * clients as i64);
    (done.len(), lost.len())
}

#[tokio::test]
async fn two_at_once_lose_nothing() {
    let live = Live::new("power::two_at_once_lose_nothing");
    for version in ["10", "11", "12"] {
        assert_eq!(at_once(&live, version, 2, 8).await, (16, 0), "version {version}");
    }
}

#[tokio::test]
async fn two_who_want_different_things() {
    let live = Live::new("power::two_who_want_different_things");
    let (boss, co) = (live.new_user().await, live.new_user().await);
    let room = boss.create_room().admin(look::me(&co).await).await.unwrap();
    co.room(room.id()).join().await.unwrap();
    let user = UserId::from("@ann:example.org");
    for round in 0..5 {
        let (low, high) = (10 + round, 60 + round);
        let other = co.room(room.id());
        let (one, two) = tokio::join!(room.set_user_power(&user, low), other.set_user_power(&user, high));
        let level = power(&room, &user).await.level().unwrap();
        assert!(level == low || level == high, "{level}");
        // Whoever was told that it went well and was overtaken later was first; nobody's wish is lost unsaid.
        for (outcome, wish) in [(one, low), (two, high)] {
            match outcome {
                Ok(()) => {}
                Err(error) => {
                    assert_eq!(kind(error), RoomErrorKind::Conflict);
                    assert_ne!(wish, level, "theirs holds");
                }
            }
        }
    }
}
