//! The client against a server that follows a script.
#![cfg(all(feature = "client", feature = "client-server"))]

mod again;
mod calls;
mod hostile;
mod limits;
mod login;
mod messages;
mod redirects;
mod reports;
mod retrying;
mod secrets;
mod sending;
mod server;
mod stores;
#[cfg(feature = "tracing")]
mod watching;
