//! Finds the rooms in which nobody is left, shows what would be sent to delete them, and deletes them.
//!
//! `MATRIX_HOMESERVER`, and `MATRIX_TOKEN` or `MATRIX_USER` and `MATRIX_PASSWORD`, are those of a server administrator:
//!
//! - `cargo run --example room_cleanup` only shows,
//! - `cargo run --example room_cleanup -- --delete` deletes and waits until the server is done.
//!
//! With the ids of rooms as further arguments it leaves all others alone.

use std::{env, time::Duration};

use matrix_api::{
    Client, Result, RoomId,
    admin::SynapseAdmin,
    synapse_admin::{DeleteRoom, ListRooms},
};

#[tokio::main]
async fn main() -> Result<()> {
    let (flags, only): (Vec<_>, Vec<_>) = env::args().skip(1).partition(|argument| argument.starts_with("--"));
    let admin = Client::from_env().await?.synapse_admin().await?;
    let rooms = empty_rooms(&admin, &only).await?;
    println!("empty rooms: {}", rooms.len());
    clean(&admin, &rooms, flags == ["--delete"]).await
}

/// The rooms that nobody of this server is in.
async fn empty_rooms(admin: &SynapseAdmin, only: &[String]) -> Result<Vec<RoomId>> {
    let mut stream = admin.pages(ListRooms::new().empty_rooms(true));
    let mut rooms = Vec::new();
    while let Some(room) = stream.next().await {
        let room = room?.room_id;
        if only.is_empty() || only.iter().any(|id| room.as_str() == id) {
            println!("{room}");
            rooms.push(room);
        }
    }
    Ok(rooms)
}

/// Shows what would be sent, or deletes.
async fn clean(admin: &SynapseAdmin, rooms: &[RoomId], delete: bool) -> Result<()> {
    let cleanup = admin.delete_many(rooms, |room| DeleteRoom::new(room).purge(true));
    if !delete {
        for plan in cleanup.plan()? {
            println!("\n{plan}");
        }
        return Ok(());
    }
    let report = cleanup.on_progress(|progress| println!("{} of {}", progress.done, progress.total)).await;
    for (room, job) in report.succeeded() {
        // With this id another process could wait as well.
        println!("{room}: job {}", job.id());
        job.wait().timeout(Duration::from_secs(600)).await?;
    }
    println!("{report}");
    Ok(())
}
