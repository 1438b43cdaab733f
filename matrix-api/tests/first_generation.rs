//! What the first generation could do, and what it got wrong: every call of it that lives on is
//! here, and each mistake of it is not.
#![cfg(feature = "client-server")]
#![allow(deprecated)]

#[path = "support/forms.rs"]
#[allow(dead_code)]
mod forms;

use std::collections::{BTreeMap, BTreeSet};

use matrix_api::{Auth, Metadata, Place, client_server::*, http::Method, json};

use forms::sent;

/// Every call of the first generation: its name, method and path, and the operation of today.
const CALLS: &str = include_str!("../../tests/data/first-generation-calls.tsv");

/// One row of [`CALLS`].
struct Call<'a> {
    name: &'a str,
    operation: &'a str,
    method: &'a str,
    path: &'a str,
    status: &'a str,
}

impl Call<'_> {
    fn api(&self) -> &'static str {
        if self.status == "removed" {
            return "none";
        }
        let apis = [
            ("/_matrix/client/", "client-server"),
            ("/_matrix/media/", "client-server"),
            ("/.well-known/", "client-server"),
            ("/_synapse/admin/", "synapse-admin"),
            ("/_matrix/integrations/", "integrations"),
        ];
        let found = apis.iter().find(|(start, _)| self.path.starts_with(start));
        found.unwrap_or_else(|| panic!("{}: {} belongs to no API", self.name, self.path)).1
    }
}

fn calls() -> Vec<Call<'static>> {
    let mut lines = CALLS.lines();
    assert_eq!(lines.next(), Some("class\tmethod\told_full_path\tmodern_operationId\tmodern_method_path\tstatus"));
    lines
        .map(|line| {
            let columns: Vec<_> = line.split('\t').collect();
            let [name, _, _, operation, call, status] = columns[..] else { panic!("{line}") };
            let (method, path) = call.split_once(' ').unwrap_or(("", ""));
            Call { name, operation, method, path, status }
        })
        .collect()
}

/// The parameters that the row has a value for, if the path fits the template.
fn fills<'a>(template: &'a str, path: &'a str) -> Option<Vec<(&'a str, &'a str)>> {
    let (template, path): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
    let pairs = template.iter().zip(&path).filter(|(expected, found)| expected != found);
    let filled = pairs.map(|(expected, found)| expected.starts_with('{').then_some((*expected, *found)));
    if template.len() == path.len() { filled.collect() } else { None }
}

#[test]
fn every_living_call_is_here() {
    let operations: BTreeMap<&str, &Metadata> = OPERATIONS.iter().map(|metadata| (metadata.id, *metadata)).collect();
    let mut found = BTreeSet::new();
    let mut filled = Vec::new();
    for call in calls().iter().filter(|call| call.api() == "client-server") {
        let metadata = operations.get(call.operation).unwrap_or_else(|| panic!("{}: no {}", call.name, call.operation));
        assert_eq!(metadata.method.as_str(), call.method, "{}", call.name);
        let values = fills(metadata.path, call.path);
        let values = values.unwrap_or_else(|| panic!("{}: {} is not {}", call.name, call.path, metadata.path));
        filled.extend(values.into_iter().map(|(_, value)| (call.name, value)));
        found.insert(call.operation);
    }
    // Two operations of today were two calls each.
    assert_eq!(found.len(), 113);
    assert_eq!(
        filled,
        [
            ("profile%set-display-name", "displayname"),
            ("profile%get-display-name", "displayname"),
            ("profile%set-avatar-url", "avatar_url"),
            ("profile%get-avatar-url", "avatar_url"),
        ]
    );
}

#[test]
fn every_other_call_has_its_place() {
    let mut count: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for call in calls() {
        *count.entry((call.api(), call.status)).or_default() += 1;
    }
    assert_eq!(
        count,
        BTreeMap::from([
            (("client-server", "ok"), 105),
            (("client-server", "moved"), 10),
            (("synapse-admin", "ok"), 57),
            (("synapse-admin", "moved"), 3),
            (("integrations", "ok"), 2),
            (("none", "removed"), 1),
        ])
    );
    let removed: Vec<_> = calls().iter().filter(|call| call.api() == "none").map(|call| call.name).collect();
    assert_eq!(removed, ["admin%delete-group"]);
}

/// No call is addressed to the first versions of the API any more.
#[test]
fn no_path_is_of_the_old_version() {
    for metadata in OPERATIONS {
        assert!(!metadata.path.contains("/r0/") && !metadata.path.contains("unstable"), "{}", metadata.id);
    }
}

