//! A program that uses everything public of a generated tree with the very types that it has there.

use std::fmt::Write as _;

use matrix_api_codegen::Tree;
use quote::ToTokens;
use syn::{Attribute, Fields, FnArg, ImplItem, Item, Pat, ReturnType, Type, Visibility};

const HEAD: &str = "\
#![allow(deprecated, unused, non_snake_case, ambiguous_glob_reexports)]
fn main() {}
fn sends<T: serde::Serialize>() {}
fn reads<T: serde::de::DeserializeOwned>() {}
";

/// The program: a module for every file that has types.
pub(super) fn of(tree: &Tree) -> String {
    let mut out = HEAD.to_owned();
    for (number, (path, text)) in tree.files().enumerate() {
        let file = syn::parse_file(text).unwrap_or_else(|error| panic!("{path}: {error}"));
        let Some(imports) = imports(path, &file, tree) else { continue };
        let mut body = String::new();
        for (index, item) in file.items.iter().enumerate() {
            uses(item, index, &mut body);
        }
        let _ = write!(
            out,
            "mod m{number} {{\n    use sample::*;\n    use std::collections::BTreeMap;\n    \
             use sample::bytes::Bytes;\n    use serde_json::Value;\n    {imports}\n{body}}}\n"
        );
    }
    out
}

/// Where the types of a file are found: in `client_server::get_thing`, or among the shared ones.
fn imports(path: &str, file: &syn::File, tree: &Tree) -> Option<String> {
    let shares = |api: &str| {
        let index = format!("{api}.rs");
        tree.files().any(|(path, text)| path == index && text.contains("pub mod types;"))
    };
    Some(match path.trim_end_matches(".rs").split('/').collect::<Vec<_>>()[..] {
        ["events"] => "use sample::events::*;".to_owned(),
        ["events", content] if content != "types" => {
            format!("use sample::events::{{*, {content}}}; use sample::events::{content}::*;")
        }
        [api, "types", _] if shares(api) => format!("use sample::{api}::types::*;"),
        [api, folder, operation] if folder != "types" => {
            let shared = if shares(api) { format!("use sample::{api}::types::*; ") } else { String::new() };
            let own = own(file).join(", ");
            // A name of its own comes before a shared one.
            format!("{shared}use sample::{api}::{{*, {operation}}}; use sample::{api}::{operation}::{{*, {own}}};")
        }
        _ => return None,
    })
}

/// The types that a file defines.
fn own(file: &syn::File) -> Vec<String> {
    let name = |item: &Item| match item {
        Item::Struct(item) if !is_for_servers(&item.attrs) => Some(text(&item.ident)),
        Item::Enum(item) => Some(text(&item.ident)),
        _ => None,
    };
    file.items.iter().filter_map(name).collect()
}

fn text(node: &impl ToTokens) -> String {
    node.to_token_stream().to_string()
}

/// A type as the program names it.
fn from_outside(ty: &Type) -> String {
    text(ty).replace("crate ::", "sample ::")
}

/// What only servers and test doubles have is not for programs.
fn is_for_servers(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|one| text(one).contains("feature = \"server\"") && one.path().is_ident("cfg"))
}

fn uses(item: &Item, index: usize, out: &mut String) {
    match item {
        Item::Struct(item) if !is_for_servers(&item.attrs) => fields(&text(&item.ident), &item.fields, index, out),
        Item::Enum(item) => {
            let name = text(&item.ident);
            for variant in item.variants.iter().filter(|one| one.attrs.iter().all(|attribute| !hides(attribute))) {
                match variant.fields.iter().next() {
                    None => {
                        let _ = writeln!(out, "    fn value{index}{0}() {{ let _ = {name}::{0}; }}", variant.ident);
                    }
                    Some(field) if !text(&field.ty).contains("Unknown") => {
                        let (variant, ty) = (&variant.ident, from_outside(&field.ty));
                        let _ = writeln!(
                            out,
                            "    fn kind{index}{variant}(x: {name}) {{ if let {name}::{variant}(y) = x {{ let _: {ty} = y; }} }}"
                        );
                    }
                    Some(_) => {}
                }
            }
        }
        Item::Type(item) => {
            let _ = writeln!(out, "    fn alias{index}(_: {}) {{}}", item.ident);
        }
        Item::Impl(item) if !is_for_servers(&item.attrs) => implementation(item, index, out),
        Item::Macro(item) if text(&item.mac.path).replace(' ', "") == "crate::read_object" => {
            let _ = writeln!(out, "    fn read{index}() {{ super::reads::<{}>(); }}", item.mac.tokens);
        }
        _ => {}
    }
}

fn hides(attribute: &Attribute) -> bool {
    text(attribute).contains("hidden")
}

