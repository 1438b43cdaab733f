//! The modules that hold the files together, and the list of all operations.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::docs;
use crate::ir::{Api, Apis, Home, Operation, TypeDef};
use crate::layout::File;

/// One file for each API, each tag and each folder of definitions.
pub(super) fn files(apis: &Apis) -> Vec<File> {
    let mut files = Vec::new();
    let defined = definitions(apis);
    for api in &apis.apis {
        let mut tags: BTreeMap<&str, Vec<&Operation>> = BTreeMap::new();
        for operation in &api.operations {
            tags.entry(&operation.tag).or_default().push(operation);
        }
        let mut file = api_file(api, &tags, shared(apis, api, &defined), &own_gate(api, &defined));
        let mut features = reaching(&api.module, &defined);
        features.insert(&api.feature);
        file.features = features.into_iter().cloned().collect();
        files.push(file);
        files.extend(tags.iter().map(|(tag, operations)| tag_file(api, tag, operations)));
    }
    let mut owners: BTreeSet<&str> = defined.keys().map(|(api, _)| *api).collect();
    owners.extend(apis.apis.iter().filter(|api| shared(apis, api, &defined)).map(|api| api.module.as_str()));
    owners.extend(apis.events.iter().map(|events| events.module.as_str()));
    for owner in owners {
        files.push(types_file(apis, owner, &defined));
        let known = |module: &String| module == owner;
        if !apis.apis.iter().map(|api| &api.module).chain(apis.events.iter().map(|events| &events.module)).any(known) {
            files.push(File {
                path: format!("{owner}.rs"),
                head: vec!["Definitions of an API whose operations are not generated.".to_owned()],
                features: reaching(owner, &defined).into_iter().cloned().collect(),
                items: vec![quote! { pub(crate) mod types; }],
                ..File::default()
            });
        }
    }
    files
}

type Definitions<'a> = BTreeMap<(&'a str, &'a str), Vec<&'a TypeDef>>;

/// The types of shared definitions by API and module.
fn definitions(apis: &Apis) -> Definitions<'_> {
    let mut found = Definitions::new();
    for def in apis.types.iter().filter(|def| def.reads || def.writes) {
        if let Home::Definition { api, module, .. } = &def.home {
            found.entry((api, module)).or_default().push(def);
        }
    }
    found
}

/// Whether an API has definitions, its own or another's.
fn shared(apis: &Apis, api: &Api, defined: &Definitions<'_>) -> bool {
    let reached = |def: &TypeDef| matches!(def.home, Home::Definition { .. }) && def.features.contains(&api.feature);
    defined.keys().any(|(owner, _)| *owner == api.module) || apis.types.iter().any(reached)
}

/// The features of the APIs that reach a module's definitions.
fn reaching<'a>(module: &str, defined: &Definitions<'a>) -> BTreeSet<&'a String> {
    let own = defined.iter().filter(|((owner, _), _)| *owner == module).flat_map(|(_, defs)| defs);
    own.flat_map(|def| &def.features).collect()
}

