//! The contents of events: a module for each, and all of them together for a `match`.

use std::collections::BTreeSet;

use heck::ToUpperCamelCase;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::{RUNTIME, definition, docs, imports};
use crate::ir::{Apis, EventContent, EventKind, Events, Home, Shape, TypeDef};
use crate::layout::File;

/// The places that events come from, with the runtime's markers for them.
const PLACES: [(&str, &str, &[&str]); 5] = [
    ("AnyTimelineContent", "in a room's timeline", &["TimelineEvent"]),
    ("AnyStateContent", "in a room's state", &["StateEvent", "StrippedStateEvent"]),
    ("AnyEphemeralContent", "that is not kept", &["EphemeralEvent"]),
    ("AnyAccountDataContent", "among a user's own data, of the account or of a room", &["AccountDataEvent"]),
    ("AnyToDeviceContent", "from device to device", &["ToDeviceEvent"]),
];

/// Whether events of a kind come from a place.
fn comes_from(kind: &EventKind, place: &str) -> bool {
    match kind {
        EventKind::Message => place == "AnyTimelineContent",
        EventKind::State(_) => matches!(place, "AnyTimelineContent" | "AnyStateContent"),
        EventKind::Ephemeral => place == "AnyEphemeralContent",
        EventKind::AccountData | EventKind::RoomAccountData => place == "AnyAccountDataContent",
        EventKind::ToDevice => place == "AnyToDeviceContent",
    }
}

/// The files of all contents, and the module that holds them.
pub(super) fn files(apis: &Apis) -> Vec<File> {
    let Some(events) = &apis.events else { return Vec::new() };
    let mut files: Vec<_> = events.contents.iter().map(|event| content_file(apis, events, event)).collect();
    files.push(module(apis, events));
    files
}

fn home(events: &Events, event: &EventContent) -> Home {
    Home::Event { api: events.module.clone(), module: event.module.clone() }
}

fn content_file(apis: &Apis, events: &Events, event: &EventContent) -> File {
    let home = home(events, event);
    let own: Vec<&TypeDef> = apis.types.iter().filter(|def| def.home == home).collect();
    let content = &apis.types[event.content.0];
    let mut items = definition(apis, content);
    items.extend(implementations(content, event));
    own.iter().filter(|def| !std::ptr::eq(**def, content)).for_each(|def| items.extend(definition(apis, def)));
    let origins: BTreeSet<String> = own.iter().map(|def| def.origin.file.clone()).collect();
    let mut origin = vec![event.origin.file.clone()];
    origin.extend(origins.into_iter().filter(|file| *file != event.origin.file));
    File {
        path: format!("{}/{}.rs", events.module, event.module),
        origin,
        head: vec![format!("The content of `{}`.", event.wire)],
        imports: imports(apis, apis.named_in(&home, None), &home),
        lenders: RUNTIME,
        items,
        ..File::default()
    }
}

fn implementations(content: &TypeDef, event: &EventContent) -> Vec<TokenStream> {
    let (name, wire) = (format_ident!("{}", content.name), &event.wire);
    let kinds = event.kinds.iter().map(|kind| {
        let kind = format_ident!("{}", kind.word().to_upper_camel_case());
        quote!(crate::EventKind::#kind)
    });
    let mut items = vec![quote! {
        impl crate::EventContent for #name {
            const TYPE: &'static str = #wire;
            const KINDS: &'static [crate::EventKind] = &[#(#kinds),*];
            const SHAPE: Shape = <Self as Read>::SHAPE;
        }
    }];
    items.extend(event.kinds.iter().map(|kind| {
        let content = format_ident!("{}Content", kind.word().to_upper_camel_case());
        let key = match kind {
            EventKind::State(key) => {
                let key: TokenStream = key.rust().parse().expect("a type is Rust");
                quote!(type Key = #key;)
            }
            _ => TokenStream::new(),
        };
        quote! { impl crate::#content for #name { #key } }
    }));
    items
}

fn module(apis: &Apis, events: &Events) -> File {
    let mut items: Vec<TokenStream> = Vec::new();
    for event in &events.contents {
        let module = format_ident!("{}", event.module);
        items.push(quote! { pub mod #module; });
    }
    items.push(quote! {
        /// Types that several contents share.
        pub mod types;
    });
    for event in &events.contents {
        let module = format_ident!("{}", event.module);
        let names = exported(apis, event).into_iter().map(|name| format_ident!("{name}"));
        items.push(quote! { pub use self::#module::{#(#names),*}; });
    }
    items.push(quote! { pub use self::types::*; });
    for (name, place, markers) in PLACES {
        items.extend(any(apis, events, name, place, markers));
    }
    let mut head = vec![
        format!("The contents of {} types of event, generated from their schemas.", events.contents.len()),
        String::new(),
        "Types that only one content uses live in the module of its name, shared ones in [`types`].".to_owned(),
        String::new(),
        "| Content | Type of event |".to_owned(),
        "|---|---|".to_owned(),
    ];
    let row = |event: &EventContent| format!("| [`{}`] | `{}` |", apis.types[event.content.0].name, event.wire);
    head.extend(events.contents.iter().map(row));
    File {
        path: format!("{}.rs", events.module),
        head,
        features: vec![events.feature.clone()],
        items,
        ..File::default()
    }
}

/// The content, and the types of its variants.
fn exported<'a>(apis: &'a Apis, event: &EventContent) -> Vec<&'a str> {
    let content = &apis.types[event.content.0];
    let mut names = vec![content.name.as_str()];
    if let Shape::Tagged { variants, other, .. } = &content.shape {
        names.extend(variants.iter().map(|one| one.ty).chain([*other]).map(|id| apis.types[id.0].name.as_str()));
    }
    names
}

/// All contents of a place as one type.
fn any(apis: &Apis, events: &Events, name: &str, place: &str, markers: &[&str]) -> Vec<TokenStream> {
    let here = |event: &&EventContent| event.kinds.iter().any(|kind| comes_from(kind, name));
    let here: Vec<_> = events.contents.iter().filter(here).collect();
    let wires: Vec<_> = here.iter().map(|event| event.wire.as_str()).collect();
    let lines = wires.iter().map(|wire| docs([format!("`{wire}`").as_str()]));
    let types: Vec<_> = here.iter().map(|event| format_ident!("{}", apis.types[event.content.0].name)).collect();
    let about = docs([format!("The content of an event {place}, for a `match`.").as_str()]);
    let name = format_ident!("{name}");
    let mut items = vec![
        quote! {
            #about
            #[derive(Clone, Debug)]
            #[non_exhaustive]
            pub enum #name {
                #(#lines #types(#types),)*
                /// An event of a type that this version does not know here.
                Unknown(crate::UnknownContent),
                /// A content that is not what its type says.
                Invalid(crate::InvalidContent),
            }
        },
        quote! {
            impl crate::event::AnyContent for #name {
                fn read(content: crate::event::ContentReader) -> Self {
                    match content.event_type() {
                        #(#wires => content.read(Self::#types, Self::Invalid),)*
                        _ => Self::Unknown(content.unknown()),
                    }
                }
            }
        },
    ];
    for marker in markers {
        let marker = format_ident!("{marker}");
        items.push(quote! { impl crate::event::HasContent for crate::#marker { type Content = #name; } });
    }
    items
}
