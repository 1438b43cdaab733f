//! PLACEHOLDER until the federation documents are generated.
use crate::{
    Metadata, Request, Response, Secret, UserId,
    http::Method,
    service::{Federation, ServerName, Service as _},
    wire::{DecodeError, Query, Reply},
};

pub(crate) struct ExchangeOpenIdToken {
    pub(crate) access_token: Secret<String>,
}
impl ExchangeOpenIdToken {
    pub(crate) fn new(access_token: Secret<String>) -> Self {
        Self { access_token }
    }
}
pub(crate) struct ExchangeOpenIdTokenResponse {
    pub(crate) sub: UserId,
}
impl Request for ExchangeOpenIdToken {
    type To = Federation;
    type Response = ExchangeOpenIdTokenResponse;
    const METADATA: &'static Metadata =
        &Metadata::new("exchangeOpenIdToken", Method::GET, "/_matrix/federation/v1/openid/userinfo")
            .service(Federation::NAME)
            .auth(crate::Auth::None);
    fn query(&self, query: &mut Query<'_>) {
        query.secret("access_token", &self.access_token);
    }
}
impl Response for ExchangeOpenIdTokenResponse {
    fn read(reply: &mut Reply<'_>) -> Result<Self, DecodeError> {
        Ok(Self { sub: reply.get("sub")? })
    }
}
pub(crate) struct GetWellknown;
impl GetWellknown {
    pub(crate) fn new() -> Self {
        Self
    }
}
pub(crate) struct GetWellknownResponse {
    pub(crate) m_server: Option<String>,
}
impl Request for GetWellknown {
    type To = ServerName;
    type Response = GetWellknownResponse;
    const METADATA: &'static Metadata = &Metadata::new("getWellknown", Method::GET, "/.well-known/matrix/server")
        .service(ServerName::NAME)
        .auth(crate::Auth::None);
}
impl Response for GetWellknownResponse {
    fn read(reply: &mut Reply<'_>) -> Result<Self, DecodeError> {
        Ok(Self { m_server: reply.opt("m.server")? })
    }
}
