//! Tokens of items become text, in the style of `prettyplease`.
//!
//! It knows the Rust that the generator writes, and looks at each token once: no tree is made of them. A comparison
//! by `<` is not part of that, for every `<` is read as the start of a list of types. What is not known loses no token
//! and only looks odd; a test holds all that is generated against `prettyplease` itself.

mod expr;
mod item;
mod macros;
mod stmt;
mod ty;

use proc_macro2::TokenStream;

use super::boxes::{Boxes, Break, Part};
use super::tokens::{Kind, Tokens};

/// The text of some items.
pub(super) fn items(stream: TokenStream) -> String {
    let tokens = Tokens::of(stream);
    let mut printer = Printer { tokens: &tokens, at: 0, end: tokens.len(), out: Boxes::of(tokens.len()), bare: false };
    printer.all_together(0, |printer| {
        while !printer.is_done() {
            printer.item();
            printer.line_break(Break::HARD);
        }
    });
    printer.out.print()
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
}

impl<'t> Printer<'t> {
    fn is_done(&self) -> bool {
        self.at >= self.end
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

    /// Prints the next token as it is.
    fn token(&mut self) {
        let text = self.next();
        self.word(text);
        self.at += 1;
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
        // What nobody has read is printed all the same.
        while !self.is_done() {
            self.word(" ");
            self.token();
        }
        (self.at, self.end, self.bare) = (close + 1, end, bare);
    }

    /// A comma and a break behind one of a list; a comma behind the last one stands only where the line ends.
    fn comma(&mut self, last: Break) {
        // What is not known is printed all the same.
        while !self.is_done() && !self.skip(",") {
            self.word(" ");
            self.token();
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

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::items;

    /// What the generator does not write today, and may tomorrow.
    #[test]
    fn items_are_printed_as_prettyplease_prints_them() {
        let all = [
            quote! { pub(crate) struct Empty {} impl Empty {} },
            quote! { pub struct Held<'a, T> { /** Said. */ pub(crate) inner: &'a mut T, other: (), pair: (T, Vec<Vec<u8>>) } },
            quote! { pub enum Either { Left, Right(Vec<String>, Box<dyn Read + 'static>) } },
            quote! { #[deprecated = "use `other`: it does the same and has a name that says what it does, at last"] pub type A = B; },
            quote! { #[cfg(any(feature = "one-of-the-longer-names", feature = "another-of-the-longer-names", test))] mod a; },
            quote! { pub use self::a::{self, OneOfTheLongerNames, AnotherOfTheLongerNames, YetAnotherOfTheLongerNames, B}; },
            quote! { pub use a::{B}; pub use c::*; },
            quote! { impl<'de, T: Read<'de> + Send, U: Clone> crate::Something<'de, T, U> for SomethingElse<T, Result<T, U>> { type Of = T; } },
            quote! { impl A { fn a(&mut self, mut b: impl IntoIterator<Item = (String, impl Into<String>)>, c: Option<&'static str>) -> Result<Self, Error> {} } },
            quote! { fn a() { if let Some(b) = c { d(); } if e == f && g != h || !i { j } else if k { l() } else { m } } },
            quote! { fn a() { while let Some(key) = members.key()? { members.skip()?; } match a { A::B(c) => { d(); e } f if g.h() => (), _ => {} } } },
            quote! { fn a() { self.b = Some(c.into()); let d: Vec<u8> = Vec::new(); abc.d(e, &f)?.g().h; let i = (j,); -k } },
            quote! { fn a() { b.map(|c| c.d().e(f)).unwrap_or_else(|| Self { g, h: i, j: "a text that makes it longer" }) } },
            quote! { fn a() { b(|c, d| match c { e => f, }); g([h, i]); j((k, l)); m(move |_| n = o, { p }); } },
            quote! { fn a() { the_name_of_a_function(the_first_argument, the_second_argument(of, another, call), the_third_argument); } },
            quote! { fn a() { a_longer_name.a_method_of_it(with_an_argument).another_method_of_it(with, two_arguments)?.the_last_one()?; } },
            quote! { fn a() -> bool { the_first_condition_of_all(with_arguments) == the_second_condition && another.method(argument) } },
            quote! { fn a() -> usize { let b = c.len() + d * 2 - 1; self.e = f as u8 as usize + g.h()? as usize; i(j as u16, -k) } },
            quote! { static ALL: &[(&str, Kind)] = &[("a", vec![1, b.c::<D>(&e)]), ("a longer text", matches!(f, G::H(_) | I)), ("c", d)]; },
        ];
        for one in all {
            let file = syn::parse2(one.clone()).expect("it is Rust");
            assert_eq!(items(one), prettyplease::unparse(&file));
        }
    }
}
