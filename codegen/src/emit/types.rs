//! How a type is written, taken as an argument, and turned into a field.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use crate::ir::{Apis, Field, Need, Shape, Type, TypeDef};

/// Which way a type travels; it decides what may be missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Usage {
    /// Only sent: what is not set is not written.
    Send,
    /// Only received: lists and maps are empty when missing, and null is missing.
    Receive,
    /// Both: what came is what goes back.
    Both,
}

impl Usage {
    pub(crate) fn of(def: &TypeDef) -> Self {
        match (def.writes, def.reads) {
            (true, false) => Self::Send,
            (false, _) => Self::Receive,
            (true, true) => Self::Both,
        }
    }
}

/// How a field is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Slot {
    /// `T`.
    Plain,
    /// `T`, empty when missing.
    Default,
    /// `Option<T>`, absent when `None`.
    Optional,
    /// `Option<T>`, null when `None`.
    Nullable,
    /// `Patch<T>`: absent, null, or a value.
    Patch,
    /// `Option<T>`, though `new` asks for it.
    Expected,
    /// No field: it is always the same.
    Constant,
}

/// The slot and the type inside it.
pub(crate) fn slot(field: &Field, usage: Usage) -> (Slot, &Type) {
    match (&field.ty, field.need, usage) {
        (Type::Constant(_), _, _) => (Slot::Constant, &field.ty),
        (ty, Need::Expected, Usage::Send | Usage::Both) => (Slot::Expected, ty),
        (Type::Txn, _, _) => (Slot::Optional, &field.ty),
        (Type::Nullable(inner), Need::Required, Usage::Send | Usage::Both) => (Slot::Nullable, inner),
        (Type::Nullable(inner), Need::Optional, Usage::Send | Usage::Both) => (Slot::Patch, inner),
        (Type::Nullable(inner), _, Usage::Receive) => (Slot::Optional, inner),
        (ty, _, Usage::Receive) if ty.is_collection() => (Slot::Default, ty),
        // One that is absent must not come back as an empty one.
        (ty, Need::Required, Usage::Both) if ty.is_collection() => (Slot::Expected, ty),
        (ty, Need::Required, _) => (Slot::Plain, ty),
        (ty, Need::Optional | Need::Expected, _) => (Slot::Optional, ty),
    }
}

/// The type of a struct's field.
pub(super) fn field_type(apis: &Apis, field: &Field, usage: Usage) -> TokenStream {
    let (slot, ty) = slot(field, usage);
    let ty = rust(apis, ty);
    match slot {
        Slot::Plain | Slot::Default | Slot::Constant => ty,
        Slot::Optional | Slot::Nullable | Slot::Expected => quote!(Option<#ty>),
        Slot::Patch => quote!(Patch<#ty>),
    }
}

/// A type as Rust writes it.
pub(crate) fn rust(apis: &Apis, ty: &Type) -> TokenStream {
    match ty {
        Type::Boolean => quote!(bool),
        Type::Integer => quote!(i64),
        Type::Number => quote!(f64),
        Type::Text => quote!(String),
        Type::Any => quote!(Value),
        Type::Free => quote!(Raw<Object>),
        Type::Object => quote!(Object),
        Type::Scalar(name) => ident(name),
        Type::Event(kind) => {
            let kind = ident(kind);
            quote!(Raw<#kind>)
        }
        Type::List(inner) => {
            let inner = rust(apis, inner);
            quote!(Vec<#inner>)
        }
        Type::Map(key, value) => {
            let (key, value) = (rust(apis, key), rust(apis, value));
            quote!(Map<#key, #value>)
        }
        Type::Named(id) => ident(&apis.types[id.0].name),
        Type::Nullable(inner) => {
            let inner = rust(apis, inner);
            quote!(Option<#inner>)
        }
        Type::Secret(inner) => {
            let inner = rust(apis, inner);
            quote!(Secret<#inner>)
        }
        Type::Json(inner) => rust(apis, inner),
        Type::IdOrJson(inner) => {
            let inner = rust(apis, inner);
            quote!(IdOr<#inner>)
        }
        Type::Boxed(inner) => {
            let inner = rust(apis, inner);
            quote!(Box<#inner>)
        }
        Type::Constant(_) => quote!(String),
        Type::Txn => quote!(TxnId),
        Type::Bytes => quote!(Bytes),
    }
}

fn ident(name: &str) -> TokenStream {
    let ident = format_ident!("{name}");
    quote!(#ident)
}

/// A value of the type as an argument: what is taken, and how it becomes the value.
pub(super) fn argument(apis: &Apis, name: &proc_macro2::Ident, ty: &Type) -> (TokenStream, TokenStream) {
    let rust = rust(apis, ty);
    let into = || (quote!(impl Into<#rust>), quote!(#name.into()));
    match ty {
        Type::Text | Type::Any | Type::Scalar(_) | Type::IdOrJson(_) | Type::Txn | Type::Bytes => into(),
        Type::Secret(_) => into(),
        Type::Boxed(inner) => {
            let inner = self::rust(apis, inner);
            (quote!(impl Into<Box<#inner>>), quote!(#name.into()))
        }
        Type::Named(id) if matches!(apis.types[id.0].shape, Shape::Enum { .. }) => into(),
        Type::Free => (quote!(impl serde::Serialize), quote!(Raw::new(&#name))),
        Type::List(inner) if matches!(**inner, Type::Text | Type::Scalar(_)) => {
            let inner = self::rust(apis, inner);
            (quote!(impl IntoIterator<Item = impl Into<#inner>>), quote!(#name.into_iter().map(Into::into).collect()))
        }
        Type::List(inner) => {
            let inner = self::rust(apis, inner);
            (quote!(impl IntoIterator<Item = #inner>), quote!(#name.into_iter().collect()))
        }
        Type::Map(key, value) => {
            let (key, value) = (self::rust(apis, key), self::rust(apis, value));
            (quote!(impl IntoIterator<Item = (#key, #value)>), quote!(#name.into_iter().collect()))
        }
        _ => (rust, quote!(#name)),
    }
}

/// An argument for a field in its slot.
pub(super) fn slot_argument(
    apis: &Apis,
    name: &proc_macro2::Ident,
    field: &Field,
    usage: Usage,
) -> (TokenStream, TokenStream) {
    match slot(field, usage) {
        (Slot::Nullable, ty) => {
            let ty = rust(apis, ty);
            (quote!(Option<#ty>), quote!(#name))
        }
        (_, ty) => argument(apis, name, ty),
    }
}
