use std::sync::{Arc, Mutex};

use matrix_api::{UserId, synapse_admin::*};

use crate::{
    lines,
    server::{body, json},
    start,
};

const USERS: [&str; 3] = ["@a:example.org", "@b:example.org", "@c:example.org"];

#[tokio::test]
async fn nothing_stops_at_a_failure() {
    let refused = json(403, r#"{"errcode":"M_FORBIDDEN","error":"not invited"}"#);
    let joined = || json(200, r#"{"room_id":"!r:example.org"}"#);
    let (server, admin) = start(false, [joined(), refused, joined()]).await;
    let seen = Arc::new(Mutex::new(Vec::new()));
    let noted = seen.clone();
    let report = admin
        .join_many("#r:example.org", USERS)
        .at_once(1)
        .on_progress(move |progress| {
            let failed = progress.error.is_some();
            noted.lock().unwrap().push((
                progress.key.to_string(),
                progress.done,
                progress.failed,
                progress.total,
                failed,
            ));
        })
        .await;
    let keys: Vec<_> = report.items.iter().map(|item| (item.key.as_str(), item.outcome.is_ok())).collect();
    assert_eq!(keys, [(USERS[0], true), (USERS[1], false), (USERS[2], true)]);
    assert!(!report.is_success());
    assert_eq!(report.succeeded().count(), 2);
    assert_eq!(
        report.to_string(),
        "2 of 3 done\n@b:example.org: joinUserToRoom: 403 M_FORBIDDEN: not invited; the account lacks the right to do this"
    );
    assert_eq!(
        *seen.lock().unwrap(),
        [
            (USERS[0].to_owned(), 1, 0, 3, false),
            (USERS[1].to_owned(), 2, 1, 3, true),
            (USERS[2].to_owned(), 3, 1, 3, false),
        ]
    );
    assert_eq!(report.into_rest(), [UserId::from(USERS[1])]);
    assert_eq!(lines(&server)[0], "POST /_synapse/admin/v1/join/%23r%3Aexample.org");
    assert_eq!(body(&server.seen()[3]), r#"{"user_id":"@b:example.org"}"#);
}

#[tokio::test]
async fn a_plan_sends_nothing() {
    let (server, admin) = start(false, []).await;
    let deactivation = admin.deactivate_many(USERS, |user| DeactivateUser::new(user).erase(true));
    let plans = deactivation.plan().unwrap();
    let urls: Vec<_> = plans.iter().map(|plan| plan.url().rsplit('/').next().unwrap().to_owned()).collect();
    assert_eq!(urls, ["%40a%3Aexample.org", "%40b%3Aexample.org", "%40c%3Aexample.org"]);
    assert_eq!(plans[0].body().as_ref(), br#"{"erase":true}"#);
    assert!(admin.deactivate_many(USERS, DeactivateUser::new).plan().unwrap()[0].body().as_ref() == b"{}");
    assert_eq!(plans[0].operation(), "deactivateUser");
    assert!(lines(&server).is_empty());
}

#[tokio::test]
async fn a_lock_makes_no_account() {
    let missing = json(404, r#"{"errcode":"M_NOT_FOUND","error":"User not found"}"#);
    let (server, admin) = start(false, [missing]).await;
    let report = admin.lock_many(["@nobody:example.org"], true).await;
    assert!(report.items[0].outcome.as_ref().unwrap_err().is_not_found());
    assert_eq!(lines(&server), ["GET /_synapse/admin/v2/users/%40nobody%3Aexample.org"]);
    let plan = admin.lock_many(["@a:example.org"], false).plan().unwrap();
    assert_eq!((plan[0].operation(), plan[0].body().as_ref()), ("createOrModifyUser", &br#"{"locked":false}"#[..]));
}

#[tokio::test]
async fn rooms_are_deleted_in_jobs() {
    let started = |id: &str| json(200, &format!(r#"{{"delete_id":"{id}"}}"#));
    let (server, admin) = start(false, [started("1"), started("2")]).await;
    let rooms = ["!a:example.org", "!b:example.org"];
    let report = admin.delete_many(rooms, |room| DeleteRoom::new(room).purge(true)).at_once(1).await;
    let ids: Vec<_> = report.succeeded().map(|(room, job)| (room.as_str(), job.id())).collect();
    assert_eq!(ids, [(rooms[0], "1"), (rooms[1], "2")]);
    assert!(report.is_success());
    assert_eq!(body(&server.seen()[2]), r#"{"purge":true}"#);
}
