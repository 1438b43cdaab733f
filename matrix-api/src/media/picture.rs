//! What is in a picture, and smaller ones made of it.
//!
//! Files come from anybody: one of a few kilobytes may stand for gigabytes of pixels. So the head is
//! read first, and what is too large is not decoded.

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

/// The most bytes that a decoded picture may have: 64 million pixels of four bytes.
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

#[cfg(test)]
mod tests {
    use image::{ImageBuffer, Luma, Rgb, Rgba};

    use super::*;

    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        let picture = DynamicImage::from(ImageBuffer::from_pixel(width, height, Rgba([9, 8, 7, 100u8])));
        picture.write_to(&mut bytes, ImageFormat::Png).unwrap();
        bytes.into_inner()
    }

    fn jpeg(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        let picture = DynamicImage::from(ImageBuffer::from_pixel(width, height, Rgb([9, 8, 7u8])));
        picture.write_to(&mut bytes, ImageFormat::Jpeg).unwrap();
        bytes.into_inner()
    }

    /// What a camera writes if it is held upright: turn by a quarter.
    fn upright(jpeg: &[u8]) -> Vec<u8> {
        let mut exif = b"\xff\xe1\x00\x22Exif\0\0MM\0\x2a\0\0\0\x08\0\x01".to_vec();
        exif.extend(b"\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0");
        [&jpeg[..2], &exif, &jpeg[2..]].concat()
    }

    fn size(picture: &Picture) -> (u32, u32) {
        (picture.width(), picture.height())
    }

    #[tokio::test]
    async fn a_smaller_picture_has_the_same_proportions() {
        let picture = Picture::read(png(400, 100)).unwrap();
        assert_eq!((size(&picture), picture.content_type()), ((400, 100), "image/png"));
        let small = picture.thumbnail(100, 100).await.unwrap();
        assert_eq!((size(&small), small.content_type()), ((100, 25), "image/png"));
        assert_eq!(size(&picture.thumbnail(1000, 1000).await.unwrap()), (400, 100));
        assert_eq!(size(&picture.thumbnail(0, 0).await.unwrap()), (1, 1));

        let picture = Picture::read(jpeg(40, 100)).unwrap();
        let small = picture.thumbnail(20, 20).await.unwrap();
        assert_eq!((size(&small), small.content_type()), ((8, 20), "image/jpeg"));
        assert_eq!(format!("{picture:?}"), format!("Picture(image/jpeg, 40×100, {} bytes)", picture.bytes().len()));
    }

    #[tokio::test]
    async fn a_picture_from_a_camera_is_turned() {
        let picture = Picture::read(upright(&jpeg(100, 40))).unwrap();
        assert_eq!(size(&picture), (40, 100));
        assert_eq!(size(&picture.thumbnail(80, 50).await.unwrap()), (20, 50));
    }

    /// A WebP with what cameras write, or at least so many bytes of it.
    fn webp(width: u32, height: u32, exif: &[u8], claimed: u32) -> Vec<u8> {
        let mut plain = Vec::new();
        let encoder = image::codecs::webp::WebPEncoder::new_lossless(&mut plain);
        ImageBuffer::from_pixel(width, height, Rgb([9, 8, 7u8])).write_with_encoder(encoder).unwrap();
        let mut head = vec![8, 0, 0, 0];
        head.extend_from_slice(&(width - 1).to_le_bytes()[..3]);
        head.extend_from_slice(&(height - 1).to_le_bytes()[..3]);
        let chunk = |name: &[u8], length: u32, content: &[u8]| [name, &length.to_le_bytes(), content].concat();
        let chunks = [chunk(b"VP8X", 10, &head), plain[12..].to_vec(), chunk(b"EXIF", claimed, exif)].concat();
        [&b"RIFF"[..], &(chunks.len() as u32 + 4).to_le_bytes(), b"WEBP", &chunks].concat()
    }

    #[tokio::test]
    async fn a_webp_is_turned_as_well() {
        let exif = b"MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
        let picture = Picture::read(webp(100, 40, exif, exif.len() as u32)).unwrap();
        assert_eq!((size(&picture), picture.content_type()), ((40, 100), "image/webp"));
        assert_eq!(size(&picture.thumbnail(80, 50).await.unwrap()), (20, 50));

        // Nothing is reserved for what is only said to be there.
        let before = most_reserved();
        let claims = Picture::read(webp(100, 40, exif, 0xffff_fff0)).unwrap();
        claims.thumbnail(80, 50).await.unwrap();
        assert!(most_reserved() - before < 2 << 30);
    }

    /// The most address space that this process has had, in bytes.
    fn most_reserved() -> u64 {
        let Ok(status) = std::fs::read_to_string("/proc/self/status") else { return 0 };
        let line = status.lines().find_map(|line| line.strip_prefix("VmPeak:")).unwrap();
        line.trim().strip_suffix(" kB").unwrap().parse::<u64>().unwrap() * 1024
    }

    /// Whatever the crate below was built for: it knows these, and may be able to decode them.
    #[test]
    fn four_kinds_and_no_others() {
        let others =
            [&b"BM\x46\0\0\0"[..], b"II\x2a\0\x08\0\0\0", b"P6 1 1 255 abc", b"qoif\0\0\0\x01\0\0\0\x01\x03\0"];
        for other in others {
            assert!(image::guess_format(other).is_ok());
            assert_eq!(Picture::read(other).unwrap_err().to_string(), "picture: it is no picture of a known kind");
        }
    }

    /// A few bytes that would be gigabytes.
    #[tokio::test]
    async fn a_bomb_is_not_decoded() {
        let mut bomb = Vec::new();
        let encoder = image::codecs::png::PngEncoder::new(&mut bomb);
        ImageBuffer::from_pixel(1, 1, Luma([0u8])).write_with_encoder(encoder).unwrap();
        // Width and height stand there, and then a check sum over them.
        let sized = |width: u32, height: u32| {
            let mut bomb = bomb.clone();
            bomb[16..20].copy_from_slice(&width.to_be_bytes());
            bomb[20..24].copy_from_slice(&height.to_be_bytes());
            let sum = crc(&bomb[12..29]);
            bomb[29..33].copy_from_slice(&sum.to_be_bytes());
            bomb
        };
        let refused = |error: Error| error.to_string();
        let large = Picture::read(sized(30_000, 30_000));
        let text = match large {
            Ok(picture) => refused(picture.thumbnail(100, 100).await.unwrap_err()),
            Err(error) => refused(error),
        };
        assert!(text.starts_with("picture: the picture "), "{text}");
        assert!(text.contains("too large") || text.contains("256 MiB"), "{text}");
        assert!(refused(Picture::read(sized(40_000, 1)).unwrap_err()).contains("too large"));
        for none in [&b""[..], b"<svg/>", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"BM"] {
            assert!(Picture::read(none).is_err());
        }
        let cut = Picture::read(png(100, 100)[..60].to_vec()).unwrap();
        assert_eq!(refused(cut.thumbnail(9, 9).await.unwrap_err()), "picture: the picture cannot be decoded");
    }

    fn crc(bytes: &[u8]) -> u32 {
        let bit = |sum: u32| if sum & 1 == 1 { 0xedb8_8320 ^ (sum >> 1) } else { sum >> 1 };
        !bytes.iter().fold(u32::MAX, |sum, &byte| (0..8).fold(sum ^ u32::from(byte), |sum, _| bit(sum)))
    }
}
