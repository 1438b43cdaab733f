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
#![allow(unreachable_pub, reason = "which definitions another module re-exports depends on the features")]
#![allow(clippy::large_enum_variant, reason = "a content is looked at and dropped, and rarely kept in numbers")]
#![allow(clippy::too_many_arguments, reason = "an operation takes what its document says")]
#![allow(clippy::should_implement_trait, reason = "`from` and `not` are names of values here")]

// Each says itself which features it is there for: its own, and those of APIs that share its definitions.
pub mod application_service;
pub mod client_server;
pub mod events;
pub mod federation;
pub mod identity;
pub mod integrations;
pub mod mas_admin;
pub mod push_gateway;
pub mod server_server;
pub mod synapse_admin;
#[cfg(feature = "unstable")]
pub mod unstable;
