//! Scripted and live tests of matrix-api.

#[cfg(feature = "live")]
pub mod live;
