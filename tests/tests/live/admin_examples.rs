//! The examples for administrators, run as the processes that they are.

use std::process::Command;
use std::time::Duration;

use matrix_api::admin::SynapseAdmin;
use matrix_api::client_server::{CreateRoom, LeaveRoom, ReportEvent, ReportUser};
use matrix_api::synapse_admin::{GetRoomDeleteTask, GetRoomDetails, ListRoomDeleteTasks, ListRooms};
use matrix_api::{Client, RoomId};
use matrix_api_tests::live::{Account, Live};
use matrix_api_tests::programs::{Running, example, output};

use crate::look;

/// An example in the hands of this administrator.
fn run(name: &str, admin: &Client) -> Command {
    let session = admin.session().unwrap();
    let mut command = example(name);
    command.env("MATRIX_HOMESERVER", session.base_url).env("MATRIX_TOKEN", session.access_token.unwrap().expose());
    command.env_remove("MATRIX_USER").env_remove("MATRIX_PASSWORD");
    command
}

/// Rooms in which nobody is left.
async fn deserted(owner: &Client, admin: &SynapseAdmin, count: usize) -> Vec<RoomId> {
    let mut rooms = Vec::new();
    for _ in 0..count {
        let room = owner.send(CreateRoom::new()).await.unwrap().room_id;
        owner.send(LeaveRoom::new(&room)).await.unwrap();
        rooms.push(room);
    }
    // The server counts members in its own time.
    for _ in 0..600 {
        let empty = admin.pages(ListRooms::new().empty_rooms(true)).collect().await.unwrap();
        if rooms.iter().all(|room| empty.iter().any(|entry| entry.room_id == *room)) {
            return rooms;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("not all of {rooms:?} become empty");
}

#[tokio::test]
async fn room_cleanup() {
    let live = Live::new("admin_examples::room_cleanup");
    let (admin, alice) = (live.login(Account::Admin).await, live.new_user().await);
    let left = deserted(&alice, &admin.synapse_admin().await.unwrap(), 1).await.remove(0);
    let kept = live.room(&alice).await;
    let found = |room: &RoomId| format!("{room}\nempty rooms: 1\n");

    let shown = output(run("room_cleanup", &admin).arg(left.as_str()));
    let base = live.base_url();
    let path = format!("/_synapse/admin/v2/rooms/{}", left.as_str().replace('!', "%21").replace(':', "%3A"));
    let plan = format!(
        "\nDELETE {base}{path}\ncontent-type: application/json\nauthorization: Bearer ***\n\n{{\"purge\":true}}\n"
    );
    assert_eq!(shown, found(&left) + &plan);
    admin.send(GetRoomDetails::new(&left)).await.unwrap();
    let shown = output(run("room_cleanup", &admin).args(["--delete", kept.as_str()]));
    assert_eq!(shown, "empty rooms: 0\n0 of 0 done\n");

    let shown = output(run("room_cleanup", &admin).args(["--delete", left.as_str()]));
    let done =
        shown.strip_prefix(&format!("{}1 of 1\n{left}: job ", found(&left))).unwrap_or_else(|| panic!("{shown}"));
    let (job, rest) = done.split_once('\n').unwrap();
    assert_eq!(rest, "1 of 1 done\n");
    let task = admin.send(GetRoomDeleteTask::new(job)).await.unwrap().task;
    assert_eq!((task.room_id, task.status.as_str()), (left.clone(), "complete"));
    let gone = admin.send(GetRoomDetails::new(&left)).await;
    assert!(gone.unwrap_err().is_not_found());
    admin.send(GetRoomDetails::new(&kept)).await.unwrap();

    // Who is no administrator is told so.
    let refused = run("room_cleanup", &alice).output().unwrap();
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(!refused.status.success() && said.contains("synapse_admin: "), "{said}");
}

/// A process that is killed leaves nothing that the next one could not finish.
#[tokio::test]
async fn a_killed_room_cleanup_is_run_again() {
    let live = Live::new("admin_examples::a_killed_room_cleanup_is_run_again");
    let (admin, alice) = (live.login(Account::Admin).await, live.new_user().await);
    let handle = admin.synapse_admin().await.unwrap();
    let rooms = deserted(&alice, &handle, 6).await;
    let delete = || {
        let mut command = run("room_cleanup", &admin);
        command.arg("--delete").args(rooms.iter().map(RoomId::as_str));
        command
    };
    let mut killed = Running::start(delete());
    while killed.line() != "1 of 6" {}
    drop(killed);

    let shown = output(&mut delete());
    let left = shown.lines().take_while(|line| line.starts_with('!')).count();
    assert!(shown.contains(&format!("empty rooms: {left}\n")) && left <= 6, "{shown}");
    assert!(shown.ends_with(&format!("{left} of {left} done\n")), "{shown}");
    // Those that the first had begun with may still be under way.
    for room in &rooms {
        for task in admin.send(ListRoomDeleteTasks::new(room)).await.unwrap().results {
            handle.room_deletion(task.delete_id).wait().timeout(Duration::from_secs(60)).await.unwrap();
        }
        assert!(admin.send(GetRoomDetails::new(room)).await.unwrap_err().is_not_found());
    }
}

#[tokio::test]
async fn moderation_report() {
    let live = Live::new("admin_examples::moderation_report");
    let admin = live.login(Account::Admin).await;
    let (author, reader) = (live.new_user().await, live.new_user().await);
    let (author_id, reader_id) = (look::me(&author).await, look::me(&reader).await);
    let room = live.shared_room(&author, &reader).await;
    for (said, reason) in [("buy my fish", "spam"), ("buy my bread", "more spam")] {
        let event = live.text(&author, &room, said).await;
        reader.send(ReportEvent::new(&room, &event).reason(reason)).await.unwrap();
    }
    reader.send(ReportUser::new(&author_id, "sells fish")).await.unwrap();
    let shown = output(&mut run("moderation_report", &admin));
    // Others report as well meanwhile.
    let own: Vec<_> = shown.lines().filter(|line| line.starts_with(&format!("{reader_id} reports "))).collect();
    assert_eq!(
        own,
        [
            format!("{reader_id} reports {author_id} in {room}: more spam | buy my bread"),
            format!("{reader_id} reports {author_id} in {room}: spam | buy my fish"),
            format!("{reader_id} reports {author_id}: sells fish"),
        ]
    );
}
