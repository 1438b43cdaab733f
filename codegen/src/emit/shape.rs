//! Values of one of several JSON kinds.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::types::rust;
use super::{docs, prose};
use crate::ir::{Alternative, Apis, TypeDef};

/// An enum with a variant per kind, told apart by the first byte.
pub(super) fn items(apis: &Apis, def: &TypeDef, alternatives: &[Alternative]) -> Vec<TokenStream> {
    let name = format_ident!("{}", def.name);
    let summary = def.summary.as_deref().map_or_else(|| format!("A value of `{}`.", def.spot), prose);
    let about = docs([summary.as_str()]);
    let (mut variants, mut reads, mut writes) = (Vec::new(), Vec::new(), Vec::new());
    for one in alternatives {
        let variant = format_ident!("{}", one.name);
        let line = docs([kind_docs(one.name)]);
        match &one.ty {
            Some(ty) => {
                let ty = rust(apis, ty);
                variants.push(quote!(#line #variant(#ty),));
                reads.push(quote!(crate::wire::Kind::#variant => crate::wire::from_raw(&raw).map(Self::#variant),));
                writes.push(quote!(Self::#variant(value) => value.serialize(serializer),));
            }
            None => {
                variants.push(quote!(#line #variant,));
                reads.push(quote!(crate::wire::Kind::#variant => Ok(Self::#variant),));
                writes.push(quote!(Self::#variant => serializer.serialize_unit(),));
            }
        }
    }
    vec![
        quote! {
            #about
            #[derive(Clone, Debug)]
            #[cfg_attr(feature = "server", derive(PartialEq))]
            #[non_exhaustive]
            pub enum #name {
                #(#variants)*
                /// Another kind of JSON than the specification names.
                Other(Value),
            }
        },
        quote! {
            impl Read for #name {
                fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    let raw = Box::<RawValue>::deserialize(deserializer)?;
                    match crate::wire::raw_kind(raw.get()) {
                        #(#reads)*
                        _ => crate::wire::from_raw(&raw).map(Self::Other),
                    }
                }
            }
        },
        quote! {
            impl<'de> Deserialize<'de> for #name {
                fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    <Self as Read>::read(deserializer)
                }
            }
        },
        quote! {
            impl Serialize for #name {
                fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    match self {
                        #(#writes)*
                        Self::Other(value) => value.serialize(serializer),
                    }
                }
            }
        },
    ]
}

fn kind_docs(kind: &str) -> &'static str {
    match kind {
        "Text" => "A string.",
        "Number" => "A number.",
        "Boolean" => "True or false.",
        "List" => "A list.",
        "Null" => "Null, which is a value of its own here.",
        _ => "An object.",
    }
}
