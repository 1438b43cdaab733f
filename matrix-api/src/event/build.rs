//! What people send, in one line: constructors and setters beside the generated ones.

mod acl;
mod media;
mod message;
mod relation;
mod state;

pub use media::FileSource;
