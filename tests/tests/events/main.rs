//! The contents of events: read, written back, and read in spite of what is wrong with them.

mod fixtures;
mod lenient;
mod mutations;
