//! The types that printed items name.

use std::collections::HashSet;

/// Capitalized names that do not stand behind `::` or `.`, other than those of an enum's own variants.
pub(super) fn of_types(text: &str) -> HashSet<&str> {
    let mut found = HashSet::new();
    let mut is_enum = false;
    for line in text.lines() {
        let code = line.trim_start();
        if code.starts_with("///") {
            continue;
        }
        let is_variant = is_enum && line.len() - code.len() == 4;
        is_enum = line.starts_with("pub enum ") || is_enum && line != "}";
        of_line(
            if is_variant {
                code.trim_start_matches(|letter: char| letter.is_ascii_alphanumeric() || letter == '_')
            } else {
                code
            },
            &mut found,
        );
    }
    found
}

fn of_line<'t>(code: &'t str, found: &mut HashSet<&'t str>) {
    let bytes = code.as_bytes();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let start = at;
        at += match byte {
            b'"' => 1 + string(&bytes[at + 1..]),
            byte if is_part(*byte) => bytes[at..].iter().take_while(|byte| is_part(**byte)).count(),
            _ => 1,
        };
        let is_behind = start > 0 && [b':', b'.'].contains(&bytes[start - 1]);
        if byte.is_ascii_uppercase() && !is_behind {
            found.insert(&code[start..at]);
        }
    }
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

fn is_part(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

#[cfg(test)]
mod tests {
    use super::of_types;

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
        let mut names: Vec<_> = of_types(text).into_iter().collect();
        names.sort_unstable();
        assert_eq!(names, ["Held", "Kind", "Made", "Near", "Option", "Own", "Read", "Self", "Vec"]);
    }
}
