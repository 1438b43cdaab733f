//! What the handle for files wants of a client.

use http::StatusCode;

use super::{Call, Client};
use crate::{
    Error, Metadata, Request,
    client::{failure, slot::Slot},
    error::{self, Received},
    service::Homeserver,
    transport::{Fault, Source},
};

impl Client {
    /// The largest upload, if the server was asked within the last hour. It may not have said.
    pub(crate) fn known_upload_limit(&self) -> Option<Option<u64>> {
        self.inner.known.upload_limit()
    }

    pub(crate) fn learn_upload_limit(&self, limit: Option<u64>) {
        self.inner.known.learn_upload_limit(limit);
    }

    /// The most bytes of a download, unless it says otherwise.
    pub(crate) fn media_limit(&self) -> u64 {
        self.inner.executor.limits.media
    }

    /// How often a call is tried at most.
    pub(crate) fn tries(&self) -> u32 {
        self.inner.terms.policy.tries()
    }

    pub(crate) fn note(&self, metadata: &'static Metadata, status: StatusCode) {
        self.inner.observe(metadata, status);
    }
}

impl<R: Request<To = Homeserver>> Call<R> {
    /// With this as its body, in place of the request's own.
    pub(crate) fn upload(mut self, source: Source) -> Self {
        self.options.streams.upload = Some(source);
        self
    }

    /// With the body of the answer left there.
    pub(crate) fn download(mut self, slot: Slot) -> Self {
        self.options.streams.download = Some(slot);
        self
    }
}

/// The body of a successful answer broke off.
pub(crate) fn broke_off(call: error::Call, fault: Fault, status: StatusCode) -> Error {
    failure::error(call, super::exchange::Why::Fault(fault, Some(status)))
}

/// The body of a successful answer is larger than allowed.
pub(crate) fn too_large(call: error::Call, limit: u64, read: Received) -> Error {
    failure::error(call, super::exchange::Why::TooLarge { limit, read })
}
