//! Who may do what, and one level among others.

use std::sync::{Arc, Mutex};

use matrix_api::{
    Client, ErrorKind, Power, RetryPolicy, Session,
    error::{Error, RoomErrorKind},
    json,
};
use serde_json::Value;

use crate::{
    NOT_FOUND, json as answer, ok,
    server::{self, Server},
};

/// A room as a server keeps it: what it was made with, and its power levels, the newest at the end.
struct Kept {
    create: Value,
    levels: Vec<(String, Value)>,
    /// What others write, each before the write of that number.
    before: Vec<(usize, Value)>,
    /// The same, after it.
    after: Vec<(usize, Value)>,
    writes: usize,
    /// The same, before it is read for so many times.
    on_read: Vec<(usize, Value)>,
    reads: usize,
    looked_back: usize,
    busy: bool,
}

type House = Arc<Mutex<Kept>>;

impl Kept {
    fn push(&mut self, content: Value) -> String {
        let id = format!("${}", self.levels.len());
        self.levels.push((id.clone(), content));
        id
    }

    fn rivals(&mut self, list: fn(&Self) -> &[(usize, Value)], count: usize) {
        let due: Vec<_> =
            list(self).iter().filter(|(at, _)| *at == count).map(|(_, content)| content.clone()).collect();
        due.into_iter().for_each(|content| drop(self.push(content)));
    }

    fn answer(&mut self, request: &str) -> server::Step {
        let line = request.lines().next().unwrap();
        let event = |(id, content): &(String, Value)| json!({"type": "m.room.power_levels", "state_key": "", "event_id": id, "content": content});
        match line {
            _ if line.contains("m.room.create") => ok(&self.create.to_string()),
            _ if line.starts_with("PUT") => {
                self.writes += 1;
                self.rivals(|kept| &kept.before, self.writes);
                let id = self.push(serde_json::from_str(server::body(request)).unwrap());
                self.rivals(|kept| &kept.after, self.writes);
                ok(&json!({"event_id": id}).to_string())
            }
            _ if line.contains("messages") => {
                // Who may look back upon the newest only.
                let shown = self.levels.len().min(self.looked_back);
                let chunk: Vec<Value> = self.levels.iter().rev().take(shown).map(event).collect();
                ok(&json!({"start": "s", "chunk": chunk}).to_string())
            }
            _ => {
                self.reads += 1;
                if self.busy && self.writes > 0 {
                    self.push(json!({"users": {"@boss:hs": 100, "@ben:hs": 0}, "x": self.reads}));
                }
                self.rivals(|kept| &kept.on_read, self.reads);
                match self.levels.last() {
                    None => answer(404, NOT_FOUND),
                    Some(last) if line.contains("format=event") => ok(&event(last).to_string()),
                    Some((_, content)) => ok(&content.to_string()),
                }
            }
        }
    }
}

fn kept(version: &str, levels: Option<Value>) -> Kept {
    let content = json!({"room_version": version, "additional_creators": ["@co:hs"]});
    let create = json!({"type": "m.room.create", "sender": "@boss:hs", "state_key": "", "content": content});
    let levels = levels.into_iter().map(|levels| ("$0".to_owned(), levels)).collect();
    Kept {
        create,
        levels,
        before: vec![],
        after: vec![],
        writes: 0,
        on_read: vec![],
        reads: 0,
        looked_back: 100,
        busy: false,
    }
}

async fn house(kept: Kept) -> (House, Server, matrix_api::Room) {
    let house = Arc::new(Mutex::new(kept));
    let served = house.clone();
    let server = Server::answering(move |request| served.lock().unwrap().answer(request)).await;
    let session = Session::new("@me:hs", &server.url).access_token("t");
    let client = Client::builder().session(session).retry(RetryPolicy::none()).build().await.unwrap();
    let room = client.room("!r");
    (house, server, room)
}

fn last(house: &House) -> Value {
    house.lock().unwrap().levels.last().unwrap().1.clone()
}

