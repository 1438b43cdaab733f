//! What OpenAPI cannot say, as tables. A row that nothing asks for is an error,
//! and so is a question that a total table has no row for.
//!
//! Fields are named by their spot: `sendMessage>content` in a request,
//! `sync<next_batch` in a response, `api/client-server/definitions/tag:order`
//! in a definition; dots lead inwards, `[]` is an item and `*` a value.

use std::cell::Cell;
use std::collections::BTreeMap;

use crate::error::Error;
use crate::node::{Cursor, Node};
use crate::openapi::{Origin, Target};

/// The runtime's types of events.
const EVENTS: [&str; 6] =
    ["AccountDataEvent", "EphemeralEvent", "StateEvent", "StrippedStateEvent", "TimelineEvent", "ToDeviceEvent"];

/// The runtime's types that a wire name can stand for.
const SCALARS: [&str; 12] = [
    "DeviceId",
    "EventId",
    "MxcUri",
    "PageToken",
    "RoomAlias",
    "RoomId",
    "RoomOrAlias",
    "ServerName",
    "TxnId",
    "UnixMillis",
    "UnixSeconds",
    "UserId",
];

/// The tables of one API.
#[derive(Clone, Debug, Default)]
pub(crate) struct Semantics {
    pub(crate) idempotency: Table<String>,
    pub(crate) effect: Table<String>,
    pub(crate) errcodes: Table<Vec<String>>,
    pub(crate) sensitive: Table<()>,
    pub(crate) txn: Table<()>,
    /// `empty` or `free`.
    pub(crate) objects: Table<String>,
    /// The kind of event that a schema describes.
    pub(crate) events: Table<String>,
    /// Wire name to type.
    pub(crate) ids: Table<String>,
    /// Spot to type, where the wire name misleads.
    pub(crate) types: Table<String>,
    /// References whose target is a type of its own at this spot.
    pub(crate) inline: Table<()>,
    pub(crate) omitted: Table<()>,
    pub(crate) json: Table<Json>,
    pub(crate) services: Table<String>,
    pub(crate) long_polls: Table<()>,
    pub(crate) may_be_empty: Table<()>,
    /// Names in a server's `unstable_features` that stand for an operation.
    pub(crate) support: Table<Vec<String>>,
    /// What kinds of event a type occurs as, as far as its schema does not say.
    pub(crate) kinds: Table<Vec<String>>,
    /// Members of contents that no schema names.
    pub(crate) members: Vec<Member>,
    /// Operation to what makes a server do without it.
    pub(crate) absent_under: Table<String>,
    pub(crate) names: Names,
    /// What operations were called before.
    pub(crate) former: Table<String>,
    /// Fields that had not to be set before.
    pub(crate) kept: Table<()>,
}

/// Better names than those that follow from the documents.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    pub(crate) operations: Table<String>,
    pub(crate) types: Table<String>,
    pub(crate) fields: Table<String>,
    pub(crate) variants: Table<BTreeMap<String, String>>,
    pub(crate) tags: Table<String>,
}

/// JSON that travels as text: its schema, and whether an id may stand for it.
#[derive(Clone, Debug)]
pub(crate) struct Json {
    pub(crate) definition: String,
    pub(crate) or_id: bool,
}

/// A member that contents have though their schemas do not name it.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) wire: String,
    /// Its schema; none for a member that is the same content again.
    pub(crate) schema: Option<Target>,
    /// The types of events.
    pub(crate) of: Table<()>,
    pub(crate) at: Origin,
}

/// Rows by key, each to be asked for at least once.
#[derive(Clone, Debug)]
pub(crate) struct Table<T> {
    rows: BTreeMap<String, Row<T>>,
}

#[derive(Clone, Debug)]
struct Row<T> {
    value: T,
    at: Origin,
    used: Cell<bool>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self { rows: BTreeMap::new() }
    }
}

impl<T> Table<T> {
    fn add(&mut self, key: String, value: T, at: &Cursor<'_>) -> Result<(), Error> {
        let row = Row { value, at: Origin::from(at), used: Cell::new(false) };
        match self.rows.insert(key.clone(), row) {
            None => Ok(()),
            Some(_) => Err(at.error(format!("`{key}` has a row already"))),
        }
    }

