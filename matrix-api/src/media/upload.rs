//! A file on its way to the server.

use std::{
    fmt,
    future::{Future, IntoFuture},
    pin::Pin,
};

use bytes::Bytes;

use super::{Transfer, UploadBody, content_type, watch};
use crate::{
    Client, Error, MxcUri, Request as _, Result,
    client_server::{UploadContent, UploadContentToMxc},
    transport::{Source, Watch},
};

/// A file to be uploaded: await it to send it. See [`Media::upload`](crate::Media::upload).
///
/// If it fails and can be read again, bytes and files can, it is tried again where the server
/// cannot have got it. The whole of it may take a minute and a second for every 64 KiB; without a
/// length it may take as long as it goes on.
#[must_use = "nothing is sent unless it is awaited"]
pub struct Upload {
    pub(super) client: Client,
    pub(super) body: UploadBody,
    pub(super) file_name: Option<String>,
    pub(super) content_type: Option<String>,
    place: Option<MxcUri>,
    progress: Option<Watch>,
}

impl Upload {
    pub(super) fn new(client: Client, body: UploadBody) -> Self {
        let file_name = body.file_name();
        Self { client, body, file_name, content_type: None, place: None, progress: None }
    }

    /// The name of the file, for those who download it. Unless set, that of the file, if it is one.
    pub fn file_name(mut self, name: impl Into<String>) -> Self {
        self.file_name = Some(name.into());
        self
    }

    /// The media type of the file, such as `image/png`. Unless set, what the name's ending stands
    /// for, or `application/octet-stream`.
    pub fn content_type(mut self, content_type: impl Into<String>) -> Self {
        self.content_type = Some(content_type.into());
        self
    }

    /// Goes to an address that [`Media::create`](crate::Media::create) has reserved. It takes one
    /// file, once. Since Matrix 1.7.
    pub fn at(mut self, place: impl Into<MxcUri>) -> Self {
        self.place = Some(place.into());
        self
    }

    /// Called with no bytes at the start of each attempt, and then for every piece that the connection has taken. It
    /// must not wait for anything.
    pub fn on_progress(mut self, tell: impl Fn(Transfer) + Send + Sync + 'static) -> Self {
        self.progress = Some(watch(tell));
        self
    }

    /// The media type, as it is said or follows from the name.
    pub(super) fn kind(&self) -> &str {
        self.content_type.as_deref().unwrap_or_else(|| content_type(self.file_name.as_deref().unwrap_or_default()))
    }

    pub(super) async fn send(self) -> Result<MxcUri> {
        let operation = if self.place.is_some() { UploadContentToMxc::METADATA.id } else { UploadContent::METADATA.id };
        let length = self.body.measure(operation).await?;
        let most = most(&self.client).await?.unwrap_or(u64::MAX);
        let content_type = Some(self.kind().to_owned());
        let source = Source::new(self.body.into_origin(), length, most, self.progress);
        let Some(place) = self.place else {
            let request = UploadContent { filename: self.file_name, content_type, bytes: Bytes::new() };
            return Ok(self.client.call(request).upload(source).send().await?.content_uri);
        };
        let (server, id) = place.parts()?;
        let mut request = UploadContentToMxc::new(server, id, Bytes::new());
        (request.filename, request.content_type) = (self.file_name, content_type);
        self.client.call(request).upload(source).send().await?;
        Ok(place)
    }
}

/// The most that the server takes. That it does not tell keeps nothing from being sent.
async fn most(client: &Client) -> Result<Option<u64>> {
    match client.media().upload_limit().await {
        Err(Error::Api(_) | Error::Unsupported(_) | Error::Decode(_) | Error::Limit(_)) => Ok(None),
        known => known,
    }
}

impl IntoFuture for Upload {
    type Output = Result<MxcUri>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

impl fmt::Debug for Upload {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Upload")
            .field("body", &self.body)
            .field("file_name", &self.file_name)
            .field("content_type", &self.content_type)
            .field("place", &self.place)
            .finish_non_exhaustive()
    }
}
