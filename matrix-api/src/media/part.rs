//! A file that takes its name when it is whole.

use std::{
    io,
    path::{Path, PathBuf},
};

use tokio::{
    fs::{self, File, OpenOptions},
    io::AsyncWriteExt as _,
};

/// A new file beside the one that it will replace. Dropped before, it leaves nothing behind.
pub(super) struct Part {
    file: Option<File>,
    at: PathBuf,
    path: PathBuf,
}

impl Part {
    pub(super) async fn beside(path: &Path) -> io::Result<Self> {
        if path.file_name().is_none() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "it has no file name"));
        }
        let random = getrandom::u64().map_err(|_| io::Error::other("no random number is to be had"))?;
        // Without the file's own name, which may be as long as a name can be.
        let at = path.with_file_name(format!(".{random:016x}.part"));
        let file = OpenOptions::new().write(true).create_new(true).open(&at).await?;
        Ok(Self { file: Some(file), at, path: path.to_owned() })
    }

    pub(super) async fn write(&mut self, piece: &[u8]) -> io::Result<()> {
        match &mut self.file {
            Some(file) => file.write_all(piece).await,
            None => Err(io::ErrorKind::NotConnected.into()),
        }
    }

    /// All of it is on the disk before it takes the name.
    pub(super) async fn finish(mut self) -> io::Result<()> {
        if let Some(file) = &mut self.file {
            file.flush().await?;
            file.sync_all().await?;
        }
        fs::rename(&self.at, &self.path).await?;
        self.file = None;
        Ok(())
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        if self.file.take().is_some() {
            // Nothing can be done about one that stays.
            let _ = std::fs::remove_file(&self.at);
        }
    }
}
