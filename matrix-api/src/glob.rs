//! Patterns with `*` and `?`, as policies and access lists have them.

/// Whether a text fits a pattern: `*` stands for any characters or none, `?` for exactly one. It takes no more steps
/// than the two are long, multiplied.
pub(crate) fn fits(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut at, mut place) = (0, 0);
    // Where the last star is, and how much of the text it has taken so far.
    let mut star: Option<(usize, usize)> = None;
    while place < text.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, place));
                at += 1;
            }
            Some(one) if *one == '?' || *one == text[place] => {
                at += 1;
                place += 1;
            }
            _ => {
                let Some((back, taken)) = star else { return false };
                star = Some((back, taken + 1));
                (at, place) = (back + 1, taken + 1);
            }
        }
    }
    pattern[at..].iter().all(|one| *one == '*')
}

/// As [`fits`], for names of servers: ports do not count, and neither does upper or lower case.
pub(crate) fn fits_server(pattern: &str, server: &str) -> bool {
    fits(&pattern.to_lowercase(), &host(server).to_lowercase())
}

/// A server's name without its port.
pub(crate) fn host(server: &str) -> &str {
    match server.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) && !host.ends_with(':') => {
            // Without brackets it is an address of IPv6 and has no port.
            if host.contains(':') && !host.ends_with(']') { server } else { host }
        }
        _ => server,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_and_question_marks() {
        for (pattern, text) in [
            ("", ""),
            ("*", ""),
            ("*", "a.b"),
            ("**", "a"),
            ("a?c", "aéc"),
            ("*.example.org", "x.y.example.org"),
            ("@*:*spam*", "@x:myspam.org"),
            ("a*b*c", "aXbbYc"),
            ("[a].*", "[a].b"),
        ] {
            assert!(fits(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [
            ("", "a"),
            ("?", ""),
            ("a", "b"),
            ("a?", "a"),
            ("*.example.org", "example.org"),
            ("a*b", "abc"),
            ("a.c", "abc"),
            ("A", "a"),
        ] {
            assert!(!fits(pattern, text), "{pattern} {text}");
        }
    }

    #[test]
    fn many_stars_take_no_time() {
        let pattern = "a*".repeat(200) + "b";
        assert!(!fits(&pattern, &"a".repeat(5_000)));
    }
}
