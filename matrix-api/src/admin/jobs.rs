use std::time::Duration;

use super::SynapseAdmin;
use crate::{
    Client, Error, EventId, Map, Request, Result, RoomId,
    job::{Job, JobStatus},
    synapse_admin::{
        DeleteRoom, GetBackgroundUpdatesStatus, GetPurgeHistoryStatus, GetRedactStatus, GetRoomDeleteTask,
        ListRoomDeleteTasks, ListScheduledTasks, PurgeRoomHistory, RedactUserEvents, StartBackgroundUpdateJob,
        get_purge_history_status::PurgeStatus,
        get_redact_status::Status as RedactStatus,
        types::{ShutdownResult, TaskStatus},
    },
};

impl SynapseAdmin {
    /// Removes all members of this server from a room and deletes it. If that is under way already, it is that job.
    ///
    /// # Errors
    ///
    /// The failures of sending.
    pub async fn delete_room(&self, request: DeleteRoom) -> Result<Job<ShutdownResult>> {
        match self.client.send(&request).await {
            Ok(started) => Ok(self.room_deletion(started.delete_id)),
            // One of the reasons is that it is being deleted, and no code tells it from the others.
            Err(refused) if refused.status() == Some(http::StatusCode::BAD_REQUEST) => {
                self.deletion_of(&request.room_id).await?.ok_or(refused)
            }
            Err(error) => Err(error),
        }
    }

    /// The removal of a room that is at work.
    async fn deletion_of(&self, room: &RoomId) -> Result<Option<Job<ShutdownResult>>> {
        match self.client.send(ListRoomDeleteTasks::new(room)).await {
            Ok(tasks) => {
                let active = tasks.results.into_iter().find(|task| task.status == TaskStatus::Active);
                Ok(active.map(|task| self.room_deletion(task.delete_id)))
            }
            Err(Error::Api(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The removal of a room by the `delete_id` that began it, to take it up again.
    pub fn room_deletion(&self, delete_id: impl Into<String>) -> Job<ShutdownResult> {
        self.job(DeleteRoom::METADATA.id, delete_id.into(), deletion)
    }

    /// Deletes old messages of a room from the database.
    ///
    /// # Errors
    ///
    /// The failures of sending.
    pub async fn purge_history(&self, request: PurgeRoomHistory) -> Result<Job<()>> {
        Ok(self.history_purge(self.client.send(request).await?.purge_id))
    }

    /// The deletion of old messages by the `purge_id` that began it, to take it up again; also that of
    /// [`PurgeRoomHistoryToEvent`](crate::synapse_admin::PurgeRoomHistoryToEvent).
    pub fn history_purge(&self, purge_id: impl Into<String>) -> Job<()> {
        self.job(PurgeRoomHistory::METADATA.id, purge_id.into(), purge)
    }

    /// Redacts what a user has sent. What comes of it are the events that could not be redacted, and why.
    ///
    /// # Errors
    ///
    /// The failures of sending.
    pub async fn redact_user(&self, request: RedactUserEvents) -> Result<Job<Map<EventId, String>>> {
        Ok(self.redaction(self.client.send(request).await?.redact_id))
    }

    /// The redaction of a user's events by the `redact_id` that began it, to take it up again.
    pub fn redaction(&self, redact_id: impl Into<String>) -> Job<Map<EventId, String>> {
        self.job(RedactUserEvents::METADATA.id, redact_id.into(), redaction)
    }

    /// Queues a background update of the database, and waits for it and whatever else is in the queue.
    ///
    /// # Errors
    ///
    /// The failures of sending; `M_UNKNOWN` if it is in the queue already.
    pub async fn start_background_update(&self, request: StartBackgroundUpdateJob) -> Result<Job<()>> {
        self.client.send(&request).await?;
        Ok(self.background_updates())
    }

    /// All background updates of the database together: done when none is left. The server does not tell what waits in
    /// its queue, so that one cannot be waited for alone. While they are halted they count as waiting, without an end.
    pub fn background_updates(&self) -> Job<()> {
        self.job(StartBackgroundUpdateJob::METADATA.id, "background_updates".to_owned(), updates)
    }

    fn job<T, F>(&self, operation: &'static str, id: String, ask: fn(Client, String) -> F) -> Job<T>
    where
        T: 'static,
        F: Future<Output = Result<JobStatus<T>>> + Send + 'static,
    {
        let client = self.client.clone();
        Job::new(operation, id.clone(), move || ask(client.clone(), id.clone()))
    }
}

async fn deletion(client: Client, id: String) -> Result<JobStatus<ShutdownResult>> {
    let task = client.send(GetRoomDeleteTask::new(&id)).await?.task;
    Ok(match task.status {
        TaskStatus::Scheduled => JobStatus::Waiting,
        TaskStatus::Active => JobStatus::Running(task.shutdown_room),
        TaskStatus::Complete => JobStatus::Done(task.shutdown_room.unwrap_or_else(nobody)),
        TaskStatus::Failed => JobStatus::Failed(reason(&client, task.room_id.as_str(), &id).await?),
        TaskStatus::Cancelled => JobStatus::Cancelled,
        other => JobStatus::Failed(format!("the server calls it {}", other.as_str())),
    })
}

/// What there is to tell of a room without a member of this server.
fn nobody() -> ShutdownResult {
    ShutdownResult {
        kicked_users: Vec::new(),
        failed_to_kick_users: Vec::new(),
        local_aliases: Vec::new(),
        new_room_id: None,
    }
}

/// Why a task failed: only the list of all tasks tells.
async fn reason(client: &Client, resource: &str, id: &str) -> Result<String> {
    let tasks = client.send(ListScheduledTasks::new().resource_id(resource)).await?.scheduled_tasks;
    let reason = tasks.into_iter().find(|task| task.id == id).and_then(|task| task.error);
    Ok(reason.unwrap_or_else(|| "the server does not say why".to_owned()))
}

async fn purge(client: Client, id: String) -> Result<JobStatus<()>> {
    let job = client.send(GetPurgeHistoryStatus::new(id)).await?;
    Ok(match job.status {
        PurgeStatus::Complete => JobStatus::Done(()),
        PurgeStatus::Failed => JobStatus::Failed(job.error.unwrap_or_default()),
        // Also what waits, and what was called off: the server does not tell them apart.
        _ => JobStatus::Running(None),
    })
}

async fn redaction(client: Client, id: String) -> Result<JobStatus<Map<EventId, String>>> {
    let job = client.send(GetRedactStatus::new(id)).await?;
    Ok(match job.status {
        RedactStatus::Scheduled => JobStatus::Waiting,
        RedactStatus::Complete => JobStatus::Done(job.failed_redactions),
        RedactStatus::Failed => JobStatus::Failed(job.error.unwrap_or_default()),
        _ => JobStatus::Running(None),
    })
}

/// Between two updates there is a moment in which none shows.
const MOMENT: Duration = Duration::from_millis(500);

async fn updates(client: Client, _: String) -> Result<JobStatus<()>> {
    for look in 0..2 {
        if look > 0 {
            tokio::time::sleep(MOMENT).await;
        }
        let status = client.send(GetBackgroundUpdatesStatus::new()).await?;
        match (status.enabled, status.current_updates.is_empty()) {
            (false, _) => return Ok(JobStatus::Waiting),
            (true, false) => return Ok(JobStatus::Running(None)),
            (true, true) => {}
        }
    }
    Ok(JobStatus::Done(()))
}
