//! What a client needs to know of a server.

use serde_json::{Value, json};

/// Where a test server is and who may log in. No `Debug`: it holds passwords.
#[derive(Clone, PartialEq)]
pub(crate) struct Access {
    /// `http://127.0.0.1:<port>`, without a slash at the end.
    pub(crate) base_url: String,

    /// The part after the colon in ids, `localhost:<port>`. Its federation listener answers there, over plain HTTP.
    pub(crate) server_name: String,

    /// The loopback port.
    pub(crate) port: u16,

    /// The shared secret with which Synapse's admin API registers users.
    pub(crate) registration_secret: String,

    /// Where the neighbours are, without a slash at the end: an application service, a CAS, and the mail.
    pub(crate) neighbours: String,

    /// The name of an identity server whose certificate only this homeserver accepts.
    pub(crate) identity_server: String,

    /// The token of the application service `test`.
    pub(crate) appservice_token: String,

    /// Its database: a file, or the folder of PostgreSQL's socket.
    pub(crate) database: String,

    /// Whether logins are the authorization server's; nobody has a password then.
    pub(crate) mas: bool,

    /// Whether the data is in PostgreSQL.
    pub(crate) postgres: bool,

    /// Whether access tokens last for seconds, and nobody registers without a token.
    pub(crate) short_tokens: bool,

    /// A server administrator.
    pub(crate) admin: User,

    /// An ordinary user.
    pub(crate) alice: User,

    /// Another one.
    pub(crate) bob: User,
}

/// Somebody who can log in with a password. Has no device until then.
#[derive(Clone, PartialEq)]
pub(crate) struct User {
    /// The part of the id before the colon.
    pub(crate) name: String,

    /// The whole id.
    pub(crate) user_id: String,

    /// Random, made for this server.
    pub(crate) password: String,
}

impl User {
    pub(super) fn new(name: &str, server_name: &str, password: String) -> Self {
        Self { name: name.to_owned(), user_id: format!("@{name}:{server_name}"), password }
    }

    fn to_json(&self) -> Value {
        json!({ "name": self.name, "user_id": self.user_id, "password": self.password })
    }

    fn from_json(value: &Value) -> Result<Self, String> {
        Ok(Self { name: text(value, "name")?, user_id: text(value, "user_id")?, password: text(value, "password")? })
    }
}

impl Access {
    /// The three users, the administrator first.
    pub(crate) fn users(&self) -> [&User; 3] {
        [&self.admin, &self.alice, &self.bob]
    }

    /// The variables that tell a child process about the server. The first three, for Alice, are those that
    /// `Client::from_env` reads.
    pub(crate) fn environment(&self) -> [(&'static str, &str); 16] {
        [
            ("MATRIX_HOMESERVER", &self.base_url),
            ("MATRIX_USER", &self.alice.user_id),
            ("MATRIX_PASSWORD", &self.alice.password),
            ("MATRIX_TEST_SERVER_NAME", &self.server_name),
            ("MATRIX_TEST_REGISTRATION_SECRET", &self.registration_secret),
            ("MATRIX_TEST_NEIGHBOURS", &self.neighbours),
            ("MATRIX_TEST_IDENTITY_SERVER", &self.identity_server),
            ("MATRIX_TEST_APPSERVICE_TOKEN", &self.appservice_token),
            ("MATRIX_TEST_DATABASE", &self.database),
            ("MATRIX_TEST_LOGIN", if self.mas { "mas" } else { "own" }),
            ("MATRIX_TEST_ENGINE", if self.postgres { "postgres" } else { "sqlite" }),
            ("MATRIX_TEST_TOKENS", if self.short_tokens { "short" } else { "long" }),
            ("MATRIX_TEST_BOB", &self.bob.user_id),
            ("MATRIX_TEST_BOB_PASSWORD", &self.bob.password),
            ("MATRIX_TEST_ADMIN", &self.admin.user_id),
            ("MATRIX_TEST_ADMIN_PASSWORD", &self.admin.password),
        ]
    }

    /// What makes a child process act as the server's administrator: other values of what `Client::from_env` reads.
    pub(crate) fn administrator(&self) -> [(&'static str, &str); 2] {
        [("MATRIX_USER", &self.admin.user_id), ("MATRIX_PASSWORD", &self.admin.password)]
    }

    /// The form of the state file.
    pub(super) fn to_json(&self) -> Value {
        json!({
            "base_url": self.base_url,
            "server_name": self.server_name,
            "port": self.port,
            "registration_secret": self.registration_secret,
            "neighbours": self.neighbours,
            "identity_server": self.identity_server,
            "appservice_token": self.appservice_token,
            "database": self.database,
            "mas": self.mas,
            "postgres": self.postgres,
            "short_tokens": self.short_tokens,
            "admin": self.admin.to_json(),
            "alice": self.alice.to_json(),
            "bob": self.bob.to_json(),
        })
    }

    /// Reads that form back. The error names the key, never a value.
    pub(super) fn from_json(value: &Value) -> Result<Self, String> {
        Ok(Self {
            base_url: text(value, "base_url")?,
            server_name: text(value, "server_name")?,
            port: number(value, "port")?,
            registration_secret: text(value, "registration_secret")?,
            neighbours: text(value, "neighbours")?,
            identity_server: text(value, "identity_server")?,
            appservice_token: text(value, "appservice_token")?,
            database: text(value, "database")?,
            mas: value["mas"] == true,
            postgres: value["postgres"] == true,
            short_tokens: value["short_tokens"] == true,
            admin: User::from_json(&value["admin"])?,
            alice: User::from_json(&value["alice"])?,
            bob: User::from_json(&value["bob"])?,
        })
    }
}

fn text(value: &Value, key: &str) -> Result<String, String> {
    match value[key].as_str() {
        Some(text) => Ok(text.to_owned()),
        None => Err(format!("`{key}` is not a string")),
    }
}

/// A whole number of the width that is asked for.
pub(super) fn number<T: TryFrom<u64>>(value: &Value, key: &str) -> Result<T, String> {
    value[key]
        .as_u64()
        .and_then(|number| T::try_from(number).ok())
        .ok_or_else(|| format!("`{key}` is not a whole number in range"))
}
