//! Values of one of several JSON kinds.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::object::Reader;
use super::types::rust;
use super::{docs, prose, report};
use crate::ir::{Alternative, Apis, Type, TypeDef};

/// An enum with a variant per kind, told apart by the first byte.
pub(super) fn items(apis: &Apis, def: &TypeDef, alternatives: &[Alternative]) -> Vec<TokenStream> {
    let name = format_ident!("{}", def.name);
    let summary = def.summary.as_deref().map_or_else(|| format!("A value of `{}`.", def.spot), prose);
    let about = docs([summary.as_str()]);
    // Only a server writes what is merely received; see `object::serialize`.
    let hidden = !def.writes && !def.answered;
    let server = hidden.then(|| quote!(#[cfg(feature = "server")]));
    let from = hidden.then(|| quote!(serde::));
    let (mut variants, mut reads, mut writes) = (Vec::new(), Vec::new(), Vec::new());
    for one in alternatives {
        let variant = format_ident!("{}", one.name);
        let line = docs([kind_docs(one.name)]);
        match &one.ty {
            Some(ty) => {
                // A fraction where the document knows whole numbers is kept as it came.
                let whole = (*ty == Type::Integer)
                    .then(|| quote!(if raw.get().parse::<f64>().is_ok_and(|number| number.fract() == 0.0)));
                let ty = rust(apis, ty);
                variants.push(quote!(#line #variant(#ty),));
                reads.push(
                    quote!(crate::wire::Kind::#variant #whole => crate::wire::from_raw(&raw).map(Self::#variant),),
                );
                writes.push(quote!(Self::#variant(value) => #from Serialize::serialize(value, serializer),));
            }
            None => {
                variants.push(quote!(#line #variant,));
                reads.push(quote!(crate::wire::Kind::#variant => Ok(Self::#variant),));
                writes.push(quote!(Self::#variant => serializer.serialize_unit(),));
            }
        }
    }
    let mut items = vec![quote! {
        #about
        #[derive(Clone, Debug)]
        #[cfg_attr(feature = "server", derive(PartialEq))]
        #[non_exhaustive]
        pub enum #name {
            #(#variants)*
            /// Another kind of JSON than the specification names.
            Other(Value),
        }
    }];
    items.extend(match Reader::of(def) {
        Reader::Client => read(&name, &report::constant(&report::union(apis, def, alternatives)), &reads),
        reader => read_as_server(&name, reader, &reads),
    });
    items.push(quote! {
        #server
        impl #from Serialize for #name {
            fn serialize<S: #from Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self {
                    #(#writes)*
                    Self::Other(value) => #from Serialize::serialize(value, serializer),
                }
            }
        }
    });
    items
}

fn read(name: &Ident, shape: &TokenStream, reads: &[TokenStream]) -> [TokenStream; 2] {
    [
        quote! {
            impl Read for #name {
                #shape
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
    ]
}

/// The same with everything spelled out, as a build without the feature would find imports unused.
fn read_as_server(name: &Ident, reader: Reader, reads: &[TokenStream]) -> [TokenStream; 2] {
    let server = (reader == Reader::ServerFeature).then(|| quote!(#[cfg(feature = "server")]));
    [
        quote! {
            #server
            impl crate::wire::Read for #name {
                fn read<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    let raw: Box<serde_json::value::RawValue> = serde::Deserialize::deserialize(deserializer)?;
                    match crate::wire::raw_kind(raw.get()) {
                        #(#reads)*
                        _ => crate::wire::from_raw(&raw).map(Self::Other),
                    }
                }
            }
        },
        quote! {
            #server
            impl<'de> serde::Deserialize<'de> for #name {
                fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    <Self as crate::wire::Read>::read(deserializer)
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
