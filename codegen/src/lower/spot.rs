//! How tables and documentation name the place of a schema.

use super::name;
use crate::ir::Home;
use crate::openapi::{Origin, Target};

/// Where a schema stands, as tables and documentation name it.
#[derive(Clone, Debug)]
pub(super) struct Spot {
    /// `None` for a definition that every API may share.
    pub(super) api: Option<String>,
    /// `sendMessage>`, `sync<`, `api/client-server/definitions/tag:`.
    pub(super) root: String,
    pub(super) dotted: String,
    /// The type that this one would be a part of.
    pub(super) owner: Option<String>,
    pub(super) home: Home,
    /// The property it is the value of.
    pub(super) wire: String,
    /// An item of a list, or a value of a map.
    pub(super) item: bool,
}

impl Spot {
    pub(super) fn key(&self) -> String {
        if self.dotted.is_empty() { self.root.trim_end_matches(':').to_owned() } else { self.full() }
    }

    fn full(&self) -> String {
        format!("{}{}", self.root, self.dotted)
    }

    fn is_definition(&self) -> bool {
        matches!(self.home, Home::Definition { .. })
    }

    /// The key under which our own words stand.
    pub(super) fn docs_key(&self) -> String {
        match &self.api {
            Some(api) if !self.is_definition() => format!("{api}/{}", self.full()),
            _ => self.full(),
        }
    }

    pub(super) fn property(&self, wire: &str, owner: Option<String>) -> Self {
        let dot = if self.dotted.is_empty() { "" } else { "." };
        Self {
            dotted: format!("{}{dot}{wire}", self.dotted),
            owner,
            wire: wire.to_owned(),
            item: false,
            ..self.clone()
        }
    }

    pub(super) fn item(&self) -> Self {
        Self { dotted: format!("{}[]", self.dotted), item: true, ..self.clone() }
    }

    pub(super) fn value(&self) -> Self {
        let dot = if self.dotted.is_empty() { "" } else { "." };
        Self { dotted: format!("{}{dot}*", self.dotted), item: true, ..self.clone() }
    }
}

/// The API whose folder a file lies in, where documents of our own have one right below `specs/`:
/// what they define is that API's alone. Upstream's lie deeper, and any API may share them.
fn own_folder(path: &str) -> Option<&str> {
    let (folder, rest) = path.split_once('/')?;
    (!rest.contains('/') || rest.starts_with("definitions/")).then_some(folder)
}

/// How spots name a file: `matrix/api/client-server/…` and `client-server/…` are both `api/client-server/…`.
fn spot_path(path: &str) -> String {
    match own_folder(path) {
        Some(_) => format!("api/{path}"),
        None => path.split_once('/').map_or(path, |(_, rest)| rest).to_owned(),
    }
}

/// `matrix/api/client-server/definitions/wellknown/full.yaml` is `wellknown_full` of `client_server`.
pub(super) fn definition_spot(target: &Target) -> Spot {
    let path = target.file.trim_end_matches(".yaml");
    let own = own_folder(path);
    let path = spot_path(path);
    let below = path.strip_prefix("api/").unwrap_or(&path);
    let (api, rest) = below.split_once('/').unwrap_or(("", below));
    let rest = match api {
        // Filed by how upstream shares them, which is no part of their names.
        "event-schemas" => rest.rsplit('/').next().unwrap_or(rest),
        _ => rest.strip_prefix("definitions/").unwrap_or(rest),
    };
    let api = if api == "event-schemas" { crate::load::EVENTS } else { api };
    let local = target.pointer.rsplit('/').next().filter(|name| !name.is_empty());
    let wire = local.map_or_else(|| rest.replace('/', "_"), str::to_owned);
    let pointer = local.map(|local| format!("#{local}")).unwrap_or_default();
    Spot {
        api: own.map(str::to_owned),
        root: format!("{path}{pointer}:"),
        dotted: String::new(),
        owner: None,
        home: Home::Definition {
            api: name::snake(api),
            module: name::snake(&name::pascal(&wire)),
            file: target.file.clone(),
        },
        wire,
        item: false,
    }
}

/// `matrix/api/…/tag.yaml#/properties/order` is documented as `api/…/tag:order`.
pub(super) fn merged_spot(origin: &Origin) -> Option<String> {
    let path = spot_path(origin.file.strip_suffix(".yaml")?);
    let mut dotted = String::new();
    let mut segments = origin.pointer.split('/').skip(1);
    while let Some(segment) = segments.next() {
        match segment {
            "properties" => {
                let dot = if dotted.is_empty() { "" } else { "." };
                dotted.push_str(&format!("{dot}{}", segments.next()?));
            }
            "items" => dotted.push_str("[]"),
            "additionalProperties" => dotted.push_str(".*"),
            "allOf" => drop(segments.next()?),
            _ => return None,
        }
    }
    Some(format!("{path}:{dotted}"))
}
