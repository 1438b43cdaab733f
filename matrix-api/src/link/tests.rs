use super::*;

#[test]
fn both_forms_there_and_back() {
    let links = [
        (
            MatrixLink::user("@ann:example.org"),
            "https://matrix.to/#/%40ann%3Aexample.org",
            "matrix:u/ann%3Aexample.org",
        ),
        (
            MatrixLink::room("!a/b c").via(["example.org:8448", "[::1]:80"]),
            "https://matrix.to/#/%21a%2Fb%20c?via=example.org%3A8448&via=%5B%3A%3A1%5D%3A80",
            "matrix:roomid/a%2Fb%20c?via=example.org%3A8448&via=%5B%3A%3A1%5D%3A80",
        ),
        (
            MatrixLink::alias("#katzen&mäuse:hs"),
            "https://matrix.to/#/%23katzen%26m%C3%A4use%3Ahs",
            "matrix:r/katzen%26m%C3%A4use%3Ahs",
        ),
        (MatrixLink::event("!r:hs", "$a/b"), "https://matrix.to/#/%21r%3Ahs/%24a%2Fb", "matrix:roomid/r%3Ahs/e/a%2Fb"),
        (MatrixLink::event("#r:hs", "$e"), "https://matrix.to/#/%23r%3Ahs/%24e", "matrix:r/r%3Ahs/e/e"),
    ];
    for (link, web, uri) in links {
        assert_eq!((link.to_web().as_str(), link.to_uri().as_str(), link.to_string().as_str()), (web, uri, web));
        assert_eq!(MatrixLink::parse(web).as_ref(), Ok(&link));
        assert_eq!(uri.parse().as_ref(), Ok(&link));
    }
    let mut chat = MatrixLink::user("@ann:hs");
    chat.action = Some("chat".to_owned());
    assert_eq!(chat.to_uri(), "matrix:u/ann%3Ahs?action=chat");
    assert_eq!(MatrixLink::parse("MATRIX:u/ann:hs?action=chat"), Ok(chat));
    // An id without its sigil is not valid, but nothing of it is lost.
    assert_eq!(MatrixLink::user("ann:hs").to_uri(), "matrix:u/ann%3Ahs");
}

#[test]
fn what_others_write() {
    let same = |text: &str, link: MatrixLink| assert_eq!(MatrixLink::parse(text), Ok(link), "{text}");
    same("https://matrix.to/#/@ann:example.org", MatrixLink::user("@ann:example.org"));
    same("http://matrix.to/#/#cats:hs", MatrixLink::alias("#cats:hs"));
    same("HTTPS://MATRIX.TO/#/!r:hs/$e:hs?via=a&via=b", MatrixLink::event("!r:hs", "$e:hs").via(["a", "b"]));
    same("https://matrix.to/#/!r:hs/$a/b+c", MatrixLink::event("!r:hs", "$a/b+c"));
    same("https://matrix.to/#/!r:hs/?web-instance%5Belement.io%5D=app", MatrixLink::room("!r:hs"));
    same("https://matrix.to/#/@ann:hs?action=chat", MatrixLink::user("@ann:hs"));
    same("matrix:room/cats:hs/event/e", MatrixLink::event("#cats:hs", "$e"));
    same("matrix:user/ann:hs#later", MatrixLink::user("@ann:hs"));
}

#[test]
fn whatever_else_there_is() {
    let long = format!("matrix:roomid/{}", "a".repeat(LONGEST));
    let vias = format!("matrix:roomid/a?{}", "via=a&".repeat(MOST_VIA + 1));
    for wrong in [
        "",
        "matrix",
        "matrix:",
        "matrix:u",
        "matrix:u/",
        "matrix:u/ann",
        "matrix:u/ann:hs/e/x",
        "matrix:g/group:hs",
        "matrix:r/cats",
        "matrix:r/cats:hs/x/y",
        "matrix:r/cats:hs/e/",
        "matrix://hs/u/ann:hs",
        "matrix:roomid/%00",
        "matrix:roomid/a%0Ab",
        "matrix:roomid/%",
        "matrix:roomid/%4",
        "matrix:roomid/%zz",
        "matrix:roomid/%ff",
        "matrix:roomid/a?via=",
        "matrix:roomid/a?via=a/b",
        "matrix:roomid/a?via=%2E%2E",
        "https://matrix.to/#/",
        "https://matrix.to/#/+group:hs",
        "https://matrix.to/#/@ann:hs/$e",
        "https://matrix.to/#/!r:hs//$e",
        "https://matrix.to/!r:hs",
        "https://matrix.to.evil.example/#/!r:hs",
        "https://evil.example/https://matrix.to/#/!r:hs",
        "javascript:alert(1)",
        " matrix:u/ann:hs",
        "mätrix:u/ann:hs",
        "https://mätrix.to/#/!r",
        &long,
        &vias,
    ] {
        let error = MatrixLink::parse(wrong).unwrap_err();
        assert!(error.to_string().starts_with("a link "), "{wrong}: {error}");
    }
}

#[test]
fn any_text_is_taken_or_refused() {
    // Cut and stitched pieces: whatever parses is written so that it parses as the same.
    let pieces = [
        "https://matrix.to/#/",
        "matrix:",
        "u/",
        "roomid/",
        "/e/",
        "!",
        "@a:b",
        "%21",
        "%",
        "?via=",
        "é",
        "$",
        "&",
        "#r:s",
        "/",
    ];
    let mut seed = 7_u32;
    for _ in 0..20_000 {
        let mut text = String::new();
        for _ in 0..seed % 7 {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            text += pieces[(seed >> 16) as usize % pieces.len()];
        }
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223) >> 1;
        if let Ok(link) = MatrixLink::parse(&text) {
            assert_eq!(MatrixLink::parse(&link.to_uri()).as_ref(), Ok(&link), "{text}");
            let web = MatrixLink::parse(&link.to_web()).unwrap();
            assert_eq!((web.target, web.via), (link.target, link.via), "{text}");
        }
    }
}
