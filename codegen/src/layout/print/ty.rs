//! Types, paths and patterns.

use super::super::boxes::{Break, INDENT};
use super::super::tokens::Kind;
use super::Printer;

/// How a path writes its lists of types.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// `A<T>`.
    Type,
    /// `A::<T>`.
    Value,
}

impl<'t> Printer<'t> {
    pub(super) fn ty(&mut self) {
        match (self.kind(), self.next()) {
            (Some(Kind::Open(close)), "(") => self.tuple(close, Self::ty),
            (Some(Kind::Open(close)), "[") => {
                self.word("[");
                self.inside(close, Self::ty);
                self.word("]");
            }
            (_, "&") => {
                self.token();
                while self.next().starts_with('\'') || self.is("mut") {
                    self.token();
                    self.word(" ");
                }
                self.ty();
            }
            (_, "impl" | "dyn") => {
                self.token();
                self.word(" ");
                self.bound();
                while self.skip("+") {
                    self.word(" + ");
                    self.bound();
                }
            }
            _ => {
                self.path(Style::Type);
            }
        }
    }

    /// A trait or a lifetime that something has to have.
    pub(super) fn bound(&mut self) {
        self.path(Style::Type);
    }

    /// `(a, b)`, `(a,)` and `()`.
    pub(super) fn tuple(&mut self, close: usize, mut one: impl FnMut(&mut Self)) {
        self.word("(");
        self.inside(close, |printer| {
            if printer.is_done() {
                return;
            }
            printer.all_together(INDENT, |printer| {
                printer.line_break(Break::ZERO);
                one(printer);
                if printer.at + 1 == printer.end && printer.skip(",") {
                    printer.word(",");
                    return printer.line_break(Break::ZERO.back());
                }
                printer.comma(Break::COMMA);
                while !printer.is_done() {
                    one(printer);
                    printer.comma(Break::COMMA);
                }
            });
        });
        self.word(")");
    }

    /// A path such as `a::B<T>` or `<T as Trait>::A`; whether it is a single name of four letters at most.
    pub(super) fn path(&mut self, style: Style) -> bool {
        let (first, start) = (self.next(), self.at);
        if let Some(close) = self.close("<") {
            self.word("<");
            self.inside(close, |printer| {
                printer.ty();
                if printer.skip("as") {
                    printer.word(" as ");
                    printer.path(Style::Type);
                }
            });
            self.word(">");
        } else {
            self.name();
        }
        loop {
            if self.is("::") && self.tokens.text(self.at + 1) == "<" || style == Style::Type && self.is("<") {
                self.skip("::");
                self.types(style);
            } else if self.is("::") {
                self.token();
                self.name();
            } else {
                return self.at == start + 1 && first.len() <= INDENT as usize;
            }
        }
    }

    /// `<T, U>`, or `::<T, U>`.
    pub(super) fn types(&mut self, style: Style) {
        let Some(close) = self.close("<") else { return self.refuse() };
        self.word(if style == Style::Value { "::<" } else { "<" });
        self.list(close, INDENT, |printer| {
            if printer.tokens.text(printer.at + 1) == "=" {
                printer.name();
                printer.word(" = ");
                printer.at += 1;
            }
            printer.ty();
        });
        self.word(">");
    }

    pub(super) fn pattern(&mut self) {
        while self.is("&") || self.is("mut") {
            self.token();
            if self.tokens.text(self.at - 1) == "mut" {
                self.word(" ");
            }
        }
        if let Some(close) = self.close("(") {
            return self.tuple(close, Self::pattern);
        }
        self.path(Style::Value);
        if let Some(close) = self.close("(") {
            self.word("(");
            self.list(close, INDENT, Self::pattern);
            self.word(")");
        }
    }
}
