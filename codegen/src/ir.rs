//! What is generated, in plain data. The place of a field is its position in a
//! type, never a flag.

use std::collections::BTreeSet;

use crate::openapi::{Method, Origin, Since};

/// Everything that is generated.
#[derive(Debug)]
pub(crate) struct Apis {
    pub(crate) apis: Vec<Api>,
    pub(crate) events: Option<Events>,
    /// Every named type; [`TypeId`] is an index into it.
    pub(crate) types: Vec<TypeDef>,
}

#[derive(Debug)]
pub(crate) struct Api {
    pub(crate) name: String,
    pub(crate) module: String,
    pub(crate) feature: String,
    pub(crate) operations: Vec<Operation>,
}

/// The contents of events.
#[derive(Debug)]
pub(crate) struct Events {
    pub(crate) module: String,
    pub(crate) feature: String,
    pub(crate) contents: Vec<EventContent>,
}

/// The content of one type of event.
#[derive(Debug)]
pub(crate) struct EventContent {
    /// The type of the event.
    pub(crate) wire: String,
    pub(crate) module: String,
    pub(crate) content: TypeId,
    pub(crate) kinds: Vec<EventKind>,
    pub(crate) origin: Origin,
}

/// Where an event occurs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum EventKind {
    Message,
    State(StateKey),
    Ephemeral,
    AccountData,
    RoomAccountData,
    ToDevice,
}

impl EventKind {
    /// What the table of kinds and reports call it.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::Message => "message",
            Self::State(_) => "state",
            Self::Ephemeral => "ephemeral",
            Self::AccountData => "account-data",
            Self::RoomAccountData => "room-account-data",
            Self::ToDevice => "to-device",
        }
    }
}

/// What tells the state events of a type apart.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum StateKey {
    /// Always empty: there is one.
    Empty,
    Text,
    /// A type of the runtime.
    Id(String),
}

impl StateKey {
    /// Its type in Rust.
    pub(crate) fn rust(&self) -> &str {
        match self {
            Self::Empty => "()",
            Self::Text => "String",
            Self::Id(id) => id,
        }
    }
}

/// One operationId.
#[derive(Debug)]
pub(crate) struct Operation {
    pub(crate) id: String,
    /// The request type.
    pub(crate) name: String,
    pub(crate) module: String,
    /// The folder it is filed under.
    pub(crate) tag: String,
    pub(crate) method: Method,
    pub(crate) path: Path,
    pub(crate) query: Vec<Field>,
    pub(crate) headers: Vec<Field>,
    pub(crate) body: Body,
    pub(crate) response: Response,
    pub(crate) auth: Auth,
    pub(crate) idempotency: Idempotency,
    pub(crate) effect: Effect,
    pub(crate) service: String,
    pub(crate) rate_limited: bool,
    /// Every status that the document names, failures included.
    pub(crate) statuses: Vec<String>,
    pub(crate) long_poll: bool,
    /// What makes a server do without it.
    pub(crate) absent_under: Option<String>,
    pub(crate) since: Option<Since>,
    pub(crate) deprecated: bool,
    /// A proposal: sent only to a server that names one of its flags.
    pub(crate) unstable: bool,
    pub(crate) errcodes: Vec<String>,
    /// Names in a server's `unstable_features` that stand for it.
    pub(crate) flags: Vec<String>,
    pub(crate) summary: Option<String>,
    /// What the request type was called before; the name stays for a while.
    pub(crate) former: Option<String>,
    /// The URL of its section in the specification.
    pub(crate) spec: Option<String>,
    pub(crate) origin: Origin,
}

/// A path. A parameter lives in its segment, so that fields and template
/// cannot fall out of step, whatever order a document lists them in.
#[derive(Debug)]
pub(crate) struct Path(pub(crate) Vec<Segment>);

#[derive(Debug)]
pub(crate) enum Segment {
    Literal(String),
    Field(Field),
}

impl Path {
    /// The template as the documents write it.
    pub(crate) fn template(&self) -> String {
        let text = |segment: &Segment| match segment {
            Segment::Literal(text) => text.clone(),
            Segment::Field(field) => format!("{{{}}}", field.wire),
        };
        self.0.iter().map(text).collect()
    }

    /// The parameters, in the order of the path.
    pub(crate) fn fields(&self) -> impl Iterator<Item = &Field> {
        self.0.iter().filter_map(|segment| match segment {
            Segment::Literal(_) => None,
            Segment::Field(field) => Some(field),
        })
    }
}

