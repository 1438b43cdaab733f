//! Reduces a document to its facts.

use super::keywords::{Kind, Rule, rule};
use super::refusal::Refusal;
use super::tree::{Tree, escape};

/// The only form of server address that is understood: its base path is a fact, the rest a placeholder.
const SERVER: &str = "{protocol}://{hostname}{basePath}";

/// What a file's outermost map holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Root {
    /// One node.
    Node(Kind),
    /// Names, each with a node.
    Named(Kind),
}

impl Root {
    /// What this is, for a message.
    pub(super) fn describe(self) -> String {
        match self {
            Self::Node(kind) => format!("a {}", kind.describe()),
            Self::Named(kind) => format!("a map of names, each with a {}", kind.describe()),
        }
    }
}

/// A `$ref` as it stands in a file.
#[derive(Clone, Debug)]
pub(super) struct Link {
    pub(super) file: String,
    pub(super) pointer: String,
    pub(super) target: String,
    pub(super) kind: Kind,
}

/// What is left of a file, and where it leads.
#[derive(Debug)]
pub(super) struct Reduced {
    pub(super) tree: Tree,
    pub(super) links: Vec<Link>,
    pub(super) refusals: Vec<Refusal>,
}

/// Reduces a file.
pub(super) fn reduce(file: &str, root: Root, tree: &Tree) -> Reduced {
    let mut reducer = Reducer { file, links: Vec::new(), refusals: Vec::new() };
    let tree = match root {
        Root::Node(kind) => reducer.node(kind, tree, ""),
        Root::Named(kind) => reducer.named(kind, tree, ""),
    };
    Reduced { tree, links: reducer.links, refusals: reducer.refusals }
}

struct Reducer<'a> {
    file: &'a str,
    links: Vec<Link>,
    refusals: Vec<Refusal>,
}

impl Reducer<'_> {
    /// Notes a refusal and goes on, so that one run shows all of them.
    fn refuse(&mut self, pointer: &str, message: impl Into<String>) -> Tree {
        self.refusals.push(Refusal::new(self.file, pointer, message));
        Tree::Null
    }

    fn expected(&mut self, pointer: &str, what: &str, found: &Tree) -> Tree {
        self.refuse(pointer, format!("expected {what}, found {}", found.kind()))
    }

    /// A map of keywords.
    fn node(&mut self, kind: Kind, tree: &Tree, pointer: &str) -> Tree {
        let Tree::Map(entries) = tree else { return self.expected(pointer, "a map", tree) };
        let mut kept = Vec::new();
        for (key, value) in entries {
            let place = format!("{pointer}/{}", escape(key));
            match rule(kind, key) {
                None => {
                    self.refuse(&place, format!("unknown keyword `{key}` in a {}", kind.describe()));
                }
                Some(rule) => kept.extend(self.value(kind, rule, value, &place).map(|value| (key.clone(), value))),
            }
        }
        Tree::Map(kept)
    }

    /// A map of names.
    fn named(&mut self, kind: Kind, tree: &Tree, pointer: &str) -> Tree {
        let Tree::Map(entries) = tree else { return self.expected(pointer, "a map", tree) };
        let mut kept = Vec::new();
        for (name, value) in entries {
            kept.push((name.clone(), self.node(kind, value, &format!("{pointer}/{}", escape(name)))));
        }
        Tree::Map(kept)
    }

    fn nodes(&mut self, kind: Kind, tree: &Tree, pointer: &str) -> Tree {
        let Tree::List(items) = tree else { return self.expected(pointer, "a list", tree) };
        let kept = items.iter().enumerate();
        Tree::List(kept.map(|(index, item)| self.node(kind, item, &format!("{pointer}/{index}"))).collect())
    }

    /// What is kept of a keyword's value, if anything.
    fn value(&mut self, kind: Kind, rule: Rule, tree: &Tree, pointer: &str) -> Option<Tree> {
        Some(match rule {
            Rule::Drop => return None,
            // What OpenAPI takes for granted in a query and in a path.
            Rule::Style if matches!(tree.text(), Some("form" | "simple")) => return None,
            Rule::Style => self.refuse(pointer, "this style is not understood"),
            Rule::Title => return self.title(tree, pointer),
            Rule::Data => tree.clone(),
            Rule::Text => self.only(is_text(tree), "a string", tree, pointer),
            Rule::Flag => self.only(is_flag(tree), "a boolean", tree, pointer),
            Rule::Number => self.only(is_number(tree), "a number", tree, pointer),
            Rule::Texts => self.only(is_texts(tree), "a list of strings", tree, pointer),
            Rule::TextOrTexts => self.only(is_text(tree) || is_texts(tree), "one string or more", tree, pointer),
            Rule::Values => self.only(matches!(tree, Tree::List(_)), "a list", tree, pointer),
            Rule::Security => self.only(is_security(tree), "a list of schemes", tree, pointer),
            Rule::Added => {
                let version = tree.text().is_some_and(is_version);
                self.only(version, "a version", tree, pointer)
            }
            Rule::Changed => self.changed(tree, pointer),
            Rule::Servers => self.servers(tree, pointer),
            Rule::Link => self.link(kind, tree, pointer),
            Rule::Node(kind) => self.node(kind, tree, pointer),
            Rule::Nodes(kind) => self.nodes(kind, tree, pointer),
            Rule::Named(kind) => self.named(kind, tree, pointer),
            Rule::SchemaOrFlag if is_flag(tree) => tree.clone(),
            Rule::SchemaOrFlag => self.node(Kind::Schema, tree, pointer),
        })
    }

    fn only(&mut self, fits: bool, what: &str, tree: &Tree, pointer: &str) -> Tree {
        if fits { tree.clone() } else { self.expected(pointer, what, tree) }
    }

    /// A title is a fact where it names a type, and prose where it is a sentence.
    fn title(&mut self, tree: &Tree, pointer: &str) -> Option<Tree> {
        match tree.text() {
            None => Some(self.expected(pointer, "a string", tree)),
            Some(text) => is_name(text).then(|| tree.clone()),
        }
    }

    fn changed(&mut self, tree: &Tree, pointer: &str) -> Tree {
        let Tree::Map(entries) = tree else { return self.expected(pointer, "a map of versions", tree) };
        let mut versions = Vec::new();
        for (version, _) in entries {
            if !is_version(version) {
                return self.refuse(&format!("{pointer}/{}", escape(version)), format!("`{version}` is no version"));
            }
            versions.push(Tree::Text(version.clone()));
        }
        Tree::List(versions)
    }

    fn link(&mut self, kind: Kind, tree: &Tree, pointer: &str) -> Tree {
        let Some(target) = tree.text() else { return self.expected(pointer, "a string", tree) };
        let (file, pointer, target) = (self.file.to_owned(), pointer.to_owned(), target.to_owned());
        self.links.push(Link { file, pointer, target, kind });
        tree.clone()
    }

    fn servers(&mut self, tree: &Tree, pointer: &str) -> Tree {
        if let Some(base) = bare_base(tree) {
            return reduced_servers(base);
        }
        let known = ["protocol", "hostname", "basePath"];
        let server = match tree {
            Tree::List(items) if items.len() == 1 => &items[0],
            _ => return self.refuse(pointer, "expected exactly one server"),
        };
        if server.get("url").and_then(Tree::text) != Some(SERVER) {
            return self.refuse(&format!("{pointer}/0/url"), format!("expected `{SERVER}`"));
        }
        let place = format!("{pointer}/0/variables");
        let Some(Tree::Map(variables)) = server.get("variables") else {
            return self.refuse(&place, "expected a map of variables");
        };
        if let Some((name, _)) = variables.iter().find(|(name, _)| !known.contains(&name.as_str())) {
            return self.refuse(&format!("{place}/{}", escape(name)), format!("unknown variable `{name}`"));
        }
        match server.at("/variables/basePath/default") {
            Some(base @ Tree::Text(_)) => reduced_servers(base.clone()),
            _ => self.refuse(&format!("{place}/basePath/default"), "expected a string"),
        }
    }
}

