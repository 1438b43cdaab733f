//! A PostgreSQL of the server's own: the system's package, a fresh cluster in a folder, a socket and no port.
//!
//! `launch.py` starts it before Synapse, and it ends with Synapse's process, however that ends.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{Error, process};

/// Where Debian and its kin keep the programs of each version.
const PACKAGES: &str = "/usr/lib/postgresql";

/// The file beside `homeserver.yaml`.
pub(super) const FILE: &str = "postgres.json";

/// How long an ending database may hold its files.
const GRACE: Duration = Duration::from_secs(5);

/// A cluster that is about to be made.
pub(super) struct Postgres {
    programs: PathBuf,
    data: PathBuf,
    /// User and group that it runs as, if we are root: it refuses to be that.
    owner: Option<(u32, u32)>,
}

impl Postgres {
    /// Finds the programs and makes an empty folder for the data.
    pub(super) fn new(folder: &Path) -> Result<Self, Error> {
        let programs = programs().ok_or(Error::NoPostgres)?;
        let owner = if is_root(folder)? { Some(owner().ok_or(Error::NoPostgres)?) } else { None };
        let data = match owner {
            // Our own folder is closed to other users.
            Some(_) => std::env::temp_dir().join(unique()),
            None => folder.join("postgres"),
        };
        make(&data, owner).map_err(|source| Error::io("create", &data, source))?;
        Ok(Self { programs, data, owner })
    }

    /// What `homeserver.yaml` says of it.
    pub(super) fn settings(&self) -> Value {
        json!({
            "database": {
                "name": "psycopg2",
                "args": { "host": self.data, "user": "postgres", "dbname": "postgres", "cp_min": 2, "cp_max": 8 },
            },
        })
    }

    /// The folder of its socket.
    pub(super) fn socket(&self) -> &Path {
        &self.data
    }

    /// What `launch.py` reads.
    pub(super) fn file(&self) -> Value {
        let (user, group) = self.owner.unzip();
        json!({ "programs": self.programs, "data": self.data, "user": user, "group": group })
    }
}

/// Deletes the data that a server's folder speaks of.
pub(super) fn discard(folder: &Path) {
    let Ok(text) = fs::read_to_string(folder.join(FILE)) else { return };
    let job: Value = serde_json::from_str(&text).unwrap_or_default();
    let Some(data) = job["data"].as_str() else { return };
    let deadline = Instant::now() + GRACE;
    // It writes its last while we delete.
    while fs::remove_dir_all(data).is_err() && Path::new(data).exists() && Instant::now() < deadline {
        thread::sleep(process::POLL);
    }
}

/// Whether a folder that we have made is root's.
#[cfg(unix)]
fn is_root(folder: &Path) -> Result<bool, Error> {
    use std::os::unix::fs::MetadataExt;
    let metadata = fs::metadata(folder).map_err(|source| Error::io("look at", folder, source))?;
    Ok(metadata.uid() == 0)
}

#[cfg(not(unix))]
fn is_root(_: &Path) -> Result<bool, Error> {
    Err(Error::Windows)
}

/// Makes a folder that only its owner can enter.
#[cfg(unix)]
fn make(folder: &Path, owner: Option<(u32, u32)>) -> std::io::Result<()> {
    use std::os::unix::fs::{DirBuilderExt, chown};
    fs::DirBuilder::new().mode(0o700).create(folder)?;
    owner.map_or(Ok(()), |(user, group)| chown(folder, Some(user), Some(group)))
}

#[cfg(not(unix))]
fn make(folder: &Path, _: Option<(u32, u32)>) -> std::io::Result<()> {
    fs::create_dir(folder)
}

/// The folder with the newest programs.
fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir(PACKAGES).ok()?.flatten();
    let folders = versions.filter_map(|entry| Some((number(&entry.file_name().to_string_lossy())?, entry.path())));
    let (_, newest) = folders.filter(|(_, path)| path.join("bin/initdb").exists()).max()?;
    Some(newest.join("bin"))
}

fn number(version: &str) -> Option<u32> {
    version.split('.').next()?.parse().ok()
}

/// User and group of the account that the package makes.
fn owner() -> Option<(u32, u32)> {
    let accounts = fs::read_to_string("/etc/passwd").ok()?;
    accounts.lines().find_map(account)
}

fn account(line: &str) -> Option<(u32, u32)> {
    let mut fields = line.strip_prefix("postgres:")?.split(':').skip(1);
    Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
}

fn unique() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    format!("matrix-api-postgres-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_account_of_the_package_is_found() {
        assert_eq!(
            account("postgres:x:101:104:PostgreSQL administrator,,,:/var/lib/postgresql:/bin/bash"),
            Some((101, 104))
        );
        assert_eq!(account("postgresql:x:1:1::/:/bin/sh"), None);
        assert_eq!((number("15"), number("9.6"), number("data")), (Some(15), Some(9), None));
    }

    #[test]
    fn it_is_reached_by_its_socket_only() {
        let postgres = Postgres { programs: "/p".into(), data: "/d".into(), owner: Some((1, 2)) };
        assert_eq!(postgres.settings()["database"]["args"]["host"], "/d");
        assert_eq!(postgres.file(), json!({ "programs": "/p", "data": "/d", "user": 1, "group": 2 }));
        let own = Postgres { owner: None, ..postgres };
        assert_eq!(own.file()["user"], Value::Null);
    }
}
