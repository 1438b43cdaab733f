//! Lists that come in pages.

use std::{collections::HashSet, fmt, hash::Hash};

use super::Client;
use crate::{
    Error, Request, Result, TxnId,
    error::{Call, Limit, LimitError},
    request,
    service::{Homeserver, Service},
};

/// More pages than any list has that somebody wants to read to its end.
const MOST: u64 = 10_000;

/// The pages of a list, one after the other: see [`Client::pages`].
#[must_use = "nothing is sent before `next`"]
pub struct Pages<T, M, N, S: Service = Homeserver> {
    client: Client<S>,
    make: M,
    next: N,
    from: Option<T>,
    seen: HashSet<T>,
    read: u64,
    most: u64,
    over: bool,
}

impl<S: Service> Client<S> {
    /// The pages of a list. `make` is given where a page begins, nothing for the first, and makes the request for it;
    /// `next` finds in a page where the one after it begins.
    ///
    /// Ends where there is no such place, or where a server names one that it has named before, and so would go round
    /// in circles.
    ///
    /// ```no_run
    /// use matrix_api::{Client, client_server::{GetRoomEvents, get_room_events::Direction}};
    ///
    /// # async fn example(client: Client) -> matrix_api::Result<()> {
    /// let mut pages = client.pages(
    ///     |from| {
    ///         let mut page = GetRoomEvents::new("!kitchen:example.org", Direction::Backward);
    ///         page.from = from;
    ///         page
    ///     },
    ///     |page| page.end.clone(),
    /// );
    /// while let Some(page) = pages.next().await? {
    ///     println!("{} events", page.chunk.len());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn pages<R, T, M, N>(&self, make: M, next: N) -> Pages<T, M, N, S>
    where
        R: Request<To = S>,
        T: Clone + Eq + Hash,
        M: FnMut(Option<T>) -> R,
        N: FnMut(&R::Response) -> Option<T>,
    {
        Pages { client: self.clone(), make, next, from: None, seen: HashSet::new(), read: 0, most: MOST, over: false }
    }
}

impl<T, M, N, S: Service> Pages<T, M, N, S> {
    /// The most pages that are read; one more is an error. 10000 unless set.
    pub fn max_pages(mut self, pages: u64) -> Self {
        self.most = pages;
        self
    }

    /// The next page; `None` after the last. After a failure the same page can be asked for again.
    ///
    /// # Errors
    ///
    /// [`Error::Limit`] if there are more pages than allowed; otherwise see [`Error`].
    pub async fn next<R>(&mut self) -> Result<Option<R::Response>>
    where
        R: Request<To = S>,
        T: Clone + Eq + Hash,
        M: FnMut(Option<T>) -> R,
        N: FnMut(&R::Response) -> Option<T>,
    {
        if self.over {
            return Ok(None);
        }
        let request = (self.make)(self.from.clone());
        if self.read == self.most {
            return Err(self.client.too_many_pages(&request, self.most));
        }
        let page = self.client.send(request).await?;
        self.read += 1;
        self.from = (self.next)(&page);
        self.over = match &self.from {
            Some(from) => !self.seen.insert(from.clone()),
            None => true,
        };
        Ok(Some(page))
    }
}

impl<S: Service> Client<S> {
    /// The error of a list with more pages than this.
    pub(crate) fn too_many_pages<R: Request<To = S>>(&self, request: &R, most: u64) -> Error {
        match request::encode(self.base_url(), request, &TxnId::new()) {
            Ok(encoded) => Error::Limit(LimitError::new(Call::new(R::METADATA.id, &encoded), Limit::Pages, most, None)),
            Err(error) => error.into(),
        }
    }
}

impl<T, M, N, S: Service> fmt::Debug for Pages<T, M, N, S> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Pages").field("read", &self.read).field("over", &self.over).finish_non_exhaustive()
    }
}
