//! Documents become the IR: what is generated, in plain data.

mod event;
mod name;
mod operation;
mod parameter;
mod schema;
mod spot;

use std::collections::{BTreeMap, BTreeSet};

use crate::error::{Error, Errors};
use crate::ir::{Api, Apis, Body, Type, TypeDef, TypeId};
use crate::openapi::{Schema, Target};
use crate::resolve::Resolved;
use crate::semantics::{Semantics, Table};

pub(crate) use name::{is_identifier, is_taken, snake};

/// Lowers every API.
pub(crate) fn apis(resolved: &Resolved) -> Result<Apis, Errors> {
    let mut errors = Errors::default();
    let shared = shared_definitions(resolved);
    let own = |name: &str| resolved.apis.iter().any(|api| api.source.api == name && api.source.is_own());
    let upstream = resolved.semantics.iter().filter(|(name, _)| !own(name)).map(|(_, tables)| tables).collect();
    let mut lower = Lower { resolved, upstream, shared, types: Vec::new(), definitions: BTreeMap::new() };
    let mut apis = Vec::new();
    for api in &resolved.apis {
        let mut operations = Vec::new();
        for operation in &api.operations {
            operations.extend(errors.keep(lower.operation(&api.source, operation)));
        }
        operations.sort_by(|left, right| left.name.cmp(&right.name));
        apis.push(Api {
            name: api.source.api.clone(),
            module: api.source.module.clone(),
            feature: api.source.feature.clone(),
            operations,
        });
    }
    let events = resolved.events.as_ref().map(|events| lower.events(events, &mut errors));
    for (target, schema) in &resolved.definitions {
        mark_members(resolved, &spot::definition_spot(target), schema);
    }
    let mut apis = Apis { apis, events, types: lower.types };
    trace_uses(&mut apis);
    // A refused operation asks for less than its rows: report those only of a complete run.
    let mut errors = match errors.or(()) {
        Ok(()) => Errors::default(),
        Err(errors) => return Err(errors),
    };
    if resolved.stance.is_strict() {
        let unused = resolved.semantics.values().flat_map(Semantics::unused).chain(resolved.docs.unused());
        unused.for_each(|error| errors.push(error));
    }
    errors.or(apis)
}

/// Definitions that something other than the top of a request body links to.
/// A body that links to one of the rest has its fields as its own.
fn shared_definitions(resolved: &Resolved) -> BTreeSet<Target> {
    let mut shared = BTreeSet::new();
    for schema in resolved.definitions.values() {
        links(schema, &mut shared);
    }
    for operation in resolved.apis.iter().flat_map(|api| &api.operations) {
        for media in operation.body.iter().flat_map(|body| &body.media) {
            if let Some(schema) = media.schema.as_ref().filter(|schema| schema.reference.is_none()) {
                links(schema, &mut shared);
            }
        }
        let schemas = operation.responses.iter().flat_map(|response| &response.media);
        schemas.filter_map(|media| media.schema.as_ref()).for_each(|schema| links(schema, &mut shared));
    }
    shared
}

fn links(schema: &Schema, found: &mut BTreeSet<Target>) {
    found.extend(schema.reference.clone());
    schema.properties.iter().for_each(|(_, property)| links(property, found));
    schema.items.iter().for_each(|items| links(items, found));
    schema.any_of.iter().for_each(|branch| links(branch, found));
    if let Some(crate::openapi::Additional::Values(values)) = &schema.additional {
        links(values, found);
    }
}

/// The words on a definition count as used whether or not it became a type of its own.
fn mark_members(resolved: &Resolved, spot: &spot::Spot, schema: &Schema) {
    resolved.docs.known(&spot.docs_key());
    for (wire, property) in &schema.properties {
        mark_members(resolved, &spot.property(wire, None), property);
    }
    if let Some(items) = &schema.items {
        mark_members(resolved, &spot.item(), items);
    }
    if let Some(crate::openapi::Additional::Values(values)) = &schema.additional {
        mark_members(resolved, &spot.value(), values);
    }
    schema.any_of.iter().for_each(|branch| mark_members(resolved, spot, branch));
}

struct Lower<'a> {
    resolved: &'a Resolved,
    /// The tables of all APIs whose documents are upstream's.
    upstream: Vec<&'a Semantics>,
    shared: BTreeSet<Target>,
    types: Vec<TypeDef>,
    /// What a definition became.
    definitions: BTreeMap<Target, Type>,
}

impl<'a> Lower<'a> {
    /// What the tables say that speak of a place: an operation has those of its API, a definition of upstream's those
    /// of any API of upstream's. What documents of our own call a thing says nothing of it elsewhere.
    fn row<T>(&self, api: Option<&str>, table: impl Fn(&'a Semantics) -> &'a Table<T>, key: &str) -> Option<&'a T>
    where
        T: 'a,
    {
        match api {
            Some(api) => table(self.resolved.semantics.get(api)?).get(key),
            None => self.upstream.iter().find_map(|tables| table(tables).get(key)),
        }
    }

    /// The refusal, or in a lenient run the answer.
    fn assume<T>(&self, refusal: Error, answer: T) -> Result<T, Error> {
        self.resolved.stance.assume(refusal, answer)
    }

    fn add(&mut self, mut def: TypeDef) -> Result<TypeId, Error> {
        while let Some(other) = self.types.iter().find(|other| other.name == def.name && other.home == def.home) {
            let message = format!("`{}` is a second type `{}`, after {}: add a rename", def.spot, def.name, other.spot);
            def.name = self.assume(def.origin.error(message), format!("{}Again", def.name))?;
        }
        self.types.push(def);
        Ok(TypeId(self.types.len() - 1))
    }
}

/// Notes which types are sent, which are received, and by which API.
fn trace_uses(apis: &mut Apis) {
    let Apis { apis, events, types } = apis;
    if let Some(events) = events {
        // Whatever can be sent is received by somebody else.
        let contents: Vec<_> = events.contents.iter().map(|event| event.content).collect();
        trace(types, contents.clone(), &events.feature, |def| &mut def.writes);
        trace(types, contents, &events.feature, |def| &mut def.reads);
    }
    for api in apis {
        for operation in &api.operations {
            trace(types, operation.sent(), &api.feature, |def| &mut def.writes);
            trace(types, operation.received(), &api.feature, |def| &mut def.reads);
            if operation.is_inbound() {
                trace(types, operation.sent(), &api.feature, |def| &mut def.accepted);
                trace(types, operation.received(), &api.feature, |def| &mut def.answered);
            }
        }
    }
}

fn trace(types: &mut [TypeDef], start: Vec<TypeId>, feature: &str, mark: fn(&mut TypeDef) -> &mut bool) {
    let mut open = start;
    let mut seen = BTreeSet::new();
    while let Some(id) = open.pop() {
        if !seen.insert(id) {
            continue;
        }
        let def = &mut types[id.0];
        *mark(def) = true;
        def.features.insert(feature.to_owned());
        def.shape.named(&mut open);
    }
}

impl Body {
    /// A body that is a JSON object of no field.
    pub(crate) fn empty() -> Self {
        Self::Fields { fields: Vec::new(), rest: false }
    }
}
