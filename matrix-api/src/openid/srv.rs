//! Which hosts serve a domain's federation, as DNS says it.

use std::io;

use hickory_resolver::{TokioResolver, proto::rr::RData};

/// The names under which homeservers stand, the newer one first.
const SERVICES: [&str; 2] = ["_matrix-fed._tcp", "_matrix._tcp"];

/// At most this many hosts are tried.
const MOST: usize = 8;

/// Asks DNS for services.
pub(super) struct Srv(TokioResolver);

/// One host that serves a domain.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Target {
    priority: u16,
    weight: u16,
    host: String,
    port: u16,
}

impl Srv {
    /// As the system is configured.
    ///
    /// # Errors
    ///
    /// In words, if the system's configuration cannot be read.
    pub(super) fn new() -> Result<Self, String> {
        let resolver = TokioResolver::builder_tokio().and_then(|builder| builder.build());
        Ok(Self(resolver.map_err(|error| format!("no DNS: {error}"))?))
    }

    /// The hosts and ports to try, in that order. `None` if there is no record.
    pub(super) async fn targets(&self, domain: &str) -> io::Result<Option<Vec<(String, u16)>>> {
        for service in SERVICES {
            let found = self.of(service, domain).await?;
            if !found.is_empty() {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    async fn of(&self, service: &str, domain: &str) -> io::Result<Vec<(String, u16)>> {
        let lookup = match self.0.srv_lookup(format!("{service}.{domain}.")).await {
            Ok(lookup) => lookup,
            Err(error) if error.is_no_records_found() => return Ok(Vec::new()),
            Err(error) => return Err(io::Error::other(format!("asking DNS for {service}: {error}"))),
        };
        let targets = lookup.answers().iter().filter_map(|record| match &record.data {
            RData::SRV(srv) => {
                Some(Target { priority: srv.priority, weight: srv.weight, host: srv.target.to_utf8(), port: srv.port })
            }
            _ => None,
        });
        Ok(in_order(targets.collect(), || getrandom::u32().unwrap_or(0)))
    }
}

/// By priority, and where it is equal by chance, as often as the weights say (RFC 2782).
fn in_order(mut targets: Vec<Target>, mut roll: impl FnMut() -> u32) -> Vec<(String, u16)> {
    // A single dot says that there is no such service here.
    targets.retain(|target| target.host != "." && target.port != 0);
    let mut ordered = Vec::new();
    while let Some(priority) = targets.iter().map(|target| target.priority).min() {
        let rivals: Vec<_> = (0..targets.len()).filter(|&at| targets[at].priority == priority).collect();
        // One more than its weight, so that those of weight 0 have a chance.
        let weight = |at: usize| u64::from(targets[at].weight) + 1;
        let mut left = u64::from(roll()) % rivals.iter().map(|&at| weight(at)).sum::<u64>();
        let chosen = rivals.iter().copied().find(|&at| {
            let hit = left < weight(at);
            left = left.saturating_sub(weight(at));
            hit
        });
        let target = targets.remove(chosen.unwrap_or(rivals[0]));
        ordered.push((target.host, target.port));
    }
    ordered.truncate(MOST);
    ordered
}

#[cfg(test)]
mod tests {
    use std::{collections::VecDeque, net::Ipv4Addr};

    use hickory_resolver::{
        config::{ConnectionConfig, NameServerConfig, ResolverConfig},
        net::runtime::TokioRuntimeProvider,
        proto::{
            op::{Message, ResponseCode},
            rr::{Name, Record, rdata::SRV},
        },
    };
    use tokio::net::UdpSocket;

    use super::*;

    fn target(priority: u16, weight: u16, host: &str, port: u16) -> Target {
        Target { priority, weight, host: host.to_owned(), port }
    }

    #[test]
    fn priority_decides_and_then_chance_by_weight() {
        let targets =
            || vec![target(20, 0, "c", 3), target(10, 1, "a", 1), target(10, 3, "b", 2), target(5, 9, ".", 0)];
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

    /// A name server on this machine: it knows these services, and breaks on the name `broken`.
    async fn name_server(records: &'static [(&'static str, &'static str, u16)]) -> Srv {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let mut connection = ConnectionConfig::udp();
        connection.port = socket.local_addr().unwrap().port();
        tokio::spawn(async move {
            let mut buffer = [0; 2048];
            while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
                let mut message = Message::from_vec(&buffer[..length]).unwrap().into_response();
                let asked = message.queries[0].name().clone();
                let found = records.iter().filter(|(name, ..)| asked == Name::from_ascii(name).unwrap());
                for (_, host, port) in found {
                    let srv = SRV::new(10, 0, *port, Name::from_ascii(host).unwrap());
                    message.add_answer(Record::from_rdata(asked.clone(), 60, RData::SRV(srv)));
                }
                message.metadata.response_code = match message.answers.is_empty() {
                    true if asked.to_ascii().contains("broken") => ResponseCode::ServFail,
                    true => ResponseCode::NXDomain,
                    false => ResponseCode::NoError,
                };
                socket.send_to(&message.to_vec().unwrap(), from).await.unwrap();
            }
        });
        let mut server = NameServerConfig::udp(Ipv4Addr::LOCALHOST.into());
        server.connections = vec![connection];
        let config = ResolverConfig::from_parts(None, Vec::new(), vec![server]);
        let builder = TokioResolver::builder_with_config(config, TokioRuntimeProvider::default());
        Srv(builder.build().unwrap())
    }

    #[tokio::test]
    async fn the_newer_service_goes_before_the_older() {
        let srv = name_server(&[
            ("_matrix-fed._tcp.new.example.", "host.new.example.", 1),
            ("_matrix._tcp.new.example.", "never.example.", 9),
            ("_matrix._tcp.old.example.", "host.old.example.", 2),
            ("_matrix._tcp.none.example.", ".", 0),
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
}
