use std::{
    future::IntoFuture,
    sync::{Arc, Mutex},
};

use matrix_api::{Batch, Request, RoomId, UserId, service::Homeserver, synapse_admin::*};

use crate::{
    lines,
    server::{Server, Step, body, json},
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
            let failed = progress.outcome.is_err();
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
    // The plan shows both.
    let plan = admin.lock_many(["@a:example.org", "@b:example.org"], false).plan().unwrap();
    let shown: Vec<_> = plan
        .iter()
        .map(|plan| (plan.operation(), plan.method().as_str(), plan.url().rsplit('/').next().unwrap(), plan.body()))
        .collect();
    let (none, body) = (&b""[..].into(), &br#"{"locked":false}"#[..].into());
    let [a, b] = ["%40a%3Aexample.org", "%40b%3Aexample.org"];
    assert_eq!(
        shown,
        [
            ("getUser", "GET", a, none),
            ("createOrModifyUser", "PUT", a, body),
            ("getUser", "GET", b, none),
            ("createOrModifyUser", "PUT", b, body),
        ]
    );
}

/// What a plan shows is what is sent, request by request.
#[tokio::test]
async fn plans_say_all_of_it() {
    async fn agree<K, R, T>(server: &Server, batch: Batch<K, R, T>)
    where
        K: Send + 'static,
        R: Request<To = Homeserver> + Send + 'static,
        T: Send + 'static,
    {
        let planned: Vec<_> =
            batch.plan().unwrap().iter().map(|plan| (plan.to_string(), plan.body().clone())).collect();
        let before = server.seen().len();
        assert!(batch.at_once(1).await.is_success());
        let sent = server.seen();
        assert_eq!(sent.len() - before, planned.len());
        for ((shown, content), request) in planned.iter().zip(&sent[before..]) {
            let line = shown.lines().next().unwrap().replacen(&server.url, "", 1);
            assert_eq!(request.lines().next().unwrap(), format!("{line} HTTP/1.1"));
            assert_eq!(body(request).as_bytes(), content);
        }
    }
    let user = r#"{"name":"@a:example.org","is_guest":0,"admin":0,"deactivated":false,"shadow_banned":false,"erased":false,"creation_ts":1}"#;
    let user = move || json(200, user);
    let joined = || json(200, r#"{"room_id":"!r:example.org"}"#);
    let unbound = || json(200, r#"{"id_server_unbind_result":"success"}"#);
    let script = [
        joined(),
        joined(),
        joined(),
        unbound(),
        unbound(),
        unbound(),
        user(),
        user(),
        user(),
        user(),
        user(),
        user(),
        json(200, r#"{"delete_id":"1"}"#),
    ];
    let (server, admin) = start(false, script).await;
    agree(&server, admin.join_many("#r:example.org", USERS)).await;
    agree(&server, admin.deactivate_many(USERS, |user| DeactivateUser::new(user).erase(true))).await;
    agree(&server, admin.lock_many(USERS, true)).await;
    agree(&server, admin.delete_many(["!a:example.org"], DeleteRoom::new)).await;
}

/// Another process goes on with what one has written down before it ended.
#[tokio::test]
async fn a_batch_goes_on_after_a_crash() {
    let started = |id: &str| json(200, &format!(r#"{{"delete_id":"{id}"}}"#));
    let rooms = ["!a:example.org", "!b:example.org", "!c:example.org"].map(RoomId::from);
    let (server, admin) = start(false, [started("1"), Step::Silence]).await;
    let noted = Arc::new(Mutex::new(Vec::new()));
    let (note, journal) = (noted.clone(), noted.clone());
    let batch = admin.delete_many(&rooms, DeleteRoom::new).at_once(1).on_progress(move |progress| {
        note.lock().unwrap().push((progress.key.clone(), progress.outcome.unwrap().id().to_owned()));
    });
    let crashed = tokio::spawn(batch.into_future());
    while server.seen().len() < 4 {
        tokio::task::yield_now().await;
    }
    crashed.abort();
    assert!(crashed.await.unwrap_err().is_cancelled());
    drop((admin, server));

    let noted = journal.lock().unwrap().clone();
    assert_eq!(noted, [(rooms[0].clone(), "1".to_owned())]);
    let done = |id: &str| {
        json(
            200,
            &format!(r#"{{"delete_id":"{id}","room_id":"!r:example.org","status":"complete","shutdown_room":null}}"#),
        )
    };
    // The second had begun, although nobody was told.
    let busy = json(400, r#"{"errcode":"M_UNKNOWN","error":"Purge already in progress"}"#);
    let task = r#"{"delete_id":"2","room_id":"!b:example.org","status":"active","shutdown_room":null}"#;
    let tasks = json(200, &format!(r#"{{"results":[{task}]}}"#));
    let (server, admin) = start(false, [busy, tasks, started("3"), done("1"), done("2"), done("3")]).await;
    let rest = rooms.iter().filter(|room| !noted.iter().any(|(done, _)| done == *room));
    let report = admin.delete_many(rest, DeleteRoom::new).at_once(1).await;
    let taken_up = noted.iter().map(|(_, id)| admin.room_deletion(id));
    for job in taken_up.chain(report.succeeded().map(|(_, job)| job.clone())) {
        job.wait().await.unwrap();
    }
    let wanted = [
        "DELETE /_synapse/admin/v2/rooms/%21b%3Aexample.org",
        "GET /_synapse/admin/v2/rooms/%21b%3Aexample.org/delete_status",
        "DELETE /_synapse/admin/v2/rooms/%21c%3Aexample.org",
        "GET /_synapse/admin/v2/rooms/delete_status/1",
        "GET /_synapse/admin/v2/rooms/delete_status/2",
        "GET /_synapse/admin/v2/rooms/delete_status/3",
    ];
    assert_eq!(lines(&server), wanted);
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
