//! Files: up, down, and what a server says about them.

mod body;
mod download;
mod part;
#[cfg(feature = "image")]
mod picture;
mod send;
mod stream;
mod types;
mod upload;

pub use body::UploadBody;
pub use download::{Download, DownloadedFile, SavedFile};
#[cfg(feature = "image")]
pub use picture::Picture;
pub use send::SendFile;
pub use stream::DownloadStream;
use types::content_type;
pub use upload::Upload;

use std::fmt;

#[allow(deprecated, reason = "older servers have nothing else")]
use crate::client_server::{GetConfig, GetUrlPreview};
use crate::{
    Client, MxcUri, Result,
    client_server::{
        CreateContent, CreateContentResponse, GetConfigAuthed, GetConfigAuthedResponse, GetContentAuthed,
        GetContentThumbnailAuthed, GetUrlPreviewAuthed, GetUrlPreviewAuthedResponse,
    },
    transport::Watch,
};

/// The files of a homeserver: see [`Client::media`].
///
/// Files travel as streams: however large they are, a piece of 64 KiB or so is in memory, unless
/// it is [`bytes`](Download::bytes) that are wanted. [A page](crate::guide::files) shows what can
/// be done.
///
/// ```no_run
/// use std::path::Path;
///
/// # async fn example(client: matrix_api::Client) -> matrix_api::Result<()> {
/// let media = client.media();
/// let uri = media.upload(Path::new("cats.mp4")).on_progress(|done| println!("{done}")).await?;
/// media.download(&uri).save("copy.mp4").await?;
/// # Ok(())
/// # }
/// ```
///
/// Servers since Matrix 1.11 want a login for what they hand out. On a server that has no such
/// operation, the older one is used, without the token.
#[derive(Clone, Debug)]
pub struct Media {
    client: Client,
}

impl Media {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    /// Stores a file on the server, and returns its address: await it to send it.
    ///
    /// # Errors
    ///
    /// [`Error::Limit`](crate::Error::Limit) with [`UploadBytes`](crate::error::Limit::UploadBytes)
    /// if it is larger than the server takes, [`Error::File`](crate::Error::File) if it cannot be
    /// read.
    pub fn upload(&self, body: impl Into<UploadBody>) -> Upload {
        Upload::new(self.client.clone(), body.into())
    }

    /// Reserves an address, so that a message can name a file before it is there. The file follows
    /// by [`Upload::at`], within a day or so. Since Matrix 1.7.
    ///
    /// # Errors
    ///
    /// [`Error::Api`](crate::Error::Api) with `M_LIMIT_EXCEEDED` if too many are reserved,
    /// [`Error::Unsupported`](crate::Error::Unsupported) from an older server.
    pub async fn create(&self) -> Result<CreateContentResponse> {
        self.client.send(CreateContent::new()).await
    }

    /// Fetches a file: await it to read it as a stream, or see [`Download::bytes`] and
    /// [`Download::save`].
    ///
    /// # Errors
    ///
    /// [`Error::Encode`](crate::Error::Encode) if it is no `mxc:` URI of a file,
    /// [`Error::Limit`](crate::Error::Limit) if the file is larger than wanted,
    /// [`Error::Api`](crate::Error::Api) with `M_NOT_FOUND` if there is none.
    pub fn download(&self, uri: impl Into<MxcUri>) -> Download<GetContentAuthed> {
        let uri = uri.into();
        let request = uri.parts().map(|(server, id)| GetContentAuthed::new(server, id));
        Download::new(self.client.clone(), request.map_err(Into::into))
    }

