//! Kills the echo bot again and again while it is spoken to, and counts its answers: `crash BOT KILLS`, with a
//! homeserver in the environment. `cargo xtask crash` starts one.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use matrix_api::client_server::{GetRoomEvents, get_room_events::Direction};
use matrix_api::{Client, EventId, Raw, RoomId, TimelineEvent, UserId, json};
use matrix_api_tests::live::{Live, PASSWORD, unique};
use serde_json::Value;
use tokio::time::sleep;

/// What the bot is asked in all.
const QUESTIONS: usize = 500;
const ROOMS: usize = 5;
/// How many are on their way at a time.
const SIDE_BY_SIDE: usize = 5;
/// A run without any progress for this long has failed.
const PATIENCE: Duration = Duration::from_secs(120);

#[tokio::main]
async fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [bot, kills] = &args[..] else { panic!("usage: crash BOT KILLS") };
    let kills = kills.parse().expect("a number of kills");
    let live = Live::new("crash");
    let (asker, answerer) = (live.new_user().await, live.new_user().await);
    let mut rooms = Vec::new();
    for _ in 0..ROOMS {
        rooms.push(live.shared_room(&asker, &answerer).await);
    }
    let user = answerer.user_id().expect("it has just logged in");
    let mut bot = Bot::new(&live, bot, &user);
    bot.start();
    bot.listens().await;

    let start = Instant::now();
    let sent = Arc::new(AtomicUsize::new(0));
    let asking = tokio::spawn(ask(asker.clone(), rooms.clone(), sent.clone()));
    bot.is_killed(kills, &sent).await;
    let asked = asking.await.expect("asking goes well");
    println!("asked {} questions in {} s, killed the bot {kills} times", asked.len(), start.elapsed().as_secs());
    let last = finish(&asker, &rooms, &mut bot, &user).await;
    drop(bot);
    let answers = answers(&asker, &rooms, &user).await;
    judge(&asked, &last, &answers);
    println!("every question was answered once, {} s in all", start.elapsed().as_secs());
}

/// The bot's process, and where it keeps its session.
struct Bot {
    program: PathBuf,
    folder: PathBuf,
    environment: [(&'static str, String); 3],
    process: Option<Child>,
}

impl Bot {
    fn new(live: &Live, program: &str, user: &UserId) -> Self {
        let folder = std::env::temp_dir().join(unique("echo-bot"));
        std::fs::create_dir_all(&folder).expect("a folder can be made");
        let environment = [
            ("MATRIX_HOMESERVER", live.base_url()),
            ("MATRIX_USER", user.to_string()),
            ("MATRIX_PASSWORD", PASSWORD.to_owned()),
        ];
        let program = Path::new(program).canonicalize().expect("the bot is built");
        Self { program, folder, environment, process: None }
    }

    fn start(&mut self) {
        let mut command = Command::new(&self.program);
        command.current_dir(&self.folder).stdin(Stdio::null()).envs(self.environment.clone());
        command.env_remove("MATRIX_TOKEN");
        self.process = Some(command.spawn().expect("the bot starts"));
    }

    fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().expect("it can be killed");
            process.wait().expect("it is gone");
        }
    }

    /// Waits until it has a position: from then on nothing may be lost.
    async fn listens(&self) {
        let file = self.folder.join("echo-bot.json");
        for _ in 0..PATIENCE.as_secs() * 20 {
            let stored = std::fs::read_to_string(&file).unwrap_or_default();
            if stored.contains("next_batch") {
                return;
            }
            sleep(Duration::from_millis(50)).await;
        }
        panic!("the bot does not come to listen");
    }

    /// A bot that has ended by itself, say because a call failed, is started again, as a supervisor does.
    fn tend(&mut self) {
        let ended = self.process.as_mut().and_then(|process| process.try_wait().expect("it can be asked"));
        if let Some(status) = ended {
            println!("the bot has ended ({status}) and is started again");
            self.start();
        }
    }

    /// Kills it, spread over all the questions, each time at some moment of whatever it is doing.
    async fn is_killed(&mut self, kills: usize, sent: &AtomicUsize) {
        for kill in 0..kills {
            let share = QUESTIONS / kills;
            let at = kill * share + (random() as usize) % share.max(1);
            while sent.load(Ordering::Relaxed) < at {
                self.tend();
                sleep(Duration::from_millis(5)).await;
            }
            sleep(Duration::from_micros(u64::from(random()) % 300_000)).await;
            self.kill();
            sleep(Duration::from_millis(u64::from(random()) % 1000)).await;
            self.start();
            sleep(Duration::from_millis(u64::from(random()) % 1000)).await;
        }
    }
}

