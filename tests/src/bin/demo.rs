//! A tour of the SDK on a real homeserver, in one screen. `cargo xtask demo`
//! starts the server and sets the environment that [`Client::from_env`] reads.

use matrix_api::client_server::{
    CreateRoom, GetVersions, LeaveRoom, Logout, RedactEvent, SendMessage, SetRoomStateWithKey, SyncEvents,
};
use matrix_api::{Client, Request, Result, json, service::Homeserver};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let homeserver = std::env::var("MATRIX_HOMESERVER").unwrap_or_default();
    let client = Client::builder().base_url(homeserver).build().await?;
    let versions = call(&client, "ask what it speaks", GetVersions::new()).await?;
    done(format!("{} versions, the newest {}", versions.versions.len(), versions.versions.last().map_or("?", |v| v)));

    step("log in", "POST /_matrix/client/v3/login (the password is never shown)");
    let client = Client::from_env().await?;
    let user = client.user_id().map_or_else(String::new, |user| user.to_string());
    done(format!("{user} with a device of its own"));

    let room = call(&client, "create a room", CreateRoom::new().name("A tour").preset("private_chat")).await?.room_id;
    done(&room);

    let content = json!({"msgtype": "m.text", "body": "Hello from a generated SDK"});
    let message = call(&client, "send a message", SendMessage::new(&room, "m.room.message", content)).await?.event_id;
    done(&message);

    let sync = call(&client, "sync", SyncEvents::new().timeout(0)).await?;
    let joined = sync.rooms.as_ref().and_then(|rooms| rooms.join.get(&room));
    let timeline = joined.and_then(|room| room.timeline.as_ref());
    let events = timeline.map_or(0, |timeline| timeline.events.len());
    done(format!("{events} events in the room, next batch {}", sync.next_batch));

    let topic = json!({"topic": "Set by the tour"});
    let set = SetRoomStateWithKey::new(&room, "m.room.topic", "", topic);
    done(call(&client, "set the topic", set).await?.event_id);

    let redact = RedactEvent::new(&room, &message).reason("the tour is over");
    done(call(&client, "redact the message", redact).await?.event_id.map_or_else(String::new, |id| id.to_string()));

    call(&client, "leave", LeaveRoom::new(&room)).await?;
    done("left");
    call(&client, "log out", Logout::new()).await?;
    done("the token is gone");
    Ok(())
}

/// Shows what would be sent, then sends it.
async fn call<R: Request<To = Homeserver> + Sync>(client: &Client, what: &str, request: R) -> Result<R::Response> {
    let plan = client.plan(&request)?;
    step(what, &format!("{} {}", plan.method(), path(plan.url())));
    client.send(&request).await
}

fn path(url: &str) -> &str {
    url.find("/_matrix").map_or(url, |at| &url[at..])
}

fn step(what: &str, http: &str) {
    println!("\n▸ {what}\n    {http}");
}

fn done(outcome: impl std::fmt::Display) {
    println!("    → {outcome}");
}
