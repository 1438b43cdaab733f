//! The IR becomes items, file by file.

pub(crate) mod canary;
mod debug;
mod event;
mod module;
mod object;
mod receive;
mod report;
mod request;
mod response;
pub(crate) mod roundtrip;
mod shape;
mod string_enum;
mod tagged;
pub(crate) mod types;

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Spacing, TokenStream, TokenTree};
use quote::quote;

use crate::ir::{Api, Apis, Home, Operation, Shape, TypeDef, TypeId};
use crate::layout::{File, Job};

/// What makes every file of the generated tree.
pub(crate) fn jobs(apis: &Apis) -> Vec<Job<'_>> {
    // What is large comes first, so that nobody has it left at the end.
    let mut jobs: Vec<Job<'_>> =
        vec![Box::new(|| event::files(apis)), Box::new(|| shared_definitions(apis)), Box::new(|| module::files(apis))];
    for api in &apis.apis {
        let operations = api.operations.iter();
        jobs.extend(operations.map(|operation| Box::new(|| vec![file(apis, api, operation)]) as Job<'_>));
    }
    jobs
}

fn file(apis: &Apis, api: &Api, operation: &Operation) -> File {
    let mut items = request::request_struct(apis, operation);
    items.extend(request::inherent(apis, operation));
    items.push(request::request_impl(operation));
    items.extend(request::former(operation));
    items.push(receive::request_impl(operation));
    items.extend(response::items(apis, operation));
    let home = operation.home(api);
    apis.types.iter().filter(|def| def.home == home).for_each(|def| items.extend(definition(apis, def)));
    File {
        path: format!("{}/{}/{}.rs", api.module, operation.tag, operation.module),
        origin: vec![operation.origin.file.clone()],
        head: vec![format!("The operation `{}`.", operation.id)],
        features: Vec::new(),
        imports: imports(apis, &items, apis.named_in(&home, Some(operation)), &home),
        items,
    }
}

/// The items of a named type.
fn definition(apis: &Apis, def: &TypeDef) -> Vec<TokenStream> {
    if !def.reads && !def.writes {
        return Vec::new();
    }
    match &def.shape {
        Shape::Object { fields, rest } => object::items(apis, def, fields, *rest),
        Shape::Enum { values } => string_enum::items(def, values),
        Shape::Union { alternatives } => shape::items(apis, def, alternatives),
        Shape::Whole(field) => tagged::whole(apis, def, field),
        Shape::Tagged { tag, variants, other } => tagged::items(apis, def, tag, variants, *other),
    }
}

/// One file for each shared definition.
fn shared_definitions(apis: &Apis) -> Vec<File> {
    let mut homes: BTreeMap<&Home, Vec<&TypeDef>> = BTreeMap::new();
    for def in apis.types.iter().filter(|def| def.reads || def.writes) {
        if let Home::Definition { .. } = def.home {
            homes.entry(&def.home).or_default().push(def);
        }
    }
    let mut files = Vec::new();
    for (home, defs) in homes {
        let Home::Definition { api, module, file } = home else { continue };
        let items: Vec<_> = defs.iter().flat_map(|def| definition(apis, def)).collect();
        files.push(File {
            path: format!("{api}/types/{module}.rs"),
            origin: vec![file.clone()],
            head: vec![format!("The definition `{module}`.")],
            features: Vec::new(),
            imports: imports(apis, &items, apis.named_in(home, None), home),
            items,
        });
    }
    files
}

/// What the items use of the runtime, by scanning them for the names, and of other files.
fn imports(apis: &Apis, items: &[TokenStream], named: BTreeSet<TypeId>, home: &Home) -> Vec<String> {
    let mut names = BTreeSet::new();
    for item in items {
        idents(item.clone(), &mut names);
    }
    let mut paths: BTreeSet<String> = BTreeSet::new();
    for (path, known) in RUNTIME {
        paths.extend(known.iter().filter(|name| names.contains(**name)).map(|name| format!("{path}::{name}")));
    }
    for def in named.into_iter().map(|id| &apis.types[id.0]).filter(|def| def.home != *home) {
        if let Home::Definition { api, .. } = &def.home {
            paths.insert(format!("crate::generated::{api}::types::{}", def.name));
        }
    }
    paths.into_iter().collect()
}

/// The names that generated files borrow from the runtime.
const RUNTIME: [(&str, &[&str]); 8] = [
    ("bytes", &["Bytes"]),
    ("http", &["Method"]),
    ("serde", &["Deserialize", "Deserializer", "Serialize", "Serializer"]),
    ("serde::de", &["MapAccess"]),
    ("serde_json", &["Value"]),
    ("serde_json::value", &["RawValue"]),
    (
        "crate::wire",
        &[
            "Answer",
            "Body",
            "DecodeError",
            "Headers",
            "Members",
            "Path",
            "Query",
            "Read",
            "ReadObject",
            "Reply",
            "Shape",
            "Unknown",
        ],
    ),
    (
        "crate",
        &[
            "AccountDataEvent",
            "Auth",
            "DeviceId",
            "Effect",
            "EphemeralEvent",
            "ErrorCode",
            "EventId",
            "FieldInfo",
            "IdOr",
            "Idempotency",
            "Map",
            "Metadata",
            "MxcUri",
            "Object",
            "PageToken",
            "Patch",
            "Place",
            "Raw",
            "Request",
            "Response",
            "RoomAlias",
            "RoomId",
            "RoomOrAlias",
            "Secret",
            "ServerName",
            "StateEvent",
            "StringEnum",
            "StrippedStateEvent",
            "TimelineEvent",
            "ToDeviceEvent",
            "TxnId",
            "UnixMillis",
            "UnixSeconds",
            "UserId",
        ],
    ),
];

/// The identifiers of a stream that do not stand behind `::` or `.`.
fn idents(stream: TokenStream, found: &mut BTreeSet<String>) {
    let (mut qualified, mut variants) = (false, false);
    for token in stream {
        match token {
            TokenTree::Group(group) if variants => {
                payloads(group.stream(), found);
                variants = false;
            }
            TokenTree::Group(group) => idents(group.stream(), found),
            TokenTree::Ident(ident) if ident == "enum" => variants = true,
            TokenTree::Ident(ident) if !qualified => {
                found.insert(ident.to_string());
            }
            TokenTree::Punct(punct) => {
                let joint = punct.spacing() == Spacing::Joint;
                qualified = punct.as_char() == ':' && (joint || qualified) || punct.as_char() == '.';
                continue;
            }
            _ => {}
        }
        qualified = false;
    }
}

/// The names of variants are no types; what they hold is.
fn payloads(variants: TokenStream, found: &mut BTreeSet<String>) {
    for token in variants {
        if let TokenTree::Group(group) = token {
            idents(group.stream(), found);
        }
    }
}

/// Lines of documentation as attributes.
fn docs<'a>(lines: impl IntoIterator<Item = &'a str>) -> TokenStream {
    let lines = lines.into_iter().map(|line| if line.is_empty() { String::new() } else { format!(" {line}") });
    quote!(#(#[doc = #lines])*)
}

/// Brackets in our lines are text, not links.
fn prose(line: &str) -> String {
    let mut out = String::new();
    let mut code = false;
    for letter in line.chars() {
        match letter {
            '`' => code = !code,
            '[' | ']' | '<' | '>' if !code => out.push('\\'),
            _ => {}
        }
        out.push(letter);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lower::is_taken;

    #[test]
    fn no_type_can_take_a_borrowed_name() {
        let free: Vec<_> = RUNTIME.iter().flat_map(|(_, names)| *names).filter(|name| !is_taken(name)).collect();
        assert!(free.is_empty(), "{free:?}");
    }
}
