//! Secrets of Synapse's admin API.

use matrix_api::synapse_admin::*;

use crate::{
    requests::{Seen, look, secret},
    responses,
};

/// Every admin operation that takes a secret, with all its secrets.
pub(crate) fn requests() -> Vec<Seen> {
    vec![
        look(CreateOrModifyUser::new("@u:hs").password(secret("password"))),
        look(CreateRegistrationToken::new().token(secret("token"))),
        look(DeleteRegistrationToken::new(secret("token"))),
        look(GetRegistrationToken::new(secret("token"))),
        look(RegisterUser::new("nonce", "u", secret("password"), secret("mac"))),
        look(ResetUserPassword::new("@u:hs", secret("new_password"))),
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
    let found: SearchUsersResponse =
        responses::look(r#"[{"name":"@u:hs","password_hash":"canary-h","is_guest":0,"admin":1,"user_type":null}]"#);
    assert_eq!(found.users[0].password_hash.as_ref().unwrap().expose(), "canary-h");
    let login: LoginAsUserResponse = responses::look(r#"{"access_token":"canary-a"}"#);
    assert_eq!(login.access_token.expose(), "canary-a");
    let new: RegisterUserResponse = responses::look(
        r#"{"user_id":"@u:hs","home_server":"hs","access_token":"canary-a","refresh_token":"canary-r","expires_in_ms":1}"#,
    );
    assert_eq!(new.access_token.unwrap().expose(), "canary-a");
    assert_eq!(new.refresh_token.unwrap().expose(), "canary-r");
}
