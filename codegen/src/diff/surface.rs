//! What a user of the generated Rust sees of the IR: paths, members, types.
//!
//! Two releases are compared here and not as text: the same Rust may come of
//! different documents, and then nothing has changed for anyone.

use std::collections::BTreeSet;

use super::content::Content;
use crate::emit::types::{Slot, Usage, rust, slot};
use crate::ir::{
    self, Api, Apis, Auth, Body, Effect, EventContent, Events, Field, Home, Idempotency, Need, Operation, Place,
    ResponseKind, Shape, Type, TypeDef, TypeId,
};
use crate::openapi::Origin;

/// Everything public.
#[derive(Debug)]
pub(super) struct Surface {
    pub(super) operations: Vec<Call>,
    /// The contents of events.
    pub(super) contents: Vec<Content>,
    /// The shared definitions.
    pub(super) types: Vec<Item>,
}

/// An operation with its types.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) api: String,
    pub(super) id: String,
    pub(super) facts: Facts,
    /// The path that the request had before.
    pub(super) former: Option<String>,
    pub(super) request: Item,
    pub(super) response: Item,
    /// The types of its module.
    pub(super) own: Vec<Item>,
    pub(super) origin: Origin,
}

/// What is true of every call.
#[derive(Debug)]
pub(super) struct Facts {
    pub(super) method: &'static str,
    pub(super) path: String,
    pub(super) auth: Auth,
    pub(super) service: String,
    pub(super) idempotency: Idempotency,
    pub(super) effect: Effect,
    pub(super) rate_limited: bool,
    pub(super) long_poll: bool,
    pub(super) deprecated: bool,
    pub(super) since: Option<String>,
    pub(super) summary: Option<String>,
    /// The heading in the specification, without the page, whose address bears the release.
    pub(super) anchor: Option<String>,
    pub(super) reply: &'static str,
    pub(super) statuses: BTreeSet<String>,
    pub(super) errcodes: Vec<String>,
}

/// A public type.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) path: String,
    /// Where it comes from, without the name of the operation that owns it.
    pub(super) spot: String,
    pub(super) form: Form,
    pub(super) sent: bool,
    pub(super) received: bool,
    pub(super) features: BTreeSet<String>,
    pub(super) summary: Option<String>,
    pub(super) origin: Origin,
}

#[derive(Debug)]
pub(super) enum Form {
    Struct(Vec<Member>),
    /// Wire and Rust names.
    Enum(Vec<(String, String)>),
    /// The JSON kinds.
    Union(Vec<Alternative>),
    /// The values of a tag; the last stands for all others.
    Tagged(Vec<Alternative>),
}

/// A variant that holds something.
#[derive(Debug)]
pub(super) struct Alternative {
    pub(super) name: String,
    /// What it is told by, if that is not its name.
    pub(super) wire: String,
    pub(super) holds: Written,
}

/// A type as Rust writes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Written {
    pub(super) text: String,
    /// The named types in it by their paths, since the text has their last names only.
    pub(super) names: Vec<String>,
}

/// A public field.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) name: String,
    pub(super) wire: String,
    pub(super) place: Option<Place>,
    /// The type inside `Option` or `Patch`.
    pub(super) inner: Written,
    pub(super) slot: Slot,
    pub(super) need: Need,
    /// Required by the documents by now: another constructor takes it.
    pub(super) kept: bool,
    /// Whether null is one of its values.
    pub(super) nullable: bool,
    /// How the wire carries it, where Rust does not show that.
    pub(super) encoding: &'static str,
    pub(super) deprecated: bool,
    pub(super) since: Option<String>,
    pub(super) docs: Option<String>,
    pub(super) origin: Origin,
}

impl Member {
    /// The type of the field.
    pub(super) fn ty(&self) -> String {
        let inner = &self.inner.text;
        match self.slot {
            Slot::Plain | Slot::Default | Slot::Constant => inner.clone(),
            Slot::Optional | Slot::Nullable | Slot::Expected => format!("Option<{inner}>"),
            Slot::Patch => format!("Patch<{inner}>"),
        }
    }

    /// Whether `new` asks for it.
    pub(super) fn is_argument(&self) -> bool {
        matches!(self.slot, Slot::Plain | Slot::Nullable | Slot::Expected)
    }
}

/// Reads the surface off the IR.
pub(super) fn of(apis: &Apis) -> Surface {
    let reader = Reader { apis };
    let operations = apis.apis.iter().flat_map(|api| api.operations.iter().map(|one| reader.call(api, one))).collect();
    let contents = apis.events.iter().flat_map(|from| from.contents.iter().map(|one| reader.content(from, one)));
    let shared = |def: &&TypeDef| matches!(def.home, Home::Definition { .. }) && (def.reads || def.writes);
    Surface {
        operations,
        contents: contents.collect(),
        types: apis.types.iter().filter(shared).map(|def| reader.item(def, "")).collect(),
    }
}

