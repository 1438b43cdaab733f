//! One session, and the next process or another one beside it.

use std::path::Path;
use std::process::Command;

use matrix_api::{Client, FileStore, SyncOptions, UnixMillis};
use matrix_api_tests::live::{Live, PASSWORD};
use matrix_api_tests::store::Shared;

use super::Folder;
use crate::look;

const STORE: &str = "MATRIX_TEST_STORE";

/// What `a_second_process_goes_on` runs in another process.
#[tokio::test]
#[ignore = "another test runs it in a process of its own"]
async fn the_second_process() {
    let path = std::env::var(STORE).expect("the other test says where");
    match FileStore::open(path) {
        Ok(store) => {
            let client = Client::builder().store(store).build().await.unwrap();
            let batch = client.sync_once(SyncOptions::new()).await.unwrap();
            let heard: Vec<_> = batch.messages().filter_map(|message| message.body().map(str::to_owned)).collect();
            let (user, since) = (look::me(&client).await, batch.since().unwrap_or_default());
            println!("\nprocess: {user} {} {since} {heard:?}", client.device_id().unwrap());
        }
        Err(error) => println!("\nprocess: {error}"),
    }
}

/// What `short::another_process_renews_the_tokens` runs in another process.
#[tokio::test]
#[ignore = "another test runs it in a process of its own"]
async fn the_other_process() {
    let path = std::env::var(STORE).expect("the other test says where");
    let store = Shared::new(Path::new(&path));
    let mut session = store.session().expect("the first process is logged in");
    // Its clock goes ahead, so that it gets new tokens before its first call.
    session.expires_at = Some(UnixMillis(1));
    let client = Client::builder().session(session).store(store.clone()).build().await.unwrap();
    let owner = client.whoami().await.unwrap();
    assert_eq!(store.session(), client.session());
    println!("\nprocess: {} {}", owner.user_id, owner.device_id.unwrap());
}

/// What a process that runs this test says, once it has ended well.
pub(super) fn process(test: &str, path: &Path) -> String {
    let mut process = Command::new(std::env::current_exe().unwrap());
    let test = format!("sessions::processes::{test}");
    process.args([test.as_str(), "--exact", "--ignored", "--nocapture"]).env(STORE, path);
    let output = process.output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text} {}", String::from_utf8_lossy(&output.stderr));
    text.lines().find_map(|line| line.strip_prefix("process: ")).expect("it says something").to_owned()
}

fn second_process(path: &Path) -> String {
    process("the_second_process", path)
}

#[tokio::test]
async fn a_second_process_goes_on() {
    let live = Live::new("sessions::processes::a_second_process_goes_on");
    let (folder, other) = (Folder::new(), live.new_user().await);
    let user = look::me(&live.new_user().await).await;
    let client = live.builder().store(FileStore::open(folder.file()).unwrap()).build().await.unwrap();
    client.login_password(user.as_str(), PASSWORD).await.unwrap();
    let room = live.shared_room(&other, &client).await;
    live.text(&other, &room, "before").await;
    let first = client.sync_once(SyncOptions::new()).await.unwrap();
    // The next call says that the first batch was dealt with.
    drop(client.sync_once(SyncOptions::new()).await.unwrap());
    live.text(&other, &room, "between").await;
    let refused = second_process(&folder.file());
    assert!(refused.ends_with("session.json is in use by another client"), "{refused}");
    let (device, position) = (client.device_id().unwrap(), first.next_batch.clone());
    drop((first, client));
    let said = second_process(&folder.file());
    assert_eq!(said, format!("{user} {device} {position} [\"between\"]"));
}
