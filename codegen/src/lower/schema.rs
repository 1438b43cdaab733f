//! A schema becomes a type.

use super::spot::{Spot, definition_spot, merged_spot};
use super::{Lower, name};
use crate::error::Error;
use crate::ir::{Alternative, Field, Home, Need, Shape, Type, TypeDef, TypeId, Variant};
use crate::openapi::{Additional, JsonType, Schema, Target};

impl Lower<'_> {
    /// The type of a value. Secrets are wrapped here, so nobody can forget it.
    pub(super) fn ty(&mut self, schema: &Schema, spot: &Spot) -> Result<Type, Error> {
        let key = spot.key();
        let api = spot.api.as_deref();
        let ty = self.bare(schema, spot)?;
        if self.row(api, |tables| &tables.txn, &key).is_some() {
            // The client fills in what it finds in the path or right in the body.
            if spot.dotted.trim_end_matches("@body") != spot.wire || !spot.root.ends_with('>') {
                return Err(schema.origin.error(format!("`{key}` is no place for a transaction id")));
            }
            return Ok(Type::Txn);
        }
        let secret = self.row(api, |tables| &tables.sensitive, &key).is_some();
        Ok(match ty {
            Type::Nullable(inner) if secret => Type::Nullable(Box::new(Type::Secret(inner))),
            ty if secret => Type::Secret(Box::new(ty)),
            ty => ty,
        })
    }

    fn bare(&mut self, schema: &Schema, spot: &Spot) -> Result<Type, Error> {
        let key = spot.key();
        let api = spot.api.as_deref();
        if let Some(ty) = self.row(api, |tables| &tables.types, &key) {
            return named_type(ty).ok_or_else(|| schema.origin.error(format!("`{key}`: no type `{ty}`")));
        }
        if let Some(kind) = self.row(api, |tables| &tables.events, &key) {
            self.resolved.docs.mark_below(&spot.docs_key());
            return Ok(Type::Event(kind.clone()));
        }
        if let Some(target) = &schema.reference {
            if self.row(api, |tables| &tables.inline, &key).is_none() {
                return self.definition(target, schema);
            }
            let resolved = self.resolved;
            let own = resolved.definitions.get(target).filter(|own| own.reference.is_none());
            let own = own.ok_or_else(|| schema.origin.error("this reference cannot be inlined"))?;
            return self.bare_schema(own, spot);
        }
        self.bare_schema(schema, spot)
    }

    fn bare_schema(&mut self, schema: &Schema, spot: &Spot) -> Result<Type, Error> {
        if !schema.any_of.is_empty() {
            return self.alternatives(schema, spot);
        }
        let nullable = schema.types.len() > 1 && schema.types.contains(&JsonType::Null);
        let types: Vec<_> = schema.types.iter().copied().filter(|ty| !nullable || *ty != JsonType::Null).collect();
        let ty = match types.as_slice() {
            [] => self.untyped(schema, spot)?,
            [one] => self.single(*one, schema, spot)?,
            several => self.union_of_types(several, nullable, schema, spot)?,
        };
        let wrap = nullable && types.len() == 1;
        Ok(if wrap { Type::Nullable(Box::new(ty)) } else { ty })
    }

    fn untyped(&mut self, schema: &Schema, spot: &Spot) -> Result<Type, Error> {
        if !schema.properties.is_empty() || schema.additional.is_some() {
            return self.object(schema, spot);
        }
        if !schema.values.is_empty() {
            return self.single(JsonType::Text, schema, spot);
        }
        if schema.items.is_some() {
            return self.single(JsonType::List, schema, spot);
        }
        Ok(Type::Any)
    }

    fn single(&mut self, ty: JsonType, schema: &Schema, spot: &Spot) -> Result<Type, Error> {
        Ok(match ty {
            JsonType::Null => Type::Any,
            JsonType::Boolean => Type::Boolean,
            JsonType::Integer => {
                self.scalar(schema, spot, &["UnixMillis", "UnixSeconds", "PageToken"])?.unwrap_or(Type::Integer)
            }
            JsonType::Number => Type::Number,
            JsonType::Text if !schema.values.is_empty() => self.string_enum(schema, spot)?,
            JsonType::Text => self.text(schema, spot)?,
            JsonType::List => {
                let item = spot.item();
                let items = schema.items.as_ref().map(|items| self.ty(items, &item)).transpose()?;
                Type::List(Box::new(items.unwrap_or(Type::Any)))
            }
            JsonType::Object => self.object(schema, spot)?,
        })
    }

    /// The runtime's type for a wire name, if the table has one that fits.
    fn scalar(&self, _schema: &Schema, spot: &Spot, fitting: &[&str]) -> Result<Option<Type>, Error> {
        if spot.wire.is_empty() || spot.dotted.ends_with('*') {
            return Ok(None);
        }
        let found = self.row(spot.api.as_deref(), |tables| &tables.ids, &spot.wire);
        Ok(found.filter(|ty| fitting.contains(&ty.as_str())).map(|ty| Type::Scalar(ty.clone())))
    }

    fn text(&self, schema: &Schema, spot: &Spot) -> Result<Type, Error> {
        const IDS: [&str; 10] = [
            "RoomId",
            "RoomAlias",
            "RoomOrAlias",
            "UserId",
            "EventId",
            "ServerName",
            "DeviceId",
            "MxcUri",
            "TxnId",
            "PageToken",
        ];
        let ty = self.scalar(schema, spot, &IDS)?.unwrap_or(Type::Text);
        let wanted = schema.format.as_deref().and_then(id_of_format);
        match wanted {
            Some(wanted) if ty != Type::Scalar(wanted.to_owned()) => {
                let message =
                    format!("`{}` has the format of {wanted}, but its row in types.yaml says {ty:?}", spot.key());
                self.assume(schema.origin.error(message), Type::Scalar(wanted.to_owned()))
            }
            _ => Ok(ty),
        }
    }

    pub(super) fn type_name(&self, spot: &Spot) -> String {
        match self.row(spot.api.as_deref(), |tables| &tables.names.types, &spot.key()) {
            Some(name) => name.clone(),
            None => {
                let own = name::nested(&spot.wire, spot.item);
                format!("{}{own}", spot.owner.as_deref().unwrap_or_default())
            }
        }
    }

    fn add_type(&mut self, schema: &Schema, spot: &Spot, name: String, shape: Shape) -> Result<Type, Error> {
        self.add_named(schema, spot, name, shape).map(Type::Named)
    }

    pub(super) fn add_named(
        &mut self,
        schema: &Schema,
        spot: &Spot,
        mut name: String,
        shape: Shape,
    ) -> Result<TypeId, Error> {
        if !name::is_identifier(&name) {
            let message = format!("`{name}` is no name for a type: `{}` needs a rename", spot.key());
            name = self.assume(schema.origin.error(message), format!("Unnamed{}", name::letters(&name)))?;
        }
        let summary = self.line(schema, spot);
        let def = TypeDef {
            name,
            home: spot.home.clone(),
            summary,
            shape,
            spot: spot.key(),
            origin: schema.origin.clone(),
            writes: false,
            reads: false,
            accepted: false,
            answered: false,
            features: Default::default(),
        };
        self.add(def)
    }

    fn string_enum(&mut self, schema: &Schema, spot: &Spot) -> Result<Type, Error> {
        let renames = self.row(spot.api.as_deref(), |tables| &tables.names.variants, &spot.key());
        let mut values: Vec<Variant> = Vec::new();
        if let Some(wire) = renames.and_then(|names| names.keys().find(|wire| !schema.values.contains(wire))) {
            return Err(schema.origin.error(format!("names.yaml: `{wire}` is no value of `{}`", spot.key())));
        }
        for wire in &schema.values {
            let mut name = renames.and_then(|names| names.get(wire).cloned()).unwrap_or_else(|| name::variant(wire));
            if !name::is_identifier(&name) || values.iter().any(|other| other.name == name) {
                let message = format!("`{wire}` needs a rename: `{name}` is no name of its own");
                name = self.assume(schema.origin.error(message), format!("Unnamed{}", name::letters(&name)))?;
            }
            values.push(Variant { wire: wire.clone(), name });
        }
        let name = self.type_name(spot);
        self.add_type(schema, spot, name, Shape::Enum { values })
    }

    fn object(&mut self, schema: &Schema, spot: &Spot) -> Result<Type, Error> {
        if schema.properties.is_empty() {
            return match &schema.additional {
                Some(Additional::Values(values)) if !values.is_annotation() => self.map(schema, values, spot),
                Some(Additional::Values(_) | Additional::Anything) => Ok(Type::Object),
                // Closed and without a member: nothing can be in it.
                Some(Additional::Forbidden) => Ok(Type::Object),
                None => self.bare_object(schema, spot),
            };
        }
        let name = self.type_name(spot);
        let fields = self.fields(schema, spot, Some(&name))?;
        let rest = takes_more(schema);
        self.add_type(schema, spot, name, Shape::Object { fields, rest })
    }

    /// `type: object` and no more: only a table can say whether something is inside.
    fn bare_object(&self, schema: &Schema, spot: &Spot) -> Result<Type, Error> {
        let key = spot.key();
        match self.row(spot.api.as_deref(), |tables| &tables.objects, &key).map(String::as_str) {
            Some("free") => Ok(Type::Free),
            Some("empty") => Ok(Type::Object),
            Some(other) => Err(schema.origin.error(format!("objects.yaml: `{other}` is neither `empty` nor `free`"))),
            None => {
                let message = format!("`{key}` is a bare object: objects.yaml must say empty or free");
                self.assume(schema.origin.error(message), Type::Free)
            }
        }
    }

    fn map(&mut self, schema: &Schema, values: &Schema, spot: &Spot) -> Result<Type, Error> {
        let key_spot = format!("{}{{}}", spot.key());
        let named = self.row(spot.api.as_deref(), |tables| &tables.types, &key_spot);
        let of_format = schema.key_format.as_deref().and_then(id_of_format);
        let key = match (named, of_format) {
            (Some(ty), _) => {
                named_type(ty).ok_or_else(|| schema.origin.error(format!("`{key_spot}`: no type `{ty}`")))?
            }
            (None, Some(id)) => Type::Scalar(id.to_owned()),
            (None, None) => Type::Text,
        };
        let value = self.ty(values, &spot.value())?;
        Ok(Type::Map(Box::new(key), Box::new(value)))
    }

    /// The members of an object. `owner` is the type they belong to, if it is a nested one.
    pub(super) fn fields(&mut self, schema: &Schema, spot: &Spot, owner: Option<&str>) -> Result<Vec<Field>, Error> {
        for required in &schema.required {
            if !schema.properties.iter().any(|(name, _)| name == required) {
                let message = format!("`required` names `{required}`, which is no property");
                self.assume(schema.origin.error(message), ())?;
            }
        }
        let mut fields: Vec<Field> = Vec::new();
        for (wire, property) in &schema.properties {
            let spot = spot.property(wire, owner.map(str::to_owned));
            let field = self.field(wire, property, schema.required.contains(wire), &spot)?;
            if let Some(other) = fields.iter().find(|other| other.name == field.name) {
                let message = format!("`{wire}` and `{}` are both called `{}`: add a rename", other.wire, field.name);
                return Err(property.origin.error(message));
            }
            fields.push(field);
        }
        Ok(fields)
    }

    /// One value with its name.
    pub(super) fn field(&mut self, wire: &str, schema: &Schema, required: bool, spot: &Spot) -> Result<Field, Error> {
        let key = spot.key();
        let api = spot.api.as_deref();
        let ty = self.ty(schema, spot)?;
        let mut name = self.row(api, |tables| &tables.names.fields, &key).cloned().unwrap_or_else(|| name::field(wire));
        if !name::is_identifier(&name) || name == "new" {
            let message = format!("`{wire}` needs a rename: `{name}` is no name for a field");
            name = self.assume(schema.origin.error(message), format!("unnamed_{}", name::letters(&name)))?;
        }
        let omitted = self.row(api, |tables| &tables.omitted, &key).is_some();
        let kept = required && self.row(api, |tables| &tables.kept, &key).is_some();
        let docs = self.line(schema, spot);
        Ok(Field {
            wire: wire.to_owned(),
            name,
            ty,
            need: match (required && !kept, omitted) {
                (true, false) => Need::Required,
                (true, true) if matches!(spot.home, Home::Event { .. }) => Need::Expected,
                _ => Need::Optional,
            },
            kept,
            docs,
            since: schema.added.clone(),
            deprecated: schema.deprecated,
            may_be_empty: false,
            origin: schema.origin.clone(),
        })
    }

    /// Our line for a spot; a member that was merged in brings the line of its own file along.
    fn line(&self, schema: &Schema, spot: &Spot) -> Option<String> {
        let docs = &self.resolved.docs;
        let merged = || docs.known(&merged_spot(&schema.origin)?);
        let key = spot.docs_key();
        docs.known(&key).or_else(merged).or_else(|| docs.line(&key)).map(str::to_owned)
    }

    fn alternatives(&mut self, schema: &Schema, spot: &Spot) -> Result<Type, Error> {
        if !schema.properties.is_empty() || schema.additional.is_some() || schema.items.is_some() {
            return Err(schema.origin.error("alternatives beside members of its own"));
        }
        let formats: Vec<_> = schema.any_of.iter().filter_map(|branch| branch.format.as_deref()).collect();
        if schema.any_of.len() == 2 && formats.contains(&"mx-room-id") && formats.contains(&"mx-room-alias") {
            // Told by the table too, so that the type does not hang on how a release writes it.
            let named = self.scalar(schema, spot, &["RoomOrAlias"])?;
            return Ok(named.unwrap_or_else(|| Type::Scalar("RoomOrAlias".to_owned())));
        }
        if let Some(values) = listed_one_by_one(&schema.any_of) {
            return self.string_enum(&Schema { any_of: Vec::new(), values, ..schema.clone() }, spot);
        }
        let name = self.type_name(spot);
        let mut alternatives = Vec::new();
        let mut null = false;
        for branch in &schema.any_of {
            if branch.types == [JsonType::Null] {
                null = true;
                continue;
            }
            let inner = Spot { owner: Some(name.clone()), wire: "object".to_owned(), item: false, ..spot.clone() };
            let ty = self.ty(branch, &inner)?;
            alternatives.push(self.alternative(ty, branch)?);
        }
        if null && alternatives.len() == 1 {
            let only = alternatives.pop().and_then(|only| only.ty).unwrap_or(Type::Any);
            return Ok(Type::Nullable(Box::new(only)));
        }
        if null {
            alternatives.push(Alternative { name: "Null", ty: None });
        }
        self.union(alternatives, schema, spot, name)
    }

    fn union_of_types(
        &mut self,
        types: &[JsonType],
        nullable: bool,
        schema: &Schema,
        spot: &Spot,
    ) -> Result<Type, Error> {
        let mut alternatives = Vec::new();
        for json_type in types {
            let plain = Schema { types: vec![*json_type], origin: schema.origin.clone(), ..Schema::default() };
            let ty = match json_type {
                JsonType::Object => Type::Object,
                JsonType::Text => Type::Text,
                other => self.single(*other, &plain, spot)?,
            };
            alternatives.push(self.alternative(ty, schema)?);
        }
        if nullable {
            alternatives.push(Alternative { name: "Null", ty: None });
        }
        let name = self.type_name(spot);
        self.union(alternatives, schema, spot, name)
    }

    fn union(
        &mut self,
        alternatives: Vec<Alternative>,
        schema: &Schema,
        spot: &Spot,
        name: String,
    ) -> Result<Type, Error> {
        for (index, one) in alternatives.iter().enumerate() {
            if alternatives[..index].iter().any(|other| other.name == one.name) {
                return Err(schema.origin.error(format!("two alternatives are both {} in JSON", one.name)));
            }
        }
        self.add_type(schema, spot, name, Shape::Union { alternatives })
    }

    /// Alternatives are told apart by their kind in JSON.
    fn alternative(&self, ty: Type, schema: &Schema) -> Result<Alternative, Error> {
        let name = match &ty {
            Type::Boolean => "Boolean",
            Type::Integer | Type::Number => "Number",
            Type::Text | Type::Scalar(_) => "Text",
            Type::List(_) => "List",
            Type::Free | Type::Object | Type::Map(..) | Type::Event(_) => "Object",
            Type::Named(id) => match self.types[id.0].shape {
                Shape::Object { .. } | Shape::Whole(_) | Shape::Tagged { .. } => "Object",
                Shape::Enum { .. } => "Text",
                Shape::Union { .. } => return Err(schema.origin.error("alternatives inside alternatives")),
            },
            other => return Err(schema.origin.error(format!("no alternative can be {}", self.describe(other)))),
        };
        Ok(Alternative { name, ty: Some(ty) })
    }

    /// What a definition is in Rust.
    pub(super) fn definition(&mut self, target: &Target, from: &Schema) -> Result<Type, Error> {
        if let Some(ty) = self.definitions.get(target) {
            return Ok(ty.clone());
        }
        let schema = self.resolved.definitions.get(target);
        let schema = schema.ok_or_else(|| from.origin.error(format!("{} was not resolved", target.file)))?;
        let spot = definition_spot(target);
        let ty = self.ty(schema, &spot)?;
        self.definitions.insert(target.clone(), ty.clone());
        Ok(ty)
    }
}

