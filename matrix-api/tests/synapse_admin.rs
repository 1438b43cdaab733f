//! What Synapse's admin API does differently, from the value that a caller builds to the bytes on the wire and back.
#![cfg(feature = "synapse-admin")]

#[path = "support/forms.rs"]
mod forms;

use matrix_api::{Patch, Response, UnixMillis, UnixSeconds, UserId, json, synapse_admin::*};
use types::{ExperimentalFeatures, ExternalId, Medium, UserType};

use forms::{answered, body, read, refused, sent};

const USER: &str = "PUT /_synapse/admin/v2/users/%40u%3Ahs [application/json] ";

/// One user as a row of a list and by itself, with the same `creation_ts` on the wire.
const ROW: &str = r#"{"name":"@u:hs","user_type":null,"is_guest":0,"admin":1,"deactivated":false,"shadow_banned":false,
    "displayname":null,"avatar_url":null,"creation_ts":1700000000000,"erased":0,"last_seen_ts":null,"locked":true}"#;
const ONE: &str = r#"{"name":"@u:hs","user_type":"bot","is_guest":false,"admin":false,"deactivated":false,
    "shadow_banned":false,"displayname":"U","avatar_url":null,"creation_ts":1700000000,"erased":false,
    "last_seen_ts":1700000000001,"locked":false,"suspended":true,"threepids":[{"medium":"email","address":"a@b.c",
    "validated_at":1,"added_at":2}],"external_ids":[{"auth_provider":"oidc","external_id":"7"}],"appservice_id":null,
    "consent_server_notice_sent":null,"consent_version":"1.0","consent_ts":null}"#;

#[test]
fn a_user_is_made_of_what_is_set_and_of_nothing_else() {
    assert_eq!(sent(&CreateOrModifyUser::new("@u:hs")), format!("{USER}{{}}"));
    let all = CreateOrModifyUser::new("@u:hs")
        .password("p")
        .logout_devices(false)
        .displayname("")
        .avatar_url("")
        .threepids([create_or_modify_user::Threepid::new(Medium::Email, "a@b.c")])
        .external_ids([ExternalId::new("oidc", "7")])
        .admin(false)
        .deactivated(false)
        .locked(false)
        .user_type(UserType::Bot)
        .approved(true);
    assert_eq!(
        sent(&all),
        format!(
            "{USER}{}",
            r#"{"password":"p","logout_devices":false,"displayname":"","avatar_url":"","threepids":[{"medium":"email","address":"a@b.c"}],"external_ids":[{"auth_provider":"oidc","external_id":"7"}],"admin":false,"deactivated":false,"locked":false,"user_type":"bot","approved":true}"#
        )
    );
}

