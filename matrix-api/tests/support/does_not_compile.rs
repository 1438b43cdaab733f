//! What must not compile, one proof each.
//!
//! The library takes this file in while its doc tests are run, and only then. Each proof comes
//! from the same text as a twin that does compile, so that nothing but what is said to be wrong
//! can be wrong.

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
    ($($name:ident: $to:literal is right, wrong for $($client:literal)*;)*) => {$(
        #[doc = pair!("```", $to, $to)]
        $(#[doc = pair!("```compile_fail,E0271", $to, $client)])*
        mod $name {}
    )*};
}

// Every wrong pair of a request and a client.
pairs! {
    to_homeserver: "Homeserver" is right, wrong for
        "ServerName" "Identity" "Integrations" "Federation" "MasAdmin" "PushGateway" "Appservice";
    to_server_name: "ServerName" is right, wrong for
        "Homeserver" "Identity" "Integrations" "Federation" "MasAdmin" "PushGateway" "Appservice";
    to_identity: "Identity" is right, wrong for
        "Homeserver" "ServerName" "Integrations" "Federation" "MasAdmin" "PushGateway" "Appservice";
    to_integrations: "Integrations" is right, wrong for
        "Homeserver" "ServerName" "Identity" "Federation" "MasAdmin" "PushGateway" "Appservice";
    to_federation: "Federation" is right, wrong for
        "Homeserver" "ServerName" "Identity" "Integrations" "MasAdmin" "PushGateway" "Appservice";
    to_mas_admin: "MasAdmin" is right, wrong for
        "Homeserver" "ServerName" "Identity" "Integrations" "Federation" "PushGateway" "Appservice";
    to_push_gateway: "PushGateway" is right, wrong for
        "Homeserver" "ServerName" "Identity" "Integrations" "Federation" "MasAdmin" "Appservice";
    to_appservice: "Appservice" is right, wrong for
        "Homeserver" "ServerName" "Identity" "Integrations" "Federation" "MasAdmin" "PushGateway";
}

macro_rules! expressions {
    ($($name:ident: $right:literal is right, $($code:literal for $wrong:literal)*;)*) => {$(
        #[doc = expression!("```", $right)]
        $(#[doc = expression!($code, $wrong)])*
        mod $name {}
    )*};
}

macro_rules! expression {
    ($fence:literal, $expression:literal) => {
        concat!($fence, "\nuse matrix_api::{RoomId, UserId, client_server::*};\n\nlet _ = ", $expression, ";\n```\n")
    };
}

// What is required cannot be forgotten, wherever it stands, nor can `new` be gone round.
expressions! {
    without_a_path_value: r#"GetRoomStateWithKey::new("!r:hs", "m.room.name", "")"# is right,
        "```compile_fail,E0061" for r#"GetRoomStateWithKey::new("!r:hs", "m.room.name")"#;
    without_a_query_value: r#"GetRoomEvents::new("!r:hs", "b")"# is right,
        "```compile_fail,E0061" for r#"GetRoomEvents::new("!r:hs")"#;
    without_a_query_value_that_has_a_default: r#"CheckUsernameAvailability::new("cat")"# is right,
        "```compile_fail,E0061" for "CheckUsernameAvailability::new()";
    without_a_body_value: r#"Ban::new("!r:hs", "@u:hs").reason("spam")"# is right,
        "```compile_fail,E0061" for r#"Ban::new("!r:hs").reason("spam")"#
        "```compile_fail,E0639" for
            r#"Ban { room_id: "!r:hs".into(), user_id: "@u:hs".into(), reason: None }"#;
    without_the_whole_body: r#"SendMessage::new("!r:hs", "m.room.message", ())"# is right,
        "```compile_fail,E0061" for r#"SendMessage::new("!r:hs", "m.room.message")"#;
    with_a_number_for_a_flag: r#"SyncEvents::new().full_state(true)"# is right,
        "```compile_fail,E0308" for r#"SyncEvents::new().full_state(1)"#;
    with_ids_swapped: r#"SetTyping::new(RoomId::from("!r:hs"), UserId::from("@u:hs"), true)"# is right,
        "```compile_fail,E0277" for r#"SetTyping::new(UserId::from("@u:hs"), RoomId::from("!r:hs"), true)"#;
}
