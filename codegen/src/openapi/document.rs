//! A document's operations, with its local components put where they are used.

use super::Origin;
use super::schema::{self, Schema, Since, target};
use crate::error::Error;
use crate::node::{Cursor, Keywords, Node};

/// An OpenAPI document.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    pub(crate) operations: Vec<Operation>,
}

/// The verbs that the documents use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Method {
    Get,
    Post,
    Put,
    Delete,
    Patch,
}

/// One operation as it stands.
#[derive(Clone, Debug)]
pub(crate) struct Operation {
    pub(crate) origin: Origin,
    pub(crate) id: String,
    pub(crate) method: Method,
    /// The base path and the template in one.
    pub(crate) path: String,
    pub(crate) tag: Option<String>,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) body: Option<Body>,
    pub(crate) responses: Vec<Response>,
    /// Every status that is declared, errors included.
    pub(crate) statuses: Vec<String>,
    /// The alternatives, each a list of scheme names; empty means that nothing is asked for.
    pub(crate) security: Vec<Vec<String>>,
    pub(crate) deprecated: bool,
    pub(crate) added: Option<Since>,
    /// The page that describes it, where it is not the heading of its API's.
    pub(crate) page: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ParameterPlace {
    Path,
    Query,
    Header,
}

#[derive(Clone, Debug)]
pub(crate) struct Parameter {
    pub(crate) origin: Origin,
    pub(crate) name: String,
    pub(crate) place: ParameterPlace,
    pub(crate) required: bool,
    pub(crate) schema: Schema,
    pub(crate) added: Option<Since>,
    pub(crate) deprecated: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Body {
    pub(crate) origin: Origin,
    pub(crate) media: Vec<Media>,
}

/// A content type and what it carries; no schema, or an empty one, means bytes.
#[derive(Clone, Debug)]
pub(crate) struct Media {
    pub(crate) name: String,
    pub(crate) schema: Option<Schema>,
}

#[derive(Clone, Debug)]
pub(crate) struct Response {
    pub(crate) origin: Origin,
    /// As written: `200`, or a wildcard such as `3XX`.
    pub(crate) status: String,
    pub(crate) media: Vec<Media>,
    pub(crate) headers: Vec<Header>,
}

#[derive(Clone, Debug)]
pub(crate) struct Header {
    pub(crate) name: String,
    pub(crate) schema: Schema,
}

/// Reads a document.
pub(crate) fn read(file: &str, root: &Node) -> Result<Document, Error> {
    let at = Cursor::root(file, root);
    let keys = at.keywords()?;
    let version = keys.need("openapi")?;
    if !version.text()?.starts_with("3.1") {
        return Err(version.error("only OpenAPI 3.1 is read"));
    }
    keys.take("info");
    let base = base_path(&keys.need("servers")?)?;
    let components = keys.take("components");
    let paths = keys.need("paths")?;
    let security = keys.take("security");
    keys.finish()?;
    let mut reader = Reader { file, root, base, schemes: schemes(components.as_ref())?, security: Vec::new() };
    reader.security = reader.security(security)?;
    let mut operations = Vec::new();
    for (template, at) in paths.entries()? {
        for (method, at) in at.entries()? {
            operations.push(reader.operation(template, method, &at)?);
        }
    }
    file_untagged(file, &mut operations);
    Ok(Document { operations })
}

/// Documents without tags are filed by their own names; one that forgot a tag is not such a document.
fn file_untagged(file: &str, operations: &mut [Operation]) {
    if operations.iter().all(|operation| operation.tag.is_none()) {
        let name = file.rsplit('/').next().unwrap_or(file).trim_end_matches(".yaml");
        operations.iter_mut().for_each(|operation| operation.tag = Some(name.to_owned()));
    }
}

fn base_path(servers: &Cursor<'_>) -> Result<String, Error> {
    let all = servers.items()?;
    let [server] = all.as_slice() else { return Err(servers.error("expected exactly one server")) };
    let keys = server.keywords()?;
    keys.take("url");
    let variables = keys.need("variables")?;
    keys.finish()?;
    let base = Cursor { node: variables.node, ..variables.clone() };
    let default = base.node.at("/basePath/default").ok_or_else(|| variables.error("no basePath default"))?;
    match default {
        Node::Text(text) => Ok(text.trim_end_matches('/').to_owned()),
        _ => Err(variables.error("basePath must be a string")),
    }
}

/// The names of the security schemes that a document defines.
fn schemes(components: Option<&Cursor<'_>>) -> Result<Vec<String>, Error> {
    let Some(at) = components else { return Ok(Vec::new()) };
    let keys = at.keywords()?;
    for known in ["schemas", "parameters", "responses", "requestBodies", "headers"] {
        keys.take(known);
    }
    let schemes = keys.take("securitySchemes");
    keys.finish()?;
    let Some(schemes) = schemes else { return Ok(Vec::new()) };
    Ok(schemes.entries()?.into_iter().map(|(name, _)| name.to_owned()).collect())
}

struct Reader<'a> {
    file: &'a str,
    root: &'a Node,
    base: String,
    schemes: Vec<String>,
    /// What holds for operations that say nothing of it.
    security: Vec<Vec<String>>,
}

