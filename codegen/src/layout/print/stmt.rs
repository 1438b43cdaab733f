//! Statements, blocks and what has blocks.

use super::super::boxes::{Break, INDENT, Part};
use super::Printer;
use super::expr::Is;

impl<'t> Printer<'t> {
    pub(super) fn statements(&mut self) {
        while !self.is_done() {
            self.each_alone(0, Self::statement);
            self.hard_break();
        }
    }

    fn statement(&mut self) {
        if self.is("let") {
            self.token();
            self.word(" ");
            self.pattern();
            if self.skip(":") {
                self.word(": ");
                self.ty();
            }
            if self.skip("=") {
                self.word(" = ");
                self.line_break(Break::NEVER);
                self.expr(false);
            }
            return self.expect(";");
        }
        match self.expr(true) {
            // A semicolon behind it would change what a block returns.
            Is::Statement | Is::Match if !self.is(";") => {}
            Is::Statement => self.refuse(),
            _ if self.is_done() => {}
            _ => self.expect(";"),
        }
    }

    pub(super) fn block(&mut self) {
        self.all_together(INDENT, Self::small_block);
    }

    /// `{ a }`, on one line if the box around it is.
    fn small_block(&mut self) {
        let Some(close) = self.close("{") else { return self.refuse() };
        let is_one = self.is_one_expr(close);
        self.word("{");
        self.inside(close, |printer| {
            if printer.is_done() {
                return;
            }
            printer.line_break(Break::SPACE);
            if is_one {
                printer.each_alone(0, Self::statement);
                printer.line_break(Break::SPACE.back());
            } else {
                printer.statements();
            }
        });
        self.word("}");
    }

    /// What a block depends on, with a space behind it.
    fn subject(&mut self) {
        let bare = std::mem::replace(&mut self.bare, true);
        self.all_together(0, |printer| {
            match printer.expr(false) {
                Is::Chain => printer.line_break(Break::SPACE),
                _ => printer.word(" "),
            };
        });
        self.bare = bare;
    }

    /// `let pattern = value` in a condition.
    pub(super) fn condition_let(&mut self) -> Is {
        self.out.push(Part::Open(0, false));
        self.token();
        self.word(" ");
        self.each_alone(0, Self::pattern);
        self.expect_as("=", " = ");
        self.line_break(Break::NEVER);
        self.out.push(Part::Open(0, false));
        let is = self.expr(false);
        self.out.push(Part::Close);
        self.out.push(Part::Close);
        is
    }

    /// `if`, with what is to be done else.
    pub(super) fn condition(&mut self) -> Is {
        self.all_together(INDENT, |printer| {
            let mut is_first = true;
            while printer.is("if") {
                printer.token();
                printer.word(" ");
                printer.all_together(-INDENT, Self::subject);
                if is_first && printer.tokens.text(printer.tokens.behind(printer.at)) != "else" {
                    return printer.braces(Self::statements);
                }
                is_first = false;
                printer.small_block();
                if !printer.skip("else") {
                    return;
                }
                printer.word(" else ");
            }
            printer.small_block();
        });
        Is::Statement
    }

    pub(super) fn repetition(&mut self) -> Is {
        self.token();
        self.word(" ");
        self.subject();
        self.body_of(Self::statements);
        Is::Statement
    }

    pub(super) fn choice(&mut self) -> Is {
        self.each_alone(0, |printer| {
            printer.token();
            printer.word(" ");
            printer.subject();
            printer.body_of(|printer| {
                while !printer.is_done() {
                    printer.each_alone(0, Self::arm);
                    printer.hard_break();
                }
            });
        });
        Is::Match
    }

    /// A block in a box of its own.
    fn body_of(&mut self, read: impl FnOnce(&mut Self)) {
        self.line_break(Break::NEVER);
        self.all_together(INDENT, |printer| printer.braces(read));
    }

    fn arm(&mut self) {
        self.pattern();
        if self.is("if") {
            self.word(" ");
            self.token();
            self.word(" ");
            self.expr(false);
        }
        self.expect_as("=>", " => ");
        let is = match self.close("{") {
            Some(close) if self.is_one_expr(close) => {
                self.inside(close, |printer| {
                    printer.arm_value();
                });
                Is::Statement
            }
            Some(_) => {
                self.body_of(Self::statements);
                Is::Statement
            }
            // Nothing is to be done.
            None if self.close("(") == Some(self.at + 1) => {
                self.at += 2;
                self.word("{}");
                Is::Other
            }
            None => self.arm_value(),
        };
        if !self.is_done() && !self.skip(",") && !matches!(is, Is::Match | Is::Statement) {
            self.refuse();
        }
    }

    /// Whether a block is nothing but one expression.
    fn is_one_expr(&self, close: usize) -> bool {
        let mut at = self.at + 1;
        while at < close && self.tokens.text(at) != ";" {
            at = self.tokens.behind(at);
        }
        at == close && at > self.at + 1
    }

    fn arm_value(&mut self) -> Is {
        self.line_break(Break::NEVER);
        let start = self.out.len();
        let is = self.expr(true);
        let instead = (!matches!(is, Is::Match | Is::Statement)).then_some(',');
        self.braced(start, is, instead);
        is
    }
}
