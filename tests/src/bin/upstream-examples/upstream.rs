//! The examples of the upstream documents.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Component, Path, PathBuf};

use serde_json::{Map, Value};

/// One example of a response.
pub(crate) struct Example {
    pub(crate) operation: String,
    /// The key of the response, such as `200`.
    pub(crate) code: String,
    /// Which example it is, for people.
    pub(crate) place: String,
    pub(crate) json: Value,
}

/// One example of an event.
pub(crate) struct EventExample {
    /// The file that it stands in.
    pub(crate) place: String,
    pub(crate) json: Value,
}

/// Every JSON example of a 2xx response of an API, in the order of its documents.
pub(crate) fn examples(folder: &Path, api: &str) -> Result<Vec<Example>, String> {
    let documents = data(folder).join("api").join(api);
    let mut upstream = Upstream::default();
    for file in files(&documents)?.iter().filter(|file| has_extension(file, "yaml")) {
        upstream.document(file).map_err(|error| format!("{}: {error}", file.display()))?;
    }
    if upstream.examples.is_empty() {
        return Err(format!("{} has no examples", documents.display()));
    }
    Ok(upstream.examples)
}

/// Every example of an event, in the order of their files. A file may have a list of them.
pub(crate) fn events(folder: &Path) -> Result<Vec<EventExample>, String> {
    let examples = data(folder).join("event-schemas/examples");
    let (mut upstream, mut found) = (Upstream::default(), Vec::new());
    for file in files(&examples)?.iter().filter(|file| has_extension(file, "yaml") || has_extension(file, "json")) {
        let place = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let json = upstream.file(file).and_then(|value| upstream.resolve(&value, file));
        match json.map_err(|error| format!("{place}: {error}"))? {
            Value::Array(list) => {
                let one = |(index, json)| EventExample { place: format!("{place}, {index}"), json };
                found.extend(list.into_iter().enumerate().map(one));
            }
            json => found.push(EventExample { place, json }),
        }
    }
    if found.is_empty() { Err(format!("{} has no examples", examples.display())) } else { Ok(found) }
}

fn data(folder: &Path) -> PathBuf {
    if folder.join("data").is_dir() { folder.join("data") } else { folder.to_path_buf() }
}

/// The files of a folder, sorted by name.
fn files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let refuse = |error: std::io::Error| format!("{}: {error}", folder.display());
    let entries = fs::read_dir(folder).map_err(refuse)?;
    let mut files =
        entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>().map_err(refuse)?;
    files.sort();
    Ok(files)
}

fn has_extension(file: &Path, extension: &str) -> bool {
    file.extension().is_some_and(|found| found == extension)
}

#[derive(Default)]
struct Upstream {
    files: BTreeMap<PathBuf, Value>,
    examples: Vec<Example>,
}

/// A value and the file that its references are relative to.
type Found = (Value, PathBuf);

impl Upstream {
    fn document(&mut self, file: &Path) -> Result<(), String> {
        let document = self.file(file)?;
        for (path, methods) in members(&document["paths"]) {
            for (method, operation) in members(&methods) {
                let Some(id) = operation["operationId"].as_str() else { continue };
                for (code, response) in members(&operation["responses"]) {
                    if code.starts_with('2') {
                        self.response(id, &code, (response, file.to_path_buf()))
                            .map_err(|error| format!("{method} {path}, {code}: {error}"))?;
                    }
                }
            }
        }
        Ok(())
    }

    fn response(&mut self, operation: &str, code: &str, response: Found) -> Result<(), String> {
        let (response, file) = self.follow(response)?;
        let media = &response["content"]["application/json"];
        let mut found = self.listed(media, &file)?;
        // The schema's own, and those of each schema that it merely stands for.
        let whole = (media["schema"].clone(), file);
        let mut schema = whole.clone();
        found.extend(self.listed(&schema.0, &schema.1)?);
        while schema.0.get("$ref").is_some() {
            schema = self.target(&schema.0, &schema.1)?;
            found.extend(self.listed(&schema.0, &schema.1)?);
        }
        if found.is_empty() {
            found.extend(self.compose(&whole)?.map(|json| ("put together from its members'".to_owned(), json)));
        }
        for (name, json) in found {
            let (operation, code, place) = (operation.to_owned(), code.to_owned(), format!("{code}, {name}"));
            self.examples.push(Example { operation, code, place, json });
        }
        Ok(())
    }

