//! How much memory a large file takes on its way. A process of its own, so that nothing else counts.
#![cfg(all(feature = "client", feature = "client-server", target_os = "linux"))]

use std::{
    fs::File,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::PathBuf,
    sync::{Arc, Mutex},
    thread,
};

use matrix_api::{Client, Session, Transfer, UploadBody};
use tokio::io::AsyncReadExt as _;

const MIB: u64 = 1 << 20;
const LARGE: u64 = 300 * MIB;
/// What one file may take, whatever its size.
const MOST: u64 = 16 * MIB;

/// The most memory that this process has had at once, in bytes.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().strip_suffix(" kB").unwrap().parse::<u64>().unwrap() * 1024
}

/// A server that counts what comes up and makes up what goes down, in this process and in little memory.
fn serve() -> (String, Arc<Mutex<Vec<u64>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let taken = Arc::new(Mutex::new(Vec::new()));
    let counts = taken.clone();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let counts = counts.clone();
            thread::spawn(move || answer(stream.unwrap(), &counts));
        }
    });
    (url, taken)
}

fn answer(stream: TcpStream, taken: &Mutex<Vec<u64>>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut stream = stream;
    while let Some((line, length)) = head(&mut reader) {
        if line.starts_with("POST ") {
            taken.lock().unwrap().push(count(&mut reader, length));
            write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: 32\r\n\r\n{{\"content_uri\":\"mxc://hs/large\"}}")
                .unwrap();
        } else if line.contains("/config ") {
            write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{{}}").unwrap();
        } else {
            write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {LARGE}\r\n\r\n").unwrap();
            let piece = vec![b'x'; MIB as usize];
            for _ in 0..LARGE / MIB {
                stream.write_all(&piece).unwrap();
            }
        }
    }
}

/// The first line of a request and the length of its body.
fn head(reader: &mut impl BufRead) -> Option<(String, u64)> {
    let (mut first, mut length) = (None, 0);
    for line in reader.lines() {
        let line = line.ok()?;
        if line.is_empty() {
            return Some((first?, length));
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length: ") {
            length = value.parse().unwrap();
        }
        first.get_or_insert(line);
    }
    None
}

/// Reads a body and counts the bytes that are as they should be.
fn count(reader: &mut impl Read, length: u64) -> u64 {
    let (mut left, mut good) = (length, 0);
    let mut buffer = vec![0; 64 * 1024];
    let expected = vec![b'x'; buffer.len()];
    while left > 0 {
        let most = buffer.len().min(left as usize);
        let read = reader.read(&mut buffer[..most]).unwrap();
        good += if buffer[..read] == expected[..read] { read as u64 } else { 0 };
        left -= read as u64;
    }
    good
}

/// Listens to a transfer, and holds it to ending with all of it and with no step back.
#[derive(Clone, Default)]
struct Ending(Arc<Mutex<(u64, Option<u8>)>>);

impl Ending {
    fn listener(&self) -> impl Fn(Transfer) + Send + Sync + 'static {
        let last = self.0.clone();
        move |done| {
            let mut last = last.lock().unwrap();
            assert!(done.bytes >= last.0 && done.total == Some(LARGE), "{done}");
            assert_eq!(done.percent() == Some(100), done.bytes == LARGE);
            *last = (done.bytes, done.percent());
        }
    }

    fn check(&self) {
        assert_eq!(*self.0.lock().unwrap(), (LARGE, Some(100)));
    }
}

struct Scratch(PathBuf);

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

async fn grows(what: &str, work: impl Future<Output = ()>) {
    let before = peak();
    work.await;
    let grown = peak() - before;
    println!("{what}: {} KiB", grown / 1024);
    assert!(grown < MOST, "{what}: {} MiB", grown / MIB);
}

#[tokio::test]
async fn a_large_file_is_never_in_memory() {
    let (url, taken) = serve();
    let session = Session::new("@me:hs", &url).access_token("t");
    let client = Client::builder().session(session).build().await.unwrap();
    let media = client.media();
    let copy = Scratch(std::env::temp_dir().join(format!("matrix-api-large-{}", std::process::id())));

    grows("down, saved", async {
        let ending = Ending::default();
        let saved = media.download("mxc://hs/large").on_progress(ending.listener()).save(&copy.0).await.unwrap();
        assert_eq!((saved.length, File::open(&copy.0).unwrap().metadata().unwrap().len()), (LARGE, LARGE));
        ending.check();
    })
    .await;
    grows("up, from a file", async {
        let ending = Ending::default();
        media.upload(&copy.0).on_progress(ending.listener()).await.unwrap();
        ending.check();
    })
    .await;
    grows("up, from a reader", async {
        let ending = Ending::default();
        let body = UploadBody::reader(tokio::io::repeat(b'x').take(LARGE)).length(LARGE);
        media.upload(body).on_progress(ending.listener()).await.unwrap();
        ending.check();
    })
    .await;
    grows("down, as a stream, and up again", async {
        let ending = Ending::default();
        let file = media.download("mxc://hs/large").on_progress(ending.listener()).await.unwrap();
        media.upload(UploadBody::reader(file).length(LARGE)).await.unwrap();
        ending.check();
    })
    .await;
    assert_eq!(*taken.lock().unwrap(), [LARGE; 3]);
}
