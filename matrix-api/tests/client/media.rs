//! Files, up and down, to the byte.

mod down;
mod place;
mod room;
mod up;

use std::sync::{Arc, Mutex};

use matrix_api::Transfer;

use crate::server::{Step, json};

const CONFIG: &str = "GET /_matrix/client/v1/media/config HTTP/1.1";
const UNRECOGNIZED: &str = r#"{"errcode":"M_UNRECOGNIZED","error":"what?"}"#;

fn config(size: u64) -> Step {
    json(200, &format!(r#"{{"m.upload.size":{size}}}"#))
}

fn unrecognized() -> Step {
    json(404, UNRECOGNIZED)
}

fn versions() -> Step {
    json(200, r#"{"versions":["v1.10"]}"#)
}

/// Bytes so far, and in all.
type Word = (u64, Option<u64>);

/// What a transfer has told, in order.
#[derive(Clone, Default)]
struct Told(Arc<Mutex<Vec<Word>>>);

impl Told {
    fn listener(&self) -> impl Fn(Transfer) + Send + Sync + 'static {
        let told = self.0.clone();
        move |done| told.lock().unwrap().push((done.bytes, done.total))
    }

    fn take(&self) -> Vec<Word> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

/// A folder that is gone after the test.
struct Folder(std::path::PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("matrix-api-media-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(&self.0).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
