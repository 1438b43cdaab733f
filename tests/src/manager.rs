//! A small integration manager, as Dimension is a large one: it has a homeserver vouch for whoever registers, and keeps
//! everybody out of their account until they have agreed to its terms.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::{Body, to_bytes};
use axum::extract::{Request as Incoming, State};
use axum::http::{Request as HttpRequest, Response as HttpResponse, StatusCode, header};
use matrix_api::bytes::Bytes;
use matrix_api::integrations::discover_integration_manager::{IntegrationsWidget, IntegrationsWidgetData};
use matrix_api::integrations::types::{Terms, TermsPolicy};
use matrix_api::integrations::{
    AcceptIntegrationTerms, AcceptIntegrationTermsResponse, DiscoverIntegrationManager,
    DiscoverIntegrationManagerResponse, GetIntegrationAccount, GetIntegrationAccountResponse, GetIntegrationTerms,
    GetIntegrationTermsResponse, LogoutIntegrationAccount, LogoutIntegrationAccountResponse,
    RegisterIntegrationAccount, RegisterIntegrationAccountResponse,
};
use matrix_api::openid::Verifier;
use matrix_api::request::{answer, receive};
use matrix_api::{ErrorKind, Metadata, ReadRequest, Request, TxnId, UserId, WriteResponse, json};

/// Where the manager's terms stand, in English.
pub const TERMS: &str = "https://manager.example.org/terms/en";

/// The manager, until the runtime of the test ends.
#[derive(Clone, Debug)]
pub struct Manager(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    url: String,
    verifier: Verifier,
    users: Mutex<BTreeMap<String, UserId>>,
    agreed: Mutex<BTreeSet<UserId>>,
}

/// What is answered in place of what was asked for.
enum Refusal {
    Code(u16, &'static str),
    /// As where a handler has thrown something.
    Page,
}

impl Refusal {
    fn answer(self) -> HttpResponse<Bytes> {
        let Self::Code(status, errcode) = self else { return page(StatusCode::INTERNAL_SERVER_ERROR) };
        let mut response = HttpResponse::new(Bytes::from(json!({ "errcode": errcode }).to_string()));
        *response.status_mut() = StatusCode::from_u16(status).expect("a status");
        response
    }
}

impl Manager {
    /// Starts it on a free port of this machine. Homeservers of this machine may vouch.
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("it is bound"));
        let verifier = Verifier::builder().allow_private_addresses(true).allow_http(true).build();
        let verifier = verifier.expect("nothing is needed for a verifier");
        let manager = Self(Arc::new(Inner { url, verifier, users: Mutex::default(), agreed: Mutex::default() }));
        let routes = axum::Router::new().fallback(serve).with_state(manager.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        manager
    }

    /// Where it is.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.0.url
    }

    /// How many are logged in.
    #[must_use]
    pub fn logins(&self) -> usize {
        self.0.users.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    async fn answer(&self, request: &HttpRequest<Bytes>) -> Result<HttpResponse<Bytes>, Refusal> {
        let is = |metadata: &Metadata| metadata.matches(request.method(), request.uri().path());
        match () {
            () if is(DiscoverIntegrationManager::METADATA) => Ok(ok(&self.published())),
            () if is(RegisterIntegrationAccount::METADATA) => self.register(read(request)?).await,
            () if is(GetIntegrationAccount::METADATA) => {
                Ok(ok(&GetIntegrationAccountResponse::new(self.member(request)?.1)))
            }
            () if is(LogoutIntegrationAccount::METADATA) => {
                let (token, _) = self.member(request)?;
                self.0.users.lock().unwrap_or_else(PoisonError::into_inner).remove(&token);
                Ok(ok(&LogoutIntegrationAccountResponse::new()))
            }
            () if is(GetIntegrationTerms::METADATA) => Ok(ok(&GetIntegrationTermsResponse::new(terms()))),
            () if is(AcceptIntegrationTerms::METADATA) => {
                let (_, user) = self.user(request)?;
                if read::<AcceptIntegrationTerms>(request)?.user_accepts.iter().any(|url| url == TERMS) {
                    self.0.agreed.lock().unwrap_or_else(PoisonError::into_inner).insert(user);
                }
                Ok(ok(&AcceptIntegrationTermsResponse::new()))
            }
            // Every other path is one of the web app's.
            () => Ok(page(StatusCode::OK)),
        }
    }

    /// Its API is said to be where the old one is.
    fn published(&self) -> DiscoverIntegrationManagerResponse {
        let data = IntegrationsWidgetData::new(format!("{}/api/v1/scalar", self.0.url));
        let mut published = DiscoverIntegrationManagerResponse::new();
        published.integrations_widget = Some(IntegrationsWidget::new(format!("{}/element", self.0.url), data));
        published
    }

    async fn register(&self, request: RegisterIntegrationAccount) -> Result<HttpResponse<Bytes>, Refusal> {
        match self.0.verifier.verify(&request.openid_token).await {
            Ok(user) => {
                // 128 random bits, which nobody guesses.
                let token = TxnId::new().to_string();
                self.0.users.lock().unwrap_or_else(PoisonError::into_inner).insert(token.clone(), user);
                Ok(ok(&RegisterIntegrationAccountResponse::new(token)))
            }
            Err(error) if error.kind() == ErrorKind::Rejected => Err(Refusal::Code(401, "M_UNKNOWN")),
            Err(_) => Err(Refusal::Page),
        }
    }

    /// Whose token it is.
    fn user(&self, request: &HttpRequest<Bytes>) -> Result<(String, UserId), Refusal> {
        let header = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = header.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
        let user = self.0.users.lock().unwrap_or_else(PoisonError::into_inner).get(token).cloned();
        Ok((token.to_owned(), user.ok_or(Refusal::Code(401, "M_INVALID_TOKEN"))?))
    }

    /// Whose token it is, if they have agreed to the terms.
    fn member(&self, request: &HttpRequest<Bytes>) -> Result<(String, UserId), Refusal> {
        let (token, user) = self.user(request)?;
        if self.0.agreed.lock().unwrap_or_else(PoisonError::into_inner).contains(&user) {
            return Ok((token, user));
        }
        Err(Refusal::Code(403, "M_TERMS_NOT_SIGNED"))
    }
}

fn terms() -> Terms {
    let mut policy = TermsPolicy::new("1.0");
    policy.extra.insert("en", json!({ "name": "Terms of Service", "url": TERMS }));
    let mut terms = Terms::new();
    terms.policies.insert("terms_of_service".to_owned(), policy);
    terms
}

async fn serve(State(manager): State<Manager>, incoming: Incoming) -> HttpResponse<Body> {
    let (head, body) = incoming.into_parts();
    let Ok(body) = to_bytes(body, 64 * 1024).await else { return page(StatusCode::PAYLOAD_TOO_LARGE).map(Body::from) };
    let request = HttpRequest::from_parts(head, body);
    manager.answer(&request).await.unwrap_or_else(Refusal::answer).map(Body::from)
}

fn read<R: ReadRequest>(request: &HttpRequest<Bytes>) -> Result<R, Refusal> {
    receive(request).map_err(|_| Refusal::Code(400, "M_UNKNOWN"))
}

fn ok<T: WriteResponse>(response: &T) -> HttpResponse<Bytes> {
    answer(response).expect("what is answered can be written")
}

fn page(status: StatusCode) -> HttpResponse<Bytes> {
    let mut response = HttpResponse::new(Bytes::from_static(b"<!doctype html><title>Manager</title>"));
    *response.status_mut() = status;
    response
}
