//! What a bot does, flow by flow, through handles. The page `first-generation.md` says which test is for which flow.

use std::sync::Arc;
use std::time::Duration;

use matrix_api::client_server::LogoutAll;
use matrix_api::error::{Error, RoomErrorKind};
use matrix_api::events::{ImageInfo, RoomMessage, RoomName, Sticker};
use matrix_api::synapse_admin::SetUserRatelimit;
use matrix_api::{Again, Client, ErrorKind, Filter, MatrixLink, SyncBatch, SyncOptions, escape_html, json};
use matrix_api_tests::live::{Account, Live, PASSWORD, unique};

use tokio::sync::Barrier;
use tokio::task::JoinSet;

use crate::{look, media, web};

fn quick() -> SyncOptions {
    SyncOptions::new().timeout(Duration::from_secs(1))
}

/// Syncs until something is there, for a minute at most.
async fn until<T>(client: &Client, mut find: impl FnMut(&SyncBatch) -> Option<T>) -> T {
    for _ in 0..60 {
        let batch = client.sync_once(quick()).await.unwrap();
        if let Some(found) = find(&batch) {
            return found;
        }
    }
    panic!("sixty syncs did not bring what was waited for");
}

#[tokio::test]
async fn a_wrong_password_and_the_right_one() {
    let live = Live::new("flows::a_wrong_password_and_the_right_one");
    let user = look::me(&live.new_user().await).await;
    let client = live.anonymous().await;
    let error = client.login_password(user.as_str(), "wrong").await.unwrap_err();
    assert!(error.is_forbidden(), "{error}");
    client.login_password(user.as_str(), PASSWORD).device_name("bot").await.unwrap();
    let device = client.device_id().unwrap();
    // A later login takes the device up again.
    client.login_password(user.as_str(), PASSWORD).device_id(&device).await.unwrap();
    assert_eq!(client.device_id(), Some(device));
}

#[tokio::test]
async fn it_logs_in_again_and_goes_on() {
    let live = Live::new("flows::it_logs_in_again_and_goes_on");
    let user = look::me(&live.new_user().await).await;
    let name = user.to_string();
    let builder = live.builder().on_failure(move |failure| {
        let name = name.clone();
        async move {
            match &failure.error {
                Error::SessionEnded(_) => match failure.client().login_password(name, PASSWORD).await {
                    Ok(_) => Again::Reauthenticate,
                    Err(_) => Again::GiveUp,
                },
                _ => Again::GiveUp,
            }
        }
    });
    let client: Client = builder.build().await.unwrap();
    client.login_password(user.as_str(), PASSWORD).await.unwrap();
    let other = live.anonymous().await;
    other.login_password(user.as_str(), PASSWORD).await.unwrap();
    other.send(LogoutAll::new()).await.unwrap();
    // The call that meets the end of the login is made again, and the caller notices nothing.
    let room = client.create_room().name("Still here").await.unwrap();
    assert_eq!(client.joined_rooms().await.unwrap(), [room.id().clone()]);
}

#[tokio::test]
async fn a_kept_login() {
    let live = Live::new("flows::a_kept_login");
    let file = std::env::temp_dir().join(unique("kept")).join("session.json");
    // Logs in by what the environment says.
    let client = Client::open(&file).await.unwrap();
    assert_eq!(client.user_id(), Some(live.credentials(Account::Alice).0));
    let (device, room) = (client.device_id(), client.create_room().await.unwrap());
    client.sync_once(SyncOptions::new()).await.unwrap().acknowledge().await.unwrap();
    room.send_text("meanwhile").await.unwrap();
    drop((client, room));
    // The next run needs no login, and goes on where the one before was.
    let again = Client::open(&file).await.unwrap();
    assert_eq!((again.device_id(), again.whoami().await.unwrap().device_id), (device.clone(), device));
    let batch = again.sync_once(SyncOptions::new()).await.unwrap();
    assert!(batch.messages().any(|message| message.body() == Some("meanwhile")));
    again.logout().await.unwrap();
    std::fs::remove_dir_all(file.parent().unwrap()).unwrap();
}

#[tokio::test]
async fn a_server_that_asks_to_slow_down() {
    let live = Live::new("flows::a_server_that_asks_to_slow_down");
    let (admin, bot) = (live.admin().await, live.new_user().await);
    let room = bot.create_room().await.unwrap();
    let me = look::me(&bot).await;
    admin.send(SetUserRatelimit::new(&me).messages_per_second(2).burst_count(1)).await.unwrap();
    let report =
        bot.for_each_room(vec![room.id(); 6], |room| async move { room.send_text("again").await }).at_once(3).await;
    assert!(report.is_success(), "{report}");
    let said = room.messages().collect().await.unwrap();
    assert_eq!(look::bodies(&said).len(), 6);
}

