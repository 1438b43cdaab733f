//! Scripted and live tests of matrix-api.

pub mod canary;
pub mod content_back;
pub mod fuzz;
pub mod generated;
pub mod read_back;
pub mod send_back;

#[cfg(feature = "live")]
pub mod live;
#[cfg(feature = "live")]
pub mod manager;
#[cfg(feature = "live")]
pub mod programs;
#[cfg(feature = "live")]
pub mod store;
