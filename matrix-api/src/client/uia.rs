//! User-interactive authentication: operations that ask again who you are.

mod answers;
mod info;

use std::{
    fmt,
    future::{Future, IntoFuture},
    pin::Pin,
};

use answers::Answers;
pub use answers::Stage;
pub use info::UiaInfo;

use super::Client;
use crate::{
    Error, Metadata, Object, Request, Result, Secret,
    service::Homeserver,
    wire::{Body, Headers, Path, Query},
};

/// A request with the answer to a question of who is asking.
struct Answered<'a, R> {
    request: &'a R,
    auth: Option<Secret<Object>>,
}

impl<R: Request<To = Homeserver>> Request for Answered<'_, R> {
    type To = Homeserver;
    type Response = R::Response;
    const METADATA: &'static Metadata = R::METADATA;

    fn path(&self, path: &mut Path<'_>) {
        self.request.path(path);
    }

    fn query(&self, query: &mut Query<'_>) {
        self.request.query(query);
    }

    fn headers(&self, headers: &mut Headers) {
        self.request.headers(headers);
    }

    fn body(&self, body: &mut Body<'_>) {
        self.request.body(body);
        body.opt_secret("auth", &self.auth);
    }
}

impl Client {
    /// A request that the server may answer with a question: who are you? Deleting a device,
    /// changing the password and deactivating the account are such, and so is registering.
    ///
    /// Say how the question is to be answered, and await it. The server decides what it wants to
    /// see: the shortest of its flows whose stages can all be answered is taken.
    ///
    /// ```no_run
    /// use matrix_api::{Client, client_server::DeleteDevice};
    ///
    /// # async fn example(client: Client) -> matrix_api::Result<()> {
    /// client.uia(DeleteDevice::new("LOSTPHONE")).password("secret").await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Or go step by step, with [`start`](Uia::start).
    pub fn uia<R>(&self, request: R) -> Uia<R> {
        Uia { client: self.clone(), request, answers: Answers::default() }
    }
}

/// A request whose question is answered: see [`Client::uia`].
///
/// # Errors
///
/// [`Error::Api`] whose [`uiaa`](Error::uiaa) is there if no flow can be answered with what was
/// given, or an answer was wrong (then with `M_FORBIDDEN`); without it if the server no longer
/// knows the question.
#[must_use = "nothing is sent before it is awaited"]
pub struct Uia<R> {
    client: Client,
    request: R,
    answers: Answers,
}

impl<R> Uia<R> {
    /// The password of the user who is logged in, for the stage `m.login.password`.
    pub fn password(self, password: impl Into<Secret<String>>) -> Self {
        let user = self.client.user_id().map(String::from).unwrap_or_default();
        self.user_password(user, password)
    }

    /// The same, of any user: an id or its local part.
    pub fn user_password(mut self, user: impl Into<String>, password: impl Into<Secret<String>>) -> Self {
        self.answers.password = Some((user.into(), password.into()));
        self
    }

    /// The token that admits a new account, for the stage `m.login.registration_token`.
    pub fn registration_token(mut self, token: impl Into<Secret<String>>) -> Self {
        self.answers.registration_token = Some(token.into());
        self
    }

    /// Says that the user has agreed to the server's terms, for the stage `m.login.terms`.
    pub fn agree_to_terms(mut self) -> Self {
        self.answers.terms = true;
        self
    }

    /// Asked about every other stage. It gives the members of the answer; an empty object says
    /// that the stage was completed elsewhere, in a browser at [`Stage::fallback_url`] for
    /// instance; `None` gives up.
    pub fn on_stage<F>(mut self, answer: impl Fn(Stage) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Option<Object>> + Send + 'static,
    {
        self.answers.other = Some(Box::new(move |stage| Box::pin(answer(stage))));
        self
    }

    /// The same answers to the questions about another request.
    pub(super) fn with<Q>(self, request: Q) -> Uia<Q> {
        Uia { client: self.client, request, answers: self.answers }
    }
}

impl<R: Request<To = Homeserver>> Uia<R> {
    /// Sends the request as it is, and leaves the answers to the caller.
    ///
    /// # Errors
    ///
    /// Every failure but the question.
    pub async fn start(self) -> Result<UiaStep<R>> {
        UiaSession::send(self.client, self.request, None).await
    }