impl<'a> Reader<'a> {
    fn operation(&self, template: &str, method: &str, at: &Cursor<'a>) -> Result<Operation, Error> {
        let keys = at.keywords()?;
        let responses = self.responses(&keys.need("responses")?)?;
        let operation = Operation {
            origin: Origin::from(at),
            id: keys.need("operationId")?.text()?.to_owned(),
            method: parse_method(method, at)?,
            path: self.path(template, at)?,
            tag: tag(&keys)?,
            parameters: self.parameters(keys.take("parameters"))?,
            body: keys.take("requestBody").map(|at| self.body(&at)).transpose()?,
            statuses: responses.iter().map(|response| response.status.clone()).collect(),
            responses,
            security: self.security(keys.take("security"))?,
            deprecated: keys.flag("deprecated")?,
            added: schema::added(&keys)?,
            page: keys.take("externalDocs").map(|at| page(&at)).transpose()?,
        };
        keys.take("x-changedInMatrixVersion");
        keys.finish()?;
        Ok(operation)
    }

    /// Upstream tells two operations of one path apart by a trailing space in the key.
    fn path(&self, template: &str, at: &Cursor<'_>) -> Result<String, Error> {
        let template = template.trim_end_matches(' ');
        if !template.starts_with('/') && !template.is_empty() || template.contains(char::is_whitespace) {
            return Err(at.error(format!("`{template}` is no path")));
        }
        Ok(format!("{}{template}", self.base))
    }

