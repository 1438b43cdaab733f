//! Secrets of identity servers.

use matrix_api::identity::{types::OpenidToken, unbind_v2::Threepid, *};

use crate::{
    requests::{Seen, look, secret},
    responses,
};

/// Every operation that takes a secret, with all its secrets.
pub(crate) fn requests() -> Vec<Seen> {
    let (client_secret, token) = (|| secret("client_secret"), || secret("token"));
    vec![
        look(BindV2::new("sid", client_secret(), "@u:hs")),
        look(BlindlySignStuffV2::new("@u:hs", "shown", secret("private_key"))),
        look(EmailRequestTokenV2::new(client_secret(), "a@b.c", 1)),
        look(EmailSubmitTokenGetV2::new("sid", client_secret(), token())),
        look(EmailSubmitTokenPostV2::new("sid", client_secret(), token())),
        look(GetValidated3pidV2::new("sid", client_secret())),
        look(MsisdnRequestTokenV2::new(client_secret(), "DE", "1", 1)),
        look(MsisdnSubmitTokenGetV2::new("sid", client_secret(), token())),
        look(MsisdnSubmitTokenPostV2::new("sid", client_secret(), token())),
        look(RegisterAccount::new(OpenidToken::new(secret("access_token"), "Bearer", "hs", 3600))),
        look(UnbindV2::new("@u:hs", Threepid::new("email", "a@b.c")).client_secret(client_secret())),
    ]
}

#[test]
fn no_response_shows_its_secrets() {
    let login: RegisterAccountResponse = responses::look(r#"{"token":"canary-t"}"#);
    assert_eq!(login.token.expose(), "canary-t");
}
