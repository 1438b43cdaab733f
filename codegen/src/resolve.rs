//! Follows every `$ref` that a request or a success reaches and merges every
//! `allOf`, so that a schema is either a link to a definition or stands alone.
//!
//! A merge is an intersection: an override that names no type adds to what it
//! overrides, and takes nothing away.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::error::{Error, Errors};
use crate::load::{ApiSource, EVENTS, EventsSource, Files, Specs};
use crate::node::{Cursor, Node, escape};
use crate::openapi::{self, Additional, Document, JsonType, Operation, Origin, Schema, Target};
use crate::semantics::Semantics;
use crate::stance::Stance;

/// Documents without `allOf`, and the definitions that they link to.
pub(crate) struct Resolved {
    pub(crate) apis: Vec<ResolvedApi>,
    pub(crate) events: Option<ResolvedEvents>,
    pub(crate) definitions: BTreeMap<Target, Schema>,
    pub(crate) semantics: Rc<BTreeMap<String, Semantics>>,
    pub(crate) docs: crate::docs::Docs,
    pub(crate) stance: Stance,
}

/// The operations of one API that are to be generated.
pub(crate) struct ResolvedApi {
    pub(crate) source: ApiSource,
    pub(crate) operations: Vec<Operation>,
}

/// The schemas of single events.
pub(crate) struct ResolvedEvents {
    pub(crate) source: EventsSource,
    pub(crate) events: Vec<EventSchema>,
}

/// One event, or one variant of it: `m.room.message$m.text`.
pub(crate) struct EventSchema {
    /// The type of the event.
    pub(crate) ty: String,
    pub(crate) variant: Option<String>,
    pub(crate) content: Schema,
    /// What tells the state events of the type apart, if it is one.
    pub(crate) state_key: Option<Schema>,
    /// Whether it stands in the timeline of a room.
    pub(crate) in_room: bool,
    pub(crate) origin: Origin,
}

/// Resolves everything that the operations and the events reach.
pub(crate) fn references(specs: Specs) -> Result<Resolved, Errors> {
    let mut errors = Errors::default();
    let mut resolver =
        Resolver { files: &specs.files, stance: &specs.stance, open: Vec::new(), definitions: BTreeMap::new() };
    let mut apis = Vec::new();
    for source in &specs.apis {
        let documents = documents(source, &specs.files, &mut errors);
        let operations = resolver.api(source, documents, &mut errors);
        apis.push(ResolvedApi { source: source.clone(), operations });
    }
    let events = specs.events.as_ref().map(|source| {
        let members = specs.semantics.get(EVENTS).into_iter().flat_map(|tables| &tables.members);
        for member in members {
            errors.keep(member.schema.iter().try_for_each(|target| resolver.define(target, &member.at)));
        }
        ResolvedEvents { source: source.clone(), events: resolver.events(source, &mut errors) }
    });
    resolver.all_referred_to(&mut errors);
    let definitions = resolver.definitions;
    let Specs { semantics, docs, stance, .. } = specs;
    errors.or(Resolved { apis, events, definitions, semantics, docs, stance })
}

fn documents(source: &ApiSource, files: &Files, errors: &mut Errors) -> Vec<Document> {
    let prefix = format!("{}/", source.folder);
    let inside = files.iter().filter(|(file, _)| file.strip_prefix(&prefix).is_some_and(|name| !name.contains('/')));
    let inside: Vec<_> = inside.collect();
    if inside.is_empty() {
        errors.push(Error::new("sources.yaml", "/apis", format!("no document in {}", source.folder)));
    }
    inside.into_iter().filter_map(|(file, root)| errors.keep(openapi::read(file, root))).collect()
}

struct Resolver<'a> {
    files: &'a Files,
    stance: &'a Stance,
    /// The definitions being resolved, outermost first.
    open: Vec<Target>,
    definitions: BTreeMap<Target, Schema>,
}

