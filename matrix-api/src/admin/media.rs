use std::{
    collections::HashSet,
    fmt,
    future::{Future, IntoFuture},
    pin::Pin,
};

use super::SynapseAdmin;
use crate::{
    Error, Plan, Result, UserId,
    synapse_admin::{DeleteUserMedia, ListUserMedia, list_user_media::UserMedia},
};

impl SynapseAdmin {
    /// Deletes all files that a user of this server has uploaded, page by page: see [`MediaDeletion`].
    pub fn delete_media_of(&self, user: impl Into<UserId>) -> MediaDeletion {
        MediaDeletion { admin: self.clone(), user: user.into(), page: 100, progress: None }
    }
}

/// The deletion of all files of a user, those in quarantine and protected ones too.
///
/// `.await` deletes, [`plan`](Self::plan) only lists. Begun again after a failure it goes on with what is left.
#[must_use = "nothing is deleted before `.await`"]
pub struct MediaDeletion {
    admin: SynapseAdmin,
    user: UserId,
    page: u32,
    progress: Option<Watcher>,
}

type Watcher = Box<dyn FnMut(&[String]) + Send>;

/// What the deletion of a user's files would touch.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct MediaPlan {
    /// The files, the newest first.
    pub files: Vec<UserMedia>,

    /// The requests, one for each page.
    pub requests: Vec<Plan>,
}

/// What the deletion of a user's files did.
#[derive(Debug)]
#[non_exhaustive]
pub struct MediaReport {
    /// The media ids that were deleted.
    pub deleted: Vec<String>,

    /// Why it stopped before the end, if it did.
    pub error: Option<Error>,
}

impl MediaDeletion {
    /// How many files to delete with one request; 100 unless set, and at least 1. The server answers when all of them
    /// are gone.
    pub fn page_size(mut self, files: u32) -> Self {
        self.page = files.max(1);
        self
    }

    /// Called after each page with the media ids that were deleted.
    pub fn on_progress(mut self, watch: impl FnMut(&[String]) + Send + 'static) -> Self {
        self.progress = Some(Box::new(watch));
        self
    }

    /// What would be touched. Reads the list of files, and deletes nothing.
    ///
    /// # Errors
    ///
    /// The failures of sending.
    pub async fn plan(&self) -> Result<MediaPlan> {
        let files = self.admin.pages(ListUserMedia::new(&self.user).limit(self.page.into())).collect().await?;
        let pages = files.len().div_ceil(self.page as usize);
        let plan = self.admin.plan(&self.request())?;
        Ok(MediaPlan { files, requests: vec![plan; pages] })
    }

    fn request(&self) -> DeleteUserMedia {
        DeleteUserMedia::new(&self.user).limit(self.page.into())
    }

    async fn run(mut self) -> MediaReport {
        let mut report = MediaReport { deleted: Vec::new(), error: None };
        let mut seen = HashSet::new();
        loop {
            let page = match self.admin.send(self.request()).await {
                Ok(page) => page.deleted_media,
                Err(error) => {
                    report.error = Some(error);
                    return report;
                }
            };
            // A server that deletes the same again would never come to an end.
            let new: Vec<_> = page.into_iter().filter(|id| seen.insert(id.clone())).collect();
            if new.is_empty() {
                return report;
            }
            if let Some(watch) = &mut self.progress {
                watch(&new);
            }
            report.deleted.extend(new);
        }
    }
}

impl IntoFuture for MediaDeletion {
    type Output = MediaReport;
    type IntoFuture = Pin<Box<dyn Future<Output = MediaReport> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

impl fmt::Debug for MediaDeletion {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("MediaDeletion").field("user", &self.user).field("page", &self.page).finish_non_exhaustive()
    }
}
