//! Sends one message.
use matrix_api::{Client, Session};

/// Changed to measure how long a change takes to build.
const TEXT: &str = match option_env!("LEAF_TEXT") {
    Some(text) => text,
    None => "hello",
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let (Some(server), Some(token), Some(room)) = (args.next(), args.next(), args.next()) else {
        return Err("usage: <homeserver> <token> <room>".into());
    };
    let client = Client::restore(Session::new("@me:example.org", server).access_token(token))?;
    println!("{}", client.room(room).send_text(TEXT).await?);
    Ok(())
}
