//! A case: a folder of small specs, filled up with what every run of the generator needs.
//!
//! - `*.yaml`: documents of the client-server API; the head of OpenAPI and the security schemes
//!   are put in front where a document leaves them out.
//! - `definitions/`, `semantics/`, `docs/`: of that API.
//! - `specs/`: files as they stand, from the root of the specs: `sources.yaml`, patches, more APIs.
//!
//! The total tables get a row for every operation, unless the case brings the table itself.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use matrix_api_codegen::{Errors, Generated, generate_from};
use serde_yaml::Value;

const SOURCES: &str = "\
apis:
  - api: client-server
    module: client_server
    feature: client-server
    service: Homeserver
    folder: matrix/api/client-server
    operations: all
";

const HEAD: &str = "\
openapi: 3.1.0
info: {}
servers: [{url: '', variables: {basePath: {default: /_matrix/client/v3}}}]
";

const SCHEMES: &str = "\
components: {securitySchemes: {accessTokenBearer: {}, appserviceAccessTokenBearer: {}}}
";

/// One folder of `golden` or `refusals`.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) folder: PathBuf,
}

/// The folder that the cases lie in.
pub(crate) fn tests() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

/// The cases of one kind, by name.
pub(crate) fn all(kind: &str) -> Vec<Case> {
    let mut cases: Vec<_> = entries(&tests().join(kind)).into_iter().filter(|path| path.is_dir()).map(case).collect();
    cases.sort_by(|left, right| left.name.cmp(&right.name));
    assert!(!cases.is_empty(), "there is no case in {kind}");
    cases
}

fn case(folder: PathBuf) -> Case {
    let name = folder.file_name().expect("an entry has a name").to_string_lossy().into_owned();
    Case { name, folder }
}

impl Case {
    /// Runs the generator on the case.
    pub(crate) fn generate(&self) -> Result<Generated, Errors> {
        generate_from(&self.texts())
    }

    fn texts(&self) -> BTreeMap<String, String> {
        let mut texts = BTreeMap::new();
        for (from, to) in [
            ("", "matrix/api/client-server/"),
            ("definitions", "matrix/api/client-server/definitions/"),
            ("semantics", "semantics/client-server/"),
            ("docs", "docs/client-server/"),
            ("specs", ""),
        ] {
            let folder = self.folder.join(from);
            let deep = !from.is_empty();
            texts.extend(files(&folder, deep).into_iter().map(|(name, text)| (format!("{to}{name}"), text)));
        }
        texts.entry("sources.yaml".to_owned()).or_insert_with(|| SOURCES.to_owned());
        for (file, text) in &mut texts {
            if document(file).is_some() {
                *text = complete(text);
            }
        }
        fill_tables(&mut texts);
        texts
    }
}

/// The API of a document, if the file is one.
fn document(file: &str) -> Option<&str> {
    let (api, name) = file.strip_prefix("matrix/api/")?.split_once('/')?;
    (!name.contains('/')).then_some(api)
}

fn complete(text: &str) -> String {
    let has = |key: &str| text.starts_with(key) || text.contains(&format!("\n{key}"));
    let head = if has("openapi:") { "" } else { HEAD };
    let schemes = if has("components:") { "" } else { SCHEMES };
    format!("{head}{schemes}{text}")
}

/// A row per operation in each total table: a GET reads, all else writes.
fn fill_tables(texts: &mut BTreeMap<String, String>) {
    let mut tables: BTreeMap<String, BTreeMap<String, &str>> = BTreeMap::new();
    for (file, text) in texts.iter() {
        let Some(api) = document(file).filter(|api| texts["sources.yaml"].contains(&format!("api: {api}\n"))) else {
            continue;
        };
        for (method, id) in operations(text) {
            let mut add = |table: &str, value: &'static str| {
                let rows = tables.entry(format!("semantics/{api}/{table}.yaml")).or_default();
                rows.entry(id.clone()).or_insert(value);
            };
            add("effect", if method == "get" { "reads" } else { "writes" });
            add("errcodes", "[]");
            if method == "post" {
                add("idempotency", "if-unsent");
            }
        }
    }
    for (file, rows) in tables {
        let rows = rows.into_iter().map(|(id, value)| format!("{id}: {value}\n"));
        texts.entry(file).or_insert_with(|| rows.collect());
    }
}

/// Method and operationId of what looks like an operation; the generator says what is wrong with the rest.
fn operations(text: &str) -> Vec<(String, String)> {
    let Ok(document) = serde_yaml::from_str::<Value>(text) else { return Vec::new() };
    let mut found = Vec::new();
    let paths = document.get("paths").and_then(Value::as_mapping).into_iter().flatten();
    for (_, path) in paths {
        for (method, operation) in path.as_mapping().into_iter().flatten() {
            let id = operation.get("operationId").and_then(Value::as_str);
            found.extend(method.as_str().zip(id).map(|(method, id)| (method.to_owned(), id.to_owned())));
        }
    }
    found
}

/// The texts below a folder, by path; none if there is no such folder.
pub(crate) fn files(folder: &Path, deep: bool) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for path in entries(folder) {
        let name = path.file_name().expect("an entry has a name").to_string_lossy().into_owned();
        if path.is_dir() && deep {
            found.extend(files(&path, true).into_iter().map(|(below, text)| (format!("{name}/{below}"), text)));
        } else if path.is_file() && (deep || name.ends_with(".yaml")) {
            found.insert(name, fs::read_to_string(&path).expect("a case is readable text"));
        }
    }
    found
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    entries.map(|entry| entry.expect("the folder is readable").path()).collect()
}
