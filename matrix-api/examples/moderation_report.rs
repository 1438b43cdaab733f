//! Lists what users have reported, with what was said.
//!
//! `MATRIX_HOMESERVER`, and `MATRIX_TOKEN` or `MATRIX_USER` and `MATRIX_PASSWORD`, are those of a server administrator:
//! `cargo run --example moderation_report`.

use matrix_api::{
    Client, Result,
    admin::SynapseAdmin,
    synapse_admin::{GetEventReport, ListEventReports, ListUserReports, types::EventReport},
};
use serde_json::Value;

#[tokio::main]
async fn main() -> Result<()> {
    let admin = Client::from_env().await?.synapse_admin().await?;
    for line in report(&admin, ListEventReports::new(), ListUserReports::new()).await? {
        println!("{line}");
    }
    Ok(())
}

/// A line for every report, the newest first: those of events, then those of users.
async fn report(admin: &SynapseAdmin, events: ListEventReports, users: ListUserReports) -> Result<Vec<String>> {
    let mut lines = Vec::new();
    let mut events = admin.pages(events);
    while let Some(report) = events.next().await {
        lines.push(event(admin, report?).await?);
    }
    let mut users = admin.pages(users);
    while let Some(report) = users.next().await {
        let report = report?;
        lines.push(format!("{} reports {}: {}", report.user_id, report.target_user_id, report.reason));
    }
    Ok(lines)
}

async fn event(admin: &SynapseAdmin, report: EventReport) -> Result<String> {
    let said = match admin.send(GetEventReport::new(report.id)).await {
        Ok(details) => {
            let content: Option<Value> = details.event_json.field("content")?;
            content.and_then(|content| content["body"].as_str().map(str::to_owned)).unwrap_or_default()
        }
        // The server never had the event, or has it no longer.
        Err(error) if error.is_not_found() => "(gone)".to_owned(),
        Err(error) => return Err(error),
    };
    let sender = report.sender.map(|sender| sender.to_string()).unwrap_or_default();
    let reason = report.reason.unwrap_or_default();
    Ok(format!("{} reports {sender} in {}: {reason} | {said}", report.user_id, report.room_id))
}
