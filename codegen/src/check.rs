//! What must hold of the IR before a line of it is written.

use std::collections::{BTreeMap, BTreeSet};

use crate::error::Errors;
use crate::ir::{Api, Apis, Body, Field, Home, Operation, ResponseKind, Shape, TypeDef};
use crate::lower::{is_identifier, is_taken, snake};
use crate::openapi::Origin;

/// The services that the runtime knows.
const SERVICES: [&str; 8] =
    ["Appservice", "Federation", "Homeserver", "Identity", "Integrations", "MasAdmin", "PushGateway", "ServerName"];

/// Checks names across fields, types and files.
pub(crate) fn apis(apis: &Apis) -> Result<(), Errors> {
    let mut errors = Errors::default();
    for api in &apis.apis {
        operations(api, &mut errors);
        for operation in &api.operations {
            members_of_operation(operation, &mut errors);
            borrowed(apis, &operation.home(api), Some(operation), &mut errors);
        }
        shared_names(apis, api, &mut errors);
    }
    for def in apis.types.iter().filter(|def| def.reads || def.writes) {
        definition(apis, def, &mut errors);
        if let Home::Definition { .. } = def.home {
            borrowed(apis, &def.home, None, &mut errors);
        }
    }
    modules(apis, &mut errors);
    errors.or(())
}

fn operations(api: &Api, errors: &mut Errors) {
    let mut names: BTreeMap<String, &str> = BTreeMap::new();
    for operation in &api.operations {
        let Operation { id, name, module, tag, service, former, origin, .. } = operation;
        if api.operations.iter().any(|other| other.tag == *module) {
            errors.push(origin.error(format!("the tag `{module}` is a module too: add a rename")));
        }
        for module in [tag, module].into_iter().filter(|module| *module == "types") {
            errors.push(origin.error(format!("`{module}` is the module of shared types: add a rename")));
        }
        let former = former.iter().flat_map(|old| [old.clone(), format!("{old}Response"), snake(old)]);
        let own = BTreeSet::from([name.clone(), format!("{name}Response"), module.clone()]);
        for name in own.into_iter().chain(former) {
            if let Some(other) = names.insert(name.clone(), id) {
                errors.push(origin.error(format!("`{name}` is also a name of {other}: add a rename for `{id}`")));
            }
        }
        if is_taken(name) {
            errors.push(origin.error(format!("`{name}` hides another type: add a rename")));
        }
        for name in [name, tag].into_iter().filter(|name| !is_identifier(name)) {
            errors.push(origin.error(format!("`{name}` is no name in Rust: add a rename")));
        }
        if !SERVICES.contains(&service.as_str()) {
            errors.push(origin.error(format!("there is no service `{service}`")));
        }
    }
}

/// No two members of a request or of a response may share a name, nor one with what we add.
fn members_of_operation(operation: &Operation, errors: &mut Errors) {
    let request: Vec<_> = operation.fields().into_iter().map(|(_, field)| field).collect();
    let open = matches!(operation.body, Body::Fields { rest: true, .. });
    twice(&request, open.then_some("extra"), &format!("{}>", operation.id), &operation.origin, errors);

    let mut response: Vec<_> = operation.response.headers.iter().collect();
    let mut open = false;
    match &operation.response.kind {
        ResponseKind::Empty => {}
        ResponseKind::Fields { fields, rest } => {
            response.extend(fields);
            open = *rest;
        }
        ResponseKind::Special(field) | ResponseKind::Bytes(field) | ResponseKind::Redirect(field) => {
            response.push(field);
        }
    }
    let ours = open.then_some("extra").into_iter().chain(operation.response.several.then_some("status"));
    twice(&response, ours, &format!("{}<", operation.id), &operation.origin, errors);
    made(&response, errors);
}

