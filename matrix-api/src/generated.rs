//! What `cargo xtask codegen` writes. Nothing below this file is edited by hand:
//! a wrong fact is mended in `specs/patches`, a missing one in `specs/semantics`,
//! a word in `specs/docs`, and a look in `codegen/src/emit`.

#![allow(
    deprecated,
    reason = "a deprecated operation is generated like any other; the warning is for its callers"
)]
#![allow(
    clippy::new_without_default,
    reason = "an operation may gain a required value, and a type without one would lose its Default"
)]
#![allow(unused_qualifications, reason = "a path is spelled out where a feature decides whether it is used")]
#![allow(clippy::too_many_arguments, reason = "an operation takes what its document says")]
#![allow(clippy::should_implement_trait, reason = "`from` and `not` are names of values here")]

#[cfg(feature = "client-server")]
pub(crate) mod application_service;
#[cfg(feature = "client-server")]
pub mod client_server;
#[cfg(feature = "synapse-admin")]
pub mod synapse_admin;
