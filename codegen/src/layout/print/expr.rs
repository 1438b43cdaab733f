//! Expressions.

use super::super::boxes::{Break, INDENT, Part};
use super::super::tokens::Kind;
use super::Printer;
use super::ty::Style;

/// Operators between two expressions, the loosest first.
const LEVELS: [&[&str]; 6] = [&["||"], &["&&"], &["==", "!="], &["+", "-"], &["*", "/", "%"], &["as"]];

/// The level of what has a type behind it.
const CAST: usize = 5;

/// How wide a struct may be on one line.
const STRUCT: i32 = 34;

/// What an expression is as a whole, as far as the boxes around it depend on it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Is {
    /// A list, a tuple, a struct, a closure or a block.
    Block,
    Match,
    Call,
    /// What takes no comma behind it in a `match`, and no semicolon.
    Statement,
    /// What ends with a member or a call of one, or has an operator: a brace behind it gets a line of its own.
    Chain,
    Assignment,
    Other,
}

impl<'t> Printer<'t> {
    /// An expression. `first` says that it begins a line; what a short name begins stays together then.
    pub(super) fn expr(&mut self, first: bool) -> Is {
        if self.is("let") {
            return self.condition_let();
        }
        let start = self.out.len();
        let is_assigned = first && self.is_assigned();
        let is = self.operation(first && !is_assigned, 0);
        if !self.is("=") {
            return is;
        }
        self.out.insert(start, Part::Open(0, false));
        self.word(" = ");
        self.at += 1;
        self.line_break(Break::NEVER);
        self.expr(false);
        self.out.push(Part::Close);
        Is::Assignment
    }

    /// Whether something is assigned to what begins here.
    fn is_assigned(&self) -> bool {
        let mut at = self.at;
        while at < self.end && ![";", ",", "=", "{"].contains(&self.tokens.text(at)) {
            at = self.tokens.behind(at);
        }
        at < self.end && self.tokens.text(at) == "="
    }

    /// What operators of these levels hold together.
    fn operation(&mut self, first: bool, loosest: usize) -> Is {
        let start = self.out.len();
        let mut is = self.prefixed(first);
        let level_of = |operator| LEVELS.iter().position(|level| level.contains(&operator));
        while let Some(level) = level_of(self.next()).filter(|level| *level >= loosest) {
            self.out.insert(start, Part::Open(-INDENT, false));
            self.out.insert(start, Part::Open(INDENT, false));
            self.out.push(Part::Close);
            self.line_break(Break::SPACE);
            self.token();
            self.word(" ");
            if level == CAST {
                self.ty();
            } else {
                self.operation(false, level + 1);
            }
            self.out.push(Part::Close);
            is = Is::Chain;
        }
        is
    }

    fn prefixed(&mut self, first: bool) -> Is {
        if !["&", "*", "!", "-", "&&"].contains(&self.next()) {
            return self.chain(first);
        }
        self.token();
        if self.is("mut") {
            self.token();
            self.word(" ");
        }
        match self.prefixed(false) {
            Is::Chain => Is::Chain,
            _ => Is::Other,
        }
    }

    /// Something, its members, calls and `?`s.
    fn chain(&mut self, first: bool) -> Is {
        let start = self.out.len();
        let (mut is, is_short) = self.atom();
        let base = self.out.len();
        let mut dotted = None;
        loop {
            match (self.kind(), self.next()) {
                (_, ".") => {
                    let stays = first && is_short && base == self.out.len();
                    if dotted.is_none() {
                        self.out.insert(base, Part::Close);
                        self.out.insert(start, Part::Open(-INDENT, true));
                        self.out.insert(start, Part::Open(INDENT, true));
                    }
                    if !stays {
                        self.line_break(Break::ZERO);
                    }
                    self.member(stays);
                    dotted = Some(self.out.len());
                    is = Is::Chain;
                }
                (Some(Kind::Open(close)), "(") => {
                    self.arguments(close);
                    // For a brace behind it, what it calls is what counts.
                    is = if is == Is::Chain { Is::Chain } else { Is::Call };
                }
                (_, "?") => {
                    self.token();
                    is = if is == Is::Chain { Is::Chain } else { Is::Other };
                }
                _ => break,
            }
        }
        if let Some(end) = dotted {
            self.out.insert(end, Part::Close);
        }
        is
    }

    /// A member, or a call of one. `alone` says that it is the first one behind a short name.
    fn member(&mut self, alone: bool) {
        self.token();
        self.name();
        if self.is("::") {
            self.at += 1;
            self.types(Style::Value);
        }
        if let Some(close) = self.close("(") {
            let indent = if alone && !self.goes_on(close + 1) { -INDENT } else { 0 };
            self.all_together(indent, |printer| printer.arguments(close));
        }
    }

    /// Whether a member follows.
    fn goes_on(&self, mut at: usize) -> bool {
        while at < self.end && ["?", "("].contains(&self.tokens.text(at)) {
            at = self.tokens.behind(at);
        }
        at < self.end && self.tokens.text(at) == "."
    }