macro_rules! forms {
    ($($name:ident: $request:expr, $form:expr;)*) => {$(
        #[test]
        fn $name() {
            assert_eq!(sent(&$request), $form);
        }
    )*};
}

// What each call that was wrong looks like now.
forms! {
    a_state_event_is_read_under_state:
        GetRoomStateWithKey::new("!r:hs", "m.room.member", "@u:hs"),
        "GET /_matrix/client/v3/rooms/%21r%3Ahs/state/m.room.member/%40u%3Ahs";
    a_password_is_reset_under_request_token:
        RequestTokenToResetPasswordEmail::new("s", "a@b.c", 1),
        "POST /_matrix/client/v3/account/password/email/requestToken [application/json] \
         {\"client_secret\":\"s\",\"email\":\"a@b.c\",\"send_attempt\":1}";
    a_rooms_aliases_are_under_rooms:
        GetLocalAliases::new("!r:hs"),
        "GET /_matrix/client/v3/rooms/%21r%3Ahs/aliases";
    sso_takes_redirect_url:
        RedirectToSso::new("https://bot/"),
        "GET /_matrix/client/v3/login/sso/redirect?redirectUrl=https%3A%2F%2Fbot%2F";
    third_party_users_are_found_by_userid:
        QueryUserById::new("@u:hs"),
        "GET /_matrix/client/v3/thirdparty/user?userid=%40u%3Ahs";
    third_party_places_are_found_by_alias:
        QueryLocationByAlias::new("#r:hs"),
        "GET /_matrix/client/v3/thirdparty/location?alias=%23r%3Ahs";
    third_party_users_are_found_by_fields_in_the_query:
        QueryUserByProtocol::new("irc").fields([("nick".to_owned(), "u".to_owned())]),
        "GET /_matrix/client/v3/thirdparty/user/irc?nick=u";
    third_party_places_are_found_by_fields_in_the_query:
        QueryLocationByProtocol::new("irc").fields([("channel".to_owned(), "#r".to_owned())]),
        "GET /_matrix/client/v3/thirdparty/location/irc?channel=%23r";
    a_report_is_posted:
        ReportEvent::new("!r:hs", "$e").reason("spam"),
        r#"POST /_matrix/client/v3/rooms/%21r%3Ahs/report/%24e [application/json] {"reason":"spam"}"#;
    an_upgrade_names_its_version:
        UpgradeRoom::new("!r:hs", "12"),
        r#"POST /_matrix/client/v3/rooms/%21r%3Ahs/upgrade [application/json] {"new_version":"12"}"#;
    a_rooms_account_data_is_sent:
        SetAccountDataPerRoom::new("@u:hs", "!r:hs", "org.example.x", json!({"a": 1})),
        "PUT /_matrix/client/v3/user/%40u%3Ahs/rooms/%21r%3Ahs/account_data/org.example.x [application/json] {\"a\":1}";
    an_invite_by_mail_keeps_its_name:
        CreateRoom::new().invite_3pid([types::Invite3pid::new("id.hs", "t", "email", "a@b.c")]),
        "POST /_matrix/client/v3/createRoom [application/json] {\"invite_3pid\":[{\"id_server\":\"id.hs\",\
         \"id_access_token\":\"t\",\"medium\":\"email\",\"address\":\"a@b.c\"}]}";
    a_registration_has_password_and_name:
        Register::new().username("u").password("p").initial_device_display_name("bot"),
        "POST /_matrix/client/v3/register [application/json] \
         {\"username\":\"u\",\"password\":\"p\",\"initial_device_display_name\":\"bot\"}";
    push_rules_keep_their_slash:
        GetPushRules::new(),
        "GET /_matrix/client/v3/pushrules/";
    turn_servers_are_asked_without_a_body:
        GetTurnServer::new(),
        "GET /_matrix/client/v3/voip/turnServer";
    media_is_asked_without_what_was_not_set:
        GetContentAuthed::new("hs", "m"),
        "GET /_matrix/client/v1/media/download/hs/m";
}

#[test]
fn a_message_to_a_device_is_authorised() {
    assert_eq!(sent_as("sendToDevice"), Auth::AccessToken);
    let messages = [("@u:hs".into(), [("D".to_owned(), matrix_api::Raw::new(&json!({"a": 1})))].into())];
    assert_eq!(
        sent(&SendToDevice::new("m.dummy", messages)),
        r#"PUT /_matrix/client/v3/sendToDevice/m.dummy/t1 [application/json] {"messages":{"@u:hs":{"D":{"a":1}}}}"#
    );
}

