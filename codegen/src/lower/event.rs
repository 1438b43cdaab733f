//! The schemas of events become the types of their contents.

use std::collections::BTreeMap;

use super::schema::takes_more;
use super::spot::Spot;
use super::{Lower, name};
use crate::error::{Error, Errors};
use crate::ir::{EventContent, EventKind, Events, Field, Home, Need, Shape, StateKey, Tagged, Type, TypeId};
use crate::load::EVENTS;
use crate::openapi::{Additional, Schema};
use crate::resolve::{EventSchema, ResolvedEvents};

/// The kinds that the table of kinds may name: a schema says by itself that its events are state.
const TOLD: [EventKind; 5] =
    [EventKind::Message, EventKind::Ephemeral, EventKind::AccountData, EventKind::RoomAccountData, EventKind::ToDevice];

/// The schema of a type of event, and of its variants.
#[derive(Default)]
struct Family<'a> {
    base: Option<&'a EventSchema>,
    variants: Vec<&'a EventSchema>,
}

impl Lower<'_> {
    /// Lowers the contents of all events.
    pub(super) fn events(&mut self, from: &ResolvedEvents, errors: &mut Errors) -> Events {
        let mut families: BTreeMap<&str, Family<'_>> = BTreeMap::new();
        for event in &from.events {
            let family = families.entry(&event.ty).or_default();
            match event.variant {
                None => family.base = Some(event),
                Some(_) => family.variants.push(event),
            }
        }
        let mut contents = Vec::new();
        for (ty, family) in families {
            contents.extend(errors.keep(self.event(from, ty, &family)));
        }
        Events { module: from.source.module.clone(), feature: from.source.feature.clone(), contents }
    }

    fn event(&mut self, from: &ResolvedEvents, ty: &str, family: &Family<'_>) -> Result<EventContent, Error> {
        let Some(base) = family.base else {
            let variant = family.variants.first().map(|event| event.origin.clone()).unwrap_or_default();
            return Err(variant.error(format!("is a variant of `{ty}`, which has no schema")));
        };
        let module = name::snake(&name::nested(ty, false));
        let spot = Spot {
            api: Some(EVENTS.to_owned()),
            root: format!("{ty}:"),
            dotted: String::new(),
            owner: None,
            home: Home::Event { api: from.source.module.clone(), module: module.clone() },
            wire: ty.to_owned(),
            item: false,
        };
        let kinds = self.kinds(base, &spot)?;
        let content = match family.variants.as_slice() {
            [] => self.content(base, &spot)?,
            variants => self.tagged(base, variants, &spot)?,
        };
        Ok(EventContent { wire: ty.to_owned(), module, content, kinds, origin: base.origin.clone() })
    }

    /// Where events of a type occur: as their schema has it, and as the table adds.
    fn kinds(&mut self, event: &EventSchema, spot: &Spot) -> Result<Vec<EventKind>, Error> {
        let mut kinds = Vec::new();
        if let Some(key) = &event.state_key {
            kinds.push(EventKind::State(self.state_key(key, spot)?));
        } else if event.in_room {
            kinds.push(EventKind::Message);
        }
        let row = self.row(spot.api.as_deref(), |tables| &tables.kinds, &event.ty);
        for word in row.into_iter().flatten() {
            let unknown = || event.origin.error(format!("kinds.yaml: there is no kind `{word}`"));
            kinds.push(TOLD.iter().find(|kind| kind.word() == word).ok_or_else(unknown)?.clone());
        }
        if kinds.is_empty() {
            let message = format!("kinds.yaml must say what kind of event `{}` is", event.ty);
            kinds.push(self.assume(event.origin.error(message), EventKind::AccountData)?);
        }
        Ok(kinds)
    }

    fn state_key(&mut self, schema: &Schema, spot: &Spot) -> Result<StateKey, Error> {
        if schema.only_empty {
            return Ok(StateKey::Empty);
        }
        let spot = Spot { dotted: "@state_key".to_owned(), ..spot.clone() };
        match self.ty(schema, &spot)? {
            Type::Text => Ok(StateKey::Text),
            Type::Scalar(id) => Ok(StateKey::Id(id)),
            _ => Err(schema.origin.error("a state key must be text")),
        }
    }

    /// The content of an event that has one form.
    fn content(&mut self, event: &EventSchema, spot: &Spot) -> Result<TypeId, Error> {
        let schema = &event.content;
        let name = self.type_name(spot);
        if let Some(Additional::Values(values)) = &schema.additional
            && schema.properties.is_empty()
            && !values.is_annotation()
        {
            let field = self.field(&event.ty, schema, true, spot)?;
            return self.add_named(schema, spot, name, Shape::Whole(Box::new(field)));
        }
        let fields = self.content_fields(event, schema, spot, None)?;
        self.add_named(schema, spot, name, Shape::Object { fields, rest: takes_more(schema) })
    }

    /// The members that the schema names, and those of the table.
    fn content_fields(
        &mut self,
        event: &EventSchema,
        schema: &Schema,
        spot: &Spot,
        whole: Option<TypeId>,
    ) -> Result<Vec<Field>, Error> {
        let owner = event.variant.as_deref().map(name::variant);
        let mut fields = self.fields(schema, spot, owner.as_deref())?;
        let tables = self.resolved.semantics.get(EVENTS);
        for member in tables.into_iter().flat_map(|tables| &tables.members) {
            if member.of.get(&event.ty).is_none() {
                continue;
            }
            let ty = match (&member.schema, whole) {
                (Some(target), _) => self.definition(target, schema)?,
                (None, Some(whole)) => Type::Boxed(Box::new(Type::Named(whole))),
                (None, None) => return Err(member.at.error(format!("`{}` has no variants: name a schema", event.ty))),
            };
            // The words are the same for every variant.
            let key = format!("{EVENTS}/{}:{}", event.ty, member.wire);
            fields.push(Field {
                wire: member.wire.clone(),
                name: name::field(&member.wire),
                ty,
                need: Need::Optional,
                kept: false,
                docs: self.resolved.docs.line(&key).map(str::to_owned),
                since: None,
                deprecated: false,
                may_be_empty: false,
                origin: member.at.clone(),
            });
        }
        Ok(fields)
    }

    /// The content of an event that comes in several forms.
    fn tagged(&mut self, base: &EventSchema, variants: &[&EventSchema], spot: &Spot) -> Result<TypeId, Error> {
        let schema = &base.content;
        let name = self.type_name(spot);
        // The variants may contain the whole again.
        let whole = self.add_named(schema, spot, name, Shape::Enum { values: Vec::new() })?;
        let suffix = name::pascal(base.ty.rsplit('.').next().unwrap_or_default());
        let (mut tag, mut tagged) = (None, Vec::new());
        for event in variants {
            let wire = event.variant.clone().unwrap_or_default();
            let schema = &event.content;
            let found = schema.properties.iter().find(|(_, property)| property.values == [wire.clone()]);
            let Some((own, _)) = found.filter(|(own, _)| tag.as_ref().is_none_or(|tag| tag == own)) else {
                return Err(schema.origin.error(format!("no member says that this is `{wire}`")));
            };
            tag = Some(own.clone());
            let variant = name::variant(&wire);
            let ty = self.variant(event, own, spot, whole, format!("{variant}{suffix}"))?;
            tagged.push(Tagged { wire, name: variant, ty });
        }
        let other = self.other(base, spot, whole, format!("Other{suffix}"))?;
        let shape = Shape::Tagged { tag: tag.unwrap_or_default(), variants: tagged, other };
        self.types[whole.0].shape = shape;
        Ok(whole)
    }

    fn variant(
        &mut self,
        event: &EventSchema,
        tag: &str,
        spot: &Spot,
        whole: TypeId,
        name: String,
    ) -> Result<TypeId, Error> {
        let mut schema = event.content.clone();
        let wire = event.variant.clone().unwrap_or_default();
        let spot = Spot { root: format!("{}${wire}:", event.ty), ..spot.clone() };
        // What the variant is for is what its type says.
        schema.properties.retain(|(own, _)| own != tag);
        schema.required.retain(|own| own != tag);
        let mut fields = self.content_fields(event, &schema, &spot, Some(whole))?;
        fields.insert(0, constant(tag, &wire, &schema));
        let renamed = self.row(spot.api.as_deref(), |tables| &tables.names.types, &spot.key()).cloned();
        let shape = Shape::Object { fields, rest: takes_more(&schema) };
        self.add_named(&schema, &spot, renamed.unwrap_or(name), shape)
    }

    /// What is left when the tag has another value.
    fn other(&mut self, base: &EventSchema, spot: &Spot, whole: TypeId, name: String) -> Result<TypeId, Error> {
        let schema = &base.content;
        let fields = self.content_fields(base, schema, spot, Some(whole))?;
        let spot = Spot { root: format!("{}$:", base.ty), ..spot.clone() };
        self.add_named(schema, &spot, name, Shape::Object { fields, rest: takes_more(schema) })
    }
}

/// A member that is always there and always the same.
fn constant(wire: &str, value: &str, schema: &Schema) -> Field {
    Field {
        wire: wire.to_owned(),
        name: name::field(wire),
        ty: Type::Constant(value.to_owned()),
        need: Need::Required,
        kept: false,
        docs: None,
        since: None,
        deprecated: false,
        may_be_empty: false,
        origin: schema.origin.clone(),
    }
}
