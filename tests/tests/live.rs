//! Every family of calls on a real homeserver. Run by `cargo xtask test`, which starts one.

#[path = "live/first.rs"]
mod first;
