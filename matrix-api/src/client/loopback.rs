//! Receives a browser that comes back to this machine.

use std::{io, time::Duration};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    time::timeout,
};

use crate::{Result, error::AuthError};

/// How long a user may be away.
const PATIENCE: Duration = Duration::from_secs(5 * 60);

/// How long one connection may take to say what it wants.
const HASTE: Duration = Duration::from_secs(5);

/// The longest request that is read.
const LONGEST: usize = 16 * 1024;

const PAGE: &str = "<!doctype html><meta charset=utf-8><title>Done</title><p>Done. You can close this window.";

/// Listens on loopback for one visit.
pub(super) struct Receiver {
    listener: TcpListener,
    path: String,
    url: String,
}

impl Receiver {
    /// Listens on a free port. `path` begins with a slash.
    pub(super) async fn new(path: &str) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await;
        let listener = listener.and_then(|listener| Ok((listener.local_addr()?.port(), listener)));
        let (port, listener) = listener.map_err(|_| failed("no port of this machine can be listened on"))?;
        Ok(Self { listener, path: path.to_owned(), url: format!("http://127.0.0.1:{port}{path}") })
    }

    /// Where the browser is to come back to.
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// Waits for the visit, and gives its path with the query.
    pub(super) async fn receive(self) -> Result<String> {
        let visit = async {
            loop {
                let Ok((stream, _)) = self.listener.accept().await else { continue };
                // Browsers open connections that they do not use, and ask for icons.
                if let Ok(Ok(Some(target))) = timeout(HASTE, self.serve(stream)).await {
                    return target;
                }
            }
        };
        let visit = timeout(PATIENCE, visit).await;
        visit.map_err(|_| AuthError::new("loopback", "expired_token").described("the browser did not come back").into())
    }

    async fn serve(&self, mut stream: TcpStream) -> io::Result<Option<String>> {
        let mut request = Vec::new();
        while !request.windows(4).any(|end| end == b"\r\n\r\n") {
            if request.len() > LONGEST || stream.read_buf(&mut request).await? == 0 {
                return Ok(None);
            }
        }
        let target = self.target(&request);
        let (status, page) = if target.is_some() { ("200 OK", PAGE) } else { ("404 Not Found", "") };
        let answer = format!(
            "HTTP/1.1 {status}\r\nContent-Type: text/html\r\nContent-Length: {}\r\nConnection: close\r\n\
             Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\n\r\n{page}",
            page.len()
        );
        stream.write_all(answer.as_bytes()).await?;
        stream.shutdown().await?;
        Ok(target)
    }

    /// The path and query of a GET to our path.
    fn target(&self, request: &[u8]) -> Option<String> {
        let line = request.split(|byte| *byte == b'\r').next()?;
        let mut words = std::str::from_utf8(line).ok()?.split(' ');
        let target = words.next().filter(|method| *method == "GET").and(words.next())?;
        let (path, query) = target.split_once('?')?;
        (path == self.path && !query.is_empty()).then(|| target.to_owned())
    }
}

fn failed(reason: &str) -> AuthError {
    AuthError::new("loopback", "server_error").described(reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn visit(url: &str, request: &str) -> String {
        let address = url.trim_start_matches("http://").split('/').next().unwrap().to_owned();
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    #[tokio::test]
    async fn only_the_awaited_visit_ends_the_waiting() {
        let receiver = Receiver::new("/back").await.unwrap();
        let url = receiver.url().to_owned();
        let received = tokio::spawn(receiver.receive());
        for wrong in [
            "GET /favicon.ico HTTP/1.1\r\n\r\n",
            "GET /back HTTP/1.1\r\n\r\n",
            "POST /back?x HTTP/1.1\r\n\r\n",
            "\r\n\r\n",
        ] {
            assert!(visit(&url, wrong).await.starts_with("HTTP/1.1 404 "), "{wrong:?}");
        }
        let idle = TcpStream::connect(url.trim_start_matches("http://").split('/').next().unwrap()).await.unwrap();
        drop(idle);
        let page = visit(&url, "GET /back?code=1&state=2 HTTP/1.1\r\nHost: x\r\n\r\n").await;
        assert!(page.starts_with("HTTP/1.1 200 OK\r\n") && page.ends_with(PAGE));
        assert_eq!(received.await.unwrap().unwrap(), "/back?code=1&state=2");
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_is_waited_for_for_ever() {
        let error = Receiver::new("/").await.unwrap().receive().await.unwrap_err();
        assert_eq!(error.to_string(), "loopback: expired_token: the browser did not come back; begin again");
    }
}
