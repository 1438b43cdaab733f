use proc_macro2::{Delimiter, Group, TokenTree};
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
        assert_eq!(items(one), Ok(prettyplease::unparse(&file)));
    }
}

/// The token that is named is the first one that the printer cannot read.
#[test]
fn what_is_not_known_is_refused() {
    let sum = TokenTree::Group(Group::new(Delimiter::None, quote! { b + c }));
    let all = [
        // Items.
        (quote! { pub struct B {} pub async fn a() {} }, "async", "pub async fn a"),
        (quote! { const fn a() {} }, "a", "const fn a"),
        (quote! { fn a<T>() where T: B {} }, "where", "fn a < T >"),
        (quote! { fn a(&'b self) {} }, "self", "fn a"),
        (quote! { use a::B as C; }, "as", "use a :: B as C"),
        (quote! { use a::{}; }, "}", "use a ::"),
        (quote! { pub use { a; b }; }, ";", "pub use"),
        (quote! { #![allow(b)] pub struct A {} }, "!", "# ! [ allow"),
        (quote! { pub struct A; }, ";", "pub struct A"),
        (quote! { pub struct A(B); }, "(", "pub struct A"),
        (quote! { /** Said. */ #[b] pub struct A { c: fn(D) -> E } }, "(", "pub struct A"),
        (quote! { enum A { B = 1 } }, "=", "enum A"),
        (quote! { enum A { B { c: D } } }, "{", "enum A"),
        (quote! { unsafe impl A for B {} }, "impl", "unsafe impl A for B"),
        (quote! { extern crate a; }, "crate", "extern crate a"),
        (quote! { a! { b } }, "{", "a !"),
        (quote! { static mut A: B = c; }, "A", "static mut A"),
        (quote! { type A = [B; 4]; }, ";", "type A"),
        (quote! { type A = *const B; }, "*", "type A"),
        (quote! { #[a(doc = "b c" d)] type A = B; }, "d", "type A"),
        // Statements.
        (quote! { fn a() { let ref b = c; } }, "b", "fn a"),
        (quote! { fn a() { let B(c) = d else { return }; } }, "else", "fn a"),
        (quote! { fn a() { if b { c() } else { d() }; } }, ";", "fn a"),
        (quote! { fn a() { loop {} } }, "{", "fn a"),
        (quote! { fn a() { unsafe { b() } } }, "{", "fn a"),
        (quote! { fn a() { for b in c {} } }, "b", "fn a"),
        (quote! { fn a() { #[b] c(); } }, "#", "fn a"),
        (quote! { fn a() { { b(); } c(); } }, "c", "fn a"),
        (quote! { fn a() { match b { C | D => e } } }, "|", "fn a"),
        (quote! { fn a() { match b { C { d, .. } => e } } }, "{", "fn a"),
        (quote! { fn a() { match b { 1..=5 => c } } }, "=", "fn a"),
        (quote! { fn a() { match b { C => d[0], e => f } } }, "[", "fn a"),
        // Expressions.
        (quote! { fn a() { b[0] } }, "[", "fn a"),
        (quote! { fn a() { b..c } }, "..", "fn a"),
        (quote! { fn a() { b < c } }, "<", "fn a"),
        (quote! { fn a() { b > c } }, ">", "fn a"),
        (quote! { fn a() { b >= c } }, "=", "fn a"),
        (quote! { fn a() { b <<= c } }, "=", "fn a"),
        (quote! { fn a() { b += c; } }, "=", "fn a"),
        (quote! { fn a() { b << c } }, "<", "fn a"),
        (quote! { fn a() { |b: C| d } }, ":", "fn a"),
        (quote! { fn a() { || -> B { c } } }, "->", "fn a"),
        (quote! { fn a() { [0; 4] } }, ";", "fn a"),
        (quote! { fn a() { async move {} } }, "move", "fn a"),
        (quote! { fn a() { B { c, ..Default::default() } } }, "..", "fn a"),
        (quote! { fn a() { #sum * d } }, "b", "fn a"),
        (quote! { fn a() { b!(c <= d) } }, "=", "fn a"),
        (quote! { fn a() { b!(#[doc = "c"] d) } }, "c", "fn a"),
    ];
    for (one, token, item) in all {
        assert_eq!(items(one), Err(format!("cannot print `{token}` in `{item}`")));
    }
}

/// Only what an attribute says of itself is documentation.
#[test]
fn a_text_behind_doc_keeps_its_quotes() {
    let all = [
        quote! { #[cfg_attr(docsrs, doc = "two words")] type A = B; },
        quote! { fn a() { let doc = "two words"; self.doc = "two words"; format!("{doc}", doc = "two words") } },
        quote! { #[doc = "two\nlines"] type A = B; },
    ];
    for one in all {
        let printed = items(one.clone()).expect("it is known").parse::<proc_macro2::TokenStream>().expect("it is Rust");
        assert_eq!(printed.to_string(), one.to_string());
    }
}
