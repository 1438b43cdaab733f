//! A name server on this machine, and homeservers that it leads to.

use std::{
    collections::VecDeque,
    net::Ipv4Addr,
    sync::{Arc, Mutex},
    time::Duration,
};

use hickory_resolver::{
    config::{ConnectionConfig, NameServerConfig, ResolverConfig},
    net::runtime::TokioRuntimeProvider,
    proto::{
        op::{Message, ResponseCode},
        rr::{
            Name, Record,
            rdata::{A, SRV},
        },
    },
};
use tokio::net::{TcpListener, UdpSocket};

use super::*;
use crate::{
    error::ErrorKind,
    guard::Rules,
    openid::{
        Inner, Verifier,
        directory::Directory,
        lookup::{Guarded, PORT},
        tests::{ALICE, Names, USERINFO, WELL_KNOWN, Web, token},
    },
    transport::Lookup,
};

fn target(priority: u16, weight: u16, host: &str, port: u16) -> Target {
    Target { priority, weight, host: host.to_owned(), port }
}

#[test]
fn priority_decides_and_then_chance_by_weight() {
    let targets = || vec![target(20, 0, "c", 3), target(10, 1, "a", 1), target(10, 3, "b", 2), target(5, 9, ".", 0)];
    let order = |rolls: &[u32]| {
        let mut rolls = VecDeque::from(rolls.to_vec());
        let ordered = in_order(targets(), || rolls.pop_front().unwrap());
        ordered.into_iter().map(|(host, _)| host).collect::<String>()
    };
    // Two parts for a, four for b.
    assert_eq!([0, 1, 2, 5].map(|roll| order(&[roll, 0, 0])), ["abc", "abc", "bac", "bac"]);
    assert_eq!(order(&[6, 0, 0]), "abc");
    assert_eq!(in_order(vec![target(1, 0, "a", 7); 20], || 3).len(), MOST);
    assert_eq!(in_order(Vec::new(), || 0), []);
}

/// What it knows, and the names that it was asked for, without the last dot.
struct Zone {
    records: Vec<(String, RData)>,
    asked: Arc<Mutex<Vec<String>>>,
}

fn ranked(priority: u16, name: &str, host: &str, port: u16) -> (String, RData) {
    (name.to_owned(), RData::SRV(SRV::new(priority, 0, port, Name::from_ascii(host).unwrap())))
}

fn service(name: &str, host: &str, port: u16) -> (String, RData) {
    ranked(10, name, host, port)
}

fn address(name: &str) -> (String, RData) {
    (name.to_owned(), RData::A(A(Ipv4Addr::LOCALHOST)))
}

impl Zone {
    /// A name server with these records, which breaks on the name `broken`, and a resolver that asks it.
    async fn serve(records: impl IntoIterator<Item = (String, RData)>) -> (Arc<Mutex<Vec<String>>>, Srv) {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let mut connection = ConnectionConfig::udp();
        connection.port = socket.local_addr().unwrap().port();
        let zone = Self { records: records.into_iter().collect(), asked: Arc::default() };
        let asked = zone.asked.clone();
        tokio::spawn(async move {
            let mut buffer = [0; 2048];
            while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
                let answer = zone.answer(Message::from_vec(&buffer[..length]).unwrap());
                socket.send_to(&answer.to_vec().unwrap(), from).await.unwrap();
            }
        });
        let mut server = NameServerConfig::udp(Ipv4Addr::LOCALHOST.into());
        server.connections = vec![connection];
        let config = ResolverConfig::from_parts(None, Vec::new(), vec![server]);
        let builder = TokioResolver::builder_with_config(config, TokioRuntimeProvider::default());
        (asked, Srv(builder.build().unwrap()))
    }

    fn answer(&self, question: Message) -> Message {
        let mut message = question.into_response();
        let (name, kind) = (message.queries[0].name().clone(), message.queries[0].query_type());
        self.asked.lock().unwrap().push(name.to_ascii().trim_end_matches('.').to_owned());
        let known: Vec<_> = self.records.iter().filter(|(own, _)| name == Name::from_ascii(own).unwrap()).collect();
        for (_, data) in known.iter().filter(|(_, data)| data.record_type() == kind) {
            message.add_answer(Record::from_rdata(name.clone(), 60, data.clone()));
        }
        message.metadata.response_code = match known.is_empty() {
            true if name.to_ascii().contains("broken") => ResponseCode::ServFail,
            true => ResponseCode::NXDomain,
            false => ResponseCode::NoError,
        };
        message
    }
}

