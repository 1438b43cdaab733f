use std::sync::{Arc, Mutex};

use crate::{
    lines,
    server::{Step, json},
    start,
};

fn deleted(ids: &[&str]) -> Step {
    let list = ids.iter().map(|id| format!("\"{id}\"")).collect::<Vec<_>>().join(",");
    json(200, &format!(r#"{{"deleted_media":[{list}],"total":{}}}"#, ids.len()))
}

const PATH: &str = "/_synapse/admin/v1/users/%40bob%3Aexample.org/media";

#[tokio::test]
async fn page_by_page_until_nothing_is_left() {
    let (server, admin) = start(false, [deleted(&["a", "b"]), deleted(&["c"]), deleted(&[])]).await;
    let pages = Arc::new(Mutex::new(Vec::new()));
    let noted = pages.clone();
    let deletion = admin.delete_media_of("@bob:example.org").page_size(2);
    let report = deletion.on_progress(move |page| noted.lock().unwrap().push(page.len())).await;
    assert_eq!(report.deleted, ["a", "b", "c"]);
    assert!(report.error.is_none());
    assert_eq!(*pages.lock().unwrap(), [2, 1]);
    assert_eq!(lines(&server), vec![format!("DELETE {PATH}?limit=2"); 3]);
}

#[tokio::test]
async fn it_stops_with_what_it_has_done() {
    let broken = json(500, r#"{"errcode":"M_UNKNOWN","error":"Internal server error"}"#);
    let (server, admin) = start(false, [deleted(&["a"]), broken]).await;
    let report = admin.delete_media_of("@bob:example.org").await;
    assert_eq!(report.deleted, ["a"]);
    assert_eq!(report.error.unwrap().operation(), Some("deleteUserMedia"));
    assert_eq!(lines(&server).len(), 2);
    // A server that deletes the same file for ever.
    let (server, admin) = start(false, [deleted(&["a"]), deleted(&["a"])]).await;
    assert_eq!(admin.delete_media_of("@bob:example.org").await.deleted, ["a"]);
    assert_eq!(lines(&server).len(), 2);
}

#[tokio::test]
async fn a_plan_only_lists() {
    let file = |id: &str| {
        format!(
            r#"{{"user_id":"@bob:example.org","media_id":"{id}","media_type":null,"media_length":null,"upload_name":null,"created_ts":1,"last_access_ts":null,"url_cache":null,"quarantined_by":null,"sha256":null,"safe_from_quarantine":false,"authenticated":0}}"#
        )
    };
    let first = json(200, &format!(r#"{{"media":[{},{}],"total":3,"next_token":2}}"#, file("a"), file("b")));
    let second = json(200, &format!(r#"{{"media":[{}],"total":3}}"#, file("c")));
    let (server, admin) = start(false, [first, second]).await;
    let plan = admin.delete_media_of("@bob:example.org").page_size(2).plan().await.unwrap();
    assert_eq!(plan.files.iter().map(|file| file.media_id.as_str()).collect::<Vec<_>>(), ["a", "b", "c"]);
    assert_eq!(plan.requests.len(), 2);
    assert_eq!((plan.requests[0].method().as_str(), plan.requests[0].operation()), ("DELETE", "deleteUserMedia"));
    assert!(plan.requests[0].url().ends_with(&format!("{PATH}?limit=2")));
    assert_eq!(lines(&server), [format!("GET {PATH}?limit=2"), format!("GET {PATH}?from=2&limit=2")]);
}
