//! The proof that text says what its tokens said: of all that is generated, and that the proof notices what is lost.

use std::path::Path;

use proc_macro2::{Delimiter, Group, Literal, Spacing, TokenStream, TokenTree};
use quote::quote;

use super::{File, Job, body};
use crate::{emit, load, lower, patch, resolve};

/// Operators of more than one mark. Two angle brackets are none: lists of types end with them.
const OPERATORS: [&str; 19] = [
    "::", "->", "=>", "==", "!=", "<=", ">=", "&&", "||", "..", "...", "..=", "+=", "-=", "*=", "/=", "%=", "|=", "&=",
];

/// The tokens one by one, without what printing may add or remove: a comma behind the last one of a list or behind a
/// brace, the braces around the only expression of a closure or an arm, and around the only name of a `use`.
fn plain(stream: TokenStream) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut is_joint = false;
    for tree in stream {
        let follows = std::mem::take(&mut is_joint);
        match tree {
            TokenTree::Ident(ident) => out.push(ident.to_string()),
            TokenTree::Literal(literal) => out.push(said(&literal)),
            TokenTree::Group(group) => add(&mut out, &group),
            TokenTree::Punct(punct) => {
                is_joint = punct.spacing() == Spacing::Joint;
                let last = out.last().map(String::as_str).unwrap_or_default();
                let both = format!("{last}{}", punct.as_char());
                match punct.as_char() {
                    _ if follows && OPERATORS.contains(&&*both) => *out.last_mut().expect("there is one") = both,
                    ',' if last == "}" || last == "," => {}
                    mark => {
                        if mark == '>' && last == "," {
                            out.pop();
                        }
                        out.push(mark.to_string());
                    }
                }
            }
        }
    }
    out
}

/// A text by what it says, not by how it is quoted.
fn said(literal: &Literal) -> String {
    let literal = literal.to_string();
    if !literal.starts_with(['"', 'r']) {
        return literal;
    }
    match syn::parse_str(&literal) {
        Ok(syn::Lit::Str(text)) => format!("{:?}", text.value().trim_end_matches(' ')),
        _ => literal,
    }
}

fn add(out: &mut Vec<String>, group: &Group) {
    let last = out.last().map(String::as_str).unwrap_or_default();
    let (is_arm, is_closure) = (last == "=>", last == "|" || last == "||");
    let is_call = last.ends_with(|letter: char| letter.is_alphanumeric() || "_>)!?".contains(letter));
    let mut inside = plain(group.stream());
    let is_one_tuple = !is_call && commas(&group.stream()) == 1;
    if inside.last().is_some_and(|last| last == ",") && !(group.delimiter() == Delimiter::Parenthesis && is_one_tuple) {
        inside.pop();
    }
    let (open, close) = match group.delimiter() {
        Delimiter::Parenthesis if is_arm && inside.is_empty() => ("{", "}"),
        Delimiter::Parenthesis => ("(", ")"),
        Delimiter::Bracket => ("[", "]"),
        Delimiter::Brace if (is_arm || is_closure) && is_one_expr(&mut inside, &group.stream()) => {
            out.append(&mut inside);
            if is_arm && out.last().is_some_and(|last| last != "}") {
                out.push(",".to_owned());
            }
            return;
        }
        Delimiter::Brace if last == "::" && commas(&group.stream()) == 0 && inside[0] != "self" => {
            return out.append(&mut inside);
        }
        Delimiter::Brace => ("{", "}"),
        Delimiter::None => ("", ""),
    };
    out.push(open.to_owned());
    out.append(&mut inside);
    out.push(close.to_owned());
}

fn commas(stream: &TokenStream) -> usize {
    let is_comma = |tree: &TokenTree| matches!(tree, TokenTree::Punct(punct) if punct.as_char() == ',');
    stream.clone().into_iter().filter(is_comma).count()
}

