//! Looking at batches, answering, filling gaps.

use std::time::Duration;

use matrix_api::{ErrorKind, Message, RoomId, SyncBatch, SyncOptions, TxnId, UserId, json};
use serde_json::Value;

use crate::script::{Script, Step, query};

const ROOM: &str = "!r:x";

fn event(id: &str, sender: &str, kind: &str, content: Value) -> Value {
    json!({"type": kind, "event_id": id, "sender": sender, "origin_server_ts": 7, "content": content})
}

fn text(id: &str, sender: &str, body: &str) -> Value {
    event(id, sender, "m.room.message", json!({"msgtype": "m.text", "body": body}))
}

fn member(user: &str, membership: &str, before: Option<&str>) -> Value {
    let unsigned = before.map(|before| json!({"prev_content": {"membership": before}}));
    json!({
        "type": "m.room.member", "event_id": "$m", "sender": "@mod:x", "state_key": user,
        "content": {"membership": membership}, "unsigned": unsigned,
    })
}

fn joined(next: &str, timeline: &[Value], limited: bool) -> Step {
    let timeline = json!({"events": timeline, "limited": limited, "prev_batch": "p0"});
    Step::Answer(200, json!({"next_batch": next, "rooms": {"join": {ROOM: {"timeline": timeline}}}}).to_string())
}

async fn batch(script: &Script) -> SyncBatch {
    script.client().await.sync_once(SyncOptions::new()).await.unwrap()
}

fn answer(value: Value) -> Step {
    Step::Answer(200, value.to_string())
}

