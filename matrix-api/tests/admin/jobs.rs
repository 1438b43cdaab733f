use std::time::Duration;

use matrix_api::{Error, ErrorKind, admin::JobStatus, error::JobEnd, synapse_admin::*};

use crate::{
    lines,
    server::{Step, body, json},
    start,
};

fn task(status: &str, shutdown: &str) -> Step {
    json(
        200,
        &format!(r#"{{"delete_id":"d","room_id":"!r:example.org","status":"{status}","shutdown_room":{shutdown}}}"#),
    )
}

const SHUTDOWN: &str =
    r#"{"kicked_users":["@bob:example.org"],"failed_to_kick_users":[],"local_aliases":[],"new_room_id":null}"#;

#[tokio::test]
async fn a_room_is_deleted() {
    let script = [
        json(200, r#"{"delete_id":"d"}"#),
        task("scheduled", "null"),
        task("active", SHUTDOWN),
        json(502, "{}"),
        task("complete", SHUTDOWN),
    ];
    let (server, admin) = start(false, script).await;
    let job = admin.delete_room(DeleteRoom::new("!r:example.org").block(true)).await.unwrap();
    assert_eq!(job.id(), "d");
    assert!(matches!(job.status().await.unwrap(), JobStatus::Waiting));
    let JobStatus::Running(Some(so_far)) = job.status().await.unwrap() else { panic!("it is at work") };
    assert_eq!(so_far.kicked_users.len(), 1);
    // A server that is away for a moment is waited for.
    let done = job.wait().every(Duration::from_millis(1)).await.unwrap();
    assert_eq!(done.kicked_users[0].as_str(), "@bob:example.org");
    let delete = "DELETE /_synapse/admin/v2/rooms/%21r%3Aexample.org".to_owned();
    let look = "GET /_synapse/admin/v2/rooms/delete_status/d".to_owned();
    assert_eq!(lines(&server), [&[delete][..], &vec![look; 4]].concat());
    assert_eq!(body(&server.seen()[2]), r#"{"block":true}"#);
}

#[tokio::test]
async fn why_it_failed_is_looked_up() {
    let tasks = r#"{"scheduled_tasks":[
        {"id":"other","action":"x","status":"failed","timestamp_ms":1,"resource_id":"!r:example.org","result":null,"error":"no"},
        {"id":"d","action":"x","status":"failed","timestamp_ms":1,"resource_id":"!r:example.org","result":null,"error":"disk full"}
    ]}"#;
    let (server, admin) = start(false, [task("failed", "null"), json(200, tasks), task("cancelled", "null")]).await;
    let job = admin.room_deletion("d");
    let error = job.wait().await.unwrap_err();
    assert_eq!((error.kind(), error.operation()), (ErrorKind::Job, Some("deleteRoom")));
    assert_eq!(error.to_string(), "deleteRoom: job d failed: disk full");
    assert!(error.may_have_been_sent());
    let Error::Job(failed) = error else { panic!("{error}") };
    assert_eq!((failed.id(), failed.end()), ("d", &JobEnd::Failed("disk full".to_owned())));
    assert_eq!(lines(&server)[1], "GET /_synapse/admin/v1/scheduled_tasks?resource_id=%21r%3Aexample.org");
    assert_eq!(job.wait().await.unwrap_err().to_string(), "deleteRoom: job d was called off");
}

#[tokio::test]
async fn a_deletion_under_way_is_taken_up() {
    let busy = || json(400, r#"{"errcode":"M_UNKNOWN","error":"Purge already in progress"}"#);
    let tasks = |status: &str| {
        let one = |id: &str, status: &str| {
            format!(r#"{{"delete_id":"{id}","room_id":"!r:example.org","status":"{status}","shutdown_room":null}}"#)
        };
        json(200, &format!(r#"{{"results":[{},{}]}}"#, one("old", "complete"), one("now", status)))
    };
    let (server, admin) = start(false, [busy(), tasks("active"), busy(), tasks("failed")]).await;
    let request = DeleteRoom::new("!r:example.org");
    assert_eq!(admin.delete_room(request.clone()).await.unwrap().id(), "now");
    // Refused for another reason.
    let error = admin.delete_room(request).await.unwrap_err();
    assert_eq!((error.kind(), error.message()), (ErrorKind::Api, Some("Purge already in progress")));
    assert_eq!(lines(&server)[1], "GET /_synapse/admin/v2/rooms/%21r%3Aexample.org/delete_status");
}

#[tokio::test]
async fn history_is_purged() {
    let status = |status: &str| json(200, &format!(r#"{{"status":"{status}"}}"#));
    let failed = json(200, r#"{"status":"failed","error":"no such event"}"#);
    let script = [json(200, r#"{"purge_id":"p"}"#), status("active"), status("complete"), failed];
    let (server, admin) = start(false, script).await;
    let job = admin.purge_history(PurgeRoomHistory::new("!r:example.org").purge_up_to_ts(5)).await.unwrap();
    job.wait().every(Duration::from_millis(1)).await.unwrap();
    assert_eq!(admin.history_purge("p").status().await.unwrap(), JobStatus::Failed("no such event".to_owned()));
    assert_eq!(lines(&server)[0], "POST /_synapse/admin/v1/purge_history/%21r%3Aexample.org");
    assert_eq!(lines(&server)[1], "GET /_synapse/admin/v1/purge_history_status/p");
}

#[tokio::test]
async fn a_users_events_are_redacted() {
    let script = [
        json(200, r#"{"redact_id":"x"}"#),
        json(200, r#"{"status":"scheduled"}"#),
        json(200, r#"{"status":"active"}"#),
        json(200, r#"{"status":"complete","failed_redactions":{"$a":"not allowed"}}"#),
    ];
    let (server, admin) = start(false, script).await;
    let all: [&str; 0] = [];
    let job = admin.redact_user(RedactUserEvents::new("@bob:example.org", all)).await.unwrap();
    assert_eq!(job.status().await.unwrap(), JobStatus::Waiting);
    let failed = job.wait().every(Duration::from_millis(1)).await.unwrap();
    assert_eq!(failed.iter().map(|(id, why)| (id.as_str(), why.as_str())).collect::<Vec<_>>(), [("$a", "not allowed")]);
    assert_eq!(lines(&server)[1], "GET /_synapse/admin/v1/user/redact_status/x");
}

#[tokio::test]
async fn background_updates_are_done_when_none_shows_twice() {
    let idle = || json(200, r#"{"enabled":true,"current_updates":{}}"#);
    let busy = r#"{"enabled":true,"current_updates":{"master":{"name":"n","total_item_count":1,"total_duration_ms":0.5,"average_items_per_ms":null}}}"#;
    let halted = json(200, r#"{"enabled":false,"current_updates":{}}"#);
    let script = [json(200, "{}"), halted, idle(), json(200, busy), idle(), idle()];
    let (server, admin) = start(false, script).await;
    let request = StartBackgroundUpdateJob::new("populate_stats_process_rooms");
    let job = admin.start_background_update(request).await.unwrap();
    assert_eq!(job.status().await.unwrap(), JobStatus::Waiting);
    assert_eq!(job.status().await.unwrap(), JobStatus::Running(None));
    job.wait().await.unwrap();
    assert_eq!(lines(&server).len(), 6);
}
