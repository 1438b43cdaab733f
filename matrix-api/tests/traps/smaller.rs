//! The smaller traps.

use matrix_api::{
    Effect, ErrorCode,
    bytes::Bytes,
    client_server::*,
    error::ApiError,
    http::{HeaderMap, StatusCode},
    json,
};

use crate::{
    forms::{answered, read, sent},
    operation, those,
};

#[test]
fn trap_smaller_two_ways_to_succeed() {
    for status in [200, 201] {
        let updated: UpdateDeviceResponse = answered(status, &[], "{}").unwrap();
        assert_eq!(updated.status, status);
    }
}

#[test]
fn trap_smaller_one_name_in_path_and_body() {
    let request = PutRoomKeysVersion::new("7", "m.megolm_backup.v1.curve25519-aes-sha2", json!({"public_key": "p"}));
    let algorithm = r#""algorithm":"m.megolm_backup.v1.curve25519-aes-sha2","auth_data":{"public_key":"p"}"#;
    let path = "PUT /_matrix/client/v3/room_keys/version/7 [application/json]";
    assert_eq!(sent(&request), format!("{path} {{{algorithm}}}"));
    assert_eq!(sent(&request.body_version("8")), format!(r#"{path} {{{algorithm},"version":"8"}}"#));
}

#[test]
fn trap_smaller_error_codes_are_open() {
    let body = Bytes::from_static(br#"{"errcode":"COM.EXAMPLE.MYAPPSERVICE_FORBIDDEN","error":"no"}"#);
    let refusal = ApiError::read(StatusCode::FORBIDDEN, &HeaderMap::new(), body);
    let code = refusal.errcode().unwrap();
    assert_eq!((code.as_str(), code.is_known()), ("COM.EXAMPLE.MYAPPSERVICE_FORBIDDEN", false));
    assert_eq!(ErrorCode::from("COM.EXAMPLE.MYAPPSERVICE_FORBIDDEN"), *code);
    for metadata in OPERATIONS {
        for code in metadata.errcodes {
            assert!(ErrorCode::from(*code).is_known(), "{}: {code}", metadata.id);
        }
    }
}

#[test]
fn trap_smaller_deprecated_is_a_word_with_a_value() {
    assert_eq!(
        those(|metadata| metadata.deprecated),
        [
            "getConfig",
            "getContent",
            "getContentOverrideName",
            "getContentThumbnail",
            "getEvents",
            "getOneEvent",
            "getUrlPreview",
            "initialSync",
            "post3PIDs"
        ]
    );
    // The document says `deprecated: false` of it.
    assert!(!operation("roomInitialSync").deprecated);
}

/// Members whose schema is a reference with words beside it.
#[test]
fn trap_smaller_siblings_of_references() {
    let answer: GetCapabilitiesResponse = read(
        r#"{"capabilities":{"m.change_password":{"enabled":false},"m.set_displayname":{"enabled":true},
            "m.room_versions":{"default":"12","available":{"12":"stable","x":"other"}},"org.example":{"a":1}}}"#,
    );
    let capabilities = answer.capabilities;
    assert!(!capabilities.change_password.unwrap().enabled);
    assert!(capabilities.set_displayname.unwrap().enabled);
    assert!(capabilities.set_avatar_url.is_none());
    assert_eq!(capabilities.room_versions.unwrap().available["x"].as_ref(), "other");
    assert_eq!(capabilities.extra.get("org.example"), Some(&json!({"a": 1})));
}

/// One list of values in several orders is still the same values.
#[test]
fn trap_smaller_enums_in_any_order() {
    for presence in ["online", "offline", "unavailable"] {
        let answer: GetPresenceResponse = read(&format!(r#"{{"presence":"{presence}"}}"#));
        assert_eq!(answer.presence.to_string(), presence);
        assert_eq!(
            sent(&SetPresence::new("@u:hs", presence)),
            format!(
                r#"PUT /_matrix/client/v3/presence/%40u%3Ahs/status [application/json] {{"presence":"{presence}"}}"#
            )
        );
        assert_eq!(
            sent(&SyncEvents::new().set_presence(presence)),
            format!("GET /_matrix/client/v3/sync?set_presence={presence}")
        );
    }
    for dir in ["b", "f"] {
        assert_eq!(
            sent(&GetRelatingEvents::new("!r:hs", "$e").dir(dir)),
            format!("GET /_matrix/client/v1/rooms/%21r%3Ahs/relations/%24e?dir={dir}")
        );
    }
    for visibility in ["public", "private"] {
        let answer: GetRoomVisibilityOnDirectoryResponse = read(&format!(r#"{{"visibility":"{visibility}"}}"#));
        assert_eq!(answer.visibility.unwrap().as_ref(), visibility);
        assert_eq!(
            sent(&CreateRoom::new().visibility(visibility)),
            format!(r#"POST /_matrix/client/v3/createRoom [application/json] {{"visibility":"{visibility}"}}"#)
        );
    }
}

/// Examples of the documents are no part of their schemas: nothing of them is sent or expected.
#[test]
fn trap_smaller_examples_are_no_defaults() {
    for metadata in OPERATIONS {
        assert!(!metadata.path.contains("example"), "{}", metadata.id);
    }
    assert_eq!(operation("getVersions").effect, Effect::Reads);
    let versions: GetVersionsResponse = read(r#"{"versions":["r0.6.1","v1.19","v9.9"]}"#);
    assert_eq!(versions.versions, ["r0.6.1", "v1.19", "v9.9"]);
    assert!(versions.unstable_features.is_empty());
}
