//! Values that are text in a path, a query, or a header.

use std::{fmt, io};

/// Takes the text of one value and writes it in the encoding of its place.
pub struct Text<'a> {
    out: &'a mut String,
    encoded: bool,
    has_control: bool,
}

impl<'a> Text<'a> {
    /// For paths and queries: everything but `A-Z a-z 0-9 - . _ ~` becomes `%XX`.
    pub(super) fn percent(out: &'a mut String) -> Self {
        Self { out, encoded: true, has_control: false }
    }

    /// For headers: as it is.
    pub(super) fn plain(out: &'a mut String) -> Self {
        Self { out, encoded: false, has_control: false }
    }

    /// Adds text to the value.
    pub fn push(&mut self, text: &str) {
        if self.encoded {
            let may_have = escape(self.out, text);
            self.has_control = self.has_control || may_have && has_control(text);
        } else {
            self.has_control = self.has_control || has_control(text);
            self.out.push_str(text);
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

/// Percent-encodes the bytes of JSON text as they are written.
pub(super) struct PercentWriter<'a>(pub(super) &'a mut String);

impl io::Write for PercentWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        escape(self.0, str::from_utf8(bytes).map_err(|_| io::ErrorKind::InvalidData)?);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Adds text so that it is one part of a path or a query, whatever it is.
pub(crate) fn percent(out: &mut String, text: &str) {
    escape(out, text);
}

/// Escapes what is not plain, and tells whether there may be a control character.
fn escape(out: &mut String, text: &str) -> bool {
    out.reserve(text.len());
    let (mut plain, mut seen) = (0, PLAIN);
    for (at, byte) in text.bytes().enumerate() {
        let class = CLASSES[usize::from(byte)];
        if class != PLAIN {
            seen |= class;
            // Within a character there is nothing plain, and no place to cut.
            out.push_str(text.get(plain..at).unwrap_or_default());
            let escaped = usize::from(byte) * 3;
            out.push_str(&ESCAPED[escaped..escaped + 3]);
            plain = at + 1;
        }
    }
    out.push_str(text.get(plain..).unwrap_or_default());
    seen & SUSPICIOUS != 0
}

/// A byte that stands for itself.
const PLAIN: u8 = 0;
/// One that does not.
const OTHER: u8 = 1;
/// One that is a control character, or may be the first byte of one.
const SUSPICIOUS: u8 = 2;

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

/// `%00%01%02` and so on.
static ESCAPED: &str = {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    const TABLE: [u8; 768] = {
        let mut table = [b'%'; 768];
        let mut byte = 0;
        while byte < 256 {
            table[byte * 3 + 1] = DIGITS[byte >> 4];
            table[byte * 3 + 2] = DIGITS[byte & 15];
            byte += 1;
        }
        table
    };
    match str::from_utf8(&TABLE) {
        Ok(text) => text,
        Err(_) => "",
    }
};

/// Whether there is a control character: in ASCII, or after a byte 0xC2.
pub(crate) fn has_control(text: &str) -> bool {
    text.bytes().any(|byte| CLASSES[usize::from(byte)] == SUSPICIOUS) && text.chars().any(char::is_control)
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

fn push(value: &str, out: &mut Text<'_>) -> Result<(), Refused> {
    out.push(value);
    Ok(())
}

values! {
    str => |value, out| push(value, out);
    String => |value, out| push(value, out);
    bool => |value, out| push(if *value { "true" } else { "false" }, out);
    i64 => |value, out| display(value, out);
    u64 => |value, out| display(value, out);
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