fn sent_as(id: &str) -> Auth {
    OPERATIONS.iter().find(|metadata| metadata.id == id).unwrap().auth
}

/// JSON unless it is bytes; and bytes are what the caller says they are.
#[test]
fn each_call_has_its_content_type() {
    let ban = sent(&Ban::new("!r:hs", "@u:hs"));
    assert!(ban.contains(" [application/json] "), "{ban}");
    let upload = UploadContent::new("a,b").content_type("text/csv; charset=utf-8");
    assert_eq!(sent(&upload), "POST /_matrix/media/v3/upload [text/csv; charset=utf-8] a,b");
    assert_eq!(
        forms::refused(&UploadContent::new("a").content_type("text/csv\r\nX-Evil: 1")),
        "uploadContent: header Content-Type must be printable ASCII"
    );
}

/// The first generation sent a body with every call.
#[test]
fn a_read_has_no_body_and_a_deletion_only_where_it_is_defined() {
    for metadata in OPERATIONS {
        let body = metadata.fields.iter().any(|field| matches!(field.place, Place::Body | Place::Special));
        if metadata.method == Method::GET || metadata.method == Method::DELETE {
            assert_eq!(body, metadata.id == "deleteDevice", "{}", metadata.id);
        }
    }
    for form in [
        sent(&GetRoomEvents::new("!r:hs", "b")),
        sent(&SyncEvents::new().timeout(0)),
        sent(&GetJoinedRooms::new()),
        sent(&DeleteRoomAlias::new("#r:hs")),
        sent(&DeleteRoomKeys::new("1")),
        sent(&DeleteRoomTag::new("@u:hs", "!r:hs", "u.x")),
        sent(&DeleteProfileField::new("@u:hs", "displayname")),
    ] {
        assert_eq!(form.split(' ').count(), 2, "{form}");
    }
    assert_eq!(sent(&DeleteDevice::new("D")), "DELETE /_matrix/client/v3/devices/D [application/json] {}");
}

/// What is required and is no constructor's argument of its own type is refused before any I/O.
#[test]
fn what_is_missing_is_refused() {
    use forms::refused;
    let rows = [
        (refused(&GetRoomState::new("")), "getRoomState: path parameter roomId must not be empty"),
        (refused(&GetFilter::new("@u:hs", "")), "getFilter: path parameter filterId must not be empty"),
        (refused(&Ban::new("!r:hs", "")), "ban: body field user_id must not be empty"),
        (refused(&QueryLocationByAlias::new("")), "queryLocationByAlias: query parameter alias must not be empty"),
        (refused(&JoinRoom::new("room")), "joinRoom: path parameter roomIdOrAlias must start with `!` or `#`"),
        (
            refused(&JoinRoom::new("#r:hs").via(["a/b"])),
            "joinRoom: query parameter via must be a host with an optional port",
        ),
        (refused(&SendMessage::new("!r:hs", "", json!({}))), "sendMessage: path parameter eventType must not be empty"),
    ];
    for (found, expected) in rows {
        assert_eq!(found, expected);
    }
    let unwritable = BTreeMap::from([((1, 2), 3)]);
    assert_eq!(
        refused(&SendMessage::new("!r:hs", "m.room.message", unwritable)),
        "sendMessage: the body has a map whose keys are not text"
    );
}

#[cfg(feature = "client")]
mod before_sending {
    use matrix_api::{Client, ErrorKind, RetryPolicy, Session};

    use super::*;

    /// A client whose server is nowhere.
    async fn client(token: bool) -> Client {
        let builder = Client::builder().base_url("http://127.0.0.1:9").retry(RetryPolicy::none());
        let session = Session::new("@me:hs", "http://127.0.0.1:9").access_token("canary");
        if token { builder.session(session) } else { builder }.build().await.unwrap()
    }