impl Surface {
    /// Every public type.
    pub(super) fn items(&self) -> impl Iterator<Item = &Item> {
        let calls =
            self.operations.iter().flat_map(|call| [&call.request, &call.response].into_iter().chain(&call.own));
        let contents = self.contents.iter().flat_map(|content| [&content.item].into_iter().chain(&content.own));
        calls.chain(contents).chain(&self.types)
    }
}

struct Reader<'a> {
    apis: &'a Apis,
}

impl Reader<'_> {
    fn call(&self, api: &Api, from: &Operation) -> Call {
        let home = from.home(api);
        let own = self.apis.types.iter().filter(|def| def.home == home && (def.reads || def.writes));
        Call {
            api: api.name.clone(),
            id: from.id.clone(),
            facts: facts(from),
            former: from.former.as_ref().map(|name| format!("matrix_api::{}::{name}", api.module)),
            request: self.request(api, from, &home),
            response: self.response(api, from, &home),
            own: own.map(|def| self.item(def, &from.id)).collect(),
            origin: from.origin.clone(),
        }
    }

    fn content(&self, events: &Events, from: &EventContent) -> Content {
        let whole = &self.apis.types[from.content.0];
        let own = self.apis.types.iter().filter(|def| def.home == whole.home && !std::ptr::eq(*def, whole));
        // The content itself is found right in the module of all of them.
        let path = format!("matrix_api::{}::{}", events.module, whole.name);
        Content {
            wire: from.wire.clone(),
            kinds: from.kinds.clone(),
            item: Item { path, ..self.item(whole, "") },
            own: own.map(|def| self.item(def, "")).collect(),
        }
    }

    fn request(&self, api: &Api, from: &Operation, home: &Home) -> Item {
        let mut members: Vec<_> = from
            .fields()
            .into_iter()
            .map(|(place, field)| {
                let list = place == Place::Query && field.ty.is_collection() && field.need == Need::Optional;
                self.member(field, if list { Usage::Receive } else { Usage::Send }, Some(place), home)
            })
            .collect();
        if matches!(from.body, Body::Fields { rest: true, .. }) {
            members.push(extra());
        }
        self.message(api, from, &from.name, members, true)
    }

    fn response(&self, api: &Api, from: &Operation, home: &Home) -> Item {
        let header = |field| self.member(field, Usage::Receive, Some(Place::Header), home);
        let body = |field, place| self.member(field, Usage::Receive, Some(place), home);
        let mut members: Vec<_> = from.response.headers.iter().map(header).collect();
        match &from.response.kind {
            ResponseKind::Empty => {}
            ResponseKind::Fields { fields, rest } => {
                members.extend(fields.iter().map(|field| body(field, Place::Body)));
                members.extend(rest.then(extra));
            }
            ResponseKind::Special(field) | ResponseKind::Bytes(field) => members.push(body(field, Place::Special)),
            ResponseKind::Redirect(field) => members.push(body(field, Place::Header)),
        }
        members.extend(from.response.several.then(|| added("status", "u16")));
        self.message(api, from, &format!("{}Response", from.name), members, false)
    }

    fn message(&self, api: &Api, from: &Operation, name: &str, members: Vec<Member>, sent: bool) -> Item {
        Item {
            path: format!("matrix_api::{}::{name}", api.module),
            spot: String::new(),
            form: Form::Struct(members),
            sent,
            received: !sent,
            features: BTreeSet::from([api.feature.clone()]),
            summary: None,
            origin: from.origin.clone(),
        }
    }

    fn item(&self, def: &TypeDef, owner: &str) -> Item {
        let usage = Usage::of(def);
        let form = match &def.shape {
            Shape::Object { fields, rest } => {
                let mut members: Vec<_> =
                    varying(fields).map(|field| self.member(field, usage, None, &def.home)).collect();
                members.extend((*rest || usage == Usage::Both).then(extra));
                Form::Struct(members)
            }
            Shape::Whole(field) => Form::Struct(vec![self.member(field, usage, None, &def.home)]),
            Shape::Tagged { variants, other, .. } => {
                let written = |ty: TypeId| self.written(&Type::Named(ty), &def.home);
                let form = |name: &str, wire: &str, ty| Alternative {
                    name: name.to_owned(),
                    wire: wire.to_owned(),
                    holds: written(ty),
                };
                let mut forms: Vec<_> = variants.iter().map(|one| form(&one.name, &one.wire, one.ty)).collect();
                forms.push(form("Other", "", *other));
                Form::Tagged(forms)
            }
            Shape::Enum { values } => {
                Form::Enum(values.iter().map(|value| (value.wire.clone(), value.name.clone())).collect())
            }
            Shape::Union { alternatives } => {
                let written = |ty: &Option<Type>| ty.as_ref().map(|ty| self.written(ty, &def.home)).unwrap_or_default();
                let form = |one: &ir::Alternative| Alternative {
                    name: one.name.to_owned(),
                    wire: String::new(),
                    holds: written(&one.ty),
                };
                Form::Union(alternatives.iter().map(form).collect())
            }
        };
        Item {
            path: path(def),
            spot: def.spot.strip_prefix(owner).unwrap_or(&def.spot).to_owned(),
            form,
            sent: def.writes,
            received: def.reads,
            features: def.features.clone(),
            summary: def.summary.clone(),
            origin: def.origin.clone(),
        }
    }

    fn member(&self, field: &Field, usage: Usage, place: Option<Place>, home: &Home) -> Member {
        let (slot, ty) = slot(field, usage);
        Member {
            name: field.name.clone(),
            wire: field.wire.clone(),
            place,
            inner: self.written(ty, home),
            slot,
            need: field.need,
            kept: field.kept,
            nullable: matches!(field.ty, Type::Nullable(_)),
            encoding: encoding(field),
            deprecated: field.deprecated,
            since: field.since.as_ref().map(|since| since.version.clone()),
            docs: field.docs.clone(),
            origin: field.origin.clone(),
        }
    }

    fn written(&self, ty: &Type, home: &Home) -> Written {
        let mut named = Vec::new();
        ty.named(&mut named);
        let names = named.into_iter().map(|id| &self.apis.types[id.0]).map(|def| {
            // A renamed operation takes its own types along; what refers to them is the same as before.
            if def.home == *home { format!("self::{}", def.name) } else { path(def) }
        });
        let text = rust(self.apis, ty).to_string();
        Written { text: text.replace(" < ", "<").replace(" >", ">").replace(" ,", ","), names: names.collect() }
    }
}

