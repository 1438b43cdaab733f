//! A server that does what a script says, down to the byte.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Barrier,
};

/// What is done with one request.
pub(crate) enum Step {
    /// These bytes are the answer.
    Answer(Vec<u8>),
    /// These bytes are written, and the connection is closed.
    Cut(Vec<u8>),
    /// The answer comes after this time.
    Later(Duration, Vec<u8>),
    /// The answer comes once as many requests as the barrier counts wait for one.
    Together(Arc<Barrier>, Vec<u8>),
    /// Nothing is answered, and the connection stays open.
    Silence,
    /// The first bytes at once, and the others one by one after this time each.
    Drip(Vec<u8>, Duration, Vec<u8>),
    /// The first bytes at once, and the others after this time.
    Halves(Vec<u8>, Duration, Vec<u8>),
    /// The bytes once, and then these without an end.
    Flood(Vec<u8>, Vec<u8>),
}

/// An answer with this status and JSON body.
pub(crate) fn json(status: u16, body: &str) -> Step {
    with(status, &[("Content-Type", "application/json")], body)
}

/// An answer with these headers.
pub(crate) fn with(status: u16, headers: &[(&str, &str)], body: &str) -> Step {
    let mut text = format!("HTTP/1.1 {status} Whatever\r\nContent-Length: {}\r\n", body.len());
    for (name, value) in headers {
        text += &format!("{name}: {value}\r\n");
    }
    Step::Answer((text + "\r\n" + body).into_bytes())
}

pub(crate) struct Server {
    /// Without a slash at the end.
    pub(crate) url: String,
    shared: Arc<Shared>,
    listener: tokio::task::AbortHandle,
}

struct Shared {
    answer: Box<dyn Fn(&str) -> Step + Send + Sync>,
    seen: Mutex<Vec<String>>,
    closed: tokio::sync::Notify,
    open: AtomicUsize,
    ever_opened: AtomicUsize,
    flooded: AtomicUsize,
}

impl Server {
    pub(crate) async fn start(script: impl IntoIterator<Item = Step>) -> Self {
        let script: VecDeque<Step> = script.into_iter().collect();
        let script = Mutex::new(script);
        let off = || json(500, r#"{"error":"not in the script"}"#);
        Self::answering(move |_| script.lock().unwrap().pop_front().unwrap_or_else(off)).await
    }

    /// A server that thinks about what it is asked.
    pub(crate) async fn answering(answer: impl Fn(&str) -> Step + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let shared = Arc::new(Shared {
            answer: Box::new(answer),
            seen: Mutex::default(),
            closed: Default::default(),
            open: AtomicUsize::new(0),
            flooded: AtomicUsize::new(0),
            ever_opened: AtomicUsize::new(0),
        });
        let served = shared.clone();
        let listener = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let served = served.clone();
                served.open.fetch_add(1, Ordering::SeqCst);
                served.ever_opened.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(async move {
                    serve(stream, &served).await;
                    served.open.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        Self { url, shared, listener: listener.abort_handle() }
    }

    /// Takes no more connections.
    pub(crate) fn stop(&self) {
        self.listener.abort();
    }

    /// The requests as they came: head and body.
    pub(crate) fn seen(&self) -> Vec<String> {
        self.shared.seen.lock().unwrap().clone()
    }

    /// The first line of each request.
    pub(crate) fn lines(&self) -> Vec<String> {
        let seen = self.seen();
        seen.iter().map(|request| request.lines().next().unwrap().to_owned()).collect()
    }

    /// How many connections are open.
    pub(crate) fn open(&self) -> usize {
        self.shared.open.load(Ordering::SeqCst)
    }

    /// How many connections there were in all.
    pub(crate) fn ever_opened(&self) -> usize {
        self.shared.ever_opened.load(Ordering::SeqCst)
    }

    /// How many bytes of floods were taken.
    pub(crate) fn flooded(&self) -> usize {
        self.shared.flooded.load(Ordering::SeqCst)
    }

    /// Waits until a client has closed a connection.
    pub(crate) async fn closed(&self) {
        self.shared.closed.notified().await;
    }
}

/// The value of a header of a request.
pub(crate) fn header(request: &str, name: &str) -> Option<String> {
    let head = request.split("\r\n\r\n").next().unwrap();
    head.lines().skip(1).find_map(|line| {
        let (found, value) = line.split_once(": ").unwrap();
        found.eq_ignore_ascii_case(name).then(|| value.to_owned())
    })
}

/// What comes after the head of a request.
pub(crate) fn body(request: &str) -> &str {
    request.split_once("\r\n\r\n").unwrap().1
}

async fn serve(mut stream: TcpStream, shared: &Shared) {
    let mut buffer = Vec::new();
    while let Some(request) = receive(&mut stream, &mut buffer).await {
        shared.seen.lock().unwrap().push(request.clone());
        // The client may be gone already; then there is nobody to answer.
        match (shared.answer)(&request) {
            Step::Answer(bytes) => drop(stream.write_all(&bytes).await),
            Step::Later(wait, bytes) => {
                tokio::time::sleep(wait).await;
                drop(stream.write_all(&bytes).await);
            }
            Step::Together(barrier, bytes) => {
                barrier.wait().await;
                drop(stream.write_all(&bytes).await);
            }
            Step::Cut(bytes) => {
                drop(stream.write_all(&bytes).await);
                return;
            }
            Step::Silence => {}
            Step::Drip(first, every, rest) => {
                drop(stream.write_all(&first).await);
                for byte in rest {
                    tokio::time::sleep(every).await;
                    drop(stream.write_all(&[byte]).await);
                }
            }
            Step::Halves(first, wait, rest) => {
                drop(stream.write_all(&first).await);
                tokio::time::sleep(wait).await;
                drop(stream.write_all(&rest).await);
            }
            Step::Flood(first, again) => {
                drop(stream.write_all(&first).await);
                while stream.write_all(&again).await.is_ok() {
                    shared.flooded.fetch_add(again.len(), Ordering::SeqCst);
                }
                return;
            }
        }
    }
    shared.closed.notify_one();
}

/// One request; `None` when the client has closed the connection.
async fn receive(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<String> {
    loop {
        if let Some(length) = complete(buffer) {
            let request: Vec<u8> = buffer.drain(..length).collect();
            // A picture is no text, and of no interest down to the byte.
            return Some(String::from_utf8_lossy(&request).into_owned());
        }
        if stream.read_buf(buffer).await.unwrap_or(0) == 0 {
            return None;
        }
    }
}

/// The length of the first request in the buffer, if it is all there.
fn complete(buffer: &[u8]) -> Option<usize> {
    let head = buffer.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let text = std::str::from_utf8(&buffer[..head]).unwrap();
    if header(text, "transfer-encoding").is_some() {
        const END: &[u8] = b"0\r\n\r\n";
        return Some(head + buffer[head..].windows(END.len()).position(|end| end == END)? + END.len());
    }
    let length = header(text, "content-length").map_or(0, |length| length.parse().unwrap());
    (buffer.len() >= head + length).then_some(head + length)
}