fn twice<'a>(
    fields: &[&Field],
    ours: impl IntoIterator<Item = &'a str>,
    spot: &str,
    origin: &Origin,
    errors: &mut Errors,
) {
    let mut names: Vec<&str> = ours.into_iter().collect();
    for field in fields {
        if names.contains(&field.name.as_str()) {
            // A field that is a whole document has no place of its own.
            let at = if field.origin.file.is_empty() { origin } else { &field.origin };
            errors.push(at.error(format!("`{}` stands twice in `{spot}`: add a rename", field.name)));
        }
        names.push(&field.name);
    }
}

/// An old constructor is kept of what has one.
fn made(received: &[&Field], errors: &mut Errors) {
    for field in received.iter().filter(|field| field.kept) {
        errors
            .push(field.origin.error(format!("compatibility.yaml: `{}` is received, and nobody makes it", field.wire)));
    }
}

fn definition(apis: &Apis, def: &TypeDef, errors: &mut Errors) {
    if is_taken(&def.name) {
        errors.push(def.origin.error(format!("`{}` ({}) hides another type: add a rename", def.name, def.spot)));
    }
    if let Shape::Object { fields, rest } = &def.shape {
        let fields: Vec<_> = fields.iter().collect();
        // What travels both ways keeps what it does not know.
        let open = *rest || def.reads && def.writes;
        twice(&fields, open.then_some("extra"), &def.spot, &def.origin, errors);
        if !def.writes {
            made(&fields, errors);
        }
    }
    if let Home::Operation { api, module, .. } = &def.home {
        let of_api = apis.apis.iter().filter(|other| other.module == *api);
        let owner = of_api.flat_map(|api| &api.operations).find(|operation| operation.module == *module);
        let owner = owner.map(|operation| operation.name.as_str()).unwrap_or_default();
        if def.name == owner || def.name == format!("{owner}Response") {
            errors.push(def.origin.error(format!("`{}` ({}) is the operation's own name", def.name, def.spot)));
        }
    }
}

/// The definitions that an API reaches are found in one module, wherever they come from.
fn shared_names(apis: &Apis, api: &Api, errors: &mut Errors) {
    let mut names: BTreeMap<&str, &TypeDef> = BTreeMap::new();
    for def in apis.types.iter().filter(|def| def.reads || def.writes) {
        let Home::Definition { api: owner, .. } = &def.home else { continue };
        if *owner != api.module && !def.features.contains(&api.feature) {
            continue;
        }
        if let Some(other) = names.insert(&def.name, def) {
            let message =
                format!("`{}` is a second type `{}` of {}, after {}", def.spot, def.name, api.name, other.spot);
            errors.push(def.origin.error(format!("{message}: add a rename")));
        }
    }
}

/// What a module borrows from others must not have a name of its own types.
fn borrowed(apis: &Apis, home: &Home, operation: Option<&Operation>, errors: &mut Errors) {
    let mut own: Vec<String> = apis.types.iter().filter(|def| def.home == *home).map(|def| def.name.clone()).collect();
    own.extend(operation.into_iter().flat_map(|one| [one.name.clone(), format!("{}Response", one.name)]));
    for def in apis.named_in(home, operation).into_iter().map(|id| &apis.types[id.0]) {
        if def.home != *home && own.contains(&def.name) {
            let user = match (home, operation) {
                (_, Some(operation)) => &operation.id,
                (Home::Definition { file, .. }, None) => file,
                (Home::Operation { module, .. } | Home::Event { module, .. }, None) => module,
            };
            errors.push(
                def.origin.error(format!("`{}` is also a type of {user}, which uses it: add a rename", def.name)),
            );
        }
    }
}

/// Every definition's file becomes a module of its own.
fn modules(apis: &Apis, errors: &mut Errors) {
    let mut files: BTreeMap<(&str, &str), &str> = BTreeMap::new();
    for def in apis.types.iter().filter(|def| def.reads || def.writes) {
        let Home::Definition { api, module, file } = &def.home else { continue };
        if !is_identifier(module) {
            errors.push(def.origin.error(format!("`{module}` is no name for a module: the file needs another")));
        }
        let first = *files.entry((api, module)).or_insert(file);
        if first != file {
            errors.push(def.origin.error(format!("the module `{module}` is also made from {first}")));
        }
    }
}
