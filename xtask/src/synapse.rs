//! A real homeserver to try things out on: Synapse, installed with pip, on loopback, thrown away when it stops.
//!
//! Everything lives in `target/synapse`: the Python environment (shared), one server in the background
//! (`cargo xtask synapse start`), and any number of temporary ones, each owned by a [`Server`] value that ends
//! its process when it is dropped. Should the owner be killed, the temporary server notices and ends as well.

mod access;
mod config;
mod error;
mod http;
mod neighbours;
mod postgres;
mod process;
mod python;
mod server;
mod state;
mod step;

pub(crate) use access::{Access, User};
pub(crate) use error::Error;
pub(crate) use server::{Options, Server};

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use config::Secrets;
use serde_json::{Value, json};
use state::State;

/// The release that is installed. A server of another release is another server: tests assert what this one says.
pub(crate) const VERSION: &str = "1.163.2";

const USAGE: &str = "\
usage: cargo xtask synapse <command>

  start [OPTION]...                   start a server in the background, or show the one that runs
  stop                                end it and delete its data
  status                              say whether it runs, and where
  run [OPTION]... COMMAND...          run a command with a server of its own; MATRIX_* variables tell it where

  --mas             logins are an authorization server's, as with Matrix Authentication Service
  --postgres        the data is in PostgreSQL, from the system's package
  --set KEY=JSON    a top-level key of Synapse's configuration
";

/// `cargo xtask synapse`.
pub(crate) fn run(args: &[String]) -> crate::Outcome {
    let rest = args.get(1..).unwrap_or_default();
    match args.first().map(String::as_str) {
        Some("start") => start(rest)?,
        Some("stop") => stop(rest)?,
        Some("status") => status(rest)?,
        Some("run") => with_server(rest)?,
        Some("help" | "--help" | "-h") => print!("{USAGE}"),
        _ => return Err(Error::Usage(USAGE).into()),
    }
    Ok(())
}

/// What differs between operations, as method and path, and the routes that Synapse registers; see `routes.py`.
pub(crate) fn routes(operations: &[(&str, &str)]) -> Result<String, Error> {
    let python = python::installed(&home()?)?;
    let output = python.ask("making secrets", Secrets::SCRIPT, "")?;
    let mut secrets = Secrets::parse(&output).expect("our script prints what we read");
    let (config, _) = config::text(Path::new("FOLDER"), 0, &mut secrets, json!({}), &serde_json::Map::new());
    let config: Value = serde_json::from_str(&config).expect("our configuration is JSON");
    let input = json!({ "config": config, "operations": operations }).to_string();
    let output = python.ask("listing the routes", include_str!("synapse/routes.py"), &input)?;
    Ok(String::from_utf8_lossy(&output).into_owned())
}

fn start(args: &[String]) -> Result<(), Error> {
    let (options, rest) = Options::parse(args)?;
    no_more(rest)?;
    let home = home()?;
    let _lock = lock(&home.join("state.lock"))?;
    match State::read(&home)? {
        Some(state) if state.is_alive(&home) => {
            if !options.is_default() {
                return Err(Error::AlreadyRunning);
            }
            show(&state, "runs already");
            return Ok(());
        }
        // Gone, or alive without an answer: then its folder is not free before it ends.
        Some(state) => drop(process::end(state.pid, &server::background_folder(&home))?),
        None => {}
    }
    let server = Server::background(&home, &options)?;
    let state = State { pid: server.pid(), access: server.access().clone() };
    // Written before letting go: a server that nobody could stop must not stay behind.
    state.write(&home)?;
    server.let_go()?;
    show(&state, "runs");
    Ok(())
}

fn stop(args: &[String]) -> Result<(), Error> {
    no_more(args)?;
    let home = home()?;
    let _lock = lock(&home.join("state.lock"))?;
    let Some(state) = State::read(&home)? else {
        println!("No server to stop.");
        return Ok(());
    };
    let folder = server::background_folder(&home);
    let ended = process::end(state.pid, &folder)?;
    server::discard(&home, &folder);
    State::forget(&home)?;
    match ended {
        true => println!("Stopped (process {}).", state.pid),
        false => println!("It had ended already; its data is gone now."),
    }
    Ok(())
}

fn status(args: &[String]) -> Result<(), Error> {
    no_more(args)?;
    let home = home()?;
    match State::read(&home)? {
        Some(state) if state.is_alive(&home) => show(&state, "runs"),
        Some(state) => {
            println!("Not running: process {} of `cargo xtask synapse start` is gone or does not answer.", state.pid)
        }
        None => println!("Not running."),
    }
    Ok(())
}

fn with_server(args: &[String]) -> Result<(), Error> {
    let (options, command) = Options::parse(args)?;
    let [program, args @ ..] = command else {
        return Err(Error::Usage(USAGE));
    };
    let server = Server::start(&options)?;
    let mut command = Command::new(program);
    command.args(args).envs(server.access().environment());
    // What Cargo says of xtask: a cargo that sees it would run build scripts again, and build all that hangs on them.
    let told = std::env::vars_os().map(|(name, _)| name);
    for name in told.filter(|name| name.as_encoded_bytes().starts_with(b"CARGO_PKG_")) {
        command.env_remove(name);
    }
    for name in ["CARGO_MANIFEST_DIR", "CARGO_MANIFEST_PATH", "CARGO_MANIFEST_LINKS"] {
        command.env_remove(name);
    }
    let outcome = command.status();
    server.stop();
    match outcome {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(Error::Command { program: program.clone(), status }),
        Err(source) => Err(Error::io("run", program, source)),
    }
}

fn no_more(rest: &[String]) -> Result<(), Error> {
    match rest {
        [] => Ok(()),
        _ => Err(Error::Usage(USAGE)),
    }
}

/// Prints where the server is and who may log in. Its passwords are random and worth nothing elsewhere.
fn show(state: &State, verb: &str) {
    let access = &state.access;
    println!(
        "Synapse {VERSION} {verb} at {} (server name {}, process {}).\n",
        access.base_url, access.server_name, state.pid
    );
    if access.mas {
        println!("  A token for anybody, with the scope of a server administrator or without:");
        println!("  curl '{}/mas/login?user=admin&admin=yes'\n", access.neighbours);
        println!("  export MATRIX_HOMESERVER='{}'", access.base_url);
    } else {
        for user in access.users() {
            println!("  {:<6} {}  password {}", user.name, user.user_id, user.password);
        }
        println!();
        for (key, value) in &access.environment()[..3] {
            println!("  export {key}='{value}'");
        }
    }
    println!("\nIts log is target/synapse/server/homeserver.log. End it with `cargo xtask synapse stop`.");
}

/// The folder that holds all of it, made when missing and closed to other users of the machine.
fn home() -> Result<PathBuf, Error> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask is a folder of the workspace");
    let home = workspace.join("target").join("synapse");
    make_private(&home)?;
    Ok(home)
}

fn make_private(folder: &Path) -> Result<(), Error> {
    fs::create_dir_all(folder).map_err(|source| Error::io("create", folder, source))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700))
            .map_err(|source| Error::io("close to other users", folder, source))?;
    }
    Ok(())
}

/// Waits until no other xtask holds this lock. It is free again when the value is dropped or the process ends.
fn lock(path: &Path) -> Result<File, Error> {
    let file = File::create(path).map_err(|source| Error::io("create", path, source))?;
    file.lock().map_err(|source| Error::io("lock", path, source))?;
    Ok(file)
}
