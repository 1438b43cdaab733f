//! A server that takes down what it gets and answers badly.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

pub(crate) struct Server {
    pub(crate) url: String,
    seen: Arc<Mutex<Seen>>,
}

#[derive(Default)]
struct Seen {
    /// Since they were last taken.
    requests: Vec<String>,
    everything: String,
    count: usize,
}

impl Server {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::<Mutex<Seen>>::default();
        let taken = seen.clone();
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(serve(stream, taken.clone()));
            }
        });
        Self { url, seen }
    }

    /// The requests since the last time.
    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.seen.lock().unwrap().requests)
    }

    /// All that ever came.
    pub(crate) fn everything(&self) -> String {
        self.seen.lock().unwrap().everything.clone()
    }
}

/// One request a connection: a refusal, then a text that is no JSON, then nothing at all, and so on.
async fn serve(mut stream: TcpStream, seen: Arc<Mutex<Seen>>) {
    let mut bytes = Vec::new();
    while !is_whole(&bytes) {
        if stream.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
            return;
        }
    }
    let text = String::from_utf8(bytes).expect("no request here has bytes that are no text");
    // Asked before a proposal is sent: without these, none would be.
    if text.starts_with("GET /_matrix/client/versions ") {
        {
            let mut seen = seen.lock().unwrap();
            seen.everything += &text;
            seen.requests.push(text);
        }
        let flags = matrix_api::unstable::OPERATIONS.iter().flat_map(|operation| operation.flags);
        let flags: serde_json::Map<_, _> = flags.map(|flag| ((*flag).to_owned(), true.into())).collect();
        let body = serde_json::json!({ "versions": ["v1.15"], "unstable_features": flags });
        answer(&mut stream, "200 Yes", &body.to_string()).await;
        return;
    }
    let turn = {
        let mut seen = seen.lock().unwrap();
        seen.everything += &text;
        seen.requests.push(text);
        seen.count += 1;
        seen.count % 3
    };
    let (status, body) = match turn {
        1 => ("403 No", r#"{"errcode":"M_FORBIDDEN","error":"no"}"#),
        2 => ("200 Yes", "no healthy upstream"),
        _ => return,
    };
    answer(&mut stream, status, body).await;
}

async fn answer(stream: &mut TcpStream, status: &str, body: &str) {
    let head = format!("HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", body.len());
    // The client may be gone; then there is nobody to tell.
    let _ = stream.write_all((head + body).as_bytes()).await;
}

fn is_whole(bytes: &[u8]) -> bool {
    let Some(head) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { return false };
    let text = String::from_utf8_lossy(&bytes[..head]).to_ascii_lowercase();
    let length = text.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
    bytes.len() >= head + 4 + length.unwrap_or(0)
}
