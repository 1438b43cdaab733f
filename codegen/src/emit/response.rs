//! The response of an operation.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::object::{Reader, constructors, member, members, read_object};
use super::types::{Slot, Usage, slot};
use super::{debug, docs, report};
use crate::ir::{Apis, Field, Need, Operation, ResponseKind, Shape, Type};

/// The struct, how it reads itself, and behind feature `server` how it writes itself.
pub(super) fn items(apis: &Apis, operation: &Operation) -> Vec<TokenStream> {
    let name = format_ident!("{}Response", operation.name);
    let request = &operation.name;
    let about = docs([format!("What [`{request}`] answers with.").as_str()]);
    let own = own_fields(operation);
    let rest = rest(operation);
    let headers = operation.response.headers.iter().map(|field| member(apis, field, Usage::Receive, Some("Header")));
    let place = match operation.response.kind {
        ResponseKind::Special(_) | ResponseKind::Bytes(_) => Some("Whole body"),
        ResponseKind::Redirect(_) => Some("Header"),
        _ => None,
    };
    let members = members(apis, own, Usage::Receive, rest, place);
    let status = operation.response.several.then(|| {
        quote! {
            /// Which of the success codes it was.
            pub status: u16,
        }
    });
    let shown = operation.response.headers.iter().chain(own);
    let more: &[&str] = if status.is_some() { &["status"] } else { &[] };
    let (derives, debug) = debug::derives(&name, shown, more);
    let mut items = vec![quote! {
        #about
        #derives
        #[cfg_attr(feature = "server", derive(PartialEq))]
        #[non_exhaustive]
        pub struct #name { #status #(#headers)* #members }
    }];
    items.push(debug);
    if whole(apis, operation) {
        let read = read_object(apis, own, Usage::Receive, rest, Reader::Client);
        items.push(quote! { impl ReadObject for #name { #read } });
    }
    let read = read(apis, operation);
    let shape = report::constant(&shape(apis, operation));
    items.push(quote! {
        impl Response for #name {
            #shape
            #[inline] fn read(reply: &mut Reply<'_>) -> Result<Self, DecodeError> { #read }
        }
    });
    items.extend(file_name(operation, &name));
    items.push(server(apis, operation, &name));
    items
}

/// A file's name comes from whoever has uploaded it, so there is a way to have it made safe.
fn file_name(operation: &Operation, name: &proc_macro2::Ident) -> Option<TokenStream> {
    let named = |field: &&Field| field.wire.eq_ignore_ascii_case("content-disposition");
    let field = operation.response.headers.iter().find(named)?;
    let field = format_ident!("{}", field.name);
    Some(quote! {
        impl #name {
            /// The file name that the header suggests, made safe: see [`file_name`](crate::wire::file_name).
            #[must_use]
            pub fn file_name(&self) -> Option<String> {
                self.#field.as_deref().and_then(crate::wire::file_name)
            }
        }
    })
}

fn shape(apis: &Apis, operation: &Operation) -> TokenStream {
    match &operation.response.kind {
        ResponseKind::Empty => quote!(Shape::Object(&[])),
        ResponseKind::Fields { fields, rest } => report::object(apis, None, fields, *rest),
        ResponseKind::Special(field) => report::shape(apis, None, &field.ty),
        ResponseKind::Bytes(_) | ResponseKind::Redirect(_) => quote!(Shape::Bytes),
    }
}

fn own_fields(operation: &Operation) -> &[Field] {
    match &operation.response.kind {
        ResponseKind::Empty => &[],
        ResponseKind::Fields { fields, .. } => fields,
        ResponseKind::Special(field) | ResponseKind::Bytes(field) | ResponseKind::Redirect(field) => {
            std::slice::from_ref(field)
        }
    }
}

fn rest(operation: &Operation) -> bool {
    matches!(operation.response.kind, ResponseKind::Fields { rest: true, .. })
}

/// Field by field looks at every byte of a level twice: good for flat answers, bad for large ones.
fn whole(apis: &Apis, operation: &Operation) -> bool {
    let ResponseKind::Fields { fields, rest } = &operation.response.kind else { return false };
    let flat = |ty: &Type| match ty {
        Type::Named(id) => matches!(apis.types[id.0].shape, Shape::Enum { .. }),
        Type::List(_) | Type::Map(..) | Type::Object | Type::Any => false,
        _ => true,
    };
    let head = !operation.response.headers.is_empty() || operation.response.several;
    !head && (*rest || !fields.iter().all(|field| flat(&field.ty)))
}

