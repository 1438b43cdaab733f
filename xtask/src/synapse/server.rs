//! One running Synapse.

use std::fs::{self, File};
use std::io::Write;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};

use super::config::{self, Secrets};
use super::neighbours::Neighbours;
use super::postgres::{self, Postgres};
use super::python::{self, Python};
use super::step::Step;
use super::{Access, Error, User, http, make_private, process};

/// How long a slow machine may take until the server answers.
const PATIENCE: Duration = Duration::from_secs(120);

/// How many ports are tried: between finding a free one and using it, somebody else may take it.
const PORTS: usize = 5;

/// Lines of the log that an error repeats.
const TAIL: usize = 40;

/// What differs from one server to the next.
#[derive(Clone, Default)]
pub(crate) struct Options {
    settings: Map<String, Value>,
    /// Logins are another service's.
    mas: bool,
    /// The data is in PostgreSQL.
    postgres: bool,
}

impl Options {
    /// Sets a top-level key of Synapse's configuration; replaces ours.
    pub(crate) fn setting(mut self, key: &str, value: Value) -> Self {
        self.settings.insert(key.to_owned(), value);
        self
    }

    /// Leaves logins to an authorization server in front of it, in the way of Matrix Authentication Service.
    pub(crate) fn mas(mut self) -> Self {
        self.mas = true;
        self
    }

    /// Keeps the data in PostgreSQL instead of SQLite.
    pub(crate) fn postgres(mut self) -> Self {
        self.postgres = true;
        self
    }

    /// Takes `--mas`, `--postgres` and `--set KEY=JSON` from the front of the arguments; gives the rest.
    pub(super) fn parse(mut args: &[String]) -> Result<(Self, &[String]), Error> {
        let mut options = Self::default();
        while let [first, rest @ ..] = args {
            (options, args) = match (first.as_str(), rest) {
                ("--mas", rest) => (options.mas(), rest),
                ("--postgres", rest) => (options.postgres(), rest),
                ("--set", [given, rest @ ..]) => {
                    let (key, value) = given
                        .split_once('=')
                        .and_then(|(key, value)| Some((key, serde_json::from_str(value).ok()?)))
                        .ok_or_else(|| Error::Setting(given.clone()))?;
                    (options.setting(key, value), rest)
                }
                _ => break,
            };
        }
        Ok((options, args))
    }

    /// Whether both settings were given with which the tests of short tokens say something.
    fn short_tokens(&self) -> bool {
        let lifetime = self.settings.get("refreshable_access_token_lifetime").and_then(Value::as_str);
        let seconds = lifetime.and_then(|text| text.strip_suffix('s')?.parse().ok());
        let by_token = self.settings.get("registration_requires_token") == Some(&Value::Bool(true));
        by_token && seconds.is_some_and(|seconds: u32| seconds < 60)
    }

    /// Nothing was asked for.
    pub(super) fn is_default(&self) -> bool {
        self.settings.is_empty() && !self.mas && !self.postgres
    }
}

/// A server of one's own. Dropping it ends the process and deletes its data, on a panic as well; when we are
/// killed, it ends by itself. Its log stays as `target/synapse/last.log`.
pub(crate) struct Server {
    child: Child,
    access: Access,
    home: PathBuf,
    folder: PathBuf,
    /// Ends the server when it closes, unless a byte was written before. `None` once the server is free.
    lifeline: Option<ChildStdin>,
}