#[derive(Debug)]
pub(crate) enum Body {
    /// No body at all.
    None,
    /// A JSON object with a member for each field; with no field, `{}`.
    Fields { fields: Vec<Field>, rest: bool },
    /// One field is the whole JSON document.
    Special(Field),
    /// One field is the bytes themselves.
    Bytes { content_type: Option<Field>, bytes: Field },
}

#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) kind: ResponseKind,
    pub(crate) headers: Vec<Field>,
    /// More than one success status: the response says which it was.
    pub(crate) several: bool,
}

#[derive(Debug)]
pub(crate) enum ResponseKind {
    Empty,
    Fields {
        fields: Vec<Field>,
        rest: bool,
    },
    Special(Field),
    Bytes(Field),
    /// The answer is the address in `Location`.
    Redirect(Field),
}

/// One value of a request or a response, or one member of an object.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    pub(crate) wire: String,
    pub(crate) name: String,
    pub(crate) ty: Type,
    pub(crate) need: Need,
    /// Required by the documents by now, and optional here for a while.
    pub(crate) kept: bool,
    pub(crate) docs: Option<String>,
    pub(crate) since: Option<Since>,
    pub(crate) deprecated: bool,
    /// A path value that may be the empty string.
    pub(crate) may_be_empty: bool,
    pub(crate) origin: Origin,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    Required,
    /// Required by the documents, and left out in practice: `new` asks for it, reading does without.
    Expected,
    Optional,
}

/// An index into [`Apis::types`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TypeId(pub(crate) usize);

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Type {
    Boolean,
    Integer,
    Number,
    Text,
    /// Any JSON value.
    Any,
    /// A JSON object that nothing is said of, kept as it came.
    Free,
    /// A JSON object of unknown members, read.
    Object,
    /// A type of the runtime that is text or a number on the wire.
    Scalar(String),
    /// An event of a kind, kept as it came.
    Event(String),
    List(Box<Type>),
    Map(Box<Type>, Box<Type>),
    Named(TypeId),
    Nullable(Box<Type>),
    Secret(Box<Type>),
    /// JSON that travels as text in a query.
    Json(Box<Type>),
    /// The same, or an id that stands for it.
    IdOrJson(Box<Type>),
    /// The same text always.
    Constant(String),
    /// A value of a type that contains this one.
    Boxed(Box<Type>),
    /// A transaction id, made by the client unless set.
    Txn,
    Bytes,
}

/// A type that the documents give rise to.
#[derive(Debug)]
pub(crate) struct TypeDef {
    pub(crate) name: String,
    pub(crate) home: Home,
    pub(crate) summary: Option<String>,
    pub(crate) shape: Shape,
    pub(crate) spot: String,
    pub(crate) origin: Origin,
    /// Sent to a server.
    pub(crate) writes: bool,
    /// Received from one.
    pub(crate) reads: bool,
    /// Part of a request that a homeserver sends us, and of an answer that we give to one.
    pub(crate) accepted: bool,
    pub(crate) answered: bool,
    /// The APIs that reach it, by feature.
    pub(crate) features: BTreeSet<String>,
}

/// The module that a type lives in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Home {
    /// Beside the content of this event.
    Event { api: String, module: String },
    /// Beside the operation of this API that owns it.
    Operation { api: String, tag: String, module: String },
    /// Among the shared definitions of an API.
    Definition { api: String, module: String, file: String },
}

#[derive(Debug)]
pub(crate) enum Shape {
    Object {
        fields: Vec<Field>,
        rest: bool,
    },
    Enum {
        values: Vec<Variant>,
    },
    /// One of several JSON kinds.
    Union {
        alternatives: Vec<Alternative>,
    },
    /// An object that is a map: one field is all of it.
    Whole(Box<Field>),
    /// One of several objects, told apart by a text in them.
    Tagged {
        tag: String,
        variants: Vec<Tagged>,
        /// What an object of another tag is read as.
        other: TypeId,
    },
}

/// What an object is if its tag has this value.
#[derive(Debug)]
pub(crate) struct Tagged {
    pub(crate) wire: String,
    pub(crate) name: String,
    pub(crate) ty: TypeId,
}

#[derive(Debug)]
pub(crate) struct Variant {
    pub(crate) wire: String,
    pub(crate) name: String,
}

