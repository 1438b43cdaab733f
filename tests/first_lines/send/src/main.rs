use matrix_api::{Client, Result, client_server::CreateRoom};

#[tokio::main]
async fn main() -> Result<()> {
    let client = Client::from_env().await?;
    let room = client.send(CreateRoom::new().name("First lines")).await?.room_id;
    println!("sent {}", client.room(room).send_text("Hello, world").await?);
    Ok(())
}
