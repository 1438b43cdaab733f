use std::{error, fmt};

/// A job of a server came to no good end, or not in time.
#[derive(Clone, PartialEq, Eq)]
pub struct JobError(Box<(&'static str, Box<str>, JobEnd)>);

/// How the waiting for a job ended.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum JobEnd {
    /// The server gave up, for this reason in its own words.
    Failed(String),
    /// It was called off.
    Cancelled,
    /// It was not done in time. The server goes on with it.
    TimedOut,
}

impl JobError {
    pub(crate) fn new(operation: &'static str, id: &str, end: JobEnd) -> Self {
        Self(Box::new((operation, id.into(), end)))
    }

    /// The operation that began the job.
    pub(super) fn operation(&self) -> &str {
        self.0.0
    }

    /// What the server calls the job.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.0.1
    }

    /// How it ended.
    #[must_use]
    pub fn end(&self) -> &JobEnd {
        &self.0.2
    }
}

impl fmt::Display for JobError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (operation, id, end) = &*self.0;
        write!(out, "{operation}: job {id} ")?;
        match end {
            JobEnd::Failed(reason) => write!(out, "failed: {reason}"),
            JobEnd::Cancelled => out.write_str("was called off"),
            JobEnd::TimedOut => out.write_str("is not done in time; the server goes on with it"),
        }
    }
}

/// The reason is the server's text: `Display` shows it cut to a line, `Debug` does not show it.
impl fmt::Debug for JobEnd {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Failed(_) => "Failed",
            Self::Cancelled => "Cancelled",
            Self::TimedOut => "TimedOut",
        })
    }
}

impl fmt::Debug for JobError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "JobError({self})")
    }
}

impl error::Error for JobError {}
