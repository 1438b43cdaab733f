//! The one shape that all identifiers have.

macro_rules! define_id {
    ($(#[$docs:meta])* $name:ident, $what:literal, $check:path) => {
        $(#[$docs])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Box<str>);

        impl $name {
            /// Checks a text and makes it an identifier.
            ///
            /// # Errors
            ///
            #[doc = concat!("When the text is not ", $what, ".")]
            pub fn parse(text: &str) -> Result<Self, IdError> {
                if text.is_empty() {
                    return Err(IdError { what: $what, reason: "must not be empty" });
                }
                let id = Self::from(text);
                id.validate()?;
                Ok(id)
            }

            /// Checks what is checked before sending.
            ///
            /// # Errors
            ///
            #[doc = concat!("When it is not ", $what, ".")]
            pub fn validate(&self) -> Result<(), IdError> {
                $check(&self.0).map_err(|reason| IdError { what: $what, reason })
            }

            /// The identifier as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }

            #[allow(dead_code)]
            fn into_text(self) -> String {
                self.0.into()
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.into())
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text.into())
            }
        }

        impl From<&String> for $name {
            fn from(text: &String) -> Self {
                Self(text.as_str().into())
            }
        }

        impl From<&Self> for $name {
            fn from(id: &Self) -> Self {
                id.clone()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0.into()
            }
        }

        impl std::str::FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                Self::parse(text)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl PartialEq<str> for $name {
            fn eq(&self, other: &str) -> bool {
                &*self.0 == other
            }
        }

        impl PartialEq<&str> for $name {
            fn eq(&self, other: &&str) -> bool {
                &*self.0 == *other
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                out.pad(&self.0)
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Debug::fmt(&self.0, out)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                // Checked on the way out only: what a server sent may be kept and shown as it is.
                if crate::wire::context::is_encoding() {
                    if let Err(error) = self.validate() {
                        return Err(crate::wire::context::refuse(error.reason));
                    }
                }
                serializer.serialize_str(&self.0)
            }
        }

        $crate::read_text_value!($name, |text| $name(text.into()));

        impl crate::wire::Segment for $name {
            fn write_segment(
                &self,
                out: &mut crate::wire::Text<'_>,
            ) -> Result<(), crate::wire::Refused> {
                self.validate().map_err(|error| crate::wire::Refused::new(error.reason))?;
                out.push(&self.0);
                Ok(())
            }
        }

        // What came is read as it is, as from JSON.
        impl crate::wire::FromText for $name {
            fn from_text(text: &str) -> Result<Self, crate::wire::Refused> {
                Ok(Self::from(text))
            }
        }

        impl crate::wire::QueryValue for $name {
            fn write_value(
                &self,
                out: &mut crate::wire::Text<'_>,
            ) -> Result<(), crate::wire::Refused> {
                crate::wire::Segment::write_segment(self, out)
            }
        }
    };
}