    /// Fetches a small picture of a file, of about this size in pixels, as the server makes it. The
    /// sizes that every server has are 32×32, 96×96, 320×240, 640×480 and 800×600.
    ///
    /// # Errors
    ///
    /// As [`download`](Self::download); `M_UNKNOWN` if the server can make no picture of it.
    pub fn thumbnail(&self, uri: impl Into<MxcUri>, width: u32, height: u32) -> Download<GetContentThumbnailAuthed> {
        let uri = uri.into();
        let (width, height) = (width.into(), height.into());
        let request = uri.parts().map(|(server, id)| GetContentThumbnailAuthed::new(server, id, width, height));
        Download::new(self.client.clone(), request.map_err(Into::into))
    }

    /// Has the server look at a web page: title, picture and so on. It learns who reads what.
    ///
    /// # Errors
    ///
    /// [`Error::Api`](crate::Error::Api) if the server makes no previews, or cannot have the page.
    #[allow(deprecated, reason = "older servers have nothing else")]
    pub async fn preview(&self, url: impl Into<String>) -> Result<GetUrlPreviewAuthedResponse> {
        let url = url.into();
        let older = GetUrlPreview::new(url.as_str());
        let convert = |old: crate::client_server::GetUrlPreviewResponse| GetUrlPreviewAuthedResponse {
            matrix_image_size: old.matrix_image_size,
            og_image: old.og_image,
            extra: old.extra,
        };
        self.client.send_or(GetUrlPreviewAuthed::new(url), older, convert).await
    }

    /// How many bytes a file may have that is uploaded; `None` if the server does not say. It is
    /// asked once an hour.
    ///
    /// # Errors
    ///
    /// Those of asking.
    #[allow(deprecated, reason = "older servers have nothing else")]
    pub async fn upload_limit(&self) -> Result<Option<u64>> {
        if let Some(known) = self.client.known_upload_limit() {
            return Ok(known);
        }
        let convert =
            |old: crate::client_server::GetConfigResponse| GetConfigAuthedResponse { upload_size: old.upload_size };
        let answer = self.client.send_or(GetConfigAuthed::new(), GetConfig::new(), convert).await?;
        // A size below zero is none.
        let limit = answer.upload_size.and_then(|size| u64::try_from(size).ok());
        self.client.learn_upload_limit(limit);
        Ok(limit)
    }
}

/// How far a file has got. The last word has all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Transfer {
    /// How many bytes so far. It begins anew if the file has to be sent or fetched again.
    pub bytes: u64,

    /// How many there are in all, as far as that is known. Of a download it is what the server says.
    pub total: Option<u64>,
}

impl Transfer {
    /// How many of a hundred parts are done: 100 only at the end. `None` while the total is not known.
    #[must_use]
    pub fn percent(&self) -> Option<u8> {
        match self.total? {
            0 => Some(100),
            total => u8::try_from(u128::from(self.bytes.min(total)) * 100 / u128::from(total)).ok(),
        }
    }
}

impl fmt::Display for Transfer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.total {
            Some(total) => write!(out, "{} of {total} bytes", self.bytes),
            None => write!(out, "{} bytes", self.bytes),
        }
    }
}

/// A caller's function as the transport calls it.
fn watch(tell: impl Fn(Transfer) + Send + Sync + 'static) -> Watch {
    std::sync::Arc::new(move |bytes, total| tell(Transfer { bytes, total }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hundred_percent_is_all_of_it() {
        let percent = |bytes, total| Transfer { bytes, total }.percent();
        assert_eq!(percent(0, Some(0)), Some(100));
        assert_eq!(percent(0, Some(3)), Some(0));
        assert_eq!(percent(2, Some(3)), Some(66));
        assert_eq!(percent(999, Some(1000)), Some(99));
        assert_eq!(percent(u64::MAX, Some(u64::MAX)), Some(100));
        // A server that said less than it sent.
        assert_eq!(percent(5, Some(3)), Some(100));
        assert_eq!(percent(5, None), None);
        assert_eq!(Transfer { bytes: 5, total: Some(9) }.to_string(), "5 of 9 bytes");
        assert_eq!(Transfer { bytes: 5, total: None }.to_string(), "5 bytes");
    }
}
