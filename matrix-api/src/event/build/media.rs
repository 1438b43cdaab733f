//! Files, and what is known of them.

use crate::{
    MxcUri,
    events::{AudioMessage, EncryptedFile, FileMessage, ImageInfo, ImageMessage, RoomMessage, Sticker, VideoMessage},
};

/// Where a file is: in plain, or encrypted with what decrypts it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum FileSource {
    /// As anybody can read it.
    Plain(MxcUri),
    /// As one can who has the key.
    Encrypted(Box<EncryptedFile>),
}

impl<T: Into<MxcUri>> From<T> for FileSource {
    fn from(uri: T) -> Self {
        Self::Plain(uri.into())
    }
}

impl From<EncryptedFile> for FileSource {
    fn from(file: EncryptedFile) -> Self {
        Self::Encrypted(Box::new(file))
    }
}

macro_rules! files {
    ($($(#[$about:meta])* $method:ident: $message:ident;)*) => {
        impl RoomMessage {$(
            $(#[$about])*
            ///
            #[doc = concat!("More can be said with [`", stringify!($message), "::at`].")]
            pub fn $method(filename: impl Into<String>, source: impl Into<FileSource>) -> Self {
                $message::at(filename, source).into()
            }
        )*}

        $(impl $message {
            /// A file by its name, and where it was uploaded to: one of `url` and `file` is set.
            pub fn at(filename: impl Into<String>, source: impl Into<FileSource>) -> Self {
                let filename = filename.into();
                let message = Self::new(filename.clone()).filename(filename);
                match source.into() {
                    FileSource::Plain(uri) => message.url(uri),
                    FileSource::Encrypted(file) => message.file(*file),
                }
            }

            /// Says something about the file, instead of its name.
            #[must_use]
            pub fn caption(mut self, caption: impl Into<String>) -> Self {
                self.body = caption.into();
                self
            }

            /// Where the file is; `None` if the message does not say it.
            #[must_use]
            pub fn source(&self) -> Option<FileSource> {
                match (&self.file, &self.url) {
                    (Some(file), _) => Some(FileSource::Encrypted(Box::new(file.clone()))),
                    (None, Some(uri)) => Some(FileSource::Plain(uri.clone())),
                    (None, None) => None,
                }
            }
        })*
    };
}

files! {
    /// A picture, by its name and where it was uploaded to.
    image: ImageMessage;
    /// A file, by its name and where it was uploaded to.
    file: FileMessage;
    /// A sound, by its name and where it was uploaded to.
    audio: AudioMessage;
    /// A film, by its name and where it was uploaded to.
    video: VideoMessage;
}

impl ImageInfo {
    /// What is known of a picture: its size in pixels, its media type, its size in bytes.
    pub fn of(width: i64, height: i64, mimetype: impl Into<String>, size: i64) -> Self {
        Self::new().w(width).h(height).mimetype(mimetype).size(size)
    }
}

impl Sticker {
    /// A sticker: what it shows in words, and where it was uploaded to.
    pub fn at(body: impl Into<String>, uri: impl Into<MxcUri>) -> Self {
        Self::new(body, ImageInfo::new(), uri)
    }
}
