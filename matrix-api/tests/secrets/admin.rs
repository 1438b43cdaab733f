//! Secrets of Synapse's admin API.

use matrix_api::synapse_admin::*;

use crate::{
    requests::{Seen, look, secret},
    responses,
};

/// Every admin operation that takes a secret, with all its secrets.
pub(crate) fn requests() -> Vec<Seen> {
    vec![
        look(CreateRegistrationToken::new().token(secret("token"))),
        look(DeleteRegistrationToken::new(secret("token"))),
        look(GetRegistrationToken::new(secret("token"))),
        look(UpdateRegistrationToken::new(secret("token")).uses_allowed(1)),
    ]
}

#[test]
fn no_response_shows_its_secrets() {
    let token = r#"{"token":"canary-t","uses_allowed":null,"pending":0,"completed":0,"expiry_time":null}"#;
    let one: GetRegistrationTokenResponse = responses::look(token);
    assert_eq!(one.registration_token.token.expose(), "canary-t");
    let all: ListRegistrationTokensResponse = responses::look(&format!(r#"{{"registration_tokens":[{token}]}}"#));
    assert_eq!(all.registration_tokens[0].token.expose(), "canary-t");
}
