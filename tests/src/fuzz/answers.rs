//! What a server may say.

use matrix_api::bytes::Bytes;
use matrix_api::client_server::{GetRoomStateWithKey, GetWellknownResponse};
use matrix_api::error::ApiError;
use matrix_api::http::header::RETRY_AFTER;
use matrix_api::http::{HeaderMap, HeaderValue, StatusCode};
use matrix_api::request::encode;
use matrix_api::{BaseUrl, Response, TxnId};

use super::cut;
use crate::generated::responses::APIS;
use crate::read_back::Failed;

/// An operationId on a line of its own, and the body of its answer. Whatever can be read is written and read again as
/// the same value.
pub(super) fn responses(data: &[u8]) {
    let (name, body) = cut(data);
    let all = || APIS.iter().flat_map(|(_, responses)| *responses);
    let named = all().find(|(known, _)| known.as_bytes() == name);
    // A name that a mutation has spoiled still stands for some operation.
    let sum: usize = name.iter().map(|byte| usize::from(*byte)).sum();
    let (operation, read_back) = named.or_else(|| all().nth(sum % all().count())).expect("there are operations");
    let body = Bytes::copy_from_slice(body);
    if let Err(Failed::Write(reason)) = read_back(StatusCode::OK, &HeaderMap::new(), body) {
        panic!("{operation}: {reason}");
    }
}

/// The value of a `Retry-After` header on a line of its own, and the body of a refusal.
pub(super) fn retry_after(data: &[u8]) {
    let (header, body) = cut(data);
    let mut headers = HeaderMap::new();
    if let Ok(value) = HeaderValue::from_bytes(header) {
        headers.insert(RETRY_AFTER, value);
    }
    let digits = |bytes: &[u8]| !bytes.is_empty() && bytes.iter().all(u8::is_ascii_digit);
    let seconds = digits(header).then(|| std::str::from_utf8(header).expect("digits").parse::<u64>());
    for status in [StatusCode::TOO_MANY_REQUESTS, StatusCode::UNAUTHORIZED, StatusCode::BAD_GATEWAY] {
        let refusal = ApiError::read(status, &headers, Bytes::copy_from_slice(body));
        if let Some(seconds) = &seconds {
            let expected = seconds.clone().unwrap_or(u64::MAX);
            assert_eq!(refusal.retry_after().map(|wait| wait.as_secs()), Some(expected));
        }
        assert!(status != StatusCode::TOO_MANY_REQUESTS || refusal.is_rate_limited());
        let text = refusal.to_string();
        assert!(!text.contains(char::is_control), "{text:?}");
        assert!(text.chars().count() <= 400, "{text:?}");
        assert_eq!(format!("{refusal:?}"), format!("ApiError({text})"));
    }
}

/// A well-known file. A base URL that is accepted leads nowhere else than it says.
pub(super) fn well_known(data: &[u8]) {
    let Ok(answer) = GetWellknownResponse::from_json(data) else { return };
    let text = answer.discovery.homeserver.base_url.as_str();
    if let Ok(base) = BaseUrl::parse(text) {
        accepted(text, &base);
    }
}

/// What must hold for every base URL.
pub(super) fn accepted(text: &str, base: &BaseUrl) {
    let shown = base.as_str();
    assert!(shown == text || format!("{shown}/") == text, "{shown} from {text}");
    assert!(!base.host().is_empty() && !base.host().contains(['@', '/', '\\']), "{text}");
    assert!(!text.contains(['@', '?', '#']) || !shown.split('/').nth(2).is_some_and(|host| host.contains('@')));
    let secure = text.get(..6).is_some_and(|scheme| scheme.eq_ignore_ascii_case("https:"));
    assert_eq!(base.is_https(), secure, "{text}");
    let request = encode(base, &GetRoomStateWithKey::new("!r:hs", "t", "k"), &TxnId::from("t"));
    let uri = request.expect("nothing is wrong with the request").uri().clone();
    assert_eq!(
        uri.to_string().to_ascii_lowercase(),
        format!("{shown}/_matrix/client/v3/rooms/%21r%3ahs/state/t/k").to_ascii_lowercase()
    );
    assert_eq!(uri.host().map(str::to_owned), Some(base.host().to_owned()));
}
