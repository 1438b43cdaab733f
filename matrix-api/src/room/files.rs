//! Files that go into a room.

use super::Room;
use crate::{SendFile, UploadBody};

impl Room {
    /// Uploads a picture and sends it: from memory, from a file, or from what can be read.
    ///
    /// With feature `image` its size in pixels is found out, and a picture of more than 800×600
    /// gets a smaller one beside it, for those who look through the room. Of a reader, which is read
    /// once, neither is.
    ///
    /// ```no_run
    /// use std::path::Path;
    ///
    /// # async fn example(room: matrix_api::Room) -> matrix_api::Result<()> {
    /// room.send_image(Path::new("rose.png")).caption("From the garden").await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`Media::upload`](crate::Media::upload) and of [`send_text`](Self::send_text).
    pub fn send_image(&self, image: impl Into<UploadBody>) -> SendFile {
        SendFile::new(self, "m.image", image.into())
    }

    /// As [`send_image`](Self::send_image), for a file of any kind.
    pub fn send_file(&self, file: impl Into<UploadBody>) -> SendFile {
        SendFile::new(self, "m.file", file.into())
    }

    /// As [`send_image`](Self::send_image), for something to listen to.
    pub fn send_audio(&self, audio: impl Into<UploadBody>) -> SendFile {
        SendFile::new(self, "m.audio", audio.into())
    }

    /// As [`send_image`](Self::send_image), for a film. Its size and its length are the caller's to
    /// tell.
    pub fn send_video(&self, video: impl Into<UploadBody>) -> SendFile {
        SendFile::new(self, "m.video", video.into())
    }
}
