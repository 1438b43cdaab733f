//! What the live tests share: accounts on the homeserver that `cargo xtask test` started, and the ledger of
//! operations that this run has seen answered.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use matrix_api::client_server::{self, CreateRoom, JoinRoomById, SyncEvents, SyncEventsResponse};
use matrix_api::federation;
use matrix_api::http::Method;
use matrix_api::service::{Homeserver, ServerName, Service};
use matrix_api::{Auth, Client, ClientBuilder, EventId, RoomId, Session, UserId};
use matrix_api::{synapse_admin, unstable};

/// The password of every new account.
pub const PASSWORD: &str = "a long password";

/// One of the accounts that the homeserver was started with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Account {
    /// An ordinary user.
    Alice,
    /// Another ordinary user.
    Bob,
    /// A server administrator.
    Admin,
}

/// The environment that a live test runs in, and the name that the ledger knows it by.
#[derive(Clone, Debug)]
pub struct Live {
    test: &'static str,
}

impl Live {
    /// The environment of one test. The name is `module::function`, as cargo prints it.
    #[must_use]
    pub fn new(test: &'static str) -> Self {
        Self { test }
    }

    /// Where the homeserver is.
    #[must_use]
    pub fn base_url(&self) -> String {
        variable("MATRIX_HOMESERVER")
    }

    /// The name of the homeserver, as in user ids.
    #[must_use]
    pub fn server_name(&self) -> String {
        variable("MATRIX_TEST_SERVER_NAME")
    }

    /// The secret that admits new accounts.
    #[must_use]
    pub fn registration_secret(&self) -> String {
        variable("MATRIX_TEST_REGISTRATION_SECRET")
    }

    /// The file of the homeserver's database; with PostgreSQL the folder of its socket.
    #[must_use]
    pub fn database(&self) -> String {
        variable("MATRIX_TEST_DATABASE")
    }

    /// Where the homeserver's neighbours are: an application service with the network `testnet`, a CAS, and the mail.
    #[must_use]
    pub fn neighbours(&self) -> String {
        variable("MATRIX_TEST_NEIGHBOURS")
    }

    /// The name of an identity server that this homeserver accepts.
    #[must_use]
    pub fn identity_server(&self) -> String {
        variable("MATRIX_TEST_IDENTITY_SERVER")
    }

    /// The id and the password of an account.
    #[must_use]
    pub fn credentials(&self, account: Account) -> (UserId, String) {
        let (user, password) = match account {
            Account::Alice => ("MATRIX_USER", "MATRIX_PASSWORD"),
            Account::Bob => ("MATRIX_TEST_BOB", "MATRIX_TEST_BOB_PASSWORD"),
            Account::Admin => ("MATRIX_TEST_ADMIN", "MATRIX_TEST_ADMIN_PASSWORD"),
        };
        (UserId::from(variable(user)), variable(password))
    }

    /// A builder whose calls are written into the ledger.
    pub fn builder<S: Service>(&self) -> ClientBuilder<S> {
        let test = self.test;
        ClientBuilder::new().base_url(self.base_url()).observer(Arc::new(move |seen| {
            note(test, seen.operation, seen.service, seen.status);
        }))
    }

    /// A client without a login.
    pub async fn anonymous(&self) -> Client<Homeserver> {
        self.builder().build().await.expect("a client needs no server to be made")
    }

    /// A client for what lives on the server's name.
    pub async fn by_name(&self) -> Client<ServerName> {
        self.builder().build().await.expect("a client needs no server to be made")
    }

    /// A client with a fresh login, as a device of its own.
    pub async fn login(&self, account: Account) -> Client<Homeserver> {
        self.enter(self.builder(), account).await
    }

    async fn enter(&self, builder: ClientBuilder<Homeserver>, account: Account) -> Client<Homeserver> {
        let (user, password) = self.credentials(account);
        if self.delegates_login() {
            return self.delegated(builder, user.localpart().expect("a user id"), account == Account::Admin).await;
        }
        let client = builder.build().await.expect("a client needs no server to be made");
        client.login_password(user.as_str(), password).await.expect("the account exists");
        client
    }

    /// A client with a token of the authorization server, which takes everybody for who they say they are.
    async fn delegated(&self, builder: ClientBuilder<Homeserver>, user: &str, admin: bool) -> Client<Homeserver> {
        let server = ClientBuilder::<Homeserver>::new().base_url(self.neighbours()).build().await;
        let mut ask = server.expect("a client").request(Method::GET, "/mas/login").auth(Auth::None).query("user", user);
        if admin {
            ask = ask.query("admin", "yes");
        }
        let answer: BTreeMap<String, String> = ask.send().await.expect("the authorization server answers");
        let session = Session::new(&*answer["user_id"], self.base_url()).device_id(&*answer["device_id"]);
        let client = builder.session(session.access_token(&*answer["access_token"])).build().await;
        client.expect("a client needs no server to be made")
    }

