//! Which redirects are followed, and with what.

use http::{HeaderMap, HeaderName, Method, StatusCode, Uri, header};

use super::exchange::{CallInfo, Why};
use crate::transport::{self, Call, Target};

/// Redirects followed within one attempt.
const MOST_REDIRECTS: u32 = 3;

/// The headers that say what is wanted. Others are for the server that was asked: the token, and whatever a caller or a
/// middleware has added.
const WANTED: [HeaderName; 3] = [header::ACCEPT, header::RANGE, header::IF_RANGE];

/// The redirects of one attempt.
///
/// Only a GET is ever redirected, and only within its origin, where the token may go. Media, and what a server name
/// publishes, may leave it, once, for an https server, which learns nothing but what is wanted.
pub(crate) struct Route {
    may_follow: bool,
    may_leave: bool,
    trusted: bool,
    hops: u32,
}

impl Route {
    pub(crate) fn new(info: &CallInfo, method: &Method) -> Self {
        Self {
            may_follow: method == Method::GET && !info.redirect,
            may_leave: info.bytes || info.is_at_server_name(),
            trusted: true,
            hops: 0,
        }
    }

    pub(crate) fn next(&mut self, status: StatusCode, headers: &HeaderMap, from: &Uri) -> Option<Target> {
        if !self.may_follow || self.hops == MOST_REDIRECTS || !redirects(status) {
            return None;
        }
        let target = target(headers, from)?;
        if !target.same_origin {
            if !(self.may_leave && target.https) {
                return None;
            }
            self.may_leave = false;
            self.trusted = false;
        }
        self.hops += 1;
        Some(target)
    }

    /// The call for the next hop.
    pub(crate) fn take(&self, mut call: Call, target: Target) -> Call {
        call.url = target.url;
        if !self.trusted {
            let wanted = call.headers.iter().filter(|(name, _)| WANTED.contains(name));
            call.headers = wanted.map(|(name, value)| (name.clone(), value.clone())).collect();
        }
        call
    }

    /// Why this redirect was not followed.
    pub(crate) fn end(&self, status: StatusCode, headers: &HeaderMap, from: &Uri) -> Why {
        if self.hops == MOST_REDIRECTS {
            return Why::TooManyRedirects { status, most: MOST_REDIRECTS.into() };
        }
        Why::Redirected(status, target(headers, from).map(|target| target.origin))
    }
}

fn target(headers: &HeaderMap, from: &Uri) -> Option<Target> {
    let location = headers.get(header::LOCATION)?.to_str().ok()?;
    transport::resolve(from, location)
}

