//! Sends one message.
use matrix_sdk::{
    Client,
    config::SyncSettings,
    ruma::{RoomId, events::room::message::RoomMessageEventContent},
};

/// Changed to measure how long a change takes to build.
const TEXT: &str = match option_env!("LEAF_TEXT") {
    Some(text) => text,
    None => "hello",
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let (Some(hs), Some(user), Some(password), Some(room)) =
        (args.next(), args.next(), args.next(), args.next())
    else {
        return Err("usage: <homeserver> <user> <password> <room>".into());
    };
    let client = Client::builder().homeserver_url(hs).build().await?;
    client.matrix_auth().login_username(user, &password).send().await?;
    client.sync_once(SyncSettings::default()).await?;
    let room = client.get_room(&RoomId::parse(room)?).ok_or("not joined")?;
    let sent = room.send(RoomMessageEventContent::text_plain(TEXT)).await?;
    println!("{}", sent.response.event_id);
    Ok(())
}