#[tokio::test]
async fn creators_stand_above_levels_from_version_12_on() {
    let levels = json!({"users": {"@boss:hs": 100, "@ann:hs": 50}, "users_default": 1, "kick": 40, "events": {"m.room.name": 60}});
    for (version, boss, co) in [
        ("10", Power::Level(100), Power::Level(1)),
        ("11", Power::Level(100), Power::Level(1)),
        ("12", Power::Creator, Power::Creator),
        ("14", Power::Creator, Power::Creator),
    ] {
        let (_, _server, room) = house(kept(version, Some(levels.clone()))).await;
        assert_eq!(room.power_of("@boss:hs").await.unwrap(), boss, "{version}");
        let power = room.power().await.unwrap();
        assert_eq!((power.of(&"@co:hs".into()), power.of(&"@ann:hs".into())), (co, Power::Level(50)));
        assert_eq!(power.version, version);
        assert!(power.may_kick(&"@ann:hs".into(), &"@x:hs".into()) && !power.may_ban(&"@x:hs".into(), &"@y:hs".into()));
        assert!(!power.may_kick(&"@ann:hs".into(), &"@boss:hs".into()));
        assert!(power.may_set(&"@boss:hs".into(), "m.room.name") && !power.may_set(&"@ann:hs".into(), "m.room.name"));
        assert!(power.may_send(&"@x:hs".into(), "m.room.message"));
    }
    assert!(
        Power::Creator > Power::Level(i64::MAX) && Power::Creator.reaches(i64::MAX) && Power::Level(50).reaches(50)
    );
    assert_eq!((Power::Creator.level(), Power::Level(3).level()), (None, Some(3)));
    // A room without levels belongs to who has made it.
    let (_, _server, room) = house(kept("11", None)).await;
    assert_eq!(room.power_of("@boss:hs").await.unwrap(), Power::Level(100));
    assert_eq!(room.power_of("@ann:hs").await.unwrap(), Power::Level(0));
}

#[tokio::test]
async fn creators_are_refused_before_anything_is_sent() {
    let (house, server, room) = house(kept("12", Some(json!({})))).await;
    for creator in ["@boss:hs", "@co:hs"] {
        let error = room.set_user_power(creator, 50).await.unwrap_err();
        let Error::Room(refused) = &error else { panic!("{error}") };
        assert_eq!((refused.kind(), refused.room(), error.kind()), (RoomErrorKind::Creator, "!r", ErrorKind::Room));
        assert_eq!(
            error.to_string(),
            "set_user_power: creators of a room stand above power levels; nothing was changed"
        );
        assert!(!error.may_have_been_sent());
    }
    assert_eq!(room.set_user_power("nobody", 50).await.unwrap_err().kind(), ErrorKind::Encode);
    assert_eq!(house.lock().unwrap().writes, 0);
    assert!(server.lines().iter().all(|line| line.starts_with("GET") && line.contains("m.room.create")));
}

#[tokio::test]
async fn one_level_and_nothing_else() {
    let levels =
        json!({"users": {"@boss:hs": 100, "odd": "50"}, "ban": "60", "org.example.x": {"y": [null]}, "events": {}});
    let (house, server, room) = house(kept("11", Some(levels.clone()))).await;
    room.set_user_power("@ann:hs", 50).await.unwrap();
    let mut expected = levels;
    expected["users"]["@ann:hs"] = json!(50);
    assert_eq!(last(&house), expected);
    let lines = server.lines();
    let paths: Vec<_> = lines.iter().map(|line| line.split('?').next().unwrap()).collect();
    let (create, state) = (
        "GET /_matrix/client/v3/rooms/%21r/state/m.room.create/",
        "/_matrix/client/v3/rooms/%21r/state/m.room.power_levels/",
    );
    let (read, write) = (format!("GET {state}"), format!("PUT {state} HTTP/1.1"));
    let history = "GET /_matrix/client/v3/rooms/%21r/messages";
    assert_eq!(paths, [create, history, &read, &write, &read, history]);
    // Set already: nothing is written.
    room.set_user_power("@ann:hs", 50).await.unwrap();
    assert_eq!(house.lock().unwrap().writes, 1);
}

#[tokio::test]
async fn a_room_without_levels_keeps_its_creator() {
    let (house, _server, room) = house(kept("11", None)).await;
    room.set_user_power("@ann:hs", 50).await.unwrap();
    assert_eq!(last(&house), json!({"users": {"@boss:hs": 100, "@ann:hs": 50}}));
}

fn start() -> Value {
    json!({"users": {"@boss:hs": 100, "@ben:hs": 0}, "x": 1})
}

#[tokio::test]
async fn what_others_write_at_the_same_time_is_kept() {
    // Written before ours, of which ours knows nothing.
    let mut kept_one = kept("11", Some(start()));
    kept_one.before = vec![(1, json!({"users": {"@boss:hs": 100, "@ben:hs": 25}, "x": 2, "y": {"z": 3}}))];
    let (kept_house, _server, room) = house(kept_one).await;
    room.set_user_power("@ann:hs", 50).await.unwrap();
    assert_eq!(
        last(&kept_house),
        json!({"users": {"@boss:hs": 100, "@ben:hs": 25, "@ann:hs": 50}, "x": 2, "y": {"z": 3}})
    );
    assert_eq!(kept_house.lock().unwrap().writes, 2);
    // Written after ours, by somebody who knew nothing of it; and that twice.
    let mut kept_two = kept("11", Some(start()));
    kept_two.after = vec![
        (1, json!({"users": {"@boss:hs": 100, "@ben:hs": 25}, "x": 1})),
        (2, json!({"users": {"@boss:hs": 100, "@ben:hs": 30}, "x": 5})),
    ];
    let (lost_house, _server, room) = house(kept_two).await;
    room.set_user_power("@ann:hs", 50).await.unwrap();
    assert_eq!(last(&lost_house), json!({"users": {"@boss:hs": 100, "@ben:hs": 30, "@ann:hs": 50}, "x": 5}));
    // By somebody who knew of it.
    let both = json!({"users": {"@boss:hs": 100, "@ben:hs": 25, "@ann:hs": 50}, "x": 1});
    let mut kept_three = kept("11", Some(start()));
    kept_three.after = vec![(1, both.clone())];
    let (known_house, _server, room) = house(kept_three).await;
    room.set_user_power("@ann:hs", 50).await.unwrap();
    assert_eq!((last(&known_house), known_house.lock().unwrap().writes), (both, 1));
}

