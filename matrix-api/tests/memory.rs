//! Row 9: how much memory a body without an end can take. A process of its own, so that nothing else counts.
#![cfg(all(feature = "client", feature = "client-server", target_os = "linux"))]

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    thread,
};

use matrix_api::{
    Client, Error, RetryPolicy,
    client_server::{GetVersions, SyncEvents},
    error::Limit,
};

const MIB: u64 = 1 << 20;

/// The most memory that this process has had at once, in bytes.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().strip_suffix(" kB").unwrap().parse::<u64>().unwrap() * 1024
}

/// Answers one request with a head and then 1 GiB, or as much of it as anybody takes.
fn flood(head: &'static str, chunk: Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream: TcpStream = stream.unwrap();
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(head.as_bytes());
            // Until the client has had enough.
            for _ in 0..1024 {
                if stream.write_all(&chunk).is_err() {
                    break;
                }
            }
        }
    });
    url
}

async fn limited(client: &Client, most: u64, poll: bool) {
    let error = match poll {
        true => client.send(SyncEvents::new()).await.map(drop),
        false => client.send(GetVersions::new()).await.map(drop),
    };
    let error = error.unwrap_err();
    let Error::Limit(limit) = &error else { panic!("{error}") };
    assert_eq!((limit.limit(), limit.most()), (Limit::BodyBytes, most));
    assert_eq!(error.body().unwrap().len(), 512 * 1024);
}

#[tokio::test]
async fn row_09_a_body_without_an_end_takes_no_more_than_its_limit() {
    let chunked = [b"100000\r\n".to_vec(), vec![b' '; 1 << 20], b"\r\n".to_vec()].concat();
    let bodies = [
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", chunked),
        ("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", vec![b' '; 1 << 20]),
    ];
    let session = |url: &str| matrix_api::Session::new("@me:hs", url).access_token("t");
    for (head, chunk) in bodies {
        let url = flood(head, chunk);
        let client = Client::builder().session(session(&url)).retry(RetryPolicy::none()).build().await.unwrap();
        let before = peak();
        limited(&client, 64 * MIB, false).await;
        let taken = peak() - before;
        assert!(taken < 64 * MIB + 16 * MIB, "{} MiB", taken / MIB);
    }
    // Nothing is inflated that was not asked for: of a bomb there is what came over the wire, and that is no JSON.
    let url =
        flood("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 1048576\r\n\r\n", vec![0x1f; 1 << 20]);
    let client = Client::builder().session(session(&url)).retry(RetryPolicy::none()).build().await.unwrap();
    let before = peak();
    assert_eq!(client.send(GetVersions::new()).await.unwrap_err().kind(), matrix_api::ErrorKind::Decode);
    assert!(peak() - before < 16 * MIB);
    // What is refused by a status is cut at 512 KiB, whatever the server announces.
    let url = flood("HTTP/1.1 502 No\r\nContent-Length: 1073741824\r\n\r\n", vec![b' '; 1 << 20]);
    let client = Client::builder().session(session(&url)).retry(RetryPolicy::none()).build().await.unwrap();
    let error = client.send(GetVersions::new()).await.unwrap_err();
    assert_eq!((error.status().unwrap().as_u16(), error.body().unwrap().len()), (502, 512 * 1024));
}
