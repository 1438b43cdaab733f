//! Sends one message.
use serde::Deserialize;

#[derive(Deserialize)]
struct Sent {
    event_id: String,
}

/// Changed to measure how long a change takes to build.
const TEXT: &str = match option_env!("LEAF_TEXT") {
    Some(text) => text,
    None => "hello",
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let (Some(hs), Some(token), Some(room)) = (args.next(), args.next(), args.next()) else {
        return Err("usage: <homeserver> <token> <room>".into());
    };
    let url = format!("{hs}/_matrix/client/v3/rooms/{room}/send/m.room.message/1");
    let sent: Sent = reqwest::Client::new()
        .put(url)
        .bearer_auth(token)
        .json(&serde_json::json!({"msgtype": "m.text", "body": TEXT}))
        .send()
        .await?
        .error_for_status()?
        .json()
        .await?;
    println!("{}", sent.event_id);
    Ok(())
}
