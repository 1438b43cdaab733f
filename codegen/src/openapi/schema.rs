//! JSON Schema, as far as the documents go.

use std::path::{Component, Path, PathBuf};

use super::Origin;
use crate::error::Error;
use crate::node::{Cursor, Keywords, Node};

/// A type that JSON knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum JsonType {
    Null,
    Boolean,
    Integer,
    Number,
    Text,
    List,
    Object,
}

/// What a `$ref` points to: a file of the specs, and a pointer inside it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Target {
    pub(crate) file: String,
    pub(crate) pointer: String,
}

/// The version that brought something, and of what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Since {
    pub(crate) product: Product,
    pub(crate) version: String,
}

/// What counts versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Product {
    Matrix,
    Synapse,
}

impl std::fmt::Display for Since {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} {}", self.product, self.version)
    }
}

/// What an object takes beside its properties.
#[derive(Clone, Debug)]
pub(crate) enum Additional {
    Forbidden,
    Anything,
    Values(Box<Schema>),
}

/// One schema as it stands, its references still links.
#[derive(Clone, Debug, Default)]
pub(crate) struct Schema {
    pub(crate) origin: Origin,
    pub(crate) title: Option<String>,
    pub(crate) types: Vec<JsonType>,
    pub(crate) reference: Option<Target>,
    pub(crate) format: Option<String>,
    pub(crate) required: Vec<String>,
    pub(crate) values: Vec<String>,
    pub(crate) items: Option<Box<Schema>>,
    pub(crate) properties: Vec<(String, Schema)>,
    pub(crate) additional: Option<Additional>,
    pub(crate) key_format: Option<String>,
    /// A pattern that only the empty text fits.
    pub(crate) only_empty: bool,
    pub(crate) all_of: Vec<Schema>,
    pub(crate) any_of: Vec<Schema>,
    pub(crate) deprecated: bool,
    pub(crate) added: Option<Since>,
    pub(crate) default: Option<Node>,
}

/// Reads a schema.
pub(crate) fn read(at: &Cursor<'_>) -> Result<Schema, Error> {
    let keys = at.keywords()?;
    let mut schema = Schema { origin: Origin::from(at), ..Schema::default() };
    schema.title = keys.text("title")?;
    schema.format = keys.take("format").map(|at| format(&at)).transpose()?;
    schema.deprecated = keys.flag("deprecated")?;
    schema.added = added(&keys)?;
    schema.default = keys.take("default").map(|at| at.node.clone());
    schema.types = types(&keys)?;
    schema.reference = keys.take("$ref").map(|at| target(&at)).transpose()?;
    schema.required = keys.take("required").map_or(Ok(Vec::new()), |at| at.texts())?;
    schema.values = keys.take("enum").map_or(Ok(Vec::new()), |at| at.texts())?;
    schema.items = keys.take("items").map(|at| read(&at).map(Box::new)).transpose()?;
    schema.properties = named(keys.take("properties"))?;
    read_additional(&keys, &mut schema)?;
    schema.all_of = list(keys.take("allOf"))?;
    schema.any_of = list(keys.take("anyOf"))?;
    schema.any_of.extend(list(keys.take("oneOf"))?);
    schema.only_empty = keys.take("pattern").is_some_and(|at| *at.node == Node::Text("^$".to_owned()));
    ignore_limits(&keys);
    if at.pointer.is_empty() {
        // Read where something refers to them, which each of them has to have.
        keys.take("definitions");
    }
    keys.finish()?;
    Ok(schema)
}

/// Limits are facts for people; the server enforces them, so no type comes of them.
fn ignore_limits(keys: &Keywords<'_>) {
    const LIMITS: [&str; 9] = [
        "minimum",
        "maximum",
        "minLength",
        "maxLength",
        "minItems",
        "maxItems",
        "minProperties",
        "maxProperties",
        "x-changedInMatrixVersion",
    ];
    for limit in LIMITS {
        keys.take(limit);
    }
    // Where a file repeats the dialect, it says nothing new.
    keys.take("$schema");
}

/// A format that is known to say nothing of the type, or to name one; see `lower::schema`.
fn format(at: &Cursor<'_>) -> Result<String, Error> {
    const KNOWN: [&str; 17] = [
        "date-time",
        "email",
        "float",
        "int64",
        "ip",
        "mx-event-id",
        "mx-mxc-uri",
        "mx-room-alias",
        "mx-room-id",
        "mx-server-name",
        "mx-unpadded-base64",
        "mx-urlsafe-unpadded-base64",
        "mx-user-id",
        "uint",
        "uint32",
        "uint8",
        "uri",
    ];
    let format = at.text()?;
    if KNOWN.contains(&format) { Ok(format.to_owned()) } else { Err(at.error(format!("unknown format `{format}`"))) }
}