/// The values of an enum that is written as a choice among enums, so that each can have words of its own.
fn listed_one_by_one(branches: &[Schema]) -> Option<Vec<String>> {
    let is_enum = |branch: &&Schema| branch.types == [JsonType::Text] && !branch.values.is_empty();
    let all = branches.iter().all(|branch| is_enum(&branch));
    all.then(|| branches.iter().flat_map(|branch| branch.values.clone()).collect())
}

/// Whether an object takes members beside those it names.
pub(super) fn takes_more(schema: &Schema) -> bool {
    matches!(schema.additional, Some(Additional::Anything | Additional::Values(_)))
}

fn id_of_format(format: &str) -> Option<&'static str> {
    Some(match format {
        "mx-room-id" => "RoomId",
        "mx-room-alias" => "RoomAlias",
        "mx-user-id" => "UserId",
        "mx-event-id" => "EventId",
        "mx-server-name" => "ServerName",
        "mx-mxc-uri" => "MxcUri",
        _ => return None,
    })
}

/// A type that types.yaml may name.
fn named_type(name: &str) -> Option<Type> {
    Some(match name {
        "Text" => Type::Text,
        "Integer" => Type::Integer,
        "Number" => Type::Number,
        "Boolean" => Type::Boolean,
        "Any" => Type::Any,
        "Free" => Type::Free,
        "Object" => Type::Object,
        "RoomId" | "RoomAlias" | "RoomOrAlias" | "UserId" | "EventId" | "ServerName" | "DeviceId" | "MxcUri"
        | "TxnId" | "UnixMillis" | "UnixSeconds" | "ErrorCode" | "PageToken" => Type::Scalar(name.to_owned()),
        _ => return None,
    })
}
