//! Where a request goes.

use matrix_api::client_server::get_room_events::Direction;
use matrix_api::client_server::{GetRoomEvents, GetRoomStateWithKey};
use matrix_api::request::encode;
use matrix_api::{BaseUrl, TxnId};

use super::{answers, cut, decoded};

/// A base URL, the type of an event and its state key, each on a line of its own.
pub(super) fn urls(data: &[u8]) {
    let (base, rest) = cut(data);
    let (kind, key) = cut(rest);
    let texts = [base, kind, key].map(std::str::from_utf8);
    let [Ok(url), Ok(kind), Ok(key)] = texts else { return };
    let base = match BaseUrl::parse(url) {
        Ok(base) => {
            answers::accepted(url, &base);
            base
        }
        Err(_) => BaseUrl::parse("https://example.org/sub").expect("a good URL"),
    };
    path(&base, kind, key);
    query(&base, key);
}

fn path(base: &BaseUrl, kind: &str, key: &str) {
    let request = GetRoomStateWithKey::new("!r:hs", kind, key);
    let dots = |text: &str| matches!(text, "." | "..");
    let control = |text: &str| text.contains(char::is_control);
    let good = !(kind.is_empty() || dots(kind) || dots(key) || control(kind) || control(key));
    let encoded = encode(base, &request, &TxnId::from("t"));
    assert_eq!(encoded.is_ok(), good, "{kind:?} {key:?}");
    let Ok(encoded) = encoded else { return };
    let before = format!("{}/_matrix/client/v3/rooms/%21r%3Ahs/state/", base.as_str());
    let uri = encoded.uri().to_string();
    // Scheme and host know no case.
    assert!(uri.get(..before.len()).is_some_and(|start| start.eq_ignore_ascii_case(&before)), "{uri}");
    let segments: Vec<_> = uri[before.len()..].split('/').collect();
    assert_eq!(segments.len(), 2, "{uri}");
    assert_eq!((decoded(segments[0]).as_str(), decoded(segments[1]).as_str()), (kind, key), "{uri}");
}

fn query(base: &BaseUrl, text: &str) {
    let request = GetRoomEvents::new("!r:hs", Direction::Backward).from(text);
    let Ok(encoded) = encode(base, &request, &TxnId::from("t")) else { return };
    let uri = encoded.uri().to_string();
    let (_, query) = uri.split_once('?').expect("there is a query");
    let pairs: Vec<_> = query.split('&').map(|pair| pair.split_once('=').expect("a name and a value")).collect();
    let from: Vec<_> = pairs.iter().filter(|(name, _)| *name == "from").collect();
    assert_eq!(from.len(), 1, "{uri}");
    assert_eq!(decoded(from[0].1), text, "{uri}");
    assert_eq!(pairs.len(), 2, "{uri}");
}
