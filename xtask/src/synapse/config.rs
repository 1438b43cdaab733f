//! Synapse's configuration for a server that is tested hard and then thrown away.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

/// Random values of one server, made by Python's `secrets`.
pub(super) struct Secrets {
    /// An ed25519 seed in base64.
    pub(super) signing_seed: String,

    /// Hexadecimal; used up one by one.
    pub(super) words: Vec<String>,
}

impl Secrets {
    /// A Python script that prints what [`Secrets::parse`] reads.
    pub(super) const SCRIPT: &str = "\
import base64, json, secrets
seed = base64.b64encode(secrets.token_bytes(32)).decode().rstrip('=')
print(json.dumps({'seed': seed, 'words': [secrets.token_hex(12) for _ in range(10)]}))";

    /// Reads the script's output.
    pub(super) fn parse(output: &[u8]) -> Option<Self> {
        let value: Value = serde_json::from_slice(output).ok()?;
        let words = value["words"].as_array()?.iter();
        Some(Self {
            signing_seed: value["seed"].as_str()?.to_owned(),
            words: words.map(|word| word.as_str().map(str::to_owned)).collect::<Option<_>>()?,
        })
    }

    /// The next word that nobody has used.
    pub(super) fn word(&mut self) -> String {
        self.words.pop().expect("the script makes one word for each use")
    }
}

/// Rate limits of the usual form, as paths into the configuration.
const LIMITS: [&str; 23] = [
    "rc_message",
    "rc_registration",
    "rc_registration_token_validity",
    "rc_login.address",
    "rc_login.account",
    "rc_login.failed_attempts",
    "rc_admin_redaction",
    "rc_joins.local",
    "rc_joins.remote",
    "rc_joins_per_room",
    "rc_key_requests",
    "rc_3pid_validation",
    "rc_invites.per_room",
    "rc_invites.per_user",
    "rc_invites.per_issuer",
    "rc_third_party_invite",
    "rc_media_create",
    "rc_presence.per_user",
    "rc_delayed_event_mgmt",
    "rc_room_creation",
    "rc_reports",
    "rc_user_directory",
    "rc_profile",
];

/// The text of `homeserver.yaml`. It is JSON, which is YAML too and has only one way to quote a string.
/// `more` goes to ours, and `extra` replaces whole top-level keys. The second text is the registration secret.
pub(super) fn text(
    folder: &Path,
    port: u16,
    secrets: &mut Secrets,
    more: Value,
    extra: &Map<String, Value>,
) -> (String, String) {
    let registration = secrets.word();
    let mut config = Map::new();
    for part in [
        server(folder, port),
        features(),
        limits(),
        json!({
            "registration_shared_secret": registration,
            "macaroon_secret_key": secrets.word(),
            "form_secret": secrets.word(),
            "turn_shared_secret": secrets.word(),
            "signing_key": format!("ed25519 a_test {}", secrets.signing_seed),
        }),
        more,
        Value::Object(extra.clone()),
    ] {
        if let Value::Object(part) = part {
            config.extend(part);
        }
    }
    (format!("{:#}\n", Value::Object(config)), registration)
}

/// The name that ids end in. With the port in it, the server name leads to the listener without any discovery.
pub(super) fn server_name(port: u16) -> String {
    format!("localhost:{port}")
}

/// The file of its database.
pub(super) fn database(folder: &Path) -> PathBuf {
    folder.join("homeserver.db")
}

/// Where it listens, where it keeps things, and that it talks to nobody.
fn server(folder: &Path, port: u16) -> Value {
    json!({
        "server_name": server_name(port),
        "public_baseurl": format!("http://127.0.0.1:{port}/"),
        "listeners": [{
            "type": "http",
            "port": port,
            "bind_addresses": ["127.0.0.1"],
            "tls": false,
            "resources": [{ "names": ["client", "federation"], "compress": false }],
        }],
        "serve_server_wellknown": true,
        "database": { "name": "sqlite3", "args": { "database": database(folder) } },
        "media_store_path": folder.join("media"),
        "report_stats": false,
        "suppress_key_server_warning": true,
        "trusted_key_servers": [],
        // Other servers are asked once and not for long.
        "federation": {
            "client_timeout": "5s",
            "max_short_retries": 0,
            "max_long_retries": 0,
        },
        // Push gateways and previewed pages of the tests are on loopback as well.
        "ip_range_blacklist": [],
        "url_preview_enabled": true,
        "url_preview_ip_range_blacklist": [],
        // Without the pauses between them, all of a new database's updates are done before anybody looks.
        "background_updates": { "sleep_enabled": false },
    })
}