fn read(apis: &Apis, operation: &Operation) -> TokenStream {
    if whole(apis, operation) {
        return quote!(reply.object());
    }
    let status = operation.response.several.then(|| quote!(status: reply.status(),));
    let headers = operation.response.headers.iter().map(|field| {
        let name = format_ident!("{}", field.name);
        let wire = &field.wire;
        quote!(#name: reply.header(#wire),)
    });
    let values: Vec<_> = match &operation.response.kind {
        ResponseKind::Empty => {
            return quote! {
                reply.empty()?;
                Ok(Self { #status #(#headers)* })
            };
        }
        ResponseKind::Fields { fields, .. } => fields.iter().map(read_field).collect(),
        ResponseKind::Special(field) => {
            let name = format_ident!("{}", field.name);
            vec![quote!(#name: reply.special()?,)]
        }
        ResponseKind::Bytes(field) => {
            let name = format_ident!("{}", field.name);
            vec![quote!(#name: reply.bytes(),)]
        }
        ResponseKind::Redirect(field) => {
            let name = format_ident!("{}", field.name);
            vec![quote!(#name: reply.location()?,)]
        }
    };
    quote! { Ok(Self { #status #(#headers)* #(#values)* }) }
}

fn read_field(field: &Field) -> TokenStream {
    let name = format_ident!("{}", field.name);
    let wire = &field.wire;
    match slot(field, Usage::Receive).0 {
        Slot::Plain => quote!(#name: reply.get(#wire)?,),
        Slot::Default => quote!(#name: reply.or_default(#wire)?,),
        _ => quote!(#name: reply.opt(#wire)?,),
    }
}

/// Making and writing a response is for servers and test doubles.
fn server(apis: &Apis, operation: &Operation, name: &proc_macro2::Ident) -> TokenStream {
    let head = operation.response.headers.iter().chain(own_fields(operation));
    let fields: Vec<_> = head.map(|field| (Usage::Receive, field)).collect();
    let server = (!operation.is_inbound()).then(|| quote!(#[cfg(feature = "server")]));
    let new = (!operation.response.several).then(|| {
        let new = constructors(apis, &fields, rest(operation), "A response with its required values set.");
        quote!(#server impl #name { #new })
    });
    let writes = writes(operation);
    quote! {
        #new
        #server
        impl crate::WriteResponse for #name {
            #[inline] fn write(&self, answer: &mut crate::wire::Answer) { #writes }
        }
    }
}

fn writes(operation: &Operation) -> TokenStream {
    let status = operation.response.several.then(|| quote!(answer.status(self.status);));
    let headers = operation.response.headers.iter().map(|field| {
        let name = format_ident!("{}", field.name);
        let wire = &field.wire;
        quote!(if let Some(value) = &self.#name { answer.header(#wire, value.as_ref()); })
    });
    let body = match &operation.response.kind {
        ResponseKind::Empty => quote!(answer.body().object();),
        ResponseKind::Fields { fields, rest } => {
            let writes = fields.iter().map(write_field);
            let extra = rest.then(|| quote!(body.extra(&self.extra);));
            quote! {
                let body = answer.body();
                body.object();
                #(#writes)*
                #extra
            }
        }
        ResponseKind::Special(field) => {
            let name = format_ident!("{}", field.name);
            quote!(answer.body().special(&self.#name);)
        }
        ResponseKind::Bytes(field) => {
            let name = format_ident!("{}", field.name);
            quote!(answer.body().bytes(&None, &self.#name);)
        }
        ResponseKind::Redirect(field) => {
            let name = format_ident!("{}", field.name);
            quote! {
                answer.status(302);
                answer.header("Location", &self.#name);
            }
        }
    };
    quote!(#status #(#headers)* #body)
}

fn write_field(field: &Field) -> TokenStream {
    let name = format_ident!("{}", field.name);
    let wire = &field.wire;
    match slot(field, Usage::Receive).0 {
        Slot::Plain => quote!(body.set(#wire, &self.#name);),
        Slot::Default if field.need == Need::Required => quote!(body.set(#wire, &self.#name);),
        Slot::Default => quote!(if !self.#name.is_empty() { body.set(#wire, &self.#name); }),
        _ => quote!(body.opt(#wire, &self.#name);),
    }
}
