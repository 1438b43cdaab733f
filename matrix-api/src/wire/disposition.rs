//! File names out of `Content-Disposition`.

/// The longest file name, in bytes: what common file systems take.
const LONGEST: usize = 255;

/// The file name that a `Content-Disposition` header suggests, made safe: one component of a path and never a way out
/// of a folder. `None` if there is none, or nothing is left of it.
///
/// The name comes from whoever has uploaded the file. Of a path only the last component is kept, characters that file
/// systems or terminals give a meaning to become `_`, dots and spaces at the ends go, names of Windows' devices get a
/// `_` in front, and what is longer than 255 bytes is cut, its extension kept.
///
/// ```
/// use matrix_api::wire::file_name;
///
/// assert_eq!(file_name("inline; filename=cat.png").as_deref(), Some("cat.png"));
/// assert_eq!(file_name("attachment; filename*=UTF-8''%c3%bc.txt; filename=\"u.txt\"").as_deref(), Some("ü.txt"));
/// assert_eq!(file_name("attachment; filename=\"../../etc/passwd\"").as_deref(), Some("passwd"));
/// assert_eq!(file_name("attachment; filename=\"..\""), None);
/// ```
#[must_use]
pub fn file_name(disposition: &str) -> Option<String> {
    let (mut plain, mut extended) = (None, None);
    for parameter in parameters(disposition).skip(1) {
        let Some((name, value)) = parameter.split_once('=') else { continue };
        match name.trim().to_ascii_lowercase().as_str() {
            "filename" => plain = plain.or_else(|| Some(unquoted(value.trim()))),
            "filename*" => extended = extended.or_else(|| decoded(&unquoted(value.trim()))),
            _ => {}
        }
    }
    safe(&extended.or(plain)?)
}

/// What stands between semicolons, but for those in quotes.
fn parameters(text: &str) -> impl Iterator<Item = &str> {
    let (mut quoted, mut escaped) = (false, false);
    text.split(move |c| {
        let ends = c == ';' && !quoted;
        if c == '"' && !escaped {
            quoted = !quoted;
        }
        escaped = quoted && c == '\\' && !escaped;
        ends
    })
}

fn unquoted(text: &str) -> String {
    let Some(inner) = text.strip_prefix('"') else { return text.to_owned() };
    let inner = inner.strip_suffix('"').unwrap_or(inner);
    let mut plain = String::with_capacity(inner.len());
    let mut rest = inner.chars();
    while let Some(c) = rest.next() {
        match c {
            // Browsers write paths of Windows without escaping; a quote or another backslash is an escape.
            '\\' if matches!(rest.clone().next(), Some('"' | '\\')) => plain.extend(rest.next()),
            other => plain.push(other),
        }
    }
    plain
}

