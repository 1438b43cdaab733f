//! Syncing, against a homeserver that follows a script, in virtual time.
#![cfg(all(feature = "client", feature = "client-server"))]

mod once;
mod script;
mod store;
mod stream;
mod views;
