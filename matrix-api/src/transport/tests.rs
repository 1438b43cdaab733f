use super::*;

#[test]
fn a_url_of_the_own_server_is_read_as_any_other() {
    for base in ["https://m.example.org", "http://127.0.0.1:8008/sub", "http://[::1]:80", "https://M.example.org"] {
        let home = Home::new(base).unwrap();
        for path in ["/_matrix/x", "/_matrix/%21a/..%2f/?q=a%20b&c=%26", "/a/../b/./c", "/x?y?z/#f", "/_", "/0//y"] {
            let text = format!("{}{path}", home.origin);
            assert_eq!(home.url(&text).unwrap(), Url::parse(&text).unwrap(), "{text}");
        }
        for path in
            ["", "/", "//evil.org/x", "/\\evil.org", "@evil.org/x", ".evil.org/x", ":81/x", "/\t/evil.org", "?x"]
        {
            assert_eq!(home.url(&format!("{}{path}", home.origin)), None, "{path}");
        }
        assert_eq!(home.url("https://other.org/_matrix/x"), None);
    }
}

#[test]
fn a_location_is_read_relative_to_its_origin() {
    let from = "https://m.example.org/sub/x?a=b";
    let home = "https://m.example.org";
    let rows = [
        ("/y", "https://m.example.org/y", home),
        ("y?z", "https://m.example.org/sub/y?z", home),
        ("https://m.example.org:443/y#part", "https://m.example.org/y", home),
        ("http://m.example.org/y", "http://m.example.org/y", "http://m.example.org"),
        ("//cdn.example.org/y", "https://cdn.example.org/y", "https://cdn.example.org"),
        ("https://m.example.org:8448/y", "https://m.example.org:8448/y", "https://m.example.org:8448"),
    ];
    for (location, url, origin) in rows {
        let target = resolve(from, location).unwrap();
        assert_eq!((target.url.as_str(), target.origin.as_str()), (url, origin));
        assert_eq!(target.same_origin, origin == home, "{location}");
        assert_eq!(target.https, url.starts_with("https:"), "{location}");
    }
    for location in ["https://user@m.example.org/y", "ftp://m.example.org/y", "https://"] {
        assert_eq!(resolve(from, location), None, "{location}");
    }
}
