//! Rows that some releases have and others lack.
//!
//! A key of a table or of our words, or an item of a list, may say for which
//! releases it is meant: `getMutualRooms since v1.19`, `putThing until v1.18`,
//! `getThing since v1.14 until v1.17`. Outside of its releases a row is not
//! there at all. This way the same tables serve every release, and a step back
//! and forth leaves nothing behind.

use crate::error::{Error, Errors};
use crate::node::{Node, escape};
use crate::patch::Release;

/// Takes out what is meant for other releases, and the marks of what is left.
///
/// Documents that name no release get every row, as they get every patch.
pub(crate) fn select(file: &str, root: Node, release: Option<Release>) -> Result<Node, Errors> {
    let mut errors = Errors::default();
    // What is kept for old programs is kept for two releases: a row is two levels deep there.
    let bounded = |pointer: &str| file.ends_with("/compatibility.yaml") && pointer.matches('/').count() == 2;
    let mut read = |pointer: &str, text: &str| {
        let span =
            Span::read(text).and_then(|span| if bounded(pointer) { Span::bounded(span, text) } else { Ok(span) });
        errors.keep(span.map_err(|message| Error::new(file, pointer, message))).flatten()
    };
    let selected = node(root, &mut read, release, "");
    errors.or(selected)
}

/// A row's own name and the releases it is for.
#[derive(Debug, PartialEq, Eq)]
struct Span {
    name: String,
    since: Option<Release>,
    until: Option<Release>,
}

impl Span {
    /// Reads a key or an item; one without a mark is for every release.
    fn read(text: &str) -> Result<Option<Self>, String> {
        let mut words = text.split(' ');
        let name = words.next().unwrap_or_default().to_owned();
        let marks: Vec<&str> = words.collect();
        let marked = marks.first().is_some_and(|word| ["since", "until"].contains(word));
        if !marked {
            return Ok(None);
        }
        let of = |tag: &str| Release::parse(tag).ok_or_else(|| format!("`{tag}` is no release, such as v1.19"));
        let (since, until) = match marks.as_slice() {
            ["since", since] => (Some(of(since)?), None),
            ["until", until] => (None, Some(of(until)?)),
            ["since", since, "until", until] => (Some(of(since)?), Some(of(until)?)),
            _ => return Err(format!("`{text}` should end in `since v1.19`, `until v1.19`, or both in this order")),
        };
        if since.zip(until).is_some_and(|(since, until)| until < since) {
            return Err(format!("`{text}` is over before it begins"));
        }
        Ok(Some(Self { name, since, until }))
    }

    /// The same, if it ends with the release after the one that it begins with, or earlier.
    fn bounded(span: Option<Self>, text: &str) -> Result<Option<Self>, String> {
        let (since, until) = span.as_ref().map_or((None, None), |span| (span.since, span.until));
        match since.zip(until) {
            Some((since, until)) if since.is_at_most_one_before(until) => Ok(span),
            _ => Err(format!("`{text}` should say for which two releases: `since v1.19 until v1.20`")),
        }
    }

    fn holds(&self, release: Option<Release>) -> bool {
        let Some(release) = release else { return true };
        self.since.is_none_or(|since| since <= release) && self.until.is_none_or(|until| release <= until)
    }
}

type Read<'r> = &'r mut dyn FnMut(&str, &str) -> Option<Span>;

fn node(from: Node, read: Read<'_>, release: Option<Release>, pointer: &str) -> Node {
    match from {
        Node::Map(entries) => {
            let mut kept = Vec::new();
            for (key, value) in entries {
                let at = format!("{pointer}/{}", escape(&key));
                let (key, holds) = match read(&at, &key) {
                    Some(span) => (span.name.clone(), span.holds(release)),
                    None => (key, true),
                };
                if holds {
                    kept.push((key, node(value, read, release, &at)));
                }
            }
            Node::Map(kept)
        }
        Node::List(items) => {
            let mut kept = Vec::new();
            for (index, item) in items.into_iter().enumerate() {
                let at = format!("{pointer}/{index}");
                let span = if let Node::Text(text) = &item { read(&at, text) } else { None };
                match span {
                    Some(span) if span.holds(release) => kept.push(Node::Text(span.name)),
                    Some(_) => {}
                    None => kept.push(node(item, read, release, &at)),
                }
            }
            Node::List(kept)
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::select;
    use crate::node::Node;
    use crate::patch::Release;

    const TABLE: &str = "\
always: 1
young since v1.19: 2
old until v1.18: 3
between since v1.17 until v1.18: 4
list: [a, b since v1.19, c until v1.17, d e]
group: {inner since v1.18: [x until v1.18]}
";

    fn selected(release: Option<&str>) -> Node {
        let root = Node::parse("t", TABLE).expect("YAML");
        select("t", root, release.and_then(Release::parse)).expect("every mark is well formed")
    }

    fn expected(text: &str) -> Node {
        Node::parse("t", text).expect("YAML")
    }

    #[test]
    fn a_row_is_there_in_its_releases_only() {
        let of = |release: &str| selected(Some(release));
        assert_eq!(of("v1.16"), expected("{always: 1, old: 3, list: [a, c, d e], group: {}}"));
        assert_eq!(of("v1.18"), expected("{always: 1, old: 3, between: 4, list: [a, d e], group: {inner: [x]}}"));
        assert_eq!(of("v1.19"), expected("{always: 1, young: 2, list: [a, b, d e], group: {inner: []}}"));
    }

    #[test]
    fn without_a_release_every_row_is_there() {
        let all = "{always: 1, young: 2, old: 3, between: 4, list: [a, b, c, d e], group: {inner: [x]}}";
        assert_eq!(selected(None), expected(all));
    }

    #[test]
    fn a_mark_that_means_nothing_is_refused_with_its_place() {
        for (wrong, why) in [
            ("a since 1.19: 1", "t: #/a since 1.19: `1.19` is no release, such as v1.19"),
            ("- a until v1.18 since v1.17", "t: #/0: `a until v1.18 since v1.17` should end in"),
            ("a since v1.19 until v1.18: 1", "is over before it begins"),
        ] {
            let root = Node::parse("t", wrong).expect("YAML");
            let refusal = select("t", root, Release::parse("v1.19")).expect_err(wrong).to_string();
            assert!(refusal.contains(why.trim_start_matches("t: #")), "{refusal}");
        }
    }
}