    async fn run(self) -> Result<R::Response> {
        let Self { client, request, answers } = self;
        let mut step = UiaSession::send(client, request, None).await?;
        loop {
            let session = match step {
                UiaStep::Done(response) => return Ok(response),
                UiaStep::Asked(session) => session,
            };
            let Some(stage) = answers.next(session.info()) else { return Err(session.error) };
            let Some(answer) = answers.answer(session.stage(&stage)?).await else { return Err(session.error) };
            step = session.answer(&stage, answer).await?;
            // A stage that is still open after its answer will not be done by the same answer.
            match &step {
                UiaStep::Asked(next) if !next.info().completed().contains(&stage) => return Err(next.error.clone()),
                _ => {}
            }
        }
    }
}

impl<R> IntoFuture for Uia<R>
where
    R: Request<To = Homeserver> + Send + Sync + 'static,
    R::Response: Send,
{
    type Output = Result<R::Response>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

impl<R> fmt::Debug for Uia<R> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Uia").field("answers", &self.answers).finish_non_exhaustive()
    }
}

/// Where a request with questions has come to.
#[derive(Debug)]
pub enum UiaStep<R: Request> {
    /// It was done.
    Done(R::Response),
    /// The server asks.
    Asked(UiaSession<R>),
}

/// A question of the server, to be answered stage by stage.
pub struct UiaSession<R> {
    client: Client,
    request: R,
    info: UiaInfo,
    error: Error,
}

impl<R: Request<To = Homeserver>> UiaSession<R> {
    async fn send(client: Client, request: R, auth: Option<Secret<Object>>) -> Result<UiaStep<R>> {
        let error = match client.send(Answered { request: &request, auth }).await {
            Ok(response) => return Ok(UiaStep::Done(response)),
            Err(error) => error,
        };
        match error.uiaa().map(UiaInfo::read) {
            Some(info) => Ok(UiaStep::Asked(Self { client, request, info, error })),
            None => Err(error),
        }
    }

    /// What the server wants to see.
    pub fn info(&self) -> &UiaInfo {
        &self.info
    }

    /// The question as an error: with a code if the last answer was wrong.
    pub fn error(&self) -> &Error {
        &self.error
    }

    /// One of the stages, with all that is needed to answer it elsewhere.
    ///
    /// # Errors
    ///
    /// [`Error::Encode`] if the name of the stage cannot stand in a URL.
    pub fn stage(&self, name: &str) -> Result<Stage> {
        let fallback_url = info::fallback_url(self.client.base_url(), name, self.info.session())?;
        Ok(Stage { name: name.to_owned(), params: self.info.params(name).cloned(), fallback_url })
    }

    /// Answers a stage; `data` is what stands beside its name. For a stage that was completed in
    /// a browser it is empty, and the name does not matter.
    ///
    /// # Errors
    ///
    /// Every failure but another question.
    pub async fn complete(self, stage: &str, data: impl Into<Object>) -> Result<UiaStep<R>> {
        self.answer(stage, data.into()).await
    }

    async fn answer(self, stage: &str, mut data: Object) -> Result<UiaStep<R>> {
        if !data.is_empty() || stage == answers::DUMMY || stage == answers::TERMS {
            data.insert("type", stage);
        }
        if let Some(session) = self.info.session() {
            data.insert("session", session);
        }
        Self::send(self.client, self.request, Some(data.into())).await
    }
}

impl<R: Request> fmt::Debug for UiaSession<R> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("UiaSession")
            .field("operation", &R::METADATA.id)
            .field("flows", &self.info.flows())
            .field("completed", &self.info.completed())
            .finish_non_exhaustive()
    }
}
