//! A server with fixed answers, in a process of its own.

use std::convert::Infallible;
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

use crate::measure::pin;

/// A server that runs as long as this is kept.
pub(crate) struct Server {
    pub(crate) port: u16,
    process: Child,
    /// Closed when this program ends, however it ends.
    _alive: ChildStdin,
}

impl Server {
    pub(crate) fn start(cpu: usize) -> Self {
        let program = std::env::current_exe().expect("this program is a file");
        let mut server = Command::new(program);
        server.args(["serve", &cpu.to_string()]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = server.spawn().expect("it runs again");
        let mut port = String::new();
        let stdout = process.stdout.take().expect("it has an output");
        BufReader::new(stdout).read_line(&mut port).expect("it says its port");
        let alive = process.stdin.take().expect("it has an input");
        Self { port: port.trim().parse().expect("a port"), process, _alive: alive }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What every event is answered with.
pub(crate) const ANSWER: &str = r#"{"event_id":"$143273582443PhrSn-zZ2n4Zb3c8q1yXk5mT0vB6uLw"}"#;

/// Serves until the input ends.
pub(crate) fn serve(cpu: usize) {
    pin(cpu);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    std::thread::spawn(|| {
        let _ = std::io::stdin().read(&mut [0]);
        std::process::exit(0);
    });
    tokio::task::LocalSet::new().block_on(&runtime, accept());
}

async fn accept() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
    println!("{}", listener.local_addr().expect("its address").port());
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        stream.set_nodelay(true).expect("a socket");
        tokio::task::spawn_local(async move {
            let service = hyper::service::service_fn(answer);
            // A client that goes away ends its connection.
            let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

async fn answer(request: http::Request<Incoming>) -> Result<http::Response<Full<Bytes>>, Infallible> {
    let path = request.uri().path();
    let body = if path.ends_with("/versions") {
        r#"{"versions":["v1.1","v1.5","v1.11"]}"#
    } else if path.ends_with("/sync") {
        tokio::time::sleep(Duration::from_secs(60)).await;
        r#"{"next_batch":"s2"}"#
    } else {
        ANSWER
    };
    let _ = request.into_body().collect().await;
    let mut response = http::Response::new(Full::new(Bytes::from_static(body.as_bytes())));
    let json = http::HeaderValue::from_static("application/json");
    response.headers_mut().insert(http::header::CONTENT_TYPE, json);
    Ok(response)
}