#[tokio::test]
async fn the_same_level_at_the_same_time_is_a_conflict() {
    let theirs = json!({"users": {"@boss:hs": 100, "@ben:hs": 75}, "x": 1});
    for after in [false, true] {
        let mut rivals = kept("11", Some(start()));
        *(if after { &mut rivals.after } else { &mut rivals.before }) = vec![(1, theirs.clone())];
        let (house, _server, room) = house(rivals).await;
        let error = room.set_user_power("@ben:hs", 50).await.unwrap_err();
        let Error::Room(refused) = &error else { panic!("{error}") };
        assert_eq!(refused.kind(), RoomErrorKind::Conflict);
        assert_eq!(
            error.to_string(),
            "set_user_power: somebody else has changed the same thing meanwhile; theirs holds"
        );
        assert!(error.may_have_been_sent());
        assert_eq!(last(&house), theirs);
        assert_eq!(house.lock().unwrap().writes, if after { 1 } else { 2 });
    }
    // What our write has covered of somebody else is put back even then.
    for after in [false, true] {
        let mut rivals = kept("11", Some(json!({"users": {"@boss:hs": 100, "@ben:hs": 0, "@ann:hs": 0}, "x": 1})));
        let bens = json!({"users": {"@boss:hs": 100, "@ben:hs": 25, "@ann:hs": 0}, "x": 1});
        let anns = json!({"users": {"@boss:hs": 100, "@ben:hs": 0, "@ann:hs": 75}, "x": 1});
        let both = json!({"users": {"@boss:hs": 100, "@ben:hs": 25, "@ann:hs": 75}, "x": 1});
        rivals.before = if after { vec![(1, bens)] } else { vec![(1, bens.clone()), (1, both.clone())] };
        rivals.after = if after { vec![(1, anns)] } else { Vec::new() };
        let (house, _server, room) = house(rivals).await;
        let Error::Room(refused) = room.set_user_power("@ann:hs", 50).await.unwrap_err() else { panic!("no conflict") };
        assert_eq!(refused.kind(), RoomErrorKind::Conflict);
        assert_eq!(last(&house), both, "{after}");
    }
    // Who was first and is given way to has not lost.
    let ours = json!({"users": {"@boss:hs": 100, "@ben:hs": 50}, "x": 1});
    let mut rivals = kept("11", Some(start()));
    (rivals.after, rivals.on_read) = (vec![(1, theirs)], vec![(4, ours.clone())]);
    let (house_of_both, _server, room) = house(rivals).await;
    room.set_user_power("@ben:hs", 50).await.unwrap();
    assert_eq!((last(&house_of_both), house_of_both.lock().unwrap().writes), (ours, 1));
    // Both want the same: no quarrel.
    let mut rivals = kept("11", Some(start()));
    rivals.before = vec![(1, json!({"users": {"@boss:hs": 100, "@ben:hs": 50}, "x": 1}))];
    let (house, _server, room) = house(rivals).await;
    room.set_user_power("@ben:hs", 50).await.unwrap();
    assert_eq!(last(&house)["users"]["@ben:hs"], 50);
}

#[tokio::test]
async fn what_others_write_is_kept_even_if_what_was_seen_is_out_of_sight() {
    let theirs = json!({"users": {"@boss:hs": 100, "@ben:hs": 25}, "x": 1, "y": 2});
    let both = json!({"users": {"@boss:hs": 100, "@ben:hs": 25, "@ann:hs": 50}, "x": 1, "y": 2});
    let ours = json!({"users": {"@boss:hs": 100, "@ben:hs": 0, "@ann:hs": 50}, "x": 1});
    for looked_back in [0, 1, 2] {
        for after in [false, true] {
            let mut rivals = kept("11", Some(start()));
            rivals.looked_back = looked_back;
            *(if after { &mut rivals.after } else { &mut rivals.before }) = vec![(1, theirs.clone())];
            let (house, _server, room) = house(rivals).await;
            room.set_user_power("@ann:hs", 50).await.unwrap();
            // What was there for a moment, was covered and is not shown cannot be put back.
            let expected = if looked_back == 2 || after { &both } else { &ours };
            assert_eq!(&last(&house), expected, "{looked_back} {after}");
        }
    }
}