impl Drop for Bot {
    fn drop(&mut self) {
        self.kill();
        // What is left is in the temporary folder.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn random() -> u32 {
    use std::hash::{BuildHasher, RandomState};
    RandomState::new().hash_one(0) as u32
}

/// Asks everything, in all rooms, with notices and edits in between that nobody is to answer.
async fn ask(asker: Client, rooms: Vec<RoomId>, sent: Arc<AtomicUsize>) -> Vec<EventId> {
    let next = Arc::new(AtomicUsize::new(0));
    let mut tasks = Vec::new();
    for _ in 0..SIDE_BY_SIDE {
        let (asker, rooms, sent, next) = (asker.clone(), rooms.clone(), sent.clone(), next.clone());
        tasks.push(tokio::spawn(async move {
            let mut asked = Vec::new();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= QUESTIONS {
                    return asked;
                }
                let room = asker.room(&rooms[number % rooms.len()]);
                let question = room.send_text(format!("question {number}")).await.expect("it can be asked");
                if number % 20 == 0 {
                    disturb(&room, &question).await;
                }
                asked.push(question);
                sent.fetch_add(1, Ordering::Relaxed);
            }
        }));
    }
    let mut asked = Vec::new();
    for task in tasks {
        asked.extend(task.await.expect("the task ends"));
    }
    asked
}

/// A notice and an edit.
async fn disturb(room: &matrix_api::Room, question: &EventId) {
    room.send_notice("nobody answers a notice").await.expect("it can be said");
    let edit = json!({
        "msgtype": "m.text", "body": "* changed", "m.new_content": {"msgtype": "m.text", "body": "changed"},
        "m.relates_to": {"rel_type": "m.replace", "event_id": question},
    });
    room.send_message(&edit).await.expect("it can be changed");
}

/// Asks once more in every room and waits for those answers: then the bot has been through everything before.
async fn finish(asker: &Client, rooms: &[RoomId], bot: &mut Bot, user: &UserId) -> Vec<EventId> {
    let mut last = Vec::new();
    for room in rooms {
        last.push(asker.room(room).send_text("the end").await.expect("it can be asked"));
    }
    let (mut before, mut since) = (0, Instant::now());
    loop {
        bot.tend();
        let answers = answers(asker, rooms, user).await;
        if last.iter().all(|question| answers.contains_key(question)) {
            return last;
        }
        if answers.len() > before {
            (before, since) = (answers.len(), Instant::now());
        }
        assert!(since.elapsed() < PATIENCE, "no answer for {PATIENCE:?}, {before} answered");
        sleep(Duration::from_secs(1)).await;
    }
}

/// The bot's answers to each question, by the room's own history.
async fn answers(asker: &Client, rooms: &[RoomId], user: &UserId) -> BTreeMap<EventId, Vec<String>> {
    let mut answers: BTreeMap<EventId, Vec<String>> = BTreeMap::new();
    for room in rooms {
        let mut from = None;
        loop {
            let mut page = GetRoomEvents::new(room, Direction::Backward).limit(1000);
            page.from = from.take();
            let page = asker.send(page).await.expect("a member can read");
            for (question, body) in page.chunk.iter().filter_map(|event| answer(event, user)) {
                answers.entry(question).or_default().push(body);
            }
            match page.end {
                Some(end) if !page.chunk.is_empty() => from = Some(end),
                _ => break,
            }
        }
    }
    answers
}

/// What an event answers, and how, if the bot has sent it.
fn answer(event: &Raw<TimelineEvent>, user: &UserId) -> Option<(EventId, String)> {
    let sender: UserId = event.field("sender").ok()??;
    let content: Value = event.field("content").ok()??;
    let question = content["m.relates_to"]["m.in_reply_to"]["event_id"].as_str()?;
    (sender == *user).then(|| (question.into(), content["body"].as_str().unwrap_or_default().to_owned()))
}

fn judge(asked: &[EventId], last: &[EventId], answers: &BTreeMap<EventId, Vec<String>>) {
    assert_eq!(asked.len(), QUESTIONS);
    let mut count = [0; 3];
    for question in asked.iter().chain(last) {
        let times = answers.get(question).map_or(0, Vec::len);
        count[times.min(2)] += 1;
    }
    let [never, once, more] = count;
    assert_eq!((never, more), (0, 0), "{once} answered once, {never} never, {more} more than once");
    assert_eq!(answers.len(), QUESTIONS + last.len(), "something else was answered");
}
