use std::{borrow::Cow, error, fmt};

/// A helper's own refusal: a setting that cannot be used, a variable that is missing, an answer
/// that must not be trusted.
#[derive(Clone, PartialEq, Eq)]
pub struct Rejected(Box<(Cow<'static, str>, Cow<'static, str>)>);

impl Rejected {
    /// `what` names the helper, such as `Client::from_env`; the reason is a sentence without a
    /// full stop, and shows no secret.
    #[cfg_attr(not(feature = "client"), allow(dead_code))]
    pub(crate) fn new(what: impl Into<Cow<'static, str>>, reason: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new((what.into(), reason.into())))
    }

    /// Which helper refused.
    #[must_use]
    pub fn what(&self) -> &str {
        &self.0.0
    }

    /// Why, as a sentence without a full stop.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.0.1
    }
}

impl fmt::Display for Rejected {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.what(), self.reason())
    }
}

impl fmt::Debug for Rejected {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Rejected({self})")
    }
}

impl error::Error for Rejected {}
