//! A process is killed while it stores its session: whatever happens, the file holds a session that was stored.
//!
//! 20 times, or as often as `MATRIX_TEST_CRASHES` says. The process that is killed is this program again. Every other
//! time it is killed as soon as the new file is seen, so that some die while it is there.

use std::{
    env, fs,
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use matrix_api::{FileStore, Session, SessionStore};

/// Where the victim stores, and which session was stored last.
const VICTIM: &str = "MATRIX_TEST_VICTIM";

fn main() {
    match env::var(VICTIM) {
        Ok(order) => {
            let (last, path) = order.split_once(' ').expect("a number and a path");
            victim(Path::new(path), last.parse().expect("a number"));
        }
        Err(_) => murders(),
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().build().expect("a runtime can be made")
}

/// A session that says in several places, far from each other, which one it is.
fn session(number: u64) -> Session {
    let mut session = Session::new("@victim:example.org", "https://example.org")
        .access_token(format!("access-{number}"))
        .refresh_token(format!("refresh-{number}"))
        .next_batch(number.to_string());
    for filter in 0..200 {
        session.filters.insert(format!("filter-{filter:03}"), number.to_string());
    }
    session
}

/// Stores one session after the other, and says after each that it is done.
fn victim(path: &Path, mut number: u64) -> ! {
    let store = FileStore::open(path).expect("nobody else has the file");
    runtime().block_on(async {
        loop {
            number += 1;
            store.save(&session(number)).await.expect("a session can be stored");
            println!("{number}");
        }
    })
}

/// When a process is killed.
#[derive(Clone, Copy)]
enum Aim {
    /// At some point within 10 ms.
    Anywhere,
    /// When the file is seen that is to take the place of the old one.
    NewFile,
}

/// What the dead have left beside the session.
#[derive(Default)]
struct Left {
    nothing: u32,
    /// Of a new session.
    part: u32,
    /// A new session that had not taken the place of the old one.
    whole: u32,
}

fn murders() {
    let count = env::var("MATRIX_TEST_CRASHES").map_or(20, |count| count.parse().expect("a number"));
    let folder = env::temp_dir().join(format!("matrix-api-crash-{}", std::process::id()));
    let path = folder.join("session.json");
    let (mut stored, mut left) = (0, Left::default());
    for (round, aim) in (0..count).zip([Aim::Anywhere, Aim::NewFile].into_iter().cycle()) {
        let said = murder(&path, stored, aim);
        left.count(&beside(&path));
        let found = survivor(&path);
        // What was said to be stored is; one more may be.
        assert!(found == said || found == said + 1, "round {round}: stored {said}, found {found}");
        stored = found;
    }
    fs::remove_dir_all(&folder).expect("the folder can be removed");
    let Left { nothing, part, whole } = left;
    assert!(part + whole > 0, "none of {count} processes was killed while it wrote: this has shown nothing");
    println!(
        "crash: {count} processes killed: {part} with a part of a new file, {whole} with all of it, {nothing} with \
         none; no session lost"
    );
}

impl Left {
    fn count(&mut self, new: &Path) {
        match fs::read(new) {
            Ok(text) if serde_json::from_slice::<Session>(&text).is_ok() => self.whole += 1,
            Ok(_) => self.part += 1,
            Err(error) => {
                assert_eq!(error.kind(), std::io::ErrorKind::NotFound, "{error}");
                self.nothing += 1;
            }
        }
    }
}

/// Starts a victim and kills it after its first session. Gives the last one that it reported.
fn murder(path: &Path, last: u64, aim: Aim) -> u64 {
    let mut child = Command::new(env::current_exe().expect("this program has a path"))
        .env(VICTIM, format!("{last} {}", path.display()))
        .stdout(Stdio::piped())
        .spawn()
        .expect("this program can be started");
    let mut output = BufReader::new(child.stdout.take().expect("it is piped"));
    let mut said = String::new();
    output.read_line(&mut said).expect("it stores a session");
    match aim {
        Aim::Anywhere => std::thread::sleep(random()),
        Aim::NewFile => wait_for(&beside(path)),
    }
    kill(&mut child);
    let mut rest = String::new();
    output.read_to_string(&mut rest).expect("its output ends");
    // The last line may be cut off.
    let whole = rest.rsplit_once('\n').map_or("", |(whole, _)| whole);
    whole.lines().last().unwrap_or(said.trim()).parse().expect("it says numbers")
}

/// Looks again and again: it is there for no longer than a disk takes.
fn wait_for(file: &Path) {
    let start = Instant::now();
    while !fs::exists(file).expect("the folder can be read") {
        assert!(start.elapsed() < Duration::from_secs(60), "the victim writes no file");
    }
}

fn kill(child: &mut Child) {
    child.kill().expect("it still runs");
    child.wait().expect("it has ended");
}

/// Up to 10 ms, in steps of a microsecond: the point at which somebody dies.
fn random() -> Duration {
    let roll = getrandom::u32().expect("there is randomness");
    Duration::from_micros(u64::from(roll % 10_000))
}

/// The number of the session that is there, whole and for its owner only.
fn survivor(path: &Path) -> u64 {
    let store = FileStore::open(path).expect("a killed process holds no lock");
    let found = runtime().block_on(store.load()).expect("the file is whole").expect("there is a session");
    let number = found.next_batch.as_ref().expect("it has a number").parse().expect("it is one");
    assert_eq!(found, session(number), "the session is of one piece");
    assert!(!fs::exists(beside(path)).expect("the folder can be read"), "nothing half-written is left");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(path).expect("the file is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "only the owner may read it");
    }
    number
}

fn beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    name.into()
}