    /// What a local reference leads to, or the node itself.
    fn follow(&self, at: &Cursor<'a>) -> Result<Cursor<'a>, Error> {
        let Some(Node::Text(_)) = at.node.get("$ref") else { return Ok(at.clone()) };
        let link = at.entries()?.into_iter().find(|(key, _)| *key == "$ref").map(|(_, at)| at);
        let Some(link) = link else { return Ok(at.clone()) };
        if at.entries()?.len() > 1 {
            return Err(at.error("a reference that is no schema takes nothing beside it"));
        }
        let target = target(&link)?;
        if target.file != self.file {
            return Err(link.error("only schemas are shared between files"));
        }
        let node = self.root.at(&target.pointer).ok_or_else(|| link.error("leads nowhere"))?;
        Ok(Cursor { node, file: self.file, pointer: target.pointer })
    }

    fn parameters(&self, at: Option<Cursor<'a>>) -> Result<Vec<Parameter>, Error> {
        let Some(at) = at else { return Ok(Vec::new()) };
        let mut parameters: Vec<Parameter> = Vec::new();
        for at in at.items()? {
            let parameter = self.parameter(&self.follow(&at)?)?;
            if parameters.iter().any(|other| other.name == parameter.name && other.place == parameter.place) {
                return Err(at.error(format!("parameter `{}` is declared twice", parameter.name)));
            }
            parameters.push(parameter);
        }
        Ok(parameters)
    }

    fn parameter(&self, at: &Cursor<'a>) -> Result<Parameter, Error> {
        let keys = at.keywords()?;
        let place = keys.need("in")?;
        let parameter = Parameter {
            origin: Origin::from(at),
            name: keys.need("name")?.text()?.to_owned(),
            place: match place.text()? {
                "path" => ParameterPlace::Path,
                "query" => ParameterPlace::Query,
                "header" => ParameterPlace::Header,
                other => return Err(place.error(format!("unknown place `{other}`"))),
            },
            required: keys.flag("required")?,
            schema: schema::read(&keys.need("schema")?)?,
            added: schema::added(&keys)?,
            deprecated: keys.flag("deprecated")?,
        };
        keys.take("x-changedInMatrixVersion");
        keys.finish()?;
        Ok(parameter)
    }

    fn body(&self, at: &Cursor<'a>) -> Result<Body, Error> {
        let at = self.follow(at)?;
        let keys = at.keywords()?;
        // Half the documents leave this out where the protocol demands a body.
        keys.take("required");
        let media = media(keys.take("content"))?;
        keys.finish()?;
        Ok(Body { origin: Origin::from(&at), media })
    }

    fn responses(&self, at: &Cursor<'a>) -> Result<Vec<Response>, Error> {
        at.entries()?.into_iter().map(|(status, at)| self.response(status, &self.follow(&at)?)).collect()
    }

    fn response(&self, status: &str, at: &Cursor<'a>) -> Result<Response, Error> {
        let (class, rest) = status.split_at_checked(1).unwrap_or_default();
        let known = ["1", "2", "3", "4", "5"].contains(&class)
            && (rest == "XX" || rest.len() == 2 && rest.bytes().all(|byte| byte.is_ascii_digit()));
        if !known {
            return Err(at.error(format!("`{status}` is no status")));
        }
        let keys = at.keywords()?;
        let headers = match keys.take("headers") {
            None => Vec::new(),
            Some(at) => {
                let entries = at.entries()?;
                entries.into_iter().map(|(name, at)| self.header(name, &self.follow(&at)?)).collect::<Result<_, _>>()?
            }
        };
        let response = Response {
            origin: Origin::from(at),
            status: status.to_owned(),
            media: media(keys.take("content"))?,
            headers,
        };
        keys.take("x-addedInMatrixVersion");
        keys.take("x-changedInMatrixVersion");
        keys.finish()?;
        Ok(response)
    }

    fn header(&self, name: &str, at: &Cursor<'a>) -> Result<Header, Error> {
        let keys = at.keywords()?;
        // Promised or not: a proxy may have dropped it, and the body is of use without it.
        keys.flag("required")?;
        let header = Header { name: name.to_owned(), schema: schema::read(&keys.need("schema")?)? };
        keys.take("x-addedInMatrixVersion");
        keys.take("x-changedInMatrixVersion");
        keys.finish()?;
        Ok(header)
    }

    fn security(&self, at: Option<Cursor<'a>>) -> Result<Vec<Vec<String>>, Error> {
        let Some(at) = at else { return Ok(self.security.clone()) };
        let mut alternatives = Vec::new();
        for at in at.items()? {
            let mut names = Vec::new();
            for (name, at) in at.entries()? {
                if !self.schemes.iter().any(|scheme| scheme == name) {
                    return Err(at.error(format!("security scheme `{name}` is not defined here")));
                }
                names.push(name.to_owned());
            }
            alternatives.push(names);
        }
        Ok(alternatives)
    }
}

/// The address of a page of documentation.
fn page(at: &Cursor<'_>) -> Result<String, Error> {
    let keys = at.keywords()?;
    let url = keys.need("url")?.text()?.to_owned();
    keys.finish()?;
    Ok(url)
}

fn parse_method(name: &str, at: &Cursor<'_>) -> Result<Method, Error> {
    Ok(match name {
        "get" => Method::Get,
        "post" => Method::Post,
        "put" => Method::Put,
        "delete" => Method::Delete,
        "patch" => Method::Patch,
        other => return Err(at.error(format!("unknown method `{other}`"))),
    })
}

fn tag(keys: &Keywords<'_>) -> Result<Option<String>, Error> {
    let Some(at) = keys.take("tags") else { return Ok(None) };
    let tags = at.texts()?;
    match tags.as_slice() {
        [] => Ok(None),
        [tag] => Ok(Some(tag.clone())),
        _ => Err(at.error("more than one tag")),
    }
}

fn media(at: Option<Cursor<'_>>) -> Result<Vec<Media>, Error> {
    let Some(at) = at else { return Ok(Vec::new()) };
    let mut media = Vec::new();
    for (name, at) in at.entries()? {
        let keys = at.keywords()?;
        let schema = keys.take("schema").map(|at| schema::read(&at)).transpose()?;
        media.push(Media { name: name.to_owned(), schema: schema.filter(|schema| !schema.is_annotation()) });
        keys.finish()?;
    }
    Ok(media)
}
