//! Passes bytes on to the homeserver, and breaks something now and then.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::dice::Dice;

/// What becomes of one connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fault {
    /// Closed before a byte was read.
    Refused,
    /// Reset in the middle of a request.
    RequestCut,
    /// The request is done, and its answer never comes: closed.
    AnswerLost,
    /// The answer breaks off in the middle.
    AnswerCut,
    /// The request is done, and the answer stalls until the client has had enough.
    AnswerStalled,
    /// A 502 of a proxy's own, and nothing was done.
    BadGateway,
    /// A 502 of a proxy's own, although it was done.
    BadGatewayAfterwards,
    /// A 429 of a proxy's own, with a header.
    Limited,
}

impl Fault {
    const ALL: [Self; 8] = [
        Self::Refused,
        Self::RequestCut,
        Self::AnswerLost,
        Self::AnswerCut,
        Self::AnswerStalled,
        Self::BadGateway,
        Self::BadGatewayAfterwards,
        Self::Limited,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Refused => "connections closed at once",
            Self::RequestCut => "requests cut",
            Self::AnswerLost => "answers lost after the work was done",
            Self::AnswerCut => "answers cut",
            Self::AnswerStalled => "answers stalled",
            Self::BadGateway => "502 instead of the work",
            Self::BadGatewayAfterwards => "502 after the work was done",
            Self::Limited => "429 with Retry-After",
        }
    }
}

struct Shared {
    upstream: String,
    dice: Dice,
    faults: Mutex<BTreeMap<Fault, usize>>,
}

pub(crate) struct Proxy {
    url: String,
    shared: Arc<Shared>,
}

impl Proxy {
    /// A proxy on loopback for a server at an `http://` URL.
    pub(crate) async fn start(upstream: &str) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let upstream = upstream.trim_start_matches("http://").trim_end_matches('/').to_owned();
        let shared = Arc::new(Shared { upstream, dice: Dice::new(), faults: Mutex::default() });
        let own = shared.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let shared = own.clone();
                // A connection that breaks is what this is for.
                tokio::spawn(async move { drop(serve(stream, &shared).await) });
            }
        });
        Ok(Self { url, shared })
    }

    pub(crate) fn url(&self) -> String {
        self.url.clone()
    }

    /// How often each fault was made.
    pub(crate) fn faults(&self) -> Vec<(&'static str, usize)> {
        let faults = self.shared.faults.lock().map(|faults| faults.clone()).unwrap_or_default();
        Fault::ALL.iter().map(|fault| (fault.name(), faults.get(fault).copied().unwrap_or(0))).collect()
    }
}

impl Shared {
    /// One exchange in sixteen goes wrong.
    fn fault(&self) -> Option<Fault> {
        let fault = (self.dice.roll(16) == 0).then(|| Fault::ALL[self.dice.roll(Fault::ALL.len() as u64) as usize])?;
        if let Ok(mut faults) = self.faults.lock() {
            *faults.entry(fault).or_default() += 1;
        }
        Some(fault)
    }
}

const BAD_GATEWAY: &[u8] = b"HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\nContent-Length: 32\r\n\r\n<html><h1>502 Bad Gateway</h1>\r\n";
const LIMITED: &[u8] = b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 1\r\nContent-Length: 2\r\n\r\n{}";

/// One exchange after the other, each with a connection of its own to the server.
async fn serve(mut client: TcpStream, shared: &Shared) -> io::Result<()> {
    loop {
        let request = message(&mut client).await?;
        let fault = shared.fault();
        match fault {
            Some(Fault::Refused) => return Ok(()),
            Some(Fault::BadGateway) => {
                client.write_all(BAD_GATEWAY).await?;
                continue;
            }
            Some(Fault::Limited) => {
                client.write_all(LIMITED).await?;
                continue;
            }
            _ => {}
        }
        let mut server = TcpStream::connect(&shared.upstream).await?;
        if fault == Some(Fault::RequestCut) {
            let part = shared.dice.roll(request.len() as u64) as usize;
            return server.write_all(&request[..part]).await;
        }
        server.write_all(&request).await?;
        let answer = message(&mut server).await?;
        match fault {
            Some(Fault::AnswerLost) => return Ok(()),
            Some(Fault::AnswerCut) => {
                let part = shared.dice.roll(answer.len() as u64) as usize;
                return client.write_all(&answer[..part]).await;
            }
            Some(Fault::AnswerStalled) => {
                client.write_all(&answer[..answer.len() - 1]).await?;
                tokio::time::sleep(Duration::from_secs(20)).await;
                return Ok(());
            }
            Some(Fault::BadGatewayAfterwards) => client.write_all(BAD_GATEWAY).await?,
            _ => client.write_all(&answer).await?,
        }
    }
}

/// A whole request or response: its head, and the body that the head announces.
async fn message(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    while !is_whole(&bytes) {
        if stream.read_buf(&mut bytes).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(bytes)
}

fn is_whole(bytes: &[u8]) -> bool {
    let Some(head) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { return false };
    let text = String::from_utf8_lossy(&bytes[..head]).to_ascii_lowercase();
    let header = |name: &str| text.lines().find_map(|line| line.strip_prefix(name).map(str::trim));
    if header("transfer-encoding:") == Some("chunked") {
        return bytes.ends_with(b"\r\n0\r\n\r\n");
    }
    let length = header("content-length:").and_then(|length| length.parse::<usize>().ok());
    bytes.len() >= head + 4 + length.unwrap_or(0)
}
