use axum::{Json, Router, routing::post};
use matrix_api::{client_server::types::OpenidToken, openid::Verifier};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let local = std::env::args().any(|argument| argument == "--local");
    let verifier = Verifier::builder().allow_private_addresses(local).allow_http(local).build()?;
    let login = |Json(token): Json<OpenidToken>| async move {
        match verifier.verify(&token).await {
            Ok(user_id) => format!("welcome, {user_id}"),
            Err(error) => format!("go away: {error}"),
        }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}", listener.local_addr()?);
    Ok(axum::serve(listener, Router::new().route("/login", post(login))).await?)
}
