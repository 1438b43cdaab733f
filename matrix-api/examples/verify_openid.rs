//! A web service that widgets log in to: it takes the OpenID token that a widget got from its
//! Matrix client, has the user's homeserver vouch for it, and hands out a session of its own.
//!
//! ```console
//! $ cargo run --example verify_openid --features openid -- 127.0.0.1:8080
//! $ curl -H 'Content-Type: application/json' -d @token.json http://127.0.0.1:8080/login
//! ```
//!
//! With `--local`, homeservers may stand on this machine and speak plain http.

use std::{
    collections::HashMap,
    error::Error,
    sync::{Arc, Mutex},
};

use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, Path, State},
    http::StatusCode,
    routing::{get, post},
};
use matrix_api::{ErrorKind, TxnId, UserId, client_server::types::OpenidToken, json, openid::Verifier};
use serde_json::Value;

#[derive(Clone)]
struct Service {
    verifier: Verifier,
    sessions: Arc<Mutex<HashMap<String, UserId>>>,
}

/// A token for a session, or why there is none: 403 where the token is no good, 502 where its
/// homeserver cannot say.
async fn login(State(service): State<Service>, Json(token): Json<OpenidToken>) -> (StatusCode, Json<Value>) {
    match service.verifier.verify(&token).await {
        Ok(user_id) => {
            // 128 random bits, which nobody guesses.
            let session = TxnId::new().to_string();
            let answer = json!({ "session": session, "user_id": user_id });
            service.sessions.lock().expect("nobody panics while they hold it").insert(session, user_id);
            (StatusCode::OK, Json(answer))
        }
        Err(error) => {
            let rejected = error.kind() == ErrorKind::Rejected;
            let status = if rejected { StatusCode::FORBIDDEN } else { StatusCode::BAD_GATEWAY };
            (status, Json(json!({ "error": error.to_string() })))
        }
    }
}

async fn whoami(State(service): State<Service>, Path(session): Path<String>) -> Result<String, StatusCode> {
    let sessions = service.sessions.lock().expect("nobody panics while they hold it");
    sessions.get(&session).map(ToString::to_string).ok_or(StatusCode::NOT_FOUND)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (flags, address): (Vec<_>, Vec<_>) = std::env::args().skip(1).partition(|argument| argument.starts_with("--"));
    let local = flags == ["--local"];
    let address = address.first().map_or("127.0.0.1:8080", String::as_str);

    let verifier = Verifier::builder().allow_private_addresses(local).allow_http(local).build()?;
    let routes = Router::new()
        .route("/login", post(login))
        .route("/whoami/{session}", get(whoami))
        .layer(DefaultBodyLimit::max(16 * 1024))
        .with_state(Service { verifier, sessions: Arc::default() });

    let listener = tokio::net::TcpListener::bind(address).await?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, routes).await?;
    Ok(())
}
