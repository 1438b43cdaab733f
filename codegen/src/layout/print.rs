//! Tokens of items become text, in the style of `prettyplease`.
//!
//! It knows the Rust that the generator writes, and looks at each token once: no tree is made of them. A comparison
//! by `<` is not part of that, for every `<` is read as the start of a list of types. What is not known is refused.

mod expr;
mod item;
mod macros;
mod stmt;
#[cfg(test)]
mod tests;
mod ty;

use proc_macro2::TokenStream;

use super::boxes::{Boxes, Break, Part, is_of_word};
use super::tokens::{Kind, Tokens};

/// The text of some items, or the first token that is not known and how the item begins that it stands in.
pub(super) fn items(stream: TokenStream) -> Result<String, String> {
    let tokens = Tokens::of(stream);
    let (end, fault) = (tokens.len(), tokens.fault());
    let mut printer = Printer { tokens: &tokens, at: 0, end, out: Boxes::of(end), bare: false, fault };
    printer.all_together(0, |printer| {
        while !printer.is_done() {
            printer.item();
            printer.line_break(Break::HARD);
        }
    });
    match printer.fault {
        None => Ok(printer.out.print()),
        Some(at) => {
            let (text, item) = (tokens.text(at), tokens.item(at));
            Err(format!("cannot print `{text}` in `{item}`"))
        }
    }
}

/// Reads tokens from the first to the last and puts them into boxes.
struct Printer<'t> {
    tokens: &'t Tokens,
    at: usize,
    /// Where the group that is read ends.
    end: usize,
    out: Boxes<'t>,
    /// Whether a brace behind a path begins a block, as it does in a condition.
    bare: bool,
    /// The first token that is not known; nothing is read once there is one.
    fault: Option<usize>,
}

impl<'t> Printer<'t> {
    fn is_done(&self) -> bool {
        self.at >= self.end || self.fault.is_some()
    }

    /// The text of the token that comes next; none at the end of the group.
    fn next(&self) -> &'t str {
        if self.is_done() { "" } else { self.tokens.text(self.at) }
    }

    fn is(&self, text: &str) -> bool {
        self.next() == text
    }

    fn kind(&self) -> Option<Kind> {
        if self.is_done() { None } else { self.tokens.kind(self.at) }
    }

    /// Where the group that begins here closes, if one does.
    fn close(&self, open: &str) -> Option<usize> {
        match self.kind() {
            Some(Kind::Open(close)) if self.is(open) => Some(close),
            _ => None,
        }
    }

    /// Refuses the token that comes next.
    fn refuse(&mut self) {
        self.fault = self.fault.or(Some(self.at));
    }

    /// Prints the next token as it is.
    fn token(&mut self) {
        let text = self.next();
        let is_one_with_last = self.out.ends_word() && text.bytes().next().is_some_and(is_of_word);
        if self.is_done() || is_one_with_last || self.kind() == Some(Kind::Prose) {
            return self.refuse();
        }
        self.word(text);
        self.at += 1;
    }

    /// Prints the next token, which has to be a name, a keyword, a lifetime or a literal.
    fn name(&mut self) {
        match self.kind() {
            Some(Kind::Word | Kind::Literal) => self.token(),
            _ => self.refuse(),
        }
    }

    /// Prints the next token, which has to be this one.
    fn expect(&mut self, text: &str) {
        if self.is(text) { self.token() } else { self.refuse() }
    }

    /// Prints a text for the next token, which has to be this one.
    fn expect_as(&mut self, text: &str, printed: &'t str) {
        if self.skip(text) { self.word(printed) } else { self.refuse() }
    }

    /// Passes over the next token if it is this one.
    fn skip(&mut self, text: &str) -> bool {
        let found = self.is(text);
        self.at += usize::from(found);
        found
    }

    fn word(&mut self, text: &'t str) {
        self.out.push(Part::Text(text));
    }

    fn line_break(&mut self, one: Break) {
        self.out.push(Part::Break(one));
    }

    /// A box of which all breaks go together.
    fn all_together(&mut self, indent: i32, inside: impl FnOnce(&mut Self)) {
        self.out.push(Part::Open(indent, true));
        inside(self);
        self.out.push(Part::Close);
    }

    /// A box of which each break is as it fits.
    fn each_alone(&mut self, indent: i32, inside: impl FnOnce(&mut Self)) {
        self.out.push(Part::Open(indent, false));
        inside(self);
        self.out.push(Part::Close);
    }

    /// Reads what is inside of the group that begins here, without its delimiters.
    fn inside(&mut self, close: usize, read: impl FnOnce(&mut Self)) {
        let (end, bare) = (self.end, self.bare);
        (self.at, self.end, self.bare) = (self.at + 1, close, false);
        read(self);
        if !self.is_done() {
            self.refuse();
        }
        (self.at, self.end, self.bare) = (close + 1, end, bare);
    }

    /// A comma and a break behind one of a list; a comma behind the last one stands only where the line ends.
    fn comma(&mut self, last: Break) {
        if !self.is_done() && !self.skip(",") {
            self.refuse();
        }
        if self.is_done() {
            self.line_break(last.back());
        } else {
            self.word(",");
            self.line_break(Break::SPACE);
        }
    }

    /// What stands between commas in the group that begins here, each on a line of its own if they do not fit.
    fn list(&mut self, close: usize, indent: i32, one: impl FnMut(&mut Self)) {
        self.series(close, indent, Break::COMMA, one);
    }

    /// The same, with a break of this kind behind the last one.
    fn series(&mut self, close: usize, indent: i32, last: Break, mut one: impl FnMut(&mut Self)) {
        self.inside(close, |printer| {
            if printer.is_done() {
                return;
            }
            printer.all_together(indent, |printer| {
                printer.line_break(Break::ZERO);
                while !printer.is_done() {
                    one(printer);
                    printer.comma(last);
                }
            });
        });
    }
}
