//! Documents in, text or a refusal out.
//!
//! `golden/<case>/` and `refusals/<case>/` each hold a tiny folder of specs and what must come of
//! it. `UPDATE_EXPECT=1 cargo test -p matrix-api-codegen` rewrites what is expected; a run with
//! `CI` set refuses to do so.

mod case;
mod compiled;
mod expect;
mod golden;
mod messages;
mod refusals;
mod whole;
