//! What a response should look like, as data: for reports on what was read in spite of its shape.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::types::rust;
use crate::ir::{Apis, Field, Type, TypeDef, TypeId};

/// The shape of an object. A type that comes back to itself is looked at only once.
pub(super) fn object(apis: &Apis, owner: Option<&TypeDef>, fields: &[Field], rest: bool) -> TokenStream {
    let members = fields.iter().map(|field| {
        let wire = &field.wire;
        let required = field.need == crate::ir::Need::Required;
        let shape = shape(apis, owner, &field.ty);
        quote!((#wire, #required, #shape))
    });
    let kind = if rest { quote!(Shape::Open) } else { quote!(Shape::Object) };
    quote!(#kind(&[#(#members),*]))
}

/// The constant that a reading type has.
pub(super) fn constant(shape: &TokenStream) -> TokenStream {
    quote!(const SHAPE: Shape = #shape;)
}

/// The shape of a value.
pub(super) fn shape(apis: &Apis, owner: Option<&TypeDef>, ty: &Type) -> TokenStream {
    match ty {
        Type::Boolean => quote!(Shape::Boolean),
        Type::Integer => quote!(Shape::Integer),
        Type::Number => quote!(Shape::Number),
        Type::Text => quote!(Shape::Text),
        Type::Free | Type::Event(_) => quote!(Shape::Raw),
        Type::Object => quote!(Shape::Open(&[])),
        Type::Named(id) if comes_back(apis, owner, *id) => quote!(Shape::Any),
        Type::Scalar(_) | Type::Named(_) => {
            let ty = rust(apis, ty);
            quote!(<#ty as Read>::SHAPE)
        }
        Type::List(inner) => {
            let inner = shape(apis, owner, inner);
            quote!(Shape::List(&#inner))
        }
        Type::Map(_, inner) => {
            let inner = shape(apis, owner, inner);
            quote!(Shape::Map(&#inner))
        }
        Type::Nullable(inner) => {
            let inner = shape(apis, owner, inner);
            quote!(Shape::Nullable(&#inner))
        }
        Type::Secret(inner) => shape(apis, owner, inner),
        Type::Boxed(inner) => {
            let ty = rust(apis, inner);
            quote!(Shape::Within(|| &<#ty as Read>::SHAPE))
        }
        Type::Constant(value) => quote!(Shape::Enum(&[#value])),
        Type::Any | Type::Json(_) | Type::IdOrJson(_) | Type::Txn | Type::Bytes => quote!(Shape::Any),
    }
}

/// Whether a type leads back to its owner.
fn comes_back(apis: &Apis, owner: Option<&TypeDef>, id: TypeId) -> bool {
    let Some(owner) = owner else { return false };
    let mut seen = vec![id];
    let mut at = 0;
    while let Some(id) = seen.get(at).copied() {
        let def = &apis.types[id.0];
        if std::ptr::eq(def, owner) {
            return true;
        }
        let mut found = Vec::new();
        def.shape.named(&mut found);
        found.retain(|id| !seen.contains(id));
        seen.extend(found);
        at += 1;
    }
    false
}

/// The shape of a value of one of several kinds.
pub(super) fn union(apis: &Apis, def: &TypeDef, alternatives: &[crate::ir::Alternative]) -> TokenStream {
    let kinds = alternatives.iter().map(|one| {
        let kind = format_ident!("{}", one.name);
        let shape = one.ty.as_ref().map_or_else(|| quote!(Shape::Any), |ty| shape(apis, Some(def), ty));
        quote!((crate::wire::Kind::#kind, #shape))
    });
    quote!(Shape::Union(&[#(#kinds),*]))
}
