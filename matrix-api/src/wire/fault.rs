use std::borrow::Cow;

use crate::request::Place;

/// The first value that a writer had to refuse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) place: Option<Place>,
    pub(crate) field: Cow<'static, str>,
    pub(crate) reason: Cow<'static, str>,
}

impl Fault {
    pub(super) fn new(place: Place, field: impl Into<Cow<'static, str>>, reason: impl Into<Cow<'static, str>>) -> Self {
        Self { place: Some(place), field: field.into(), reason: reason.into() }
    }
}
