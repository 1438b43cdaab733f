//! The request of an operation.

use heck::ToKebabCase;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::object::{constructors, extra_setter, member, setter};
use super::types::{Slot, Usage, slot};
use super::{debug, docs, prose};
use crate::ir::{Apis, Auth, Body, Effect, Field, Idempotency, Need, Operation, Place, ResponseKind, Type};
use crate::openapi::Product;

/// The struct: one public field for every value that the operation takes.
pub(super) fn request_struct(apis: &Apis, operation: &Operation) -> Vec<TokenStream> {
    let name = format_ident!("{}", operation.name);
    let about = about(operation);
    let fields = operation.fields();
    let members = fields.iter().map(|(place, field)| member(apis, field, usage(*place, field), Some(label(*place))));
    let rest = rest(operation).then(|| {
        quote! {
            /// *Body.* Members that the document leaves open.
            pub extra: Object,
        }
    });
    let more: &[&str] = if rest.is_some() { &["extra"] } else { &[] };
    let (derives, debug) = debug::derives(&name, fields.iter().map(|(_, field)| *field), more);
    let own = quote! {
        #about
        #derives
        #[cfg_attr(feature = "server", derive(PartialEq))]
        #[non_exhaustive]
        pub struct #name { #(#members)* #rest }
    };
    vec![own, debug]
}

pub(super) fn rest(operation: &Operation) -> bool {
    matches!(operation.body, Body::Fields { rest: true, .. })
}

/// In a query an absent list and an empty one are the same, as they are in a response.
pub(super) fn usage(place: Place, field: &Field) -> Usage {
    let list = place == Place::Query && field.ty.is_collection() && field.need == Need::Optional;
    if list { Usage::Receive } else { Usage::Send }
}

fn label(place: Place) -> &'static str {
    match place {
        Place::Path => "Path",
        Place::Query => "Query",
        Place::Header => "Header",
        Place::Body => "Body",
        Place::Special => "Whole body",
    }
}