    #[tokio::test]
    async fn a_call_that_needs_a_login_is_not_tried_without() {
        let (guest, user) = (client(false).await, client(true).await);
        let error = guest.send(GetJoinedRooms::new()).await.unwrap_err();
        assert_eq!((error.kind(), error.operation()), (ErrorKind::NotLoggedIn, Some("getJoinedRooms")));
        // What needs none is tried, and finds nobody.
        assert_eq!(guest.send(GetLoginFlows::new()).await.unwrap_err().kind(), ErrorKind::Transport);
        assert_eq!(user.send(GetJoinedRooms::new()).await.unwrap_err().kind(), ErrorKind::Transport);

        // Without, for those who may, and for those who must; as a guest and as a user.
        let tokens = |client: &Client| {
            let plans =
                [client.plan(&GetLoginFlows::new()), client.plan(&GetVersions::new()), client.plan(&LogoutAll::new())];
            plans
                .map(|plan| plan.unwrap())
                .map(|plan| (plan.headers().contains_key("authorization"), plan.missing().len()))
        };
        assert_eq!(tokens(&guest), [(false, 0), (false, 0), (true, 1)]);
        assert_eq!(tokens(&user), [(false, 0), (true, 0), (true, 0)]);
    }

    #[tokio::test]
    async fn every_call_can_be_looked_at_first() {
        let client = client(false).await;
        let message = SendMessage::new("!r:hs", "m.room.message", json!({"body": "tea?"}));
        assert_eq!(
            client.plan(&message).unwrap().to_string(),
            "PUT http://127.0.0.1:9/_matrix/client/v3/rooms/%21r%3Ahs/send/m.room.message/made-at-send\n\
             content-type: application/json\nauthorization: Bearer ***\n\n{\"body\":\"***\"}\n\nmissing: access token"
        );
        let login = Login::new("m.login.password").user("u").password("canary");
        let plan = client.plan(&login).unwrap();
        assert_eq!(
            plan.to_string(),
            "POST http://127.0.0.1:9/_matrix/client/v3/login\ncontent-type: application/json\n\n\
             {\"type\":\"m.login.password\",\"user\":\"u\",\"password\":\"***\"}"
        );
        assert_eq!((plan.operation(), plan.missing()), ("login", &[][..]));
        let upload = client.plan(&UploadContent::new(&[0xff, 0x00][..])).unwrap().to_string();
        assert!(upload.ends_with("\n\n(2 bytes)\n\nmissing: access token"), "{upload}");
        // What cannot be sent cannot be planned, and says why.
        let error = client.plan(&GetRoomState::new("")).unwrap_err();
        assert_eq!(error.to_string(), "getRoomState: path parameter roomId must not be empty");
    }
}

/// Every other name of it: its wrappers, helpers and builders.
const NAMES: &str = include_str!("../../tests/data/first-generation-names.tsv");
/// The page that says what each is now. That the new names exist is rustdoc's to check: they are links.
const PAGE: &str = include_str!("../docs/first-generation.md");

/// The rows of the page's tables by what is in their first column.
fn page() -> BTreeMap<&'static str, Vec<&'static str>> {
    let rows = PAGE.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix('|'));
    let mut found = BTreeMap::<_, Vec<_>>::new();
    for row in rows {
        let (name, rest) = row.split_once(" | ").unwrap();
        found.entry(name.trim_matches('`')).or_default().push(rest);
    }
    found
}

#[test]
fn every_name_is_on_the_page() {
    let page = page();
    let is_answered = |name: &str| page.get(name).is_some_and(|rows| rows.iter().all(|row| row.contains("](crate::")));
    let mut groups = BTreeMap::<&str, usize>::new();
    for line in NAMES.lines().skip(1) {
        let (group, name) = line.split_once('\t').unwrap();
        assert!(is_answered(name), "{name}");
        *groups.entry(group).or_default() += 1;
    }
    // As the study of it counts them, and a helper of integrations that it does not count.
    let counts = ["user", "sync", "filter", "space", "integration", "serialise", "builder"].map(|group| groups[group]);
    assert_eq!(counts, [36, 11, 5, 5, 4, 2, 18]);
    for call in calls() {
        assert!(is_answered(call.name), "{}", call.name);
    }
}

#[test]
fn every_flow_is_shown_or_says_why_not() {
    let flows = PAGE.split_once("# Flows of a bot").unwrap().1;
    let rows: Vec<_> = flows.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| Flow ")).collect();
    assert_eq!(rows.len(), 27);
    let live = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/tests/live");
    for row in rows {
        let shown = row.trim_end_matches(" |").rsplit(" | ").next().unwrap();
        if shown.starts_with("none: ") {
            continue;
        }
        for test in shown.split(", ") {
            let (module, name) = test.trim_matches('`').split_once("::").unwrap_or_else(|| panic!("{row}"));
            let text = std::fs::read_to_string(live.join(module).with_extension("rs")).unwrap();
            assert!(text.contains(&format!("async fn {name}()")), "{test}");
        }
    }
}
