//! What stands around the homeserver: an application service, a mail server, a CAS, an identity server and an
//! authorization server, all of them played by `neighbours.py` in the server's own process.

use std::path::Path;

use serde_json::{Value, json};

use super::config::Secrets;

/// Where the neighbours listen, and the secrets between them and the homeserver.
pub(super) struct Neighbours {
    web: u16,
    mail: u16,
    identity: u16,
    as_token: String,
    hs_token: String,
    mas_secret: String,
}

impl Neighbours {
    /// How many loopback ports they need.
    pub(super) const PORTS: usize = 3;

    /// On these ports, with secrets of their own.
    pub(super) fn new([web, mail, identity]: [u16; Self::PORTS], secrets: &mut Secrets) -> Self {
        Self { web, mail, identity, as_token: secrets.word(), hs_token: secrets.word(), mas_secret: secrets.word() }
    }

    /// Where the application service and the CAS are, and where a test reads mail.
    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.web)
    }

    /// The identity server's name. It answers with TLS, with a certificate that nobody knows.
    pub(super) fn identity_server(&self) -> String {
        format!("localhost:{}", self.identity)
    }

    /// The token with which the application service calls the homeserver.
    pub(super) fn token(&self) -> &str {
        &self.as_token
    }

    /// What `homeserver.yaml` says of them.
    pub(super) fn settings(&self, folder: &Path) -> Value {
        json!({
            "app_service_config_files": [folder.join("appservice.yaml")],
            "cas_config": { "enabled": true, "server_url": format!("{}/cas", self.url()), "idp_name": "Test CAS" },
            "email": {
                "smtp_host": "127.0.0.1",
                "smtp_port": self.mail,
                "enable_tls": false,
                "notif_from": "Synapse <synapse@localhost>",
            },
            "account_threepid_delegates": { "msisdn": self.url() },
            // The identity server's certificate is made on the spot.
            "use_insecure_ssl_client_just_for_testing_do_not_use": true,
        })
    }

    /// What `homeserver.yaml` says instead where logins are the authorization server's. Synapse refuses to start
    /// with anything that would compete with it.
    pub(super) fn delegation(&self) -> Value {
        json!({
            "matrix_authentication_service": {
                "enabled": true,
                "endpoint": self.issuer(),
                "secret": self.mas_secret,
            },
            "password_config": { "enabled": false },
            "enable_registration": false,
            "enable_3pid_changes": false,
            "login_via_existing_session": { "enabled": false },
            "refreshable_access_token_lifetime": null,
            "cas_config": { "enabled": false },
        })
    }

    fn issuer(&self) -> String {
        format!("{}/mas/", self.url())
    }

    /// The files beside `homeserver.yaml`, by name. The homeserver is at this port.
    pub(super) fn files(&self, port: u16) -> [(&'static str, Value); 2] {
        let registration = json!({
            "id": "test",
            "url": self.url(),
            "as_token": self.as_token,
            "hs_token": self.hs_token,
            "sender_localpart": "_test_bot",
            "namespaces": { "users": [{ "exclusive": true, "regex": "@(_test|bridged)_.*" }] },
            "protocols": ["testnet"],
            "rate_limited": false,
        });
        let ports = json!({
            "web": self.web,
            "mail": self.mail,
            "identity": self.identity,
            "token": self.hs_token,
            "mas": {
                "issuer": self.issuer(),
                "secret": self.mas_secret,
                "homeserver": format!("http://127.0.0.1:{port}"),
                "server_name": super::config::server_name(port),
            },
        });
        [("appservice.yaml", registration), ("neighbours.json", ports)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides_know_the_same_ports_and_secrets() {
        let mut secrets =
            Secrets { signing_seed: String::new(), words: ["mas", "ours", "theirs"].map(str::to_owned).to_vec() };
        let neighbours = Neighbours::new([1, 2, 3], &mut secrets);
        let settings = neighbours.settings(Path::new("/x"));
        assert_eq!(settings["app_service_config_files"], json!(["/x/appservice.yaml"]));
        assert_eq!(settings["cas_config"]["server_url"], "http://127.0.0.1:1/cas");
        let [(_, registration), (_, ports)] = neighbours.files(7);
        assert_eq!(registration["url"], "http://127.0.0.1:1");
        assert_eq!(registration["as_token"], neighbours.token());
        assert_eq!(registration["hs_token"], ports["token"]);
        assert_eq!(settings["email"]["smtp_port"], ports["mail"]);
        assert_eq!(neighbours.identity_server(), "localhost:3");
        let delegation = &neighbours.delegation()["matrix_authentication_service"];
        assert_eq!(delegation["endpoint"], "http://127.0.0.1:1/mas/");
        assert_eq!(delegation["secret"], ports["mas"]["secret"]);
        assert_eq!(ports["mas"]["homeserver"], "http://127.0.0.1:7");
    }
}
