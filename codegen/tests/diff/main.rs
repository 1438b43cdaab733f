//! What `diff` says of real releases, and of changes made by hand.
//!
//! `UPDATE_EXPECT=1 cargo test -p matrix-api-codegen --test diff` rewrites the committed reports;
//! a run with `CI` set refuses to do so.

mod audits;
mod base;
mod history;
mod mutations;
mod oasdiff;
mod verdicts;
