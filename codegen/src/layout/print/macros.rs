//! Calls of macros, whose tokens say nothing of what they mean.

use super::super::boxes::{Break, INDENT};
use super::super::tokens::Kind;
use super::Printer;
use super::ty::Style;

const KEYWORDS: [&str; 36] = [
    "as", "async", "await", "box", "break", "const", "continue", "crate", "dyn", "else", "enum", "extern", "fn", "for",
    "if", "impl", "in", "let", "loop", "macro", "match", "mod", "move", "mut", "pub", "ref", "return", "static",
    "struct", "trait", "type", "unsafe", "use", "where", "while", "yield",
];

/// What came before.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    Start,
    Dot,
    Colons,
    Value,
    Bang,
    Group,
    Other,
}

impl<'t> Printer<'t> {
    /// A call of a macro among items.
    pub(super) fn macro_item(&mut self) {
        self.path(Style::Type);
        self.expect("!");
        if self.is("{") {
            return self.refuse();
        }
        self.macro_group();
        self.expect(";");
    }

    /// The group of tokens behind the `!`.
    pub(super) fn macro_group(&mut self) {
        let Some(Kind::Open(close)) = self.kind() else { return self.refuse() };
        self.token();
        self.at -= 1;
        self.inside(close, |printer| {
            if printer.is_done() {
                return;
            }
            printer.all_together(INDENT, |printer| {
                printer.line_break(Break::ZERO);
                printer.each_alone(0, Self::macro_tokens);
                printer.line_break(Break::ZERO.back());
            });
        });
        let end = self.tokens.text(close);
        self.word(end);
    }

    fn macro_tokens(&mut self) {
        let mut before = Before::Start;
        while !self.is_done() {
            let (space, now) = self.spacing(before);
            if space && before != Before::Start {
                self.line_break(Break::SPACE);
            } else if self.is(".") && before != Before::Start {
                self.line_break(Break::ZERO);
            }
            match self.kind() {
                Some(Kind::Open(close)) if !self.is("<") => {
                    self.token();
                    self.at -= 1;
                    self.inside(close, Self::macro_tokens);
                    let end = self.tokens.text(close);
                    self.word(end);
                }
                _ => self.token(),
            }
            before = now;
        }
    }

    /// Whether a space stands before the next token, and what it is to the one behind it.
    fn spacing(&self, before: Before) -> (bool, Before) {
        let joins = matches!(before, Before::Dot | Before::Colons);
        match (self.kind(), self.next()) {
            (Some(Kind::Open(_)), "(" | "[") => match before {
                Before::Value => (false, Before::Group),
                Before::Bang => (false, Before::Other),
                _ => (true, Before::Group),
            },
            (Some(Kind::Word), word) if !KEYWORDS.contains(&word) => (!joins, Before::Value),
            (Some(Kind::Literal), _) => (!joins, Before::Value),
            (_, "!") if before == Before::Value => (false, Before::Bang),
            (_, "," | ";") => (false, Before::Other),
            (_, ".") => (before != Before::Value && before != Before::Group, Before::Dot),
            (_, "::") => (before != Before::Value, Before::Colons),
            _ => (true, Before::Other),
        }
    }
}
