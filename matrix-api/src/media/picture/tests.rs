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
    let others = [&b"BM\x46\0\0\0"[..], b"II\x2a\0\x08\0\0\0", b"P6 1 1 255 abc", b"qoif\0\0\0\x01\0\0\0\x01\x03\0"];
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

/// A picture of every kind whose head says that it is 30000 pixels wide and high.
#[tokio::test]
async fn no_kind_of_bomb_is_decoded() {
    let side = 30_000u16;
    let mut jpeg = jpeg(8, 8);
    let frame = jpeg.windows(2).position(|two| two == b"\xff\xc0").unwrap();
    jpeg[frame + 5..frame + 9].copy_from_slice(&[side.to_be_bytes(), side.to_be_bytes()].concat());
    let mut gif = Cursor::new(Vec::new());
    let one = DynamicImage::from(ImageBuffer::from_pixel(1, 1, Rgba([9, 8, 7, 255u8])));
    one.write_to(&mut gif, ImageFormat::Gif).unwrap();
    let mut gif = gif.into_inner();
    gif[6..10].copy_from_slice(&[side.to_le_bytes(), side.to_le_bytes()].concat());
    let mut webp = webp(1, 1, b"", 0);
    let canvas = (u32::from(side) - 1).to_le_bytes();
    webp[24..30].copy_from_slice(&[&canvas[..3], &canvas[..3]].concat());
    for (bomb, kind) in [(jpeg, "image/jpeg"), (gif, "image/gif"), (webp, "image/webp")] {
        let picture = Picture::read(bomb).unwrap();
        assert_eq!((size(&picture), picture.content_type()), ((30_000, 30_000), kind));
        let error = picture.thumbnail(9, 9).await.unwrap_err().to_string();
        assert_eq!(error, "picture: the picture would take more than 256 MiB", "{kind}");
    }
}

fn crc(bytes: &[u8]) -> u32 {
    let bit = |sum: u32| if sum & 1 == 1 { 0xedb8_8320 ^ (sum >> 1) } else { sum >> 1 };
    !bytes.iter().fold(u32::MAX, |sum, &byte| (0..8).fold(sum ^ u32::from(byte), |sum, _| bit(sum)))
}
