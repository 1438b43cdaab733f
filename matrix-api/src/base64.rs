//! Bytes as text.

#[cfg(any(feature = "identity", feature = "oauth"))]
const URL: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
#[cfg(feature = "client")]
const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// For URLs, without padding.
#[cfg(any(feature = "identity", feature = "oauth"))]
pub(crate) fn url(bytes: &[u8]) -> String {
    encode(bytes, URL)
}

/// With padding, as a header has it.
#[cfg(feature = "client")]
pub(crate) fn padded(bytes: &[u8]) -> String {
    let mut text = encode(bytes, STANDARD);
    while text.len() % 4 != 0 {
        text.push('=');
    }
    text
}

fn encode(bytes: &[u8], digits: &[u8; 64]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let group = three.iter().fold(0_u32, |group, byte| (group << 8) | u32::from(*byte)) << (8 * (3 - three.len()));
        for digit in 0..=three.len() {
            text.push(digits[(group >> (18 - 6 * digit)) as usize & 63].into());
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Those of RFC 4648.
    #[test]
    fn known_vectors() {
        let rows = [("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("foobar", "Zm9vYmFy")];
        for (bytes, text) in rows {
            #[cfg(any(feature = "identity", feature = "oauth"))]
            assert_eq!(url(bytes.as_bytes()), text);
            #[cfg(feature = "client")]
            assert_eq!(padded(bytes.as_bytes()), format!("{text}{}", &"=="[..(4 - text.len() % 4) % 4]));
        }
        #[cfg(any(feature = "identity", feature = "oauth"))]
        assert_eq!(url(&[0xff, 0xef]), "_-8");
        #[cfg(feature = "client")]
        assert_eq!(padded(&[0xff, 0xef]), "/+8=");
    }
}