impl Server {
    /// Starts a temporary server: its own folder and port, the shared Python environment, which is made when
    /// missing. Takes about two seconds; returns when it answers and its users exist.
    pub(crate) fn start(options: &Options) -> Result<Self, Error> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let home = super::home()?;
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("{}-{count}", std::process::id());
        Self::launch(&home, home.join("temporary").join(name), options)
    }

    /// Starts the one that outlives us, once it was [let go](Self::let_go).
    pub(super) fn background(home: &Path, options: &Options) -> Result<Self, Error> {
        Self::launch(home, background_folder(home), options)
    }

    /// Where it is, and who may log in.
    pub(crate) fn access(&self) -> &Access {
        &self.access
    }

    /// Its process id.
    pub(super) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Ends it now instead of at the end of the scope.
    pub(crate) fn stop(self) {
        drop(self);
    }

    /// Kills the process without a warning, as a power cut would, and starts it again on the same data and port.
    pub(crate) fn crash(&mut self) -> Result<(), Error> {
        let python = python::installed(&self.home)?;
        let _ = self.child.kill();
        let _ = self.child.wait();
        let mut left = PORTS;
        loop {
            left -= 1;
            let mut step = Step::begin("starting Synapse again");
            self.child = spawn(&python, &self.folder)?;
            self.lifeline = self.child.stdin.take();
            match self.wait(&mut step) {
                Err(Error::Died { log, .. }) if left > 0 && log.contains("Address already in use") => {}
                outcome => return outcome,
            }
        }
    }

    /// Lets it run on without us.
    pub(super) fn let_go(mut self) -> Result<(), Error> {
        if let Some(lifeline) = &mut self.lifeline {
            lifeline.write_all(b".").map_err(|source| Error::io("reach", "Synapse", source))?;
        }
        self.lifeline = None;
        Ok(())
    }

    fn launch(home: &Path, folder: PathBuf, options: &Options) -> Result<Self, Error> {
        let python = python::installed(home)?;
        if options.postgres {
            python.with_driver(home)?;
        }
        let mut left = PORTS;
        loop {
            left -= 1;
            match Self::attempt(&python, home, &folder, options) {
                Err(Error::Died { log, .. }) if left > 0 && log.contains("Address already in use") => {}
                outcome => return outcome,
            }
        }
    }

    fn attempt(python: &Python, home: &Path, folder: &Path, options: &Options) -> Result<Self, Error> {
        let mut step = Step::begin("starting Synapse");
        let access = prepare(python, folder, free_ports()?, options)?;
        let mut child = spawn(python, folder)?;
        let mut server =
            Self { lifeline: child.stdin.take(), child, access, home: home.to_owned(), folder: folder.to_owned() };
        server.wait(&mut step)?;
        // Where logins are another service's, it is that one which brings users along.
        if !options.mas
            && let Err(error) = register(python, &server.access)
        {
            // Perhaps a stranger on our port has answered; then ours is about to end.
            return Err(server.death_soon().unwrap_or(error));
        }
        step.done();
        Ok(server)
    }

    /// Until it answers.
    fn wait(&mut self, step: &mut Step) -> Result<(), Error> {
        while !http::answers(self.access.port) {
            if let Some(error) = self.death() {
                return Err(error);
            }
            if step.elapsed() > PATIENCE {
                return Err(Error::Silent { seconds: PATIENCE.as_secs(), log: self.tail() });
            }
            thread::sleep(process::POLL);
            step.tick();
        }
        Ok(())
    }

    /// What it dies of within a few seconds, if it does.
    fn death_soon(&mut self) -> Option<Error> {
        let deadline = Instant::now() + Duration::from_secs(5);
        while Instant::now() < deadline {
            if let Some(error) = self.death() {
                return Some(error);
            }
            thread::sleep(process::POLL);
        }
        None
    }

    /// What it died of, if it did.
    fn death(&mut self) -> Option<Error> {
        let status = self.child.try_wait().ok()??;
        Some(Error::Died { status, log: self.tail() })
    }

    fn tail(&self) -> String {
        let bytes = fs::read(log(&self.folder)).unwrap_or_default();
        last_lines(&String::from_utf8_lossy(&bytes), TAIL)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.lifeline.is_none() {
            return;
        }
        // Nothing to save: its data goes as well. Neither can fail in a way that somebody could mend here.
        let _ = self.child.kill();
        let _ = self.child.wait();
        discard(&self.home, &self.folder);
    }
}

/// Writes the folder of a server with these ports: the first is its own.
pub(super) fn prepare(
    python: &Python,
    folder: &Path,
    [port, others @ ..]: [u16; 1 + Neighbours::PORTS],
    options: &Options,
) -> Result<Access, Error> {
    postgres::discard(folder);
    let _ = fs::remove_dir_all(folder);
    make_private(folder)?;
    let output = python.ask("making secrets", Secrets::SCRIPT, "")?;
    let mut secrets = Secrets::parse(&output).expect("our script prints what we read");
    let neighbours = Neighbours::new(others, &mut secrets);
    let mut more = neighbours.settings(folder);
    if options.mas {
        extend(&mut more, neighbours.delegation());
    }
    let mut database = config::database(folder);
    if options.postgres {
        let postgres = Postgres::new(folder)?;
        database = postgres.socket().to_owned();
        write(folder, postgres::FILE, &postgres.file().to_string())?;
        extend(&mut more, postgres.settings());
    }
    let (text, registration) = config::text(folder, port, &mut secrets, more, &options.settings);
    write(folder, "homeserver.yaml", &text)?;
    for (name, value) in neighbours.files(port) {
        write(folder, name, &value.to_string())?;
    }
    Ok(Access {
        mas: options.mas,
        postgres: options.postgres,
        short_tokens: options.short_tokens(),
        database: database.display().to_string(),
        ..access(port, registration, &neighbours, &mut secrets)
    })
}

/// Members of the second object go into the first.
fn extend(object: &mut Value, more: Value) {
    if let (Value::Object(object), Value::Object(more)) = (object, more) {
        object.extend(more);
    }
}

/// The folder of the server in the background.
pub(super) fn background_folder(home: &Path) -> PathBuf {
    home.join("server")
}

/// Deletes what a server has left, but for its log.
pub(super) fn discard(home: &Path, folder: &Path) {
    let _ = fs::rename(log(folder), home.join("last.log"));
    postgres::discard(folder);
    let _ = fs::remove_dir_all(folder);
}

fn log(folder: &Path) -> PathBuf {
    folder.join("homeserver.log")
}

