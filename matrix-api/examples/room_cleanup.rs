//! Finds the rooms in which nobody is left, shows what would be sent to delete them, and deletes them.
//!
//! `MATRIX_HOMESERVER`, and `MATRIX_TOKEN` or `MATRIX_USER` and `MATRIX_PASSWORD`, are those of a server administrator:
//!
//! - `cargo run --example room_cleanup` only shows,
//! - `cargo run --example room_cleanup -- --delete` deletes and waits until the server is done.
//!
//! An argument more is a part of a room's name or its whole id: only such rooms are looked at.

use std::{env, time::Duration};

use matrix_api::{
    Client, Result, RoomId,
    admin::SynapseAdmin,
    synapse_admin::{DeleteRoom, ListRooms},
};

#[tokio::main]
async fn main() -> Result<()> {
    let (delete, search): (Vec<_>, Vec<_>) = env::args().skip(1).partition(|argument| argument == "--delete");
    let admin = Client::from_env().await?.synapse_admin().await?;
    let mut list = ListRooms::new();
    list.search_term = search.into_iter().next();
    let rooms = empty_rooms(&admin, list).await?;
    println!("empty rooms: {}", rooms.len());
    clean(&admin, &rooms, !delete.is_empty()).await
}

/// The rooms of a list that nobody of any server is in.
async fn empty_rooms(admin: &SynapseAdmin, list: ListRooms) -> Result<Vec<RoomId>> {
    let mut stream = admin.pages(list.empty_rooms(true));
    let mut rooms = Vec::new();
    while let Some(room) = stream.next().await {
        let room = room?;
        // Beside a search term the server lets rooms through that are not empty.
        if room.joined_members == 0 {
            println!("{} {}", room.room_id, room.name.unwrap_or_default());
            rooms.push(room.room_id);
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
