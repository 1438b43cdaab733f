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
        of_line(if is_variant { code.trim_start_matches(is_part) } else { code }, &mut found);
    }
    found
}

fn of_line<'t>(mut code: &'t str, found: &mut HashSet<&'t str>) {
    let mut before = ' ';
    while let Some(letter) = code.chars().next() {
        if letter == '"' {
            code = &code[1 + string(&code[1..])..];
        } else if is_part(letter) {
            let (word, rest) = code.split_at(code.find(|letter| !is_part(letter)).unwrap_or(code.len()));
            if letter.is_ascii_uppercase() && before != ':' && before != '.' {
                found.insert(word);
            }
            code = rest;
        } else {
            code = &code[letter.len_utf8()..];
        }
        before = letter;
    }
}

/// How long a string is, with the quote that ends it.
fn string(text: &str) -> usize {
    let mut escaped = false;
    let end = text.bytes().position(|byte| {
        let ends = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    });
    end.map_or(text.len(), |end| end + 1)
}

fn is_part(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_'
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