fn spawn(python: &Python, folder: &Path) -> Result<Child, Error> {
    let path = log(folder);
    let unwritable = |source| Error::io("write", &path, source);
    let output = File::create(&path).map_err(unwritable)?;
    let errors = output.try_clone().map_err(unwritable)?;
    let mut command = python.script(concat!(
        include_str!("authorization.py"),
        "\n\n",
        include_str!("neighbours.py"),
        "\n\n",
        include_str!("launch.py")
    ));
    command.arg(folder).arg("-c").arg(folder.join("homeserver.yaml"));
    command.current_dir(folder).stdin(Stdio::piped()).stdout(output).stderr(errors);
    without_proxies(&mut command);
    process::own_group(&mut command);
    command.spawn().map_err(|source| Error::io("start", "Synapse", source))
}

/// Whatever it calls in a test is on loopback.
fn without_proxies(command: &mut Command) {
    for name in ["http_proxy", "https_proxy", "all_proxy", "no_proxy"] {
        command.env_remove(name).env_remove(name.to_uppercase());
    }
}

fn access(port: u16, registration_secret: String, neighbours: &Neighbours, secrets: &mut Secrets) -> Access {
    let server_name = config::server_name(port);
    let mut user = |name| User::new(name, &server_name, secrets.word());
    Access {
        base_url: format!("http://127.0.0.1:{port}"),
        port,
        registration_secret,
        neighbours: neighbours.url(),
        identity_server: neighbours.identity_server(),
        appservice_token: neighbours.token().to_owned(),
        database: String::new(),
        mas: false,
        postgres: false,
        short_tokens: false,
        admin: user("admin"),
        alice: user("alice"),
        bob: user("bob"),
        server_name,
    }
}

fn register(python: &Python, access: &Access) -> Result<(), Error> {
    let users = access.users().map(|user| {
        let admin = user.name == access.admin.name;
        json!({ "name": user.name, "password": user.password, "admin": admin })
    });
    let job = json!({
        "base_url": access.base_url,
        "secret": access.registration_secret,
        "users": users,
    });
    python.ask("registering users", include_str!("register.py"), &job.to_string()).map(drop)
}

fn write(folder: &Path, name: &str, text: &str) -> Result<(), Error> {
    let path = folder.join(name);
    fs::write(&path, text).map_err(|source| Error::io("write", &path, source))
}

/// Ports that nobody uses at this moment, all different: one for the server, the rest for its neighbours.
fn free_ports() -> Result<[u16; 1 + Neighbours::PORTS], Error> {
    let mut held = Vec::new();
    let mut ports = [0; 1 + Neighbours::PORTS];
    for port in &mut ports {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
        let listener = listener.map_err(|source| Error::io("find", "a free port", source))?;
        *port = listener.local_addr().map_err(|source| Error::io("find", "a free port", source))?.port();
        // Held until all are found, so that none is found twice.
        held.push(listener);
    }
    Ok(ports)
}

fn last_lines(text: &str, count: usize) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(count)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn settings_come_first_and_are_json() {
        let args = words("--set a={\"b\":1} --set c=false cargo test --set x");
        let (options, rest) = Options::parse(&args).ok().unwrap();
        assert_eq!(options.settings["a"], json!({ "b": 1 }));
        assert_eq!(options.settings["c"], false);
        assert_eq!(rest, words("cargo test --set x"));
        assert!(!options.is_default());
        assert!(Options::parse(&[]).ok().unwrap().0.is_default());
    }

    #[test]
    fn kinds_of_servers_are_asked_for_by_name() {
        let args = words("--mas --set a=1 --postgres cargo --mas");
        let (options, rest) = Options::parse(&args).ok().unwrap();
        assert!(options.mas && options.postgres && !options.is_default());
        assert_eq!((&options.settings["a"], rest), (&json!(1), &words("cargo --mas")[..]));
        assert!(!Options::parse(&words("--mas")).ok().unwrap().0.is_default());
    }

    #[test]
    fn short_tokens_are_told_from_the_settings() {
        let lifetime = |text: &str| Options::default().setting("refreshable_access_token_lifetime", text.into());
        let by_token = |options: Options| options.setting("registration_requires_token", true.into());
        assert!(by_token(lifetime("8s")).short_tokens());
        assert!(!by_token(lifetime("8m")).short_tokens() && !by_token(lifetime("60s")).short_tokens());
        assert!(!lifetime("8s").short_tokens() && !by_token(Options::default()).short_tokens());
    }

    #[test]
    fn a_setting_that_is_no_json_is_refused() {
        for given in ["a", "a=", "a=yes"] {
            let error = Options::parse(&words(&format!("--set {given}"))).err().unwrap();
            assert_eq!(
                error.to_string(),
                format!("--set {given}: expected KEY=JSON, for example --set enable_registration=false")
            );
        }
    }

    #[test]
    fn an_error_shows_the_end_of_a_log() {
        assert_eq!(last_lines("a\nb\nc\n", 2), "b\nc");
        assert_eq!(last_lines("a\n", 2), "a");
        assert_eq!(last_lines("", 2), "");
    }
}
