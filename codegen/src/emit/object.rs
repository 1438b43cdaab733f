//! Structs: how they are declared, made, read and written.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::types::{Slot, Usage, argument, field_type, slot, slot_argument};
use super::{docs, prose, report};
use crate::ir::{Apis, Field, Need, Shape, Type, TypeDef};

/// A nested or shared type.
pub(super) fn items(apis: &Apis, def: &TypeDef, fields: &[Field], rest: bool) -> Vec<TokenStream> {
    let name = format_ident!("{}", def.name);
    let usage = Usage::of(def);
    let shape = report::constant(&report::object(apis, Some(def), fields, rest));
    // What travels both ways must not lose what it does not know.
    let rest = rest || usage == Usage::Both;
    let members = members(apis, fields, usage, rest, None);
    let summary = def.summary.as_deref().map_or_else(|| format!("The object `{}`.", def.spot), prose);
    let about = docs([summary.as_str()]);
    let mut items = vec![quote! {
        #about
        #[derive(Clone, Debug)]
        #[cfg_attr(feature = "server", derive(PartialEq))]
        #[non_exhaustive]
        pub struct #name { #members }
    }];
    items.push(constructor(apis, def, fields, usage, rest));
    let read = read_object(apis, fields, usage, rest, Reader::of(def));
    items.push(match Reader::of(def) {
        Reader::Client => quote! { impl ReadObject for #name { #shape #read } },
        Reader::Server => quote! { impl crate::wire::ReadObject for #name { #read } },
        Reader::ServerFeature => quote! { #[cfg(feature = "server")] impl crate::wire::ReadObject for #name { #read } },
    });
    let server = (Reader::of(def) == Reader::ServerFeature).then(|| quote!(#[cfg(feature = "server")]));
    items.push(quote! { #server crate::read_object!(#name); });
    items.push(serialize(def, &name, fields, usage, rest));
    items
}

/// Who reads a type. What a file borrows for reading is spelled out where only a server does.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Reader {
    /// A client, in a response.
    Client,
    /// Whoever is called by a homeserver, in a request.
    Server,
    /// Nobody but with feature `server`.
    ServerFeature,
}

impl Reader {
    pub(super) fn of(def: &TypeDef) -> Self {
        match (def.reads, def.accepted) {
            (true, _) => Self::Client,
            (false, true) => Self::Server,
            (false, false) => Self::ServerFeature,
        }
    }
}

/// The fields of a struct. `place` says where each travels, for requests.
pub(super) fn members(apis: &Apis, fields: &[Field], usage: Usage, rest: bool, place: Option<&str>) -> TokenStream {
    let mut out = TokenStream::new();
    for field in fields {
        out.extend(member(apis, field, usage, place));
    }
    if rest {
        out.extend(quote! {
            /// Members that this version does not know.
            pub extra: Object,
        });
    }
    out
}

/// One field with its documentation.
pub(super) fn member(apis: &Apis, field: &Field, usage: Usage, place: Option<&str>) -> TokenStream {
    if slot(field, usage).0 == Slot::Constant {
        return TokenStream::new();
    }
    let name = format_ident!("{}", field.name);
    let ty = field_type(apis, field, usage);
    let mut line = place.map(|place| format!("*{place}.* ")).unwrap_or_default();
    match &field.docs {
        Some(text) => line.push_str(&prose(text)),
        None => line.push_str(&format!("`{}`.", field.wire)),
    }
    let since = field.since.as_ref().map(|since| format!("Since {since}."));
    let kept =
        field.kept.then(|| "The specification requires it by now; here it stays optional for a while.".to_owned());
    let notes = [since, kept].into_iter().flatten().flat_map(|note| [String::new(), note]);
    let lines: Vec<String> = std::iter::once(line).chain(notes).collect();
    let about = docs(lines.iter().map(String::as_str));
    let deprecated = field.deprecated.then(|| quote!(#[deprecated]));
    quote! { #about #deprecated pub #name: #ty, }
}

/// `new`, and for what is sent a setter per optional field.
fn constructor(apis: &Apis, def: &TypeDef, fields: &[Field], usage: Usage, rest: bool) -> TokenStream {
    let name = format_ident!("{}", def.name);
    let used: Vec<_> = fields.iter().map(|field| (usage, field)).collect();
    let new = constructors(apis, &used, rest, "A value with its required members set.");
    if usage == Usage::Receive {
        let server = (!def.answered).then(|| quote!(#[cfg(feature = "server")]));
        return quote! { #server impl #name { #new } };
    }
    let setters = fields.iter().map(|field| setter(apis, field, usage));
    let extra = rest.then(extra_setter);
    quote! { impl #name { #new #(#setters)* #extra } }
}

/// Adds a member that the document does not name.
pub(super) fn extra_setter() -> TokenStream {
    quote! {
        /// Adds a member that has no field of its own.
        #[must_use]
        pub fn extra(mut self, name: impl Into<String>, value: impl Into<serde_json::Value>) -> Self {
            self.extra.insert(name, value);
            self
        }
    }
}

/// `new`; and where something has become required since, another that takes it too.
pub(super) fn constructors(apis: &Apis, fields: &[(Usage, &Field)], rest: bool, about: &str) -> TokenStream {
    let kept: Vec<_> = fields.iter().filter(|(_, field)| field.kept).map(|(_, field)| field.name.as_str()).collect();
    let lines = docs([about]);
    let new = constructor_of(apis, fields, rest, None);
    if kept.is_empty() {
        return quote! { #lines #new };
    }
    let full = format_ident!("with_{}", kept.join("_and_"));
    let note = format!("use `{full}`: the specification requires it by now");
    let whole = constructor_of(apis, fields, rest, Some(&full));
    quote! { #lines #[deprecated = #note] #new #lines #whole }
}

/// A constructor with an argument for every required field; one with a name also takes what was optional before.
fn constructor_of(apis: &Apis, fields: &[(Usage, &Field)], rest: bool, full: Option<&Ident>) -> TokenStream {
    let (mut arguments, mut values) = (Vec::new(), Vec::new());
    for (usage, field) in fields {
        let name = format_ident!("{}", field.name);
        let (slot, _) = slot(field, *usage);
        let (ty, value) = slot_argument(apis, &name, field, *usage);
        let given = field.kept && full.is_some();
        if given || matches!(slot, Slot::Plain | Slot::Nullable | Slot::Expected) {
            arguments.push(quote!(#name: #ty));
        }
        values.push(match slot {
            Slot::Plain | Slot::Nullable if name == value.to_string() => quote!(#name),
            Slot::Plain | Slot::Nullable => quote!(#name: #value),
            Slot::Default if given => quote!(#name: #value),
            Slot::Expected => quote!(#name: Some(#value)),
            Slot::Optional if given => quote!(#name: Some(#value)),
            Slot::Patch if given => quote!(#name: Patch::Set(#value)),
            Slot::Default => default(&name, &field.ty),
            Slot::Optional => quote!(#name: None),
            Slot::Patch => quote!(#name: Patch::Absent),
            Slot::Constant => continue,
        });
    }
    if rest {
        values.push(quote!(extra: Object::default()));
    }
    let name = full.cloned().unwrap_or_else(|| format_ident!("new"));
    quote! { pub fn #name(#(#arguments),*) -> Self { Self { #(#values),* } } }
}

fn default(name: &Ident, ty: &Type) -> TokenStream {
    match ty {
        Type::List(_) => quote!(#name: Vec::new()),
        Type::Map(..) => quote!(#name: Map::new()),
        _ => quote!(#name: Object::default()),
    }
}

/// The chainable setter of an optional field. A value is large, and is not moved where the setter is inlined.
pub(super) fn setter(apis: &Apis, field: &Field, usage: Usage) -> TokenStream {
    let name = format_ident!("{}", field.name);
    let (slot, ty) = slot(field, usage);
    let about = docs([format!("Sets [`{0}`](Self#structfield.{0}).", field.name).as_str()]);
    let deprecated = field.deprecated.then(|| quote!(#[deprecated]));
    let (argument, value) = argument(apis, &name, ty);
    match slot {
        Slot::Plain | Slot::Nullable | Slot::Expected | Slot::Constant => TokenStream::new(),
        Slot::Default => quote! {
            #about #deprecated #[must_use] #[inline]
            pub fn #name(mut self, #name: #argument) -> Self { self.#name = #value; self }
        },
        Slot::Optional => quote! {
            #about #deprecated #[must_use] #[inline]
            pub fn #name(mut self, #name: #argument) -> Self { self.#name = Some(#value); self }
        },
        Slot::Patch => {
            let null = format_ident!("{}_null", field.name.trim_end_matches('_'));
            let about_null = docs([format!("Sends null for [`{0}`](Self#structfield.{0}).", field.name).as_str()]);
            quote! {
                #about #deprecated #[must_use] #[inline]
                pub fn #name(mut self, #name: #argument) -> Self { self.#name = Patch::Set(#value); self }
                #about_null #deprecated #[must_use] #[inline]
                pub fn #null(mut self) -> Self { self.#name = Patch::Null; self }
            }
        }
    }
}

/// Reads the members one after the other, in whatever order they come.
pub(super) fn read_object(apis: &Apis, fields: &[Field], usage: Usage, rest: bool, reader: Reader) -> TokenStream {
    let (mut slots, mut arms, mut values) = (Vec::new(), Vec::new(), Vec::new());
    for field in fields {
        if let Type::Constant(_) = field.ty {
            let wire = &field.wire;
            arms.push(quote!(#wire => members.skip()?,));
            continue;
        }
        let (slot, arm, value) = read_member(apis, field, usage);
        slots.push(slot);
        arms.push(arm);
        values.push(value);
    }
    let other = if rest {
        values.push(quote!(extra: members.rest()));
        quote!(members.keep(key)?)
    } else {
        quote!(members.skip()?)
    };
    let each = match arms.is_empty() {
        true => quote!(#other;),
        false => quote!(match &*key { #(#arms)* _ => #other, }),
    };
    let (map, list) = match reader {
        Reader::Client => (quote!(MapAccess), quote!(Members)),
        _ => (quote!(serde::de::MapAccess), quote!(crate::wire::Members)),
    };
    quote! {
        fn read_object<'de, A: #map<'de>>(members: &mut #list<'de, A>) -> Result<Self, A::Error> {
            #(#slots)*
            while let Some(key) = members.key()? { #each }
            Ok(Self { #(#values),* })
        }
    }
}

/// Where a member is kept while the others are read, how it is read, and what becomes of it.
fn read_member(apis: &Apis, field: &Field, usage: Usage) -> (TokenStream, TokenStream, TokenStream) {
    let own = format_ident!("{}", field.name);
    // Names that the function itself needs.
    let hidden = matches!(field.name.as_str(), "members" | "key");
    let name = if hidden { format_ident!("{}_", field.name) } else { own.clone() };
    let wire = &field.wire;
    let (slot, ty) = slot(field, usage);
    let start = if slot == Slot::Patch { quote!(Patch::Absent) } else { quote!(None) };
    let null = null_variant(apis, ty).filter(|_| matches!(slot, Slot::Plain | Slot::Optional | Slot::Expected));
    let read = match slot {
        Slot::Patch => quote!(patch),
        Slot::Nullable => quote!(nullable),
        _ if null.is_some() => quote!(nullable),
        Slot::Plain if *ty == Type::Any => quote!(any),
        // What goes back is what came.
        Slot::Optional | Slot::Expected if *ty == Type::Any && usage == Usage::Both => quote!(any),
        _ => quote!(value),
    };
    let value = match (slot, null) {
        (Slot::Plain, Some(null)) => quote!(#own: crate::wire::need(#wire, #name)?.unwrap_or(#null)),
        (_, Some(null)) => quote!(#own: #name.map(|value| value.unwrap_or(#null))),
        (Slot::Plain, _) if ty.is_collection() => quote!(#own: #name.unwrap_or_default()),
        (Slot::Plain | Slot::Nullable, _) => quote!(#own: crate::wire::need(#wire, #name)?),
        (Slot::Default, _) => quote!(#own: #name.unwrap_or_default()),
        _ if hidden => quote!(#own: #name),
        _ => quote!(#own),
    };
    (quote!(let mut #name = #start;), quote!(#wire => members.#read(#wire, &mut #name)?,), value)
}

/// The variant of a union to which null is a value like any other.
fn null_variant(apis: &Apis, ty: &Type) -> Option<TokenStream> {
    let Type::Named(id) = ty else { return None };
    let def = &apis.types[id.0];
    let Shape::Union { alternatives } = &def.shape else { return None };
    let name = format_ident!("{}", def.name);
    alternatives.iter().any(|one| one.ty.is_none()).then(|| quote!(#name::Null))
}

fn serialize(def: &TypeDef, name: &Ident, fields: &[Field], usage: Usage, rest: bool) -> TokenStream {
    let mut writes: Vec<_> = fields.iter().map(|field| write(field, usage)).collect();
    if rest {
        writes.push(quote!(out.extra(&self.extra)?;));
    }
    let received = usage == Usage::Receive && !def.answered;
    let server = received.then(|| quote!(#[cfg(feature = "server")]));
    // Spelled out where a build without that feature would find the import unused.
    let from = received.then(|| quote!(serde::));
    let out = if writes.is_empty() { quote!(out) } else { quote!(mut out) };
    quote! {
        #server
        impl #from Serialize for #name {
            fn serialize<S: #from Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let #out = crate::wire::write_object(serializer)?;
                #(#writes)*
                out.end()
            }
        }
    }
}

fn write(field: &Field, usage: Usage) -> TokenStream {
    let name = format_ident!("{}", field.name);
    let wire = &field.wire;
    match slot(field, usage).0 {
        Slot::Plain | Slot::Nullable => quote!(out.set(#wire, &self.#name)?;),
        Slot::Default if field.need == Need::Required => quote!(out.set(#wire, &self.#name)?;),
        Slot::Default => quote!(if !self.#name.is_empty() { out.set(#wire, &self.#name)?; }),
        Slot::Optional | Slot::Expected => quote!(out.opt(#wire, &self.#name)?;),
        Slot::Constant => {
            let Type::Constant(value) = &field.ty else { return TokenStream::new() };
            quote!(out.set(#wire, #value)?;)
        }
        Slot::Patch => quote!(out.patch(#wire, &self.#name)?;),
    }
}
