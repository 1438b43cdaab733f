//! Complaints, as a server administrator reads them.

use matrix_api::client_server::{ReportEvent, ReportUser};
use matrix_api::http::Method;
use matrix_api::synapse_admin::types::Direction;
use matrix_api::synapse_admin::{
    DeleteEventReport, DeleteUserReport, GetEventReport, GetUserReport, ListEventReports, ListUserReports,
};
use matrix_api::{ErrorCode, UnixMillis, json};
use matrix_api_tests::live::Live;
use serde_json::Value;

use crate::look;

#[tokio::test]
async fn of_events() {
    let live = Live::new("admin_reports::of_events");
    let (admin, author, reader) = (live.admin().await, live.new_user().await, live.new_user().await);
    let (author_id, reader_id) = (look::me(&author).await, look::me(&reader).await);
    let room = live.shared_room(&author, &reader).await;
    let (first, second) = (live.text(&author, &room, "fish").await, live.text(&author, &room, "more fish").await);
    // Clients of before Matrix 1.13 send how bad it is.
    let path = format!("/_matrix/client/v3/rooms/{room}/report/{first}");
    let report = reader.request(Method::POST, path).json(&json!({"reason": "smells", "score": -100}));
    report.send::<Value>().await.unwrap();
    reader.send(ReportEvent::new(&room, &second)).await.unwrap();

    let list = ListEventReports::new().user_id(reader_id.as_str()).room_id(room.as_str());
    let list = list.event_sender_user_id(&author_id);
    let answer = admin.send(list.clone().dir(Direction::Forward)).await.unwrap();
    assert_eq!((answer.total, answer.next_token), (2, None));
    let [one, other] = &answer.event_reports[..] else { panic!("two reports") };
    assert_eq!((&one.event_id, &one.room_id, &one.user_id), (&first, &room, &reader_id));
    assert_eq!((one.reason.as_deref(), one.score, one.sender.as_ref()), (Some("smells"), Some(-100), Some(&author_id)));
    assert!(one.received_ts <= UnixMillis::now() && one.canonical_alias.is_none());
    assert_eq!((&other.event_id, other.score), (&second, None));
    let newest = admin.send(list.limit(1)).await.unwrap();
    assert_eq!((newest.event_reports[0].id, newest.next_token.clone()), (other.id, Some(1.into())));
    let rest = admin.send(ListEventReports::new().user_id(reader_id.as_str()).from(newest.next_token.unwrap())).await;
    assert_eq!(rest.unwrap().event_reports[0].id, one.id);

    let full = admin.send(GetEventReport::new(one.id)).await.unwrap();
    assert_eq!((full.id, full.event_id, full.reason.as_deref()), (one.id, first, Some("smells")));
    assert_eq!(look::content(&full.event_json)["body"], "fish");
    admin.send(DeleteEventReport::new(one.id)).await.unwrap();
    look::refused(admin.send(GetEventReport::new(one.id)).await, 404, ErrorCode::NotFound);
    look::refused(admin.send(DeleteEventReport::new(-1)).await, 400, ErrorCode::InvalidParam);
}

#[tokio::test]
async fn of_users() {
    let live = Live::new("admin_reports::of_users");
    let (admin, author, reader) = (live.admin().await, live.new_user().await, live.new_user().await);
    let (author_id, reader_id) = (look::me(&author).await, look::me(&reader).await);
    for reason in ["sells fish", ""] {
        reader.send(ReportUser::new(&author_id, reason)).await.unwrap();
    }
    let list = ListUserReports::new().user_id(reader_id.as_str()).target_user_id(author_id.as_str());
    let answer = admin.send(list.clone().dir(Direction::Forward)).await.unwrap();
    assert_eq!(answer.total, 2);
    let [one, other] = &answer.user_reports[..] else { panic!("two reports") };
    assert_eq!((&one.user_id, &one.target_user_id, one.reason.as_str()), (&reader_id, &author_id, "sells fish"));
    assert!(one.received_ts <= UnixMillis::now() && other.reason.is_empty());
    let page = admin.send(list.clone().limit(1)).await.unwrap();
    assert_eq!((page.user_reports[0].id, page.next_token.as_ref().map(|token| token.as_str())), (other.id, Some("1")));
    assert_eq!(admin.send(list.from(page.next_token.unwrap())).await.unwrap().user_reports[0].id, one.id);
    let report = admin.send(GetUserReport::new(one.id)).await.unwrap().report;
    assert_eq!((report.id, report.reason.as_str()), (one.id, "sells fish"));
    admin.send(DeleteUserReport::new(one.id)).await.unwrap();
    look::refused(admin.send(GetUserReport::new(one.id)).await, 404, ErrorCode::NotFound);
}
