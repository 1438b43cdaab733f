//! The bots among the examples, each run for a while and watched from a second account.

use std::path::PathBuf;
use std::process::Command;

use matrix_api::client_server::{CreateRoom, SyncEventsResponse};
use matrix_api::{Client, RoomId, TxnId, UserId, json};
use matrix_api_tests::live::{Live, PASSWORD, unique};
use matrix_api_tests::programs::{Running, example};
use serde_json::Value;

use crate::web;

/// The environment of a bot that logs in as this user, and a file for its session.
fn bot(name: &str, live: &Live, user: &UserId) -> (Command, PathBuf) {
    let mut command = example(name);
    command.env("MATRIX_HOMESERVER", live.base_url()).env_remove("MATRIX_TOKEN");
    command.env("MATRIX_USER", user.as_str()).env("MATRIX_PASSWORD", PASSWORD);
    (command, std::env::temp_dir().join(unique(name)).join("session.json"))
}

/// What a user has said in a room, as a sync shows it.
fn said(sync: &SyncEventsResponse, room: &RoomId, by: &UserId) -> Vec<Value> {
    let by_bot = |event: &&matrix_api::Raw<matrix_api::TimelineEvent>| {
        event.field::<UserId>("sender").unwrap().as_ref() == Some(by)
            && event.field::<String>("type").unwrap().as_deref() == Some("m.room.message")
    };
    sync.timeline(room).iter().filter(by_bot).map(|event| event.field("content").unwrap().unwrap()).collect()
}

/// Waits for something that a user says in a room.
async fn heard(live: &Live, client: &Client, room: &RoomId, by: &UserId, what: impl Fn(&Value) -> bool) -> Value {
    let mut found = None;
    live.sync_until(client, |sync| {
        found = found.take().or_else(|| said(sync, room, by).into_iter().find(|content| what(content)));
        found.is_some()
    })
    .await;
    found.unwrap()
}

/// Status and body of what a POST brings.
fn post(url: &str, headers: &str, body: &str) -> (u16, Value) {
    let (status, body) = web::post_with(url, headers, body);
    (status, serde_json::from_str(&body).unwrap())
}

