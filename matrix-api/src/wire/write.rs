use serde::{Serialize, Serializer, ser::SerializeMap};

use super::{Object, Patch, context};
use crate::secret::Free;

/// Begins an object of nested data.
///
/// # Errors
///
/// What the serializer refuses.
pub fn write_object<S: Serializer>(serializer: S) -> Result<ObjectWriter<S>, S::Error> {
    Ok(ObjectWriter(serializer.serialize_map(None)?))
}

/// Writes the members of an object of nested data.
pub struct ObjectWriter<S: Serializer>(S::SerializeMap);

impl<S: Serializer> ObjectWriter<S> {
    /// Sets a member.
    ///
    /// # Errors
    ///
    /// What the serializer refuses.
    pub fn set<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<(), S::Error> {
        self.0.serialize_entry(name, value).inspect_err(|_| context::blame(name))
    }

    /// Sets a member if there is a value.
    ///
    /// # Errors
    ///
    /// What the serializer refuses.
    pub fn opt<T: Serialize>(&mut self, name: &str, value: &Option<T>) -> Result<(), S::Error> {
        value.as_ref().map_or(Ok(()), |value| self.set(name, value))
    }

    /// Sets a member, sets it to null, or leaves it out.
    ///
    /// # Errors
    ///
    /// What the serializer refuses.
    pub fn patch<T: Serialize>(&mut self, name: &str, value: &Patch<T>) -> Result<(), S::Error> {
        if value.is_absent() { Ok(()) } else { self.set(name, value) }
    }

    /// Adds members that have no field of their own.
    ///
    /// # Errors
    ///
    /// What the serializer refuses.
    pub fn extra(&mut self, extra: &Object) -> Result<(), S::Error> {
        extra.iter().try_for_each(|(name, value)| self.set(name, &Free(value)))
    }

    /// Ends the object.
    ///
    /// # Errors
    ///
    /// What the serializer refuses.
    pub fn end(self) -> Result<S::Ok, S::Error> {
        self.0.end()
    }
}
