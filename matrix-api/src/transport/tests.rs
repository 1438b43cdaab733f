use super::{proxy::Proxy, *};

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
    for text in ["", "socks5://proxy.org", "http://", "http://proxy.org/path", "http://proxy.org/?a", "http://a b:80"] {
        assert!(Proxy::parse(text).is_none(), "{text}");
    }
}
