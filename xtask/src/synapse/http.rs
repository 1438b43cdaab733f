//! Just enough HTTP to see whether a server answers.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

/// Whether a Matrix homeserver answers on this loopback port.
pub(super) fn answers(port: u16) -> bool {
    matches!(status(port, "/_matrix/client/versions"), Ok(200))
}

/// The status of a GET. HTTP/1.0, so that the server closes and no framing needs to be understood.
fn status(port: u16, path: &str) -> io::Result<u16> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(1))?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    stream.set_write_timeout(Some(Duration::from_secs(5)))?;
    let request = format!("GET {path} HTTP/1.0\r\nHost: 127.0.0.1:{port}\r\n\r\n");
    stream.write_all(request.as_bytes())?;
    let mut head = [0; 12];
    stream.read_exact(&mut head)?;
    // Read to the end: a server that is cut off in mid-sentence logs a complaint.
    io::copy(&mut stream, &mut io::sink())?;
    parse(&head).ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "not an HTTP status line"))
}

/// The number in `HTTP/1.x NNN`.
fn parse(head: &[u8]) -> Option<u16> {
    let line = std::str::from_utf8(head).ok()?.strip_prefix("HTTP/1.")?;
    line.get(2..)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    fn serve(answer: &'static str) -> u16 {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = Vec::new();
            // It may come in pieces, and closing before the last one was read would cut off our answer.
            while !request.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                stream.read_exact(&mut byte).unwrap();
                request.extend(byte);
            }
            assert!(request.starts_with(b"GET /_matrix/client/versions HTTP/1.0\r\n"));
            stream.write_all(answer.as_bytes()).unwrap();
        });
        port
    }

    #[test]
    fn only_200_is_an_answer() {
        assert!(answers(serve("HTTP/1.1 200 OK\r\n\r\n{}")));
        assert!(!answers(serve("HTTP/1.1 404 Not Found\r\n\r\n{}")));
        assert!(!answers(serve("SSH-2.0-Something\r\n")));
    }

    #[test]
    fn a_closed_port_does_not_answer() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        assert!(!answers(port));
    }
}
