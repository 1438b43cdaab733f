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

use proc_macro2::TokenStream;
use quote::quote;

use crate::ir::{Api, Apis, Home, Operation, Shape, TypeDef, TypeId};
use crate::layout::{File, Job, Lenders};

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
        imports: imports(apis, apis.named_in(&home, Some(operation)), &home),
        lenders: RUNTIME,
        items,
        ..File::default()
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
            imports: imports(apis, apis.named_in(home, None), home),
            lenders: RUNTIME,
            items,
            ..File::default()
        });
    }
    files
}

/// What a file uses of other files.
fn imports(apis: &Apis, named: BTreeSet<TypeId>, home: &Home) -> Vec<String> {
    let defs = named.into_iter().map(|id| &apis.types[id.0]).filter(|def| def.home != *home);
    let path = |def: &TypeDef| match &def.home {
        Home::Definition { api, .. } => Some(format!("crate::generated::{api}::types::{}", def.name)),
        _ => None,
    };
    defs.filter_map(path).collect()
}

/// The names that generated files borrow from the runtime.
const RUNTIME: Lenders = &[
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
