//! What `cargo xtask codegen` writes for tests.

#[rustfmt::skip]
pub mod client_server;
#[rustfmt::skip]
pub mod requests;
#[rustfmt::skip]
pub mod responses;
#[rustfmt::skip]
pub mod synapse_admin;
