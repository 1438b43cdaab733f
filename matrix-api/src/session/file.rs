//! A session in a file.

use std::{
    ffi::OsString,
    fmt, fs,
    fs::{File, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use fs4::{FileExt, TryLockError};

use super::{Session, SessionStore, StoreFuture};
use crate::{Result, error::StoreError};

/// Keeps a session in a file of its own, as JSON with the tokens in the clear.
///
/// Only the owner may read it. It is replaced as a whole: whenever the program or the machine
/// stops, the file holds the session before the change or the one after it. Beside it lie a
/// `.lock` file, which stays, and for moments a `.new` one. As long as a `FileStore` lives, no
/// other process can open one on the same file, and neither can this one.
pub struct FileStore(Arc<Place>);

struct Place {
    path: PathBuf,
    /// Locked until it is closed.
    _lock: File,
    tickets: AtomicU64,
    /// The ticket of the last write. A write whose caller has gone away may come late; it must
    /// not replace a newer one.
    written: Mutex<u64>,
}

impl FileStore {
    /// Takes possession of the file, which need not exist, and makes its folders.
    ///
    /// # Errors
    ///
    /// [`Error::Store`](crate::Error::Store) if another process has it, or the folder cannot be
    /// written to.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = resolved(path.as_ref());
        let fail = |what: &str, error: io::Error| wrong(&path, what, error);
        if let Some(folder) = folder(&path) {
            private_folder(folder).map_err(|error| fail("its folder cannot be made", error))?;
        }
        let lock = private().create(true).truncate(false).open(beside(&path, ".lock"));
        let lock = lock.map_err(|error| fail("its lock cannot be opened", error))?;
        match FileExt::try_lock(&lock) {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(StoreError::new(format!("{} is in use by another client", path.display())).into());
            }
            Err(TryLockError::Error(error)) => return Err(fail("it cannot be locked", error).into()),
        }
        let place = Place { path, _lock: lock, tickets: AtomicU64::new(1), written: Mutex::new(0) };
        place.tidy().map_err(|error| wrong(&place.path, "it cannot be made private", error))?;
        Ok(Self(Arc::new(place)))
    }

    /// Where the file is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Place) -> Result<T, StoreError> + Send + 'static,
    ) -> StoreFuture<'_, T> {
        let place = self.0.clone();
        Box::pin(async move {
            let done = tokio::task::spawn_blocking(move || work(&place)).await;
            done.unwrap_or_else(|_| Err(StoreError::new("the program is shutting down"))).map_err(Into::into)
        })
    }

    fn put(&self, content: Option<Vec<u8>>) -> StoreFuture<'_, ()> {
        let ticket = self.0.tickets.fetch_add(1, Ordering::SeqCst);
        self.work(move |place| {
            place.put(ticket, content.as_deref()).map_err(|error| wrong(&place.path, "it cannot be written", error))
        })
    }
}

impl SessionStore for FileStore {
    fn load(&self) -> StoreFuture<'_, Option<Session>> {
        self.work(Place::load)
    }

    fn save<'a>(&'a self, session: &'a Session) -> StoreFuture<'a, ()> {
        match serde_json::to_vec_pretty(session) {
            Ok(mut text) => {
                text.push(b'\n');
                self.put(Some(text))
            }
            Err(_) => Box::pin(async { Err(StoreError::new("the session cannot be written as JSON").into()) }),
        }
    }

    fn clear(&self) -> StoreFuture<'_, ()> {
        self.put(None)
    }
}

impl fmt::Debug for FileStore {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("FileStore").field("path", &self.0.path).finish_non_exhaustive()
    }
}

impl Place {
    /// What a crash, or a careless hand, has left behind.
    fn tidy(&self) -> io::Result<()> {
        remove(&beside(&self.path, ".new"))?;
        match fs::metadata(&self.path) {
            Ok(found) => make_private(&self.path, &found),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn load(&self) -> Result<Option<Session>, StoreError> {
        let text = match fs::read(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(wrong(&self.path, "it cannot be read", error)),
        };
        // The parser's own words might quote a token.
        let session = serde_json::from_slice(&text);
        session.map(Some).map_err(|_| StoreError::new(format!("{} holds no session", self.path.display())))
    }

    fn put(&self, ticket: u64, content: Option<&[u8]>) -> io::Result<()> {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        if ticket < *written {
            return Ok(());
        }
        match content {
            Some(content) => self.replace(content)?,
            None => remove(&self.path)?,
        }
        sync_folder(&self.path)?;
        *written = ticket;
        Ok(())
    }

    /// The new content is complete on the disk before it takes the old one's name.
    fn replace(&self, content: &[u8]) -> io::Result<()> {
        let new = beside(&self.path, ".new");
        remove(&new)?;
        let mut file = private().create_new(true).open(&new)?;
        file.write_all(content)?;
        file.sync_all()?;
        drop(file);
        fs::rename(&new, &self.path)
    }
}

fn wrong(path: &Path, what: &str, error: io::Error) -> StoreError {
    StoreError::new(format!("{}: {what}", path.display())).caused_by(error)
}

/// A link leads to the file that is to be replaced.
fn resolved(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

fn folder(path: &Path) -> Option<&Path> {
    path.parent().filter(|folder| !folder.as_os_str().is_empty())
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ending);
    name.into()
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Options that make a file which only its owner may read.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

fn private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

#[cfg(unix)]
fn make_private(path: &Path, found: &fs::Metadata) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    if found.permissions().mode() & 0o077 == 0 {
        return Ok(());
    }
    fs::set_permissions(path, fs::Permissions::from_mode(0o600))
}

#[cfg(not(unix))]
fn make_private(_: &Path, _: &fs::Metadata) -> io::Result<()> {
    Ok(())
}

/// A name is on the disk only once its folder is.
#[cfg(unix)]
fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(folder(path).unwrap_or(Path::new(".")))?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}
