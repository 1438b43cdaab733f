//! What is in a picture, and smaller ones made of it.
//!
//! Files come from anybody: one of a few kilobytes may stand for gigabytes of pixels. So the head is
//! read first, and what is too large is not decoded.

#[cfg(test)]
mod tests;

use std::{
    fmt,
    fs::File,
    io::{self, BufRead, BufReader, Cursor, Read as _, Seek, SeekFrom},
    path::PathBuf,
};

use bytes::Bytes;
use image::{
    DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, codecs::jpeg::JpegEncoder, metadata::Orientation,
};

use super::{UploadBody, send::Small};
use crate::{
    Result,
    error::{Error, Rejected},
    transport::Origin,
};

/// The most bytes that a decoded picture may have: 64 million pixels of four bytes. The decoder of a JPEG that is sharp
/// only at its end keeps twice as much for itself.
const MOST_BYTES: u64 = 256 * 1024 * 1024;
/// The kinds that are decoded. The decoders may have been built for more of them, for the sake of another crate.
const KINDS: [ImageFormat; 4] = [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::Gif, ImageFormat::WebP];
/// The longest side, in pixels.
const LONGEST: u32 = 32_768;
/// What cameras write is no longer, and the turn stands at its beginning.
const MOST_EXIF: u64 = 64 * 1024;
/// A picture that is larger gets a smaller one beside it, of this size at most.
const SMALL: (u32, u32) = (800, 600);
/// Out of 100, for JPEG.
const QUALITY: u8 = 80;

/// A picture in memory whose kind and size are known: PNG, JPEG, GIF or WebP.
///
/// Only the head has been read: it may still be broken further in.
///
/// ```no_run
/// use matrix_api::{Client, MxcUri, Picture, Room};
///
/// # async fn example(client: Client, room: Room, uri: MxcUri) -> matrix_api::Result<()> {
/// let file = client.media().download(&uri).limit(10_000_000).bytes().await?;
/// let small = Picture::read(file.bytes)?.thumbnail(320, 240).await?;
/// room.send_image(small).file_name("small.png").await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Picture {
    bytes: Bytes,
    seen: Seen,
}

#[derive(Clone, Copy)]
struct Seen {
    width: u32,
    height: u32,
    format: ImageFormat,
}

impl Picture {
    /// Reads the head of a picture.
    ///
    /// # Errors
    ///
    /// [`Error::Rejected`] if it is no picture of one of the four kinds, or has a side of more than
    /// 32768 pixels.
    pub fn read(bytes: impl Into<Bytes>) -> Result<Self> {
        let bytes = bytes.into();
        let seen = see(Cursor::new(bytes.clone()))?;
        Ok(Self { bytes, seen })
    }

    /// Its width in pixels, as it is shown.
    #[must_use]
    pub fn width(&self) -> u32 {
        self.seen.width
    }

    /// Its height in pixels, as it is shown.
    #[must_use]
    pub fn height(&self) -> u32 {
        self.seen.height
    }

    /// Its media type, going by what it is and not by what it is called.
    #[must_use]
    pub fn content_type(&self) -> &'static str {
        self.seen.format.to_mime_type()
    }

    /// The file.
    #[must_use]
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// A smaller picture that fits into this size, with the same proportions; never a larger one.
    /// It is a JPEG, or a PNG if something shines through, and has nothing of what cameras write
    /// into pictures. Of one that moves it is the first frame.
    ///
    /// # Errors
    ///
    /// [`Error::Rejected`] if it cannot be decoded, or would take more than 256 MiB.
    pub async fn thumbnail(&self, width: u32, height: u32) -> Result<Self> {
        let bytes = self.bytes.clone();
        let work = move || shrink(Cursor::new(bytes), (width.max(1), height.max(1)));
        tokio::task::spawn_blocking(work).await.unwrap_or_else(|_| Err(refuse("the picture cannot be decoded")))
    }
}

impl From<Picture> for UploadBody {
    fn from(picture: Picture) -> Self {
        picture.bytes.into()
    }
}

impl fmt::Debug for Picture {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { bytes, seen: Seen { width, height, .. } } = self;
        write!(out, "Picture({}, {width}×{height}, {} bytes)", self.content_type(), bytes.len())
    }
}

/// What a picture that is to be sent is found to be.
pub(super) struct Look {
    pub(super) dimensions: (u32, u32),
    pub(super) content_type: &'static str,
    pub(super) small: Option<Small>,
}

/// Looks at it, and makes a smaller one if that is wanted. `None` if it is no picture, or cannot be
/// looked at without taking it away.
pub(super) async fn look(origin: &Origin, small: bool) -> Option<Look> {
    let place = match origin {
        Origin::Bytes(bytes) => Place::Bytes(bytes.clone()),
        Origin::Path(path) => Place::Path(path.clone()),
        Origin::Reader(_) => return None,
    };
    tokio::task::spawn_blocking(move || place.look(small)).await.ok()?
}

enum Place {
    Bytes(Bytes),
    Path(PathBuf),
}

