//! Where the bytes of a streamed request come from.

use std::{
    fmt, io,
    path::{Path, PathBuf},
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, ready},
};

use bytes::{Bytes, BytesMut};
use http_body::{Body, Frame, SizeHint};
use tokio::{
    fs::{self, File},
    io::{AsyncRead, ReadBuf},
    time::Instant,
};

/// What is read and handed on at once.
const PIECE: usize = 64 * 1024;

pub(crate) type Reader = Pin<Box<dyn AsyncRead + Send>>;

/// Told how many bytes there were so far, and how many there will be.
pub(crate) type Watch = Arc<dyn Fn(u64, Option<u64>) + Send + Sync>;

/// The bytes of one upload. A clone is the same upload.
#[derive(Clone)]
pub(crate) struct Source(Arc<Shared>);

struct Shared {
    origin: Origin,
    /// Known before anything is sent. Fewer bytes are an error, more are not asked for.
    length: Option<u64>,
    /// The most bytes that may be sent.
    most: u64,
    watch: Option<Watch>,
    state: Mutex<State>,
}

/// Where the bytes are.
pub(crate) enum Origin {
    Bytes(Bytes),
    Path(PathBuf),
    /// Can be read once.
    Reader(Mutex<Option<Reader>>),
}

struct State {
    /// When the connection last took something; `None` while it waits for something to take.
    touched: Option<Instant>,
    /// Why no more could be given.
    broken: Option<Broken>,
}

/// Why an upload ended on our side.
#[derive(Debug)]
pub(crate) enum Broken {
    /// The bytes could not be read.
    Unreadable(io::Error),
    /// There are more of them than these, which the server takes.
    TooMany(u64),
}

impl Source {
    pub(crate) fn new(origin: Origin, length: Option<u64>, most: u64, watch: Option<Watch>) -> Self {
        let state = State { touched: None, broken: None };
        Self(Arc::new(Shared { origin, length, most, watch, state: Mutex::new(state) }))
    }

    pub(crate) fn length(&self) -> Option<u64> {
        self.0.length
    }

    /// The most bytes that may be sent, if this is known to be more.
    pub(crate) fn excess(&self) -> Option<u64> {
        self.0.length.is_some_and(|length| length > self.0.most).then_some(self.0.most)
    }

    /// An attempt begins.
    pub(crate) fn touch(&self) {
        self.0.state().touched = Some(Instant::now());
    }

    /// Since when the connection has taken nothing that it was given. The time that the reader takes is not the
    /// server's.
    pub(crate) fn touched(&self) -> Instant {
        self.0.state().touched.unwrap_or_else(Instant::now)
    }

    /// What went wrong on our side, if something did.
    pub(crate) fn broken(&self) -> Option<Broken> {
        self.0.state().broken.take()
    }

    /// Whether all of it can be sent, for the first time or again.
    pub(crate) fn is_whole(&self) -> bool {
        match &self.0.origin {
            Origin::Bytes(_) | Origin::Path(_) => true,
            Origin::Reader(reader) => lock(reader).is_some(),
        }
    }

