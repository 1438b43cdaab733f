//! The client against a server that follows a script.
#![cfg(all(feature = "client", feature = "client-server"))]

mod calls;
mod limits;
mod login;
mod redirects;
mod retrying;
mod secrets;
mod sending;
mod server;
