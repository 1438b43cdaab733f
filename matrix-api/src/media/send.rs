//! A file on its way into a room.

use std::{
    fmt,
    future::{Future, IntoFuture},
    pin::Pin,
    time::Duration,
};

use serde_json::{Map, Value};

use super::{Transfer, Upload, UploadBody};
use crate::{EventId, Raw, Request as _, Result, Room, SendEvent, TxnId, client_server::UploadContent, json};

/// A file to be uploaded and sent: await it to do so. See [`Room::send_image`].
///
/// It is uploaded first. If the event fails then, the file stays on the server, under an address
/// that nobody knows.
#[must_use = "nothing is sent unless it is awaited"]
pub struct SendFile {
    room: Room,
    kind: &'static str,
    upload: Upload,
    caption: Option<String>,
    dimensions: Option<(u32, u32)>,
    duration: Option<Duration>,
    thumbnail: Option<Small>,
    txn_id: Option<TxnId>,
    plaintext: bool,
}

/// A smaller picture, beside the file.
pub(super) struct Small {
    pub(super) body: UploadBody,
    pub(super) content_type: String,
    pub(super) width: u32,
    pub(super) height: u32,
}

impl SendFile {
    pub(crate) fn new(room: &Room, kind: &'static str, body: UploadBody) -> Self {
        Self {
            room: room.clone(),
            kind,
            upload: room.client().media().upload(body),
            caption: None,
            dimensions: None,
            duration: None,
            thumbnail: None,
            txn_id: None,
            plaintext: false,
        }
    }

    /// The name of the file. Unless set, that of the file, if it is one.
    pub fn file_name(mut self, name: impl Into<String>) -> Self {
        self.upload = self.upload.file_name(name);
        self
    }

    /// The media type of the file, such as `image/png`. Unless set, what it is found to be, or what
    /// the name's ending stands for.
    pub fn content_type(mut self, content_type: impl Into<String>) -> Self {
        self.upload = self.upload.content_type(content_type);
        self
    }

    /// What is said along with it.
    pub fn caption(mut self, text: impl Into<String>) -> Self {
        self.caption = Some(text.into());
        self
    }

    /// Width and height of a picture or film, in pixels.
    pub fn dimensions(mut self, width: u32, height: u32) -> Self {
        self.dimensions = Some((width, height));
        self
    }

    /// How long it plays.
    pub fn duration(mut self, duration: Duration) -> Self {
        self.duration = Some(duration);
        self
    }

    /// A smaller picture to show in its place, with its media type, and its size in pixels.
    pub fn thumbnail(
        mut self,
        picture: impl Into<UploadBody>,
        content_type: impl Into<String>,
        width: u32,
        height: u32,
    ) -> Self {
        let (body, content_type) = (picture.into(), content_type.into());
        self.thumbnail = Some(Small { body, content_type, width, height });
        self
    }

    /// Called for every piece of the file that the connection has taken, as [`Upload::on_progress`] says.
    pub fn on_progress(mut self, tell: impl Fn(Transfer) + Send + Sync + 'static) -> Self {
        self.upload = self.upload.on_progress(tell);
        self
    }

    /// The transaction id of the event: see [`SendEvent::txn_id`].
    pub fn txn_id(mut self, txn_id: impl Into<TxnId>) -> Self {
        self.txn_id = Some(txn_id.into());
        self
    }

    /// Uploads and sends it in the clear even if the room is encrypted: see
    /// [`SendEvent::allow_plaintext`].
    pub fn allow_plaintext(mut self) -> Self {
        self.plaintext = true;
        self
    }

    #[cfg_attr(not(feature = "image"), allow(unused_mut, reason = "only pictures are looked at"))]
    async fn send(mut self) -> Result<EventId> {
        if !self.plaintext {
            // Before the server has the file.
            self.room.client().refuse_encrypted(self.room.id()).await?;
        }
        // First of all: opening a pipe may take for ever.
        let length = self.upload.body.measure(UploadContent::METADATA.id).await?;
        #[cfg(feature = "image")]
        self.look().await;
        let mut info = info(self.upload.kind(), length, self.dimensions);
        if let Some(duration) = self.duration {
            info.insert("duration".to_owned(), json!(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)));
        }
        let name = self.upload.file_name.clone().unwrap_or_else(|| self.kind.trim_start_matches("m.").to_owned());
        if let Some(small) = self.thumbnail {
            let length = small.body.measure(UploadContent::METADATA.id).await?;
            let of = json!(self::info(&small.content_type, length, Some((small.width, small.height))));
            let upload = self.room.client().media().upload(small.body).content_type(small.content_type);
            info.insert("thumbnail_info".to_owned(), of);
            info.insert("thumbnail_url".to_owned(), json!(upload.send().await?));
        }
        let content = json!({
            "msgtype": self.kind,
            "body": self.caption.as_ref().unwrap_or(&name),
            "filename": name,
            "url": self.upload.send().await?,
            "info": info,
        });
        let mut event = SendEvent::new(self.room, "m.room.message".to_owned(), Raw::new(&content));
        if let Some(txn_id) = self.txn_id {
            event = event.txn_id(txn_id);
        }
        if self.plaintext {
            event = event.allow_plaintext();
        }
        event.await
    }

    /// Finds out what the caller has not said. What is no picture is sent as it is.
    #[cfg(feature = "image")]
    async fn look(&mut self) {
        if self.kind != "m.image" {
            return;
        }
        let Some(seen) = super::picture::look(self.upload.body.origin(), self.thumbnail.is_none()).await else {
            return;
        };
        self.dimensions.get_or_insert(seen.dimensions);
        self.upload.content_type.get_or_insert_with(|| seen.content_type.to_owned());
        self.thumbnail = self.thumbnail.take().or(seen.small);
    }
}

fn info(content_type: &str, length: Option<u64>, dimensions: Option<(u32, u32)>) -> Map<String, Value> {
    let mut info = Map::new();
    info.insert("mimetype".to_owned(), json!(content_type));
    if let Some(length) = length {
        info.insert("size".to_owned(), json!(length));
    }
    if let Some((width, height)) = dimensions {
        info.insert("w".to_owned(), json!(width));
        info.insert("h".to_owned(), json!(height));
    }
    info
}

impl IntoFuture for SendFile {
    type Output = Result<EventId>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

impl fmt::Debug for SendFile {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("SendFile")
            .field("room", self.room.id())
            .field("kind", &self.kind)
            .field("upload", &self.upload)
            .finish_non_exhaustive()
    }
}
