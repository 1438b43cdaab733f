//! How sternly the documents are held against our tables.
//!
//! `codegen` is strict: a question without a row, a row without a question and
//! a patch that does not apply are errors, since all of them are ours to mend.
//! `diff` reads documents of other releases under the tables of this one, which
//! cannot fit both. It is lenient, and only there: each refusal that has an
//! answer of its own, given where it would be raised, is noted and answered.
//! The answer is the same for the same words of a document, so that two releases
//! that say the same never differ by it. What has no such answer is refused by both.

use std::cell::RefCell;
use std::collections::BTreeSet;

use crate::error::Error;

/// Strict, or lenient with notes of what was assumed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stance {
    assumed: Option<RefCell<BTreeSet<Error>>>,
}

impl Stance {
    /// Notes what would be refused, and goes on.
    pub(crate) fn lenient() -> Self {
        Self { assumed: Some(RefCell::default()) }
    }

    /// Whether rows may go unasked for.
    pub(crate) fn is_strict(&self) -> bool {
        self.assumed.is_none()
    }

    /// The refusal if strict; otherwise a note of it, and the answer.
    pub(crate) fn assume<T>(&self, refusal: Error, answer: T) -> Result<T, Error> {
        match &self.assumed {
            None => Err(refusal),
            Some(assumed) => {
                assumed.borrow_mut().insert(refusal);
                Ok(answer)
            }
        }
    }

    /// What was assumed, in order.
    pub(crate) fn notes(&self) -> Vec<Error> {
        self.assumed.iter().flat_map(|assumed| assumed.borrow().iter().cloned().collect::<Vec<_>>()).collect()
    }
}
