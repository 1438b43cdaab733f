//! What a generator gets wrong although its code compiles, trap by trap, from the value that a
//! caller builds to the bytes on the wire and back.
#![cfg(feature = "client-server")]
// Deprecated operations are generated too, and have traps of their own.
#![allow(deprecated)]

mod bodies;
#[cfg(feature = "client")]
mod client;
mod fields;
#[path = "../support/forms.rs"]
mod forms;
mod names;
mod paths;
mod queries;
#[cfg(feature = "client")]
#[path = "../client/server.rs"]
#[allow(dead_code)]
mod server;
mod smaller;

use matrix_api::{Metadata, client_server::OPERATIONS};

/// What is known about an operation.
fn operation(id: &str) -> &'static Metadata {
    OPERATIONS.iter().find(|metadata| metadata.id == id).unwrap()
}

/// The ids of the operations that are so, in the order of the list.
fn those(is_so: impl Fn(&Metadata) -> bool) -> Vec<&'static str> {
    OPERATIONS.iter().filter(|metadata| is_so(metadata)).map(|metadata| metadata.id).collect()
}
