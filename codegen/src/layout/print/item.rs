//! Items, their members and their attributes.

use super::super::boxes::{Break, INDENT};
use super::super::tokens::Kind;
use super::Printer;

impl<'t> Printer<'t> {
    pub(super) fn item(&mut self) {
        self.attributes();
        let visibility = self.at;
        let keyword = self.behind_visibility(visibility);
        match self.tokens.text(keyword) {
            "struct" => self.all_together(INDENT, |printer| printer.body(Self::field)),
            "enum" => self.all_together(INDENT, |printer| printer.body(Self::variant)),
            "impl" => self.implementation(),
            "mod" => self.module(),
            "fn" => self.function(),
            "use" => {
                self.visibility();
                self.keyword();
                self.use_tree();
                self.expect(";");
            }
            "const" | "static" => self.all_together(0, Self::value),
            "type" => self.all_together(INDENT, Self::alias),
            _ => self.macro_item(),
        }
    }

    /// The index of the keyword of an item.
    fn behind_visibility(&self, at: usize) -> usize {
        if self.tokens.text(at) != "pub" {
            return at;
        }
        if self.tokens.text(at + 1) == "(" { self.tokens.behind(at + 1) } else { at + 1 }
    }

    fn visibility(&mut self) {
        let end = self.behind_visibility(self.at);
        if self.at < end {
            while self.at < end {
                self.token();
            }
            self.word(" ");
        }
    }

    /// A keyword, and a space.
    fn keyword(&mut self) {
        self.token();
        self.word(" ");
    }

    /// A struct or an enum with its members in braces.
    fn body(&mut self, mut member: impl FnMut(&mut Self)) {
        self.visibility();
        self.keyword();
        self.name();
        self.generics();
        self.word(" ");
        self.braces(|printer| {
            while !printer.is_done() {
                member(printer);
                if !printer.is_done() && !printer.skip(",") {
                    printer.refuse();
                }
                printer.word(",");
                printer.hard_break();
            }
        });
    }

    /// The braces of what begins here, in the box around it. Who reads them ends each member with a new line.
    pub(super) fn braces(&mut self, read: impl FnOnce(&mut Self)) {
        let Some(close) = self.close("{") else { return self.refuse() };
        self.word("{");
        self.inside(close, |printer| {
            if !printer.is_done() {
                printer.line_break(Break::HARD);
                read(printer);
            }
        });
        self.word("}");
    }

    /// A new line, a step back if the group is done.
    pub(super) fn hard_break(&mut self) {
        self.line_break(if self.is_done() { Break::HARD.back() } else { Break::HARD });
    }

    fn field(&mut self) {
        self.attributes();
        self.visibility();
        if self.tokens.text(self.at + 1) == ":" {
            self.name();
            self.token();
            self.word(" ");
        }
        self.ty();
    }

    fn variant(&mut self) {
        self.attributes();
        self.name();
        if let Some(close) = self.close("(") {
            self.word("(");
            self.list(close, INDENT, Self::field);
            self.word(")");
        }
    }

    fn implementation(&mut self) {
        self.all_together(INDENT, |printer| {
            printer.each_alone(-INDENT, |printer| {
                printer.all_together(INDENT, |printer| {
                    printer.token();
                    printer.generics();
                });
                printer.word(" ");
                printer.ty();
                if printer.is("for") {
                    printer.line_break(Break::SPACE);
                    printer.keyword();
                    printer.ty();
                }
            });
            printer.word(" ");
            printer.braces(|printer| {
                while !printer.is_done() {
                    printer.impl_item();
                    printer.hard_break();
                }
            });
        });
    }

    fn impl_item(&mut self) {
        self.attributes();
        match self.tokens.text(self.behind_visibility(self.at)) {
            "fn" => self.function(),
            "const" => self.all_together(0, Self::value),
            "type" => self.all_together(INDENT, Self::alias),
            _ => self.macro_item(),
        }
    }

    /// A constant or a static.
    fn value(&mut self) {
        self.visibility();
        self.keyword();
        self.name();
        self.expect(":");
        self.word(" ");
        self.ty();
        self.expect_as("=", " = ");
        self.line_break(Break::NEVER);
        self.expr(false);
        self.expect(";");
    }