impl Place {
    fn look(&self, small: bool) -> Option<Look> {
        let seen = match self {
            Self::Bytes(bytes) => see(Cursor::new(bytes)).ok()?,
            Self::Path(path) => see(BufReader::new(File::open(path).ok()?)).ok()?,
        };
        let large = seen.width > SMALL.0 || seen.height > SMALL.1;
        let small = if small && large { self.small() } else { None };
        let dimensions = (seen.width, seen.height);
        Some(Look { dimensions, content_type: seen.format.to_mime_type(), small })
    }

    fn small(&self) -> Option<Small> {
        let picture = match self {
            Self::Bytes(bytes) => shrink(Cursor::new(bytes), SMALL).ok()?,
            Self::Path(path) => shrink(BufReader::new(File::open(path).ok()?), SMALL).ok()?,
        };
        let (width, height, content_type) = (picture.width(), picture.height(), picture.content_type().to_owned());
        Some(Small { body: picture.into(), content_type, width, height })
    }
}

/// The kind of a picture, how it is to be turned, and what decodes it.
fn decoder<'a>(mut reader: impl BufRead + Seek + 'a) -> Result<(ImageFormat, Orientation, impl ImageDecoder + 'a)> {
    let format = kind(&mut reader).ok_or_else(|| refuse("it is no picture of a known kind"))?;
    let broken = || refuse("the picture is broken, or too large");
    let turned = if format == ImageFormat::WebP { turned(&mut reader).map_err(|_| broken())? } else { None };
    let mut reader = ImageReader::with_format(reader, format);
    let mut limits = Limits::no_limits();
    limits.max_image_width = Some(LONGEST);
    limits.max_image_height = Some(LONGEST);
    limits.max_alloc = Some(MOST_BYTES);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|_| broken())?;
    let turned = if format == ImageFormat::WebP { turned } else { decoder.orientation().ok() };
    Ok((format, turned.unwrap_or(Orientation::NoTransforms), decoder))
}

/// The kind that the first bytes tell, if it is one of ours.
fn kind(reader: &mut (impl BufRead + Seek)) -> Option<ImageFormat> {
    let mut head = Vec::new();
    reader.by_ref().take(16).read_to_end(&mut head).ok()?;
    reader.rewind().ok()?;
    image::guess_format(&head).ok().filter(|format| KINDS.contains(format))
}

/// How a WebP is to be turned. The decoder is not asked: it takes a file's word for how long what cameras write is, and
/// reserves as much.
fn turned(reader: &mut (impl BufRead + Seek)) -> io::Result<Option<Orientation>> {
    let end = reader.seek(SeekFrom::End(0))?;
    // After `RIFF`, a length, and `WEBP`.
    let mut at = 12;
    let mut found = None;
    while at + 8 <= end {
        reader.seek(SeekFrom::Start(at))?;
        let mut head = [0; 8];
        reader.read_exact(&mut head)?;
        let [a, b, c, d] = [4, 5, 6, 7].map(|at: usize| head[at]);
        let length = u64::from(u32::from_le_bytes([a, b, c, d]));
        if head.starts_with(b"EXIF") {
            let mut exif = Vec::new();
            reader.by_ref().take(length.min(MOST_EXIF)).read_to_end(&mut exif)?;
            found = Orientation::from_exif_chunk(&exif);
            break;
        }
        at += 8 + length + length % 2;
    }
    reader.rewind()?;
    Ok(found)
}

fn see(reader: impl BufRead + Seek) -> Result<Seen> {
    let (format, turned, decoder) = decoder(reader)?;
    let (width, height) = decoder.dimensions();
    if width > LONGEST || height > LONGEST {
        return Err(refuse("the picture is too large"));
    }
    let (width, height) = if swaps_sides(turned) { (height, width) } else { (width, height) };
    Ok(Seen { width, height, format })
}

/// Whether a camera was held so that width and height are swapped.
fn swaps_sides(orientation: Orientation) -> bool {
    use Orientation::{Rotate90, Rotate90FlipH, Rotate270, Rotate270FlipH};
    matches!(orientation, Rotate90 | Rotate270 | Rotate90FlipH | Rotate270FlipH)
}

fn shrink(reader: impl BufRead + Seek, (width, height): (u32, u32)) -> Result<Picture> {
    let broken = |_| refuse("the picture cannot be decoded");
    let (_, turned, decoder) = decoder(reader)?;
    if decoder.total_bytes() > MOST_BYTES {
        return Err(refuse("the picture would take more than 256 MiB"));
    }
    let mut picture = DynamicImage::from_decoder(decoder).map_err(broken)?;
    // Before it is turned, so that no second one of full size is needed.
    let (width, height) = if swaps_sides(turned) { (height, width) } else { (width, height) };
    if picture.width() > width || picture.height() > height {
        picture = picture.thumbnail(width, height);
    }
    picture.apply_orientation(turned);
    let mut bytes = Cursor::new(Vec::new());
    if picture.color().has_alpha() {
        let picture = DynamicImage::from(picture.to_rgba8());
        picture.write_to(&mut bytes, ImageFormat::Png).map_err(broken)?;
    } else {
        let encoder = JpegEncoder::new_with_quality(&mut bytes, QUALITY);
        picture.to_rgb8().write_with_encoder(encoder).map_err(broken)?;
    }
    Picture::read(bytes.into_inner())
}

fn refuse(reason: &'static str) -> Error {
    Rejected::new("picture", reason).into()
}