    /// Begins at the beginning. `None` if there is none; then it is [`broken`](Self::broken).
    pub(crate) async fn open(&self) -> Option<Outgoing> {
        let rest = match &self.0.origin {
            Origin::Bytes(bytes) => Rest::Bytes(bytes.clone()),
            Origin::Path(path) => match File::open(path).await {
                Ok(file) => Rest::Reader(Box::pin(file)),
                Err(error) => {
                    self.0.fail(Broken::Unreadable(error));
                    return None;
                }
            },
            Origin::Reader(_) => Rest::Untouched,
        };
        self.0.report(0);
        Some(Outgoing {
            shared: self.0.clone(),
            rest: Mutex::new(rest),
            buffer: BytesMut::new(),
            sent: 0,
            broken: false,
        })
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Source").field("length", &self.0.length).finish_non_exhaustive()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    /// Keeps the reason here, where it is found again: the connection would only say that it broke.
    fn fail(&self, broken: Broken) -> io::Error {
        let error = io::Error::other("the upload was given up");
        self.state().broken = Some(broken);
        error
    }

    fn report(&self, sent: u64) {
        self.state().touched = Some(Instant::now());
        if let Some(watch) = &self.watch {
            watch(sent, self.length);
        }
    }
}

/// The length of a file. What is not a file, such as a pipe, might never end or never begin.
pub(crate) async fn measure(path: &Path) -> io::Result<u64> {
    let found = fs::metadata(path).await?;
    if found.is_file() { Ok(found.len()) } else { Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a file")) }
}

/// A body on its way.
pub(crate) struct Outgoing {
    shared: Arc<Shared>,
    /// A mutex only because a body has to be `Sync`: nobody else locks it.
    rest: Mutex<Rest>,
    buffer: BytesMut,
    sent: u64,
    broken: bool,
}

enum Rest {
    Bytes(Bytes),
    Reader(Reader),
    /// The reader is taken when the first byte is wanted: without a connection it stays whole.
    Untouched,
}

impl Outgoing {
    /// The next piece, empty at the end; no more than was said at the beginning.
    fn poll_piece(&mut self, context: &mut Context<'_>) -> Poll<io::Result<Bytes>> {
        let left = self.shared.length.map_or(u64::MAX, |length| length - self.sent);
        let most = left.min(PIECE as u64) as usize;
        let rest = self.rest.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let (Rest::Untouched, Origin::Reader(reader)) = (&*rest, &self.shared.origin) {
            let reader = lock(reader).take().ok_or_else(|| io::Error::other("it has been read already"))?;
            *rest = Rest::Reader(reader);
        }
        match rest {
            Rest::Bytes(bytes) => Poll::Ready(Ok(bytes.split_to(bytes.len().min(most)))),
            Rest::Reader(reader) => {
                self.buffer.resize(most, 0);
                let mut read = ReadBuf::new(&mut self.buffer);
                ready!(reader.as_mut().poll_read(context, &mut read))?;
                let length = read.filled().len();
                Poll::Ready(Ok(self.buffer.split_to(length).freeze()))
            }
            Rest::Untouched => Poll::Ready(Ok(Bytes::new())),
        }
    }

    /// Counts a piece, if it may follow.
    fn count(&mut self, piece: &Bytes) -> Result<(), Broken> {
        let sent = self.sent + piece.len() as u64;
        if sent > self.shared.most {
            return Err(Broken::TooMany(self.shared.most));
        }
        if piece.is_empty() && self.shared.length.is_some_and(|length| sent < length) {
            let error = io::Error::new(io::ErrorKind::UnexpectedEof, "it is shorter than it was to be");
            return Err(Broken::Unreadable(error));
        }
        self.sent = sent;
        Ok(())
    }
}

impl Body for Outgoing {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if self.is_end_stream() {
            return Poll::Ready(None);
        }
        let Poll::Ready(piece) = self.poll_piece(context) else {
            self.shared.state().touched = None;
            return Poll::Pending;
        };
        let piece = piece.map_err(Broken::Unreadable);
        let counted = piece.and_then(|piece| self.count(&piece).map(|()| piece));
        Poll::Ready(match counted {
            Ok(piece) if piece.is_empty() => None,
            Ok(piece) => {
                self.shared.report(self.sent);
                Some(Ok(Frame::data(piece)))
            }
            Err(broken) => {
                self.broken = true;
                Some(Err(self.shared.fail(broken)))
            }
        })
    }

    fn is_end_stream(&self) -> bool {
        self.broken || self.shared.length == Some(self.sent)
    }

    fn size_hint(&self) -> SizeHint {
        match self.shared.length {
            Some(length) => SizeHint::with_exact(length - self.sent),
            None => SizeHint::default(),
        }
    }
}