    /// The row of a key.
    pub(crate) fn get(&self, key: &str) -> Option<&T> {
        let row = self.rows.get(key)?;
        row.used.set(true);
        Some(&row.value)
    }

    fn unused(&self, what: &str) -> Vec<Error> {
        let rows = self.rows.iter().filter(|(_, row)| !row.used.get());
        rows.map(|(key, row)| row.at.error(format!("{what}: `{key}` names nothing that exists"))).collect()
    }
}

impl Semantics {
    /// Reads the tables; the name of a file says which one it is.
    pub(crate) fn read(files: &[Cursor<'_>]) -> Result<Self, Error> {
        let mut tables = Self::default();
        for file in files {
            let name = file.file.splitn(3, '/').nth(2).unwrap_or_default().trim_end_matches(".yaml");
            match name {
                "idempotency" => tables.idempotency = classes(file)?,
                "effect" => tables.effect = classes(file)?,
                "errcodes" => tables.errcodes = map(file, Cursor::texts)?,
                "sensitive" => tables.sensitive = set(file)?,
                "txn" => tables.txn = set(file)?,
                "objects" => tables.objects = groups(file)?,
                "events" => tables.events = kinds(file, &EVENTS)?,
                "types" => tables.read_types(file)?,
                "omitted" => tables.omitted = set(file)?,
                "json" => tables.json = map(file, json)?,
                "operations" => tables.read_operations(file)?,
                "support" => tables.support = map(file, flags)?,
                "names" => tables.names = names(file)?,
                "compatibility" => tables.read_compatibility(file)?,
                "kinds" => tables.kinds = map(file, Cursor::texts)?,
                "members" => tables.members = members(file)?,
                other => return Err(file.error(format!("there is no table `{other}`"))),
            }
        }
        Ok(tables)
    }

    fn read_types(&mut self, file: &Cursor<'_>) -> Result<(), Error> {
        let keys = file.keywords()?;
        self.ids = kinds(&keys.need("names")?, &SCALARS)?;
        if let Some(at) = keys.take("spots") {
            self.types = groups(&at)?;
        }
        if let Some(at) = keys.take("inline") {
            self.inline = set(&at)?;
        }
        keys.finish()
    }

    fn read_operations(&mut self, file: &Cursor<'_>) -> Result<(), Error> {
        let keys = file.keywords()?;
        if let Some(at) = keys.take("services") {
            self.services = groups(&at)?;
        }
        if let Some(at) = keys.take("long_polls") {
            self.long_polls = set(&at)?;
        }
        if let Some(at) = keys.take("may_be_empty") {
            self.may_be_empty = set(&at)?;
        }
        if let Some(at) = keys.take("absent_under") {
            self.absent_under = groups(&at)?;
        }
        keys.finish()
    }

    fn read_compatibility(&mut self, file: &Cursor<'_>) -> Result<(), Error> {
        let keys = file.keywords()?;
        if let Some(at) = keys.take("renamed") {
            self.former = map(&at, |at| at.text().map(str::to_owned))?;
        }
        if let Some(at) = keys.take("required") {
            self.kept = set(&at)?;
        }
        keys.finish()
    }

    /// Rows that nothing asked for.
    pub(crate) fn unused(&self) -> Vec<Error> {
        let mut errors = self.idempotency.unused("idempotency");
        errors.extend(self.effect.unused("effect"));
        errors.extend(self.errcodes.unused("errcodes"));
        errors.extend(self.sensitive.unused("sensitive"));
        errors.extend(self.txn.unused("txn"));
        errors.extend(self.objects.unused("objects"));
        errors.extend(self.events.unused("events"));
        errors.extend(self.ids.unused("types"));
        errors.extend(self.types.unused("types"));
        errors.extend(self.inline.unused("inline"));
        errors.extend(self.omitted.unused("omitted"));
        errors.extend(self.json.unused("json"));
        errors.extend(self.services.unused("services"));
        errors.extend(self.long_polls.unused("long_polls"));
        errors.extend(self.may_be_empty.unused("may_be_empty"));
        errors.extend(self.support.unused("support"));
        errors.extend(self.kinds.unused("kinds"));
        self.members.iter().for_each(|member| errors.extend(member.of.unused("members")));
        errors.extend(self.absent_under.unused("absent_under"));
        errors.extend(self.names.operations.unused("names"));
        errors.extend(self.names.types.unused("names"));
        errors.extend(self.names.fields.unused("names"));
        errors.extend(self.names.variants.unused("names"));
        errors.extend(self.names.tags.unused("names"));
        errors.extend(self.former.unused("compatibility"));
        errors.extend(self.kept.unused("compatibility"));
        errors
    }
}

/// `key: value`.
fn map<'a, T>(at: &Cursor<'a>, read: impl Fn(&Cursor<'a>) -> Result<T, Error>) -> Result<Table<T>, Error> {
    let mut table = Table::default();
    for (key, at) in at.entries()? {
        table.add(key.to_owned(), read(&at)?, &at)?;
    }
    Ok(table)
}

/// `- key`.
fn set(at: &Cursor<'_>) -> Result<Table<()>, Error> {
    let mut table = Table::default();
    for at in at.items()? {
        table.add(at.text()?.to_owned(), (), &at)?;
    }
    Ok(table)
}

/// `value: [key, key]`.
fn groups(at: &Cursor<'_>) -> Result<Table<String>, Error> {
    let mut table = Table::default();
    for (value, at) in at.entries()? {
        for at in at.items()? {
            table.add(at.text()?.to_owned(), value.to_owned(), &at)?;
        }
    }
    Ok(table)
}

/// The same, of known values.
fn kinds(at: &Cursor<'_>, known: &[&str]) -> Result<Table<String>, Error> {
    match at.entries()?.into_iter().find(|(value, _)| !known.contains(value)) {
        Some((value, at)) => Err(at.error(format!("there is no type `{value}`"))),
        None => groups(at),
    }
}

/// `key: class`, or `key: {class, why}`.
fn classes(at: &Cursor<'_>) -> Result<Table<String>, Error> {
    map(at, |at| match at.node {
        Node::Text(class) => Ok(class.clone()),
        _ => {
            let keys = at.keywords()?;
            let class = keys.need("class")?.text()?.to_owned();
            keys.need("why")?.text()?;
            keys.finish()?;
            Ok(class)
        }
    })
}

/// `{flags, evidence}`.
fn flags(at: &Cursor<'_>) -> Result<Vec<String>, Error> {
    let keys = at.keywords()?;
    let flags = keys.need("flags")?.texts()?;
    keys.need("evidence")?.text()?;
    keys.finish()?;
    Ok(flags)
}

fn json(at: &Cursor<'_>) -> Result<Json, Error> {
    let keys = at.keywords()?;
    let json = Json { definition: keys.need("definition")?.text()?.to_owned(), or_id: keys.flag("or_id")? };
    keys.finish()?;
    Ok(json)
}

fn members(file: &Cursor<'_>) -> Result<Vec<Member>, Error> {
    let read = |(wire, at): (&str, Cursor<'_>)| {
        let keys = at.keywords()?;
        let schema = keys.text("schema")?.map(|file| Target { file, pointer: String::new() });
        let member = Member { wire: wire.to_owned(), schema, of: set(&keys.need("of")?)?, at: Origin::from(&at) };
        keys.finish()?;
        Ok(member)
    };
    file.entries()?.into_iter().map(read).collect()
}

fn names(file: &Cursor<'_>) -> Result<Names, Error> {
    let keys = file.keywords()?;
    let text = |at: &Cursor<'_>| at.text().map(str::to_owned);
    let table = |key: &str| keys.take(key).map_or(Ok(Table::default()), |at| map(&at, text));
    let variants = keys.take("variants").map_or(Ok(Table::default()), |at| {
        map(&at, |at| at.entries()?.into_iter().map(|(wire, at)| Ok((wire.to_owned(), text(&at)?))).collect())
    });
    let names = Names {
        operations: table("operations")?,
        types: table("types")?,
        fields: table("fields")?,
        variants: variants?,
        tags: table("tags")?,
    };
    keys.finish()?;
    Ok(names)
}
