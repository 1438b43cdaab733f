//! The Python environment with Synapse in it.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

use super::process::POLL;
use super::step::Step;
use super::{Error, VERSION, lock};

/// The oldest Python that Synapse takes.
const OLDEST: (u32, u32) = (3, 10);

/// Names under which a system may keep its Pythons, the preferred one first.
const NAMES: [&str; 7] = ["python3", "python3.14", "python3.13", "python3.12", "python3.11", "python3.10", "python"];

/// An interpreter whose environment has Synapse.
pub(super) struct Python {
    program: PathBuf,
}

/// Gives the environment below `home`; makes it at the first call, which takes about a minute.
pub(super) fn installed(home: &Path) -> Result<Python, Error> {
    if cfg!(windows) {
        return Err(Error::Windows);
    }
    // Two commands at once must not install into one folder.
    let _lock = lock(&home.join("install.lock"))?;
    let venv = home.join("venv");
    let python = Python { program: venv.join("bin").join("python") };
    let marker = venv.join("installed.txt");
    if fs::read_to_string(&marker).is_ok_and(|text| text == package()) && python.works() {
        return Ok(python);
    }
    make(home, &venv)?;
    python.install(home)?;
    // Last, so that an interrupted installation is not taken for a complete one.
    fs::write(&marker, package()).map_err(|source| Error::io("write", &marker, source))?;
    Ok(python)
}

/// The driver for PostgreSQL, with its C library in it, so that nothing has to be compiled.
const DRIVER: &str = "psycopg2-binary==2.9.13";

/// What pip is asked for. The extra is small and lets the server preview URLs.
fn package() -> String {
    format!("matrix-synapse[url-preview]=={VERSION}")
}

fn make(home: &Path, venv: &Path) -> Result<(), Error> {
    let system = system_python()?;
    let mut command = Command::new(&system);
    command.args(["-m", "venv", "--clear"]).arg(venv);
    watch(&mut command, "creating a Python environment", &home.join("venv.log"))
}

impl Python {
    fn install(&self, home: &Path) -> Result<(), Error> {
        self.pip(home, &package(), &format!("installing matrix-synapse {VERSION} with pip"))
    }

    /// Sees to it that Synapse can use PostgreSQL.
    pub(super) fn with_driver(&self, home: &Path) -> Result<(), Error> {
        let _lock = lock(&home.join("install.lock"))?;
        match self.ask("looking for psycopg2", "import psycopg2", "") {
            Ok(_) => Ok(()),
            Err(_) => self.pip(home, DRIVER, "installing psycopg2 with pip"),
        }
    }

    fn pip(&self, home: &Path, package: &str, what: &str) -> Result<(), Error> {
        let mut command = Command::new(&self.program);
        command.args(["-m", "pip", "install", "--no-input", "--progress-bar", "off"]);
        command.args(["--disable-pip-version-check", package]);
        watch(&mut command, what, &home.join("pip.log"))
    }

    /// The environment points at a Python of the system, which may have gone or changed since.
    fn works(&self) -> bool {
        let mut command = self.script("from importlib.metadata import version; print(version('matrix-synapse'))");
        let output = command.stdin(Stdio::null()).output();
        output.is_ok_and(|output| output.stdout.trim_ascii() == VERSION.as_bytes())
    }

    /// A command that runs this text, apart from the variables and folders of whoever calls us.
    pub(super) fn script(&self, text: &str) -> Command {
        let mut command = Command::new(&self.program);
        command.args(["-I", "-c", text]);
        command
    }

    /// Runs a short script to its end, with this input. Gives what it prints.
    pub(super) fn ask(&self, what: &'static str, text: &str, input: &str) -> Result<Vec<u8>, Error> {
        let failed = |source| Error::io("run", &self.program, source);
        let mut child = self
            .script(text)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(failed)?;
        if let Some(mut stdin) = child.stdin.take()
            && let Err(error) = stdin.write_all(input.as_bytes())
            // A script that ended early says why below.
            && error.kind() != ErrorKind::BrokenPipe
        {
            return Err(failed(error));
        }
        let output = child.wait_with_output().map_err(failed)?;
        match output.status.success() {
            true => Ok(output.stdout),
            false => Err(Error::Script {
                what,
                status: output.status,
                output: String::from_utf8_lossy(&output.stderr).into_owned(),
            }),
        }
    }
}

