//! The client against a server that follows a script.
#![cfg(all(feature = "client", feature = "client-server"))]

mod again;
mod calls;
mod conditions;
mod discovery;
mod hostile;
mod limits;
mod login;
mod masquerade;
mod media;
mod messages;
mod oauth;
#[cfg(feature = "reqwest")]
mod over_reqwest;
mod pages;
mod redirects;
mod refreshing;
mod reports;
mod retrying;
mod rows;
mod secrets;
mod sending;
mod server;
mod stores;
mod supports;
mod syncing;
mod transactions;
mod uia;
#[cfg(feature = "tracing")]
mod watching;