fn fields(name: &str, fields: &Fields, index: usize, out: &mut String) {
    for field in fields.iter().filter(|field| matches!(field.vis, Visibility::Public(_))) {
        let Some(member) = &field.ident else { continue };
        let _ = writeln!(out, "    fn get{index}{member}(x: &{name}) {{ let _: &{} = &x.{member}; }}", text(&field.ty));
    }
}

fn implementation(item: &syn::ItemImpl, index: usize, out: &mut String) {
    let name = text(&item.self_ty);
    match &item.trait_ {
        Some((_, path, _)) if path.segments.last().is_some_and(|last| last.ident == "Serialize") => {
            let _ = writeln!(out, "    fn send{index}() {{ super::sends::<{name}>(); }}");
        }
        Some((_, path, _)) if path.segments.last().is_some_and(|last| last.ident == "Request") => {
            for part in &item.items {
                if let ImplItem::Type(part) = part {
                    let ty = from_outside(&part.ty);
                    let _ = writeln!(
                        out,
                        "    fn {0}{index}<T: sample::Request<{0} = {ty}>>() {{}} fn is{0}{index}() {{ {0}{index}::<{name}>() }}",
                        part.ident
                    );
                }
            }
        }
        Some((_, path, _)) => content(&name, &text(path).replace(' ', ""), item, index, out),
        None => {
            for part in &item.items {
                if let ImplItem::Fn(function) = part
                    && matches!(function.vis, Visibility::Public(_))
                    && !matches!(function.sig.output, ReturnType::Default)
                {
                    call(&name, &function.sig, index, out);
                }
            }
        }
    }
}

/// What the content of an event promises: where its events occur, and what the key of a state is.
fn content(name: &str, of: &str, item: &syn::ItemImpl, index: usize, out: &mut String) {
    let Some(promise) = of.strip_prefix("crate::").filter(|of| of.ends_with("Content") && !of.contains("::")) else {
        return;
    };
    let key = item.items.iter().find_map(|part| match part {
        ImplItem::Type(part) => Some(format!("<{} = {}>", part.ident, from_outside(&part.ty))),
        _ => None,
    });
    let key = key.unwrap_or_default();
    let _ = writeln!(
        out,
        "    fn is{index}<T: sample::{promise}{key}>() {{}} fn kept{index}() {{ is{index}::<{name}>() }}"
    );
}

/// A call with values of the types that the arguments are made from.
fn call(name: &str, signature: &syn::Signature, index: usize, out: &mut String) {
    let (mut given, mut passed, mut on_self) = (Vec::new(), Vec::new(), None);
    for argument in &signature.inputs {
        match argument {
            FnArg::Receiver(receiver) => on_self = Some(receiver),
            FnArg::Typed(typed) => {
                let Pat::Ident(pattern) = &*typed.pat else { return };
                given.push(format!("{}: {}", pattern.ident, made_from(&typed.ty)));
                passed.push(pattern.ident.to_string());
            }
        }
    }
    let function = &signature.ident;
    let (given, passed) = (given.join(", "), passed.join(", "));
    let line = match on_self {
        None => format!("fn call{index}{function}({given}) -> {name} {{ {name}::{function}({passed}) }}"),
        Some(receiver) => {
            let by = match (&receiver.reference, &receiver.mutability) {
                (None, _) => "",
                (Some(_), None) => "&",
                (Some(_), Some(_)) => "&mut ",
            };
            format!("fn call{index}{function}(this: {by}{name}, {given}) {{ let _ = this.{function}({passed}); }}")
        }
    };
    // What reads and names things is not made: it has other outcomes.
    if on_self.is_some() || matches!(&signature.output, ReturnType::Type(_, ty) if text(ty) == "Self") {
        let _ = writeln!(out, "    {line}");
    }
}

/// `impl Into<T>` is made from a `T`, `impl IntoIterator<Item = T>` from a list.
fn made_from(ty: &Type) -> String {
    let written = text(ty).replace(' ', "");
    if let Some(inner) =
        written.strip_prefix("implIntoIterator<Item=implInto<").and_then(|rest| rest.strip_suffix(">>"))
    {
        return format!("Vec<{inner}>");
    }
    if let Some(inner) = written.strip_prefix("implIntoIterator<Item=").and_then(|rest| rest.strip_suffix('>')) {
        return format!("Vec<{inner}>");
    }
    if let Some(inner) = written.strip_prefix("implInto<").and_then(|rest| rest.strip_suffix('>')) {
        return inner.to_owned();
    }
    if written.starts_with("implserde::Serialize") || written.starts_with("implSerialize") {
        return "Value".to_owned();
    }
    text(ty)
}
