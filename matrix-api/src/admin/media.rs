use std::{
    collections::HashSet,
    fmt,
    future::{Future, IntoFuture},
    pin::Pin,
};

use super::SynapseAdmin;
use crate::{
    BatchReport, Error, Plan, Progress, Result, UserId,
    batch::{self, Acting, Watcher},
    synapse_admin::{DeleteMedia, ListUserMedia, ListUserMediaResponse, list_user_media::UserMedia},
};

impl SynapseAdmin {
    /// Deletes all files that a user of this server has uploaded: see [`MediaDeletion`].
    pub fn delete_media_of(&self, user: impl Into<UserId>) -> MediaDeletion {
        let files = Files { admin: self.clone(), user: user.into(), page: 100 };
        MediaDeletion { files, at_once: 4, progress: None }
    }
}

/// The deletion of all files of a user, those in quarantine and protected ones too.
///
/// The files are listed page by page, then deleted one by one, a few at the same time. A failure stops nothing: the
/// report has an outcome for every file, and why a page could not be listed. `.await` deletes, [`plan`](Self::plan)
/// only lists. Begun again, after a failure or in another process, it goes on with what is left.
///
/// ```no_run
/// # async fn example(admin: matrix_api::admin::SynapseAdmin) -> matrix_api::Result<()> {
/// let deletion = admin.delete_media_of("@spammer:example.org");
/// for file in deletion.plan().await?.files {
///     println!("{} {}", file.media_id, file.upload_name.unwrap_or_default());
/// }
/// println!("{}", deletion.on_progress(|file| println!("{} of {}", file.done, file.total)).await);
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is deleted before `.await`"]
pub struct MediaDeletion {
    files: Files,
    at_once: usize,
    progress: Option<Watcher<String, ()>>,
}

/// The files of a user.
#[derive(Clone)]
struct Files {
    admin: SynapseAdmin,
    user: UserId,
    page: u32,
}

/// What the deletion of a user's files would touch.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct MediaPlan {
    /// The files, the newest first.
    pub files: Vec<UserMedia>,

    /// The requests, one for each file.
    pub requests: Vec<Plan>,
}

/// What the deletion of a user's files did.
#[derive(Debug)]
#[non_exhaustive]
pub struct MediaReport {
    /// What came of each file, by its media id. One that was gone already counts as deleted.
    pub files: BatchReport<String, ()>,

    /// Why pages of the list could not be had. The files on them are still there.
    pub unlisted: Vec<Error>,
}

/// How many pages in a row may fail before the server is taken for one that is away.
const MISSES: usize = 3;

impl MediaDeletion {
    /// How many files to list with one request; 100 unless set, and at least 1.
    pub fn page_size(mut self, files: u32) -> Self {
        self.files.page = files.max(1);
        self
    }

    /// How many files may be in the course of deletion at the same time; 4 unless set, and at least 1.
    pub fn at_once(mut self, most: usize) -> Self {
        self.at_once = most.max(1);
        self
    }

    /// Called after each file; the key is its media id.
    pub fn on_progress(mut self, watch: impl FnMut(Progress<'_, String, ()>) + Send + 'static) -> Self {
        self.progress = Some(Box::new(watch));
        self
    }

    /// What would be touched. Reads the list of files, and deletes nothing.
    ///
    /// # Errors
    ///
    /// The failures of sending.
    pub fn plan(&self) -> impl Future<Output = Result<MediaPlan>> + Send + use<> {
        self.files.clone().plan()
    }

    async fn run(self) -> MediaReport {
        let Self { files, at_once, progress } = self;
        let (found, unlisted) = files.list().await;
        let entries = found.into_iter().map(|file| {
            let acting: Acting<()> = Box::pin(files.clone().delete(file.media_id.clone()));
            (file.media_id, acting)
        });
        MediaReport { files: batch::drive(entries, at_once, progress).await, unlisted }
    }
}

impl Files {
    async fn plan(self) -> Result<MediaPlan> {
        let (files, mut unlisted) = self.list().await;
        if !unlisted.is_empty() {
            return Err(unlisted.swap_remove(0));
        }
        let plan = |file: &UserMedia| self.admin.plan(&self.request(&file.media_id));
        let requests = files.iter().map(plan).collect::<Result<_>>()?;
        Ok(MediaPlan { files, requests })
    }

    async fn delete(self, media_id: String) -> Result<()> {
        match self.admin.send(self.request(&media_id)).await {
            Err(error) if !error.is_not_found() => Err(error),
            _ => Ok(()),
        }
    }

    /// All files that can be listed, and what stood in the way of the others. Pages are counted off, not followed, so
    /// that there is a way past one that fails.
    async fn list(&self) -> (Vec<UserMedia>, Vec<Error>) {
        let (mut files, mut unlisted, mut seen) = (Vec::new(), Vec::new(), HashSet::new());
        let (mut from, mut total, mut misses) = (0, None, 0);
        loop {
            match self.page(from).await {
                Ok(page) => {
                    (total, misses) = (Some(page.total), 0);
                    let new: Vec<_> =
                        page.media.into_iter().filter(|file| seen.insert(file.media_id.clone())).collect();
                    // A server that lists the same again would never come to an end.
                    if new.is_empty() {
                        break;
                    }
                    files.extend(new);
                }
                Err(error) => {
                    unlisted.push(error);
                    misses += 1;
                }
            }
            from += i64::from(self.page);
            if total.is_some_and(|total| from >= total) || misses >= MISSES {
                break;
            }
        }
        (files, unlisted)
    }

    async fn page(&self, from: i64) -> Result<ListUserMediaResponse> {
        let mut page = ListUserMedia::new(&self.user).limit(self.page.into());
        page.from = (from > 0).then(|| from.into());
        self.admin.send(page).await
    }

    fn request(&self, media_id: &str) -> DeleteMedia {
        // Whose id names no server has no list.
        DeleteMedia::new(self.user.server_name().unwrap_or_default(), media_id)
    }
}

impl MediaReport {
    /// Whether all files were listed and are gone.
    pub fn is_success(&self) -> bool {
        self.unlisted.is_empty() && self.files.is_success()
    }
}

/// `3 of 4 done`, and a line for everything that failed.
impl fmt::Display for MediaReport {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.files)?;
        self.unlisted.iter().try_for_each(|error| write!(out, "\na page of files was not listed: {error}"))
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
        out.debug_struct("MediaDeletion")
            .field("user", &self.files.user)
            .field("page", &self.files.page)
            .finish_non_exhaustive()
    }
}