/// The version that brought the thing.
pub(crate) fn added(keys: &Keywords<'_>) -> Result<Option<Since>, Error> {
    for (keyword, product) in
        [("x-addedInMatrixVersion", Product::Matrix), ("x-addedInSynapseVersion", Product::Synapse)]
    {
        if let Some(at) = keys.take(keyword) {
            return Ok(Some(Since { product, version: version(&at)? }));
        }
    }
    Ok(None)
}

/// The text of a version number, which YAML may take for a float.
fn version(at: &Cursor<'_>) -> Result<String, Error> {
    match at.node {
        Node::Text(text) => Ok(text.clone()),
        _ => Err(at.error("a version must be quoted")),
    }
}

fn types(keys: &Keywords<'_>) -> Result<Vec<JsonType>, Error> {
    let Some(at) = keys.take("type") else { return Ok(Vec::new()) };
    let listed = if matches!(at.node, Node::List(_)) { at.items()? } else { vec![at] };
    listed.iter().map(json_type).collect()
}

fn json_type(at: &Cursor<'_>) -> Result<JsonType, Error> {
    Ok(match at.text()? {
        "null" => JsonType::Null,
        "boolean" => JsonType::Boolean,
        "integer" => JsonType::Integer,
        "number" => JsonType::Number,
        "string" => JsonType::Text,
        "array" => JsonType::List,
        "object" => JsonType::Object,
        other => return Err(at.error(format!("unknown type `{other}`"))),
    })
}

fn named(at: Option<Cursor<'_>>) -> Result<Vec<(String, Schema)>, Error> {
    let Some(at) = at else { return Ok(Vec::new()) };
    at.entries()?.into_iter().map(|(name, at)| Ok((name.to_owned(), read(&at)?))).collect()
}

fn list(at: Option<Cursor<'_>>) -> Result<Vec<Schema>, Error> {
    at.map_or(Ok(Vec::new()), |at| at.items()?.iter().map(read).collect())
}

fn read_additional(keys: &Keywords<'_>, schema: &mut Schema) -> Result<(), Error> {
    if let Some(at) = keys.take("additionalProperties") {
        schema.additional = Some(match at.node {
            Node::Bool(true) => Additional::Anything,
            Node::Bool(false) => Additional::Forbidden,
            _ => Additional::Values(Box::new(read(&at)?)),
        });
    }
    if let Some(at) = keys.take("patternProperties") {
        let entries = at.entries()?;
        let [(_, values)] = entries.as_slice() else {
            return Err(at.error("expected exactly one pattern"));
        };
        // Keys that fit no pattern are forbidden: a map of those that do is what is left.
        if !matches!(schema.additional, None | Some(Additional::Forbidden)) {
            return Err(at.error("patternProperties beside additionalProperties"));
        }
        let (key_format, values) = pattern_values(values)?;
        schema.key_format = key_format;
        schema.additional = Some(Additional::Values(Box::new(values)));
    }
    if let Some(at) = keys.take("propertyNames") {
        schema.key_format = read(&at)?.format;
    }
    Ok(())
}

/// `x-pattern-format` names the format of the key, though it stands in the value's schema.
fn pattern_values(at: &Cursor<'_>) -> Result<(Option<String>, Schema), Error> {
    let Node::Map(entries) = at.node else { return Err(at.error("expected a schema")) };
    let key_format = match at.node.get("x-pattern-format") {
        None => None,
        Some(Node::Text(format)) => Some(format.clone()),
        Some(_) => return Err(at.error("x-pattern-format must be a string")),
    };
    let rest = Node::Map(entries.iter().filter(|(key, _)| key != "x-pattern-format").cloned().collect());
    let schema = read(&Cursor { node: &rest, file: at.file, pointer: at.pointer.clone() })?;
    Ok((key_format, schema))
}

/// The file and pointer that a `$ref` names, seen from the file it stands in.
pub(crate) fn target(at: &Cursor<'_>) -> Result<Target, Error> {
    let text = at.text()?;
    let (file, pointer) = text.split_once('#').unwrap_or((text, ""));
    if !pointer.is_empty() && !pointer.starts_with('/') {
        return Err(at.error(format!("`{pointer}` is no JSON pointer")));
    }
    if file.is_empty() {
        return Ok(Target { file: at.file.to_owned(), pointer: pointer.to_owned() });
    }
    let folder = Path::new(at.file).parent().unwrap_or(Path::new(""));
    let mut resolved = PathBuf::new();
    for component in folder.join(file).components() {
        match component {
            Component::ParentDir if resolved.pop() => {}
            Component::Normal(part) => resolved.push(part),
            Component::CurDir => {}
            _ => return Err(at.error(format!("`{text}` leads out of the specs"))),
        }
    }
    let file = resolved.to_string_lossy().replace('\\', "/");
    Ok(Target { file, pointer: pointer.to_owned() })
}
