//! Programs that live tests run: the SDK's examples, and the first programs somebody writes with it.

use std::env;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::Duration;

/// An example of the SDK, which `cargo xtask test` has built before.
///
/// # Panics
///
/// If nobody has built it.
#[must_use]
pub fn example(name: &str) -> Command {
    let test = env::current_exe().expect("a test is a file");
    let built = test.parent().and_then(Path::parent).expect("it lies in `deps`").join("examples").join(name);
    assert!(
        built.exists(),
        "{} is there after `cargo build --package matrix-api --all-features --examples`",
        built.display()
    );
    Command::new(built)
}

/// One of the programs below `tests/first_lines`, each a workspace of its own.
#[must_use]
pub fn first_lines(name: &str) -> Command {
    let mut command = cargo();
    command.args(["run", "--quiet", "--"]).current_dir(root().join("tests/first_lines").join(name));
    command.env("CARGO_TARGET_DIR", root().join("target/first_lines"));
    command
}

/// A homeserver of its own beside that of the tests, until it is dropped.
#[derive(Debug)]
pub struct OtherHomeserver {
    _running: Running,
    /// Where it is.
    pub base_url: String,
    /// Somebody who may log in there.
    pub user: String,
    /// With this password.
    pub password: String,
}

impl OtherHomeserver {
    /// Starts it, which takes some seconds.
    #[must_use]
    pub fn start() -> Self {
        const SAY: &str = "echo \"$MATRIX_HOMESERVER $MATRIX_USER $MATRIX_PASSWORD\"; exec cat";
        let mut command = cargo();
        command.args(["run", "--quiet", "--package", "xtask", "--", "synapse", "run", "sh", "-c", SAY]);
        // It lives as long as somebody could say something to it.
        let mut running = Running::start({
            command.stdin(Stdio::piped()).stderr(Stdio::null());
            command
        });
        let line = running.line();
        let [base_url, user, password] = line.split(' ').collect::<Vec<_>>()[..] else {
            panic!("no other homeserver: {line}")
        };
        let [base_url, user, password] = [base_url, user, password].map(str::to_owned);
        Self { _running: running, base_url, user, password }
    }
}

fn cargo() -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    command
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests lie in the workspace").to_owned()
}

/// A program that runs until it is dropped.
#[derive(Debug)]
pub struct Running {
    child: Child,
    lines: Receiver<String>,
}

/// How long a program may take to say something.
const PATIENCE: Duration = Duration::from_secs(120);

impl Running {
    /// Starts it.
    #[must_use]
    pub fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().expect("the program can be started");
        let output = BufReader::new(child.stdout.take().expect("it is piped"));
        let (said, lines) = mpsc::channel();
        // Ends with the program, or when nobody listens any more.
        thread::spawn(move || output.lines().map_while(Result::ok).try_for_each(|line| said.send(line)));
        Self { child, lines }
    }

    /// The next line that it prints; empty if it has ended.
    ///
    /// # Panics
    ///
    /// If it says nothing for two minutes.
    pub fn line(&mut self) -> String {
        match self.lines.recv_timeout(PATIENCE) {
            Ok(line) => line.trim_end().to_owned(),
            Err(RecvTimeoutError::Disconnected) => String::new(),
            Err(RecvTimeoutError::Timeout) => panic!("the program says nothing"),
        }
    }

    /// Whether it runs still.
    pub fn is_alive(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
