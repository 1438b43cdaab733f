//! What a client must withstand, each under the number of its row in the list of checks that this project holds itself
//! to. What is not here:
//!
//! | Row | Test |
//! |---|---|
//! | 3, single mutations of every response | `row_03_every_single_mutation_is_read_as_far_as_it_can_be` in `tests/tests/mutations.rs` |
//! | 5, canaries in every request | `row_05_nothing_hidden_is_shown_and_no_token_leaves_its_service` in `tests/tests/canary/main.rs` |
//! | 8, a well-known file that leads to plain http | `discovery::a_document_that_lies_is_found_out`; redirects to http: `row_08_https_is_never_left_for_http` in `src/client/route.rs` |
//! | 9, bodies without an end, and how much memory they take | `row_09_a_body_without_an_end_takes_no_more_than_its_limit` in `tests/memory.rs` |

mod events;
mod giving_up;
mod once;
mod paths;
mod patience;
mod places;
mod size;
mod time;

use matrix_api::{Client, RetryPolicy};

use crate::{
    calls::builder,
    server::{Step, json},
};

fn found() -> Step {
    json(200, r#"{"name":"a"}"#)
}

async fn once(url: &str) -> Client {
    builder(url).retry(RetryPolicy::none()).build().await.unwrap()
}
