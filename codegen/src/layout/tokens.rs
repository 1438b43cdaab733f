//! Tokens in one flat list, with all of their text in one place.

use std::fmt::Write as _;

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A name, a keyword or a lifetime.
    Word,
    Literal,
    /// A line of documentation, as it is meant.
    Prose,
    /// An operator of one or two characters.
    Punct,
    /// `(`, `[` or `{`, or a `<` that a `>` belongs to; and the index of what closes it.
    Open(usize),
    Close,
}

/// A token and where its text stands.
#[derive(Clone, Copy, Debug)]
struct Token {
    kind: Kind,
    from: usize,
    to: usize,
}

/// The tokens of an item.
#[derive(Debug)]
pub(super) struct Tokens {
    text: String,
    all: Vec<Token>,
    /// The first one that has no place in what can be printed.
    fault: Option<usize>,
}

/// Operators that are written as one.
const PAIRS: [&str; 8] = ["::", "->", "=>", "==", "!=", "&&", "||", ".."];

impl Tokens {
    pub(super) fn of(stream: TokenStream) -> Self {
        let mut tokens = Self { text: String::with_capacity(4096), all: Vec::with_capacity(512), fault: None };
        tokens.add(stream, false);
        tokens
    }

    /// The index of the first token that no printer can read.
    pub(super) fn fault(&self) -> Option<usize> {
        self.fault
    }

    /// How the item begins that a token belongs to, without its attributes.
    pub(super) fn item(&self, index: usize) -> String {
        let (mut start, mut at) = (0, 0);
        while at < index && self.behind(at) <= index {
            let ends = [";", "{"].contains(&self.text(at));
            at = self.behind(at);
            start = if ends { at } else { start };
        }
        while self.text(start) == "#" && self.text(start + 1) == "[" {
            start = self.behind(start + 1);
        }
        let head = (start..self.len()).map(|at| self.text(at));
        let head = head.take_while(|text| !["{", "(", "=", ";", ":"].contains(text));
        head.collect::<Vec<_>>().join(" ")
    }

    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    /// The text of a token; none behind the last one.
    pub(super) fn text(&self, index: usize) -> &str {
        self.all.get(index).map_or("", |token| &self.text[token.from..token.to])
    }

    pub(super) fn kind(&self, index: usize) -> Option<Kind> {
        self.all.get(index).map(|token| token.kind)
    }

    /// The index of the token behind this one, or behind the group that it opens.
    pub(super) fn behind(&self, index: usize) -> usize {
        match self.kind(index) {
            Some(Kind::Open(close)) => close + 1,
            _ => index + 1,
        }
    }

    /// Adds what may be the inside of an attribute.
    fn add(&mut self, stream: TokenStream, is_attribute: bool) {
        let first = self.all.len();
        let mut is_joint = false;
        for tree in stream {
            let follows = std::mem::take(&mut is_joint);
            match tree {
                TokenTree::Ident(ident) => self.word(follows, |text| write!(text, "{ident}")),
                TokenTree::Literal(literal) => {
                    self.push(Kind::Literal, |text| write!(text, "{literal}"));
                    if is_attribute && self.all.len() == first + 3 {
                        self.prose();
                    }
                }
                TokenTree::Punct(punct) => {
                    is_joint = punct.spacing() == Spacing::Joint;
                    self.punct(punct.as_char(), follows);
                }
                TokenTree::Group(group) => {
                    let (delimiter, stream) = (group.delimiter(), group.stream());
                    // So that the tokens inside are moved, not copied.
                    drop(group);
                    self.group(delimiter, stream);
                }
            }
        }
        self.pair_angles(first);
    }

    fn push(&mut self, kind: Kind, write: impl FnOnce(&mut String) -> std::fmt::Result) {
        let from = self.text.len();
        write(&mut self.text).expect("a string takes all");
        self.all.push(Token { kind, from, to: self.text.len() });
    }

    /// A name, which makes a lifetime of a tick right before it.
    fn word(&mut self, follows: bool, write: impl FnOnce(&mut String) -> std::fmt::Result) {
        self.push(Kind::Word, write);
        let last = self.all.len() - 1;
        if follows && self.text(last - 1) == "'" {
            let to = self.all[last].to;
            self.all.pop();
            self.all[last - 1] = Token { kind: Kind::Word, to, ..self.all[last - 1] };
        }
    }

    /// Makes a line of documentation of the string behind `doc =`.
    fn prose(&mut self) {
        let last = self.all.len() - 1;
        if self.text(last - 1) != "=" || self.text(last - 2) != "doc" {
            return;
        }
        if let Some(line) = line(self.text(last)) {
            self.text.truncate(self.all[last].from);
            self.all.pop();
            self.push(Kind::Prose, |text| text.write_str(&line));
        }
    }

    fn refuse(&mut self, index: usize) {
        self.fault = self.fault.or(Some(index));
    }

    fn punct(&mut self, mark: char, follows: bool) {
        if let Some(last) = self.all.last_mut().filter(|last| follows && last.kind == Kind::Punct) {
            self.text.push(mark);
            if PAIRS.contains(&&self.text[last.from..]) {
                last.to = self.text.len();
                return;
            }
            self.text.pop();
            // Half of `<=`, `+=`, `..=` or `...`.
            if mark == '=' || mark == '.' {
                self.refuse(self.all.len());
            }
        }
        self.push(Kind::Punct, |text| {
            text.push(mark);
            Ok(())
        });
    }

    fn group(&mut self, delimiter: Delimiter, stream: TokenStream) {
        let (open, close) = match delimiter {
            Delimiter::Parenthesis => ("(", ")"),
            Delimiter::Bracket => ("[", "]"),
            Delimiter::Brace => ("{", "}"),
            // Brackets that no text has, though they hold together what is inside.
            Delimiter::None => {
                self.refuse(self.all.len());
                return self.add(stream, false);
            }
        };
        let start = self.all.len();
        let is_attribute = open == "[" && start > 0 && self.text(start - 1) == "#";
        self.push(Kind::Close, |text| text.write_str(open));
        self.add(stream, is_attribute);
        self.all[start].kind = Kind::Open(self.all.len());
        self.push(Kind::Close, |text| text.write_str(close));
    }

    /// Finds the `>` of every `<` on the level that begins here.
    fn pair_angles(&mut self, first: usize) {
        let mut open = Vec::new();
        let mut at = first;
        while at < self.all.len() {
            match (self.all[at].kind, self.text(at)) {
                (Kind::Punct, "<") => open.push(at),
                (Kind::Punct, ">") => {
                    let Some(start) = open.pop() else { return self.refuse(at) };
                    self.all[start].kind = Kind::Open(at);
                    self.all[at].kind = Kind::Close;
                }
                (Kind::Open(close), _) => at = close,
                _ => {}
            }
            at += 1;
        }
        if let Some(start) = open.first() {
            self.refuse(*start);
        }
    }
}

/// What a string literal says, if that can be a line of documentation.
fn line(literal: &str) -> Option<String> {
    let (is_raw, quoted) = literal.strip_prefix('r').map_or((false, literal), |raw| (true, raw));
    let mut line = String::new();
    let mut rest = quoted.trim_matches('#').strip_prefix('"')?.strip_suffix('"')?.chars();
    while let Some(letter) = rest.next() {
        line.push(match letter {
            '\n' => return None,
            '\\' if !is_raw => match rest.next()? {
                letter @ ('"' | '\'' | '\\') => letter,
                't' => '\t',
                _ => return None,
            },
            letter => letter,
        });
    }
    line.truncate(line.trim_end_matches(' ').len());
    (!line.starts_with('/')).then_some(line)
}
