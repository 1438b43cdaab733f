//! What `cargo xtask codegen` writes for tests.

#![allow(deprecated, reason = "a deprecated operation is tested like any other")]

#[rustfmt::skip]
pub mod application_service;
#[rustfmt::skip]
pub mod calls;
#[rustfmt::skip]
pub mod client_server;
#[rustfmt::skip]
pub mod federation;
#[rustfmt::skip]
pub mod identity;
#[rustfmt::skip]
pub mod integrations;
#[rustfmt::skip]
pub mod mas_admin;
#[rustfmt::skip]
pub mod push_gateway;
#[rustfmt::skip]
pub mod requests;
#[rustfmt::skip]
pub mod responses;
#[rustfmt::skip]
pub mod synapse_admin;
#[rustfmt::skip]
pub mod events;
#[rustfmt::skip]
pub mod unstable;
