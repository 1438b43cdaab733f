//! The server itself, as its administrator sees it.

use std::{collections::BTreeMap, process::Command, time::Duration};

use matrix_api::client_server::QueryKeys;
use matrix_api::synapse_admin::list_destinations::DestinationOrder;
use matrix_api::synapse_admin::start_background_update_job::JobName;
use matrix_api::synapse_admin::types::Direction;
use matrix_api::synapse_admin::*;
use matrix_api::{ErrorCode, ServerName, UserId};
use matrix_api_tests::live::Live;

use crate::look;

#[tokio::test]
async fn version() {
    let live = Live::new("admin_server::version");
    let version = live.anonymous().await.send(GetServerVersion::new()).await.unwrap();
    assert!(version.server_version.starts_with("1."), "{version:?}");
    assert_eq!(version.python_version, None);
}

/// One test, since what it changes is the whole server's.
#[tokio::test]
async fn background_updates() {
    let live = Live::new("admin_server::background_updates");
    let admin = live.admin().await;
    assert!(admin.send(GetBackgroundUpdatesEnabled::new()).await.unwrap().enabled);
    assert!(!admin.send(SetBackgroundUpdatesEnabled::new(false)).await.unwrap().enabled);
    assert!(!admin.send(GetBackgroundUpdatesEnabled::new()).await.unwrap().enabled);
    assert!(!admin.send(GetBackgroundUpdatesStatus::new()).await.unwrap().enabled);
    let job = StartBackgroundUpdateJob::new(JobName::PopulateStatsProcessRooms);
    admin.send(&job).await.unwrap();
    look::refused(admin.send(&job).await, 400, ErrorCode::Unknown);
    assert!(admin.send(SetBackgroundUpdatesEnabled::new(true)).await.unwrap().enabled);
    for _ in 0..600 {
        let status = admin.send(GetBackgroundUpdatesStatus::new()).await.unwrap();
        assert!(status.enabled);
        if let Some((database, update)) = status.current_updates.iter().next() {
            assert_eq!((database.as_str(), update.name.as_str()), ("master", "populate_stats_process_rooms"));
            assert!(update.total_duration_ms >= 0.0 && update.total_item_count >= 0);
        } else if admin.send(&job).await.is_ok() {
            // Only a job that is done can be queued again.
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the job is not done after a minute");
}

#[tokio::test]
async fn destinations() {
    let live = Live::new("admin_server::destinations");
    let admin = live.admin().await;
    // Nothing listens there: asking for keys fails, and the server makes a note of it.
    let elsewhere = ServerName::from("localhost:9");
    let user = UserId::from(format!("@somebody:{elsewhere}"));
    let asked = admin.send(QueryKeys::new(BTreeMap::from([(user, vec![])]))).await.unwrap();
    assert!(asked.failures.contains_key(elsewhere.as_str()), "{asked:?}");
    let mut found = None;
    for _ in 0..600 {
        match admin.send(GetDestination::new(&elsewhere)).await {
            Ok(destination) if destination.destination.retry_interval > 0 => {
                found = Some(destination.destination);
                break;
            }
            Ok(_) => {}
            Err(error) => assert!(error.is_not_found(), "{error}"),
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let found = found.expect("the failure is noted within a minute");
    assert_eq!((&found.destination, found.last_successful_stream_ordering), (&elsewhere, None));
    assert!(found.retry_last_ts.get() > 1_600_000_000_000 && found.failure_ts.is_some(), "{found:?}");

    let list =
        ListDestinations::new().destination("HOST:9").order_by(DestinationOrder::RetryLastTs).dir(Direction::Backward);
    let list = admin.send(list).await.unwrap();
    assert_eq!((list.total, list.next_token, &list.destinations[0].destination), (1, None, &elsewhere));
    let rooms = admin.send(ListDestinationRooms::new(&elsewhere).limit(5)).await.unwrap();
    assert_eq!((rooms.total, rooms.rooms.len(), rooms.next_token), (0, 0, None));
    admin.send(ResetDestinationConnection::new(&elsewhere)).await.unwrap();
    look::refused(admin.send(GetDestination::new("nobody.example")).await, 404, ErrorCode::NotFound);
}

#[tokio::test]
async fn largest_rooms() {
    let live = Live::new("admin_server::largest_rooms");
    let admin = live.admin().await;
    let answer = admin.send(GetLargestRoomsStatistics::new()).await;
    if !live.is_postgres() {
        return look::refused(answer, 400, ErrorCode::Unknown);
    }
    // Synapse wants to know of seven tables which rooms they have most of. One of them, `event_edges`, has had no ids of
    // rooms for years, and before the database has looked at the others nothing is known of them either.
    let error = answer.unwrap_err();
    assert_eq!(error.message(), Some("Internal server error"));
    look::refused(Err::<(), _>(error), 500, ErrorCode::Unknown);

    // As on a server of old, whose database has looked at its tables.
    let (alice, bob) = (live.new_user().await, live.new_user().await);
    let room = live.shared_room(&alice, &bob).await;
    for _ in 0..20 {
        live.text(&alice, &room, "the same again").await;
    }
    let script = "update event_edges set room_id = events.room_id from events where events.event_id = event_edges.event_id; \
        analyze event_json, events, event_search, event_edges, event_push_actions, stream_ordering_to_exterm, \
        state_groups_state;";
    let mut psql = Command::new("psql");
    psql.args([
        "-q",
        "-v",
        "ON_ERROR_STOP=1",
        "-U",
        "postgres",
        "-d",
        "postgres",
        "-h",
        &live.database(),
        "-c",
        script,
    ]);
    assert!(psql.status().unwrap().success());
    let largest = admin.send(GetLargestRoomsStatistics::new()).await.unwrap().rooms;
    assert!((1..=10).contains(&largest.len()), "{largest:?}");
    assert!(largest.is_sorted_by(|a, b| a.estimated_size >= b.estimated_size), "{largest:?}");
    assert!(largest[0].estimated_size > 8192, "{largest:?}");
    assert!(largest.iter().all(|room| room.room_id.as_str().starts_with('!')), "{largest:?}");
}
