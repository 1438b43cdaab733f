//! Secrets of responses.

use std::{collections::BTreeSet, fmt, fs, path::Path};

use matrix_api::{Response, client_server::*};

use crate::hidden;

/// Reads a response whose secrets are canaries, and looks whether they show.
pub(crate) fn look<R: Response + fmt::Debug>(json: &str) -> R {
    assert!(json.contains("canary"));
    let response = R::from_json(json.as_bytes()).unwrap();
    hidden(&format!("{response:?} {response:#?}"));
    response
}

#[test]
fn no_response_shows_its_secrets() {
    let login: LoginResponse = look(
        r#"{"user_id":"@u:hs","device_id":"D","access_token":"canary-a","refresh_token":"canary-r","expires_in_ms":1}"#,
    );
    assert_eq!(login.access_token.expose(), "canary-a");
    assert_eq!(login.refresh_token.unwrap().expose(), "canary-r");
    let register: RegisterResponse =
        look(r#"{"user_id":"@u:hs","access_token":"canary-a","refresh_token":"canary-r"}"#);
    assert_eq!(register.access_token.unwrap().expose(), "canary-a");
    assert_eq!(register.refresh_token.unwrap().expose(), "canary-r");
    let refresh: RefreshResponse = look(r#"{"access_token":"canary-a","refresh_token":"canary-r"}"#);
    assert_eq!(refresh.access_token.expose(), "canary-a");
    assert_eq!(refresh.refresh_token.unwrap().expose(), "canary-r");
    let token: GenerateLoginTokenResponse = look(r#"{"login_token":"canary-l","expires_in_ms":120000}"#);
    assert_eq!(token.login_token.expose(), "canary-l");
    let openid: RequestOpenIdTokenResponse =
        look(r#"{"access_token":"canary-o","token_type":"Bearer","matrix_server_name":"hs","expires_in":3600}"#);
    assert_eq!(openid.token.access_token.expose(), "canary-o");
    let turn: GetTurnServerResponse =
        look(r#"{"username":"1443779631:@u:hs","password":"canary-t","uris":["turn:t.hs"],"ttl":86400}"#);
    assert_eq!(turn.password.expose(), "canary-t");
}

#[cfg(feature = "events")]
#[test]
fn no_content_shows_its_secrets() {
    use matrix_api::events::*;

    fn look<C: matrix_api::EventContent + fmt::Debug>(json: &str) -> C {
        assert!(json.contains("canary"));
        let content = serde_json::from_str::<C>(json).unwrap();
        hidden(&format!("{content:?} {content:#?}"));
        // To somebody else it goes as it is.
        assert!(serde_json::to_string(&content).unwrap().contains("canary"));
        content
    }
    let key = r#""algorithm":"a","room_id":"!r:hs","session_id":"s","session_key":"canary-k""#;
    assert_eq!(look::<RoomKey>(&format!("{{{key}}}")).session_key.expose(), "canary-k");
    let forwarded =
        format!(r#"{{{key},"sender_key":"x","sender_claimed_ed25519_key":"x","forwarding_curve25519_key_chain":[]}}"#);
    assert_eq!(look::<ForwardedRoomKey>(&forwarded).session_key.expose(), "canary-k");
    assert_eq!(look::<SecretSend>(r#"{"request_id":"1","secret":"canary-s"}"#).secret.expose(), "canary-s");
    look::<KeyVerificationStart>(r#"{"method":"m.reciprocate.v1","from_device":"D","secret":"canary-q"}"#);
    look::<RoomMessage>(
        r#"{"msgtype":"m.file","body":"f","file":{"url":"mxc://hs/x","iv":"x","hashes":{"sha256":"x"},"v":"v2",
            "key":{"kty":"oct","key_ops":[],"alg":"A256CTR","k":"canary-f","ext":true}}}"#,
    );
}

/// What is kept as it came shows its length only, whatever is in it.
#[test]
fn nothing_that_is_kept_as_it_came_is_shown() {
    look::<GetAccountDataResponse>(r#"{"key":"canary"}"#);
    look::<GetAccountDataPerRoomResponse>(r#"{"key":"canary"}"#);
    look::<GetProfileFieldResponse>(r#"{"org.example.canary":"canary"}"#);
    look::<GetRoomStateWithKeyResponse>(r#"{"token":"canary"}"#);
    look::<GetOneRoomEventResponse>(r#"{"type":"m.room.message","content":{"body":"canary"}}"#);
    look::<SyncEventsResponse>(
        r#"{"next_batch":"s","to_device":{"events":[{"type":"m.room_key","content":{"session_key":"canary"}}]},
            "account_data":{"events":[{"type":"canary","content":{"key":"canary"}}]},
            "rooms":{"join":{"!r:hs":{"timeline":{"events":[{"content":{"body":"canary"}}]}}}}}"#,
    );
    look::<GetRoomKeyBySessionIdResponse>(
        r#"{"first_message_index":0,"forwarded_count":0,"is_verified":true,"session_data":{"ciphertext":"canary"}}"#,
    );
    look::<GetRoomKeysVersionCurrentResponse>(
        r#"{"algorithm":"a","auth_data":{"private_key":"canary"},"count":1,"etag":"0","version":"1"}"#,
    );
}

/// The types of the generated code that have a secret, by the file they are in.
fn types_with_secrets(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            types_with_secrets(&path, found);
            continue;
        }
        let mut name = "";
        let text = fs::read_to_string(&path).unwrap();
        for line in text.lines() {
            if let Some(rest) = line.strip_prefix("pub struct ") {
                name = rest.split([' ', '{', '(']).next().unwrap();
            } else if line.starts_with("    pub ")
                && line.contains(": ")
                && line.contains("Secret<")
                && line.ends_with(',')
            {
                found.insert(name.to_owned());
            }
        }
    }
}

#[cfg(feature = "integrations")]
#[test]
fn no_token_of_an_integration_manager_is_shown() {
    use matrix_api::integrations::{RegisterIntegrationAccountResponse, RegisterScalarAccountResponse};
    look::<RegisterIntegrationAccountResponse>(r#"{"token":"canary-i"}"#);
    look::<RegisterScalarAccountResponse>(r#"{"scalar_token":"canary-i"}"#);
}

#[cfg(feature = "mas-admin")]
#[test]
fn no_token_of_the_authentication_service_is_shown() {
    fn hide<T: serde::de::DeserializeOwned + fmt::Debug>(json: &str) {
        assert!(json.contains("canary"));
        let value = serde_json::from_str::<T>(json).unwrap();
        hidden(&format!("{value:?} {value:#?}"));
    }
    hide::<matrix_api::mas_admin::types::PersonalSession>(
        r#"{"created_at":"","actor_user_id":"","human_name":"","scope":"","access_token":"canary-m"}"#,
    );
    hide::<matrix_api::mas_admin::types::UserRegistrationToken>(
        r#"{"token":"canary-m","valid":true,"times_used":0,"created_at":""}"#,
    );
}

/// What only requests carry: the canaries of every operation are in the tests of their own.
const SENT: [&str; 3] = ["AddUserRegistrationToken", "ExchangeOpenIdToken", "SetUserPassword"];

/// Those of the tests above.
const OTHERS: [&str; 4] =
    ["PersonalSession", "RegisterIntegrationAccountResponse", "RegisterScalarAccountResponse", "UserRegistrationToken"];

/// The types of `identity.rs`, which is there only with that feature.
const IDENTITY: [&str; 11] = [
    "BindV2",
    "BlindlySignStuffV2",
    "EmailRequestTokenV2",
    "EmailSubmitTokenGetV2",
    "EmailSubmitTokenPostV2",
    "GetValidated3pidV2",
    "MsisdnRequestTokenV2",
    "MsisdnSubmitTokenGetV2",
    "MsisdnSubmitTokenPostV2",
    "RegisterAccountResponse",
    "UnbindV2",
];

/// Another type with a secret needs another canary, here, in `requests.rs`, `admin.rs` or `identity.rs`.
#[test]
fn every_type_with_a_secret_has_its_canary() {
    let mut found = BTreeSet::new();
    types_with_secrets(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/generated"), &mut found);
    let here = [
        "EncryptedFileKey",
        "ForwardedRoomKey",
        "GenerateLoginTokenResponse",
        "GetTurnServerResponse",
        "LoginResponse",
        "OpenidToken",
        "ReciprocateV1Start",
        "RefreshResponse",
        "RegisterResponse",
        "RoomKey",
        "SecretSend",
    ];
    let requests = [
        "Add3pid",
        "Bind3pid",
        "ChangePassword",
        "DeactivateAccount",
        "DeleteDevice",
        "DeleteDevices",
        "GenerateLoginToken",
        "Invite3pid",
        "Login",
        "Refresh",
        "Register",
        "RegistrationTokenValidity",
        "RequestTokenTo3pidEmail",
        "RequestTokenTo3pidMsisdn",
        "RequestTokenToRegisterEmail",
        "RequestTokenToRegisterMsisdn",
        "RequestTokenToResetPasswordEmail",
        "RequestTokenToResetPasswordMsisdn",
        "ThreePidCreds",
        "UploadCrossSigningKeys",
    ];
    // Those of `admin.rs`.
    let admin = [
        "CreateOrModifyUser",
        "CreateRegistrationToken",
        "DeleteRegistrationToken",
        "FoundUser",
        "GetRegistrationToken",
        "LoginAsUserResponse",
        "RegisterUser",
        "RegisterUserResponse",
        "RegistrationToken",
        "ResetUserPassword",
        "UpdateRegistrationToken",
    ];
    let known = here.iter().chain(&requests).chain(&admin).chain(&IDENTITY).chain(&SENT).chain(&OTHERS);
    let known: BTreeSet<String> = known.map(ToString::to_string).collect();
    assert_eq!(found, known);
}
