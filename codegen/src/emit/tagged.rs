//! Objects that are told apart by a text in them, and objects that are a map.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::types::{Slot, Usage, argument, rust, slot};
use super::{docs, prose, report};
use crate::ir::{Apis, Field, Shape, Tagged, Type, TypeDef, TypeId};

/// A struct whose one field is all of the object.
pub(super) fn whole(apis: &Apis, def: &TypeDef, field: &Field) -> Vec<TokenStream> {
    let (name, own, ty) = (format_ident!("{}", def.name), format_ident!("{}", field.name), rust(apis, &field.ty));
    let summary = def.summary.as_deref().map_or_else(|| format!("The object `{}`.", def.spot), prose);
    let about = docs([summary.as_str()]);
    let line = docs(["All of it."]);
    let new = docs(["A value with its member set."]);
    let (argument, value) = argument(apis, &own, &field.ty);
    let value = if own == value.to_string() { quote!(#own) } else { quote!(#own: #value) };
    let shape = report::constant(&report::shape(apis, Some(def), &field.ty));
    vec![
        quote! {
            #about
            #[derive(Clone, Debug)]
            #[cfg_attr(feature = "server", derive(PartialEq))]
            #[non_exhaustive]
            pub struct #name {
                #line
                pub #own: #ty,
            }
        },
        quote! { impl #name { #new pub fn new(#own: #argument) -> Self { Self { #value } } } },
        quote! {
            impl Read for #name {
                #shape
                fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    Read::read(deserializer).map(|#own| Self { #own })
                }
            }
        },
        deserialize(&name),
        quote! {
            impl Serialize for #name {
                fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    Serialize::serialize(&self.#own, serializer)
                }
            }
        },
    ]
}

fn deserialize(name: &Ident) -> TokenStream {
    quote! {
        impl<'de> Deserialize<'de> for #name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                <Self as Read>::read(deserializer)
            }
        }
    }
}

/// An enum with a variant for each value of the tag, and one for all others.
pub(super) fn items(apis: &Apis, def: &TypeDef, tag: &str, variants: &[Tagged], other: TypeId) -> Vec<TokenStream> {
    let name = format_ident!("{}", def.name);
    let summary = def.summary.as_deref().map_or_else(|| format!("The object `{}`.", def.spot), prose);
    let about = docs([
        summary.as_str(),
        "",
        &format!("Told apart by `{tag}`. Open: a value that this version does not know is kept as it came."),
    ]);
    let wires: Vec<_> = variants.iter().map(|one| one.wire.as_str()).collect();
    let lines = wires.iter().map(|wire| docs([format!("`{wire}`").as_str()]));
    let names: Vec<_> = variants.iter().map(|one| format_ident!("{}", one.name)).collect();
    let types: Vec<_> = variants.iter().map(|one| format_ident!("{}", apis.types[one.ty.0].name)).collect();
    let rest = format_ident!("{}", apis.types[other.0].name);
    vec![
        quote! {
            #about
            #[derive(Clone, Debug)]
            #[cfg_attr(feature = "server", derive(PartialEq))]
            #[non_exhaustive]
            pub enum #name {
                #(#lines #names(#types),)*
                /// Any other value.
                Other(#rest),
            }
        },
        accessors(apis, &name, tag, variants, other),
        quote! {
            impl Read for #name {
                const SHAPE: Shape =
                    Shape::Tagged(#tag, &[#((#wires, <#types as Read>::SHAPE)),*], &<#rest as Read>::SHAPE);

                fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    crate::wire::read_tagged(deserializer, #tag, |tag, raw| match tag {
                        #(#wires => crate::wire::from_raw(raw).map(Self::#names),)*
                        _ => crate::wire::from_raw(raw).map(Self::Other),
                    })
                }
            }
        },
        deserialize(&name),
        quote! {
            impl Serialize for #name {
                fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    match self {
                        #(Self::#names(value) => value.serialize(serializer),)*
                        Self::Other(value) => value.serialize(serializer),
                    }
                }
            }
        },
        quote! {
            #(impl From<#types> for #name {
                fn from(value: #types) -> Self {
                    Self::#names(value)
                }
            })*
        },
    ]
}

/// The members that all of them have, without a match.
fn accessors(apis: &Apis, name: &Ident, tag: &str, variants: &[Tagged], other: TypeId) -> TokenStream {
    let fields_of = |id: TypeId| match &apis.types[id.0].shape {
        Shape::Object { fields, .. } => fields.as_slice(),
        _ => &[],
    };
    let names: Vec<_> = variants.iter().map(|one| format_ident!("{}", one.name)).collect();
    let wires: Vec<_> = variants.iter().map(|one| one.wire.as_str()).collect();
    let mut methods = Vec::new();
    for field in fields_of(other) {
        let own = format_ident!("{}", field.name);
        if field.wire == tag {
            let about = docs([format!("The `{tag}`, known or not; empty if there is none.").as_str()]);
            let text = text(&own, field);
            methods.push(quote! {
                #about
                #[must_use]
                pub fn #own(&self) -> &str {
                    match self {
                        #(Self::#names(_) => #wires,)*
                        Self::Other(value) => #text,
                    }
                }
            });
            continue;
        }
        let find = |one: &Tagged| fields_of(one.ty).iter().find(|two| two.wire == field.wire && two.ty == field.ty);
        let Some(others) = variants.iter().map(find).collect::<Option<Vec<_>>>() else { continue };
        let line = field.docs.as_deref().map_or_else(|| format!("The `{}`.", field.wire), prose);
        if field.ty == Type::Text {
            let about = docs([format!("{line} Empty if there is none.").as_str()]);
            let rows = names.iter().zip(&others).map(|(name, two)| {
                let text = text(&own, two);
                quote!(Self::#name(value) => #text,)
            });
            let rest = text(&own, field);
            methods.push(quote! {
                #about
                #[must_use]
                pub fn #own(&self) -> &str { match self { #(#rows)* Self::Other(value) => #rest, } }
            });
        } else if others.iter().chain([&field]).all(|two| slot(two, Usage::Both).0 == Slot::Optional) {
            methods.push(optional(apis, &names, &own, field, &line));
        }
    }
    quote! { impl #name { #(#methods)* } }
}

/// A member that may be missing: to look at, and to change.
fn optional(apis: &Apis, names: &[Ident], own: &Ident, field: &Field, line: &str) -> TokenStream {
    let ty = rust(apis, &field.ty);
    let (looked_at, get) = match &field.ty {
        Type::Boxed(inner) => (rust(apis, inner), quote!(as_deref)),
        _ => (ty.clone(), quote!(as_ref)),
    };
    let about = docs([line]);
    let change = format_ident!("{}_mut", field.name);
    let about_change = docs([format!("[`{own}`](Self::{own}), to be changed.").as_str()]);
    quote! {
        #about
        #[must_use]
        pub fn #own(&self) -> Option<&#looked_at> {
            match self {
                #(Self::#names(value) => value.#own.#get(),)*
                Self::Other(value) => value.#own.#get(),
            }
        }

        #about_change
        pub fn #change(&mut self) -> &mut Option<#ty> {
            match self {
                #(Self::#names(value) => &mut value.#own,)*
                Self::Other(value) => &mut value.#own,
            }
        }
    }
}

fn text(own: &Ident, field: &Field) -> TokenStream {
    match slot(field, Usage::Both).0 {
        Slot::Plain => quote!(&value.#own),
        _ => quote!(value.#own.as_deref().unwrap_or_default()),
    }
}
