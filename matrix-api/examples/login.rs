//! Logs in and keeps the session for the next time: `login FILE password`, `login FILE sso` or `login FILE device`.
//!
//! `MATRIX_HOMESERVER` is the server's name or base URL. A password is that of `MATRIX_USER`, in `MATRIX_PASSWORD`.
//! The page on logins, `matrix_api::guide::logins`, tells which way is for whom.
use std::env;

use matrix_api::{Client, FileStore, Result, Session};

#[tokio::main]
async fn main() -> Result<()> {
    let args: Vec<String> = env::args().skip(1).collect();
    let [file, way] = &args[..] else { panic!("usage: login FILE password|sso|device") };
    let builder = Client::builder().store(FileStore::open(file)?);
    let server = variable("MATRIX_HOMESERVER");
    let builder = if server.contains("://") { builder.base_url(server) } else { builder.server_name(server) };
    let client = builder.build().await?;
    let session = match client.session() {
        Some(session) => session,
        None => log_in(&client, way).await?,
    };
    client.whoami().await?;
    println!("{} on {}", session.user_id, session.device_id.map(String::from).unwrap_or_default());
    Ok(())
}

async fn log_in(client: &Client, way: &str) -> Result<Session> {
    match way {
        "password" => {
            let login = client.login_password(variable("MATRIX_USER"), variable("MATRIX_PASSWORD"));
            login.device_name("An example").await
        }
        "sso" => client.login_sso(None, |url| println!("Open {url}")).await,
        "device" => {
            let login = client.oauth().await?.login();
            login.device_code(|code| println!("Type {} at {}", code.user_code, code.verification_uri)).await
        }
        _ => panic!("a way to log in is password, sso or device"),
    }
}

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| panic!("{name} is not set"))
}
