//! Values that are text in a path, a query, or a header.

use std::fmt;

use super::buffer;

/// Takes the text of one value and writes it in the encoding of its place.
pub struct Text<'a> {
    out: &'a mut Vec<u8>,
    encoded: bool,
    has_control: bool,
}

impl<'a> Text<'a> {
    /// For paths and queries: everything but `A-Z a-z 0-9 - . _ ~` becomes `%XX`.
    pub(super) fn percent(out: &'a mut Vec<u8>) -> Self {
        Self { out, encoded: true, has_control: false }
    }

    /// For headers: as it is.
    pub(super) fn plain(out: &'a mut Vec<u8>) -> Self {
        Self { out, encoded: false, has_control: false }
    }

    /// Adds text to the value.
    pub fn push(&mut self, text: &str) {
        if self.encoded {
            let may_have = escape(self.out, text.as_bytes());
            self.has_control = self.has_control || may_have && has_control(text);
        } else {
            self.has_control = self.has_control || has_control(text);
            self.out.extend_from_slice(text.as_bytes());
        }
    }

    pub(super) fn has_control(&self) -> bool {
        self.has_control
    }
}

impl fmt::Write for Text<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.push(text);
        Ok(())
    }
}

/// Adds text so that it is one part of a path or a query, whatever it is.
pub(crate) fn percent(out: &mut String, text: &str) {
    let mut escaped = buffer::take();
    escape(&mut escaped, text.as_bytes());
    out.push_str(std::str::from_utf8(&escaped).unwrap_or_default());
    buffer::give_back(escaped);
}

/// Escapes what is not plain, and tells whether there may be a control character.
pub(super) fn escape(out: &mut Vec<u8>, text: &[u8]) -> bool {
    let (mut rest, mut seen) = (text, PLAIN);
    while !rest.is_empty() {
        let (plain, tail) = rest.split_at(plain_at_first(rest));
        out.extend_from_slice(plain);
        rest = tail;
        while let [byte, tail @ ..] = rest {
            if class(*byte) == PLAIN {
                break;
            }
            seen |= class(*byte);
            out.extend_from_slice(&ESCAPED[usize::from(*byte)]);
            rest = tail;
        }
    }
    seen & SUSPICIOUS != 0
}

/// How many bytes are plain before one is not.
fn plain_at_first(text: &[u8]) -> usize {
    // Most texts are plain as a whole: four bytes by one question.
    let is_plain = |four: &&[u8]| four.iter().fold(PLAIN, |seen, byte| seen | class(*byte)) == PLAIN;
    let whole = text.chunks_exact(4).take_while(is_plain).count() * 4;
    whole + text[whole..].iter().take_while(|byte| class(**byte) == PLAIN).count()
}

/// Whether nothing has to be escaped: neither in a URL nor in JSON.
pub(super) fn is_plain(text: &str) -> bool {
    plain_at_first(text.as_bytes()) == text.len()
}

/// A byte that stands for itself.
const PLAIN: u8 = 0;
/// One that does not.
const OTHER: u8 = 1;
/// One that is a control character, or may be the first byte of one.
const SUSPICIOUS: u8 = 2;

fn class(byte: u8) -> u8 {
    CLASSES[usize::from(byte)]
}

static CLASSES: [u8; 256] = {
    let mut classes = [OTHER; 256];
    let mut byte = 0_u8;
    loop {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            classes[byte as usize] = PLAIN;
        } else if byte < 0x20 || byte == 0x7f || byte == 0xc2 {
            classes[byte as usize] = SUSPICIOUS;
        }
        if byte == u8::MAX {
            break classes;
        }
        byte += 1;
    }
};

/// `%00`, `%01`, `%02` and so on.
static ESCAPED: [[u8; 3]; 256] = {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let mut table = [[b'%'; 3]; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte][1] = DIGITS[byte >> 4];
        table[byte][2] = DIGITS[byte & 15];
        byte += 1;
    }
    table
};

/// Whether there is a control character: in ASCII, or after a byte 0xC2.
pub(crate) fn has_control(text: &str) -> bool {
    let seen = text.bytes().fold(PLAIN, |seen, byte| seen | class(byte));
    seen & SUSPICIOUS != 0 && text.chars().any(char::is_control)
}

/// Why a value may not be sent, as in ``must start with `@` ``.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused(&'static str);

