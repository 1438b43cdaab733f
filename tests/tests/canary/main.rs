//! Every request of every API is made with a text of its own in every place that takes one, and sent. What is secret,
//! and what a caller puts into bodies without a form, is then looked for wherever something is shown: it may be in the
//! bytes that were sent and nowhere else. Each service has its own server and its own token, and no token may reach
//! another service's server.

mod server;
mod trace;

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use matrix_api::service::Service;
use matrix_api::{Auth, Client, ClientBuilder, Error, Request, RetryPolicy, Session};
use matrix_api_tests::canary::{HIDDEN, Marks, OPEN, Visit};
use matrix_api_tests::generated::requests;
use tokio::runtime::Runtime;

use server::Server;
use trace::Trace;

#[test]
fn row_05_nothing_hidden_is_shown_and_no_token_leaves_its_service() {
    let trace = Trace::default();
    let _guard = tracing::subscriber::set_default(trace.clone());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut probe = Probe { runtime, trace, servers: BTreeMap::new(), leaks: Vec::new(), requests: 0, texts: 0 };
    requests::visit(&mut probe);
    let mut leaks = std::mem::take(&mut probe.leaks);
    leaks.extend(probe.tokens());
    assert!(leaks.is_empty(), "{} leaks:\n{}", leaks.len(), leaks.join("\n"));
    // Far fewer would mean that something was left out.
    assert!(probe.requests >= 166 && probe.texts >= 4 * probe.requests / 2, "{} {}", probe.requests, probe.texts);
    println!("{} requests, {} texts, 0 leaks", probe.requests, probe.texts);
}

struct Probe {
    runtime: Runtime,
    trace: Trace,
    servers: BTreeMap<&'static str, Server>,
    leaks: Vec<String>,
    requests: usize,
    texts: usize,
}

impl Visit for Probe {
    fn visit<R>(&mut self, make: impl FnOnce(&mut Marks) -> R)
    where
        R: Request + Clone + fmt::Debug + Send + Sync + 'static,
        R::Response: fmt::Debug + Send,
    {
        let mut marks = Marks::default();
        let request = make(&mut marks);
        let service = <R::To as Service>::NAME;
        let url = self.server(service);
        let client = self.runtime.block_on(client::<R::To>(service, &url));
        let mut shown = format!("{request:?} {request:#?} {client:?}");
        let plan = client.plan(&request).unwrap_or_else(|error| panic!("{}: {error}", R::METADATA.id));
        let _ = write!(shown, "{plan} {plan:?} {plan:#?} {} {}", plan.to_json(), plan.to_curl());
        // A refusal, a text that is no JSON, and a connection that breaks.
        for _ in 0..3 {
            match self.runtime.block_on(client.send_full(&request)) {
                Ok(full) => drop(write!(shown, "{full:?} {full:#?}")),
                Err(error) => tell(&error, &mut shown),
            }
        }
        let mut sent = self.servers[service].take();
        if R::METADATA.unstable {
            // The question whether the server has the proposal is another operation's.
            sent.retain(|request| !request.starts_with("GET /_matrix/client/versions "));
        }
        self.check(R::METADATA.id, R::METADATA.auth, service, &marks, &shown, &sent);
    }
}

impl Probe {
    fn server(&mut self, service: &'static str) -> String {
        let runtime = &self.runtime;
        self.servers.entry(service).or_insert_with(|| runtime.block_on(Server::start())).url.clone()
    }

    fn check(&mut self, id: &str, auth: Auth, service: &str, marks: &Marks, shown: &str, sent: &[String]) {
        self.requests += 1;
        self.texts += marks.open.len() + marks.hidden.len();
        let traced = self.trace.take();
        let mut leak = |what: &str, text: &str| self.leaks.push(format!("{id}: {what}: {text}"));
        if sent.len() != 3 {
            leak("was not sent three times", &sent.len().to_string());
        }
        for text in sent {
            let missing = marks.open.iter().chain(&marks.hidden).find(|mark| !text.contains(*mark));
            missing.iter().for_each(|mark| leak("was not sent", mark));
            if text.contains(&token(service)) != (auth != Auth::None) {
                leak("the token goes with what needs it", service);
            }
        }
        if let Some(mark) = marks.hidden.iter().find(|mark| shown.contains(*mark)) {
            leak("is shown", mark);
        }
        for kind in [HIDDEN, OPEN, "tokencanary"] {
            if traced.contains(kind) {
                leak("is traced", kind);
            }
        }
        if shown.contains("tokencanary") {
            leak("is shown", "the token");
        }
    }

    /// Tokens at a server that is not theirs.
    fn tokens(&self) -> Vec<String> {
        let mut leaks = Vec::new();
        for (service, server) in &self.servers {
            let everything = server.everything();
            for other in self.servers.keys().filter(|other| *other != service) {
                if everything.contains(&token(other)) {
                    leaks.push(format!("the token for {other} was sent to {service}"));
                }
            }
        }
        leaks
    }
}

fn token(service: &str) -> String {
    // Ended, so that none begins like another.
    format!("tokencanary-{service}-")
}

async fn client<S: Service>(service: &str, url: &str) -> Client<S> {
    let session = Session::new("@me:hs", url).access_token(token(service));
    let builder = ClientBuilder::<S>::new().session(session).retry(RetryPolicy::none());
    builder.build().await.expect("nothing is wrong with the settings")
}

/// All that an error tells without being asked for its body.
fn tell(error: &Error, out: &mut String) {
    let _ =
        write!(out, " {error} {error:?} {error:#?} {:?} {:?} {:?}", error.url(), error.operation(), error.attempts());
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        let _ = write!(out, " {cause} {cause:?}");
        source = cause.source();
    }
}