#[tokio::test]
async fn webhook_bridge() {
    let live = Live::new("bots::webhook_bridge");
    let (alice, bridge) = (live.new_user().await, live.new_user().await);
    let (room, me) = (live.shared_room(&alice, &bridge).await, bridge.user_id().unwrap());
    let (mut command, _) = bot("webhook_bridge", &live, &me);
    command.args([room.as_str(), "127.0.0.1:0"]).env("WEBHOOK_SECRET", "a secret of sixteen");
    let mut service = Running::start(command);
    let url = service.line().strip_prefix("listening on ").unwrap().to_owned();

    let secret = "Authorization: Bearer a secret of sixteen\r\n";
    let (status, answer) = post(&url, secret, r#"{"text":"The cellar is wet"}"#);
    assert_eq!(status, 200, "{answer}");
    let seen = heard(&live, &alice, &room, &me, |content| content["body"] == "The cellar is wet").await;
    assert_eq!(seen["msgtype"], "m.notice");

    let key = format!("{secret}Idempotency-Key: {}\r\n", TxnId::new());
    let twice = [post(&url, &key, r#"{"text":"once"}"#), post(&url, &key, r#"{"text":"once"}"#)];
    assert_eq!(twice[0].0, 200);
    assert_eq!(twice[0], twice[1]);

    let long = format!(r#"{{"text":"{}"}}"#, "x".repeat(20_000));
    for (headers, body, status) in [
        ("", r#"{"text":"x"}"#, 401),
        ("Authorization: Bearer a secret of sixteem\r\n", r#"{"text":"x"}"#, 401),
        ("Authorization: Bearer a secret of\r\n", r#"{"text":"x"}"#, 401),
        (secret, "x", 400),
        (secret, r#"{"text":""}"#, 400),
        (secret, &long, 413),
    ] {
        assert_eq!(post(&url, headers, body).0, status, "{headers} {body:.20}");
    }
    let all = alice.send(matrix_api::client_server::SyncEvents::new()).await.unwrap();
    assert_eq!(said(&all, &room, &me).len(), 2);
}

/// A PNG of one colour: a head, and rows that are all the same.
fn picture(width: u32, height: u32) -> Vec<u8> {
    let row = [&[0][..], &[200, 100, 50].repeat(width as usize)].concat();
    let pixels = row.repeat(height as usize);
    let mut data = vec![0x78, 0x01];
    let mut blocks = pixels.chunks(65_535).peekable();
    while let Some(block) = blocks.next() {
        let length = block.len() as u16;
        data.push(u8::from(blocks.peek().is_none()));
        data.extend(length.to_le_bytes());
        data.extend((!length).to_le_bytes());
        data.extend(block);
    }
    let (a, b) = pixels.iter().fold((1, 0), |(a, b), &byte| {
        let a = (a + u32::from(byte)) % 65_521;
        (a, (b + a) % 65_521)
    });
    data.extend((b << 16 | a).to_be_bytes());
    let head = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 2, 0, 0, 0]].concat();
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    for (kind, content) in [(b"IHDR", &head), (b"IDAT", &data), (b"IEND", &Vec::new())] {
        png.extend((content.len() as u32).to_be_bytes());
        let part = [&kind[..], content].concat();
        let bit = |sum: u32| if sum & 1 == 1 { 0xedb8_8320 ^ (sum >> 1) } else { sum >> 1 };
        let sum = !part.iter().fold(u32::MAX, |sum, &byte| (0..8).fold(sum ^ u32::from(byte), |sum, _| bit(sum)));
        png.extend(part);
        png.extend(sum.to_be_bytes());
    }
    png
}

#[tokio::test]
async fn media_bot() {
    let live = Live::new("bots::media_bot");
    let (alice, answerer) = (live.new_user().await, live.new_user().await);
    let me = answerer.user_id().unwrap();
    let (mut command, session) = bot("media_bot", &live, &me);
    let mut service = Running::start({
        command.arg(&session);
        command
    });
    assert_eq!(service.line(), format!("listening as {me}"));

    let room = live.room(&alice).await;
    alice.room(&room).invite(&me).await.unwrap();
    live.sync_until(&alice, |sync| sync.joins(&room).iter().any(|join| join.user_id == me)).await;
    let large = picture(1000, 500);
    let length = large.len();
    let sent = alice.room(&room).send_image(large).file_name("wall.png").caption("My wall").await.unwrap();
    let event = alice.send(matrix_api::client_server::GetOneRoomEvent::new(&room, &sent)).await.unwrap().event;
    let content: Value = event.field("content").unwrap().unwrap();
    assert_eq!((&content["body"], &content["filename"]), (&json!("My wall"), &json!("wall.png")));
    assert_eq!(content["info"]["size"], length);
    let seen = heard(&live, &alice, &room, &me, |content| content["msgtype"] == "m.image").await;
    assert_eq!(seen["body"], "320×160 instead of 1000×500");
    assert_eq!((&seen["info"]["w"], &seen["info"]["h"]), (&json!(320), &json!(160)));
    let small = alice.media().download(seen["url"].as_str().unwrap()).bytes().await.unwrap();
    assert_eq!(small.content_type.as_deref(), Some("image/jpeg"));
    assert!(small.bytes.starts_with(b"\xff\xd8\xff") && seen["info"]["size"] == small.bytes.len());

    // What is no picture is said, and ends nothing.
    alice.room(&room).send_image(b"no picture".to_vec()).await.unwrap();
    let seen = heard(&live, &alice, &room, &me, |content| content["msgtype"] == "m.notice").await;
    assert_eq!(seen["body"], "No: picture: it is no picture of a known kind");
    alice.room(&room).send_image(picture(640, 10)).await.unwrap();
    heard(&live, &alice, &room, &me, |content| content["body"] == "320×5 instead of 640×10").await;

    // Nor does a room in which it may not speak. What comes after is dealt with after it, be it in the same sync or not.
    let mute = live.room(&alice).await;
    alice.room(&mute).invite(&me).await.unwrap();
    live.sync_until(&alice, |sync| sync.joins(&mute).iter().any(|join| join.user_id == me)).await;
    alice.room(&mute).set_user_power(&me, -1).await.unwrap();
    for width in [700, 800] {
        alice.room(&mute).send_image(picture(width, 10)).await.unwrap();
        alice.room(&room).send_image(picture(width, 10)).await.unwrap();
        let ending = format!("instead of {width}×10");
        heard(&live, &alice, &room, &me, |content| content["body"].as_str().unwrap().ends_with(&ending)).await;
    }
    let all = alice.send(matrix_api::client_server::SyncEvents::new()).await.unwrap();
    assert!(said(&all, &mute, &me).is_empty());
}

async fn membership(client: &Client, room: &RoomId, user: &UserId) -> Option<String> {
    let members = client.room(room).members().await.unwrap();
    members.into_iter().find(|member| member.user_id == *user).map(|member| member.membership)
}

/// Waits, for a minute at most, until a user has this membership of all rooms.
async fn wait_for(live: &Live, client: &Client, rooms: &[RoomId], user: &UserId, state: &str) {
    let mut since: Option<String> = None;
    for _ in 0..60 {
        let mut all = true;
        for room in rooms {
            all &= membership(client, room, user).await.as_deref() == Some(state);
        }
        if all {
            return;
        }
        // Until something happens, for a second.
        let mut wait = matrix_api::client_server::SyncEvents::new().timeout(1000);
        wait.since = since;
        since = Some(client.send(wait).await.unwrap().next_batch);
    }
    panic!("{user} is not {state} in all rooms of {}", live.server_name());
}

/// Sets who may speak in a room: those with this level.
async fn mute_below(owner: &Client, room: &RoomId, level: i64) {
    let content = owner.room(room).raw_state("m.room.power_levels", "").await.unwrap().unwrap();
    let mut content: serde_json::Map<String, Value> = content.parse().unwrap();
    content.insert("events_default".to_owned(), level.into());
    owner.room(room).set_state("m.room.power_levels", "", content).await.unwrap();
}

#[tokio::test]
async fn moderation_bot() {
    let live = Live::new("bots::moderation_bot");
    let (owner, alice) = (live.new_user().await, live.new_user().await);
    let (me, moderator) = (owner.user_id().unwrap(), alice.user_id().unwrap());
    let trolls = [live.new_user().await, live.new_user().await, live.new_user().await];
    let [first, second, third] = [0, 1, 2].map(|at: usize| trolls[at].user_id().unwrap());
    let control = live.shared_room(&alice, &owner).await;
    trolls[0].room(&control).join().await.unwrap();
    let policies = live.room(&owner).await;
    let creation = json!({"type": "m.space"}).as_object().unwrap().clone();
    let space = owner.send(CreateRoom::new().creation_content(creation)).await.unwrap().room_id;
    let mut rooms = Vec::new();
    for _ in 0..3 {
        let room = live.shared_room(&owner, &alice).await;
        owner.space(&space).add(&room, [live.server_name()]).await.unwrap();
        for troll in &trolls[..2] {
            troll.room(&room).join().await.unwrap();
        }
        rooms.push(room);
    }
    // One where the bot has no say.
    let foreign = live.shared_room(&alice, &owner).await;
    owner.space(&space).add(&foreign, [live.server_name()]).await.unwrap();

    let (mut command, session) = bot("moderation_bot", &live, &me);
    command.arg(&session).args([control.as_str(), space.as_str(), policies.as_str()]);
    let mut service = Running::start(command);
    assert_eq!(service.line(), format!("listening as {me}"));

    // Not by those who have no power, and not against those who have more.
    trolls[0].room(&control).send_text(format!("!mod ban {second}")).await.unwrap();
    heard(&live, &alice, &control, &me, |content| content["body"] == format!("{first} may not do that")).await;
    alice.room(&control).send_text(format!("!mod ban {me} for fun")).await.unwrap();
    heard(&live, &alice, &control, &me, |content| content["body"] == format!("{moderator} may not do that")).await;
    assert_eq!(membership(&alice, &rooms[0], &second).await.as_deref(), Some("join"));

    let command = async |text: String, answer: String| {
        alice.room(&control).send_text(format!("!mod {text}")).await.unwrap();
        let seen = heard(&live, &alice, &control, &me, |content| {
            content["body"].as_str().is_some_and(|body| body.lines().next() == Some(&*answer))
        });
        seen.await["body"].as_str().unwrap().to_owned()
    };
    // Who is not in the foreign room need not be put out of it.
    let report = command(format!("kick {first} too loud"), format!("kicked {first} in 3 rooms")).await;
    assert_eq!(report.lines().count(), 1, "{report}");
    wait_for(&live, &alice, &rooms, &first, "leave").await;
    // What does not go is in the report.
    let report = command(format!("ban {first} still too loud"), format!("banned {first} in 3 rooms")).await;
    let failed: Vec<_> = report.lines().skip(1).collect();
    assert_eq!(failed.len(), 1, "{report}");
    assert!(failed[0].starts_with(&format!("{foreign}: ban: ")), "{report}");
    wait_for(&live, &alice, &rooms, &first, "ban").await;
    let report = command(format!("unban {first}"), format!("unbanned {first} in 3 rooms")).await;
    assert!(report.lines().nth(1).unwrap().starts_with(&format!("{foreign}: unban: ")), "{report}");
    wait_for(&live, &alice, &rooms, &first, "leave").await;
    trolls[0].room(&rooms[0]).join().await.unwrap();

    // Where it may not speak it does as told. The second command comes after what it could not say to the first.
    mute_below(&alice, &control, 50).await;
    for (user, room) in [(&first, &rooms[0]), (&second, &rooms[1])] {
        alice.room(&control).send_text(format!("!mod kick {user}")).await.unwrap();
        wait_for(&live, &alice, std::slice::from_ref(room), user, "leave").await;
    }
    mute_below(&alice, &control, 0).await;
    command("dance".to_owned(), "!mod kick, ban or unban, a user, and why".to_owned()).await;
    assert!(service.is_alive());

    // A rule of the list is a ban everywhere, for whoever is there and whoever comes.
    let rule = async |key: &str, entity: String| {
        let rule = json!({"entity": entity, "recommendation": "m.ban", "reason": "spam"});
        owner.room(&policies).set_state("m.policy.rule.user", key, rule).await.unwrap();
    };
    trolls[1].room(&rooms[0]).join().await.unwrap();
    let pattern = |user: &UserId| format!("@?{}:*", &user.localpart().unwrap()[1..]);
    rule("rule:1", pattern(&second)).await;
    wait_for(&live, &alice, &rooms[..1], &second, "ban").await;
    rule("rule:2", third.to_string()).await;
    trolls[2].room(&rooms[1]).join().await.unwrap();
    wait_for(&live, &alice, &rooms[1..2], &third, "ban").await;
    // And in a room that the space has not had before.
    let late = live.shared_room(&owner, &alice).await;
    trolls[2].room(&late).join().await.unwrap();
    owner.space(&space).add(&late, [live.server_name()]).await.unwrap();
    wait_for(&live, &alice, &[late], &third, "ban").await;
    assert!(service.is_alive());
}
