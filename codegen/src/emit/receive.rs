//! A request where it arrives: for servers and test doubles.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::types::{Slot, Usage, slot};
use crate::ir::{Body, Field, Need, Operation, Type};

/// How the request reads itself.
pub(super) fn request_impl(operation: &Operation) -> TokenStream {
    let name = format_ident!("{}", operation.name);
    let server = (!operation.is_inbound()).then(|| quote!(#[cfg(feature = "server")]));
    let values = operation.path.fields().map(path_read);
    let values = values.chain(operation.query.iter().map(|field| query_read(operation, field)));
    let values = values.chain(operation.headers.iter().map(header_read));
    let values: Vec<_> = values.chain(body_reads(operation)).collect();
    let incoming = if values.is_empty() { quote!(_) } else { quote!(incoming) };
    quote! {
        #server
        impl crate::ReadRequest for #name {
            #[inline] fn read(#incoming: &mut crate::wire::Incoming<'_>) -> Result<Self, DecodeError> {
                Ok(Self { #(#values,)* })
            }
        }
    }
}

fn path_read(field: &Field) -> TokenStream {
    let name = format_ident!("{}", field.name);
    let wire = &field.wire;
    match &field.ty {
        Type::Txn => quote!(#name: Some(incoming.path(#wire)?)),
        _ if field.may_be_empty => quote!(#name: incoming.path_or_empty(#wire)?),
        _ => quote!(#name: incoming.path(#wire)?),
    }
}

fn query_read(operation: &Operation, field: &Field) -> TokenStream {
    let name = format_ident!("{}", field.name);
    let wire = &field.wire;
    let value = match (&field.ty, field.need) {
        (Type::List(_), _) => quote!(incoming.list(#wire)?),
        (Type::Map(..), _) => {
            let others = operation.query.iter().map(|field| &field.wire).filter(|other| *other != wire);
            quote!(incoming.explode(&[#(#others),*])?)
        }
        (Type::Json(_), Need::Required) => quote!(incoming.json(#wire)?),
        (Type::Json(_), Need::Optional | Need::Expected) => quote!(incoming.opt_json(#wire)?),
        (Type::IdOrJson(_), _) => quote!(incoming.opt_id_or_json(#wire)?),
        (_, Need::Required) => quote!(incoming.query(#wire)?),
        (_, Need::Optional | Need::Expected) => quote!(incoming.opt_query(#wire)?),
    };
    quote!(#name: #value)
}

fn header_read(field: &Field) -> TokenStream {
    let name = format_ident!("{}", field.name);
    let wire = &field.wire;
    match field.need {
        Need::Required => quote!(#name: incoming.header(#wire)?),
        Need::Optional | Need::Expected => quote!(#name: incoming.opt_header(#wire)?),
    }
}

fn body_reads(operation: &Operation) -> Vec<TokenStream> {
    match &operation.body {
        Body::None => Vec::new(),
        Body::Special(field) => {
            let name = format_ident!("{}", field.name);
            vec![quote!(#name: incoming.body().special()?)]
        }
        Body::Bytes { content_type, bytes } => {
            let bytes = format_ident!("{}", bytes.name);
            let mut reads: Vec<_> = content_type.iter().map(header_read).collect();
            reads.push(quote!(#bytes: incoming.bytes()));
            reads
        }
        Body::Fields { fields, rest } => {
            let mut reads: Vec<_> = fields.iter().map(body_read).collect();
            if *rest {
                let known = fields.iter().map(|field| &field.wire);
                reads.push(quote!(extra: incoming.body().extra(&[#(#known),*])?));
            }
            reads
        }
    }
}

fn body_read(field: &Field) -> TokenStream {
    let name = format_ident!("{}", field.name);
    let wire = &field.wire;
    let (slot, ty) = slot(field, Usage::Send);
    match slot {
        Slot::Patch => quote!(#name: incoming.body().patch(#wire)?),
        Slot::Nullable => quote!(#name: incoming.body().nullable(#wire)?),
        Slot::Plain if *ty == Type::Any => quote!(#name: incoming.body().any(#wire)?),
        Slot::Plain => quote!(#name: incoming.body().get(#wire)?),
        Slot::Default | Slot::Optional | Slot::Expected | Slot::Constant => quote!(#name: incoming.body().opt(#wire)?),
    }
}
