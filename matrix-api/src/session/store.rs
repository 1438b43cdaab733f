//! Where a session is kept between two runs of a program.

use std::{future::Future, pin::Pin};

use super::Session;
use crate::Result;

/// What the methods of a [`SessionStore`] return.
pub type StoreFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>>;

/// Keeps a session: a file, a database, a key ring. [`FileStore`](super::FileStore) is one.
///
/// A client with a store hands every change of its session to it: a login, new tokens before
/// they are used for the first time, how far a sync has come, and the end. Two calls of one
/// client never overlap.
///
/// Before a client asks for new tokens it calls [`load`](Self::load): if another process has
/// stored newer ones, they are taken up instead. So processes may share a store that is made for
/// that; one of them should sync, since the last one to save wins.
///
/// ```
/// use std::sync::Mutex;
/// use matrix_api::{Session, SessionStore, StoreFuture};
///
/// /// Forgets everything when the program ends.
/// #[derive(Default)]
/// struct Memory(Mutex<Option<Session>>);
///
/// impl SessionStore for Memory {
///     fn load(&self) -> StoreFuture<'_, Option<Session>> {
///         let session = self.0.lock().unwrap().clone();
///         Box::pin(async { Ok(session) })
///     }
///
///     fn save<'a>(&'a self, session: &'a Session) -> StoreFuture<'a, ()> {
///         *self.0.lock().unwrap() = Some(session.clone());
///         Box::pin(async { Ok(()) })
///     }
///
///     fn clear(&self) -> StoreFuture<'_, ()> {
///         *self.0.lock().unwrap() = None;
///         Box::pin(async { Ok(()) })
///     }
/// }
///
/// let builder = matrix_api::Client::builder().store(Memory::default());
/// ```
///
/// Failures are best told by a [`StoreError`](crate::error::StoreError).
pub trait SessionStore: Send + Sync + 'static {
    /// The session as it was saved last; `None` if there is none.
    fn load(&self) -> StoreFuture<'_, Option<Session>>;

    /// Keeps the session in place of the one before. Once it has returned, the session must
    /// survive a crash; if it fails, the one before must still be there.
    fn save<'a>(&'a self, session: &'a Session) -> StoreFuture<'a, ()>;

    /// Forgets the session: it has ended.
    fn clear(&self) -> StoreFuture<'_, ()>;
}
