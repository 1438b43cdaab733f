//! A request of one's own, for an operation that no document describes: 25 lines, and it is sent
//! as any other, with the same limits, retries and errors.
//!
//! `cargo run --example own_request` shows what would be sent.

use matrix_api::{
    Client, Metadata, Plan, Request, Response, RoomId,
    http::Method,
    service::Homeserver,
    wire::{Body, DecodeError, Path, Reply},
};

// ---- from here ----
/// Gives a room so many fish.
struct GiveFish(RoomId, i64);

/// How many fish the room has now.
struct Fish(i64);

impl Request for GiveFish {
    type To = Homeserver;
    type Response = Fish;
    const METADATA: &'static Metadata = &Metadata::new("giveFish", Method::POST, "/org.example/rooms/{roomId}/fish");

    fn path(&self, path: &mut Path<'_>) {
        path.set("roomId", &self.0);
    }

    fn body(&self, body: &mut Body<'_>) {
        body.set("count", &self.1);
    }
}

impl Response for Fish {
    fn read(reply: &mut Reply<'_>) -> Result<Self, DecodeError> {
        reply.get("fish").map(Self)
    }
}
// ---- to here ----

#[tokio::main]
async fn main() -> matrix_api::Result<()> {
    let client = Client::builder().base_url("https://matrix.example.org").build().await?;
    println!("{}", plan(&client)?);
    Ok(())
}

/// What [`feed`] would send.
pub(crate) fn plan(client: &Client) -> matrix_api::Result<Plan> {
    client.plan(&GiveFish("!pond:example.org".into(), 3))
}

/// Sends it; needs a login and a server with fish.
#[allow(dead_code)]
pub(crate) async fn feed(client: &Client) -> matrix_api::Result<i64> {
    let Fish(count) = client.send(GiveFish("!pond:example.org".into(), 3)).await?;
    Ok(count)
}