impl Resolver<'_> {
    fn api(&mut self, source: &ApiSource, documents: Vec<Document>, errors: &mut Errors) -> Vec<Operation> {
        let mut operations = Vec::new();
        let mut wanted = source.operations.clone();
        for document in documents {
            for operation in document.operations {
                if let Some(wanted) = &mut wanted {
                    let before = wanted.len();
                    wanted.retain(|id| *id != operation.id);
                    if wanted.len() == before {
                        continue;
                    }
                }
                operations.extend(errors.keep(self.operation(operation)));
            }
        }
        for id in wanted.into_iter().flatten() {
            let error = Error::new("sources.yaml", "/apis", format!("no operation `{id}` in {}", source.folder));
            errors.keep(self.stance.assume(error, ()));
        }
        operations
    }

    /// The files of the folder. One that is no event must be a definition that some event refers to.
    fn events(&mut self, source: &EventsSource, errors: &mut Errors) -> Vec<EventSchema> {
        let prefix = format!("{}/", source.folder);
        let (mut events, mut others) = (Vec::new(), Vec::new());
        for (file, root) in self.files {
            let Some(name) = file.strip_prefix(&prefix).and_then(|name| name.strip_suffix(".yaml")) else { continue };
            if name.contains('/') {
                continue;
            }
            match errors.keep(self.event(name, &Cursor::root(file, root))) {
                Some(Some(event)) => events.push(event),
                Some(None) => others.push(Target { file: file.clone(), pointer: String::new() }),
                None => {}
            }
        }
        for other in others.into_iter().filter(|other| !self.definitions.contains_key(other)) {
            errors.push(Error::new(other.file, "", "is no event, and no event refers to it"));
        }
        events
    }

    /// An event, if the schema has a content.
    fn event(&mut self, name: &str, at: &Cursor<'_>) -> Result<Option<EventSchema>, Error> {
        let mut schema = openapi::read_schema(at)?;
        self.schema(&mut schema)?;
        let mut take = |name: &str| {
            let found = schema.properties.iter_mut().find(|(own, _)| own == name);
            found.map(|(_, property)| std::mem::take(property))
        };
        let (content, state_key, event_id) = (take("content"), take("state_key"), take("event_id"));
        let (ty, variant) = name.split_once('$').map_or((name, None), |(ty, variant)| (ty, Some(variant)));
        Ok(content.map(|content| EventSchema {
            ty: ty.to_owned(),
            variant: variant.map(str::to_owned),
            content,
            state_key,
            in_room: event_id.is_some(),
            origin: Origin::from(at),
        }))
    }

    /// What a file defines beside its own schema is nothing to anybody unless something refers to it.
    fn all_referred_to(&self, errors: &mut Errors) {
        for (file, root) in self.files {
            let Some(Node::Map(entries)) = root.get("definitions") else { continue };
            for (name, _) in entries {
                let pointer = format!("/definitions/{}", escape(name));
                if !self.definitions.contains_key(&Target { file: file.clone(), pointer: pointer.clone() }) {
                    errors.push(Error::new(file, pointer, "nothing refers to it"));
                }
            }
        }
    }

    fn operation(&mut self, mut operation: Operation) -> Result<Operation, Error> {
        for parameter in &mut operation.parameters {
            self.schema(&mut parameter.schema)?;
        }
        if let Some(body) = &mut operation.body {
            self.media(&mut body.media)?;
        }
        // Errors are one type of the runtime's, whatever a document says of them.
        operation.responses.retain(|response| response.status.starts_with(['2', '3']));
        for response in &mut operation.responses {
            self.media(&mut response.media)?;
            for header in &mut response.headers {
                self.schema(&mut header.schema)?;
            }
        }
        Ok(operation)
    }

    fn media(&mut self, media: &mut [openapi::Media]) -> Result<(), Error> {
        media.iter_mut().filter_map(|media| media.schema.as_mut()).try_for_each(|schema| self.schema(schema))
    }

    /// Resolves a schema in place.
    fn schema(&mut self, schema: &mut Schema) -> Result<(), Error> {
        for (_, property) in &mut schema.properties {
            self.schema(property)?;
        }
        if let Some(items) = &mut schema.items {
            self.schema(items)?;
        }
        if let Some(Additional::Values(values)) = &mut schema.additional {
            self.schema(values)?;
        }
        for branch in &mut schema.any_of {
            self.schema(branch)?;
        }
        for branch in &mut schema.all_of {
            self.schema(branch)?;
        }
        self.link(schema)?;
        self.merge_branches(schema)
    }

    /// Loads what the schema links to, and drops siblings that only repeat or annotate.
    fn link(&mut self, schema: &mut Schema) -> Result<(), Error> {
        let Some(target) = schema.reference.clone() else { return Ok(()) };
        self.define(&target, &schema.origin)?;
        let mut own = Schema { reference: None, title: None, ..schema.clone() };
        if own.is_annotation() {
            return Ok(());
        }
        if own.is_type_only() && self.stripped(&target).types == own.types {
            schema.types.clear();
            return Ok(());
        }
        let base = self.stripped(&target);
        own.origin = schema.origin.clone();
        *schema = self.merge(base, own)?;
        Ok(())
    }

    fn define(&mut self, target: &Target, from: &Origin) -> Result<(), Error> {
        if self.definitions.contains_key(target) {
            return Ok(());
        }
        if self.open.contains(target) {
            return Err(from.error(format!("{} refers to itself", target.file)));
        }
        let dangling = || from.error(format!("`$ref` to {}#{} leads nowhere", target.file, target.pointer));
        let root = self.files.get(&target.file).ok_or_else(dangling)?;
        let node = root.at(&target.pointer).ok_or_else(dangling)?;
        let at = Cursor { node, file: &target.file, pointer: target.pointer.clone() };
        let mut schema = openapi::read_schema(&at)?;
        self.open.push(target.clone());
        let outcome = self.schema(&mut schema);
        self.open.pop();
        outcome?;
        self.definitions.insert(target.clone(), schema);
        Ok(())
    }

    fn merge_branches(&mut self, schema: &mut Schema) -> Result<(), Error> {
        let branches = std::mem::take(&mut schema.all_of);
        let meaningful: Vec<Schema> = branches.into_iter().filter(|branch| !branch.is_annotation()).collect();
        if meaningful.is_empty() {
            return Ok(());
        }
        let own = schema.clone();
        if let [only @ Schema { reference: Some(target), .. }] = meaningful.as_slice()
            && own.is_type_only()
            && (own.types.is_empty() || self.stripped(target).types == own.types)
        {
            *schema = Schema { origin: own.origin, deprecated: own.deprecated, added: own.added, ..only.clone() };
            return Ok(());
        }
        let mut merged = Schema { origin: own.origin.clone(), ..Schema::default() };
        for branch in meaningful {
            let branch = self.without_link(branch);
            merged = self.merge(merged, branch)?;
        }
        let mut merged = self.merge(merged, Schema { origin: own.origin.clone(), ..own.clone() })?;
        merged.origin = own.origin;
        merged.title = own.title;
        *schema = merged;
        Ok(())
    }

    fn without_link(&self, schema: Schema) -> Schema {
        match &schema.reference {
            Some(target) => self.stripped(target),
            None => schema,
        }
    }

    /// A definition's own schema; a definition that is itself a link is followed.
    fn stripped(&self, target: &Target) -> Schema {
        match self.definitions.get(target) {
            Some(schema) if schema.reference.is_some() => self.without_link(schema.clone()),
            Some(schema) => schema.clone(),
            None => Schema::default(),
        }
    }

    /// What both schemas say together.
    fn merge(&self, left: Schema, right: Schema) -> Result<Schema, Error> {
        if left.is_annotation() {
            return Ok(right);
        }
        if right.is_annotation() || left.reference.is_some() && left.reference == right.reference {
            return Ok(Schema { deprecated: left.deprecated || right.deprecated, ..left });
        }
        let (left, right) = (self.without_link(left), self.without_link(right));
        let origin = if right.origin.file.is_empty() { left.origin.clone() } else { right.origin.clone() };
        let conflict = |what: &str| origin.error(format!("allOf: {what} of the branches contradict each other"));
        Ok(Schema {
            title: right.title.or(left.title),
            types: merge_types(&left.types, &right.types).ok_or_else(|| conflict("the types"))?,
            reference: None,
            format: right.format.or(left.format),
            required: union(left.required, right.required),
            values: merge_values(left.values, right.values).ok_or_else(|| conflict("the values"))?,
            items: self.merge_boxes(left.items, right.items)?,
            properties: self.merge_properties(left.properties, right.properties)?,
            additional: self.merge_additional(left.additional, right.additional)?,
            key_format: right.key_format.or(left.key_format),
            only_empty: left.only_empty || right.only_empty,
            all_of: Vec::new(),
            any_of: match (left.any_of.is_empty(), right.any_of.is_empty()) {
                (true, _) => right.any_of,
                (_, true) => left.any_of,
                _ => return Err(conflict("the alternatives")),
            },
            deprecated: left.deprecated || right.deprecated,
            added: right.added.or(left.added),
            default: right.default.or(left.default),
            origin,
        })
    }

    fn merge_boxes(&self, left: Option<Box<Schema>>, right: Option<Box<Schema>>) -> Result<Option<Box<Schema>>, Error> {
        Ok(match (left, right) {
            (Some(left), Some(right)) => Some(Box::new(self.merge(*left, *right)?)),
            (left, right) => right.or(left),
        })
    }

    fn merge_additional(
        &self,
        left: Option<Additional>,
        right: Option<Additional>,
    ) -> Result<Option<Additional>, Error> {
        Ok(match (left, right) {
            (Some(Additional::Values(left)), Some(Additional::Values(right))) => {
                Some(Additional::Values(Box::new(self.merge(*left, *right)?)))
            }
            (Some(Additional::Values(values)), Some(Additional::Anything))
            | (Some(Additional::Anything), Some(Additional::Values(values))) => Some(Additional::Values(values)),
            (left, right) => right.or(left),
        })
    }

    fn merge_properties(
        &self,
        mut left: Vec<(String, Schema)>,
        right: Vec<(String, Schema)>,
    ) -> Result<Vec<(String, Schema)>, Error> {
        for (name, schema) in right {
            match left.iter_mut().find(|(known, _)| *known == name) {
                Some((_, known)) => *known = self.merge(std::mem::take(known), schema)?,
                None => left.push((name, schema)),
            }
        }
        Ok(left)
    }
}

