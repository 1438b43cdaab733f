//! A file to be fetched.

use std::{
    fmt,
    future::{Future, IntoFuture},
    path::Path,
    pin::Pin,
    time::Duration,
};

use bytes::Bytes;

use super::{DownloadStream, Transfer, part::Part, watch};
#[allow(deprecated, reason = "older servers have nothing else")]
use crate::client_server::{GetContent, GetContentThumbnail};
use crate::{
    Again, Client, Error, Failure, Request, Result,
    client::{gather::Gathered, slot::Slot},
    client_server::{GetContentAuthed, GetContentThumbnailAuthed, get_content_thumbnail_authed::ThumbnailMethod},
    error::{FileError, TransportKind},
    service::Homeserver,
    transport::Watch,
};

/// A file to be fetched: await it to read it as a stream. See
/// [`Media::download`](crate::Media::download).
#[must_use = "nothing is sent unless it is awaited"]
#[derive(Clone)]
pub struct Download<R> {
    client: Client,
    request: Result<R>,
    limit: u64,
    progress: Option<Watch>,
}

/// A file in memory.
#[derive(Clone)]
#[non_exhaustive]
pub struct DownloadedFile {
    /// The file itself.
    pub bytes: Bytes,

    /// The media type that the server names. It may be a lie.
    pub content_type: Option<String>,

    /// The file name that the server suggests, made safe: see [`file_name`](crate::wire::file_name).
    pub file_name: Option<String>,
}

impl fmt::Debug for DownloadedFile {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("DownloadedFile")
            .field("bytes", &format_args!("{} bytes", self.bytes.len()))
            .field("content_type", &self.content_type)
            .field("file_name", &self.file_name)
            .finish()
    }
}

/// What is known of a file that was saved.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SavedFile {
    /// How many bytes it has.
    pub length: u64,

    /// The media type that the server names. It may be a lie.
    pub content_type: Option<String>,

    /// The file name that the server suggests, made safe: see [`file_name`](crate::wire::file_name).
    pub file_name: Option<String>,
}

/// An operation that brings a file, and the one that older servers have for it.
pub(crate) trait Fetch: Request<To = Homeserver> + Clone + Send + Sync + 'static {
    type Older: Request<To = Homeserver> + Send + Sync + 'static;

    fn older(&self) -> Self::Older;
    fn wait(&mut self, ms: i64);
}

#[allow(deprecated, reason = "older servers have nothing else")]
impl Fetch for GetContentAuthed {
    type Older = GetContent;

    fn older(&self) -> GetContent {
        let older = GetContent::new(&self.server_name, self.media_id.as_str());
        GetContent { timeout_ms: self.timeout_ms, ..older }
    }

    fn wait(&mut self, ms: i64) {
        self.timeout_ms = Some(ms);
    }
}

#[allow(deprecated, reason = "older servers have nothing else")]
impl Fetch for GetContentThumbnailAuthed {
    type Older = GetContentThumbnail;

    fn older(&self) -> GetContentThumbnail {
        let older = GetContentThumbnail::new(&self.server_name, self.media_id.as_str(), self.width, self.height);
        let method = self.method.as_ref().map(|method| crate::StringEnum::as_str(method).into());
        GetContentThumbnail { timeout_ms: self.timeout_ms, animated: self.animated, method, ..older }
    }

    fn wait(&mut self, ms: i64) {
        self.timeout_ms = Some(ms);
    }
}

impl<R> Download<R> {
    pub(super) fn new(client: Client, request: Result<R>) -> Self {
        let limit = client.media_limit();
        Self { client, request, limit, progress: None }
    }

    /// The most bytes that the file may have, in place of
    /// [`media_limit`](crate::ClientBuilder::media_limit). What is said to be larger is not read at
    /// all.
    pub fn limit(mut self, bytes: u64) -> Self {
        self.limit = bytes;
        self
    }

    /// Called for every piece that has come. It must not wait for anything.
    pub fn on_progress(mut self, tell: impl Fn(Transfer) + Send + Sync + 'static) -> Self {
        self.progress = Some(watch(tell));
        self
    }
}

impl Download<GetContentThumbnailAuthed> {
    /// Fills the size and cuts off the rest, in place of fitting the picture into it.
    pub fn crop(mut self) -> Self {
        self.request = self.request.map(|request| request.method(ThumbnailMethod::Crop));
        self
    }

