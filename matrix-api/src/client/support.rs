//! What a server can do.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use http::StatusCode;
use tokio::time::Instant;

use super::{Client, Inner, exchange::CallInfo};
use crate::{
    Error, ErrorCode, Metadata, Request, Result,
    client_server::GetVersions,
    error::Unsupported,
    request,
    service::{Homeserver, Service as _},
};

/// Whether a server has an operation: see [`Client::supports`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Support {
    /// The server says so: by the versions that it names, or by the operation's own flag.
    Yes,
    /// The server has answered that there is no such operation, within the last hour.
    No,
    /// It does not say. Servers have operations before they name the version, so it is worth
    /// trying.
    Unknown,
}

/// How long a server's word counts.
const FRESH: Duration = Duration::from_secs(60 * 60);

/// What was learned about a server. Shared by all clones of a client.
#[derive(Default)]
pub(crate) struct Known {
    state: Mutex<State>,
    /// Only one call at a time asks for the versions.
    asking: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct State {
    since: Option<Instant>,
    versions: Option<Arc<Versions>>,
    /// The largest upload in bytes; the server may not have said.
    upload_limit: Option<Option<u64>>,
    /// Method and path of the operations that the server does not know.
    missing: BTreeSet<(&'static str, String)>,
}

/// What a server says that it can do.
#[derive(Debug, Default)]
struct Versions {
    /// The newest that has the paths of today: 1.1 or later.
    newest: Option<(u32, u32)>,
    features: BTreeSet<String>,
}

impl Versions {
    fn read(versions: &[String], features: impl IntoIterator<Item = (String, bool)>) -> Self {
        let newest = versions.iter().filter_map(|version| number(version.strip_prefix('v')?)).max();
        let features = features.into_iter().filter(|(_, on)| *on).map(|(name, _)| name);
        Self { newest, features: features.collect() }
    }

    fn have(&self, metadata: &Metadata) -> bool {
        if metadata.unstable {
            return self.name_one_of(metadata.flags);
        }
        let needed = metadata.since.map_or(Some((1, 1)), number);
        let named = needed.zip(self.newest).is_some_and(|(needed, newest)| newest >= needed);
        named || self.name_one_of(metadata.flags)
    }

    fn name_one_of(&self, flags: &[&str]) -> bool {
        flags.iter().any(|flag| self.features.contains(*flag))
    }

    fn describe(&self) -> String {
        match self.newest {
            Some((major, minor)) => format!("v{major}.{minor}"),
            None => "no version that this library knows".to_owned(),
        }
    }
}

fn number(version: &str) -> Option<(u32, u32)> {
    let (major, minor) = version.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

/// What the operation needs, in words.
fn needs(metadata: &Metadata) -> String {
    if metadata.unstable {
        return format!("the unstable feature {}", metadata.flags.join(" or "));
    }
    let version = metadata.since.unwrap_or("1.1");
    match metadata.flags {
        [] => format!("Matrix v{version}"),
        [flag, ..] => format!("Matrix v{version} or {flag}"),
    }
}

impl Known {
    fn look<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.since.is_some_and(|since| since.elapsed() >= FRESH) {
            *state = State::default();
        }
        look(&mut state)
    }

    fn versions(&self) -> Option<Arc<Versions>> {
        self.look(|state| state.versions.clone())
    }

    fn learn(&self, versions: Versions) -> Arc<Versions> {
        let versions = Arc::new(versions);
        self.look(|state| {
            state.since.get_or_insert_with(Instant::now);
            state.versions = Some(versions.clone());
        });
        versions
    }

    pub(super) fn upload_limit(&self) -> Option<Option<u64>> {
        self.look(|state| state.upload_limit)
    }

    pub(super) fn learn_upload_limit(&self, limit: Option<u64>) {
        self.look(|state| {
            state.since.get_or_insert_with(Instant::now);
            state.upload_limit = Some(limit);
        });
    }

    fn is_missing(&self, metadata: &Metadata) -> bool {
        self.look(|state| !state.missing.is_empty() && state.missing.contains(&key(metadata)))
    }

    fn miss(&self, metadata: &Metadata) {
        self.look(|state| {
            state.since.get_or_insert_with(Instant::now);
            state.missing.insert(key(metadata));
        });
    }
}

fn key(metadata: &Metadata) -> (&'static str, String) {
    (metadata.path, metadata.method.as_str().to_owned())
}

/// The typed operation of a call to a homeserver. A long poll is repeated in a loop, which a proxy
/// that leads astray for a minute must not end for an hour.
fn operation(info: &CallInfo) -> Option<&'static Metadata> {
    let metadata = info.metadata.filter(|metadata| metadata.service == Homeserver::NAME)?;
    // `/versions` speaks of the specification's operations only.
    let versioned = metadata.path.starts_with("/_matrix/") && metadata.id != GetVersions::METADATA.id;
    (versioned && !metadata.long_poll).then_some(metadata)
}

impl Inner {
    /// Refuses a proposal that the server does not say it has. Asks for what it says, once an hour.
    pub(super) async fn check_proposal(self: &Arc<Self>, info: &CallInfo) -> Result<()> {
        let proposal = |metadata: &&Metadata| metadata.unstable && metadata.service == Homeserver::NAME;
        let Some(metadata) = info.metadata.filter(proposal) else { return Ok(()) };
        let versions = self.versions().await?;
        if versions.name_one_of(metadata.flags) {
            return Ok(());
        }
        Err(Error::Unsupported(Unsupported::new(metadata.id, &needs(metadata), &versions.describe())))
    }

