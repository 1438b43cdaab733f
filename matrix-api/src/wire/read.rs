//! Reading values, each with a note of what was expected.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{self, Visitor},
};
use serde_json::{Value, value::RawValue};

use super::{Shape, context};

/// A value that can be read from JSON.
///
/// Unlike serde's `Deserialize` it knows two speeds: if the strict one fails, lists and maps leave
/// out what they cannot read.
pub trait Read: Sized {
    /// What the JSON should be, for reports.
    const SHAPE: Shape = Shape::Any;

    /// Reads the value.
    ///
    /// # Errors
    ///
    /// When the JSON has another shape.
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error>;
}

/// Reads a text and makes a value of it.
#[doc(hidden)]
pub fn read_text<'de, D: Deserializer<'de>, T>(deserializer: D, make: fn(&str) -> T) -> Result<T, D::Error> {
    let read = deserializer.deserialize_str(TextVisitor { make });
    if read.is_err() {
        context::expected("a string");
    }
    read
}

struct TextVisitor<T> {
    make: fn(&str) -> T,
}

impl<T> Visitor<'_> for TextVisitor<T> {
    type Value = T;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a string")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        Ok((self.make)(text))
    }
}

/// Numbers that stand for whole ones, whichever way they are written.
struct WholeVisitor<T>(PhantomData<T>);

macro_rules! whole {
    ($name:ty, $least:literal, $beyond:literal) => {
        impl Visitor<'_> for WholeVisitor<$name> {
            type Value = $name;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a whole number")
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<$name, E> {
                <$name>::try_from(number).map_err(|_| range(number as f64))
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<$name, E> {
                <$name>::try_from(number).map_err(|_| range(number as f64))
            }

            fn visit_f64<E: de::Error>(self, number: f64) -> Result<$name, E> {
                // Whole, so nothing is lost. Old rooms cut off what follows the point.
                let whole = if context::takes_old_numbers() { number.trunc() } else { number };
                if whole.fract() == 0.0 && ($least..$beyond).contains(&whole) {
                    return Ok(whole as $name);
                }
                Err(range(number))
            }

            /// Old rooms take digits for a number.
            fn visit_str<E: de::Error>(self, text: &str) -> Result<$name, E> {
                match text.trim().parse() {
                    Ok(number) if context::takes_old_numbers() => Ok(number),
                    _ => Err(E::invalid_type(de::Unexpected::Str(text), &self)),
                }
            }
        }

        impl Read for $name {
            const SHAPE: Shape = Shape::Integer;

            fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer
                    .deserialize_any(WholeVisitor::<$name>(PhantomData))
                    .inspect_err(|_| context::expected("a whole number"))
            }
        }
    };
}

whole!(i64, -9_223_372_036_854_775_808.0, 9_223_372_036_854_775_808.0);
whole!(u64, 0.0, 18_446_744_073_709_551_616.0);

fn range<E: de::Error>(number: f64) -> E {
    E::invalid_value(de::Unexpected::Float(number), &"a whole number in range")
}

/// A yes or no; some databases answer with 1 and 0, and servers pass that on.
struct BooleanVisitor;

impl Visitor<'_> for BooleanVisitor {
    type Value = bool;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("true or false")
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<bool, E> {
        Ok(value)
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<bool, E> {
        match number {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(E::invalid_value(de::Unexpected::Unsigned(number), &self)),
        }
    }
}

impl Read for bool {
    const SHAPE: Shape = Shape::Boolean;

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(BooleanVisitor).inspect_err(|_| context::expected("true or false"))
    }
}

macro_rules! scalars {
    ($($name:ty: $shape:ident, $expected:literal;)*) => {$(
        impl Read for $name {
            const SHAPE: Shape = Shape::$shape;

            fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Self::deserialize(deserializer).inspect_err(|_| context::expected($expected))
            }
        }
    )*};
}

scalars! {
    String: Text, "a string";
    f64: Number, "a number";
    Value: Any, "JSON";
    Box<RawValue>: Any, "JSON";
}