/// What a server may have switched on. Nothing experimental.
fn features() -> Value {
    json!({
        "enable_registration": true,
        "enable_registration_without_verification": true,
        "allow_guest_access": true,
        // The least that bcrypt takes: a login should not cost a quarter of a second.
        "bcrypt_rounds": 4,
        "password_config": { "enabled": true },
        "login_via_existing_session": { "enabled": true, "require_ui_auth": true, "token_timeout": "5m" },
        "refreshable_access_token_lifetime": "5m",
        "presence": { "enabled": true },
        // Events may wait for so long before they are sent.
        "max_event_delay_duration": "24h",
        "enable_search": true,
        "user_directory": { "enabled": true, "search_all_users": true, "prefer_local_users": true },
        "enable_room_list_search": true,
        "allow_public_rooms_without_auth": true,
        "allow_public_rooms_over_federation": true,
        "room_list_publication_rules": [{ "action": "allow" }],
        "dynamic_thumbnails": true,
        "max_pending_media_uploads": 100_000,
        // The old ways to media, without a login, are there for what was uploaded under this setting only.
        "enable_authenticated_media": false,
        "server_notices": { "system_mxid_localpart": "notices" },
        "turn_uris": ["turn:127.0.0.1:3478?transport=udp"],
        "turn_user_lifetime": "1h",
    })
}

/// Every rate limit, so high that no test meets it.
fn limits() -> Value {
    let mut all = json!({
        "rc_federation": {
            "window_size": 1000,
            "sleep_limit": 1_000_000,
            "sleep_delay": 0,
            "reject_limit": 1_000_000,
            "concurrent": 1000,
        },
        "federation_rr_transactions_per_room_per_second": 1_000_000,
        "remote_media_download_per_second": "1000M",
        "remote_media_download_burst_count": "1000M",
    });
    for path in LIMITS {
        let mut place = &mut all;
        for key in path.split('.') {
            place = &mut place[key];
        }
        *place = json!({ "per_second": 1_000_000, "burst_count": 1_000_000 });
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets() -> Secrets {
        Secrets { signing_seed: "c2VlZA".to_owned(), words: ["a", "b", "c", "d"].map(str::to_owned).to_vec() }
    }

    fn config(extra: &Map<String, Value>) -> Value {
        let (text, _) =
            text(Path::new("/a \"b\"/c: d"), 4711, &mut secrets(), json!({ "presence": null, "email": {} }), extra);
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn it_listens_on_loopback_only_and_stays_in_its_folder() {
        let config = config(&Map::new());
        assert_eq!(config["server_name"], "localhost:4711");
        assert_eq!(config["public_baseurl"], "http://127.0.0.1:4711/");
        assert_eq!(config["listeners"].as_array().unwrap().len(), 1);
        assert_eq!(config["listeners"][0]["bind_addresses"], json!(["127.0.0.1"]));
        assert_eq!(config["listeners"][0]["port"], 4711);
        assert_eq!(config["database"]["args"]["database"], "/a \"b\"/c: d/homeserver.db");
        assert_eq!(config["media_store_path"], "/a \"b\"/c: d/media");
        assert_eq!(config["report_stats"], false);
        assert_eq!(config["trusted_key_servers"], json!([]));
        assert_eq!(config["experimental_features"], Value::Null);
    }

    #[test]
    fn secrets_are_each_used_once() {
        let mut secrets = secrets();
        let (text, registration) = text(Path::new("/x"), 1, &mut secrets, Value::Null, &Map::new());
        let config: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(registration, "d");
        assert_eq!(config["registration_shared_secret"], "d");
        assert_eq!(config["macaroon_secret_key"], "c");
        assert_eq!(config["form_secret"], "b");
        assert_eq!(config["turn_shared_secret"], "a");
        assert_eq!(config["signing_key"], "ed25519 a_test c2VlZA");
        assert!(secrets.words.is_empty());
    }

    #[test]
    fn limits_are_nested_as_synapse_reads_them() {
        let config = config(&Map::new());
        let high = json!({ "per_second": 1_000_000, "burst_count": 1_000_000 });
        assert_eq!(config["rc_message"], high);
        assert_eq!(config["rc_login"], json!({ "address": high, "account": high, "failed_attempts": high }));
        assert_eq!(config["rc_joins"], json!({ "local": high, "remote": high }));
        assert_eq!(config["rc_invites"], json!({ "per_room": high, "per_user": high, "per_issuer": high }));
        assert_eq!(config["rc_presence"], json!({ "per_user": high }));
    }

    #[test]
    fn a_setting_replaces_ours() {
        let mut extra = Map::new();
        extra.insert("presence".to_owned(), json!({ "enabled": false }));
        extra.insert("admin_contact".to_owned(), json!("mailto:a@example.org"));
        let config = config(&extra);
        assert_eq!(config["presence"], json!({ "enabled": false }));
        assert_eq!(config["email"], json!({}));
        assert_eq!(config["admin_contact"], "mailto:a@example.org");
        assert_eq!(config["enable_search"], true);
    }

    #[test]
    fn the_output_of_the_script_is_read() {
        let read = Secrets::parse(br#"{"seed": "c2VlZA", "words": ["a", "b"]}"#).unwrap();
        assert_eq!(read.signing_seed, "c2VlZA");
        assert_eq!(read.words, ["a", "b"]);
        assert!(Secrets::parse(br#"{"seed": "c2VlZA", "words": [1]}"#).is_none());
        assert!(Secrets::parse(b"").is_none());
    }
}
