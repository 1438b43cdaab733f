use serde_json::Value;

use crate::{
    BaseUrl, Metadata, Object, Request, Response, Result, TxnId,
    http::Method,
    request,
    service::Homeserver,
    wire::{DecodeError, Path, Query, Reply},
};

/// What a server wants to see before it does as asked.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct UiaInfo {
    flows: Vec<Vec<String>>,
    completed: Vec<String>,
    params: Object,
    session: Option<String>,
}

impl UiaInfo {
    /// Reads what [`Error::uiaa`](crate::Error::uiaa) gives. Never fails: what cannot be read is
    /// left out.
    #[must_use]
    pub fn read(body: &Object) -> Self {
        let flows = body.get("flows").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let params = body.get("params").and_then(Value::as_object).cloned().unwrap_or_default();
        Self {
            flows: flows.iter().filter_map(|flow| Some(texts(flow.get("stages")?))).collect(),
            completed: body.get("completed").map(texts).unwrap_or_default(),
            params: params.into_iter().collect(),
            session: body.get("session").and_then(Value::as_str).map(str::to_owned),
        }
    }

    /// The ways to go, each with all its stages. One of them is enough.
    #[must_use]
    pub fn flows(&self) -> &[Vec<String>] {
        &self.flows
    }

    /// The stages that have been completed.
    #[must_use]
    pub fn completed(&self) -> &[String] {
        &self.completed
    }

    /// What the server says about a stage.
    #[must_use]
    pub fn params(&self, stage: &str) -> Option<&Value> {
        self.params.get(stage)
    }

    /// The server's name for this question.
    #[must_use]
    pub fn session(&self) -> Option<&str> {
        self.session.as_deref()
    }
}

fn texts(value: &Value) -> Vec<String> {
    let texts = value.as_array().map(Vec::as_slice).unwrap_or_default();
    texts.iter().filter_map(|text| Some(text.as_str()?.to_owned())).collect()
}

/// The page on which a browser completes a stage. The specification has it in prose only.
struct Fallback<'a> {
    stage: &'a str,
    session: Option<&'a str>,
}

struct Page;

impl Request for Fallback<'_> {
    type To = Homeserver;
    type Response = Page;
    const METADATA: &'static Metadata =
        &Metadata::new("authFallback", Method::GET, "/_matrix/client/v3/auth/{stage}/fallback/web");

    fn path(&self, path: &mut Path<'_>) {
        path.set("stage", self.stage);
    }

    fn query(&self, query: &mut Query<'_>) {
        if let Some(session) = self.session {
            query.set("session", session);
        }
    }
}

impl Response for Page {
    fn read(_: &mut Reply<'_>) -> Result<Self, DecodeError> {
        Ok(Self)
    }
}

pub(super) fn fallback_url(base: &BaseUrl, stage: &str, session: Option<&str>) -> Result<String> {
    let request = request::encode(base, &Fallback { stage, session }, &TxnId::new())?;
    Ok(request.uri().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_its_stage_and_its_session() {
        let base = BaseUrl::parse("https://example.org/sub/").unwrap();
        let url = fallback_url(&base, "m.login.sso", Some("a&b")).unwrap();
        assert_eq!(url, "https://example.org/sub/_matrix/client/v3/auth/m.login.sso/fallback/web?session=a%26b");
        let url = fallback_url(&base, "a/../b", None).unwrap();
        assert_eq!(url, "https://example.org/sub/_matrix/client/v3/auth/a%2F..%2Fb/fallback/web");
        assert!(fallback_url(&base, "..", None).is_err());
    }

    #[test]
    fn whatever_a_server_says_is_read() {
        for body in
            [r#"{}"#, r#"{"flows":1,"completed":{},"params":[],"session":2}"#, r#"{"flows":[1,{"stages":null}]}"#]
        {
            let info = UiaInfo::read(&serde_json::from_str(body).unwrap());
            assert_eq!(info.session(), None);
            assert!(info.completed().is_empty() && info.flows().iter().all(Vec::is_empty));
        }
    }
}
