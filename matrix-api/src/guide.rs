//! Pages to read, beside the documentation of each item.

#[doc = include_str!("../docs/encrypted-rooms.md")]
pub mod encrypted_rooms {}

#[doc = include_str!("../docs/files.md")]
pub mod files {}

#[doc = include_str!("../docs/first-generation.md")]
pub mod first_generation {}

#[doc = include_str!("../docs/logins.md")]
pub mod logins {}
