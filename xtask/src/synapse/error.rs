//! What can go wrong, and what to do about it.

use std::ffi::OsStr;
use std::io;
use std::process::ExitStatus;

/// Why there is no server.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The command line makes no sense.
    #[error("{0}")]
    Usage(&'static str),

    /// `--set` cannot be understood.
    #[error("--set {0}: expected KEY=JSON, for example --set enable_registration=false")]
    Setting(String),

    /// Settings were given, but a server runs already.
    #[error("a server runs already; `cargo xtask synapse stop` it to start one with other settings")]
    AlreadyRunning,

    /// Synapse is made for Unix.
    #[error("Synapse does not run on Windows; use the Windows Subsystem for Linux")]
    Windows,

    /// No Python at all.
    #[error("no Python found (tried {tried}); {INSTALL}")]
    NoPython {
        /// The names that were tried.
        tried: String,
    },

    /// Only a Python that Synapse refuses.
    #[error("Synapse needs Python 3.10 or newer, found only {found}; {INSTALL}")]
    OldPython {
        /// Program and version.
        found: String,
    },

    /// `--postgres` without PostgreSQL.
    #[error("no PostgreSQL found in /usr/lib/postgresql; install it (Debian and Ubuntu: apt install postgresql)")]
    NoPostgres,

    /// Python without venv or pip, as Debian splits it.
    #[error("{python} lacks pip or venv; {INSTALL}\n{output}")]
    NoPip {
        /// The interpreter that was asked.
        python: String,
        /// What it said.
        output: String,
    },

    /// A program of the installation failed.
    #[error("{what} failed ({status}). All that it said:\n\n{output}")]
    Install {
        /// The step.
        what: String,
        /// How it ended.
        status: ExitStatus,
        /// Its whole output.
        output: String,
    },

    /// Synapse ended before it answered.
    #[error("Synapse ended ({status}) before it answered. The end of its log:\n\n{log}")]
    Died {
        /// How it ended.
        status: ExitStatus,
        /// The last lines of its log.
        log: String,
    },

    /// Synapse lives but does not answer.
    #[error("Synapse did not answer within {seconds} s. The end of its log:\n\n{log}")]
    Silent {
        /// How long we waited.
        seconds: u64,
        /// The last lines of its log.
        log: String,
    },

    /// A short Python script of ours failed.
    #[error("{what} failed ({status}):\n{output}")]
    Script {
        /// What the script was to do.
        what: &'static str,
        /// How it ended.
        status: ExitStatus,
        /// Its error output.
        output: String,
    },

    /// The process would not end.
    #[error("process {0} does not end")]
    Immortal(u32),

    /// The state file is not ours, or damaged.
    #[error("target/synapse/state.json: {0}; delete the file when no server runs")]
    State(String),

    /// The command of `run` failed.
    #[error("{program} failed ({status})")]
    Command {
        /// The program.
        program: String,
        /// How it ended.
        status: ExitStatus,
    },

    /// A file or a program could not be used.
    #[error("cannot {action} {what}: {source}")]
    Io {
        /// What was tried.
        action: &'static str,
        /// On what.
        what: String,
        /// Why not.
        source: io::Error,
    },
}

const INSTALL: &str = "install Python 3.10 or newer with pip and venv \
    (Debian and Ubuntu: apt install python3 python3-pip python3-venv; Fedora: dnf install python3 python3-pip; \
    macOS: brew install python), or name one in the variable PYTHON";

impl Error {
    /// An input or output error with its context.
    pub(super) fn io(action: &'static str, what: impl AsRef<OsStr>, source: io::Error) -> Self {
        Self::Io { action, what: what.as_ref().to_string_lossy().into_owned(), source }
    }
}
