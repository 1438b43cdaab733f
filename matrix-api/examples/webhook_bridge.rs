//! What is posted here by HTTP is said in a room: for builds, alarms, and whatever else can call a web address.
//!
//! ```console
//! $ WEBHOOK_SECRET=… cargo run --example webhook_bridge -- '!alarms:example.org' 127.0.0.1:8080
//! $ curl -H "Authorization: Bearer $WEBHOOK_SECRET" -d '{"text": "The cellar is wet"}' http://127.0.0.1:8080/
//! ```
//!
//! With a header `Idempotency-Key`, what is posted twice is said once.

use std::{env, error::Error};

use axum::{
    Json, Router,
    body::to_bytes,
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header},
    routing::post,
};
use matrix_api::{Client, ErrorKind, Room, Secret, json};
use serde_json::Value;

/// Whoever has more to say has something else in mind.
const MOST_BYTES: usize = 16 * 1024;

#[derive(Clone)]
struct Bridge {
    room: Room,
    secret: Secret<String>,
}

type Answer = (StatusCode, Json<Value>);

fn refuse(status: StatusCode, reason: &str) -> Answer {
    (status, Json(json!({ "error": reason })))
}

async fn say(State(bridge): State<Bridge>, request: Request) -> Answer {
    // Before anything is read of somebody who has no business here.
    if !bridge.admits(request.headers()) {
        return refuse(StatusCode::UNAUTHORIZED, "the secret is wrong");
    }
    let key = request.headers().get("idempotency-key").and_then(|key| key.to_str().ok()).map(str::to_owned);
    let Ok(body) = to_bytes(request.into_body(), MOST_BYTES).await else {
        return refuse(StatusCode::PAYLOAD_TOO_LARGE, "the body is larger than 16 KiB, or broke off");
    };
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let Some(text) = body["text"].as_str().filter(|text| !text.is_empty()) else {
        return refuse(StatusCode::BAD_REQUEST, "the body must be JSON with a `text`");
    };
    let mut notice = bridge.room.send_notice(text);
    if let Some(key) = key {
        notice = notice.txn_id(key);
    }
    match notice.await {
        Ok(event_id) => (StatusCode::OK, Json(json!({ "event_id": event_id }))),
        Err(error) if error.kind() == ErrorKind::Encode => refuse(StatusCode::BAD_REQUEST, &error.to_string()),
        Err(error) => refuse(StatusCode::BAD_GATEWAY, &error.to_string()),
    }
}

impl Bridge {
    fn admits(&self, headers: &HeaderMap) -> bool {
        let given = headers.get(header::AUTHORIZATION).and_then(|value| value.as_bytes().strip_prefix(b"Bearer "));
        given.is_some_and(|given| same(given, self.secret.expose().as_bytes()))
    }
}

/// In a time that does not tell how much of it is right.
fn same(given: &[u8], secret: &[u8]) -> bool {
    given.len() == secret.len() && given.iter().zip(secret).fold(0, |wrong, (a, b)| wrong | (a ^ b)) == 0
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [room, address] = &arguments[..] else { return Err("usage: webhook_bridge ROOM ADDRESS".into()) };
    let secret = env::var("WEBHOOK_SECRET").ok().filter(|secret| secret.len() >= 16);
    let secret = secret.ok_or("WEBHOOK_SECRET must have 16 characters or more")?;
    let room = Client::from_env().await?.room(room);

    let routes = Router::new().route("/", post(say)).with_state(Bridge { room, secret: secret.into() });
    let listener = tokio::net::TcpListener::bind(address).await?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, routes).await?;
    Ok(())
}