impl Refused {
    /// The reason reads on after the field's name: ``must start with `@` ``.
    #[must_use]
    pub const fn new(reason: &'static str) -> Self {
        Self(reason)
    }

    /// The reason.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        self.0
    }
}

/// A value that can be a segment of a path.
pub trait Segment {
    /// Writes the value; the place encodes it.
    ///
    /// # Errors
    ///
    /// When the value must not be sent.
    fn write_segment(&self, out: &mut Text<'_>) -> Result<(), Refused>;
}

/// A value that can stand in a query or a header.
pub trait QueryValue {
    /// Writes the value; the place encodes it.
    ///
    /// # Errors
    ///
    /// When the value must not be sent.
    fn write_value(&self, out: &mut Text<'_>) -> Result<(), Refused>;
}

macro_rules! values {
    ($($name:ty => |$value:ident, $out:ident| $write:expr;)*) => {$(
        impl Segment for $name {
            fn write_segment(&self, $out: &mut Text<'_>) -> Result<(), Refused> {
                let $value = self;
                $write
            }
        }

        impl QueryValue for $name {
            fn write_value(&self, out: &mut Text<'_>) -> Result<(), Refused> {
                self.write_segment(out)
            }
        }
    )*};
}

fn display(value: &dyn fmt::Display, out: &mut Text<'_>) -> Result<(), Refused> {
    use fmt::Write as _;
    write!(out, "{value}").map_err(|_| Refused("could not be written"))
}

/// The digits of a number, and a minus in front of them.
fn whole(mut rest: u64, negative: bool, out: &mut Text<'_>) -> Result<(), Refused> {
    const DIGITS: &[u8; 10] = b"0123456789";
    // As long as the longest, with its minus.
    let mut text = [b'-'; 21];
    let mut at = text.len();
    loop {
        at -= 1;
        text[at] = DIGITS[(rest % 10) as usize];
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    at -= usize::from(negative);
    out.out.extend_from_slice(&text[at..]);
    Ok(())
}

fn push(value: &str, out: &mut Text<'_>) -> Result<(), Refused> {
    out.push(value);
    Ok(())
}

values! {
    str => |value, out| push(value, out);
    String => |value, out| push(value, out);
    bool => |value, out| push(if *value { "true" } else { "false" }, out);
    i64 => |value, out| whole(value.unsigned_abs(), *value < 0, out);
    u64 => |value, out| whole(*value, false, out);
    f64 => |value, out| if value.is_finite() {
        display(value, out)
    } else {
        Err(Refused("must be a finite number"))
    };
}

impl<T: Segment + ?Sized> Segment for &T {
    fn write_segment(&self, out: &mut Text<'_>) -> Result<(), Refused> {
        (**self).write_segment(out)
    }
}

impl<T: QueryValue + ?Sized> QueryValue for &T {
    fn write_value(&self, out: &mut Text<'_>) -> Result<(), Refused> {
        (**self).write_value(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written<T: QueryValue + ?Sized>(value: &T) -> (String, bool) {
        let mut out = Vec::new();
        let mut text = Text::percent(&mut out);
        value.write_value(&mut text).unwrap();
        let has_control = text.has_control();
        (String::from_utf8(out).unwrap(), has_control)
    }

    #[test]
    fn every_byte_is_escaped_wherever_it_stands() {
        for character in ('\0'..='\u{ff}').chain(['\u{85}', '€', '🙂']) {
            for before in 0..9 {
                let text = format!("{}{character}{character}b", "a".repeat(before));
                let escape = |byte: u8| match byte {
                    b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
                    _ => format!("%{byte:02X}"),
                };
                let expected: String = text.bytes().map(escape).collect();
                assert_eq!(written(text.as_str()), (expected.clone(), character.is_control()), "{text:?}");
                assert_eq!(is_plain(&text), expected == text);
                let mut out = "/".to_owned();
                percent(&mut out, &text);
                assert_eq!(out, format!("/{expected}"));
            }
        }
        assert_eq!(written(""), (String::new(), false));
    }

    #[test]
    fn whole_numbers_have_all_their_digits() {
        for number in [0, 7, -7, 10, 30_000, -1_234_567_890, i64::MAX, i64::MIN] {
            assert_eq!(written(&number).0, number.to_string());
        }
        for number in [0, 99, u64::MAX] {
            assert_eq!(written(&number).0, number.to_string());
        }
    }
}