fn about(operation: &Operation) -> TokenStream {
    let summary = operation.summary.as_deref().map_or_else(|| format!("The operation `{}`.", operation.id), prose);
    let needs = match operation.auth {
        Auth::None => "needs no login",
        Auth::Optional => "a login is optional",
        Auth::AccessToken if operation.service == "Homeserver" => "needs a login",
        Auth::AccessToken => "needs a token",
        Auth::Appservice => "needs the token of an application service",
    };
    let method = crate::ops::method(operation.method);
    let mut facts = format!("`{method} {}` · {needs}", operation.path.template());
    if let Some(since) = &operation.since {
        facts.push_str(&format!(" · since {since}"));
    }
    let mut lines = vec![summary, String::new()];
    match &operation.spec {
        Some(spec) => {
            lines.push(format!("{facts} · [spec]"));
            lines.push(String::new());
            lines.push(format!("[spec]: {spec}"));
        }
        None => lines.push(facts),
    }
    let lines = docs(lines.iter().map(String::as_str));
    let alias = alias(operation).filter(|alias| *alias != operation.name && *alias != operation.id);
    let id = (operation.id != operation.name).then_some(operation.id.clone());
    let aliases = id.into_iter().chain(alias);
    let deprecated = operation.deprecated.then(|| quote!(#[deprecated = "the specification deprecates it"]));
    quote! { #lines #(#[doc(alias = #aliases)])* #deprecated }
}

/// The last literal segment of the path.
fn alias(operation: &Operation) -> Option<String> {
    let template = operation.path.template();
    let last = template.split('/').rfind(|segment| !segment.is_empty() && !segment.starts_with('{'));
    last.map(str::to_owned)
}

/// `new` with the required fields, and a setter per optional one.
pub(super) fn inherent(apis: &Apis, operation: &Operation) -> Vec<TokenStream> {
    let name = format_ident!("{}", operation.name);
    let fields: Vec<_> = operation.fields().into_iter().map(|(place, field)| (usage(place, field), field)).collect();
    let setters = fields.iter().map(|(usage, field)| setter(apis, field, *usage));
    let new = constructors(apis, &fields, rest(operation), "A request with its required values set.");
    let extra = rest(operation).then(extra_setter);
    vec![quote! { impl #name { #new #(#setters)* #extra } }]
}

/// The names that the request and its response had before.
pub(super) fn former(operation: &Operation) -> Vec<TokenStream> {
    let Some(former) = &operation.former else { return Vec::new() };
    let alias = |end: &str| {
        let (old, new) = (format_ident!("{former}{end}"), format_ident!("{}{end}", operation.name));
        let about = docs([format!("The former name of [`{new}`].").as_str()]);
        let note = format!("renamed to `{new}`");
        quote! { #about #[deprecated = #note] pub type #old = #new; }
    };
    vec![alias(""), alias("Response")]
}

/// How the request writes itself, place by place.
pub(super) fn request_impl(operation: &Operation) -> TokenStream {
    let name = format_ident!("{}", operation.name);
    let response = format_ident!("{}Response", operation.name);
    let service = format_ident!("{}", operation.service);
    let metadata = metadata(operation);
    let path = path(operation);
    let query = query(operation);
    let headers = headers(operation);
    let body = body(operation);
    quote! {
        impl Request for #name {
            type To = crate::service::#service;
            type Response = #response;
            const METADATA: &'static Metadata = &#metadata;
            #path
            #query
            #headers
            #body
        }
    }
}

fn metadata(operation: &Operation) -> TokenStream {
    let (id, path) = (&operation.id, operation.path.template());
    let method = format_ident!("{}", crate::ops::method(operation.method));
    let mut calls = vec![quote!(Metadata::new(#id, Method::#method, #path))];
    calls.push(match operation.auth {
        Auth::None => quote!(.auth(Auth::None)),
        Auth::Optional => quote!(.auth(Auth::Optional)),
        Auth::AccessToken => quote!(.auth(Auth::AccessToken)),
        Auth::Appservice => quote!(.auth(Auth::Appservice)),
    });
    let service = operation.service.to_kebab_case();
    calls.push(quote!(.service(#service)));
    calls.push(match operation.idempotency {
        Idempotency::Always => quote!(.idempotency(Idempotency::Always)),
        Idempotency::IfUnsent => quote!(.idempotency(Idempotency::IfUnsent)),
    });
    calls.push(match operation.effect {
        Effect::Reads => quote!(.effect(Effect::Reads)),
        Effect::Writes => quote!(.effect(Effect::Writes)),
        Effect::Destroys => quote!(.effect(Effect::Destroys)),
    });
    let fields = operation.fields();
    if !fields.is_empty() {
        let fields = fields.iter().map(|(place, field)| field_info(*place, field));
        calls.push(quote!(.fields(&[#(#fields),*])));
    }
    if !operation.errcodes.is_empty() {
        let errcodes = &operation.errcodes;
        calls.push(quote!(.errcodes(&[#(#errcodes),*])));
    }
    if !operation.flags.is_empty() {
        let flags = &operation.flags;
        calls.push(quote!(.flags(&[#(#flags),*])));
    }
    // What a server can be asked for is the versions of the specification.
    let matrix = operation.since.iter().filter(|since| since.product == Product::Matrix).map(|since| &since.version);
    calls.extend(matrix.map(|version| quote!(.since(#version))));
    calls.extend(operation.spec.iter().map(|spec| quote!(.spec(#spec))));
    calls.extend(operation.rate_limited.then(|| quote!(.rate_limited())));
    calls.extend(operation.unstable.then(|| quote!(.unstable())));
    calls.extend(operation.deprecated.then(|| quote!(.deprecated())));
    calls.extend(operation.long_poll.then(|| quote!(.long_poll())));
    calls.extend(operation.absent_under.iter().map(|what| quote!(.absent_under(#what))));
    calls.extend(matches!(operation.response.kind, ResponseKind::Redirect(_)).then(|| quote!(.redirect())));
    calls.extend(matches!(operation.response.kind, ResponseKind::Bytes(_)).then(|| quote!(.bytes())));
    quote!(#(#calls)*)
}

fn field_info(place: Place, field: &Field) -> TokenStream {
    let wire = &field.wire;
    let place = match place {
        Place::Path => quote!(Place::Path),
        Place::Query => quote!(Place::Query),
        Place::Header => quote!(Place::Header),
        Place::Body => quote!(Place::Body),
        Place::Special => quote!(Place::Special),
    };
    let required = (field.need == Need::Required || field.kept).then(|| quote!(.required()));
    let sensitive = field.ty.is_secret().then(|| quote!(.sensitive()));
    quote!(FieldInfo::new(#wire, #place) #required #sensitive)
}

fn path(operation: &Operation) -> Option<TokenStream> {
    let writes: Vec<_> = operation.path.fields().map(path_write).collect();
    (!writes.is_empty()).then(|| quote! { #[inline] fn path(&self, path: &mut Path<'_>) { #(#writes)* } })
}

fn path_write(field: &Field) -> TokenStream {
    let name = format_ident!("{}", field.name);
    let wire = &field.wire;
    match &field.ty {
        Type::Txn => quote!(path.txn(#wire, &self.#name);),
        Type::Secret(_) => quote!(path.secret(#wire, &self.#name);),
        _ if field.may_be_empty => quote!(path.set_or_empty(#wire, &self.#name);),
        _ => quote!(path.set(#wire, &self.#name);),
    }
}

fn query(operation: &Operation) -> Option<TokenStream> {
    let writes: Vec<_> = operation.query.iter().map(query_write).collect();
    (!writes.is_empty()).then(|| quote! { #[inline] fn query(&self, query: &mut Query<'_>) { #(#writes)* } })
}

fn query_write(field: &Field) -> TokenStream {
    let name = format_ident!("{}", field.name);
    let wire = &field.wire;
    match (&field.ty, field.need) {
        (Type::List(_), _) => quote!(query.list(#wire, &self.#name);),
        (Type::Map(..), _) => quote!(query.explode(&self.#name);),
        (Type::Json(_), Need::Required) => quote!(query.json(#wire, &self.#name);),
        (Type::Json(_), Need::Optional | Need::Expected) => quote!(query.opt_json(#wire, &self.#name);),
        (Type::IdOrJson(_), _) => quote!(query.opt_id_or_json(#wire, &self.#name);),
        (Type::Secret(_), Need::Required) => quote!(query.secret(#wire, &self.#name);),
        (Type::Secret(_), Need::Optional | Need::Expected) => quote!(query.opt_secret(#wire, &self.#name);),
        (_, Need::Required) => quote!(query.set(#wire, &self.#name);),
        (_, Need::Optional | Need::Expected) => quote!(query.opt(#wire, &self.#name);),
    }
}

fn headers(operation: &Operation) -> Option<TokenStream> {
    let writes: Vec<_> = operation.headers.iter().map(header_write).collect();
    (!writes.is_empty()).then(|| quote! { #[inline] fn headers(&self, headers: &mut Headers) { #(#writes)* } })
}

fn header_write(field: &Field) -> TokenStream {
    let name = format_ident!("{}", field.name);
    let wire = &field.wire;
    match field.need {
        Need::Required => quote!(headers.set(#wire, &self.#name);),
        Need::Optional | Need::Expected => quote!(headers.opt(#wire, &self.#name);),
    }
}

fn body(operation: &Operation) -> Option<TokenStream> {
    let writes = match &operation.body {
        Body::None => return None,
        Body::Special(field) => {
            let name = format_ident!("{}", field.name);
            match field.ty {
                Type::Free | Type::Event(_) if field.need == Need::Required => quote!(body.raw(&self.#name);),
                _ => quote!(body.special(&self.#name);),
            }
        }
        Body::Bytes { content_type, bytes } => {
            let bytes = format_ident!("{}", bytes.name);
            let content_type = match content_type {
                Some(field) => {
                    let name = format_ident!("{}", field.name);
                    quote!(&self.#name)
                }
                None => quote!(&None),
            };
            quote!(body.bytes(#content_type, &self.#bytes);)
        }
        Body::Fields { fields, rest } => {
            // Nothing may be set, but an object is due.
            let object = (!fields.iter().any(|field| field.need == Need::Required)).then(|| quote!(body.object();));
            let writes = fields.iter().map(body_write);
            let extra = rest.then(|| quote!(body.extra(&self.extra);));
            quote!(#object #(#writes)* #extra)
        }
    };
    Some(quote! { #[inline] fn body(&self, body: &mut Body<'_>) { #writes } })
}

fn body_write(field: &Field) -> TokenStream {
    let name = format_ident!("{}", field.name);
    let wire = &field.wire;
    let secret = matches!(field.ty, Type::Secret(_));
    match slot(field, Usage::Send).0 {
        _ if field.ty == Type::Txn => quote!(body.txn(#wire, &self.#name);),
        Slot::Patch => quote!(body.patch(#wire, &self.#name);),
        Slot::Optional if secret => quote!(body.opt_secret(#wire, &self.#name);),
        Slot::Optional => quote!(body.opt(#wire, &self.#name);),
        _ if secret => quote!(body.secret(#wire, &self.#name);),
        _ => quote!(body.set(#wire, &self.#name);),
    }
}
