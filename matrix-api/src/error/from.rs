//! What `?` makes an [`Error`] of.

use super::{
    AuthError, DecodeFailure, DiscoveryError, EncodeError, Error, FileError, IntegrationError, Rejected, RoomError,
    StoreError,
};
use crate::{ids::IdError, wire::DecodeError};

impl From<EncodeError> for Error {
    fn from(error: EncodeError) -> Self {
        Self::Encode(error)
    }
}

impl From<FileError> for Error {
    fn from(error: FileError) -> Self {
        Self::File(error)
    }
}

impl From<Rejected> for Error {
    fn from(error: Rejected) -> Self {
        Self::Rejected(error)
    }
}

impl From<RoomError> for Error {
    fn from(error: RoomError) -> Self {
        Self::Room(error)
    }
}

impl From<AuthError> for Error {
    fn from(error: AuthError) -> Self {
        Self::Auth(error)
    }
}

impl From<DiscoveryError> for Error {
    fn from(error: DiscoveryError) -> Self {
        Self::Discovery(error)
    }
}

impl From<IntegrationError> for Error {
    fn from(error: IntegrationError) -> Self {
        Self::Integration(error)
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<IdError> for Error {
    fn from(error: IdError) -> Self {
        Self::Encode(error.into())
    }
}

impl From<DecodeError> for Error {
    fn from(error: DecodeError) -> Self {
        Self::Decode(DecodeFailure::outside(error))
    }
}