    /// A client of the server administrator that takes no answer with more, less or other in it than its type says.
    pub async fn admin(&self) -> Client<Homeserver> {
        self.enter(self.builder().strict(true), Account::Admin).await
    }

    /// Whether the homeserver leaves logins to another service.
    #[must_use]
    pub fn delegates_login(&self) -> bool {
        variable("MATRIX_TEST_LOGIN") == "mas"
    }

    /// Whether the homeserver keeps its data in PostgreSQL rather than in SQLite.
    #[must_use]
    pub fn is_postgres(&self) -> bool {
        variable("MATRIX_TEST_ENGINE") == "postgres"
    }

    /// Whether access tokens last for seconds here, and nobody registers without a token.
    #[must_use]
    pub fn has_short_tokens(&self) -> bool {
        variable("MATRIX_TEST_TOKENS") == "short"
    }

    /// A client of the application service `test`, as its own user.
    pub async fn appservice(&self) -> Client<Homeserver> {
        let client = self.builder().access_token(variable("MATRIX_TEST_APPSERVICE_TOKEN")).build().await;
        client.expect("the homeserver knows its application service")
    }

    /// Has the authorization server bring along an account of this name.
    pub async fn provision(&self, name: &str) {
        self.delegated(self.builder(), name, false).await;
    }

    /// A client of a new account that no other test touches. Its password is [`PASSWORD`].
    pub async fn new_user(&self) -> Client<Homeserver> {
        let name = unique("user");
        if self.delegates_login() {
            return self.delegated(self.builder(), &name, false).await;
        }
        let client = self.anonymous().await;
        let auth = client_server::types::AuthData::new().type_("m.login.dummy");
        let register = client_server::Register::new().username(name.as_str()).password(PASSWORD).auth(auth);
        let answer = client.send(register).await.expect("the server admits new accounts");
        let login = client.login_password(answer.user_id.as_str(), PASSWORD).await;
        login.expect("the account was just made");
        client
    }

    /// A new room of the client's user.
    pub async fn room(&self, client: &Client<Homeserver>) -> RoomId {
        client.send(CreateRoom::new().preset("private_chat")).await.expect("a room can be made").room_id
    }

    /// A new public room that both have joined.
    pub async fn shared_room(&self, owner: &Client<Homeserver>, guest: &Client<Homeserver>) -> RoomId {
        let create = CreateRoom::new().preset("public_chat");
        let room = owner.send(create).await.expect("a room can be made").room_id;
        guest.send(JoinRoomById::new(&room)).await.expect("a public room can be joined");
        room
    }

    /// A message in a room.
    pub async fn text(&self, client: &Client<Homeserver>, room: &RoomId, text: &str) -> EventId {
        client.room(room).send_text(text).await.expect("a member can send")
    }

    /// Syncs until the answer satisfies, for at most a minute in all.
    pub async fn sync_until(
        &self,
        client: &Client<Homeserver>,
        mut enough: impl FnMut(&SyncEventsResponse) -> bool,
    ) -> SyncEventsResponse {
        let mut since: Option<String> = None;
        for _ in 0..60 {
            let mut sync = SyncEvents::new().timeout(1000);
            if let Some(since) = since {
                sync = sync.since(since);
            }
            let answer = client.send(sync).await.expect("a sync is answered");
            if enough(&answer) {
                return answer;
            }
            since = Some(answer.next_batch);
        }
        panic!("{}: sixty syncs did not bring what was waited for", self.test);
    }
}

/// A name that nothing else in this run has.
#[must_use]
pub fn unique(stem: &str) -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    format!("{stem}-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: run the live tests by `cargo xtask test`"))
}

/// Appends a line to the ledger of this run.
fn note(test: &str, operation: &str, service: &str, status: u16) {
    let Ok(path) = std::env::var("MATRIX_TEST_LEDGER") else { return };
    let api = api(operation, service);
    let line = format!("{api}\t{operation}\t{status}\t{test}\n");
    let file = OpenOptions::new().create(true).append(true).open(PathBuf::from(path));
    let mut file = file.expect("the ledger can be opened");
    // One write per line: tests run side by side.
    file.write_all(line.as_bytes()).expect("the ledger can be written");
}

fn api(operation: &str, service: &str) -> &'static str {
    let known = |all: &[&matrix_api::Metadata]| all.iter().any(|one| one.id == operation && one.service == service);
    match () {
        () if known(client_server::OPERATIONS) => "client-server",
        () if known(synapse_admin::OPERATIONS) => "synapse-admin",
        () if known(unstable::OPERATIONS) => "unstable",
        () if known(federation::OPERATIONS) => "server-server",
        () => "unknown",
    }
}
