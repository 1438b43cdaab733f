//! A large file, up to a real homeserver and down again, in little memory. A process of its own, so that nothing else
//! counts. Run by `cargo xtask test --long`, on a homeserver that takes files of this size.
#![cfg(target_os = "linux")]

use std::fs::File;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use matrix_api::error::Limit;
use matrix_api::{Error, Transfer};
use matrix_api_tests::live::{Account, Live, unique};

const MIB: u64 = 1 << 20;
const LARGE: u64 = 300 * MIB;
/// What one file may take, whatever its size.
const MOST: u64 = 16 * MIB;

/// The most memory that this process has had at once, in bytes.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().strip_suffix(" kB").unwrap().parse::<u64>().unwrap() * 1024
}

/// A file that is gone after the test.
struct Scratch(PathBuf);

impl Scratch {
    fn new(length: u64) -> Self {
        let path = std::env::temp_dir().join(unique("large"));
        File::create(&path).unwrap().set_len(length).unwrap();
        Self(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

#[derive(Clone, Default)]
struct Last(Arc<Mutex<Option<Transfer>>>);

impl Last {
    fn listener(&self) -> impl Fn(Transfer) + Send + Sync + 'static {
        let last = self.0.clone();
        move |done| *last.lock().unwrap() = Some(done)
    }

    fn percent(&self) -> Option<u8> {
        self.0.lock().unwrap().and_then(|last| last.percent())
    }
}

#[tokio::test]
async fn three_hundred_megabytes() {
    let live = Live::new("large_files::three_hundred_megabytes");
    let client = live.login(Account::Alice).await;
    let media = client.media();
    let (up, down) = (Scratch::new(LARGE), Scratch::new(0));
    assert_eq!(media.upload_limit().await.unwrap(), Some(LARGE));

    let before = peak();
    let sent = Last::default();
    let uri = media.upload(&up.0).on_progress(sent.listener()).await.unwrap();
    assert_eq!(sent.percent(), Some(100));
    let came = Last::default();
    let saved = media.download(&uri).on_progress(came.listener()).save(&down.0).await.unwrap();
    assert_eq!((saved.length, came.percent()), (LARGE, Some(100)));
    assert_eq!(File::open(&down.0).unwrap().metadata().unwrap().len(), LARGE);
    let grown = peak() - before;
    println!("peak memory grew by {} KiB", grown / 1024);
    assert!(grown < MOST, "{} MiB", grown / MIB);

    let more = Scratch::new(LARGE + 1);
    let error = media.upload(&more.0).await.unwrap_err();
    assert!(matches!(&error, Error::Limit(limit) if limit.limit() == Limit::UploadBytes), "{error}");
    assert!(!error.may_have_been_sent());
}
