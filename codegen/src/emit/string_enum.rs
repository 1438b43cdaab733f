//! Open enums of strings.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::{docs, prose};
use crate::ir::{TypeDef, Variant};

/// The enum, its texts, and the traits that make it usable in every place.
pub(super) fn items(def: &TypeDef, values: &[Variant]) -> Vec<TokenStream> {
    let name = format_ident!("{}", def.name);
    let summary = def.summary.as_deref().map_or_else(|| format!("A value of `{}`.", def.spot), prose);
    let about = docs([summary.as_str(), "", "Open: a value that this version does not know is kept as it came."]);
    let names: Vec<_> = values.iter().map(|value| format_ident!("{}", value.name)).collect();
    let wires: Vec<_> = values.iter().map(|value| value.wire.as_str()).collect();
    let lines = wires.iter().map(|wire| docs([format!("`{wire}`").as_str()]));
    vec![
        quote! {
            #about
            #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
            #[non_exhaustive]
            pub enum #name {
                #(#lines #names,)*
                #[doc(hidden)]
                _Unknown(Unknown),
            }
        },
        quote! {
            impl StringEnum for #name {
                const VALUES: &'static [&'static str] = &[#(#wires),*];

                fn as_str(&self) -> &str {
                    match self {
                        #(Self::#names => #wires,)*
                        Self::_Unknown(other) => other.as_str(),
                    }
                }

                fn parse(text: &str) -> Self {
                    match text {
                        #(#wires => Self::#names,)*
                        other => Self::_Unknown(Unknown::new(other)),
                    }
                }

                fn is_known(&self) -> bool {
                    !matches!(self, Self::_Unknown(_))
                }
            }
        },
        quote! { crate::string_enum!(#name); },
    ]
}