/// The base of a document whose server is one variable, `{base}`, and nothing else.
fn bare_base(tree: &Tree) -> Option<Tree> {
    let Tree::List(items) = tree else { return None };
    let [server] = items.as_slice() else { return None };
    let bare = server.get("url").and_then(Tree::text) == Some("{base}");
    let only = matches!(server.get("variables"), Some(Tree::Map(variables)) if variables.len() == 1);
    let base = server.at("/variables/base/default").filter(|base| is_text(base));
    base.filter(|_| bare && only).cloned()
}

fn reduced_servers(base: Tree) -> Tree {
    let map = |key: &str, value| Tree::Map(vec![(key.to_owned(), value)]);
    Tree::List(vec![Tree::Map(vec![
        ("url".to_owned(), Tree::Text("{basePath}".to_owned())),
        ("variables".to_owned(), map("basePath", map("default", base))),
    ])])
}

fn is_text(tree: &Tree) -> bool {
    matches!(tree, Tree::Text(_))
}

fn is_flag(tree: &Tree) -> bool {
    matches!(tree, Tree::Bool(_))
}

fn is_number(tree: &Tree) -> bool {
    matches!(tree, Tree::Int(_) | Tree::Float(_))
}

fn is_texts(tree: &Tree) -> bool {
    matches!(tree, Tree::List(items) if items.iter().all(is_text))
}

/// Alternatives, each a map from schemes to their scopes.
fn is_security(tree: &Tree) -> bool {
    let scopes = |(_, scopes): &(String, Tree)| is_texts(scopes);
    let schemes = |tree: &Tree| matches!(tree, Tree::Map(schemes) if schemes.iter().all(scopes));
    matches!(tree, Tree::List(items) if items.iter().all(schemes))
}

fn is_version(text: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    text.split_once('.').is_some_and(|(major, minor)| digits(major) && digits(minor))
}

/// One word that could name a type.
fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}
