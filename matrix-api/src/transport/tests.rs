use super::{connect::fits, proxy::Proxy, *};

/// A build without TLS sends nothing in the clear that was to be encrypted.
#[test]
fn without_tls_nothing_is_sent_that_needs_it() {
    let (plain, encrypted): (Uri, Uri) = ("http://a.org/x".parse().unwrap(), "https://a.org/x".parse().unwrap());
    for (to, proxy, sent) in [
        (&plain, None, true),
        (&plain, Some(&plain), true),
        (&encrypted, None, false),
        (&encrypted, Some(&plain), false),
        (&plain, Some(&encrypted), false),
    ] {
        assert_eq!(fits(false, to, proxy).is_ok(), sent, "{to} {proxy:?}");
        assert!(fits(true, to, proxy).is_ok());
    }
}

#[test]
fn a_location_is_read_relative_to_its_origin() {
    let from = "https://m.example.org/sub/x?a=b".parse().unwrap();
    let home = "https://m.example.org";
    let rows = [
        ("/y", "https://m.example.org/y", home),
        ("", "https://m.example.org/sub/x?a=b", home),
        ("#part", "https://m.example.org/sub/x?a=b", home),
        ("?z", "https://m.example.org/sub/x?z", home),
        ("../y", "https://m.example.org/y", home),
        ("./a/../../../y/.", "https://m.example.org/y/", home),
        ("/a/b/..", "https://m.example.org/a/", home),
        ("y z?a:/b/../", "https://m.example.org/sub/y%20z?a:/b/../", home),
        ("<y>?name=\"a b\"`", "https://m.example.org/sub/%3Cy%3E?name=%22a%20b%22%60", home),
        ("/\\evil.org/y", "https://m.example.org/\\evil.org/y", home),
        ("HTTPS://M.example.ORG", "https://M.example.ORG/", home),
        ("https://m.example.org?a", "https://m.example.org/?a", home),
        ("y?z", "https://m.example.org/sub/y?z", home),
        ("https://m.example.org:443/y#part", "https://m.example.org:443/y", home),
        ("http://m.example.org/y", "http://m.example.org/y", "http://m.example.org"),
        ("//cdn.example.org/y", "https://cdn.example.org/y", "https://cdn.example.org"),
        ("https://m.example.org:8448/y", "https://m.example.org:8448/y", "https://m.example.org:8448"),
    ];
    for (location, url, origin) in rows {
        let target = resolve(&from, location).unwrap();
        assert_eq!((target.url.to_string().as_str(), target.origin.as_str()), (url, origin), "{location}");
        assert_eq!(target.same_origin, origin == home, "{location}");
        assert_eq!(target.https, url.starts_with("https:"), "{location}");
    }
    for location in [
        "https://user@m.example.org/y",
        "ftp://m.example.org/y",
        "https://",
        "https:/y",
        "https:y",
        "//",
        "///y",
        "//@/y",
        "https://a b.org/y",
        "https://m.example.org:99999/y",
        "mailto:a",
        "https://2130706433/y",
        "https://0x7f.1/y",
        "https://127.1/y",
        "https://10.0.0.0x1./y",
    ] {
        assert_eq!(resolve(&from, location), None, "{location}");
    }
}

#[test]
fn a_proxy_has_a_place_and_perhaps_a_password() {
    let rows = [
        ("http://proxy.org:3128", "http://proxy.org:3128/", None),
        ("proxy.org:3128/", "http://proxy.org:3128/", None),
        ("https://[::1]:80", "https://[::1]:80/", None),
        ("http://ann:pa%3Ass@proxy.org", "http://proxy.org/", Some("Basic YW5uOnBhOnNz")),
        ("http://ann@proxy.org", "http://proxy.org/", Some("Basic YW5uOg==")),
        ("http://ann:p@ss@proxy.org", "http://proxy.org/", Some("Basic YW5uOnBAc3M=")),
    ];
    for (text, url, authorization) in rows {
        let proxy = Proxy::parse(text).unwrap();
        assert_eq!(proxy.url.to_string(), url, "{text}");
        assert!(proxy.authorization.as_ref().is_none_or(HeaderValue::is_sensitive));
        assert_eq!(proxy.authorization.as_ref().map(|value| value.to_str().unwrap()), authorization, "{text}");
    }
    for text in [
        "",
        "socks5://proxy.org",
        "http://",
        "http://proxy.org/path",
        "http://proxy.org/?a",
        "http://a b:80",
        "http://proxy.org:99999",
        "http://proxy.org:",
        "http://ann:pass@proxy.org:8x",
    ] {
        assert!(Proxy::parse(text).is_none(), "{text}");
    }
}
