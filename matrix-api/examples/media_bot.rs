//! A bot that answers every picture with a small one of it, in every room that it is invited to.
//!
//! `cargo run --example media_bot --features image -- media-bot.json`, where the file keeps the session.

use std::env;

use matrix_api::{Client, Error, Message, MxcUri, Object, Picture, Result, SyncOptions, TxnId};

/// Larger files are left alone.
const MOST_BYTES: u64 = 20 * 1024 * 1024;
/// What is not larger than this is small already. So bots of this kind do not answer each other for ever.
const SMALL: (u32, u32) = (320, 240);

#[tokio::main]
async fn main() -> Result<()> {
    let client = Client::open(env::args().nth(1).as_deref().unwrap_or("media-bot.json")).await?;
    let me = client.user_id().expect("a session is somebody's");
    let mut stream = client.sync_stream(SyncOptions::new().skip_backlog().fill_gaps(10_000));
    while let Some(batch) = stream.next().await {
        let batch = batch?;
        if batch.since().is_none() {
            println!("listening as {me}");
        }
        for invite in batch.invites(&me) {
            // It may have been taken back meanwhile.
            if let Err(error) = client.room(invite.room_id).join().await {
                eprintln!("{error}");
            }
        }
        for message in batch.questions().filter(|message| message.msgtype() == Some("m.image")) {
            // Neither a file that is no good may end the bot, nor a room in which it may not speak.
            if let Err(error) = answer(&client, &message).await
                && let Err(more) = message.reply_notice(format!("No: {error}")).await
            {
                eprintln!("{error}; {more}");
            }
        }
    }
    Ok(())
}

async fn answer(client: &Client, message: &Message) -> Result<()> {
    let content: Object = message.raw().field("content")?.unwrap_or_default();
    // Without an address it is encrypted.
    let Some(uri) = content.get("url").and_then(|url| url.as_str()) else { return Ok(()) };
    let file = client.media().download(MxcUri::from(uri)).limit(MOST_BYTES).bytes().await?;
    let picture = Picture::read(file.bytes)?;
    if picture.width() <= SMALL.0 && picture.height() <= SMALL.1 {
        return Ok(());
    }
    let small = picture.thumbnail(SMALL.0, SMALL.1).await?;
    let size = format!("{}×{} instead of {}×{}", small.width(), small.height(), picture.width(), picture.height());
    // Once, even if the program is killed and sees the picture again.
    let txn_id = TxnId::derived(message.event_id(), "thumbnail");
    message.room().send_image(small).file_name("small").caption(size).txn_id(txn_id).await.map(drop).or_else(encrypted)
}

/// Nothing is sent in the clear where people expect otherwise.
fn encrypted(error: Error) -> Result<()> {
    if matches!(error, Error::Encrypted(_)) { Ok(()) } else { Err(error) }
}
