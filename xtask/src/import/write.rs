//! Writes a tree as YAML: block style, one way to write each value.

use std::fmt::Write as _;

use super::tree::Tree;

/// Words that some YAML reader takes for something else than text.
const RESERVED: [&str; 9] = ["true", "false", "yes", "no", "on", "off", "y", "n", "null"];

/// A whole document below a comment line.
pub(super) fn document(comment: &str, tree: &Tree) -> String {
    let mut out = format!("# {comment}\n");
    match tree {
        Tree::Map(entries) if !entries.is_empty() => map(&mut out, entries, 0, false),
        Tree::List(items) if !items.is_empty() => list(&mut out, items, 0, false),
        other => {
            out.push_str(&scalar(other));
            out.push('\n');
        }
    }
    out
}

/// Entries of a map. The first one goes on where the line stands if that line is begun already.
fn map(out: &mut String, entries: &[(String, Tree)], indent: usize, mut begun: bool) {
    for (key, value) in entries {
        if !begun {
            spaces(out, indent);
        }
        begun = false;
        out.push_str(&text(key));
        out.push(':');
        match value {
            Tree::Map(inner) if !inner.is_empty() => {
                out.push('\n');
                map(out, inner, indent + 2, false);
            }
            Tree::List(items) if !items.is_empty() => {
                out.push('\n');
                list(out, items, indent + 2, false);
            }
            other => {
                out.push(' ');
                out.push_str(&scalar(other));
                out.push('\n');
            }
        }
    }
}

fn list(out: &mut String, items: &[Tree], indent: usize, mut begun: bool) {
    for item in items {
        if !begun {
            spaces(out, indent);
        }
        begun = false;
        out.push_str("- ");
        match item {
            Tree::Map(inner) if !inner.is_empty() => map(out, inner, indent + 2, true),
            Tree::List(inner) if !inner.is_empty() => list(out, inner, indent + 2, true),
            other => {
                out.push_str(&scalar(other));
                out.push('\n');
            }
        }
    }
}

fn spaces(out: &mut String, indent: usize) {
    out.extend(std::iter::repeat_n(' ', indent));
}

/// A value that fits on one line: a scalar, or an empty list or map.
fn scalar(tree: &Tree) -> String {
    match tree {
        Tree::Null => "null".to_owned(),
        Tree::Bool(value) => value.to_string(),
        Tree::Int(value) => value.to_string(),
        Tree::Float(value) => format!("{value:?}"),
        Tree::Text(value) => text(value),
        Tree::List(_) => "[]".to_owned(),
        Tree::Map(_) => "{}".to_owned(),
    }
}

/// A string, plain where no reader can misread it.
pub(super) fn text(value: &str) -> String {
    if is_plain(value) { value.to_owned() } else { quoted(value) }
}

fn is_plain(value: &str) -> bool {
    let first = value.chars().next();
    first.is_some_and(|c| c.is_ascii_alphabetic() || matches!(c, '_' | '$' | '/'))
        && value.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '$' | '/' | '.' | '-' | ' '))
        && !value.ends_with(' ')
        && !RESERVED.contains(&value.to_ascii_lowercase().as_str())
}

/// A string between double quotes.
pub(super) fn quoted(value: &str) -> String {
    let mut out = String::from('"');
    for c in value.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            ' '..='~' => out.push(c),
            _ => {
                // Everything beyond ASCII is escaped too: some readers forbid some of it.
                let _ = write!(out, "\\U{:08X}", u32::from(c));
            }
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::{Tree, document};

    /// Text that a reader could take for something else.
    const WORDS: &str = "\
        a|A b|/a/{b} |\
        true|No|null|~|1|1.10|-1|0x1f|1e3|.5|.inf|\
        - a|a: b|a #b|# a|'a'|\"a\"|a\\b|^\\$|\
        *a|&a|!a|%a|@a|`a|[a]|{a}|a,b|\
        ?|:|-|<<|=|é|\u{1f600}|\u{85}|\u{2028}|\u{feff}|a\u{7f}|a\nb|a\tb|\n||  |2020-01-01|a-|$ref|y|ON";

    #[test]
    fn what_is_written_reads_back_equal() {
        let texts: Vec<_> = WORDS.split('|').map(|word| Tree::Text(word.to_owned())).collect();
        let keys: Vec<_> = WORDS.split('|').map(|word| (word.to_owned(), Tree::Text(word.to_owned()))).collect();
        let map = |key: &str, value: Tree| Tree::Map(vec![(key.to_owned(), value)]);
        let numbers =
            vec![Tree::Int(i64::MIN), Tree::Int(0), Tree::Float(1.0), Tree::Float(-2.5e300), Tree::Float(1e-9)];
        let others = vec![Tree::Null, Tree::Bool(true), Tree::Bool(false), Tree::List(vec![]), Tree::Map(vec![])];
        let nested = Tree::List(vec![
            Tree::List(vec![Tree::List(vec![map("a", map("b", Tree::List(vec![])))]), Tree::Map(vec![])]),
            Tree::Map(vec![("a".to_owned(), Tree::List(texts.clone())), ("b".to_owned(), Tree::Map(keys.clone()))]),
        ]);
        for tree in [Tree::List(texts), Tree::Map(keys), Tree::List(numbers), Tree::List(others), nested, Tree::Null] {
            let text = document("A comment", &tree);
            assert_eq!(Tree::parse(&text).unwrap(), tree, "{text}");
            assert!(
                text.starts_with("# A comment\n") && text.is_ascii() && !text.lines().any(|line| line.ends_with(' '))
            );
        }
    }
}
