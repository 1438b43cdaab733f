//! Sends one message.
use ruma::{
    RoomId, api::client::message::send_message_event,
    events::room::message::RoomMessageEventContent,
};

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
    let client = ruma_client::Client::builder()
        .homeserver_url(hs)
        .access_token(Some(token))
        .build::<ruma_client::http_client::Reqwest>()
        .await?;
    let request = send_message_event::v3::Request::new(
        RoomId::parse(room)?,
        "txn1".into(),
        &RoomMessageEventContent::text_plain(TEXT),
    )?;
    let sent = client.send_request(request).await?;
    println!("{}", sent.event_id);
    Ok(())
}
