//! Secrets of requests.

use std::{collections::BTreeSet, fmt};

use matrix_api::{
    Metadata, Request, Secret,
    client_server::*,
    request::{encode, encode_redacted},
};
use types::{AuthData, Invite3pid};

use crate::{CANARY, canary, hidden, operations, text};

/// What a request was seen to do with its secrets.
pub(crate) struct Seen {
    metadata: &'static Metadata,
    /// As it is sent.
    sent: String,
}

/// Looks at a request from all sides.
pub(crate) fn look<R: Request + Clone + fmt::Debug>(request: R) -> Seen {
    hidden(&format!("{request:?} {request:#?} {:?}", request.clone()));
    hidden(&text(encode_redacted, &request));
    #[cfg(feature = "client")]
    hidden(&planned(&request));
    Seen { metadata: R::METADATA, sent: text(encode, &request) }
}

#[cfg(feature = "client")]
fn planned<R: Request>(request: &R) -> String {
    use matrix_api::ClientBuilder;

    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let client = runtime.block_on(ClientBuilder::<R::To>::new().base_url("https://hs").build()).unwrap();
    let plan = client.plan(request).unwrap();
    let shown = format!("{plan} {plan:?} {plan:#?} {} {}", plan.to_json(), plan.to_curl());
    assert!(shown.contains("***"), "{shown}");
    shown
}

pub(crate) fn secret(field: &str) -> Secret<String> {
    canary(field).into()
}

/// Proof for user-interactive authentication, whose session is as secret as its password.
fn auth() -> AuthData {
    AuthData::new().type_("m.login.password").session(canary("session")).extra("password", canary("auth"))
}

fn invite() -> Invite3pid {
    Invite3pid::new("id.hs", secret("id_access_token"), "email", "a@b.c")
}

/// Every operation that takes a secret, with all its secrets.
fn all() -> Vec<Seen> {
    let (client_secret, id_token) = (|| secret("client_secret"), || secret("id_access_token"));
    let creds = post3pids::ThreePidCreds::new(client_secret(), "id.hs", id_token(), "sid");
    vec![
        look(Add3pid::new(client_secret(), "sid").auth(auth())),
        look(Bind3pid::new(client_secret(), "id.hs", id_token(), "sid")),
        look(ChangePassword::new(secret("new_password")).auth(auth())),
        look(CreateRoom::new().invite_3pid([invite()])),
        look(DeactivateAccount::new().auth(auth())),
        look(DeleteDevice::new("D").auth(auth())),
        look(DeleteDevices::new(["D"]).auth(auth())),
        look(GenerateLoginToken::new().auth(auth())),
        look(InviteBy3pid::new("!r:hs", invite())),
        look(Login::new("m.login.password").password(secret("password")).token(secret("token"))),
        look(Post3pids::new(creds)),
        look(Refresh::new(secret("refresh_token"))),
        look(Register::new().password(secret("password")).auth(auth())),
        look(RegistrationTokenValidity::new(secret("token"))),
        look(RequestTokenTo3pidEmail::new(client_secret(), "a@b.c", 1).id_access_token(id_token())),
        look(RequestTokenTo3pidMsisdn::new(client_secret(), "DE", "1", 1).id_access_token(id_token())),
        look(RequestTokenToRegisterEmail::new(client_secret(), "a@b.c", 1).id_access_token(id_token())),
        look(RequestTokenToRegisterMsisdn::new(client_secret(), "DE", "1", 1).id_access_token(id_token())),
        look(RequestTokenToResetPasswordEmail::new(client_secret(), "a@b.c", 1).id_access_token(id_token())),
        look(RequestTokenToResetPasswordMsisdn::new(client_secret(), "DE", "1", 1).id_access_token(id_token())),
        look(UploadCrossSigningKeys::new().auth(auth())),
    ]
}

#[test]
fn every_secret_is_sent_and_none_is_shown() {
    let mut seen = all();
    #[cfg(feature = "synapse-admin")]
    seen.extend(crate::admin::requests());
    #[cfg(feature = "identity")]
    seen.extend(crate::identity::requests());
    let looked_at: BTreeSet<&str> = seen.iter().map(|one| one.metadata.id).collect();
    for metadata in operations() {
        if metadata.fields.iter().any(|field| field.sensitive) {
            assert!(looked_at.contains(metadata.id), "{} has a secret", metadata.id);
        }
    }
    for one in seen {
        let mut secrets = one.metadata.fields.iter().filter(|field| field.sensitive).peekable();
        assert!(secrets.peek().is_some() || one.sent.contains(CANARY), "{}", one.metadata.id);
        for field in secrets {
            assert!(one.sent.contains(&canary(field.name)), "{}: {} in {}", one.metadata.id, field.name, one.sent);
        }
    }
}

/// Within a field that is no secret itself.
#[test]
fn a_secret_deep_within_is_sent_and_the_rest_is_shown() {
    let request = CreateRoom::new().name("Tea").invite_3pid([invite()]);
    assert!(text(encode, &request).contains(r#""id_access_token":"canary-id_access_token","medium":"email""#));
    let shown = text(encode_redacted, &request);
    assert!(
        shown.contains(r#"{"name":"Tea","invite_3pid":[{"id_server":"id.hs","id_access_token":"***","medium":"email""#)
    );
    assert!(format!("{request:?}").contains("id_access_token: ***"));
}

/// A field that is called so is one, or it is known why not.
#[test]
fn nothing_that_is_called_a_secret_is_shown() {
    let words = ["password", "secret", "token", "auth", "cred"];
    let mut open: Vec<String> = Vec::new();
    for metadata in operations() {
        for field in metadata.fields.iter().filter(|field| !field.sensitive) {
            if words.iter().any(|word| field.name.contains(word)) {
                open.push(format!("{}.{}", metadata.id, field.name));
            }
        }
    }
    let identity: &[&str] = if cfg!(feature = "identity") { OPEN_IDENTITY } else { &[] };
    assert_eq!(open, [OPEN, identity].concat());
}

/// Fields that sound like secrets and are none.
const OPEN: &[&str] = &[
    // Whether one is asked for.
    "login.refresh_token",
    // An object with secrets of its own, each hidden by itself.
    "post3PIDs.three_pid_creds",
    // A public key and its signatures.
    "postRoomKeysVersion.auth_data",
    "putRoomKeysVersion.auth_data",
    // Whether one is asked for.
    "register.refresh_token",
    #[cfg(feature = "synapse-admin")]
    "registerUser.refresh_token",
];

/// The same of identity servers.
const OPEN_IDENTITY: &[&str] = &[
    // Names an invitation; everybody in the room can read it.
    "blindlySignStuffV2.token",
    // An object with a secret of its own.
    "registerAccount.openid_token",
];