    /// Refuses what the server is known not to have.
    pub(super) fn check_support(&self, info: &CallInfo) -> Result<()> {
        let Some(metadata) = operation(info).filter(|metadata| self.known.is_missing(metadata)) else {
            return Ok(());
        };
        let has =
            self.known.versions().map_or_else(|| "versions that it does not name".to_owned(), |known| known.describe());
        Err(Error::Unsupported(Unsupported::new(metadata.id, &needs(metadata), &has)))
    }

    /// Turns a server's word that it knows no such operation into what is missing.
    pub(super) async fn judge_support(self: &Arc<Self>, info: &CallInfo, error: Error) -> Error {
        let Some(metadata) = operation(info) else { return error };
        let Error::Api(refusal) = error else { return error };
        let unknown = matches!(refusal.status(), StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED)
            && refusal.errcode() == Some(&ErrorCode::Unrecognized);
        if !unknown {
            return Error::Api(refusal);
        }
        let has = match self.versions().await {
            Ok(versions) => versions.describe(),
            Err(_) => "versions that it does not name".to_owned(),
        };
        self.known.miss(metadata);
        Error::Unsupported(Unsupported::new(metadata.id, &needs(metadata), &has).refused(refusal))
    }

    async fn versions(self: &Arc<Self>) -> Result<Arc<Versions>> {
        let _turn = self.known.asking.lock().await;
        if let Some(versions) = self.known.versions() {
            return Ok(versions);
        }
        let request = request::encode_fresh(&self.base, &GetVersions::new())?;
        let (call, received) = self.exchange(GetVersions::METADATA.into(), Default::default(), request).await?;
        let answer = super::read::<<GetVersions as Request>::Response>(call, received, false)?.value;
        Ok(self.known.learn(Versions::read(&answer.versions, answer.unstable_features)))
    }
}

impl Client {
    /// Whether the server has an operation, going by what it says about itself and by what it
    /// has answered before.
    ///
    /// What it says about itself is asked for once an hour. An answer of 404 or 405 with
    /// `M_UNRECOGNIZED` to the operation is remembered for as long: then it is
    /// [`No`](Support::No), and sending it fails with [`Error::Unsupported`] at once. Nothing
    /// else keeps an operation from being sent.
    ///
    /// ```no_run
    /// use matrix_api::{Client, Support, client_server::GetMutualRooms};
    ///
    /// # async fn example(client: Client) -> matrix_api::Result<()> {
    /// if client.supports::<GetMutualRooms>().await? != Support::No {
    ///     let rooms = client.send(GetMutualRooms::new("@friend:example.org")).await;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of asking for the versions.
    pub async fn supports<R: Request<To = Homeserver>>(&self) -> Result<Support> {
        if self.inner.known.is_missing(R::METADATA) {
            return Ok(Support::No);
        }
        let versions = self.inner.versions().await?;
        // A server that has a proposal says so: without that it is not sent.
        let otherwise = if R::METADATA.unstable { Support::No } else { Support::Unknown };
        Ok(if versions.have(R::METADATA) { Support::Yes } else { otherwise })
    }
}

impl Client {
    /// Sends the first request or, to a server that lacks it, the second: an older operation for
    /// the same.
    ///
    /// # Errors
    ///
    /// Those of the request that counts. A server that lacks both gives
    /// [`Error::Unsupported`].
    pub async fn send_or<R: Request<To = Homeserver>, O: Request<To = Homeserver>>(
        &self,
        request: R,
        older: O,
        convert: impl FnOnce(O::Response) -> R::Response,
    ) -> Result<R::Response> {
        match self.send(request).await {
            Err(Error::Unsupported(_)) => self.send(older).await.map(convert),
            done => done,
        }
    }
}

#[cfg(test)]
mod tests {
    use http::Method;

    use super::*;

    fn versions(versions: &[&str], features: &[(&str, bool)]) -> Versions {
        let versions: Vec<String> = versions.iter().map(|&version| version.to_owned()).collect();
        Versions::read(&versions, features.iter().map(|&(name, on)| (name.to_owned(), on)))
    }

    fn operation(since: Option<&'static str>) -> Metadata {
        let metadata = Metadata::new("op", Method::GET, "/op").flags(&["org.example.op", "org.example.op.stable"]);
        Metadata { since, ..metadata }
    }

    #[test]
    fn a_version_brings_all_that_came_before_it() {
        let rows: [(&[&str], Option<&'static str>, bool); 9] = [
            (&["v1.1"], None, true),
            (&["v1.1"], Some("1.1"), true),
            (&["v1.1", "v1.10"], Some("1.11"), false),
            (&["v1.10"], Some("1.9"), true),
            (&["v1.11", "v1.2"], Some("1.11"), true),
            (&["v2.0"], Some("1.11"), true),
            (&["r0.6.1"], None, false),
            (&["v1", "1.11", "v1.x", "vv1.11", "v1.11.1"], None, false),
            (&[], Some("1.1"), false),
        ];
        for (named, since, expected) in rows {
            assert_eq!(versions(named, &[]).have(&operation(since)), expected, "{named:?} {since:?}");
        }
    }

    #[test]
    fn a_flag_stands_for_the_operation_if_it_is_on() {
        let new = operation(Some("1.99"));
        assert!(versions(&["v1.1"], &[("org.example.op.stable", true)]).have(&new));
        assert!(!versions(&["v1.1"], &[("org.example.op.stable", false)]).have(&new));
        assert!(!versions(&["v1.1"], &[("org.example.other", true)]).have(&new));
        assert_eq!(needs(&new), "Matrix v1.99 or org.example.op");
    }
}