#[tokio::test]
async fn an_invitation_by_somebody_known() {
    let live = Live::new("flows::an_invitation_by_somebody_known");
    let (owner, stranger, bot) = (live.new_user().await, live.new_user().await, live.new_user().await);
    let (boss, me) = (look::me(&owner).await, look::me(&bot).await);
    let room = owner.create_room().name("Garden").invite([&me]).await.unwrap();
    let trap = stranger.create_room().invite([&me]).await.unwrap();
    let mut open = 2;
    for _ in 0..60 {
        if open == 0 {
            break;
        }
        let batch = bot.sync_once(quick()).await.unwrap();
        for invite in batch.invites(&me) {
            open -= 1;
            let room = bot.room(invite.room_id);
            if invite.inviter.as_ref() == Some(&boss) {
                assert_eq!(invite.name.as_deref(), Some("Garden"));
                room.join().await.unwrap();
            } else {
                room.leave().reason("do not know you").await.unwrap();
            }
        }
    }
    assert_eq!(bot.joined_rooms().await.unwrap(), [room.id().clone()]);
    let declined = trap.members().membership("leave").await.unwrap();
    assert_eq!((declined.len(), &declined[0].user_id), (1, &me));
}

#[tokio::test]
async fn not_its_own_words_and_none_twice() {
    let live = Live::new("flows::not_its_own_words_and_none_twice");
    let (owner, bot) = (live.new_user().await, live.new_user().await);
    let room = live.shared_room(&owner, &bot).await;
    bot.sync_once(quick().skip_backlog()).await.unwrap();
    bot.room(&room).send_text("mine").await.unwrap();
    owner.room(&room).send_notice("a bot's").await.unwrap();
    owner.room(&room).send_text("a question").await.unwrap();
    let questions = |batch: &SyncBatch| {
        let texts: Vec<_> = batch.questions().filter_map(|question| question.text().map(str::to_owned)).collect();
        (!texts.is_empty()).then_some(texts)
    };
    assert_eq!(until(&bot, questions).await, ["a question"]);
    assert_eq!(questions(&bot.sync_once(SyncOptions::new()).await.unwrap()), None);
}

#[tokio::test]
async fn an_answer_in_html() {
    let live = Live::new("flows::an_answer_in_html");
    let (owner, bot) = (live.new_user().await, live.new_user().await);
    let id = live.shared_room(&owner, &bot).await;
    let question = owner.room(&id).send_text("<script>?").await.unwrap();
    let said = owner.room(&id).message::<RoomMessage>(&question).await.unwrap();
    let html = format!("<b>You said:</b> {}", escape_html(said.body()));
    let answer = RoomMessage::html("You said: <script>?", html).reply_to(&question);
    let sent = bot.room(&id).send(answer).await.unwrap();
    let read = owner.room(&id).message::<RoomMessage>(&sent).await.unwrap();
    assert_eq!(read.formatted_body(), Some("<b>You said:</b> &lt;script&gt;?"));
    let content = look::content(&owner.room(&id).event(&sent).await.unwrap());
    assert_eq!(content["m.relates_to"]["m.in_reply_to"]["event_id"], question.as_str());
}

#[tokio::test]
async fn moderation_in_many_rooms() {
    let live = Live::new("flows::moderation_in_many_rooms");
    let (boss, troll) = (live.new_user().await, live.new_user().await);
    let target = look::me(&troll).await;
    let mut rooms = Vec::new();
    for _ in 0..3 {
        rooms.push(live.shared_room(&boss, &troll).await);
    }
    // One where the boss has no say.
    rooms.push(live.shared_room(&troll, &boss).await);
    let user = target.clone();
    let ban = move |room: matrix_api::Room| {
        let user = user.clone();
        async move { room.ban(user).reason("spam").await }
    };
    let report = boss.for_each_room(rooms.clone(), ban).at_once(2).await;
    assert_eq!(report.succeeded().map(|(room, ())| room).collect::<Vec<_>>(), rooms[..3].iter().collect::<Vec<_>>());
    let (room, error) = report.failed().next().unwrap();
    assert!(room == &rooms[3] && error.is_forbidden());
    for room in &rooms[..3] {
        let banned = boss.room(room).members().membership("ban").await.unwrap();
        assert_eq!(banned.iter().map(|member| &member.user_id).collect::<Vec<_>>(), [&target]);
        boss.room(room).unban(&target).await.unwrap();
        troll.room(room).join().await.unwrap();
        boss.room(room).kick(&target).await.unwrap();
        assert_eq!(boss.room(room).member_ids().await.unwrap(), [look::me(&boss).await]);
    }
}

