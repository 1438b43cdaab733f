//! The little of the web that the tests need around the homeserver.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// How long an answer may let itself be waited for.
const LONGEST: Duration = Duration::from_secs(60);

/// A web server on loopback that has these files, by path, with type and content. Serves until the process ends.
pub(crate) fn serve(files: Vec<(&'static str, &'static str, Vec<u8>)>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            // A visitor that leaves early harms nobody else.
            let _ = stream.and_then(|stream| answer(stream, &files));
        }
    });
    format!("http://{address}")
}

fn answer(mut stream: TcpStream, files: &[(&str, &str, Vec<u8>)]) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let first = lines.next().transpose()?.unwrap_or_default();
    // The rest of the head is of no interest, but wants to be read.
    while lines.next().transpose()?.is_some_and(|line| !line.is_empty()) {}
    let path = first.split(' ').nth(1).unwrap_or_default();
    let (status, kind, body) = match files.iter().find(|(name, ..)| *name == path) {
        Some((_, kind, body)) => ("200 OK", *kind, body.as_slice()),
        None => ("404 Not Found", "text/plain", &b"not here"[..]),
    };
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    )?;
    stream.write_all(body)
}

/// Hands everything on to a loopback URL, and keeps the first line of each request. Works until the process ends.
pub(crate) fn listen_in(url: &str) -> (String, Arc<Mutex<Vec<String>>>) {
    let lines = Arc::<Mutex<Vec<String>>>::default();
    let (to, heard) = (url.strip_prefix("http://").unwrap().to_owned(), lines.clone());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (stream, server) = (stream.unwrap(), TcpStream::connect(&to).unwrap());
            let (mut answers, mut back) = (server.try_clone().unwrap(), stream.try_clone().unwrap());
            thread::spawn(move || std::io::copy(&mut answers, &mut back));
            let heard = heard.clone();
            thread::spawn(move || hand_on(stream, server, &heard));
        }
    });
    (format!("http://{address}"), lines)
}

fn hand_on(mut from: TcpStream, mut to: TcpStream, heard: &Mutex<Vec<String>>) {
    let mut buffer = [0; 65536];
    // A small request comes as a whole.
    while let Ok(length @ 1..) = from.read(&mut buffer) {
        let line = buffer[..length].split(|byte| *byte == b'\r').next().unwrap_or_default();
        heard.lock().unwrap().push(String::from_utf8_lossy(line).into_owned());
        if to.write_all(&buffer[..length]).is_err() {
            return;
        }
    }
}

/// The body of what a GET of a loopback URL brings.
pub(crate) fn get(url: &str) -> String {
    let (head, body) = fetch(url);
    assert!(head.starts_with("HTTP/1.1 200") || head.starts_with("HTTP/1.0 200"), "{head}");
    body
}

/// Where the page at a loopback URL sends its visitor on to.
pub(crate) fn redirect(url: &str) -> String {
    let (head, body) = fetch(url);
    location(&head).unwrap_or_else(|| panic!("no redirect at {url}: {head} {body}"))
}

/// Opens a loopback URL as a browser does: goes on wherever it is sent, within reason.
pub(crate) fn visit(url: &str) {
    let mut next = url.to_owned();
    for _ in 0..20 {
        match location(&fetch(&next).0) {
            Some(url) => next = url,
            None => return,
        }
    }
    panic!("{url} sends its visitor around without end");
}

fn location(head: &str) -> Option<String> {
    let lines = head.lines().filter_map(|line| line.split_once(": "));
    lines.filter(|(name, _)| name.eq_ignore_ascii_case("location")).map(|(_, url)| url.to_owned()).next()
}

fn fetch(url: &str) -> (String, String) {
    exchange("GET", url, "", "")
}

/// The body of what a POST to a loopback URL brings, whatever its status.
pub(crate) fn post(url: &str, kind: &str, body: &str) -> String {
    exchange("POST", url, &format!("Content-Type: {kind}\r\n"), body).1
}

/// Status and body of what a POST with these lines in its head brings.
pub(crate) fn post_with(url: &str, headers: &str, body: &str) -> (u16, String) {
    let (head, body) = exchange("POST", url, headers, body);
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body)
}

/// Head and body of the answer of a loopback URL. Nobody there takes long.
fn exchange(method: &str, url: &str, headers: &str, body: &str) -> (String, String) {
    let place = url.strip_prefix("http://").unwrap();
    let (host, path) = place.split_once('/').unwrap_or((place, ""));
    let mut stream = TcpStream::connect(host).unwrap();
    stream.set_read_timeout(Some(LONGEST)).unwrap();
    stream.set_write_timeout(Some(LONGEST)).unwrap();
    let length = body.len();
    write!(stream, "{method} /{path} HTTP/1.0\r\nHost: {host}\r\nContent-Length: {length}\r\n{headers}\r\n{body}")
        .unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    (head.to_owned(), body.to_owned())
}

/// The text between two others.
pub(crate) fn between(text: &str, before: &str, after: &str) -> String {
    let (_, rest) = text.split_once(before).unwrap_or_else(|| panic!("no {before} in {text}"));
    rest.split(after).next().unwrap_or_default().to_owned()
}