/// The first Python that is new enough, or the one that the variable `PYTHON` names.
fn system_python() -> Result<String, Error> {
    let named = std::env::var("PYTHON").ok().filter(|name| !name.is_empty());
    let names = match &named {
        Some(name) => vec![name.as_str()],
        None => NAMES.to_vec(),
    };
    let name = choose(&names, version)?;
    let output = Command::new(name)
        .args(["-c", "import venv, ensurepip"])
        .output()
        .map_err(|source| Error::io("run", name, source))?;
    match output.status.success() {
        true => Ok(name.to_owned()),
        false => {
            Err(Error::NoPip { python: name.to_owned(), output: String::from_utf8_lossy(&output.stderr).into_owned() })
        }
    }
}

fn choose<'a>(names: &[&'a str], version: impl Fn(&str) -> Option<(u32, u32)>) -> Result<&'a str, Error> {
    let mut old = Vec::new();
    for name in names {
        match version(name) {
            Some(version) if version >= OLDEST => return Ok(name),
            Some((major, minor)) => old.push(format!("{name} {major}.{minor}")),
            None => {}
        }
    }
    Err(match old.is_empty() {
        true => Error::NoPython { tried: names.join(", ") },
        false => Error::OldPython { found: old.join(", ") },
    })
}

/// Major and minor, or `None` when there is no such program or it is no Python.
fn version(name: &str) -> Option<(u32, u32)> {
    let output = Command::new(name).args(["-c", "import sys; print('%d %d' % sys.version_info[:2])"]).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let (major, minor) = text.trim().split_once(' ')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

/// Runs a long program with its output in a file, which the error repeats whole.
fn watch(command: &mut Command, what: &str, log: &Path) -> Result<(), Error> {
    let unwritable = |source| Error::io("write", log, source);
    let output = File::create(log).map_err(unwritable)?;
    let errors = output.try_clone().map_err(unwritable)?;
    let mut step = Step::begin(what);
    let spawned = command.stdin(Stdio::null()).stdout(output).stderr(errors).spawn();
    let mut child = spawned.map_err(|source| Error::io("run", command.get_program(), source))?;
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) => thread::sleep(POLL),
            Err(source) => return Err(Error::io("wait for", command.get_program(), source)),
        }
        step.tick();
    };
    if !status.success() {
        let output = fs::read(log).unwrap_or_default();
        return Err(Error::Install {
            what: what.to_owned(),
            status,
            output: String::from_utf8_lossy(&output).into_owned(),
        });
    }
    step.done();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pick(known: &[(&str, (u32, u32))]) -> Result<&'static str, String> {
        let version = |name: &str| known.iter().find(|row| row.0 == name).map(|row| row.1);
        choose(&NAMES, version).map_err(|error| error.to_string())
    }

    #[test]
    fn the_first_python_that_is_new_enough_is_taken() {
        assert_eq!(pick(&[("python3", (3, 11))]), Ok("python3"));
        assert_eq!(pick(&[("python3", (3, 9)), ("python3.12", (3, 12))]), Ok("python3.12"));
        assert_eq!(pick(&[("python", (3, 10))]), Ok("python"));
        assert_eq!(pick(&[("python3", (4, 0))]), Ok("python3"));
    }

    #[test]
    fn a_missing_python_is_named_with_what_to_install() {
        let error = pick(&[]).unwrap_err();
        assert!(error.starts_with("no Python found (tried python3, "), "{error}");
        assert!(error.contains("apt install python3 python3-pip python3-venv"), "{error}");
    }

    #[test]
    fn an_old_python_is_named_with_its_version() {
        let error = pick(&[("python3", (3, 9)), ("python", (2, 7))]).unwrap_err();
        let begin = "Synapse needs Python 3.10 or newer, found only python3 3.9, python 2.7; install";
        assert!(error.starts_with(begin), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn a_failing_program_is_quoted_whole() {
        let log = std::env::temp_dir().join(format!("xtask-watch-{}.log", std::process::id()));
        let mut command = Command::new("sh");
        command.args(["-c", "echo out; echo err >&2; exit 3"]);
        let error = watch(&mut command, "pip", &log).unwrap_err().to_string();
        fs::remove_file(&log).unwrap();
        assert_eq!(error, "pip failed (exit status: 3). All that it said:\n\nout\nerr\n");
    }
}
