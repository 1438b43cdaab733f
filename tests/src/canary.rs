//! Texts that are looked for wherever they must not be.

use std::fmt;

use matrix_api::{Object, Request, json};
use serde::de::DeserializeOwned;
use serde_json::{Value, from_value};

/// Sees every request of every API: see [`generated::requests::visit`](crate::generated::requests::visit).
pub trait Visit {
    /// Sees one request, made with marks of its own.
    fn visit<R>(&mut self, make: impl FnOnce(&mut Marks) -> R)
    where
        R: Request + Clone + fmt::Debug + Send + Sync + 'static,
        R::Response: fmt::Debug + Send;
}

/// What the hidden texts of all requests begin with.
pub const HIDDEN: &str = "hiddencanary";

/// What the others begin with.
pub const OPEN: &str = "opencanary";

/// The texts of one request.
#[derive(Clone, Debug, Default)]
pub struct Marks {
    /// Texts that may be shown, such as ids.
    pub open: Vec<String>,
    /// Secrets, and whatever a caller puts into bodies without a form.
    pub hidden: Vec<String>,
    made: usize,
}

impl Marks {
    /// A text that may be shown.
    pub fn text(&mut self, spot: &str) -> String {
        let text = self.mark(OPEN, spot);
        self.open.push(text.clone());
        text
    }

    /// A text that must not be shown.
    pub fn hidden(&mut self, spot: &str) -> String {
        let text = self.mark(HIDDEN, spot);
        self.hidden.push(text.clone());
        text
    }

    /// JSON without a form, with a text that must not be shown.
    pub fn free(&mut self, spot: &str) -> Value {
        json!({ "free": [self.hidden(spot)] })
    }

    /// The same as an object.
    pub fn object(&mut self, spot: &str) -> Object {
        Object::from_iter([("free", self.free(spot))])
    }

    /// A type of the runtime, by its name, with a text in it if it has one.
    ///
    /// # Panics
    ///
    /// When the text makes no such value.
    pub fn scalar<T: DeserializeOwned>(&mut self, name: &str, spot: &str, hidden: bool) -> T {
        let json = match name {
            // A number has no room for a text.
            "UnixMillis" | "UnixSeconds" => json!(7),
            _ => {
                let text = if hidden { self.hidden(spot) } else { self.text(spot) };
                match name {
                    "RoomId" => json!(format!("!{text}:hs")),
                    "RoomAlias" | "RoomOrAlias" => json!(format!("#{text}:hs")),
                    "UserId" => json!(format!("@{text}:hs")),
                    "EventId" => json!(format!("${text}")),
                    "MxcUri" => json!(format!("mxc://hs/{text}")),
                    _ => json!(text),
                }
            }
        };
        from_value(json).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Letters and digits only, so that every place writes it as it is.
    fn mark(&mut self, kind: &str, spot: &str) -> String {
        let spot: String = spot.chars().filter(char::is_ascii_alphanumeric).collect();
        // An id has 255 bytes at most.
        let spot = &spot[spot.len().saturating_sub(60)..];
        self.made += 1;
        format!("{kind}{}x{spot}x", self.made)
    }
}
