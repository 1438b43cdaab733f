//! What `start` leaves behind for `stop` and `status`.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::access::number;
use super::{Access, Error, http, process, server};

/// The server in the background.
pub(super) struct State {
    /// Its process id. It may since have gone to another program: see [`process::is_ours`].
    pub(super) pid: u32,

    /// Where it is.
    pub(super) access: Access,
}

impl State {
    /// Reads the file, if there is one.
    pub(super) fn read(home: &Path) -> Result<Option<Self>, Error> {
        let path = path(home);
        match fs::read_to_string(&path) {
            Ok(text) => Self::parse(&text).map(Some).map_err(Error::State),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(source) => Err(Error::io("read", &path, source)),
        }
    }

    /// Writes the file whole: a reader sees the old one or the new one.
    pub(super) fn write(&self, home: &Path) -> Result<(), Error> {
        let (path, fresh) = (path(home), home.join("state.json.new"));
        fs::write(&fresh, self.text()).map_err(|source| Error::io("write", &fresh, source))?;
        fs::rename(&fresh, &path).map_err(|source| Error::io("write", &path, source))
    }

    /// Removes the file.
    pub(super) fn forget(home: &Path) -> Result<(), Error> {
        let path = path(home);
        fs::remove_file(&path).map_err(|source| Error::io("remove", &path, source))
    }

    /// Whether that very process lives and answers.
    pub(super) fn is_alive(&self, home: &Path) -> bool {
        process::is_ours(self.pid, &server::background_folder(home)) && http::answers(self.access.port)
    }

    fn text(&self) -> String {
        format!("{:#}\n", json!({ "pid": self.pid, "access": self.access.to_json() }))
    }

    fn parse(text: &str) -> Result<Self, String> {
        // serde_json's own text could quote a password.
        let value: Value = serde_json::from_str(text).map_err(|error| format!("not JSON, at line {}", error.line()))?;
        Ok(Self { pid: number(&value, "pid")?, access: Access::from_json(&value["access"])? })
    }
}

fn path(home: &Path) -> PathBuf {
    home.join("state.json")
}

#[cfg(test)]
mod tests {
    use super::super::User;
    use super::*;

    fn state() -> State {
        let user = |name| User::new(name, "localhost:4711", format!("{name}'s \"word\""));
        State {
            pid: 12,
            access: Access {
                base_url: "http://127.0.0.1:4711".to_owned(),
                server_name: "localhost:4711".to_owned(),
                port: 4711,
                registration_secret: "shared".to_owned(),
                neighbours: "http://127.0.0.1:4712".to_owned(),
                identity_server: "localhost:4713".to_owned(),
                appservice_token: "bridge".to_owned(),
                database: "/tmp/homeserver.db".to_owned(),
                mas: true,
                postgres: false,
                short_tokens: true,
                admin: user("admin"),
                alice: user("alice"),
                bob: user("bob"),
            },
        }
    }

    fn refusal(text: &str) -> String {
        State::parse(text).err().expect("refused")
    }

    #[test]
    fn what_is_written_is_read_back() {
        let read = State::parse(&state().text()).unwrap();
        assert_eq!(read.pid, 12);
        assert!(read.access == state().access);
        assert_eq!(read.access.alice.user_id, "@alice:localhost:4711");
    }

    #[test]
    fn a_damaged_file_is_refused_by_key_and_without_its_values() {
        assert_eq!(refusal("{\n\"pid\": secret"), "not JSON, at line 2");
        assert_eq!(refusal("[]"), "`pid` is not a whole number in range");
        assert_eq!(refusal(r#"{"pid": -1}"#), "`pid` is not a whole number in range");
        let text = state().text();
        assert_eq!(refusal(&text.replace("4711,", "70000,")), "`port` is not a whole number in range");
        assert_eq!(refusal(&text.replace("\"alice\": {", "\"carol\": {")), "`name` is not a string");
    }

    #[test]
    fn a_child_process_learns_where_to_log_in() {
        let access = state().access;
        let environment = access.environment();
        assert_eq!(environment[0], ("MATRIX_HOMESERVER", "http://127.0.0.1:4711"));
        assert_eq!(environment[1], ("MATRIX_USER", "@alice:localhost:4711"));
        assert_eq!(environment[2], ("MATRIX_PASSWORD", "alice's \"word\""));
    }
}
