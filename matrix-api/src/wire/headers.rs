use http::{HeaderMap, HeaderName, HeaderValue};

use super::{Fault, QueryValue, Text};
use crate::request::Place;

/// Writes the headers that belong to an operation.
#[derive(Default)]
pub struct Headers {
    map: HeaderMap,
    fault: Option<Fault>,
}

impl Headers {
    /// Sets a header. Only printable ASCII can be sent.
    pub fn set<T: QueryValue + ?Sized>(&mut self, name: &'static str, value: &T) {
        let mut text = Vec::new();
        if let Err(refused) = value.write_value(&mut Text::plain(&mut text)) {
            return self.refuse(name, refused.reason());
        }
        let Ok(key) = HeaderName::from_bytes(name.as_bytes()) else {
            return self.refuse(name, "is not a valid name");
        };
        match std::str::from_utf8(&text).map(HeaderValue::from_str) {
            Ok(Ok(value)) => {
                self.map.insert(key, value);
            }
            _ => self.refuse(name, "must be printable ASCII"),
        }
    }

    /// Sets a header if there is a value.
    pub fn opt<T: QueryValue>(&mut self, name: &'static str, value: &Option<T>) {
        if let Some(value) = value {
            self.set(name, value);
        }
    }

    fn refuse(&mut self, name: &'static str, reason: &'static str) {
        if self.fault.is_none() {
            self.fault = Some(Fault::new(Place::Header, name, reason));
        }
    }

    /// Adds them to those of a message.
    pub(crate) fn finish(self, message: &mut HeaderMap) -> Result<(), Fault> {
        match self.fault {
            Some(fault) => Err(fault),
            None if self.map.is_empty() => Ok(()),
            None => {
                message.extend(self.map);
                Ok(())
            }
        }
    }
}