#[tokio::test]
async fn a_space_with_a_space_in_it() {
    let live = Live::new("flows::a_space_with_a_space_in_it");
    let (boss, guest) = (live.new_user().await, live.new_user().await);
    let server = live.server_name();
    let space = boss.space(boss.create_room().space().name("House").await.unwrap().id());
    let floor = boss.space(boss.create_room().space().name("Floor").await.unwrap().id());
    let kitchen = boss.create_room().name("Kitchen").await.unwrap();
    let attic = boss.create_room().name("Attic").await.unwrap();
    space.add(kitchen.id(), [&server]).await.unwrap();
    space.add(floor.id(), [&server]).await.unwrap();
    floor.add(attic.id(), [&server]).await.unwrap();

    let mut names: Vec<_> = space.rooms().await.unwrap().into_iter().filter_map(|room| room.name).collect();
    names.sort();
    assert_eq!(names, ["Attic", "Kitchen"]);
    assert_eq!(space.spaces().await.unwrap()[0].room_id, *floor.id());
    assert_eq!(space.hierarchy().collect().await.unwrap().len(), 4);

    let ann = look::me(&guest).await;
    attic.invite(&ann).await.unwrap();
    let report = space.invite_everywhere(&ann).await.unwrap();
    assert!(report.is_success(), "{report}");
    let invited: Vec<_> = report.succeeded().filter(|(_, sent)| **sent).map(|(room, _)| room.clone()).collect();
    assert_eq!(invited.len(), 3, "the attic had one already");
    assert!(!invited.contains(attic.id()));
    for room in [space.id(), floor.id(), kitchen.id(), attic.id()] {
        guest.join(room).await.unwrap();
    }
    space.remove(kitchen.id()).await.unwrap();
    assert_eq!(space.rooms().await.unwrap().len(), 1);
    // Who sees nothing of it is told so.
    let stranger = live.new_user().await;
    assert!(stranger.space(space.id()).rooms().await.unwrap_err().is_forbidden());
}

