//! Traps in bodies.

use matrix_api::{Map, Place, Request, Response, client_server::*, http::Method, json};

use crate::{
    forms::{answered, body, read, sent},
    operation, those,
};

/// The body of a JSON request as text.
fn json_body<R: Request>(request: &R) -> String {
    let form = sent(request);
    let (_, body) = form.split_once(" [application/json] ").unwrap_or_else(|| panic!("no JSON: {form}"));
    body.to_owned()
}

#[test]
fn trap_02_object_is_ambiguous() {
    // Free: everything comes back, byte by byte.
    let data = r#"{"b":{"x":[1,null]},"a":null}"#;
    assert_eq!(read::<GetAccountDataResponse>(data).content.json(), data);
    assert_eq!(read::<GetAccountDataPerRoomResponse>(data).content.json(), data);
    assert_eq!(json_body(&SetAccountData::new("@u:hs", "a.b", json!({"x": [1, null]}))), r#"{"x":[1,null]}"#);
    assert_eq!(json_body(&SetAccountDataPerRoom::new("@u:hs", "!r:hs", "a.b", json!({}))), "{}");
    assert_eq!(
        sent(&SendMessage::new("!r:hs", "m.room.message", json!({"msgtype": "m.text", "body": "é\"\n"}))),
        "PUT /_matrix/client/v3/rooms/%21r%3Ahs/send/m.room.message/t1 [application/json] \
         {\"body\":\"é\\\"\\n\",\"msgtype\":\"m.text\"}"
    );
    // Empty: the same words in the document, and nothing to fill in.
    assert_eq!(
        sent(&RequestOpenIdToken::new("@u:hs")),
        "POST /_matrix/client/v3/user/%40u%3Ahs/openid/request_token [application/json] {}"
    );
    assert!(operation("requestOpenIdToken").fields.iter().all(|field| field.place == Place::Path));
    // An empty answer may say more than it should, or nothing at all.
    for answer in ["{}", r#"{"surprise":1}"#, "[]", ""] {
        read::<LogoutResponse>(answer);
        read::<SetTypingResponse>(answer);
        read::<UploadCrossSigningKeysResponse>(answer);
    }
    assert!(LogoutResponse::from_json(b"<html>").is_err());
}

#[test]
fn trap_05_null_versus_absent() {
    use set_push_rule::{Action, Kind};
    use types::{PushCondition, PushConditionValue};

    // A pusher without a kind is deleted; the null must go out.
    assert_eq!(
        sent(&PostPusher::new("key", None, "app")),
        "POST /_matrix/client/v3/pushers/set [application/json] \
         {\"pushkey\":\"key\",\"kind\":null,\"app_id\":\"app\"}"
    );
    assert_eq!(
        json_body(&PostPusher::new("key", Some("http".to_owned()), "app").append(false)),
        r#"{"pushkey":"key","kind":"http","app_id":"app","append":false}"#
    );

    let condition = |kind: &str| PushCondition::new(kind).key("content.x");
    let rule = SetPushRule::new(Kind::Override, "r", [Action::Text("notify".to_owned())]).conditions([
        condition("event_property_is").value(PushConditionValue::Null),
        condition("event_property_is").value(PushConditionValue::Boolean(false)),
        condition("event_match"),
    ]);
    let conditions = r#"[{"kind":"event_property_is","key":"content.x","value":null},{"kind":"event_property_is","key":"content.x","value":false},{"kind":"event_match","key":"content.x"}]"#;
    assert_eq!(json_body(&rule), format!(r#"{{"actions":["notify"],"conditions":{conditions}}}"#));

    assert_eq!(
        json_body(
            &QueryPublicRooms::new()
                .filter(query_public_rooms::Filter::new().room_types([None, Some("m.space".into())]))
        ),
        r#"{"filter":{"room_types":[null,"m.space"]}}"#
    );
    assert_eq!(json_body(&QueryPublicRooms::new().filter(query_public_rooms::Filter::new())), r#"{"filter":{}}"#);
}

#[test]
fn trap_05_null_versus_absent_in_free_content() {
    assert_eq!(json_body(&SetProfileField::new("@u:hs", "m.tz", json!({"m.tz": null}))), r#"{"m.tz":null}"#);
    let field: GetProfileFieldResponse = read(r#"{"displayname":null}"#);
    assert_eq!(field.content.get("displayname"), Some(&json!(null)));

    // No identity server is wanted: that is a null within the account data.
    let none = json!({"base_url": null});
    assert_eq!(json_body(&SetAccountData::new("@u:hs", "m.identity_server", &none)), r#"{"base_url":null}"#);
    let data: GetAccountDataResponse = read(r#"{"base_url":null}"#);
    assert_eq!(data.content.decode::<serde_json::Value>().unwrap(), none);
    // In an answer that is read field by field, null is as good as absent.
    let found: GetWellknownResponse =
        read(r#"{"m.homeserver":{"base_url":"https://hs"},"m.identity_server":null,"org.example":null}"#);
    assert!(found.discovery.identity_server.is_none());
    assert_eq!(found.discovery.extra.get("org.example"), Some(&json!(null)));
}

/// What was written is what is read: `null` is a value to compare with, not the lack of one.
#[test]
fn trap_05_null_versus_absent_on_the_way_back() {
    use types::PushConditionValue;

    let rule: GetPushRuleResponse = read(
        r#"{"actions":["notify"],"default":false,"enabled":true,"rule_id":"r","conditions":[
            {"kind":"event_property_is","key":"content.x","value":null},
            {"kind":"event_property_is","key":"content.x","value":false},
            {"kind":"event_match","key":"content.x"}]}"#,
    );
    let conditions = rule.rule.conditions.unwrap();
    assert!(matches!(conditions[1].value, Some(PushConditionValue::Boolean(false))));
    assert!(conditions[2].value.is_none());
    assert!(matches!(conditions[0].value, Some(PushConditionValue::Null)), "{:?}", conditions[0].value);
    assert_eq!(
        serde_json::to_string(&conditions).unwrap(),
        r#"[{"kind":"event_property_is","key":"content.x","value":null},{"kind":"event_property_is","key":"content.x","value":false},{"kind":"event_match","key":"content.x"}]"#
    );
}

#[test]
fn trap_07_bodies_that_must_exist_or_must_not() {
    assert_eq!(sent(&CreateContent::new()), "POST /_matrix/media/v1/create [application/json] {}");
    assert_eq!(sent(&ForgetRoom::new("!r:hs")), "POST /_matrix/client/v3/rooms/%21r%3Ahs/forget [application/json] {}");
    assert_eq!(sent(&Logout::new()), "POST /_matrix/client/v3/logout");
    assert_eq!(sent(&LogoutAll::new()), "POST /_matrix/client/v3/logout/all");

    let delete = "DELETE /_matrix/client/v3/devices/D [application/json]";
    assert_eq!(sent(&DeleteDevice::new("D")), format!("{delete} {{}}"));
    let auth = types::AuthData::new().type_("m.login.password").session("s").extra("password", "p");
    assert_eq!(
        sent(&DeleteDevice::new("D").auth(auth)),
        format!(r#"{delete} {{"auth":{{"type":"m.login.password","session":"s","password":"p"}}}}"#)
    );

    let has_body = |place| matches!(place, Place::Body | Place::Special);
    for metadata in OPERATIONS {
        let takes_body = metadata.fields.iter().any(|field| has_body(field.place));
        match metadata.method {
            Method::GET => assert!(!takes_body, "{}", metadata.id),
            Method::DELETE => assert_eq!(takes_body, metadata.id == "deleteDevice", "{}", metadata.id),
            _ => {}
        }
    }
    assert_eq!(those(|metadata| metadata.method == Method::DELETE).len(), 9);
}

/// With nothing to say, an object is still due.
#[test]
fn trap_07_bodies_of_optional_fields_only() {
    let rows: &[(&str, String)] = &[
        ("deactivateAccount", json_body(&DeactivateAccount::new())),
        ("pingAppservice", json_body(&PingAppservice::new("a"))),
        ("createRoom", json_body(&CreateRoom::new())),
        ("uploadCrossSigningKeys", json_body(&UploadCrossSigningKeys::new())),
        ("updateDevice", json_body(&UpdateDevice::new("D"))),
        ("deleteDevice", json_body(&DeleteDevice::new("D"))),
        ("joinRoomById", json_body(&JoinRoomById::new("!r:hs"))),
        ("joinRoom", json_body(&JoinRoom::new("#r:hs"))),
        ("uploadKeys", json_body(&UploadKeys::new())),
        ("knockRoom", json_body(&KnockRoom::new("#r:hs"))),
        ("leaveRoom", json_body(&LeaveRoom::new("!r:hs"))),
        ("setRoomVisibilityOnDirectory", json_body(&SetRoomVisibilityOnDirectory::new("!r:hs"))),
        ("queryPublicRooms", json_body(&QueryPublicRooms::new())),
        ("generateLoginToken", json_body(&GenerateLoginToken::new())),
        ("setReadMarker", json_body(&SetReadMarker::new("!r:hs"))),
        ("postReceipt", json_body(&PostReceipt::new("!r:hs", "m.read", "$e"))),
        ("redactEvent", json_body(&RedactEvent::new("!r:hs", "$e"))),
        ("register", json_body(&Register::new())),
        ("reportEvent", json_body(&ReportEvent::new("!r:hs", "$e"))),
        ("setRoomTag", json_body(&SetRoomTag::new("@u:hs", "!r:hs", "u.x", types::Tag::new()))),
    ];
    for (id, body) in rows {
        assert_eq!(body, "{}", "{id}");
    }
    // These are all there are.
    let optional_only = those(|metadata| {
        let mut fields = metadata.fields.iter().filter(|field| field.place == Place::Body).peekable();
        fields.peek().is_some() && fields.all(|field| !field.required)
    });
    let mut named: Vec<&str> = rows.iter().map(|(id, _)| *id).filter(|id| *id != "setRoomTag").collect();
    named.sort_unstable();
    let mut found = optional_only;
    found.sort_unstable();
    assert_eq!(found, named);
}

const PICTURE: &[u8] = &[0x89, b'P', b'N', b'G', 0, 0xff];

#[test]
fn trap_08_content_type_and_bytes() {
    assert_eq!(
        sent(&UploadContent::new("text").content_type("text/plain").filename("a b.txt")),
        "POST /_matrix/media/v3/upload?filename=a%20b.txt [text/plain] text"
    );
    assert_eq!(
        sent(&UploadContentToMxc::new("hs", "m1", "text").content_type("image/png")),
        "PUT /_matrix/media/v3/upload/hs/m1 [image/png] text"
    );
    assert_eq!(sent(&UploadContent::new("")), "POST /_matrix/media/v3/upload [application/octet-stream]");
    assert_eq!(&body(&UploadContent::new(PICTURE))[..], PICTURE);
    assert_eq!(&body(&UploadContentToMxc::new("hs", "m1", PICTURE))[..], PICTURE);
}

#[test]
fn trap_08_content_type_and_bytes_of_downloads() {
    let headers = [("content-type", "image/png"), ("content-disposition", "inline; filename=a.png")];
    macro_rules! downloads {
        ($($response:ident)*) => {$(
            let file: $response = answered(200, &headers, PICTURE).unwrap();
            assert_eq!(&file.bytes[..], PICTURE);
            assert_eq!(file.content_type.map(|it| it.to_string()).as_deref(), Some("image/png"));
            assert_eq!(file.content_disposition.as_deref(), Some("inline; filename=a.png"));
            // Bytes are bytes, even if they are JSON or none; and headers may be missing.
            for content in ["{}", "", "null"] {
                let file: $response = answered(200, &[], content).unwrap();
                assert_eq!((&file.bytes[..], file.content_type), (content.as_bytes(), None));
            }
        )*};
    }
    downloads!(
        GetContentResponse GetContentOverrideNameResponse GetContentThumbnailResponse
        GetContentAuthedResponse GetContentOverrideNameAuthedResponse GetContentThumbnailAuthedResponse
    );
    let file: GetContentThumbnailResponse = answered(200, &[("content-type", "image/avif; q=1")], "").unwrap();
    assert_eq!(file.content_type.unwrap().as_ref(), "image/avif; q=1");
    assert_eq!(
        those(|metadata| metadata.bytes),
        [
            "getContent",
            "getContentAuthed",
            "getContentOverrideName",
            "getContentOverrideNameAuthed",
            "getContentThumbnail",
            "getContentThumbnailAuthed"
        ]
    );
}

/// Maps are the whole body, and their keys are ids.
#[test]
fn trap_02_object_is_ambiguous_in_maps() {
    let signatures = Map::from([(
        "@u:hs".into(),
        Map::from([("KEY".to_owned(), matrix_api::Raw::new(&json!({"signatures": {}})))]),
    )]);
    assert_eq!(
        sent(&UploadCrossSigningSignatures::new(signatures)),
        "POST /_matrix/client/v3/keys/signatures/upload [application/json] \
         {\"@u:hs\":{\"KEY\":{\"signatures\":{}}}}"
    );
}