/// What an API's own operations stand behind: nothing, unless another API reaches its definitions
/// and needs the module without them.
fn own_gate(api: &Api, defined: &Definitions<'_>) -> TokenStream {
    let feature = &api.feature;
    let others = reaching(&api.module, defined).into_iter().any(|other| other != feature);
    if others { quote!(#[cfg(feature = #feature)]) } else { TokenStream::new() }
}

fn api_file(api: &Api, tags: &BTreeMap<&str, Vec<&Operation>>, shared: bool, gate: &TokenStream) -> File {
    let mut items = Vec::new();
    for tag in tags.keys() {
        let tag = format_ident!("{tag}");
        items.push(quote! { #gate mod #tag; });
    }
    if shared {
        items.push(quote! {
            /// Types that several operations share.
            pub mod types;
        });
    }
    for (tag, operations) in tags {
        let tag = format_ident!("{tag}");
        for operation in operations {
            let module = format_ident!("{}", operation.module);
            let (name, response) = (format_ident!("{}", operation.name), format_ident!("{}Response", operation.name));
            items.push(quote! { #gate pub use self::#tag::#module::{self, #name, #response}; });
            items.extend(former(operation, &tag, gate));
        }
    }
    // Spelled out where a build without the operations would find the imports unused.
    let from = (!gate.is_empty()).then(|| quote!(crate::));
    let all = api.operations.iter().map(|operation| {
        let name = format_ident!("{}", operation.name);
        quote!(<#name as #from Request>::METADATA)
    });
    let about = docs([format!("What is known of every operation of the {} API, by name.", api.name).as_str()]);
    items.push(quote! { #about #gate pub static OPERATIONS: &[&#from Metadata] = &[#(#all),*]; });
    let mut head = vec![
        format!("The {} API: {} operations, generated from its documents.", api.name, api.operations.len()),
        String::new(),
        "Each operation is a request type and a response type; types that only one".to_owned(),
        format!(
            "operation uses live in the module of its name{}.",
            if shared { ", shared ones in [`types`]" } else { "" }
        ),
    ];
    head.push(String::new());
    head.push("| Request | Call |".to_owned());
    head.push("|---|---|".to_owned());
    for operation in &api.operations {
        let method = crate::ops::method(operation.method);
        head.push(format!("| [`{}`] | `{method} {}` |", operation.name, operation.path.template()));
    }
    File {
        path: format!("{}.rs", api.module),
        head,
        imports: if gate.is_empty() { vec!["crate::Metadata".into(), "crate::Request".into()] } else { Vec::new() },
        items,
        ..File::default()
    }
}

fn tag_file(api: &Api, tag: &str, operations: &[&Operation]) -> File {
    let items = operations.iter().map(|operation| {
        let module = format_ident!("{}", operation.module);
        quote! { pub mod #module; }
    });
    File {
        path: format!("{}/{tag}.rs", api.module),
        head: vec![format!("Operations filed under `{tag}`.")],
        items: items.collect(),
        ..File::default()
    }
}

/// The names that an operation had before, where they were.
fn former(operation: &Operation, tag: &Ident, gate: &TokenStream) -> Vec<TokenStream> {
    let Some(former) = &operation.former else { return Vec::new() };
    let module = format_ident!("{}", operation.module);
    let (name, response) = (format_ident!("{former}"), format_ident!("{former}Response"));
    let old = format_ident!("{}", crate::lower::snake(former));
    let about = docs([format!("The former name of [`{module}`].").as_str()]);
    let note = format!("renamed to `{module}`");
    vec![
        quote! {
            #gate
            #[allow(deprecated, reason = "the names are kept for those who still use them")]
            pub use self::#tag::#module::{#name, #response};
        },
        quote! {
            #about
            #gate
            #[deprecated = #note]
            pub mod #old { pub use super::#module::*; }
        },
    ]
}

/// The shared definitions of a folder; those of other folders that its operations reach are re-exported.
fn types_file(apis: &Apis, owner: &str, defined: &Definitions<'_>) -> File {
    let mut items = Vec::new();
    let own: Vec<_> = defined.iter().filter(|((api, _), _)| *api == owner).collect();
    let gate = |defs: &[&TypeDef]| {
        let features: BTreeSet<&String> = defs.iter().flat_map(|def| &def.features).collect();
        match features.len() {
            1 => quote!(#(#[cfg(feature = #features)])*),
            _ => quote!(#[cfg(any(#(feature = #features),*))]),
        }
    };
    for ((_, module), defs) in &own {
        let (module, gate) = (format_ident!("{module}"), gate(defs));
        items.push(quote! { #gate mod #module; });
    }
    for ((_, module), defs) in &own {
        let (module, gate) = (format_ident!("{module}"), gate(defs));
        let names = defs.iter().map(|def| format_ident!("{}", def.name));
        items.push(quote! { #gate pub use self::#module::{#(#names),*}; });
    }
    let api = apis.apis.iter().find(|api| api.module == owner).map(|api| (&api.feature, own_gate(api, defined)));
    let events = apis.events.iter().find(|events| events.module == owner);
    if let Some((feature, own_gate)) = api.or(events.map(|events| (&events.feature, TokenStream::new()))) {
        for ((other, _), defs) in defined.iter().filter(|((other, _), _)| *other != owner) {
            let reached = defs.iter().filter(|def| def.features.contains(feature));
            let names: Vec<_> = reached.map(|def| format_ident!("{}", def.name)).collect();
            let other = format_ident!("{other}");
            if !names.is_empty() {
                items.push(quote! { #own_gate pub use crate::generated::#other::types::{#(#names),*}; });
            }
        }
    }
    File {
        path: format!("{owner}/types.rs"),
        head: vec!["Types that several operations share.".to_owned()],
        items,
        ..File::default()
    }
}