fn union(mut left: Vec<String>, right: Vec<String>) -> Vec<String> {
    for name in right {
        if !left.contains(&name) {
            left.push(name);
        }
    }
    left
}

/// The values that both sides allow; none named means any.
fn merge_values(left: Vec<String>, right: Vec<String>) -> Option<Vec<String>> {
    if left.is_empty() || right.is_empty() {
        return Some(if left.is_empty() { right } else { left });
    }
    let both: Vec<_> = right.into_iter().filter(|value| left.contains(value)).collect();
    (!both.is_empty()).then_some(both)
}

/// The types that both sides allow; an integer is a number.
fn merge_types(left: &[JsonType], right: &[JsonType]) -> Option<Vec<JsonType>> {
    if left.is_empty() || right.is_empty() {
        return Some(if left.is_empty() { right } else { left }.to_vec());
    }
    let narrow = |one: JsonType, others: &[JsonType]| match one {
        JsonType::Number if !others.contains(&JsonType::Number) && others.contains(&JsonType::Integer) => {
            Some(JsonType::Integer)
        }
        JsonType::Integer if others.contains(&JsonType::Number) => Some(JsonType::Integer),
        one => others.contains(&one).then_some(one),
    };
    let both: Vec<_> = left.iter().filter_map(|one| narrow(*one, right)).collect();
    (!both.is_empty()).then_some(both)
}

impl Schema {
    /// Says nothing of the value: a title, a deprecation, a version.
    pub(crate) fn is_annotation(&self) -> bool {
        self.types.is_empty() && self.is_type_only()
    }

    /// Says no more than the type.
    fn is_type_only(&self) -> bool {
        self.reference.is_none()
            && self.format.is_none()
            && self.required.is_empty()
            && self.values.is_empty()
            && self.items.is_none()
            && self.properties.is_empty()
            && self.additional.is_none()
            && self.all_of.is_empty()
            && self.any_of.is_empty()
    }
}
