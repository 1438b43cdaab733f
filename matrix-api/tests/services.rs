//! Each service has its own client, address and token. That a request for one cannot be sent to
//! another is proved in `support/does_not_compile.rs`, which runs with the library's doc tests.
#![cfg(feature = "client")]

use std::collections::BTreeSet;

use matrix_api::{
    Auth, ClientBuilder, Metadata, Request, Response, Result,
    http::Method,
    service::{Appservice, Federation, Homeserver, Identity, Integrations, MasAdmin, PushGateway, ServerName, Service},
    wire::{DecodeError, Reply},
};

/// A request for any one service.
struct Ask<S>(S);

struct Answer;

impl<S: Service> Request for Ask<S> {
    type To = S;
    type Response = Answer;
    const METADATA: &'static Metadata =
        &Metadata::new("ask", Method::GET, "/ask").service(S::NAME).auth(Auth::Optional);
}

impl Response for Answer {
    fn read(reply: &mut Reply<'_>) -> Result<Self, DecodeError> {
        reply.empty().map(|()| Self)
    }
}

/// Where a client of the service would send its request, and whether with a token.
async fn planned<S: Service>(service: S, token: bool) -> (String, bool) {
    let mut builder = ClientBuilder::<S>::new().base_url(format!("https://{}.example.org", S::NAME));
    if token {
        builder = builder.access_token("canary");
    }
    let client = builder.build().await.unwrap();
    let shown = format!("{client:?}");
    assert!(shown.contains(S::NAME) && !shown.contains("canary"), "{shown}");
    let plan = client.plan(&Ask(service)).unwrap();
    (plan.url().to_owned(), plan.headers().contains_key("authorization"))
}

#[tokio::test]
async fn each_service_has_a_client_of_its_own() {
    let there = |name: &str, token| (format!("https://{name}.example.org/ask"), token);
    // A homeserver would be asked whose token it is.
    assert_eq!(planned(Homeserver, false).await, there("homeserver", false));
    assert_eq!(planned(ServerName, false).await, there("server-name", false));
    assert_eq!(planned(Identity, true).await, there("identity", true));
    assert_eq!(planned(Integrations, true).await, there("integrations", true));
    assert_eq!(planned(Federation, false).await, there("federation", false));
    assert_eq!(planned(MasAdmin, true).await, there("mas-admin", true));
    assert_eq!(planned(PushGateway, false).await, there("push-gateway", false));
    assert_eq!(planned(Appservice, true).await, there("appservice", true));
}

#[test]
fn each_service_has_a_name_of_its_own() {
    let names = [
        Homeserver::NAME,
        ServerName::NAME,
        Identity::NAME,
        Integrations::NAME,
        Federation::NAME,
        MasAdmin::NAME,
        PushGateway::NAME,
        Appservice::NAME,
    ];
    assert_eq!(BTreeSet::from(names).len(), names.len());
    #[cfg(feature = "client-server")]
    for metadata in matrix_api::client_server::OPERATIONS {
        assert!(names[..2].contains(&metadata.service), "{}", metadata.id);
    }
}
