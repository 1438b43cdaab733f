//! The types that printed items name.

use std::collections::HashSet;

/// Capitalized names that do not stand behind `::` or `.`, other than those of an enum's own variants.
///
/// It reads text as it is printed: a member on a line of its own. What would mislead it is refused.
pub(super) fn of_types(text: &str) -> Result<HashSet<&str>, String> {
    let mut found = HashSet::new();
    let mut is_enum = false;
    for line in text.lines() {
        let code = line.trim_start();
        if code.starts_with("///") {
            continue;
        }
        let is_variant = is_enum && line.len() - code.len() == 4;
        is_enum = is_head_of_enum(line) || is_enum && line != "}";
        let code = if is_variant { code.trim_start_matches(is_letter) } else { code };
        if !of_line(code, &mut found) {
            return Err(format!("cannot tell which types `{code}` names"));
        }
    }
    Ok(found)
}

/// Whether the variants of an enum follow, whoever sees it.
fn is_head_of_enum(line: &str) -> bool {
    let code = match line.strip_prefix("pub(") {
        Some(rest) => rest.split_once(") ").map_or(line, |(_, code)| code),
        None => line.strip_prefix("pub ").unwrap_or(line),
    };
    code.starts_with("enum ") && !code.ends_with("{}")
}

/// Finds the names of a line; not if it has quotes that are none of a plain string.
fn of_line<'t>(code: &'t str, found: &mut HashSet<&'t str>) -> bool {
    let bytes = code.as_bytes();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let start = at;
        // A raw string, or a quote as a letter.
        let starts: [&[u8]; 4] = [b"r", b"r#", b"'", b"\\"];
        if *byte == b'"' && starts.iter().any(|start| bytes[..at].ends_with(start)) {
            return false;
        }
        at += match byte {
            b'"' => 1 + string(&bytes[at + 1..]),
            byte if is_part(*byte) => bytes[at..].iter().take_while(|byte| is_part(**byte)).count(),
            _ => 1,
        };
        let is_behind = bytes[..start].ends_with(b"::") || bytes[..start].ends_with(b".");
        if byte.is_ascii_uppercase() && !is_behind {
            found.insert(&code[start..at]);
        }
    }
    true
}

/// How long a string is, with the quote that ends it.
fn string(text: &[u8]) -> usize {
    let mut escaped = false;
    let end = text.iter().position(|byte| {
        let ends = *byte == b'"' && !escaped;
        escaped = *byte == b'\\' && !escaped;
        ends
    });
    end.map_or(text.len(), |end| end + 1)
}

fn is_letter(letter: char) -> bool {
    u8::try_from(letter).is_ok_and(is_part)
}

fn is_part(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

#[cfg(test)]
mod tests {
    use super::of_types;

    fn names(text: &str) -> Vec<&str> {
        let mut names: Vec<_> = of_types(text).expect("it is known").into_iter().collect();
        names.sort_unstable();
        names
    }

    #[test]
    fn a_name_counts_where_nothing_qualifies_it() {
        let text = "\
/// Says Prose.
#[doc = \"A \\\" Quote\"]
pub struct Own<'de> {
    pub id: Vec<crate::Far>,
    pub more: Option<<Near as Read>::SHAPE>,
}

pub enum Kind {
    /// Said.
    Variant(Held),
    Bare,
}

impl Kind {
    fn make() { self.Field = Self::Variant(Made) }
}
";
        assert_eq!(names(text), ["Held", "Kind", "Made", "Near", "Option", "Own", "Read", "Self", "Vec"]);
    }

    #[test]
    fn an_enum_has_variants_whoever_sees_it() {
        let text = "\
pub enum Never {}
    Some(Far)
pub(crate) enum Kind {
    Variant(Held),
}
enum Own {
    Other,
}
";
        assert_eq!(names(text), ["Far", "Held", "Kind", "Never", "Own", "Some"]);
    }

    #[test]
    fn a_colon_alone_qualifies_nothing() {
        assert_eq!(names("|a:T, b: U| c::V.W"), ["T", "U"]);
    }

    #[test]
    fn quotes_that_hide_what_follows_are_refused() {
        for code in ["a('\"', B)", r#"a('\"', B)"#, "a(b'\"', B)", r#"a(r"\", B)"#, "a(br#\"B\"#)"] {
            let text = format!("fn a() {{\n    {code}\n}}\n");
            assert_eq!(of_types(&text), Err(format!("cannot tell which types `{code}` names")));
        }
    }
}
