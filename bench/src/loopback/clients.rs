//! Who calls.

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client as HyperClient;
use hyper_util::rt::TokioExecutor;
use matrix_api::client_server::SendMessage;
use matrix_api::events::RoomMessage;
use matrix_api::{Client, Session};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::server::ANSWER;
use super::{HYPER, OURS, OURS_REQWEST, REQWEST, TCP};
#[cfg(feature = "peers")]
use super::{RUMA_HYPER, RUMA_REQWEST};

pub(crate) const TOKEN: &str = "syt_YWxpY2U_abcdefghijklmnopqrst_0abcde";
const ROOM: &str = "!OGEhHVWSdvArJzumhm:matrix.org";
const TEXT: Text = Text { msgtype: "m.text", body: "hello there, this is a message" };

#[derive(Serialize)]
struct Text {
    msgtype: &'static str,
    body: &'static str,
}

#[derive(Deserialize)]
struct Sent {
    event_id: String,
}

/// Sends the message of this number, and gives the length of the answer's id.
pub(super) type Call = Box<dyn FnMut(u64) -> Pin<Box<dyn Future<Output = usize>>>>;

fn path(number: u64) -> String {
    format!("/_matrix/client/v3/rooms/{ROOM}/send/m.room.message/t{number}")
}

/// A caller for each worker. Clients with a pool are shared.
pub(super) async fn clients(method: &str, port: u16, workers: usize) -> Vec<Call> {
    let base = format!("http://127.0.0.1:{port}");
    let mut calls = Vec::new();
    match method {
        OURS => {
            let client = ours(&base);
            calls.resize_with(workers, || our_call(client.clone()));
        }
        OURS_REQWEST => {
            let client = Client::builder().session(session(&base)).reqwest(|settings| settings);
            let client = client.build().await.expect("a client");
            calls.resize_with(workers, || our_call(client.clone()));
        }
        REQWEST => {
            let client = reqwest::Client::new();
            calls.resize_with(workers, || reqwest_call(client.clone(), base.clone()));
        }
        HYPER => {
            let client = HyperClient::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
            calls.resize_with(workers, || hyper_call(client.clone(), base.clone()));
        }
        TCP => {
            for _ in 0..workers {
                let stream = TcpStream::connect(("127.0.0.1", port)).await.expect("the server listens");
                stream.set_nodelay(true).expect("a socket");
                calls.push(tcp_call(stream));
            }
        }
        #[cfg(feature = "peers")]
        RUMA_REQWEST => {
            let client = peer::client::<ruma_client::http_client::Reqwest>(base).await;
            calls.resize_with(workers, || peer::call(client.clone()));
        }
        #[cfg(feature = "peers")]
        RUMA_HYPER => {
            let client = peer::client::<ruma_client::http_client::Hyper>(base).await;
            calls.resize_with(workers, || peer::call(client.clone()));
        }
        _ => panic!("nobody is called {method}"),
    }
    calls
}

pub(crate) fn ours(base: &str) -> Client {
    Client::restore(session(base)).expect("a client")
}

fn session(base: &str) -> Session {
    Session::new("@me:example.org", base).access_token(TOKEN)
}

fn our_call(client: Client) -> Call {
    Box::new(move |_| {
        let client = client.clone();
        Box::pin(async move {
            let message = SendMessage::new(ROOM, "m.room.message", RoomMessage::text(TEXT.body));
            client.send(message).await.expect("it is answered").event_id.as_str().len()
        })
    })
}

fn reqwest_call(client: reqwest::Client, base: String) -> Call {
    Box::new(move |number| {
        let request = client.put(format!("{base}{}", path(number))).bearer_auth(TOKEN).json(&TEXT);
        Box::pin(async move {
            let answer = request.send().await.expect("it is answered");
            answer.json::<Sent>().await.expect("it is JSON").event_id.len()
        })
    })
}

fn hyper_call(
    client: HyperClient<hyper_util::client::legacy::connect::HttpConnector, Full<Bytes>>,
    base: String,
) -> Call {
    Box::new(move |number| {
        let body = Full::new(Bytes::from(serde_json::to_vec(&TEXT).expect("it is JSON")));
        let request = http::Request::put(format!("{base}{}", path(number)))
            .header("authorization", format!("Bearer {TOKEN}"))
            .header("content-type", "application/json");
        let answer = client.request(request.body(body).expect("a request"));
        Box::pin(async move {
            let body = answer.await.expect("it is answered").into_body().collect().await.expect("a body").to_bytes();
            serde_json::from_slice::<Sent>(&body).expect("it is JSON").event_id.len()
        })
    })
}

fn tcp_call(stream: TcpStream) -> Call {
    let stream = Rc::new(RefCell::new(stream));
    Box::new(move |number| {
        let stream = stream.clone();
        Box::pin(async move {
            // Nobody else has it: a worker makes one call at a time.
            let mut stream = stream.borrow_mut();
            let body = serde_json::to_string(&TEXT).expect("it is JSON");
            let request = format!(
                "PUT {} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {TOKEN}\r\ncontent-type: \
                 application/json\r\ncontent-length: {}\r\n\r\n{body}",
                path(number),
                body.len()
            );
            stream.write_all(request.as_bytes()).await.expect("it is taken");
            let mut answer = [0; 1024];
            let mut length = 0;
            loop {
                length += stream.read(&mut answer[length..]).await.expect("it is answered");
                let head = answer[..length].windows(4).position(|end| end == b"\r\n\r\n");
                if let Some(head) = head.filter(|head| length >= head + 4 + ANSWER.len()) {
                    let sent: Sent = serde_json::from_slice(&answer[head + 4..length]).expect("it is JSON");
                    return sent.event_id.len();
                }
            }
        })
    })
}

#[cfg(feature = "peers")]
mod peer {
    use std::fmt::Debug;

    use ruma::RoomId;
    use ruma::api::client::message::send_message_event::v3::Request;
    use ruma::events::room::message::RoomMessageEventContent;
    use ruma_client::{Client, DefaultConstructibleHttpClient, HttpClient};

    use super::{Call, ROOM, TEXT, TOKEN};

    pub(super) async fn client<T: HttpClient<Error: Debug> + DefaultConstructibleHttpClient>(
        base: String,
    ) -> Client<T> {
        let builder = Client::builder().homeserver_url(base).access_token(Some(TOKEN.into()));
        builder.build::<T>().await.expect("a client")
    }

    pub(super) fn call<T: HttpClient<Error: Debug> + Clone + 'static>(client: Client<T>) -> Call {
        Box::new(move |number| {
            let client = client.clone();
            Box::pin(async move {
                let room = RoomId::parse(ROOM).expect("a room's id");
                let content = RoomMessageEventContent::text_plain(TEXT.body);
                let request = Request::new(room, format!("t{number}").into(), &content).expect("it is JSON");
                client.send_request(request).await.expect("it is answered").event_id.as_str().len()
            })
        })
    }
}
