//! A bot that moderates all rooms of a space: by command, and by the bans of a policy list.
//!
//! `cargo run --example moderation_bot -- SESSION_FILE CONTROL_ROOM SPACE POLICY_ROOM`
//!
//! Commands, in the control room:
//!
//! - `!mod kick @user:example.org because of this`: out of every room,
//! - `!mod ban @user:example.org because of this`: and never back,
//! - `!mod unban @user:example.org`.
//!
//! They are for those who have the power to do the same to the same user in the control room. A room in which the bot
//! may not do something ends nothing: it is in the report, or on stderr.

use std::{collections::BTreeSet, env, error::Error, fmt::Write as _};

use matrix_api::{Client, Message, PolicyList, Result, Room, RoomId, Space, SyncBatch, SyncOptions, UserId};

const PREFIX: &str = "!mod ";
const CHILD: &str = "m.space.child";

#[derive(Clone, Copy, PartialEq, Eq)]
enum Deed {
    Kick,
    Ban,
    Unban,
}

impl Deed {
    fn parse(word: &str) -> Option<Self> {
        match word {
            "kick" => Some(Self::Kick),
            "ban" => Some(Self::Ban),
            "unban" => Some(Self::Unban),
            _ => None,
        }
    }

    fn done(self) -> &'static str {
        match self {
            Self::Kick => "kicked",
            Self::Ban => "banned",
            Self::Unban => "unbanned",
        }
    }
}

struct Bot {
    client: Client,
    me: UserId,
    control: RoomId,
    space: Space,
    /// The rooms of the space, and the spaces in it, itself included.
    rooms: BTreeSet<RoomId>,
    spaces: BTreeSet<RoomId>,
    /// Whether there may be others by now.
    stale: bool,
    list: PolicyList,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [session, control, space, policies] = &arguments[..] else {
        return Err("usage: moderation_bot SESSION_FILE CONTROL_ROOM SPACE POLICY_ROOM".into());
    };
    let client = Client::open(session).await?;
    let mut bot = Bot {
        me: client.user_id().expect("a session is somebody's"),
        control: control.into(),
        space: client.space(space),
        rooms: BTreeSet::new(),
        spaces: BTreeSet::new(),
        stale: true,
        list: client.policy_list([policies]).await?,
        client,
    };
    let mut stream = bot.client.sync_stream(SyncOptions::new().skip_backlog().fill_gaps(10_000));
    while let Some(batch) = stream.next().await {
        bot.handle(&batch?).await;
    }
    Ok(())
}

impl Bot {
    async fn handle(&mut self, batch: &SyncBatch) {
        // A room that is put into a space, or taken out of it, is told of there.
        self.stale |= self.spaces.iter().any(|space| batch.of_type(space, &[CHILD]).next().is_some());
        let mut everywhere = !self.list.feed(batch).is_empty();
        if self.stale {
            match self.look_around().await {
                Ok(()) => (self.stale, everywhere) = (false, true),
                // With the next batch again.
                Err(error) => eprintln!("{}: {error}", self.space.id()),
            }
        }
        let concerned = self.rooms.iter().filter(|room| everywhere || !batch.joins(room).is_empty());
        self.enforce(concerned.cloned().collect()).await;
        if batch.since().is_none() {
            println!("listening as {}", self.me);
        }
        for message in batch.questions().filter(|message| *message.room().id() == self.control) {
            let Some(command) = message.text().and_then(|text| text.strip_prefix(PREFIX)) else { continue };
            let answer = match self.obey(&message, command).await {
                Ok(report) => report,
                Err(error) => format!("No: {error}"),
            };
            // It may not speak there.
            if let Err(error) = message.reply_notice(&answer).await {
                eprintln!("{}: {error}; not said: {answer}", self.control);
            }
        }
    }

    /// Finds out which rooms there are.
    async fn look_around(&mut self) -> Result<()> {
        let all = self.space.hierarchy().collect().await?;
        let (spaces, rooms): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|room| room.room_type.as_deref() == Some("m.space"));
        self.spaces = spaces.into_iter().map(|space| space.room_id).collect();
        self.rooms = rooms.into_iter().map(|room| room.room_id).collect();
        Ok(())
    }

    /// Does as told, and reports.
    async fn obey(&self, message: &Message, command: &str) -> Result<String> {
        let mut words = command.splitn(3, ' ');
        let deed = words.next().and_then(Deed::parse);
        let user = words.next().and_then(|user| UserId::parse(user).ok());
        let (Some(deed), Some(user)) = (deed, user) else {
            return Ok(format!("{PREFIX}kick, ban or unban, a user, and why"));
        };
        let reason = words.next().unwrap_or_default().to_owned();
        let power = message.room().power().await?;
        let may = match deed {
            Deed::Kick => power.may_kick(message.sender(), &user),
            Deed::Ban | Deed::Unban => power.may_ban(message.sender(), &user),
        };
        if !may || user == self.me {
            return Ok(format!("{} may not do that", message.sender()));
        }
        let target = user.clone();
        let act = move |room: Room| act(room, deed, target.clone(), reason.clone());
        let report = self.client.for_each_room(&self.rooms, act).await;
        let done = report.succeeded().filter(|(_, done)| **done).count();
        let mut text = format!("{} {user} in {done} rooms", deed.done());
        for (room, error) in report.failed() {
            write!(text, "\n{room}: {error}").expect("a text takes everything");
        }
        Ok(text)
    }

    /// Holds everybody in these rooms against the list.
    async fn enforce(&self, rooms: Vec<RoomId>) {
        let (list, me) = (self.list.clone(), self.me.clone());
        let report = self.client.for_each_room(rooms, move |room| enforce(list.clone(), me.clone(), room)).await;
        for (room, error) in report.failed() {
            eprintln!("{room}: {error}");
        }
    }
}

/// Whether there was something to do.
async fn act(room: Room, deed: Deed, user: UserId, reason: String) -> Result<bool> {
    match deed {
        // Who is not there cannot be put out.
        Deed::Kick if !room.joined_members().await?.contains_key(&user) => return Ok(false),
        Deed::Kick => room.kick(user).reason(reason).await.map(drop)?,
        Deed::Ban => room.ban(user).reason(reason).await.map(drop)?,
        Deed::Unban => room.unban(user).await.map(drop)?,
    }
    Ok(true)
}

/// Bans those whom the list bans, unless they stand above the bot.
async fn enforce(list: PolicyList, me: UserId, room: Room) -> Result<()> {
    let power = room.power().await?;
    for user in room.joined_members().await?.into_keys() {
        let Some(rule) = list.about_user(&user).into_iter().find(|rule| rule.is_ban()) else { continue };
        if user != me && power.may_ban(&me, &user) {
            room.ban(user).reason(rule.reason).await?;
        }
    }
    Ok(())
}