/// The fields of a struct; what is always the same has none.
fn varying(fields: &[Field]) -> impl Iterator<Item = &Field> {
    fields.iter().filter(|field| !matches!(field.ty, Type::Constant(_)))
}

fn path(def: &TypeDef) -> String {
    match &def.home {
        Home::Operation { api, module, .. } | Home::Event { api, module } => {
            format!("matrix_api::{api}::{module}::{}", def.name)
        }
        Home::Definition { api, .. } => format!("matrix_api::{api}::types::{}", def.name),
    }
}

fn encoding(field: &Field) -> &'static str {
    match &field.ty {
        Type::Json(_) => "JSON as text",
        Type::IdOrJson(_) => "an id, or JSON as text",
        Type::Txn => "made by the client unless set",
        _ if field.may_be_empty => "possibly empty text",
        _ => "its own form",
    }
}

/// A member that no document names.
fn added(name: &str, ty: &str) -> Member {
    Member {
        name: name.to_owned(),
        wire: String::new(),
        place: None,
        inner: Written { text: ty.to_owned(), names: Vec::new() },
        slot: Slot::Default,
        need: Need::Optional,
        kept: false,
        nullable: false,
        encoding: "its own form",
        deprecated: false,
        since: None,
        docs: None,
        origin: Origin::default(),
    }
}

fn extra() -> Member {
    added("extra", "Object")
}

fn facts(from: &Operation) -> Facts {
    Facts {
        method: crate::ops::method(from.method),
        path: from.path.template(),
        auth: from.auth,
        service: from.service.clone(),
        idempotency: from.idempotency,
        effect: from.effect,
        rate_limited: from.rate_limited,
        long_poll: from.long_poll,
        deprecated: from.deprecated,
        since: from.since.as_ref().map(|since| since.version.clone()),
        summary: from.summary.clone(),
        anchor: from.spec.as_ref().and_then(|spec| spec.split_once('#')).map(|(_, anchor)| anchor.to_owned()),
        reply: match from.response.kind {
            ResponseKind::Redirect(_) => "a redirect",
            ResponseKind::Bytes(_) => "bytes",
            _ => "JSON",
        },
        // 429 has a row of its own.
        statuses: from.statuses.iter().filter(|status| *status != "429").cloned().collect(),
        errcodes: from.errcodes.clone(),
    }
}