/// Whether the status names another place for the same thing.
pub(crate) fn redirects(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301..=303 | 307 | 308)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::{Auth, Idempotency, transport::Payload};

    fn info(bytes: bool) -> CallInfo {
        CallInfo {
            operation: "test".into(),
            metadata: None,
            auth: Auth::AccessToken,
            idempotency: Idempotency::Always,
            long_poll: false,
            redirect: false,
            bytes,
            streams: Default::default(),
        }
    }

    fn call(url: &str) -> Call {
        let payload = Payload::Bytes(Bytes::new());
        Call { method: Method::GET, url: url.parse().unwrap(), headers: HeaderMap::new(), payload }
    }

    fn hop(route: &mut Route, status: u16, from: &str, to: &'static str) -> Option<Call> {
        let status = StatusCode::from_u16(status).unwrap();
        let location = header::HeaderValue::from_static(to);
        let headers = HeaderMap::from_iter([(header::LOCATION, location)]);
        let target = route.next(status, &headers, &from.parse().unwrap())?;
        let mut call = call(from);
        let token = header::HeaderValue::from_static("Bearer canary");
        call.headers.insert(header::AUTHORIZATION, token);
        Some(route.take(call, target))
    }

    /// What is asked for goes along; what was for the first server does not, whoever has added it.
    #[test]
    fn another_server_learns_what_is_wanted() {
        let from = "https://a.org/x";
        let names = ["accept", "authorization", "cookie", "if-range", "range", "user-agent", "x-request-id", "x-token"];
        let mut call = call(from);
        for name in names {
            call.headers.insert(name, header::HeaderValue::from_static("canary"));
        }
        call.headers.append("accept", header::HeaderValue::from_static("image/*"));
        let lines = |call: &Call| {
            let mut lines: Vec<_> = call.headers.iter().map(|(name, value)| format!("{name}: {value:?}")).collect();
            lines.sort();
            lines
        };
        let follow = |route: &mut Route, to| {
            let headers = HeaderMap::from_iter([(header::LOCATION, header::HeaderValue::from_static(to))]);
            let target = route.next(StatusCode::FOUND, &headers, &from.parse().unwrap()).unwrap();
            route.take(call.clone(), target)
        };
        let mut route = Route::new(&info(true), &Method::GET);
        assert_eq!(lines(&follow(&mut route, "/y")), lines(&call));
        let expected = [r#"accept: "canary""#, r#"accept: "image/*""#, r#"if-range: "canary""#, r#"range: "canary""#];
        assert_eq!(lines(&follow(&mut route, "https://cdn.org/y")), expected);
    }

    fn signed(call: &Call) -> bool {
        call.headers.contains_key(header::AUTHORIZATION)
    }

    #[test]
    fn json_never_leaves_its_origin() {
        let from = "https://a.org/x";
        for status in [301, 302, 303, 307, 308] {
            let mut route = Route::new(&info(false), &Method::GET);
            let call = hop(&mut route, status, from, "/y").unwrap();
            assert_eq!(call.url, "https://a.org/y");
            assert!(signed(&call));
            for elsewhere in ["https://b.org/y", "http://a.org/y", "https://a.org:8448/y"] {
                assert!(hop(&mut route, status, from, elsewhere).is_none(), "{elsewhere}");
            }
        }
        for status in [200, 300, 304, 305, 306, 404] {
            let mut route = Route::new(&info(false), &Method::GET);
            assert!(hop(&mut route, status, from, "/y").is_none(), "{status}");
        }
        for method in [Method::POST, Method::PUT, Method::DELETE, Method::HEAD] {
            let mut route = Route::new(&info(false), &method);
            assert!(hop(&mut route, 307, from, "/y").is_none(), "{method}");
        }
    }

    #[test]
    fn row_08_https_is_never_left_for_http() {
        for status in [301, 302, 303, 307, 308] {
            for to in ["http://a.org/y", "http://a.org:443/y", "http://cdn.org/y", "http://127.0.0.1/y"] {
                for bytes in [false, true] {
                    let mut route = Route::new(&info(bytes), &Method::GET);
                    assert!(hop(&mut route, status, "https://a.org/x", to).is_none(), "{status} {to}");
                }
            }
        }
    }

    #[test]
    fn media_leaves_its_origin_once_and_without_the_token() {
        let mut route = Route::new(&info(true), &Method::GET);
        let from = "https://a.org/x";
        assert!(hop(&mut route, 302, from, "http://cdn.org/y").is_none());
        assert!(signed(&hop(&mut route, 302, from, "/z").unwrap()));

        let call = hop(&mut route, 302, from, "https://cdn.org/y").unwrap();
        assert_eq!(call.url, "https://cdn.org/y");
        assert!(!signed(&call));
        // Neither to a third server nor back home, and on the second one without the token too.
        assert!(hop(&mut route, 302, "https://cdn.org/y", "https://c.org/z").is_none());
        assert!(hop(&mut route, 302, "https://cdn.org/y", "https://a.org/z").is_none());
        assert!(!signed(&hop(&mut route, 302, "https://cdn.org/y", "/z").unwrap()));
        assert!(matches!(
            route.end(StatusCode::FOUND, &HeaderMap::new(), &from.parse().unwrap()),
            Why::TooManyRedirects { most: 3, .. }
        ));
        assert!(hop(&mut route, 302, "https://cdn.org/y", "/z").is_none());
    }
}
