use matrix_api::synapse_admin::{DeleteRoom, ListRooms};
use matrix_api::{Client, Result};

#[tokio::main]
async fn main() -> Result<()> {
    let admin = Client::from_env().await?.synapse_admin().await?;
    let empty = admin.pages(ListRooms::new().empty_rooms(true)).collect().await?;
    let cleanup = admin.delete_many(empty.into_iter().map(|room| room.room_id), DeleteRoom::new);
    cleanup.plan()?.iter().for_each(|plan| println!("{plan}\n"));
    let report = cleanup.await;
    for (_, job) in report.succeeded() {
        job.wait().await?;
    }
    println!("{report}");
    Ok(())
}
