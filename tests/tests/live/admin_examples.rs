//! The examples for administrators, run as the processes that they are.

use std::process::Command;
use std::time::Duration;

use matrix_api::client_server::{CreateRoom, LeaveRoom, ReportEvent, ReportUser};
use matrix_api::synapse_admin::{GetRoomDetails, ListRooms};
use matrix_api::{Client, RoomId};
use matrix_api_tests::live::{Account, Live};
use matrix_api_tests::programs::{example, output};

use crate::look;

/// An example in the hands of this administrator.
fn run(name: &str, admin: &Client) -> Command {
    let session = admin.session().unwrap();
    let mut command = example(name);
    command.env("MATRIX_HOMESERVER", session.base_url).env("MATRIX_TOKEN", session.access_token.unwrap().expose());
    command.env_remove("MATRIX_USER").env_remove("MATRIX_PASSWORD");
    command
}

/// A room in which nobody is left.
async fn deserted(live: &Live, owner: &Client, admin: &Client, name: &str) -> RoomId {
    let room = owner.send(CreateRoom::new().name(name)).await.unwrap().room_id;
    owner.send(LeaveRoom::new(&room)).await.unwrap();
    // The server counts members in its own time.
    for _ in 0..600 {
        let list = ListRooms::new().search_term(room.as_str()).empty_rooms(true);
        let found = admin.send(list).await.unwrap().rooms;
        if found.iter().any(|entry| entry.joined_members == 0) {
            return room;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{}: {room} does not become empty", live.base_url());
}

#[tokio::test]
async fn room_cleanup() {
    let live = Live::new("admin_examples::room_cleanup");
    let (admin, alice) = (live.login(Account::Admin).await, live.new_user().await);
    let left = deserted(&live, &alice, &admin, "Old hall").await;
    let kept = live.room(&alice).await;
    let found = |room: &RoomId| format!("{room} Old hall\nempty rooms: 1\n");

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
    let done = shown.strip_prefix(&format!("{}1 of 1\n{left}: job ", found(&left))).unwrap_or_else(|| panic!("{shown}"));
    let (job, rest) = done.split_once('\n').unwrap();
    assert_eq!(rest, "1 of 1 done\n");
    let task = admin.send(matrix_api::synapse_admin::GetRoomDeleteTask::new(job)).await.unwrap().task;
    assert_eq!((task.room_id, task.status.as_str()), (left.clone(), "complete"));
    let gone = admin.send(GetRoomDetails::new(&left)).await;
    assert!(gone.unwrap_err().is_not_found());
    admin.send(GetRoomDetails::new(&kept)).await.unwrap();

    // Who is no administrator is told so.
    let refused = run("room_cleanup", &alice).output().unwrap();
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(!refused.status.success() && said.contains("synapse_admin: "), "{said}");
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