#[tokio::test]
async fn the_newer_service_goes_before_the_older() {
    let (_, srv) = Zone::serve([
        service("_matrix-fed._tcp.new.example.", "host.new.example.", 1),
        service("_matrix._tcp.new.example.", "never.example.", 9),
        service("_matrix._tcp.old.example.", "host.old.example.", 2),
        service("_matrix._tcp.none.example.", ".", 0),
    ])
    .await;
    let one = |host: &str, port| Some(vec![(host.to_owned(), port)]);
    assert_eq!(srv.targets("new.example").await.unwrap(), one("host.new.example.", 1));
    assert_eq!(srv.targets("old.example").await.unwrap(), one("host.old.example.", 2));
    for nothing in ["none.example", "unknown.example"] {
        assert_eq!(srv.targets(nothing).await.unwrap(), None, "{nothing}");
    }
    let error = srv.targets("broken.example").await.unwrap_err();
    assert!(error.to_string().starts_with("asking DNS for _matrix-fed._tcp: "), "{error}");
}

/// A verifier that asks this name server for services, and finds what servers say of themselves by these names.
fn verifier<const N: usize>(srv: Srv, private: bool, names: [(&'static str, SocketAddr); N]) -> Verifier {
    within(Duration::from_secs(5), srv, private, names)
}

/// The same, which gives up after so long.
fn within<const N: usize>(
    timeout: Duration,
    srv: Srv,
    private: bool,
    names: [(&'static str, SocketAddr); N],
) -> Verifier {
    let rules = Rules { http: true, private, timeout: Some(timeout) };
    let by_name = Names::connections(&rules, names);
    let by_service = rules.connections(Guarded { private, srv }).unwrap();
    Verifier(Arc::new(Inner { directory: Directory::with(rules, by_name, by_service), allowed: None }))
}

const FED: &str = "_matrix-fed._tcp";

/// The record's port is where the server is asked, and the `Host` header has the name alone: step 4 of the
/// specification's resolution, and step 5 for the older service.
#[tokio::test]
async fn a_record_leads_to_its_port() {
    for name in [FED, "_matrix._tcp"] {
        let web = Web::start(&[(USERINFO, ALICE)]).await;
        let port = web.address.port();
        let records =
            [service(&format!("{name}.example.org."), "fed.host.example.", port), address("fed.host.example.")];
        let (asked, srv) = Zone::serve(records).await;
        let user = verifier(srv, true, []).verify(&token("example.org")).await.unwrap();
        assert_eq!(user.as_str(), "@alice:example.org");
        assert_eq!(web.seen(), [format!("example.org{USERINFO}?access_token=canary")], "{name}");
        let asked = asked.lock().unwrap();
        assert_eq!(asked[0], "_matrix-fed._tcp.example.org");
        assert!(asked.iter().any(|name| name == "fed.host.example"), "{asked:?}");
    }
}

/// Steps 3.3 and 3.4: the name that the server delegates to has the records, and is the `Host`.
#[tokio::test]
async fn a_delegated_name_has_records() {
    for name in [FED, "_matrix._tcp"] {
        let web = Web::start(&[(USERINFO, ALICE)]).await;
        let known = Web::start(&[(WELL_KNOWN, "200 OK\r\n\r\n{\"m.server\":\"matrix.example.org\"}")]).await;
        let records = [
            service(&format!("{name}.matrix.example.org."), "fed.host.example.", web.address.port()),
            service("_matrix-fed._tcp.example.org.", "never.example.", 9),
            address("fed.host.example."),
        ];
        let (asked, srv) = Zone::serve(records).await;
        verifier(srv, true, [("example.org", known.address)]).verify(&token("example.org")).await.unwrap();
        assert_eq!(known.seen(), [format!("example.org{WELL_KNOWN}")]);
        assert_eq!(web.seen(), [format!("matrix.example.org{USERINFO}?access_token=canary")], "{name}");
        assert!(!asked.lock().unwrap().contains(&"_matrix-fed._tcp.example.org".to_owned()));
    }
}

/// Steps 2 and 3.2: a port makes records needless, in the name itself or where it delegates to.
#[tokio::test]
async fn a_port_needs_no_records() {
    let web = Web::start(&[(USERINFO, ALICE)]).await;
    let port = web.address.port();
    let said = format!("200 OK\r\n\r\n{{\"m.server\":\"matrix.example.org:{port}\"}}");
    let known = Web::start(&[(WELL_KNOWN, &said)]).await;
    let (asked, srv) = Zone::serve([service("_matrix-fed._tcp.matrix.example.org.", "never.example.", 9)]).await;
    let names = [("example.org", known.address), ("matrix.example.org", web.address)];
    verifier(srv, true, names).verify(&token("example.org")).await.unwrap();
    assert_eq!(web.seen(), [format!("matrix.example.org:{port}{USERINFO}?access_token=canary")]);
    assert!(asked.lock().unwrap().is_empty());
}

/// Of several targets those that are not there, or not known, are passed over.
#[tokio::test]
async fn the_next_target_is_tried() {
    let web = Web::start(&[(USERINFO, ALICE)]).await;
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let name = "_matrix-fed._tcp.example.org.";
    let records = [
        ranked(3, name, "fed.host.example.", web.address.port()),
        ranked(2, name, "fed.host.example.", closed),
        ranked(1, name, "unknown.example.", 1),
        address("fed.host.example."),
    ];
    let (_, srv) = Zone::serve(records).await;
    verifier(srv, true, []).verify(&token("example.org")).await.unwrap();
    assert_eq!(web.seen(), [format!("example.org{USERINFO}?access_token=canary")]);
}

/// A stranger's records do not lead into our own network either.
#[tokio::test]
async fn private_targets_are_refused() {
    let web = Web::start(&[(USERINFO, ALICE)]).await;
    let records = [
        service("_matrix-fed._tcp.example.org.", "fed.host.example.", web.address.port()),
        address("fed.host.example."),
    ];
    let (_, srv) = Zone::serve(records).await;
    let error = verifier(srv, false, []).verify(&token("example.org")).await.unwrap_err();
    assert_eq!(error.to_string(), "openid::Verifier: the server has private addresses only");
    assert_eq!(web.seen(), [""; 0]);
}

/// A target without an address, and a name server that breaks, say nothing of the token.
#[tokio::test]
async fn a_failure_of_dns_is_no_verdict() {
    let (_, srv) = Zone::serve([service("_matrix-fed._tcp.lost.example.", "unknown.example.", 1)]).await;
    let verifier = within(Duration::from_millis(300), srv, true, []);
    for domain in ["lost.example", "broken.example"] {
        let error = verifier.verify(&token(domain)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Transport, "{error}");
    }
}

/// Step 6: without a record it is the usual port.
#[tokio::test]
async fn without_a_record_it_is_the_usual_port() {
    let (_, srv) = Zone::serve([]).await;
    let guarded = Guarded { private: true, srv };
    let found = guarded.lookup("localhost".to_owned()).await.unwrap();
    assert!(!found.is_empty() && found.iter().all(|at| at.port() == PORT && at.ip().is_loopback()), "{found:?}");
}
