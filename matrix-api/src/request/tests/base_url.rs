use super::*;

#[test]
fn a_base_url_keeps_its_path_and_loses_its_last_slash() {
    let texts = [
        ("https://example.org", "https://example.org"),
        ("https://example.org/", "https://example.org"),
        ("http://localhost:8008/a/b/", "http://localhost:8008/a/b"),
        ("https://[::1]:8448/x", "https://[::1]:8448/x"),
    ];
    for (text, expected) in texts {
        assert_eq!(BaseUrl::parse(text).unwrap().as_str(), expected);
    }
    let base = BaseUrl::parse("http://[::1]:8008/x/").unwrap();
    assert_eq!((base.host(), base.port(), base.is_https()), ("[::1]", 8008, false));
    assert_eq!(BaseUrl::parse("https://a.b").unwrap().port(), 443);
}

#[test]
fn a_base_url_is_refused_with_a_reason_and_without_its_text() {
    let texts = [
        ("", "is not a valid URL"),
        ("example.org", "must start with https:// or http://"),
        ("ftp://example.org", "must start with https:// or http://"),
        ("https://", "is not a valid URL"),
        ("https://u:p@example.org", "must not have a user name or password"),
        ("https://example.org?x", "must not have a query or a fragment"),
        ("https://example.org/#x", "must not have a query or a fragment"),
        ("https://example.org/a/../b", "must not have empty or dot segments in its path"),
        ("https://example.org/a/%2E/b", "must not have empty or dot segments in its path"),
        ("https://example.org/a//b", "must not have empty or dot segments in its path"),
        ("https://example.org:99999", "must have a port between 0 and 65535 after the colon"),
        ("https://example.org//", "must not have empty or dot segments in its path"),
        ("https://exa mple.org", "is not a valid URL"),
        ("https://exämple.org", "must be ASCII; write the host in its encoded form"),
    ];
    for (text, reason) in texts {
        let error = BaseUrl::parse(text).unwrap_err().to_string();
        assert_eq!(error, format!("the base URL {reason}"), "{text}");
    }
}
