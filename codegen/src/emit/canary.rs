//! For tests: every request, with a text of its own in every place that takes one.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::docs;
use super::request::{rest, usage};
use super::types::{Slot, Usage, slot};
use crate::ir::{Api, Apis, Field, Operation, Shape, Type, TypeDef, TypeId};
use crate::layout::File;

/// One file for each API, and one that names them all.
pub(crate) fn files(apis: &Apis) -> Vec<File> {
    let mut files: Vec<File> = apis.apis.iter().map(|api| file(apis, api)).collect();
    files.push(index(apis));
    files
}

fn index(apis: &Apis) -> File {
    let mut items = Vec::new();
    let modules: Vec<_> = apis.apis.iter().map(|api| format_ident!("{}", api.module)).collect();
    items.extend(modules.iter().map(|module| quote! { pub mod #module; }));
    let about = docs(["Shows a visitor every request of every API."]);
    items.push(quote! {
        #about
        pub fn visit<V: Visit>(visitor: &mut V) { #(#modules::visit(visitor);)* }
    });
    File {
        path: "requests.rs".to_owned(),
        head: vec!["Every request, with a text of its own in every place that takes one.".to_owned()],
        imports: vec!["crate::canary::Visit".to_owned()],
        items,
        ..File::default()
    }
}

fn file(apis: &Apis, api: &Api) -> File {
    let visits = api.operations.iter().map(|operation| {
        let maker = Maker { apis, api };
        let request = maker.request(operation);
        // Some have no text at all.
        if request.to_string().contains("mark") {
            quote!(visitor.visit(|mark| #request);)
        } else {
            quote!(visitor.visit(|_| #request);)
        }
    });
    let about = docs(["Shows a visitor every request."]);
    File {
        path: format!("requests/{}.rs", api.module),
        head: vec![format!("Every request of the {} API.", api.name)],
        imports: vec!["crate::canary::Visit".to_owned()],
        items: vec![quote! {
            #about
            #[allow(deprecated)]
            pub fn visit<V: Visit>(visitor: &mut V) { #(#visits)* }
        }],
        ..File::default()
    }
}

struct Maker<'a> {
    apis: &'a Apis,
    api: &'a Api,
}

/// Where an expression stands.
#[derive(Clone, Copy)]
struct At<'a> {
    spot: &'a str,
    /// Inside a secret, so that nothing of it may be shown.
    hidden: bool,
    /// The types that it is inside of, so that one that holds itself has an end.
    open: &'a [TypeId],
}

impl Maker<'_> {
    fn request(&self, operation: &Operation) -> TokenStream {
        let (module, name) = (format_ident!("{}", self.api.module), format_ident!("{}", operation.name));
        let fields: Vec<_> =
            operation.fields().into_iter().map(|(place, field)| (usage(place, field), field)).collect();
        let at = At { spot: &operation.id, hidden: false, open: &[] };
        self.object(&quote!(matrix_api::#module::#name), &fields, rest(operation), at)
    }

    /// `new` with every required field, and every setter.
    fn object(&self, path: &TokenStream, fields: &[(Usage, &Field)], rest: bool, at: At<'_>) -> TokenStream {
        let (mut arguments, mut setters) = (Vec::new(), Vec::new());
        for (usage, field) in fields {
            let spot = format!("{}-{}", at.spot, field.wire);
            let (slot, ty) = slot(field, *usage);
            let at = At { spot: &spot, ..at };
            let bare = *ty == Type::Free && slot != Slot::Nullable;
            let value = if bare { Some(quote!(mark.free(#spot))) } else { self.value(ty, at) };
            let name = format_ident!("{}", field.name);
            match (slot, value) {
                (Slot::Plain | Slot::Expected, Some(value)) => arguments.push(value),
                (Slot::Nullable, Some(value)) => arguments.push(quote!(Some(#value))),
                // Only a type that cannot be made at all comes here, and that does not compile.
                (Slot::Plain | Slot::Expected | Slot::Nullable, None) => {
                    arguments.push(quote!(compile_error!("endless")))
                }
                (_, Some(value)) => setters.push(quote!(.#name(#value))),
                (_, None) => {}
            }
        }
        if rest {
            let spot = format!("{}-extra", at.spot);
            setters.push(quote!(.extra("org.example.canary", mark.hidden(#spot))));
        }
        quote!(#path::new(#(#arguments),*) #(#setters)*)
    }

    /// A value of exactly this type; `None` if it would hold itself.
    fn value(&self, ty: &Type, at: At<'_>) -> Option<TokenStream> {
        let spot = at.spot;
        let text = if at.hidden { quote!(mark.hidden(#spot)) } else { quote!(mark.text(#spot)) };
        Some(match ty {
            Type::Boolean => quote!(true),
            Type::Integer => quote!(7),
            Type::Number => quote!(0.5),
            Type::Text => text,
            Type::Txn => quote!(matrix_api::TxnId::from(#text)),
            Type::Scalar(name) => {
                let ident = format_ident!("{name}");
                let hidden = at.hidden;
                quote!(mark.scalar::<matrix_api::#ident>(#name, #spot, #hidden))
            }
            Type::Any => quote!(mark.free(#spot)),
            Type::Free | Type::Event(_) => quote!(matrix_api::Raw::new(&mark.free(#spot))),
            Type::Object => quote!(mark.object(#spot)),
            Type::Bytes => quote!(matrix_api::bytes::Bytes::from(mark.hidden(#spot))),
            Type::List(inner) => match self.value(inner, at) {
                Some(value) => quote!(vec![#value]),
                None => quote!(Vec::new()),
            },
            Type::Map(key, inner) => match (self.value(key, at), self.value(inner, at)) {
                (Some(key), Some(value)) => quote!(matrix_api::Map::from([(#key, #value)])),
                _ => quote!(matrix_api::Map::new()),
            },
            Type::Nullable(inner) => {
                let value = self.value(inner, at)?;
                quote!(Some(#value))
            }
            Type::Secret(inner) => {
                let value = self.value(inner, At { hidden: true, ..at })?;
                quote!(matrix_api::Secret::new(#value))
            }
            Type::Json(inner) => self.value(inner, at)?,
            Type::Boxed(inner) => {
                let value = self.value(inner, at)?;
                quote!(Box::new(#value))
            }
            Type::Constant(text) => quote!(#text),
            Type::IdOrJson(inner) => {
                let value = self.value(inner, at)?;
                quote!(matrix_api::IdOr::inline(#value))
            }
            Type::Named(id) => self.named(*id, at)?,
        })
    }

    fn named(&self, id: TypeId, at: At<'_>) -> Option<TokenStream> {
        if at.open.contains(&id) {
            return None;
        }
        let open = [at.open, &[id]].concat();
        let at = At { open: &open, ..at };
        let def = &self.apis.types[id.0];
        let path = self.path(def);
        match &def.shape {
            Shape::Object { fields, rest } => {
                let usage = Usage::of(def);
                let fields: Vec<_> = fields.iter().map(|field| (usage, field)).collect();
                Some(self.object(&path, &fields, *rest || usage == Usage::Both, at))
            }
            // The contents of events, which no request takes apart.
            Shape::Whole(_) | Shape::Tagged { .. } => None,
            Shape::Enum { .. } => {
                let text = self.value(&Type::Text, at)?;
                Some(quote!(#path::from(#text)))
            }
            Shape::Union { alternatives } => {
                // The one with the most to show.
                let rank =
                    |name| ["Object", "List", "Text", "Number", "Boolean", "Null"].iter().position(|one| *one == name);
                let one = alternatives.iter().min_by_key(|one| rank(one.name))?;
                let variant = format_ident!("{}", one.name);
                match &one.ty {
                    Some(ty) => {
                        let value = self.value(ty, at)?;
                        Some(quote!(#path::#variant(#value)))
                    }
                    None => Some(quote!(#path::#variant)),
                }
            }
        }
    }

    fn path(&self, def: &TypeDef) -> TokenStream {
        let name = format_ident!("{}", def.name);
        match &def.home {
            crate::ir::Home::Operation { api, module, .. } | crate::ir::Home::Event { api, module } => {
                let (api, module) = (format_ident!("{api}"), format_ident!("{module}"));
                quote!(matrix_api::#api::#module::#name)
            }
            // What another API defines is to be had from the one that reaches it.
            crate::ir::Home::Definition { .. } => {
                let api = format_ident!("{}", self.api.module);
                quote!(matrix_api::#api::types::#name)
            }
        }
    }
}
