//! An event on its way into a room.

use std::{
    fmt,
    future::{Future, IntoFuture},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use super::Room;
use crate::{EventId, Object, Raw, Result, TxnId, client_server::SendMessage};

/// An event to be sent: await it to send it.
///
/// ```no_run
/// # async fn example(room: matrix_api::Room, question: matrix_api::EventId) -> matrix_api::Result<()> {
/// use matrix_api::TxnId;
///
/// // Once, even if the program is killed and asks again.
/// room.send_text("42").txn_id(TxnId::derived(&question, "answer")).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[must_use = "nothing is sent unless it is awaited"]
pub struct SendEvent {
    room: Room,
    event_type: String,
    content: Raw<Object>,
    txn: Txn,
    plaintext: bool,
}

/// Where the transaction id comes from.
#[derive(Clone)]
enum Txn {
    /// Made up when it is sent.
    New,
    Given(TxnId),
    /// Derived from the event that is answered, and from which answer this is.
    Answer {
        to: EventId,
        answers: Answers,
    },
}

impl SendEvent {
    pub(crate) fn new(room: Room, event_type: String, content: Raw<Object>) -> Self {
        Self { room, event_type, content, txn: Txn::New, plaintext: false }
    }

    /// Makes it an answer to an event: see [`TxnId::derived`].
    pub(crate) fn answers(mut self, to: EventId, answers: Answers) -> Self {
        self.txn = Txn::Answer { to, answers };
        self
    }

    /// The transaction id. Sent twice with the same one, the room gets it once.
    pub fn txn_id(mut self, txn_id: impl Into<TxnId>) -> Self {
        self.txn = Txn::Given(txn_id.into());
        self
    }

    /// Sends it in the clear even if the room is encrypted: the server, and everybody who ever gets
    /// hold of its database, can read it, and clients may warn of it.
    pub fn allow_plaintext(mut self) -> Self {
        self.plaintext = true;
        self
    }

    async fn send(self) -> Result<EventId> {
        if !self.plaintext {
            self.room.client.refuse_encrypted(&self.room.id).await?;
        }
        let mut request = SendMessage::new(&self.room.id, self.event_type, &self.content);
        let mut slot = None;
        request.txn_id = match self.txn {
            Txn::New => None,
            Txn::Given(txn_id) => Some(txn_id),
            Txn::Answer { to, answers } => {
                slot = answers.take();
                slot.as_ref().map(|slot| TxnId::derived(&to, &slot.purpose()))
            }
        };
        let event_id = self.room.client.send(request).await?.event_id;
        if let Some(slot) = slot {
            slot.keep();
        }
        Ok(event_id)
    }
}

impl IntoFuture for SendEvent {
    type Output = Result<EventId>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

impl fmt::Debug for SendEvent {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("SendEvent")
            .field("room", &self.room.id)
            .field("event_type", &self.event_type)
            .finish_non_exhaustive()
    }
}

/// The answers that one event has got in this run, by number: the first, the second. An answer that
/// fails gives its number back, so that another try is the same answer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Answers(Arc<AtomicU64>);

/// The number of an answer that is being sent.
pub(crate) struct Slot {
    taken: Arc<AtomicU64>,
    number: u32,
    kept: bool,
}

impl Answers {
    /// The first number that is free. There are 64; who answers more often gets new ids.
    pub(crate) fn take(&self) -> Option<Slot> {
        let before = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |taken| match taken {
            u64::MAX => None,
            taken => Some(taken | (taken + 1)),
        });
        let number = before.ok()?.trailing_ones();
        Some(Slot { taken: self.0.clone(), number, kept: false })
    }
}

impl Slot {
    pub(crate) fn purpose(&self) -> String {
        match self.number {
            0 => "reply".to_owned(),
            number => format!("reply-{}", number + 1),
        }
    }

    pub(crate) fn keep(mut self) {
        self.kept = true;
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        if !self.kept {
            self.taken.fetch_and(!(1 << self.number), Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn purpose(slot: &Option<Slot>) -> String {
        slot.as_ref().unwrap().purpose()
    }

    #[test]
    fn an_answer_that_fails_gives_its_number_back() {
        let answers = Answers::default();
        let (first, second) = (answers.take(), answers.clone().take());
        assert_eq!((purpose(&first), purpose(&second)), ("reply".into(), "reply-2".into()));
        drop(first);
        let again = answers.take();
        assert_eq!(purpose(&again), "reply");
        again.unwrap().keep();
        second.unwrap().keep();
        assert_eq!(purpose(&answers.take()), "reply-3");
    }

    #[test]
    fn numbers_run_out() {
        let answers = Answers::default();
        let slots: Vec<_> = (0..64).map(|_| answers.take().unwrap()).collect();
        assert_eq!(slots[63].purpose(), "reply-64");
        assert!(answers.take().is_none());
        drop(slots);
        assert!(answers.take().is_some());
    }
}
