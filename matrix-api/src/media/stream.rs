//! A file on its way from the server.

use std::{
    fmt,
    future::{Future as _, poll_fn},
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::{Buf as _, Bytes};
use futures_core::Stream;
use http::{HeaderMap, header};
use tokio::{
    io::{AsyncRead, ReadBuf},
    time::{Sleep, sleep},
};

use crate::{
    Result,
    client::{
        files::{broke_off, too_large},
        slot::Landed,
    },
    error::{Call, Received, Sent},
    transport::{Fault, Incoming, Watch},
    wire,
};

/// A file that is being downloaded: a stream of its pieces, as they come.
///
/// It can also be read like a file, so that it can be sent on as it comes:
///
/// ```no_run
/// use matrix_api::{Client, MxcUri, UploadBody};
///
/// # async fn example(here: Client, there: Client, uri: MxcUri) -> matrix_api::Result<()> {
/// let file = here.media().download(&uri).await?;
/// let length = file.length();
/// let body = UploadBody::reader(file);
/// let copy = there.media().upload(if let Some(length) = length { body.length(length) } else { body }).await?;
/// # Ok(())
/// # }
/// ```
///
/// After an error it has ended. What has come is not the whole file unless it ends without one.
#[must_use = "nothing comes unless it is polled"]
pub struct DownloadStream {
    call: Call,
    /// Without the body.
    head: Received,
    body: Body,
    limit: u64,
    read: u64,
    announced: Option<u64>,
    progress: Option<Watch>,
    /// A piece that was read in part.
    rest: Bytes,
    ended: bool,
}

enum Body {
    Wire {
        incoming: Incoming,
        idle: Duration,
        wait: Option<Pin<Box<Sleep>>>,
    },
    /// What a middleware had.
    Memory(Bytes),
}

impl DownloadStream {
    /// `landed` is the body, or `received` has it.
    pub(super) fn new(
        call: Call,
        received: Received,
        landed: Option<Landed>,
        limit: u64,
        progress: Option<Watch>,
    ) -> Self {
        let (body, announced) = match landed.filter(|_| received.body.is_empty()) {
            Some(Landed { body, idle }) => {
                let announced = body.announced();
                (Body::Wire { incoming: body, idle, wait: None }, announced)
            }
            None => (Body::Memory(received.body.clone()), Some(received.body.len() as u64)),
        };
        let head = Received { body: Bytes::new(), ..received };
        Self { call, head, body, limit, read: 0, announced, progress, rest: Bytes::new(), ended: false }
    }

    /// The media type that the server names. It may be a lie.
    #[must_use]
    pub fn content_type(&self) -> Option<&str> {
        self.head.headers.get(header::CONTENT_TYPE)?.to_str().ok()
    }

    /// The file name that the server suggests, made safe: see [`file_name`](wire::file_name).
    #[must_use]
    pub fn file_name(&self) -> Option<String> {
        let header = self.head.headers.get(header::CONTENT_DISPOSITION)?;
        wire::file_name(&String::from_utf8_lossy(header.as_bytes()))
    }

    /// How many bytes there are, if the server has said so.
    #[must_use]
    pub fn length(&self) -> Option<u64> {
        self.announced
    }

    /// The headers of the answer.
    pub fn headers(&self) -> &HeaderMap {
        &self.head.headers
    }

    /// The next piece; `None` at the end.
    pub async fn next(&mut self) -> Option<Result<Bytes>> {
        poll_fn(|context| self.poll(context)).await
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes>>> {
        if !self.rest.is_empty() {
            return Poll::Ready(Some(Ok(std::mem::take(&mut self.rest))));
        }
        while !self.ended {
            let piece = match ready!(self.body.poll(context)) {
                Ok(Some(piece)) if piece.is_empty() => continue,
                Ok(Some(piece)) => piece,
                Ok(None) => {
                    self.ended = true;
                    self.tell_end();
                    break;
                }
                Err(fault) => {
                    self.ended = true;
                    return Poll::Ready(Some(Err(broke_off(self.call.clone(), fault, self.head.status))));
                }
            };
            self.read += piece.len() as u64;
            if self.read > self.limit {
                self.ended = true;
                return Poll::Ready(Some(Err(too_large(self.call.clone(), self.limit, self.head.clone()))));
            }
            if let Some(tell) = &self.progress {
                tell(self.read, self.announced);
            }
            return Poll::Ready(Some(Ok(piece)));
        }
        Poll::Ready(None)
    }

    /// At the end the total is known, whatever the server has said.
    fn tell_end(&self) {
        let told = self.read > 0 && self.announced == Some(self.read);
        if let (Some(tell), false) = (&self.progress, told) {
            tell(self.read, Some(self.read));
        }
    }
}

impl Body {
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Result<Option<Bytes>, Fault>> {
        let Self::Wire { incoming, idle, wait } = self else {
            let Self::Memory(bytes) = self else { return Poll::Ready(Ok(None)) };
            let bytes = std::mem::take(bytes);
            return Poll::Ready(Ok((!bytes.is_empty()).then_some(bytes)));
        };
        if let Poll::Ready(piece) = incoming.poll_chunk(context) {
            // The time that the reader takes is not the server's.
            *wait = None;
            return Poll::Ready(piece);
        }
        let wait = wait.get_or_insert_with(|| Box::pin(sleep(*idle)));
        ready!(wait.as_mut().poll(context));
        Poll::Ready(Err(Fault::timeout(*idle, Sent::Yes)))
    }
}

impl Stream for DownloadStream {
    type Item = Result<Bytes>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll(context)
    }
}

impl AsyncRead for DownloadStream {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, out: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let Some(piece) = ready!(this.poll(context)) else { return Poll::Ready(Ok(())) };
        let mut piece = piece.map_err(io::Error::other)?;
        let length = piece.len().min(out.remaining());
        out.put_slice(&piece[..length]);
        piece.advance(length);
        this.rest = piece;
        Poll::Ready(Ok(()))
    }
}

impl fmt::Debug for DownloadStream {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("DownloadStream")
            .field("content_type", &self.content_type())
            .field("read", &self.read)
            .field("length", &self.announced)
            .field("ended", &self.ended)
            .finish_non_exhaustive()
    }
}
