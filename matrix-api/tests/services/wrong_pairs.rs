//! One proof per wrong pair: a request for one service, given to the client of another, does not
//! compile. Each proof comes from the same text as its right pair, which does compile, so that
//! nothing but the pair can be what is wrong.

/// A request for `$to`, sent by the client of `$client`.
macro_rules! pair {
    ($fence:literal, $to:literal, $client:literal) => {
        concat!(
            $fence,
            "
use matrix_api::{Client, Metadata, Request, Response, http::Method, service};
use matrix_api::wire::{DecodeError, Reply};

struct Ask;
struct Answer;

impl Request for Ask {
    type To = service::",
            $to,
            ";
    type Response = Answer;
    const METADATA: &'static Metadata = &Metadata::new(\"ask\", Method::GET, \"/ask\");
}

impl Response for Answer {
    fn read(reply: &mut Reply<'_>) -> Result<Self, DecodeError> {
        reply.empty().map(|()| Self)
    }
}

async fn send(client: &Client<service::",
            $client,
            ">) -> matrix_api::Result<Answer> {
    client.send(Ask).await
}
```
"
        )
    };
}

macro_rules! pairs {
    ($($to:literal is right, wrong for $($client:literal)*;)*) => {$(
        #[doc = pair!("```", $to, $to)]
        $(#[doc = pair!("```compile_fail,E0271", $to, $client)])*
        const _: () = ();
    )*};
}

pairs! {
    "Homeserver" is right, wrong for
        "ServerName" "Identity" "Integrations" "Federation" "MasAdmin" "PushGateway" "Appservice";
    "ServerName" is right, wrong for
        "Homeserver" "Identity" "Integrations" "Federation" "MasAdmin" "PushGateway" "Appservice";
    "Identity" is right, wrong for
        "Homeserver" "ServerName" "Integrations" "Federation" "MasAdmin" "PushGateway" "Appservice";
    "Integrations" is right, wrong for
        "Homeserver" "ServerName" "Identity" "Federation" "MasAdmin" "PushGateway" "Appservice";
    "Federation" is right, wrong for
        "Homeserver" "ServerName" "Identity" "Integrations" "MasAdmin" "PushGateway" "Appservice";
    "MasAdmin" is right, wrong for
        "Homeserver" "ServerName" "Identity" "Integrations" "Federation" "PushGateway" "Appservice";
    "PushGateway" is right, wrong for
        "Homeserver" "ServerName" "Identity" "Integrations" "Federation" "MasAdmin" "Appservice";
    "Appservice" is right, wrong for
        "Homeserver" "ServerName" "Identity" "Integrations" "Federation" "MasAdmin" "PushGateway";
}