    fn arguments(&mut self, close: usize) {
        self.word("(");
        self.inside(close, |printer| {
            if printer.is_done() {
                return;
            }
            let start = printer.out.len();
            let is = printer.expr(false);
            if is == Is::Block && printer.at + usize::from(printer.is(",")) == printer.end {
                printer.skip(",");
                return;
            }
            printer.out.insert(start, Part::Break(Break::ZERO));
            printer.out.insert(start, Part::Open(INDENT, true));
            printer.comma(Break::COMMA);
            while !printer.is_done() {
                printer.expr(false);
                printer.comma(Break::COMMA);
            }
            printer.out.push(Part::Close);
        });
        self.word(")");
    }

    /// What is no operation, and whether it is a short name.
    fn atom(&mut self) -> (Is, bool) {
        let is = match (self.kind(), self.next()) {
            (Some(Kind::Open(close)), "(") => self.parentheses(close),
            (Some(Kind::Open(close)), "[") => {
                self.word("[");
                self.list(close, INDENT, |printer| {
                    printer.expr(false);
                });
                self.word("]");
                Is::Block
            }
            (Some(Kind::Open(_)), "{") => {
                self.block();
                Is::Block
            }
            (Some(Kind::Literal), _) => {
                self.token();
                Is::Other
            }
            (_, "|" | "||" | "move") => self.closure(),
            (_, "match") => self.choice(),
            (_, "if") => self.condition(),
            (_, "while") => self.repetition(),
            (_, "return") => {
                self.token();
                if !self.is_done() && !self.is(";") && !self.is(",") {
                    self.word(" ");
                    self.expr(false);
                }
                Is::Assignment
            }
            _ => return self.path_or_more(),
        };
        (is, false)
    }

    fn path_or_more(&mut self) -> (Is, bool) {
        let start = self.out.len();
        let is_short = self.path(Style::Value);
        if self.is("!") && matches!(self.tokens.kind(self.at + 1), Some(Kind::Open(_))) {
            self.token();
            self.macro_group();
            return (Is::Other, false);
        }
        let Some(close) = self.close("{").filter(|_| !self.bare) else { return (Is::Other, is_short) };
        if !self.tokens.text(self.at - 1).starts_with(|letter: char| letter == '>' || letter.is_ascii_uppercase()) {
            // Not a struct, but a block such as that of `loop`.
            self.refuse();
        }
        self.out.insert(start, Part::Open(-INDENT, false));
        self.out.push(Part::Close);
        self.out.insert(start, Part::Open(INDENT, true));
        self.word(" {");
        self.inside(close, |printer| {
            if !printer.is_done() {
                printer.line_break(Break::SPACE);
            }
            while !printer.is_done() {
                printer.name();
                if printer.skip(":") {
                    printer.word(": ");
                    printer.each_alone(0, |printer| {
                        printer.expr(false);
                    });
                }
                printer.comma(Break { before: Some(','), ..Break::SPACE });
            }
        });
        self.out.limit(start, STRUCT);
        self.out.push(Part::Close);
        self.word("}");
        (Is::Block, false)
    }

    fn parentheses(&mut self, close: usize) -> Is {
        let mut at = self.at + 1;
        while at < close && self.tokens.text(at) != "," {
            at = self.tokens.behind(at);
        }
        if at < close || at == self.at + 1 {
            self.tuple(close, |printer| {
                printer.expr(false);
            });
            return Is::Block;
        }
        self.word("(");
        self.inside(close, |printer| {
            printer.expr(false);
        });
        self.word(")");
        Is::Other
    }

    fn closure(&mut self) -> Is {
        self.each_alone(0, |printer| {
            if printer.is("move") {
                printer.token();
                printer.word(" ");
            }
            printer.all_together(INDENT, |printer| {
                printer.word("|");
                if !printer.skip("||") {
                    if !printer.skip("|") {
                        printer.refuse();
                    }
                    printer.line_break(Break::ZERO);
                    while !printer.skip("|") && printer.fault.is_none() {
                        printer.pattern();
                        if printer.skip(",") {
                            printer.word(",");
                            printer.line_break(Break::SPACE);
                        } else if !printer.is("|") {
                            printer.refuse();
                        }
                    }
                }
                printer.word("|");
                printer.line_break(Break::SPACE.back());
            });
            printer.line_break(Break::NEVER);
            let start = printer.out.len();
            let bare = std::mem::replace(&mut printer.bare, false);
            let is = printer.expr(false);
            printer.bare = bare;
            if !matches!(is, Is::Block | Is::Match | Is::Call) {
                printer.braced(start, is, None);
            }
        });
        Is::Block
    }

    /// Puts what was printed since into braces, should it need a line of its own.
    pub(super) fn braced(&mut self, start: usize, is: Is, instead: Option<char>) {
        self.out.insert(start, Part::Break(Break { before: Some('{'), ..Break::ZERO }));
        self.out.insert(start, Part::Open(INDENT, true));
        let before = (is == Is::Assignment).then_some(';');
        self.line_break(Break { before, after: Some('}'), instead, ..Break::ZERO }.back());
        self.out.push(Part::Close);
    }
}