    /// The examples that a media type or a schema has, with their names.
    fn listed(&mut self, holder: &Value, file: &Path) -> Result<Vec<(String, Value)>, String> {
        let mut found = Vec::new();
        if let Some(example) = holder.get("example") {
            found.push(("example".to_owned(), self.resolve(example, file)?));
        }
        for (name, example) in members(&holder["examples"]) {
            // An object with a `value`, or a reference to one.
            let (example, file) = self.follow((example, file.to_path_buf()))?;
            let value = example.get("value").ok_or_else(|| format!("example {name} has no value"))?;
            found.push((format!("examples.{name}"), self.resolve(value, &file)?));
        }
        for (index, example) in holder["examples"].as_array().into_iter().flatten().enumerate() {
            found.push((format!("examples[{index}]"), self.resolve(example, file)?));
        }
        Ok(found)
    }

    /// What the examples of a schema's members make together; nothing if a required one has none.
    fn compose(&mut self, schema: &Found) -> Result<Option<Value>, String> {
        let (schema, file) = schema;
        if let Some((_, example)) = self.listed(schema, file)?.pop() {
            return Ok(Some(example));
        }
        if let Some(items) = schema.get("items") {
            let item = self.compose(&(items.clone(), file.clone()))?;
            return Ok(item.map(|item| Value::Array(vec![item])));
        }
        let mut parts = schema["allOf"].as_array().cloned().unwrap_or_default();
        parts.extend(schema["oneOf"].as_array().and_then(|branches| branches.first()).cloned());
        let mut parts: Vec<Found> = parts.into_iter().map(|part| (part, file.clone())).collect();
        if schema.get("$ref").is_some() {
            parts.push(self.target(schema, file)?);
        }
        let mut whole = Map::new();
        for part in &parts {
            match self.compose(part)? {
                Some(Value::Object(members)) => whole.extend(members),
                other => return Ok(other),
            }
        }
        for (name, property) in members(&schema["properties"]) {
            if let Some(example) = self.compose(&(property, file.clone()))? {
                whole.insert(name, example);
            }
        }
        let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let complete = required.into_iter().all(|name| whole.contains_key(name)) && !whole.is_empty();
        Ok(complete.then_some(Value::Object(whole)))
    }

    /// The object itself, or the one that it refers to.
    fn follow(&mut self, mut found: Found) -> Result<Found, String> {
        while found.0.get("$ref").is_some() {
            found = self.target(&found.0, &found.1)?;
        }
        Ok(found)
    }

    /// What a `$ref` points to.
    fn target(&mut self, value: &Value, file: &Path) -> Result<Found, String> {
        let reference = value["$ref"].as_str().ok_or("a $ref is no text")?;
        let (path, pointer) = reference.split_once('#').unwrap_or((reference, ""));
        let file = match path {
            "" => file.to_path_buf(),
            path => plain(&file.parent().unwrap_or(Path::new("")).join(path)),
        };
        let document = self.file(&file)?;
        let target = document.pointer(pointer).ok_or_else(|| format!("{reference} points to nothing"))?;
        Ok((target.clone(), file))
    }

    /// An example with its references replaced; what stands beside a `$ref` wins over what it brings.
    fn resolve(&mut self, value: &Value, file: &Path) -> Result<Value, String> {
        Ok(match value {
            Value::Array(list) => {
                Value::Array(list.iter().map(|value| self.resolve(value, file)).collect::<Result<_, _>>()?)
            }
            Value::Object(members) => {
                let mut resolved = Map::new();
                if members.contains_key("$ref") {
                    let (target, file) = self.target(value, file)?;
                    match self.resolve(&target, &file)? {
                        Value::Object(members) => resolved = members,
                        other if members.len() == 1 => return Ok(other),
                        _ => return Err("a $ref to no object has siblings".to_owned()),
                    }
                }
                for (key, value) in members.iter().filter(|(key, _)| *key != "$ref") {
                    resolved.insert(key.clone(), self.resolve(value, file)?);
                }
                Value::Object(resolved)
            }
            other => other.clone(),
        })
    }

    fn file(&mut self, file: &Path) -> Result<Value, String> {
        if let Some(known) = self.files.get(file) {
            return Ok(known.clone());
        }
        let refuse = |error: &dyn std::fmt::Display| format!("{}: {error}", file.display());
        let text = fs::read_to_string(file).map_err(|error| refuse(&error))?;
        let value: Value = match has_extension(file, "json") {
            true => serde_json::from_str(&text).map_err(|error| refuse(&error))?,
            false => serde_yaml::from_str(&text).map_err(|error| refuse(&error))?,
        };
        self.files.insert(file.to_path_buf(), value.clone());
        Ok(value)
    }
}

fn members(value: &Value) -> Vec<(String, Value)> {
    value.as_object().map(|members| members.clone().into_iter().collect()).unwrap_or_default()
}

/// The path without `..`.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(plain.pop()),
            other => plain.push(other),
        }
    }
    plain
}