/// `UTF-8'en'%c3%bc.txt`, or the same in Latin-1.
fn decoded(text: &str) -> Option<String> {
    let (charset, rest) = text.split_once('\'')?;
    let (_, value) = rest.split_once('\'')?;
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes();
    while let [first, tail @ ..] = rest {
        if *first == b'%' {
            let (hex, tail) = tail.split_at_checked(2)?;
            bytes.push(u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok()?);
            rest = tail;
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    match charset.trim().to_ascii_lowercase().as_str() {
        "utf-8" => String::from_utf8(bytes).ok(),
        "iso-8859-1" => Some(bytes.into_iter().map(char::from).collect()),
        _ => None,
    }
}

fn safe(name: &str) -> Option<String> {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let plain: String = last.chars().map(|c| if is_odd(c) { '_' } else { c }).collect();
    let trimmed = plain.trim_matches(|c: char| c == '.' || c.is_whitespace());
    if trimmed.is_empty() {
        return None;
    }
    let cut = shortened(trimmed);
    Some(if is_device(&cut) { format!("_{cut}") } else { cut })
}

/// Controls, what reorders or hides text, and what Windows keeps for itself.
fn is_odd(c: char) -> bool {
    c.is_control()
        || matches!(c, '<' | '>' | ':' | '"' | '|' | '?' | '*')
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_ascii_uppercase();
    let numbered = |prefix: &str| {
        stem.strip_prefix(prefix).is_some_and(|rest| rest.len() == 1 && rest.bytes().all(|byte| byte.is_ascii_digit()))
    };
    matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL") || numbered("COM") || numbered("LPT")
}

/// No longer than a file system takes, the `_` for devices included.
fn shortened(name: &str) -> String {
    if name.len() < LONGEST {
        return name.to_owned();
    }
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    let extension = if extension.is_empty() || extension.len() > 16 { String::new() } else { format!(".{extension}") };
    let stem = if extension.is_empty() { name } else { stem };
    let mut end = LONGEST - 1 - extension.len();
    end = end.min(stem.len());
    while !stem.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}{extension}", stem[..end].trim_end_matches(['.', ' ']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_however_it_is_written() {
        for (header, expected) in [
            ("inline", None),
            ("", None),
            ("filename=x", None),
            ("attachment; filename=plain.txt", Some("plain.txt")),
            ("attachment;FileName = \"with space; and \\\"quotes\\\".txt\"; x=y", Some("with space; and _quotes_.txt")),
            ("attachment; filename=\"unclosed.txt", Some("unclosed.txt")),
            ("inline; filename*=utf-8''%e2%82%ac%20rates.txt", Some("€ rates.txt")),
            ("inline; filename*=iso-8859-1'en'%a3%20rates.txt", Some("£ rates.txt")),
            ("inline; filename=a.txt; filename*=UTF-8''b.txt", Some("b.txt")),
            ("inline; filename=a.txt; filename*=UTF-8''%ff", Some("a.txt")),
            ("inline; filename=a.txt; filename*=UTF-8''%e", Some("a.txt")),
            ("inline; filename=a.txt; filename*=koi8-r''b", Some("a.txt")),
            ("inline; filename=a.txt; filename*=b.txt", Some("a.txt")),
            ("inline; filename=first.txt; filename=second.txt", Some("first.txt")),
        ] {
            assert_eq!(file_name(header).as_deref(), expected, "{header}");
        }
    }

    #[test]
    fn no_name_is_a_way_out() {
        for (name, expected) in [
            ("../../etc/passwd", Some("passwd")),
            ("/etc/passwd", Some("passwd")),
            ("C:\\\\Windows\\\\evil.exe", Some("evil.exe")),
            ("..\\..\\evil.exe", Some("evil.exe")),
            ("C:evil.exe", Some("C_evil.exe")),
            ("a/..", None),
            ("..", None),
            (".", None),
            (" . . ", None),
            ("folder/", None),
            (".bashrc", Some("bashrc")),
            ("a.txt. . ", Some("a.txt")),
            ("nul", Some("_nul")),
            ("COM1.txt", Some("_COM1.txt")),
            ("console", Some("console")),
            ("a\u{0}b\nc\u{202e}gpj.exe", Some("a_b_c_gpj.exe")),
            ("a<b>|?*.txt", Some("a_b____.txt")),
        ] {
            assert_eq!(file_name(&format!("attachment; filename=\"{name}\"")).as_deref(), expected, "{name:?}");
        }
        // Encoded slashes are slashes.
        assert_eq!(file_name("inline; filename*=UTF-8''..%2f..%2Fb%5cc").as_deref(), Some("c"));
    }

    #[test]
    fn a_long_name_keeps_its_extension() {
        let name =
            |stem: &str, times| file_name(&format!("inline; filename=\"{}.tar.gz\"", stem.repeat(times))).unwrap();
        assert_eq!(name("a", 200), format!("{}.tar.gz", "a".repeat(200)));
        for long in [name("a", 400), name("ü", 400), name("🐈", 400)] {
            assert!(long.len() <= LONGEST && long.len() > LONGEST - 8 && long.ends_with(".gz"), "{}", long.len());
        }
        let bare = file_name(&format!("inline; filename={}", "x".repeat(400))).unwrap();
        assert_eq!(bare.len(), LONGEST - 1);
    }
}