#[test]
fn absent_null_and_set_are_three() {
    let user = CreateOrModifyUser::new("@u:hs");
    assert_eq!(user.user_type, Patch::Absent);
    assert_eq!(sent(&user.clone().user_type_null()), format!(r#"{USER}{{"user_type":null}}"#));
    assert_eq!(sent(&user.user_type("of-our-own")), format!(r#"{USER}{{"user_type":"of-our-own"}}"#));
    let token = "PUT /_synapse/admin/v1/registration_tokens/t [application/json] ";
    let update = UpdateRegistrationToken::new("t");
    assert_eq!(sent(&update), format!("{token}{{}}"));
    assert_eq!(
        sent(&update.clone().uses_allowed_null().expiry_time(7)),
        format!(r#"{token}{{"uses_allowed":null,"expiry_time":7}}"#)
    );
    // An empty list clears, none leaves alone.
    let none: [ExternalId; 0] = [];
    assert_eq!(sent(&CreateOrModifyUser::new("@u:hs").external_ids(none)), format!(r#"{USER}{{"external_ids":[]}}"#));
}

#[test]
fn what_is_dangerous_has_no_default() {
    assert_eq!(
        sent(&DeactivateUser::new("@u:hs")),
        "POST /_synapse/admin/v1/deactivate/%40u%3Ahs [application/json] {}"
    );
    assert_eq!(
        sent(&RegisterUser::new("n", "u", "p", "m")),
        r#"POST /_synapse/admin/v1/register [application/json] {"nonce":"n","username":"u","password":"p","mac":"m"}"#
    );
    // Required: whoever asks for it has to say which.
    assert_eq!(
        sent(&SetUserAdminStatus::new("@u:hs", false)),
        r#"PUT /_synapse/admin/v1/users/%40u%3Ahs/admin [application/json] {"admin":false}"#
    );
    assert_eq!(
        sent(&ResetUserPassword::new("@u:hs", "p").logout_devices(false)),
        r#"POST /_synapse/admin/v1/reset_password/%40u%3Ahs [application/json] {"new_password":"p","logout_devices":false}"#
    );
    assert_eq!(
        sent(&RedactUserEvents::new("@u:hs", ["!r:hs"]).limit(2).before_ts(5)),
        r#"POST /_synapse/admin/v1/user/%40u%3Ahs/redact [application/json] {"rooms":["!r:hs"],"limit":2,"before_ts":5}"#
    );
}

#[test]
fn one_name_counts_seconds_here_and_milliseconds_there() {
    let list: ListUsersResponse = read(&format!(r#"{{"users":[{ROW}],"total":1}}"#));
    let one: GetUserResponse = read(ONE);
    let (ms, s): (Option<UnixMillis>, UnixSeconds) = (list.users[0].creation_ts, one.user.creation_ts);
    assert_eq!(ms.unwrap().to_system_time(), s.to_system_time());
    assert_eq!((ms.unwrap().get(), s.get()), (1_700_000_000_000, 1_700_000_000));
}

#[test]
fn a_boolean_of_sqlite_is_one_or_zero() {
    let list: ListUsersV3Response = read(&format!(r#"{{"users":[{ROW}],"total":1}}"#));
    let user = &list.users[0];
    assert_eq!((user.is_guest, user.admin, user.erased, user.locked), (false, true, false, Some(true)));
    let media = |authenticated: &str| -> ListUserMediaResponse {
        read(&format!(
            r#"{{"media":[{{"media_id":"m","media_type":null,"media_length":null,"upload_name":null,"created_ts":1,
            "url_cache":null,"last_access_ts":null,"quarantined_by":null,"safe_from_quarantine":0,"user_id":"@u:hs",
            "authenticated":{authenticated},"sha256":null}}],"total":1}}"#
        ))
    };
    let seen = ["1", "0", "true", "false", "null"].map(|form| media(form).media[0].authenticated);
    assert_eq!(seen, [Some(true), Some(false), Some(true), Some(false), None]);
    // Other numbers are no booleans: the strict reading fails, and the lenient one leaves it out.
    assert_eq!(media("2").media[0].authenticated, None);
}

#[test]
fn a_page_begins_at_a_text_or_a_number() {
    let users: ListUsersResponse = read(r#"{"users":[],"total":300,"next_token":"100"}"#);
    let media: ListUserMediaResponse = read(r#"{"media":[],"total":300,"next_token":100}"#);
    assert_eq!(users.next_token, media.next_token);
    let (users, media) = (users.next_token.unwrap(), media.next_token.unwrap());
    assert_eq!(sent(&ListUsersV3::new().from(users)), "GET /_synapse/admin/v3/users?from=100");
    assert_eq!(sent(&ListUserMedia::new("@u:hs").from(media)), "GET /_synapse/admin/v1/users/%40u%3Ahs/media?from=100");
    assert_eq!(sent(&ListEventReports::new().from(5).limit(0)), "GET /_synapse/admin/v1/event_reports?from=5&limit=0");
    let last: ListUsersResponse = read(r#"{"users":[],"total":300}"#);
    assert_eq!(last.next_token, None);
}

#[test]
fn a_list_may_leave_out_several_types_and_the_empty_one() {
    let users = ListUsers::new()
        .guests(false)
        .name("ü")
        .order_by("creation_ts")
        .dir(types::Direction::Backward)
        .not_user_type([UserType::Bot, UserType::from("")]);
    assert_eq!(
        sent(&users),
        "GET /_synapse/admin/v2/users?name=%C3%BC&guests=false&order_by=creation_ts&dir=b\
         &not_user_type=bot&not_user_type="
    );
    // Parts of ids are no ids.
    assert_eq!(sent(&ListUsers::new().user_id("b:h")), "GET /_synapse/admin/v2/users?user_id=b%3Ah");
    assert_eq!(
        sent(&ListUserReports::new().target_user_id("spam").user_id("@")),
        "GET /_synapse/admin/v1/user_reports?user_id=%40&target_user_id=spam"
    );
}

#[test]
fn an_answer_may_be_one_key_that_nobody_knows_before() {
    let answer: SuspendUserResponse = read(r#"{"user_@bob:hs_suspended":true}"#);
    assert!(answer.suspended["user_@bob:hs_suspended"]);
}

#[test]
fn an_answer_may_be_a_list() {
    let answer: SearchUsersResponse =
        read(r#"[{"name":"@u:hs","password_hash":null,"is_guest":0,"admin":1,"user_type":null}]"#);
    assert_eq!((answer.users[0].name.as_str(), answer.users[0].admin), ("@u:hs", true));
    assert!(answer.users[0].password_hash.is_none());
    assert!(read::<SearchUsersResponse>("[]").users.is_empty());
    assert!(SearchUsersResponse::from_json(b"{}").is_err());
    assert_eq!(sent(&SearchUsers::new("@admin:hs", "bo")), "GET /_synapse/admin/v1/search_users/%40admin%3Ahs?term=bo");
}

#[test]
fn an_answer_hangs_on_its_status() {
    use get_redact_status::Status;

    let complete: GetRedactStatusResponse = read(r#"{"status":"complete","failed_redactions":{"$e":"no"}}"#);
    assert_eq!(complete.status, Status::Complete);
    assert_eq!(complete.failed_redactions["$e"], "no");
    let failed: GetRedactStatusResponse = read(r#"{"status":"failed","error":"why"}"#);
    assert_eq!((failed.status, failed.error.as_deref()), (Status::Failed, Some("why")));
    let other: GetRedactStatusResponse = read(r#"{"status":"paused"}"#);
    assert!(!other.status.is_known());
    // No limit is an object without members, not zeros.
    let none: GetUserRatelimitResponse = read("{}");
    assert_eq!((none.messages_per_second, none.burst_count), (None, None));
    let some: GetUserRatelimitResponse = read(r#"{"messages_per_second":0,"burst_count":0}"#);
    assert_eq!((some.messages_per_second, some.burst_count), (Some(0), Some(0)));
}

#[test]
fn what_a_user_keeps_comes_back_as_it_was() {
    let answer: GetUserAccountDataResponse = read(
        r#"{"account_data":{"global":{"m.x":{"a":[1, 2]}},"rooms":{"!r:hs":{"m.fully_read":{"event_id":"$e"}}}}}"#,
    );
    assert_eq!(answer.account_data.global["m.x"].json(), r#"{"a":[1, 2]}"#);
    assert_eq!(answer.account_data.rooms["!r:hs"]["m.fully_read"].json(), r#"{"event_id":"$e"}"#);
    let one: GetUserResponse = read(ONE);
    assert_eq!(one.user.threepids[0].added_at, UnixMillis(2));
    assert_eq!((one.user.user_type, one.user.suspended), (Some(UserType::Bot), Some(true)));
}

#[test]
fn everything_in_a_path_is_escaped() {
    assert_eq!(
        sent(&FindUserByExternalId::new("oidc", "a/b?c#d")),
        "GET /_synapse/admin/v1/auth_providers/oidc/users/a%2Fb%3Fc%23d"
    );
    assert_eq!(
        sent(&FindUserByThreepid::new(Medium::Msisdn, "4912")),
        "GET /_synapse/admin/v1/threepid/msisdn/users/4912"
    );
    assert_eq!(sent(&DeleteUserDevice::new("@u:hs", "A/B")), "DELETE /_synapse/admin/v2/users/%40u%3Ahs/devices/A%2FB");
    assert_eq!(sent(&GetEventReport::new(7)), "GET /_synapse/admin/v1/event_reports/7");
}

#[test]
fn a_feature_is_on_off_or_left_alone() {
    let features = ExperimentalFeatures::new().msc3881(true).extra("msc9999", false);
    assert_eq!(
        sent(&SetUserExperimentalFeatures::new("@u:hs", features)),
        r#"PUT /_synapse/admin/v1/experimental_features/%40u%3Ahs [application/json] {"features":{"msc3881":true,"msc9999":false}}"#
    );
    let answer: GetUserExperimentalFeaturesResponse =
        read(r#"{"features":{"msc3881":true,"msc3575":false,"msc4222":false,"msc9999":true}}"#);
    assert_eq!((answer.features.msc3881, answer.features.extra.get("msc9999")), (Some(true), Some(&json!(true))));
}

#[test]
fn a_notice_is_sent_once_or_as_often_as_it_is_asked_for() {
    let content = json!({"msgtype": "m.text", "body": "Hello"});
    assert_eq!(
        sent(&SendServerNoticeWithTxn::new("@u:hs", content.clone())),
        r#"PUT /_synapse/admin/v1/send_server_notice/t1 [application/json] {"user_id":"@u:hs","content":{"body":"Hello","msgtype":"m.text"}}"#
    );
    assert_eq!(
        sent(&SendServerNotice::new(UserId::from("@u:hs"), content).type_("m.x").state_key("")),
        r#"POST /_synapse/admin/v1/send_server_notice [application/json] {"user_id":"@u:hs","content":{"body":"Hello","msgtype":"m.text"},"type":"m.x","state_key":""}"#
    );
}

#[test]
fn the_status_tells_made_from_changed() {
    let of = |status| answered::<CreateOrModifyUserResponse>(status, &[], ONE).unwrap();
    assert_eq!((of(201).status, of(200).status), (201, 200));
    assert_eq!(of(201).user.name.as_str(), "@u:hs");
}

#[test]
fn a_user_who_is_none_is_not_asked_for() {
    for wrong in ["u", "@u", ""] {
        let why = refused(&GetUser::new(wrong));
        assert!(why.contains("getUser") && why.contains("user_id"), "{why}");
    }
}

/// A body that may be left out is there all the same: other Synapses were stricter.
#[test]
fn a_body_without_members_is_an_object() {
    assert_eq!(&body(&LoginAsUser::new("@u:hs"))[..], b"{}");
    assert_eq!(&body(&SetUserRatelimit::new("@u:hs"))[..], b"{}");
    assert!(body(&ShadowBanUser::new("@u:hs")).is_empty());
    assert!(body(&DeleteUserMedia::new("@u:hs")).is_empty());
}

/// Synapse refuses these two without a body, which other servers do not even read.
#[test]
fn a_room_is_deleted_with_a_body() {
    let room = "/rooms/%21r%3Ahs [application/json] ";
    assert_eq!(sent(&DeleteRoom::new("!r:hs")), format!("DELETE /_synapse/admin/v2{room}{{}}"));
    assert_eq!(
        sent(&DeleteRoomSync::new("!r:hs").block(true).purge(false)),
        format!(r#"DELETE /_synapse/admin/v1{room}{{"block":true,"purge":false}}"#)
    );
    assert!(body(&DeleteRegistrationToken::new("t")).is_empty());
}

/// What these two take stands in the query alone.
#[test]
fn a_post_may_have_no_body() {
    let delete = DeleteMediaByDateOrSize::new(UnixMillis(1_700_000_000_000)).size_gt(5).keep_profiles(false);
    assert_eq!(
        sent(&delete),
        "POST /_synapse/admin/v1/media/delete?before_ts=1700000000000&size_gt=5&keep_profiles=false"
    );
    assert_eq!(
        sent(&PurgeRemoteMediaCache::new(UnixMillis(7))),
        "POST /_synapse/admin/v1/purge_media_cache?before_ts=7"
    );
}

#[test]
fn made_is_as_good_as_done() {
    for status in [200, 201] {
        answered::<CreateUserDeviceResponse>(status, &[], "{}").unwrap();
    }
    // A proxy may take the empty object away.
    answered::<CreateUserDeviceResponse>(204, &[], "").unwrap();
}
