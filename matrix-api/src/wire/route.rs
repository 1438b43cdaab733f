//! How the path and the query of a request that came in are taken apart.

use std::borrow::Cow;

use super::DecodeError;

/// The parameters of a path with their texts, still encoded.
pub(super) type Captured<'a> = Vec<(&'static str, &'a str)>;

/// The parameters that a path gives to a template; `None` if it is the path of something else.
pub(crate) fn capture<'a>(template: &'static str, path: &'a str) -> Option<Captured<'a>> {
    let mut captured = Captured::new();
    let (mut wanted, mut found) = (template.split('/'), path.split('/'));
    loop {
        match (wanted.next(), found.next()) {
            (None, None) => return Some(captured),
            (Some(wanted), Some(found)) => segment(wanted, found, &mut captured)?,
            _ => return None,
        }
    }
}

/// Upstream's parameters fill a segment, or stand at the end or in front of a text of their own.
fn segment<'a>(wanted: &'static str, found: &'a str, captured: &mut Captured<'a>) -> Option<()> {
    let Some((before, rest)) = wanted.split_once('{') else { return (wanted == found).then_some(()) };
    let (name, after) = rest.split_once('}')?;
    let text = found.strip_prefix(before)?;
    match after.split('{').next() {
        Some("") | None => {
            captured.push((name, text));
            (after.is_empty()).then_some(())
        }
        Some(literal) => {
            let (value, _) = text.split_once(literal)?;
            captured.push((name, value));
            segment(after, &text[value.len()..], captured)
        }
    }
}

/// The names and values of a query, decoded.
pub(super) type Pairs<'a> = Vec<(Cow<'a, str>, Cow<'a, str>)>;

pub(super) fn pairs(query: &str) -> Result<Pairs<'_>, DecodeError> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let decoded = pairs.map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        percent_decode(name, true).zip(percent_decode(value, true))
    });
    decoded.collect::<Option<_>>().ok_or_else(|| DecodeError::parameter("the query", "text in UTF-8"))
}

/// The text behind `%XX`; in a query a plus is a space, too. `None` if it is not UTF-8.
/// A percent sign that two hexadecimal digits do not follow is itself.
pub(crate) fn percent_decode(text: &str, plus: bool) -> Option<Cow<'_, str>> {
    if !(text.contains('%') || plus && text.contains('+')) {
        return Some(Cow::Borrowed(text));
    }
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        match (first, tail) {
            (b'%', [high, low, tail @ ..]) if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                decoded.push(digit(*high) << 4 | digit(*low));
                rest = tail;
            }
            (b'+', _) if plus => decoded.push(b' '),
            _ => decoded.push(*first),
        }
    }
    String::from_utf8(decoded).ok().map(Cow::Owned)
}

fn digit(hex: u8) -> u8 {
    match hex {
        b'0'..=b'9' => hex - b'0',
        _ => (hex | 0x20) - b'a' + 10,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_gives_its_parameters_or_is_another() {
        let template = "/a/{room}/b/{key}";
        assert_eq!(capture(template, "/a/%21r/b/"), Some(vec![("room", "%21r"), ("key", "")]));
        for other in ["/a/r/b", "/a/r/c/k", "/a/r/b/k/", "a/r/b/k", "/A/r/b/k"] {
            assert_eq!(capture(template, other), None, "{other}");
        }
        assert_eq!(capture("/x/v{n}:{m}", "/x/v1:2"), Some(vec![("n", "1"), ("m", "2")]));
        assert_eq!(capture("/x/v{n}:{m}", "/x/v12"), None);
        assert_eq!(capture("/x/{n}.json", "/x/a.json"), Some(vec![("n", "a")]));
        assert_eq!(capture("/x/{n}.json", "/x/a.jsonp"), None);
    }

    #[test]
    fn a_query_is_decoded_with_its_plus_signs() {
        let pairs = pairs("a=1+2&b%5Bc%5D=%F0%9F%99%82&&d&e=%zz%4").unwrap();
        let pairs: Vec<_> = pairs.iter().map(|(name, value)| (&**name, &**value)).collect();
        assert_eq!(pairs, [("a", "1 2"), ("b[c]", "🙂"), ("d", ""), ("e", "%zz%4")]);
        assert!(super::pairs("a=%ff").is_err());
        assert_eq!(percent_decode("a+%2B", false).unwrap(), "a++");
    }
}