#[tokio::test]
async fn a_room_for_many() {
    let live = Live::new("flows::a_room_for_many");
    let boss = live.new_user().await;
    let mut guests = Vec::new();
    for _ in 0..5 {
        guests.push(look::me(&live.new_user().await).await);
    }
    let alias = unique("party");
    let room = boss.create_room().name("Party").topic("Cake").alias(&alias).public().await.unwrap();
    let everybody = guests.iter().cloned().chain(["@nobody-at-all:localhost.invalid".into()]);
    let report = room.invite_many(everybody).at_once(2).await;
    assert!(report.succeeded().count() >= 5, "{report}");
    let invited = room.members().membership("invite").await.unwrap();
    assert!(guests.iter().all(|guest| invited.iter().any(|member| member.user_id == *guest)));
    // Found by its alias, in the directory, and by a link to it.
    let name = format!("#{alias}:{}", live.server_name());
    assert_eq!(boss.resolve_alias(&name).await.unwrap().as_ref(), Some(room.id()));
    assert_eq!(boss.resolve_alias(format!("#none-{alias}:{}", live.server_name())).await.unwrap(), None);
    assert!(room.is_listed().await.unwrap());
    let link: MatrixLink = MatrixLink::alias(&name).to_uri().parse().unwrap();
    let matrix_api::LinkTarget::Alias(found) = link.target else { panic!("an alias") };
    let guest = live.new_user().await;
    assert_eq!(guest.join(found).await.unwrap().id(), room.id());
    let listed = boss.public_rooms().collect().await.unwrap();
    assert!(listed.iter().any(|one| one.room_id == *room.id()));
    room.set_listed(false).await.unwrap();
    assert!(!room.is_listed().await.unwrap());
    assert_eq!(room.aliases().await.unwrap(), [name.as_str()]);
    boss.delete_alias(&name).await.unwrap();
    assert!(room.aliases().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_room_that_nobody_here_knows() {
    let live = Live::new("flows::a_room_that_nobody_here_knows");
    let client = live.new_user().await;
    let error = client.join("!31hneApxJ_1o-63DmFrpeqnkFfWppnzWso1JvH3ogLM").await.unwrap_err();
    let Error::Room(refused) = &error else { panic!("{error}") };
    assert_eq!(refused.kind(), RoomErrorKind::NeedsVia);
    assert_eq!(client.join("!nowhere:localhost.invalid").await.unwrap_err().kind(), ErrorKind::Api);
}

#[tokio::test]
async fn who_somebody_is_and_whether_they_are_there() {
    let live = Live::new("flows::who_somebody_is_and_whether_they_are_there");
    let (bot, ann) = (live.new_user().await, live.new_user().await);
    let user = look::me(&ann).await;
    live.shared_room(&bot, &ann).await;
    ann.set_display_name(Some("Ann")).await.unwrap();
    ann.set_presence("online", Some("here")).await.unwrap();
    let handle = bot.user(&user);
    assert!(handle.exists().await.unwrap() && handle.is_online().await.unwrap());
    assert_eq!(handle.display_name().await.unwrap().as_deref(), Some("Ann"));
    assert_eq!(handle.avatar_url().await.unwrap(), None);
    assert_eq!(handle.mutual_rooms().collect().await.unwrap().len(), 1);
    ann.set_presence("offline", None).await.unwrap();
    assert!(!handle.is_online().await.unwrap());
    ann.set_display_name(None).await.unwrap();
    assert_eq!(handle.display_name().await.unwrap(), None);
    let nobody = bot.user(format!("@{}:{}", unique("nobody"), live.server_name()));
    assert!(!nobody.exists().await.unwrap() && !nobody.is_online().await.unwrap());
    // A token for a web service says who it is, and nothing else.
    let token = ann.open_id_token().await.unwrap();
    assert_eq!(token.matrix_server_name, live.server_name().as_str());
}

#[tokio::test]
async fn a_conversation() {
    let live = Live::new("flows::a_conversation");
    let (bot, ann) = (live.new_user().await, live.new_user().await);
    let (me, user) = (look::me(&bot).await, look::me(&ann).await);
    let room = bot.create_dm(&user).await.unwrap();
    let second = bot.create_dm(&user).await.unwrap();
    assert_eq!(bot.direct_rooms(&user).await.unwrap(), [room.id().clone(), second.id().clone()]);
    let direct = until(&ann, |batch| batch.invites(&user).first().map(|invite| invite.is_direct)).await;
    assert!(direct);
    bot.sync_once(quick()).await.unwrap();
    ann.room(room.id()).join().await.unwrap();
    let id = room.id().clone();
    let joined = until(&bot, |batch| batch.joins(&id).first().map(|change| change.user_id.clone())).await;
    assert_eq!(joined, user);
    let heard = room.send_text("How do you do?").await.unwrap();
    let handle = ann.room(room.id());
    handle.mark_read(&heard).await.unwrap();
    handle.mark_read(&heard).private().await.unwrap();
    handle.mark_fully_read(&heard).await.unwrap();
    handle.typing(Duration::from_secs(1)).await.unwrap();
    handle.stop_typing().await.unwrap();
    room.leave().reason("done").await.unwrap();
    room.forget().await.unwrap();
    let left = handle.members().membership("leave").await.unwrap();
    assert_eq!(left[0].user_id, me);
}

#[tokio::test]
async fn a_name_that_changes() {
    let live = Live::new("flows::a_name_that_changes");
    let bot = live.new_user().await;
    let room = bot.create_room().name("(0) Call").await.unwrap();
    room.send_state(RoomName::new("(3) Call")).await.unwrap();
    let name = room.state_event::<RoomName>(()).await.unwrap().unwrap();
    assert_eq!(name.name.as_deref(), Some("(3) Call"));
    assert!(room.raw_state("org.example.none", "").await.unwrap().is_none());
    assert!(room.state().await.unwrap().len() > 5);

    let before = room.send_text("before").await.unwrap();
    let notice = room.send(RoomMessage::notice_html("News", "<h1>News</h1>")).await.unwrap();
    let around = room.context(&notice, 4).await.unwrap();
    assert_eq!(look::id(&around.events_before[0]), before);
    room.redact(&notice).reason("old").await.unwrap();
    assert!(room.event(&notice).await.unwrap().is_redacted());
    assert_eq!(room.event_at(0, "f").await.unwrap().map(|first| first.as_str().starts_with('$')), Some(true));
    // Both directions tell of the same.
    let (mut back, forth) =
        (room.messages().collect().await.unwrap(), room.messages_from_start().collect().await.unwrap());
    back.reverse();
    assert_eq!(look::ids(&back), look::ids(&forth));
}

#[tokio::test]
async fn results_as_a_file() {
    let live = Live::new("flows::results_as_a_file");
    let (bot, ann) = (live.new_user().await, live.new_user().await);
    let id = live.shared_room(&bot, &ann).await;
    let results = br#"{"answers":[1]}"#;
    let file = bot.room(&id).send_file(results.to_vec()).file_name("answers.json").content_type("application/json");
    let sent = file.caption("Who came").await.unwrap();
    let RoomMessage::File(message) = ann.room(&id).message(&sent).await.unwrap() else { panic!("a file") };
    assert_eq!((message.body.as_str(), message.filename.as_deref()), ("Who came", Some("answers.json")));
    assert_eq!(message.info.unwrap().size, Some(results.len() as i64));
    let down = ann.media().download(message.url.unwrap()).bytes().await.unwrap();
    assert_eq!(down.bytes, &results[..]);
    assert!(down.content_type.unwrap().starts_with("application/json"));
}

#[tokio::test]
async fn a_sticker() {
    let live = Live::new("flows::a_sticker");
    let (bot, ann) = (live.new_user().await, live.new_user().await);
    let id = live.shared_room(&bot, &ann).await;
    let cat = media::picture();
    let info = ImageInfo::of(64, 64, "image/png", cat.len() as i64);
    let place = bot.media().upload(cat).content_type("image/png").file_name("cat.png").await.unwrap();
    let sent = bot.room(&id).send(Sticker::new("cat", info, place.clone())).await.unwrap();
    let sticker = ann.room(&id).message::<Sticker>(&sent).await.unwrap();
    assert_eq!((sticker.body.as_str(), &sticker.url), ("cat", &place));
    let small = ann.media().thumbnail(place, 32, 32).crop().bytes().await.unwrap();
    assert_eq!(media::size(&small.bytes), (32, 32));
}

#[tokio::test]
async fn news_of_the_web() {
    let live = Live::new("flows::news_of_the_web");
    let (bot, ann) = (live.new_user().await, live.new_user().await);
    let id = live.shared_room(&bot, &ann).await;
    let page = "<html><head><meta property='og:title' content='Cats &amp; dogs'></head><body>Miaow</body></html>";
    let site = web::serve(vec![("/pets", "text/html; charset=utf-8", page.as_bytes().to_vec())]);
    let link = format!("{site}/pets");
    let preview = bot.media().preview(&link).await.unwrap();
    let title = preview.extra.get("og:title").unwrap().as_str().unwrap();
    let html = format!(r#"<a href="{link}">{}</a>"#, escape_html(title));
    let sent = bot.room(&id).send(RoomMessage::notice_html(format!("{title}: {link}"), html)).await.unwrap();
    let read = ann.room(&id).message::<RoomMessage>(&sent).await.unwrap();
    assert!(matches!(read, RoomMessage::Notice(_)));
    assert_eq!(read.body(), format!("Cats & dogs: {link}"));
    assert_eq!(read.formatted_body().unwrap(), format!(r#"<a href="{link}">Cats &amp; dogs</a>"#));
}

#[tokio::test]
async fn a_pause_and_many_hands() {
    let live = Live::new("flows::a_pause_and_many_hands");
    let (owner, bot) = (live.new_user().await, live.new_user().await);
    let id = live.shared_room(&owner, &bot).await;
    let mut stream = bot.sync_stream(quick().skip_backlog());
    drop(stream.next().await.unwrap().unwrap());
    // Who does not ask for the next batch pauses, and misses nothing.
    for number in 1..=3 {
        owner.room(&id).send_text(format!("question {number}")).await.unwrap();
    }
    // All answers are on their way before the first one goes on, and one that takes too long is given up.
    let (together, mut hands) = (Arc::new(Barrier::new(3)), JoinSet::new());
    while hands.len() < 3 {
        let batch = tokio::time::timeout(Duration::from_secs(60), stream.next()).await.expect("within a minute");
        for question in batch.unwrap().unwrap().questions() {
            let together = together.clone();
            let answer = async move {
                together.wait().await;
                if question.text() == Some("question 2") {
                    std::future::pending::<()>().await;
                }
                question.reply(format!("answer to {}", question.text().unwrap())).await.unwrap();
            };
            hands.spawn(tokio::time::timeout(Duration::from_secs(10), answer));
        }
    }
    let outcomes = hands.join_all().await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 2);
    let said = owner.room(&id).messages().max_items(2).collect().await.unwrap();
    let mut answers = look::bodies(&said);
    answers.sort();
    assert_eq!(answers, ["answer to question 1", "answer to question 3"]);
}

#[tokio::test]
async fn after_a_restart_it_goes_on() {
    let live = Live::new("flows::after_a_restart_it_goes_on");
    let (owner, bot) = (live.new_user().await, live.new_user().await);
    let room = live.shared_room(&owner, &bot).await;
    bot.filters().upload("quiet", Filter::quiet()).await.unwrap();
    owner.room(&room).send_text("before").await.unwrap();
    let seen = bot.sync_once(SyncOptions::filter("quiet")).await.unwrap();
    seen.acknowledge().await.unwrap();
    let kept = serde_json::to_string(&bot.session().unwrap()).unwrap();
    drop(bot);
    owner.room(&room).send_text("meanwhile").await.unwrap();
    // Another bot lives in the same process.
    let again = Client::restore(serde_json::from_str(&kept).unwrap()).unwrap();
    let batch = again.sync_once(SyncOptions::filter("quiet")).await.unwrap();
    let texts: Vec<_> = batch.messages().filter_map(|message| message.body().map(str::to_owned)).collect();
    assert_eq!(texts, ["meanwhile"]);
    again.set_raw_account_data("org.example.bot", json!({"level": 3})).await.unwrap();
    let data = again.raw_account_data("org.example.bot").await.unwrap().unwrap();
    assert_eq!(data.field::<i64>("level").unwrap(), Some(3));
    assert!(again.raw_account_data("org.example.none").await.unwrap().is_none());
    let handle = again.room(&room);
    handle.set_raw_account_data("org.example.bot", json!({"mute": true})).await.unwrap();
    assert!(handle.raw_account_data("org.example.bot").await.unwrap().is_some());
    handle.set_tag("u.bots", matrix_api::client_server::types::Tag::new().order(0.5)).await.unwrap();
    assert_eq!(handle.tags().await.unwrap()["u.bots"].order, Some(0.5));
    handle.remove_tag("u.bots").await.unwrap();
    assert!(handle.tags().await.unwrap().is_empty());
}

#[tokio::test]
async fn policies_are_followed() {
    let live = Live::new("flows::policies_are_followed");
    let (moderator, bot) = (live.login(Account::Alice).await, live.new_user().await);
    let room = live.shared_room(&moderator, &bot).await;
    let rules = moderator.room(&room);
    let ban = |entity: &str| json!({"entity": entity, "recommendation": "m.ban", "reason": "spam"});
    rules.set_state("m.policy.rule.user", "1", ban("@spam*:evil.example")).await.unwrap();
    let list = bot.policy_list([&room]).await.unwrap();
    let spammer = "@spammer:evil.example".into();
    assert!(list.about_user(&spammer)[0].is_ban());

    let mut changes = list.changes(bot.sync_stream(quick()));
    let mut change = async || {
        let change =
            tokio::time::timeout(Duration::from_secs(60), changes.next()).await.expect("a change within a minute");
        let change = change.unwrap().unwrap();
        let entity = |rule: Option<matrix_api::PolicyRule>| rule.map(|rule| rule.entity);
        (entity(change.added), entity(change.removed))
    };
    let event = rules.set_state("m.policy.rule.server", "2", ban("*.evil.example")).await.unwrap();
    let mut seen = vec![change().await];
    rules.set_state("m.policy.rule.user", "1", json!({})).await.unwrap();
    seen.push(change().await);
    rules.redact(&event).await.unwrap();
    seen.push(change().await);
    let (user, server) = ("@spam*:evil.example".to_owned(), "*.evil.example".to_owned());
    assert_eq!(seen, [(Some(server.clone()), None), (None, Some(user)), (None, Some(server))]);
    assert!(list.rules().is_empty());
    // And the room keeps servers out by a list of its own.
    rules.set_state("m.room.server_acl", "", json!({"allow": ["*"], "deny": ["*.evil.example"]})).await.unwrap();
    let acl = bot.room(&room).server_acl().await.unwrap();
    assert!(acl.denies("x.evil.example:8448") && !acl.denies(live.server_name()));
}
