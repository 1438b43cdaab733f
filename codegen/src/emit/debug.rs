//! What `Debug` shows of a struct.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::types::{Usage, slot};
use crate::ir::{Field, Type};

/// The derives of a request or response, and an `impl Debug` where deriving it would print a whole file.
pub(super) fn derives<'a>(
    name: &Ident,
    fields: impl Iterator<Item = &'a Field>,
    more: &[&str],
) -> (TokenStream, TokenStream) {
    let fields: Vec<_> = fields.collect();
    if !fields.iter().any(|field| is_bytes(field)) {
        return (quote!(#[derive(Clone, Debug)]), TokenStream::new());
    }
    let shown = fields.iter().map(|field| {
        let (own, text) = (quote::format_ident!("{}", field.name), &field.name);
        if is_bytes(field) {
            quote!(.field(#text, &format_args!("{} bytes", self.#own.len())))
        } else {
            quote!(.field(#text, &self.#own))
        }
    });
    let more = more.iter().map(|text| {
        let own = quote::format_ident!("{text}");
        quote!(.field(#text, &self.#own))
    });
    let title = name.to_string();
    let debug = quote! {
        impl std::fmt::Debug for #name {
            fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                out.debug_struct(#title) #(#shown)* #(#more)* .finish()
            }
        }
    };
    (quote!(#[derive(Clone)]), debug)
}

fn is_bytes(field: &Field) -> bool {
    *slot(field, Usage::Send).1 == Type::Bytes
}