    /// Whether a picture that moves is wanted, if there is one. Since Matrix 1.11.
    pub fn animated(mut self, animated: bool) -> Self {
        self.request = self.request.map(|request| request.animated(animated));
        self
    }
}

#[allow(private_bounds, reason = "there are these two")]
impl<R: Fetch> Download<R> {
    /// How long the server waits for a file whose upload is announced, in whole milliseconds; 20 s unless set. The
    /// call takes that much longer; if the file has not come by then, it fails with `M_NOT_YET_UPLOADED` and is not
    /// tried again. Since Matrix 1.7.
    pub fn wait(mut self, time: Duration) -> Self {
        if let Ok(request) = &mut self.request {
            request.wait(i64::try_from(time.as_millis()).unwrap_or(i64::MAX));
        }
        self
    }

    /// All of it, in memory. What breaks off is fetched again.
    ///
    /// # Errors
    ///
    /// See [`Media::download`](crate::Media::download).
    pub async fn bytes(self) -> Result<DownloadedFile> {
        self.repeat(|| self.clone().collect()).await
    }

    async fn collect(self) -> Result<DownloadedFile> {
        let mut stream = self.start().await?;
        let mut bytes = Gathered::default();
        while let Some(piece) = stream.next().await {
            bytes.push(piece?, stream.length());
        }
        let content_type = stream.content_type().map(str::to_owned);
        Ok(DownloadedFile { bytes: bytes.finish(), content_type, file_name: stream.file_name() })
    }

    /// All of it, into a file, which is replaced if it is there: it has the whole download or is as it was. Until then
    /// it is written to a file beside it, whose name begins with a dot and ends in `.part`. What breaks off is fetched
    /// again.
    ///
    /// # Errors
    ///
    /// See [`Media::download`](crate::Media::download); [`Error::File`] if it cannot be written.
    pub async fn save(self, path: impl AsRef<Path>) -> Result<SavedFile> {
        let path = path.as_ref();
        self.repeat(|| self.clone().write(path)).await
    }

    async fn write(self, path: &Path) -> Result<SavedFile> {
        let fail = |error| FileError::new(R::METADATA.id, format!("{} cannot be written", path.display()), error);
        let mut stream = self.start().await?;
        let mut part = Part::beside(path).await.map_err(fail)?;
        let mut length = 0;
        while let Some(piece) = stream.next().await {
            let piece = piece?;
            part.write(&piece).await.map_err(fail)?;
            length += piece.len() as u64;
        }
        part.finish().await.map_err(fail)?;
        let content_type = stream.content_type().map(str::to_owned);
        Ok(SavedFile { length, content_type, file_name: stream.file_name() })
    }

    /// As often as the client tries its calls: what reads only may be asked for again.
    async fn repeat<T, F: Future<Output = Result<T>>>(&self, fetch: impl FnMut() -> F) -> Result<T> {
        let tries = self.client.tries();
        let decide = |failure: Failure| {
            let again = failure.round < tries && is_broken_off(&failure.error);
            async move { if again { Again::Retry } else { Again::GiveUp } }
        };
        self.client.try_again(fetch, decide).await
    }

    async fn start(self) -> Result<DownloadStream> {
        let request = self.request?;
        let older = request.older();
        match open(&self.client, request, self.limit, self.progress.clone()).await {
            Err(Error::Unsupported(_)) => open(&self.client, older, self.limit, self.progress).await,
            done => done,
        }
    }
}

/// Whether the connection ended in the middle of a file.
fn is_broken_off(error: &Error) -> bool {
    let Error::Transport(failed) = error else { return false };
    error.request_was_accepted() && matches!(failed.kind(), TransportKind::Interrupted | TransportKind::Timeout)
}

async fn open<R: Request<To = Homeserver>>(
    client: &Client,
    request: R,
    limit: u64,
    progress: Option<Watch>,
) -> Result<DownloadStream> {
    let slot = Slot::new(limit);
    let (call, received) = client.call(request).download(slot.clone()).exchange().await?;
    client.note(R::METADATA, received.status);
    Ok(DownloadStream::new(call, received, slot.take(), limit, progress))
}

#[allow(private_bounds, reason = "there are these two")]
impl<R: Fetch> IntoFuture for Download<R> {
    type Output = Result<DownloadStream>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.start())
    }
}

impl<R: Request> fmt::Debug for Download<R> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Download")
            .field("operation", &R::METADATA.id)
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}