/// Whether the inside of a block is one expression; what is assigned or returned may have a semicolon behind it, which
/// is taken away.
fn is_one_expr(inside: &mut Vec<String>, stream: &TokenStream) -> bool {
    let trees: Vec<String> = stream.clone().into_iter().map(|tree| tree.to_string()).collect();
    let semicolons = trees.iter().filter(|tree| *tree == ";").count();
    let is_worthless = trees.iter().any(|tree| tree == "=") || trees.first().is_some_and(|tree| tree == "return");
    if semicolons == 1 && is_worthless && inside.last().is_some_and(|last| last == ";") {
        inside.pop();
        return trees[0] != "let";
    }
    semicolons == 0 && !trees.is_empty()
}

/// Where the tokens of a text are others than those that it was made from.
fn difference(items: &[TokenStream], text: &str) -> Option<String> {
    let wanted = plain(items.iter().cloned().collect());
    let found = plain(text.parse().expect("it is Rust"));
    let at = (0..wanted.len().max(found.len())).find(|at| wanted.get(*at) != found.get(*at))?;
    let around = |tokens: &[String]| tokens[at.saturating_sub(12)..tokens.len().min(at + 8)].join(" ");
    Some(format!("`{}` became `{}`", around(&wanted), around(&found)))
}

#[test]
fn all_that_is_generated_says_what_its_tokens_said() {
    let specs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs");
    let documents = load::documents(&load::texts(&specs).expect("it is readable")).expect("it is YAML");
    let resolved = resolve::references(patch::apply(documents).expect("patches apply")).expect("it resolves");
    let apis = lower::apis(&resolved).expect("it is known");
    let tests: [Job<'_>; 2] = [Box::new(|| emit::roundtrip::files(&apis)), Box::new(|| emit::canary::files(&apis))];
    let mut count = 0;
    for File { path, items, .. } in emit::jobs(&apis).iter().chain(&tests).flat_map(|job| job()) {
        let text = body(items.clone()).unwrap_or_else(|error| panic!("{path}: {error}"));
        assert_eq!(difference(&items, &text), None, "{path}");
        count += 1;
    }
    assert!(count > 700, "only {count} files");
}

#[test]
fn the_proof_notices_what_is_lost() {
    let all = [
        (quote! { fn a() { b(); } }, "fn a() { b() }"),
        (quote! { fn a() { b(|| { c(); }) } }, "fn a() { b(|| c()) }"),
        (quote! { fn a() { b(|| { c(); d() }) } }, "fn a() { b(|| c(); d()) }"),
        (quote! { fn a() { let b = "c"; } }, "fn a() { let b = c; }"),
        (quote! { #[b] fn a() {} }, "fn a() {}"),
        (quote! { #[doc = "b"] fn a() {} }, "///c\nfn a() {}"),
        (quote! { fn a() { b >= c } }, "fn a() { b > = c }"),
        (quote! { fn a() { (b,) } }, "fn a() { (b) }"),
        (quote! { const fn a() {} }, "constfn a() {}"),
        (quote! { fn a() {} }, "fn a() {} fn a() {}"),
    ];
    for (tokens, text) in all {
        assert!(difference(&[tokens], text).is_some(), "{text}");
    }
}

#[test]
fn the_proof_allows_what_printing_changes() {
    let all = [
        (quote! { fn a(b: C, d: E) {} }, "fn a(b: C, d: E,) {}"),
        (
            quote! { fn a() { match b { c => { d() } e => (), f => { g(); h } } } },
            "fn a() { match b { c => d(), e => {} f => { g(); h } } }",
        ),
        (quote! { fn a() { b(|c| d = e, f) } }, "fn a() { b(|c| { d = e; }, f,) }"),
        (quote! { use a::{B}; }, "use a::B;"),
        (quote! { #[doc = "b \"c\""] type A = Vec<Vec<B>>; }, "///b \"c\"\ntype A = Vec<Vec<B,>>;"),
    ];
    for (tokens, text) in all {
        assert_eq!(difference(&[tokens], text), None);
    }
}