#[derive(Debug)]
pub(crate) struct Alternative {
    /// The variant; also the JSON kind it is told by.
    pub(crate) name: &'static str,
    /// `None` for null.
    pub(crate) ty: Option<Type>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Auth {
    None,
    Optional,
    AccessToken,
    Appservice,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Idempotency {
    Always,
    IfUnsent,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    Reads,
    Writes,
    Destroys,
}

/// Where a value of a request travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Path,
    Query,
    Header,
    Body,
    Special,
}

impl Operation {
    /// Every field of the request with its place, in the order of the struct.
    pub(crate) fn fields(&self) -> Vec<(Place, &Field)> {
        let mut fields: Vec<_> = self.path.fields().map(|field| (Place::Path, field)).collect();
        fields.extend(self.query.iter().map(|field| (Place::Query, field)));
        fields.extend(self.headers.iter().map(|field| (Place::Header, field)));
        match &self.body {
            Body::None => {}
            Body::Fields { fields: body, .. } => fields.extend(body.iter().map(|field| (Place::Body, field))),
            Body::Special(field) => fields.push((Place::Special, field)),
            Body::Bytes { content_type, bytes } => {
                fields.extend(content_type.iter().map(|field| (Place::Header, field)));
                fields.push((Place::Special, bytes));
            }
        }
        fields
    }
}

/// Services that a homeserver calls: who uses this library may well be the one who answers.
const CALLED_BY_HOMESERVERS: [&str; 2] = ["Appservice", "PushGateway"];

impl Operation {
    /// Whether a homeserver calls it on us.
    pub(crate) fn is_inbound(&self) -> bool {
        CALLED_BY_HOMESERVERS.contains(&self.service.as_str())
    }

    /// The named types of the request.
    pub(crate) fn sent(&self) -> Vec<TypeId> {
        let mut found = Vec::new();
        self.fields().iter().for_each(|(_, field)| field.ty.named(&mut found));
        found
    }

    /// The named types of the response.
    pub(crate) fn received(&self) -> Vec<TypeId> {
        let mut found = Vec::new();
        self.response.headers.iter().for_each(|field| field.ty.named(&mut found));
        match &self.response.kind {
            ResponseKind::Fields { fields, .. } => fields.iter().for_each(|field| field.ty.named(&mut found)),
            ResponseKind::Special(field) => field.ty.named(&mut found),
            _ => {}
        }
        found
    }

    /// The module that the operation and its own types live in.
    pub(crate) fn home(&self, api: &Api) -> Home {
        Home::Operation { api: api.module.clone(), tag: self.tag.clone(), module: self.module.clone() }
    }
}

impl Apis {
    /// The types that the items of a module name: of the operation, if one lives there, and of its types.
    pub(crate) fn named_in(&self, home: &Home, operation: Option<&Operation>) -> BTreeSet<TypeId> {
        let mut found =
            operation.map(|operation| [operation.sent(), operation.received()].concat()).unwrap_or_default();
        self.types.iter().filter(|def| def.home == *home).for_each(|def| def.shape.named(&mut found));
        found.into_iter().collect()
    }
}

impl Shape {
    /// The named types that this one mentions.
    pub(crate) fn named(&self, found: &mut Vec<TypeId>) {
        match self {
            Self::Object { fields, .. } => fields.iter().for_each(|field| field.ty.named(found)),
            Self::Union { alternatives } => {
                alternatives.iter().filter_map(|one| one.ty.as_ref()).for_each(|ty| ty.named(found));
            }
            Self::Enum { .. } => {}
            Self::Whole(field) => field.ty.named(found),
            Self::Tagged { variants, other, .. } => {
                found.extend(variants.iter().map(|variant| variant.ty).chain([*other]));
            }
        }
    }
}

impl Type {
    /// The named types that this one mentions.
    pub(crate) fn named(&self, found: &mut Vec<TypeId>) {
        match self {
            Self::Named(id) => found.push(*id),
            Self::List(inner)
            | Self::Nullable(inner)
            | Self::Secret(inner)
            | Self::Boxed(inner)
            | Self::Json(inner)
            | Self::IdOrJson(inner) => inner.named(found),
            Self::Map(key, value) => {
                key.named(found);
                value.named(found);
            }
            _ => {}
        }
    }

    /// Absent and empty mean the same in a response.
    pub(crate) fn is_collection(&self) -> bool {
        matches!(self, Self::List(_) | Self::Map(..) | Self::Object)
    }

    /// Holds a secret somewhere.
    pub(crate) fn is_secret(&self) -> bool {
        match self {
            Self::Secret(_) => true,
            Self::List(inner) | Self::Nullable(inner) => inner.is_secret(),
            _ => false,
        }
    }
}
