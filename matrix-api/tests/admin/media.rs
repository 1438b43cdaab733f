use std::{
    future::IntoFuture,
    sync::{Arc, Mutex},
};

use matrix_api::ErrorKind;

use crate::{
    lines,
    server::{Server, Step, json},
    start,
};

const BOB: &str = "@bob:example.org";
const LIST: &str = "GET /_synapse/admin/v1/users/%40bob%3Aexample.org/media";

/// A page of Bob's list.
fn page(ids: &[&str], total: usize) -> Step {
    let one = |id: &&str| {
        format!(
            r#"{{"media_id":"{id}","media_type":null,"media_length":null,"upload_name":null,"created_ts":1,
            "last_access_ts":null,"quarantined_by":null,"safe_from_quarantine":false}}"#
        )
    };
    let list = ids.iter().map(one).collect::<Vec<_>>().join(",");
    json(200, &format!(r#"{{"media":[{list}],"total":{total}}}"#))
}

fn deleted(id: &str) -> Step {
    json(200, &format!(r#"{{"deleted_media":["{id}"],"total":1}}"#))
}

fn broken() -> Step {
    json(500, r#"{"errcode":"M_UNKNOWN","error":"Internal server error"}"#)
}

fn delete(id: &str) -> String {
    format!("DELETE /_synapse/admin/v1/media/example.org/{id}")
}

#[tokio::test]
async fn listed_by_pages_and_deleted_one_by_one() {
    let script = [page(&["a", "b"], 3), page(&["c"], 3), deleted("a"), deleted("b"), deleted("c")];
    let (server, admin) = start(false, script).await;
    let seen = Arc::new(Mutex::new(Vec::new()));
    let noted = seen.clone();
    let deletion = admin.delete_media_of(BOB).page_size(2).at_once(1);
    let report = deletion
        .on_progress(move |file| noted.lock().unwrap().push((file.key.clone(), file.done, file.failed, file.total)))
        .await;
    assert!(report.is_success());
    assert_eq!(report.to_string(), "3 of 3 done");
    assert_eq!(
        *seen.lock().unwrap(),
        [("a", 1, 0, 3), ("b", 2, 0, 3), ("c", 3, 0, 3)].map(|(id, a, b, c)| (id.to_owned(), a, b, c))
    );
    let lists = [format!("{LIST}?limit=2"), format!("{LIST}?from=2&limit=2")];
    assert_eq!(lines(&server), [&lists[..], &["a", "b", "c"].map(delete)].concat());
}

#[tokio::test]
async fn nothing_stops_at_a_failure() {
    // The second page cannot be listed, one file cannot be deleted, and another is gone already.
    let gone = json(404, r#"{"errcode":"M_NOT_FOUND","error":"Unknown media"}"#);
    let script = [page(&["a", "b"], 6), broken(), page(&["e", "f"], 6), deleted("a"), broken(), gone, deleted("f")];
    let (server, admin) = start(false, script).await;
    let report = admin.delete_media_of(BOB).page_size(2).at_once(1).await;
    let outcomes: Vec<_> = report.files.items.iter().map(|item| (item.key.as_str(), item.outcome.is_ok())).collect();
    assert_eq!(outcomes, [("a", true), ("b", false), ("e", true), ("f", true)]);
    assert_eq!(
        report.unlisted.iter().map(|error| (error.kind(), error.operation())).collect::<Vec<_>>(),
        [(ErrorKind::Api, Some("listUserMedia"))]
    );
    assert!(!report.is_success());
    let internal = "500 M_UNKNOWN: Internal server error";
    let shown = report.to_string();
    assert!(shown.starts_with(&format!("3 of 4 done\nb: deleteMedia: {internal}")), "{shown}");
    assert!(shown.contains(&format!("\na page of files was not listed: listUserMedia: {internal}")), "{shown}");
    let lists = ["?limit=2", "?from=2&limit=2", "?from=4&limit=2"].map(|query| format!("{LIST}{query}"));
    assert_eq!(lines(&server), [&lists[..], &["a", "b", "e", "f"].map(delete)].concat());
    assert_eq!(report.files.into_rest(), ["b"]);
}

#[tokio::test]
async fn a_list_ends() {
    // A server that lists the same for ever.
    let (server, admin) = start(false, [page(&["a"], 99), page(&["a"], 99), deleted("a")]).await;
    assert_eq!(admin.delete_media_of(BOB).page_size(1).await.files.items.len(), 1);
    assert_eq!(lines(&server).len(), 3);
    // One that is away, from the beginning or after a while.
    let (server, admin) = start(false, [broken(), broken(), broken()]).await;
    let report = admin.delete_media_of(BOB).await;
    assert_eq!((report.unlisted.len(), report.files.items.len(), report.is_success()), (3, 0, false));
    assert_eq!(lines(&server).len(), 3);
    // One whose first page alone is broken.
    let (server, admin) = start(false, [broken(), page(&["b"], 2), deleted("b")]).await;
    let report = admin.delete_media_of(BOB).page_size(1).await;
    assert_eq!((report.unlisted.len(), report.files.succeeded().count()), (1, 1));
    assert_eq!(lines(&server).len(), 3);
    let (server, admin) = start(false, [page(&["a"], 99), broken(), broken(), broken(), deleted("a")]).await;
    let report = admin.delete_media_of(BOB).page_size(1).await;
    assert_eq!((report.unlisted.len(), report.files.succeeded().count()), (3, 1));
    assert_eq!(lines(&server).len(), 5);
    // Nobody's files.
    let (server, admin) = start(false, [page(&[], 0)]).await;
    assert!(admin.delete_media_of(BOB).await.is_success());
    assert_eq!(lines(&server).len(), 1);
}

/// As many at a time as may be, and no more.
#[tokio::test]
async fn a_few_at_a_time() {
    let ids = ["a", "b", "c", "d", "e", "f"];
    let server = Server::answering(move |request| match request.lines().next().unwrap() {
        line if line.contains("/register") => json(200, r#"{"nonce":"n"}"#),
        line if line.contains("/enabled") => json(200, r#"{"enabled":true}"#),
        line if line.starts_with("GET") => page(&ids, 6),
        _ => Step::Silence,
    })
    .await;
    let admin = crate::client(&server).await.synapse_admin().await.unwrap();
    let deletion = tokio::spawn(admin.delete_media_of(BOB).at_once(3).into_future());
    while server.seen().len() < 6 {
        tokio::task::yield_now().await;
    }
    assert_eq!((lines(&server).len(), server.open() >= 3), (4, true));
    deletion.abort();
    assert!(deletion.await.unwrap_err().is_cancelled());
    let sent = lines(&server);
    assert_eq!(sent.len(), 4, "{sent:?}");
}

#[tokio::test]
async fn a_plan_only_lists() {
    let (server, admin) = start(false, [page(&["a", "b"], 3), page(&["c"], 3), page(&["a"], 2), broken()]).await;
    let deletion = admin.delete_media_of(BOB).page_size(2);
    let plan = deletion.plan().await.unwrap();
    assert_eq!(plan.files.iter().map(|file| file.media_id.as_str()).collect::<Vec<_>>(), ["a", "b", "c"]);
    let shown: Vec<_> = plan.requests.iter().map(|plan| format!("{} {}", plan.method(), plan.url())).collect();
    assert_eq!(shown, ["a", "b", "c"].map(|id| delete(id).replacen(" ", &format!(" {}", server.url), 1)));
    assert_eq!(plan.requests[0].operation(), "deleteMedia");
    assert_eq!(lines(&server), [format!("{LIST}?limit=2"), format!("{LIST}?from=2&limit=2")]);
    // Half a plan is none.
    assert_eq!(admin.delete_media_of(BOB).page_size(1).plan().await.unwrap_err().kind(), ErrorKind::Api);
}