#[tokio::test]
async fn others_who_never_rest() {
    let mut restless = kept("11", Some(start()));
    restless.busy = true;
    let (house, server, room) = house(restless).await;
    let error = room.set_user_power("@ann:hs", 50).await.unwrap_err();
    let Error::Room(refused) = &error else { panic!("{error}") };
    assert_eq!(refused.kind(), RoomErrorKind::Contended);
    assert_eq!(
        error.to_string(),
        "set_user_power: others change the same event again and again; the change may be lost"
    );
    assert!(error.may_have_been_sent());
    assert_eq!((house.lock().unwrap().writes, server.lines().len()), (20, 243));
}

#[tokio::test]
async fn somebody_who_never_gives_in() {
    let stubborn = json!({"users": {"@boss:hs": 100, "@ben:hs": 0}, "x": 1});
    let mut rivals = kept("11", Some(start()));
    rivals.after = (1..99).map(|write| (write, stubborn.clone())).collect();
    let (house, _server, room) = house(rivals).await;
    let Error::Room(refused) = room.set_user_power("@ann:hs", 50).await.unwrap_err() else { panic!("another error") };
    assert_eq!(refused.kind(), RoomErrorKind::Contended);
    assert_eq!(house.lock().unwrap().writes, 20);
}

#[tokio::test]
async fn many_at_once_lose_nothing() {
    let (house, _server, room) = house(kept("11", Some(start()))).await;
    let set = |number: i64| {
        let room = room.clone();
        tokio::spawn(async move { room.set_user_power(format!("@u{number}:hs"), number).await })
    };
    for task in (1..=8).map(set).collect::<Vec<_>>() {
        task.await.unwrap().unwrap();
    }
    let levels = last(&house);
    for number in 1..=8 {
        assert_eq!(levels["users"][format!("@u{number}:hs")], number, "{levels}");
    }
    assert_eq!((&levels["users"]["@boss:hs"], &levels["x"]), (&json!(100), &json!(1)));
}

#[tokio::test]
async fn who_is_denied_by_a_rooms_list() {
    let (server, client) =
        crate::start([ok(r#"{"allow":["*"],"deny":["*.evil.example"]}"#), answer(404, NOT_FOUND)]).await;
    let room = client.room("!r");
    assert!(room.server_acl().await.unwrap().denies("a.evil.example:8448"));
    assert!(!room.server_acl().await.unwrap().denies("a.evil.example"));
    assert_eq!(crate::asked(&server)[0], "GET /v3/rooms/%21r/state/m.room.server_acl/");
}

#[tokio::test]
async fn policies_are_read_and_followed() {
    use matrix_api::SyncOptions;
    let rule = |entity: &str| json!({"type": "m.policy.rule.user", "state_key": "1", "event_id": "$1", "content": {"entity": entity, "recommendation": "m.ban", "reason": "spam"}});
    let sync = |at: &str, events: Vec<Value>| {
        ok(&json!({"next_batch": at, "rooms": {"join": {"!p": {"timeline": {"events": events}}}}}).to_string())
    };
    let script = [
        ok(&json!([rule("@a:hs")]).to_string()),
        sync("1", vec![rule("@a:hs")]),
        sync("2", vec![rule("@b:hs"), json!({"type": "m.room.redaction", "redacts": "$1", "content": {}})]),
        answer(401, r#"{"errcode":"M_UNKNOWN_TOKEN"}"#),
    ];
    let (server, client) = crate::start(script).await;
    let list = client.policy_list(["!p"]).await.unwrap();
    assert!(list.about_user(&"@a:hs".into())[0].is_ban());
    let mut changes = list.changes(client.sync_stream(SyncOptions::new()));
    let change = changes.next().await.unwrap().unwrap();
    assert_eq!(
        (change.added.unwrap().entity, change.removed.unwrap().entity),
        ("@b:hs".to_owned(), "@a:hs".to_owned())
    );
    let gone = changes.next().await.unwrap().unwrap();
    assert_eq!((gone.added.is_none(), gone.removed.unwrap().entity.as_str()), (true, "@b:hs"));
    assert!(list.rules().is_empty());
    assert_eq!(changes.next().await.unwrap().unwrap_err().kind(), ErrorKind::SessionEnded);
    assert!(changes.next().await.is_none());
    assert_eq!(crate::asked(&server)[0], "GET /v3/rooms/%21p/state");
}
