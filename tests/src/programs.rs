//! Programs that live tests run: the SDK's examples, and the first programs somebody writes with it.

use std::env;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::Duration;

/// An example of the SDK: `cargo build --package matrix-api --features full --examples` builds them.
#[must_use]
pub fn example(name: &str) -> Command {
    let own = env::current_exe().expect("a test is a file");
    // Tests lie in `deps` beside `examples`.
    built(&own.ancestors().nth(2).expect("it lies in the target folder").join("examples").join(name))
}

/// One of the programs below `tests/first_lines`, each a workspace of its own.
#[must_use]
pub fn first_lines(name: &str) -> Command {
    built(&root().join("target/first_lines/debug").join(name))
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

/// Not through cargo: within a test it says other things to build scripts, and builds half of everything again.
fn built(path: &Path) -> Command {
    let path = path.with_extension(env::consts::EXE_EXTENSION);
    assert!(path.exists(), "{} is not built: `cargo xtask test` does so before the live tests", path.display());
    Command::new(path)
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests lie in the workspace")
}

/// What a program prints that ends by itself, and well.
#[must_use]
pub fn output(command: &mut Command) -> String {
    let output = command.output().expect("the program can be started");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {said}", command.get_program().display());
    String::from_utf8(output.stdout).expect("what it prints is text")
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