fn not_encrypted() -> Step {
    Step::Answer(404, r#"{"errcode":"M_NOT_FOUND"}"#.to_owned())
}

fn sent() -> Step {
    answer(json!({"event_id": "$sent"}))
}

#[tokio::test(start_paused = true)]
async fn messages_of_all_kinds() {
    let edit = json!({
        "msgtype": "m.text", "body": "* two", "m.new_content": {"msgtype": "m.text", "body": "two"},
        "m.relates_to": {"rel_type": "m.replace", "event_id": "$1"},
    });
    let events = [
        text("$1", "@a:x", "one"),
        text("$2", "@me:example.org", "mine"),
        event("$3", "@a:x", "m.room.message", json!({"msgtype": "m.notice", "body": "beep"})),
        event("$4", "@a:x", "m.room.message", edit),
        event("$5", "@a:x", "m.room.encrypted", json!({"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": "?"})),
        // What is bad in it does not take the message along.
        event("$10", "@a:x", "m.room.message", json!({"msgtype": "m.text", "body": "ten", "m.relates_to": 5})),
        event("$6", "@a:x", "m.room.message", json!({})),
        event("$7", "@a:x", "m.room.message", json!({"msgtype": "m.image", "body": "cat.jpg", "url": "mxc://x/y"})),
        event("$8", "@a:x", "m.reaction", json!({})),
        event("$9", "@a:x", "m.room.message", json!({"msgtype": 5, "body": {}})),
        json!({"type": "m.room.message"}),
        json!("no event"),
        member("@a:x", "join", None),
    ];
    let batch = batch(&Script::new([joined("s1", &events, false)])).await;
    let ids = |messages: Vec<Message>| messages.iter().map(|one| one.event_id().to_string()).collect::<Vec<_>>();
    assert_eq!(ids(batch.messages().collect()), ["$1", "$2", "$3", "$4", "$5", "$10", "$7"]);
    assert_eq!(ids(batch.messages_in(&RoomId::from(ROOM)).collect()).len(), 7);
    assert_eq!(batch.messages_in(&RoomId::from("!other:x")).count(), 0);
    assert_eq!(ids(batch.questions().collect()), ["$1", "$5", "$10", "$7"]);
    assert_eq!(batch.events().count(), 11);
    let texts: Vec<_> = batch.messages().map(|message| message.text().map(str::to_owned)).collect();
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(texts, [some("one"), some("mine"), None, some("* two"), None, some("ten"), None]);
    let encrypted = batch.messages().find(Message::is_encrypted).unwrap();
    assert!(matches!(&encrypted, Message::Encrypted(event) if event.sender() == &UserId::from("@a:x")));
    assert_eq!((encrypted.body(), encrypted.msgtype()), (None, None));
    let image = batch.questions().last().unwrap();
    assert_eq!((image.body(), image.msgtype(), image.text()), (Some("cat.jpg"), Some("m.image"), None));
    assert_eq!(image.sent_at().unwrap().0, 7);
}

#[tokio::test(start_paused = true)]
async fn members_timelines_and_invitations() {
    let events = [
        member("@new:x", "join", None),
        member("@renamed:x", "join", Some("join")),
        member("@back:x", "join", Some("leave")),
        member("@gone:x", "leave", Some("join")),
        member("@banned:x", "ban", Some("join")),
        text("$1", "@a:x", "hi"),
    ];
    let stripped = json!([
        {"type": "m.room.name", "state_key": "", "sender": "@host:x", "content": {"name": "Party"}},
        {"type": "m.room.member", "state_key": "@host:x", "sender": "@host:x", "content": {"membership": "join"}},
        {"type": "m.room.member", "state_key": "@me:example.org", "sender": "@host:x",
         "content": {"membership": "invite", "is_direct": true}},
    ]);
    let timeline = json!({"events": events, "limited": true, "prev_batch": "p"});
    let body = json!({
        "next_batch": "s1",
        "rooms": {
            "join": {ROOM: {"timeline": timeline}},
            "invite": {"!party:x": {"invite_state": {"events": stripped}}, "!bare:x": {}},
            "leave": {"!left:x": {"timeline": {"events": [member("@me:example.org", "leave", Some("join"))]}}},
        },
        "device_one_time_keys_count": {"signed_curve25519": 50},
    });
    let batch = batch(&Script::new([answer(body)])).await;
    let users = |changes: Vec<matrix_api::MemberChange<'_>>| {
        changes.iter().map(|change| change.user_id.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(users(batch.joins(ROOM)), ["@new:x", "@back:x"]);
    assert_eq!(users(batch.leaves(ROOM)), ["@gone:x"]);
    assert_eq!(batch.member_events(ROOM).len(), 5);
    assert_eq!(batch.member_events(ROOM)[3].sender.as_ref().unwrap(), &"@mod:x");
    assert_eq!(users(batch.leaves("!left:x")), ["@me:example.org"]);
    assert_eq!((batch.timeline(ROOM).len(), batch.timeline("!nowhere:x").len()), (6, 0));
    assert_eq!(batch.of_type(ROOM, &["m.room.message", "m.reaction"]).count(), 1);
    assert_eq!(batch.limited_rooms().collect::<Vec<_>>(), [&RoomId::from(ROOM)]);
    assert!(batch.is_limited(ROOM) && !batch.is_limited("!left:x"));
    assert_eq!((batch.one_time_keys("signed_curve25519"), batch.one_time_keys("other")), (50, 0));

    let me = batch.client().user_id().unwrap();
    let invites = batch.invites(&me);
    assert_eq!((invites[0].room_id.as_str(), &invites[0].inviter), ("!bare:x", &None));
    let party = &invites[1];
    assert_eq!((party.inviter.as_ref().unwrap().as_str(), party.name.as_deref()), ("@host:x", Some("Party")));
    assert!(party.is_direct);
}

/// The last segment of the path of a `send`, and its body.
fn txn(target: &str) -> String {
    target.rsplit('/').next().unwrap().replace("%24", "$")
}

#[tokio::test(start_paused = true)]
async fn answers_have_the_same_ids_in_every_run() {
    for _ in 0..2 {
        let script = Script::new([joined("s1", &[text("$1", "@a:x", "hi"), text("$2", "@a:x", "ho")], false)]);
        let batch = batch(&script).await;
        let questions: Vec<_> = batch.questions().collect();
        script.then([not_encrypted(), sent(), sent(), sent(), sent(), sent()]);
        questions[0].reply("one").await.unwrap();
        questions[0].reply_notice("two").await.unwrap();
        questions[1].reply("three").await.unwrap();
        questions[1].react("👍").await.unwrap();
        questions[1].reply("four").txn_id("mine").await.unwrap();
        let seen = script.seen();
        assert_eq!(seen[1], "/_matrix/client/v3/rooms/%21r%3Ax/state/m.room.encryption/");
        let ids: Vec<_> = seen[2..].iter().map(|target| txn(target)).collect();
        let react = TxnId::derived(&"$2".into(), "react-👍").to_string();
        assert_eq!(ids, ["reply.$1", "reply-2.$1", "reply.$2", &*react, "mine"]);
        assert!(seen[5].contains("/send/m.reaction/"));
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_failed_is_the_same_answer_when_it_is_tried_again() {
    let script = Script::new([joined("s1", &[text("$1", "@a:x", "hi")], false), not_encrypted()]);
    let batch = batch(&script).await;
    let question = batch.questions().next().unwrap();
    script.then([Step::Answer(403, r#"{"errcode":"M_FORBIDDEN"}"#.to_owned()), Step::Silence, sent(), sent()]);
    assert!(question.reply("one").await.unwrap_err().is_forbidden());
    let dropped = tokio::time::timeout(Duration::from_secs(1), question.reply("one").into_future());
    assert!(dropped.await.is_err());
    question.reply("one").await.unwrap();
    question.reply("two").await.unwrap();
    let ids: Vec<_> = script.seen()[2..].iter().map(|target| txn(target)).collect();
    assert_eq!(ids, ["reply.$1", "reply.$1", "reply.$1", "reply-2.$1"]);
}

#[tokio::test(start_paused = true)]
async fn answers_stay_in_their_thread() {
    let threaded = json!({
        "msgtype": "m.text", "body": "hi", "m.relates_to": {"rel_type": "m.thread", "event_id": "$root"},
    });
    let events = [event("$1", "@a:x", "m.room.message", threaded), text("$2", "@a:x", "ho")];
    let script = Script::new([joined("s1", &events, false), not_encrypted(), sent(), sent()]);
    let batch = batch(&script).await;
    for question in batch.questions() {
        question.reply("yes").await.unwrap();
    }
    let bodies = script.bodies();
    let expected = json!({
        "msgtype": "m.text", "body": "yes", "m.mentions": {"user_ids": ["@a:x"]},
        "m.relates_to": {
            "rel_type": "m.thread", "event_id": "$root", "is_falling_back": false,
            "m.in_reply_to": {"event_id": "$1"},
        },
    });
    assert_eq!(serde_json::from_str::<Value>(&bodies[2]).unwrap(), expected);
    let relation = serde_json::from_str::<Value>(&bodies[3]).unwrap()["m.relates_to"].clone();
    assert_eq!(relation, json!({"m.in_reply_to": {"event_id": "$2"}}));
}

#[tokio::test(start_paused = true)]
async fn nothing_goes_into_an_encrypted_room_by_accident() {
    let encrypted = || answer(json!({"algorithm": "m.megolm.v1.aes-sha2"}));
    let script = Script::new([encrypted(), sent()]);
    let room = script.client().await.room(ROOM);
    for _ in 0..2 {
        let error = room.send_text("secret").await.unwrap_err();
        assert_eq!((error.kind(), error.may_have_been_sent()), (ErrorKind::Encrypted, false));
    }
    assert!(room.is_encrypted().await.unwrap());
    assert_eq!(script.seen().len(), 1, "it is asked once");
    room.send_text("not secret").allow_plaintext().await.unwrap();
    assert_eq!(script.seen().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn encryption_that_is_switched_on_later_is_noticed() {
    let script = Script::new([not_encrypted(), sent(), sent()]);
    let client = script.client().await;
    let room = client.room(ROOM);
    room.send_text("one").await.unwrap();
    room.send_text("two").await.unwrap();
    let on = json!({
        "type": "m.room.encryption", "state_key": "", "event_id": "$e", "sender": "@a:x",
        "content": {"algorithm": "m.megolm.v1.aes-sha2"},
    });
    script.then([joined("s1", &[on], false)]);
    client.sync_once(SyncOptions::new()).await.unwrap();
    assert_eq!(room.send_text("three").await.unwrap_err().kind(), ErrorKind::Encrypted);

    // Without a sync it is asked again after a while.
    let other = client.room("!other:x");
    script.then([not_encrypted(), sent(), answer(json!({}))]);
    other.send_text("one").await.unwrap();
    tokio::time::advance(Duration::from_secs(601)).await;
    assert_eq!(other.send_text("two").await.unwrap_err().kind(), ErrorKind::Encrypted);
}

#[tokio::test(start_paused = true)]
async fn whether_a_room_is_encrypted_is_not_guessed() {
    let script = Script::new([Step::Answer(500, "{}".to_owned())]);
    let room = script.client().await.room(ROOM);
    assert_eq!(room.send_text("hi").await.unwrap_err().status().unwrap(), 500);
    assert!(script.seen().iter().all(|target| target.contains("m.room.encryption")));
    // Who may not look may not send, and the server says so.
    script.then([Step::Answer(403, r#"{"errcode":"M_FORBIDDEN"}"#.to_owned()), sent()]);
    room.send_text("hi").await.unwrap();
}

fn page(events: &[Value], end: Option<&str>) -> Step {
    answer(json!({"start": "p", "end": end, "chunk": events}))
}

fn bodies(batch: &SyncBatch) -> Vec<String> {
    batch.messages().map(|message| message.body().unwrap().to_owned()).collect()
}

#[tokio::test(start_paused = true)]
async fn gaps_are_filled_before_a_batch_is_delivered() {
    let script = Script::new([joined("s1", &[text("$1", "@a:x", "1")], true)]);
    let client = script.client().await;
    let mut stream = client.sync_stream(SyncOptions::new().fill_gaps(100));
    // A snapshot has no gap: what was before it is not new.
    assert_eq!(bodies(&stream.next().await.unwrap().unwrap()), ["1"]);
    assert_eq!(script.seen().len(), 1);

    script.then([
        joined("s2", &[text("$5", "@a:x", "5")], true),
        page(&[text("$4", "@a:x", "4"), text("$3", "@a:x", "3")], Some("p1")),
        Step::Answer(502, "<html>".to_owned()),
        // Everything again, from the same position.
        joined("s2", &[text("$5", "@a:x", "5")], true),
        page(&[text("$4", "@a:x", "4"), text("$3", "@a:x", "3")], Some("p1")),
        page(&[text("$2", "@a:x", "2")], Some("p2")),
        page(&[], None),
    ]);
    let batch = stream.next().await.unwrap().unwrap();
    assert_eq!(bodies(&batch), ["2", "3", "4", "5"]);
    assert!(!batch.is_limited(ROOM));
    let seen = script.seen();
    assert_eq!(seen[5], "/_matrix/client/v3/rooms/%21r%3Ax/messages?from=p0&to=s1&dir=b&limit=100");
    let from: Vec<_> = seen[5..].iter().map(|target| query(target, "from").unwrap()).collect();
    assert_eq!(from, ["p0", "p1", "p2"]);
    assert_eq!(query(&seen[6], "limit").unwrap(), "98");
}

#[tokio::test(start_paused = true)]
async fn a_gap_that_cannot_be_filled_stays_visible() {
    let script = Script::new([joined("s1", &[], false), joined("s2", &[text("$9", "@a:x", "9")], true)]);
    let client = script.client().await;
    let options = || SyncOptions::new().fill_gaps(2);
    client.sync_once(options()).await.unwrap();
    script.then([page(&[text("$8", "@a:x", "8"), text("$7", "@a:x", "7")], Some("p1"))]);
    let batch = client.sync_once(options()).await.unwrap();
    assert_eq!((bodies(&batch), batch.is_limited(ROOM)), (vec!["7".into(), "8".into(), "9".into()], true));

    script.then([joined("s3", &[], true), Step::Answer(403, r#"{"errcode":"M_FORBIDDEN"}"#.to_owned())]);
    let batch = client.sync_once(options()).await.unwrap();
    assert!(batch.is_limited(ROOM) && batch.timeline(ROOM).is_empty());

    // By hand, later.
    script.then([page(&[text("$b", "@a:x", "b"), text("$a", "@a:x", "a")], None)]);
    let found = batch.fill_gap(ROOM, 10).await.unwrap();
    assert_eq!(
        found.iter().map(|raw| raw.field::<String>("event_id").unwrap().unwrap()).collect::<Vec<_>>(),
        ["$a", "$b"]
    );
    assert!(batch.fill_gap("!nowhere:x", 10).await.unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn one_broken_room_does_not_hold_up_all_others() {
    let script = Script::new([joined("s1", &[], false)]);
    let mut stream = script.client().await.sync_stream(SyncOptions::new().fill_gaps(100));
    stream.next().await.unwrap().unwrap();
    for _ in 0..4 {
        script.then([joined("s2", &[text("$9", "@a:x", "9")], true), Step::Answer(500, "{}".to_owned())]);
    }
    let batch = stream.next().await.unwrap().unwrap();
    assert_eq!((bodies(&batch), batch.is_limited(ROOM)), (vec!["9".to_owned()], true));

    // The end of the login is the end even there.
    script.then([joined("s3", &[], true), Step::Answer(401, r#"{"errcode":"M_UNKNOWN_TOKEN"}"#.to_owned())]);
    assert_eq!(stream.next().await.unwrap().unwrap_err().kind(), ErrorKind::SessionEnded);
}
