//! A bot that says back what it hears, in every room it is in. It may be killed at any time: each text is answered once.
use matrix_api::{Client, Result, SyncOptions};

#[tokio::main]
async fn main() -> Result<()> {
    let client = Client::open("echo-bot.json").await?;
    let mut stream = client.sync_stream(SyncOptions::new().skip_backlog().fill_gaps(10_000));
    while let Some(batch) = stream.next().await {
        for question in batch?.questions() {
            let Some(text) = question.text() else { continue };
            question.reply(text).await?;
        }
    }
    Ok(())
}
