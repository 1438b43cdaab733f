//! Open enums of strings.

/// An enum whose values are strings and whose list is open: reading one never fails.
pub trait StringEnum: Sized {
    /// The values that this version knows.
    const VALUES: &'static [&'static str] = &[];

    /// The value as it stands on the wire.
    fn as_str(&self) -> &str;

    /// The value of a text, known or not.
    fn parse(text: &str) -> Self;

    /// Whether this version knows the value.
    fn is_known(&self) -> bool;
}

/// Gives a [`StringEnum`] the traits that make it usable everywhere: conversions from text,
/// `Display`, serde, and all places of a request.
#[macro_export]
macro_rules! string_enum {
    ($name:ident) => {
        // A private enum need not use both.
        #[allow(dead_code, unreachable_pub)]
        impl $name {
            /// The value as it stands on the wire.
            #[must_use]
            pub fn as_str(&self) -> &str {
                $crate::StringEnum::as_str(self)
            }

            /// Whether this version knows the value.
            #[must_use]
            pub fn is_known(&self) -> bool {
                $crate::StringEnum::is_known(self)
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, out: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                out.pad($crate::StringEnum::as_str(self))
            }
        }

        impl ::std::convert::AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                $crate::StringEnum::as_str(self)
            }
        }

        impl ::std::convert::From<&str> for $name {
            fn from(text: &str) -> Self {
                $crate::StringEnum::parse(text)
            }
        }

        impl ::std::convert::From<::std::string::String> for $name {
            fn from(text: ::std::string::String) -> Self {
                $crate::StringEnum::parse(&text)
            }
        }

        $crate::text_value!(
            $name,
            |value| $crate::StringEnum::as_str(value),
            |text| $crate::StringEnum::parse(text),
            match <$name as $crate::StringEnum>::VALUES {
                [] => $crate::wire::Shape::Text,
                known => $crate::wire::Shape::Enum(known),
            }
        );
    };
}

/// Serde, `Read`, `Segment` and `QueryValue` for a type that is a text on the wire.
#[doc(hidden)]
#[macro_export]
macro_rules! text_value {
    ($name:ident, $as_str:expr, $parse:expr) => {
        $crate::text_value!($name, $as_str, $parse, $crate::wire::Shape::Text);
    };
    ($name:ident, $as_str:expr, $parse:expr, $shape:expr) => {
        impl $crate::__private::serde::Serialize for $name {
            fn serialize<S: $crate::__private::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::std::result::Result<S::Ok, S::Error> {
                let as_str: fn(&$name) -> &str = $as_str;
                serializer.serialize_str(as_str(self))
            }
        }

        $crate::read_text_value!($name, $parse, $shape);

        impl $crate::wire::Segment for $name {
            fn write_segment(
                &self,
                out: &mut $crate::wire::Text<'_>,
            ) -> ::std::result::Result<(), $crate::wire::Refused> {
                let as_str: fn(&$name) -> &str = $as_str;
                out.push(as_str(self));
                Ok(())
            }
        }

        impl $crate::wire::FromText for $name {
            fn from_text(text: &str) -> ::std::result::Result<Self, $crate::wire::Refused> {
                let parse: fn(&str) -> $name = $parse;
                ::std::result::Result::Ok(parse(text))
            }
        }

        impl $crate::wire::QueryValue for $name {
            fn write_value(
                &self,
                out: &mut $crate::wire::Text<'_>,
            ) -> ::std::result::Result<(), $crate::wire::Refused> {
                let as_str: fn(&$name) -> &str = $as_str;
                out.push(as_str(self));
                Ok(())
            }
        }
    };
}

/// `Read` and `Deserialize` for a type that is a text on the wire.
#[doc(hidden)]
#[macro_export]
macro_rules! read_text_value {
    ($name:ident, $parse:expr) => {
        $crate::read_text_value!($name, $parse, $crate::wire::Shape::Text);
    };
    ($name:ident, $parse:expr, $shape:expr) => {
        impl $crate::wire::Read for $name {
            const SHAPE: $crate::wire::Shape = $shape;

            fn read<'de, D: $crate::__private::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::std::result::Result<Self, D::Error> {
                let parse: fn(&str) -> $name = $parse;
                $crate::wire::read_text(deserializer, parse)
            }
        }

        impl<'de> $crate::__private::serde::Deserialize<'de> for $name {
            fn deserialize<D: $crate::__private::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::std::result::Result<Self, D::Error> {
                <Self as $crate::wire::Read>::read(deserializer)
            }
        }
    };
}
