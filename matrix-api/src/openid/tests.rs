//! A verifier among servers of our own: names lead to ports of this machine.

use std::{
    collections::HashMap,
    io,
    net::{IpAddr, SocketAddr},
    pin::Pin,
    sync::Mutex,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use super::*;
use crate::{
    error::ErrorKind,
    guard::{ByName, is_public},
    transport::{Lookup, Transport},
};

/// A web server that answers each path in one way, and notes what it is asked.
pub(super) struct Web {
    pub(super) address: SocketAddr,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Web {
    pub(super) async fn start(pages: &[(&str, &str)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let pages: HashMap<String, String> = pages.iter().map(|&(a, b)| (a.to_owned(), b.to_owned())).collect();
        let seen: Arc<Mutex<Vec<String>>> = Arc::default();
        let (noted, pages) = (seen.clone(), Arc::new(pages));
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (noted, pages) = (noted.clone(), pages.clone());
                tokio::spawn(async move {
                    let mut buffer = Vec::new();
                    while stream.read_buf(&mut buffer).await.is_ok_and(|read| read > 0) {
                        if !buffer.ends_with(b"\r\n\r\n") {
                            continue;
                        }
                        let head = String::from_utf8(std::mem::take(&mut buffer)).unwrap().to_ascii_lowercase();
                        let target = head.split(' ').nth(1).unwrap();
                        let host = head.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
                        noted.lock().unwrap().push(format!("{host}{target}"));
                        let path = target.split('?').next().unwrap();
                        let answer = pages.get(path).map_or("404 Not Found\r\n\r\n{}", |page| page);
                        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
                        let answer = format!("HTTP/1.1 {head}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
                        stream.write_all(answer.as_bytes()).await.unwrap();
                    }
                });
            }
        });
        Self { address, seen }
    }

    pub(super) fn seen(&self) -> Vec<String> {
        std::mem::take(&mut *self.seen.lock().unwrap())
    }
}

/// Names of our own. Addresses that are named themselves have to be public.
#[derive(Default)]
pub(super) struct Names(HashMap<&'static str, SocketAddr>);

impl Names {
    pub(super) fn connections<const N: usize>(rules: &Rules, names: [(&'static str, SocketAddr); N]) -> Transport {
        rules.connections(Self(names.into())).unwrap()
    }
}

impl Lookup for Names {
    fn lookup(&self, host: String) -> Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send + '_>> {
        let found = self.0.get(host.as_str()).copied();
        Box::pin(async move { Ok(vec![found.ok_or(io::ErrorKind::NotFound)?]) })
    }

    fn admits(&self, address: IpAddr) -> bool {
        is_public(address)
    }
}

pub(super) const ALICE: &str = "200 OK\r\n\r\n{\"sub\":\"@alice:example.org\"}";
pub(super) const USERINFO: &str = "/_matrix/federation/v1/openid/userinfo";
pub(super) const WELL_KNOWN: &str = "/.well-known/matrix/server";

pub(super) fn token(server: &str) -> OpenidToken {
    serde_json::from_value(crate::json!({
        "access_token": "canary", "token_type": "Bearer", "matrix_server_name": server, "expires_in": 3600,
    }))
    .unwrap()
}

/// Where names lead by themselves, and where their service records lead.
fn verifier<const A: usize, const B: usize>(
    names: [(&'static str, SocketAddr); A],
    services: [(&'static str, SocketAddr); B],
) -> Verifier {
    let rules = Rules { http: true, private: true, timeout: Some(Duration::from_secs(5)) };
    let by_name = Names::connections(&rules, names);
    let by_service = Names::connections(&rules, services);
    let directory = Directory::with(rules, by_name, by_service);
    Verifier(Arc::new(Inner { directory, allowed: None }))
}

fn local(web: &Web) -> Verifier {
    verifier([], [("example.org", web.address)])
}

#[tokio::test]
async fn the_homeserver_says_whose_token_it_is() {
    let web = Web::start(&[(USERINFO, ALICE)]).await;
    let user = local(&web).verify(&token("example.org")).await.unwrap();
    assert_eq!(user, UserId::from("@alice:example.org"));
    assert_eq!(web.seen(), [format!("example.org{USERINFO}?access_token=canary")]);
    // A name with a port leads to that port, and the host header has it.
    let port = web.address.port();
    let named = format!("localhost:{port}");
    let verifier = verifier([("localhost", web.address)], []);
    let refused = verifier.verify(&token(&named)).await.unwrap_err();
    assert_eq!(refused.to_string(), "openid::Verifier: the server answered with a user that is not its own");
    assert_eq!(web.seen(), [format!("{named}{USERINFO}?access_token=canary")]);
}

#[tokio::test]
async fn a_server_may_delegate() {
    let web = Web::start(&[(USERINFO, ALICE)]).await;
    let port = web.address.port();
    let to_port = format!("200 OK\r\n\r\n{{\"m.server\":\"matrix.example.org:{port}\"}}");
    let known = Web::start(&[(WELL_KNOWN, &to_port)]).await;
    let to_name = "200 OK\r\n\r\n{\"m.server\":\"matrix.example.org\"}";
    let named = Web::start(&[(WELL_KNOWN, to_name)]).await;
    let elsewhere = "200 OK\r\nLocation: /x\r\n\r\n{\"m.server\": 7}";
    let broken = Web::start(&[(WELL_KNOWN, elsewhere), (USERINFO, ALICE)]).await;

    let by_port = verifier([("example.org", known.address), ("matrix.example.org", web.address)], []);
    by_port.verify(&token("Example.org")).await.unwrap();
    assert_eq!(known.seen(), [format!("example.org{WELL_KNOWN}")]);
    assert_eq!(web.seen(), [format!("matrix.example.org:{port}{USERINFO}?access_token=canary")]);

    let by_name = verifier([("example.org", named.address)], [("matrix.example.org", web.address)]);
    by_name.verify(&token("example.org")).await.unwrap();
    assert_eq!(web.seen(), [format!("matrix.example.org{USERINFO}?access_token=canary")]);

    // What cannot be read counts as nothing said.
    let to_itself = verifier([("example.org", broken.address)], [("example.org", web.address)]);
    to_itself.verify(&token("example.org")).await.unwrap();
    assert_eq!(web.seen(), [format!("example.org{USERINFO}?access_token=canary")]);
}

#[tokio::test]
async fn a_thousand_verifications_look_for_a_server_once() {
    let web = Web::start(&[(USERINFO, ALICE)]).await;
    let port = web.address.port();
    let to_port = format!("200 OK\r\n\r\n{{\"m.server\":\"matrix.example.org:{port}\"}}");
    let known = Web::start(&[(WELL_KNOWN, &to_port)]).await;
    let verifier = verifier([("example.org", known.address), ("matrix.example.org", web.address)], []);
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..1000 {
        let verifier = verifier.clone();
        tasks.spawn(async move { verifier.verify(&token("example.org")).await.unwrap() });
    }
    assert_eq!(tasks.join_all().await.len(), 1000);
    assert_eq!(known.seen().len(), 1);
    assert_eq!(web.seen().len(), 1000);
}

#[tokio::test]
async fn a_bad_token_is_rejected_and_a_bad_server_is_not_asked_to_decide() {
    let unknown = "401 Unauthorized\r\n\r\n{\"errcode\":\"M_UNKNOWN_TOKEN\",\"error\":\"canary\"}";
    let missing = "401 Unauthorized\r\n\r\n{\"errcode\":\"M_MISSING_TOKEN\"}";
    let other = "200 OK\r\n\r\n{\"sub\":\"@alice:evil.example.org\"}";
    let odd = "200 OK\r\n\r\n{\"sub\":\"alice:example.org\"}";
    let forbidden = "403 Forbidden\r\n\r\n{\"errcode\":\"M_FORBIDDEN\"}";
    let down = "500 Oops\r\n\r\n<html>";
    let page = "200 OK\r\n\r\n<html>";
    let large = format!("200 OK\r\n\r\n{{\"sub\":\"@alice:example.org\",\"x\":\"{}\"}}", "x".repeat(70_000));
    let rows = [
        (unknown, ErrorKind::Rejected),
        (missing, ErrorKind::Rejected),
        (other, ErrorKind::Rejected),
        (odd, ErrorKind::Rejected),
        (forbidden, ErrorKind::Api),
        (down, ErrorKind::Api),
        (page, ErrorKind::Decode),
        (&large, ErrorKind::Limit),
    ];
    for (answer, kind) in rows {
        let web = Web::start(&[(USERINFO, answer)]).await;
        let error = local(&web).verify(&token("example.org")).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{answer:.40}");
        assert!(!format!("{error} {error:?}").contains("canary") || kind == ErrorKind::Api, "{error}");
    }
    let nowhere = verifier([], []).verify(&token("example.org")).await.unwrap_err();
    assert_eq!(nowhere.kind(), ErrorKind::Transport);
}

#[tokio::test]
async fn strangers_do_not_send_us_into_our_own_network() {
    let web = Web::start(&[(USERINFO, ALICE), (WELL_KNOWN, "200 OK\r\n\r\n{\"m.server\":\"127.0.0.1:1\"}")]).await;
    let port = web.address.port();
    let guarded = Verifier::builder().allow_http(true).build().unwrap();
    for name in [format!("localhost:{port}"), format!("127.0.0.1:{port}"), format!("[::1]:{port}"), "10.0.0.1".into()] {
        let error = guarded.verify(&token(&name)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Rejected, "{name}: {error}");
    }
    for name in ["2130706433", "a/b", "", "a@b", "example.org?x"] {
        let error = guarded.verify(&token(name)).await.unwrap_err();
        assert_eq!(error.to_string(), "openid::Verifier: the token names no valid server", "{name}");
    }
    assert_eq!(web.seen(), [""; 0]);
    // Nor by a detour.
    let rules = Rules { http: true, private: false, timeout: None };
    let by_name = Names::connections(&rules, [("example.org", web.address)]);
    let directory = Directory::with(rules, by_name.clone(), by_name);
    let detour = Verifier(Arc::new(Inner { directory, allowed: None }));
    let error = detour.verify(&token("example.org")).await.unwrap_err();
    assert_eq!(error.to_string(), "openid::Verifier: the server's address is not a public one");
    assert_eq!(web.seen(), [format!("example.org{WELL_KNOWN}")]);
}

/// Nobody looks an address up that a redirect names, so the guard has to stand elsewhere too.
#[tokio::test]
async fn redirects_do_not_send_us_into_our_own_network() {
    let within = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = within.local_addr().unwrap().port();
    let called = tokio::spawn(async move { within.accept().await.is_ok() });
    // What only resolvers take for an address is no place to go to.
    let hosts = [
        ("127.0.0.1", TransportKind::Forbidden),
        ("[::ffff:127.0.0.1]", TransportKind::Forbidden),
        ("localhost", TransportKind::Forbidden),
        ("2130706433", TransportKind::Redirect),
        ("0x7f.1", TransportKind::Redirect),
    ];
    for (host, kind) in hosts {
        let away = format!("302 Found\r\nLocation: https://{host}:{port}/x\r\n\r\n");
        let web = Web::start(&[(WELL_KNOWN, &away), (USERINFO, ALICE)]).await;
        let rules = Rules { http: true, private: false, timeout: None };
        let by_name = rules.connections(Guest { name: "example.org", address: web.address }).unwrap();
        let client = rules.client::<crate::service::ServerName>("http://example.org", &by_name).unwrap();
        let error = client.send(crate::federation::GetWellKnown::new()).await.unwrap_err();
        let Error::Transport(failed) = &error else { panic!("{host}: {error}") };
        assert_eq!(failed.kind(), kind, "{host}: {error}");
        assert_eq!(web.seen(), [format!("example.org{WELL_KNOWN}")], "{host}");
        // A verifier goes on as if nothing had been said, to the server itself.
        let directory = Directory::with(rules, by_name.clone(), by_name);
        let verifier = Verifier(Arc::new(Inner { directory, allowed: None }));
        assert_eq!(verifier.verify(&token("example.org")).await.unwrap().as_str(), "@alice:example.org");
    }
    assert!(!called.is_finished(), "nobody has come");
}

/// One name of our own, and all others as they are.
struct Guest {
    name: &'static str,
    address: SocketAddr,
}

impl Lookup for Guest {
    fn lookup(&self, host: String) -> Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send + '_>> {
        if host == self.name {
            return Box::pin(async move { Ok(vec![self.address]) });
        }
        Box::pin(async move { ByName { private: false }.lookup(host).await })
    }

    fn admits(&self, address: IpAddr) -> bool {
        ByName { private: false }.admits(address)
    }
}

#[tokio::test]
async fn only_listed_servers_are_asked() {
    let verifier = Verifier::builder().allow_servers(["Example.org"]).allow_servers(["b.org"]).build().unwrap();
    let error = verifier.verify(&token("evil.example.org")).await.unwrap_err();
    assert_eq!(error.to_string(), "openid::Verifier: the token is from a server that is not on the list");
    assert!(verifier.0.takes(&"EXAMPLE.org".into()) && verifier.0.takes(&"b.org".into()));
    // Without http allowed, nothing is sent in the clear.
    let strict = Verifier::builder().allow_private_addresses(true).build().unwrap();
    let web = Web::start(&[(USERINFO, ALICE)]).await;
    let named = format!("127.0.0.1:{}", web.address.port());
    assert_eq!(strict.verify(&token(&named)).await.unwrap_err().kind(), ErrorKind::Transport);
    assert_eq!(web.seen(), [""; 0]);
}

#[tokio::test]
async fn what_a_server_says_holds_for_its_time() {
    let web = Web::start(&[(USERINFO, ALICE)]).await;
    let port = web.address.port();
    let said = format!("200 OK\r\nCache-Control: max-age=600\r\n\r\n{{\"m.server\":\"m.example.org:{port}\"}}");
    let known = Web::start(&[(WELL_KNOWN, &said)]).await;
    let verifier = verifier([("example.org", known.address), ("m.example.org", web.address)], []);
    for (advance, asked) in [(0, 1), (599, 0), (2, 1)] {
        tokio::time::pause();
        tokio::time::advance(Duration::from_secs(advance)).await;
        tokio::time::resume();
        verifier.verify(&token("example.org")).await.unwrap();
        assert_eq!(known.seen().len(), asked, "after {advance} s");
    }
}

#[test]
fn a_debug_text_shows_no_token() {
    let verifier = Verifier::builder().allow_servers(["a.org"]).build().unwrap();
    assert_eq!(format!("{verifier:?}"), "Verifier { allowed: Some({\"a.org\"}), .. }");
}
