//! Complaints about rooms, events and users.

use matrix_api::client_server::{ReportEvent, ReportRoom, ReportUser};
use matrix_api::{ErrorCode, UserId};
use matrix_api_tests::live::{Account, Live};

use crate::look;

#[tokio::test]
async fn event() {
    let live = Live::new("reports::event");
    let (alice, bob) = (live.login(Account::Alice).await, live.login(Account::Bob).await);
    let room = live.shared_room(&alice, &bob).await;
    let event = live.text(&alice, &room, "buy my fish").await;
    bob.send(ReportEvent::new(&room, &event).reason("spam")).await.unwrap();
    bob.send(ReportEvent::new(&room, &event)).await.unwrap();
    let never = ReportEvent::new(&room, "$never");
    look::refused(bob.send(never).await, 404, ErrorCode::NotFound);
    // Only who can see an event can report it.
    let private = live.room(&alice).await;
    let unseen = live.text(&alice, &private, "secret").await;
    look::refused(bob.send(ReportEvent::new(&private, unseen)).await, 404, ErrorCode::NotFound);
}

#[tokio::test]
async fn room() {
    let live = Live::new("reports::room");
    let (alice, bob) = (live.login(Account::Alice).await, live.login(Account::Bob).await);
    let room = live.room(&alice).await;
    bob.send(ReportRoom::new(&room, "fish everywhere")).await.unwrap();
    let nowhere = ReportRoom::new(format!("!nowhere:{}", live.server_name()), "a ghost");
    look::refused(bob.send(nowhere).await, 404, ErrorCode::NotFound);
}

#[tokio::test]
async fn user() {
    let live = Live::new("reports::user");
    let (alice, bob) = (live.login(Account::Alice).await, live.credentials(Account::Bob).0);
    alice.send(ReportUser::new(&bob, "sells fish")).await.unwrap();
    // Whether a user exists is not given away.
    let nobody = UserId::from(format!("@nobody-at-all:{}", live.server_name()));
    alice.send(ReportUser::new(nobody, "a ghost")).await.unwrap();
}
