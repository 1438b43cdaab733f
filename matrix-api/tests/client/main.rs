//! The client against a server that follows a script.
#![cfg(feature = "client")]

mod calls;
mod limits;
mod login;
mod redirects;
mod retrying;
mod secrets;
mod sending;
mod server;