    fn alias(&mut self) {
        self.visibility();
        self.keyword();
        self.name();
        self.generics();
        self.expect_as("=", " = ");
        self.line_break(Break::NEVER);
        self.each_alone(-INDENT, Self::ty);
        self.expect(";");
    }

    fn module(&mut self) {
        self.all_together(INDENT, |printer| {
            printer.visibility();
            printer.keyword();
            printer.name();
            if printer.is(";") {
                return printer.token();
            }
            printer.word(" ");
            printer.braces(|printer| {
                while !printer.is_done() {
                    printer.item();
                    printer.hard_break();
                }
            });
        });
    }

    fn function(&mut self) {
        self.all_together(INDENT, |printer| {
            printer.visibility();
            printer.keyword();
            printer.name();
            printer.generics();
            let Some(close) = printer.close("(") else { return printer.refuse() };
            printer.word("(");
            printer.line_break(Break::NEVER);
            printer.list(close, 0, Self::argument);
            printer.word(")");
            printer.all_together(-INDENT, |printer| {
                if printer.skip("->") {
                    printer.word(" -> ");
                    printer.ty();
                }
            });
            printer.word(" ");
            printer.braces(Self::statements);
        });
    }

    fn argument(&mut self) {
        self.pattern();
        if self.skip(":") {
            self.word(": ");
            self.ty();
        }
    }

    /// `<'a, T: Trait>`.
    fn generics(&mut self) {
        let Some(close) = self.close("<") else { return };
        self.word("<");
        self.list(close, 0, |printer| {
            printer.name();
            printer.each_alone(INDENT, |printer| {
                if printer.skip(":") {
                    printer.word(": ");
                    printer.bound();
                    while printer.is("+") {
                        printer.line_break(Break::SPACE);
                        printer.keyword();
                        printer.bound();
                    }
                }
            });
        });
        self.word(">");
    }

    fn use_tree(&mut self) {
        let start = self.at;
        while !self.is_done() && !self.is(",") && !self.is(";") {
            match (self.kind(), self.next()) {
                (Some(Kind::Open(close)), "{") => self.use_group(close),
                (Some(Kind::Word), _) | (_, "::" | "*") => self.token(),
                _ => self.refuse(),
            }
        }
        if self.at == start {
            self.refuse();
        }
    }

    fn use_group(&mut self, close: usize) {
        let is_one = (self.at + 1..close).all(|at| self.tokens.text(at) != ",");
        if is_one && self.tokens.text(self.at + 1) != "self" {
            return self.inside(close, Self::use_tree);
        }
        self.all_together(INDENT, |printer| {
            printer.word("{");
            printer.inside(close, |printer| {
                printer.line_break(Break::ZERO);
                printer.each_alone(0, |printer| {
                    while !printer.is_done() {
                        printer.use_tree();
                        if !printer.is_done() && !printer.skip(",") {
                            printer.refuse();
                        }
                        if !printer.is_done() {
                            printer.word(",");
                            printer.line_break(Break::SPACE);
                        }
                    }
                });
                printer.line_break(Break::COMMA.back());
            });
            printer.word("}");
        });
    }

    pub(super) fn attributes(&mut self) {
        while let (Some(Kind::Punct), "#") = (self.kind(), self.next()) {
            self.at += 1;
            let Some(close) = self.close("[") else { return self.refuse() };
            let line = self.at + 3;
            match self.tokens.kind(line) {
                Some(Kind::Prose) if close == line + 1 => {
                    self.word("///");
                    self.word(self.tokens.text(line));
                    self.line_break(Break::HARD);
                    self.at = close + 1;
                }
                _ => {
                    self.word("#[");
                    self.inside(close, Self::attribute);
                    self.word("]");
                    self.line_break(Break::SPACE);
                }
            }
        }
    }

    /// The inside of an attribute, or one of several inside of its parentheses.
    fn attribute(&mut self) {
        while !self.is_done() && !self.is(",") {
            match (self.close("("), self.next()) {
                (Some(close), _) => {
                    self.word("(");
                    self.series(close, INDENT, Break::ZERO, Self::attribute);
                    self.word(")");
                }
                (None, "=") => {
                    self.word(" = ");
                    self.at += 1;
                }
                _ => self.token(),
            }
        }
    }
}
