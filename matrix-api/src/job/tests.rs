use std::sync::Mutex;

use super::*;
use crate::ErrorKind;

/// A job that answers so, one after the other, and the last for ever.
fn job(answers: impl IntoIterator<Item = Result<JobStatus<u8>>>) -> (Job<u8>, Arc<Mutex<Vec<Instant>>>) {
    let answers = Mutex::new(answers.into_iter().collect::<Vec<_>>());
    let looks = Arc::new(Mutex::new(Vec::new()));
    let noted = looks.clone();
    let job = Job::new("test", "id", move || {
        noted.lock().unwrap().push(Instant::now());
        let mut answers = answers.lock().unwrap();
        let answer = if answers.len() > 1 { answers.remove(0) } else { answers[0].clone() };
        async { answer }
    });
    (job, looks)
}

fn away() -> Error {
    use crate::error::{Call, Sent, TransportError, TransportKind};
    let request = http::Request::get("http://localhost/").body(bytes::Bytes::new()).unwrap();
    Error::Transport(TransportError::new(Call::new("test", &request), TransportKind::Connect, Sent::No))
}

#[tokio::test(start_paused = true)]
async fn the_pauses_grow_up_to_the_longest() {
    let running = || Ok(JobStatus::Running(None));
    let (job, looks) = job([running(), running(), running(), running(), Ok(JobStatus::Done(7))]);
    assert_eq!(job.wait().every(Duration::from_millis(300)).await.unwrap(), 7);
    let looks = looks.lock().unwrap();
    let pauses: Vec<_> = looks.windows(2).map(|pair| (pair[1] - pair[0]).as_millis()).collect();
    assert_eq!(pauses, [100, 200, 300, 300]);
}

#[tokio::test(start_paused = true)]
async fn waiting_ends_in_time_and_the_job_goes_on() {
    let (job, _) = job([Ok(JobStatus::Waiting)]);
    let start = Instant::now();
    let error = job.wait().timeout(Duration::from_secs(10)).await.unwrap_err();
    assert_eq!(start.elapsed(), Duration::from_secs(10));
    assert_eq!(error.kind(), ErrorKind::Job);
    assert_eq!(error.to_string(), "test: job id is not done in time; the server goes on with it");
    assert_eq!(job.status().await.unwrap(), JobStatus::Waiting);
}

#[tokio::test(start_paused = true)]
async fn a_look_that_hangs_is_not_waited_for() {
    let job: Job<u8> = Job::new("test", "id", std::future::pending);
    let error = job.wait().timeout(Duration::from_secs(3)).await.unwrap_err();
    assert!(matches!(&error, Error::Job(failed) if *failed.end() == JobEnd::TimedOut), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_server_that_stays_away_ends_the_waiting() {
    let (back, _) = job([Err(away()), Err(away()), Err(away()), Err(away()), Err(away()), Ok(JobStatus::Done(1))]);
    assert_eq!(back.wait().await.unwrap(), 1);
    let (gone, looks) = job([Err(away())]);
    assert_eq!(gone.wait().await.unwrap_err().kind(), ErrorKind::Transport);
    assert_eq!(looks.lock().unwrap().len(), 6);
}
