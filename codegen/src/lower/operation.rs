//! An operation becomes its request, its response, and what is true of every call.

use super::schema::takes_more;
use super::spot::{Spot, definition_spot};
use super::{Lower, name};
use crate::error::Error;
use crate::ir::{self, Auth, Body, Effect, Field, Home, Idempotency, Need, ResponseKind, Type};
use crate::load::ApiSource;
use crate::openapi::{self, Media, Method, Operation, ParameterPlace, Schema};

impl Lower<'_> {
    /// Lowers one operation.
    pub(super) fn operation(&mut self, source: &ApiSource, from: &Operation) -> Result<ir::Operation, Error> {
        let api = Some(source.api.as_str());
        let renamed = self.row(api, |tables| &tables.names.operations, &from.id).cloned();
        let name = renamed.unwrap_or_else(|| name::pascal(&from.id));
        let module = name::snake(&name);
        let tag = self.tag(api, from)?;
        let spots = Spots {
            api: source.api.clone(),
            id: from.id.clone(),
            home: Home::Operation { api: source.module.clone(), tag: tag.clone(), module: module.clone() },
        };
        let path = self.path(from, &spots)?;
        let query = self.parameters(from, ParameterPlace::Query, &spots)?;
        let mut headers = self.parameters(from, ParameterPlace::Header, &spots)?;
        let body = self.body(from, &spots, &mut headers)?;
        let response = self.response(from, &spots)?;
        let operation = ir::Operation {
            auth: auth(from)?,
            idempotency: self.idempotency(api, from)?,
            effect: self.effect(api, from)?,
            errcodes: self.errcodes(api, from)?,
            flags: self.row(api, |tables| &tables.support, &from.id).cloned().unwrap_or_default(),
            service: self.row(api, |tables| &tables.services, &from.id).unwrap_or(&source.service).clone(),
            rate_limited: from.statuses.iter().any(|status| status == "429"),
            statuses: from.statuses.clone(),
            long_poll: self.row(api, |tables| &tables.long_polls, &from.id).is_some(),
            absent_under: self.row(api, |tables| &tables.absent_under, &from.id).cloned(),
            since: from.added.clone(),
            deprecated: from.deprecated,
            unstable: source.unstable,
            summary: self.resolved.docs.line(&format!("{}/{}.", source.api, from.id)).map(str::to_owned),
            former: self.row(api, |tables| &tables.former, &from.id).cloned(),
            spec: from.page.clone().or_else(|| source.spec.as_ref().map(|page| format!("{page}#{}", anchor(from)))),
            id: from.id.clone(),
            method: from.method,
            origin: from.origin.clone(),
            name,
            module,
            tag,
            path,
            query,
            headers,
            body,
            response,
        };
        if operation.unstable && operation.flags.is_empty() {
            let message = format!("`{}` has no row in support.yaml: a proposal needs a flag to be asked for", from.id);
            return Err(from.origin.error(message));
        }
        Ok(operation)
    }

    fn tag(&self, api: Option<&str>, from: &Operation) -> Result<String, Error> {
        let Some(tag) = &from.tag else {
            return self.assume(from.origin.error("has no tag: it needs a patch"), "untagged".to_owned());
        };
        let renamed = self.row(api, |tables| &tables.names.tags, tag).cloned();
        Ok(renamed.unwrap_or_else(|| name::snake(tag)))
    }

    fn need_row<T>(
        &self,
        api: Option<&str>,
        from: &Operation,
        table: impl Fn(&crate::semantics::Semantics) -> &crate::semantics::Table<T>,
        what: &str,
    ) -> Result<&T, Error> {
        let row = self.row(api, table, &from.id);
        row.ok_or_else(|| from.origin.error(format!("`{}` has no row in {what}.yaml", from.id)))
    }

    fn errcodes(&self, api: Option<&str>, from: &Operation) -> Result<Vec<String>, Error> {
        let row = self.need_row(api, from, |tables| &tables.errcodes, "errcodes");
        row.cloned().or_else(|error| self.assume(error, Vec::new()))
    }

    fn idempotency(&self, api: Option<&str>, from: &Operation) -> Result<Idempotency, Error> {
        let row = match from.method {
            Method::Post | Method::Patch => {
                match self.need_row(api, from, |tables| &tables.idempotency, "idempotency") {
                    Ok(row) => row,
                    Err(error) => return self.assume(error, Idempotency::IfUnsent),
                }
            }
            _ => match self.row(api, |tables| &tables.idempotency, &from.id) {
                Some(row) => row,
                None => return Ok(Idempotency::Always),
            },
        };
        match row.as_str() {
            "always" => Ok(Idempotency::Always),
            "if-unsent" => Ok(Idempotency::IfUnsent),
            other => Err(from.origin.error(format!("idempotency.yaml: `{other}` is neither always nor if-unsent"))),
        }
    }

    fn effect(&self, api: Option<&str>, from: &Operation) -> Result<Effect, Error> {
        let row = match self.need_row(api, from, |tables| &tables.effect, "effect") {
            Ok(row) => row,
            Err(error) => {
                return self.assume(error, if from.method == Method::Get { Effect::Reads } else { Effect::Writes });
            }
        };
        match row.as_str() {
            "reads" => Ok(Effect::Reads),
            "writes" => Ok(Effect::Writes),
            "destroys" => Ok(Effect::Destroys),
            other => Err(from.origin.error(format!("effect.yaml: there is no effect `{other}`"))),
        }
    }

    fn body(&mut self, from: &Operation, spots: &Spots, headers: &mut Vec<Field>) -> Result<Body, Error> {
        let Some(body) = &from.body else { return Ok(Body::None) };
        let media = match body.media.as_slice() {
            [media] => media,
            _ => return Err(body.origin.error("expected exactly one content type")),
        };
        match (media.name.as_str(), &media.schema) {
            ("application/json", Some(schema)) => self.json_body(schema, from, spots),
            ("application/octet-stream", None) => {
                let at = headers.iter().position(|field| field.wire.eq_ignore_ascii_case("content-type"));
                let bytes = spots.whole(">", "bytes", Type::Bytes, self);
                Ok(Body::Bytes { content_type: at.map(|at| headers.remove(at)), bytes })
            }
            (other, _) => Err(body.origin.error(format!("no body of type {other} is understood"))),
        }
    }

    fn json_body(&mut self, schema: &Schema, from: &Operation, spots: &Spots) -> Result<Body, Error> {
        let mut own = schema.clone();
        if let Some(target) = schema.reference.as_ref().filter(|target| !self.shared.contains(*target)) {
            own = self.resolved.definitions.get(target).cloned().unwrap_or(own);
            // Its words stand with the operation as well; those of the file are not lost, only not printed.
            self.mark_definition(&definition_spot(target).root);
        }
        let spot = spots.request();
        if own.reference.is_none() && !own.properties.is_empty() {
            let elsewhere: Vec<_> = from.parameters.iter().map(|parameter| parameter.name.clone()).collect();
            let fields = self.body_fields(&own, &spot, &elsewhere)?;
            return Ok(Body::Fields { fields, rest: takes_more(&own) });
        }
        Ok(match self.ty(&own, &spot)? {
            // objects.yaml: a JSON object is due, and nothing is in it.
            Type::Object if !takes_more(&own) => Body::empty(),
            ty => {
                self.mark_lines(&spot);
                Body::Special(spots.whole(">", &self.special_name(&ty), ty, self))
            }
        })
    }

    /// A property that bears the name of a parameter gets a spot of its own.
    fn body_fields(&mut self, schema: &Schema, spot: &Spot, elsewhere: &[String]) -> Result<Vec<Field>, Error> {
        if !schema.properties.iter().any(|(wire, _)| elsewhere.contains(wire)) {
            return self.fields(schema, spot, None);
        }
        let mut fields = Vec::new();
        for (wire, property) in &schema.properties {
            let mut inner = spot.property(wire, None);
            if elsewhere.contains(wire) {
                inner.dotted.push_str("@body");
            }
            fields.push(self.field(wire, property, schema.required.contains(wire), &inner)?);
        }
        Ok(fields)
    }

    fn response(&mut self, from: &Operation, spots: &Spots) -> Result<ir::Response, Error> {
        let (success, redirect): (Vec<_>, Vec<_>) =
            from.responses.iter().partition(|response| response.status.starts_with('2'));
        let Some(first) = success.first() else {
            return self.redirect(&redirect, from, spots);
        };
        for other in &success[1..] {
            if !same_media(&first.media, &other.media) {
                return Err(other.origin.error("another body than the first success"));
            }
        }
        let mut headers = Vec::new();
        for header in &first.headers {
            let spot = spots.response().property(&header.name, None);
            headers.push(self.response_header(header, &spot)?);
        }
        let kind = match first.media.as_slice() {
            [] => ResponseKind::Empty,
            [Media { name, schema: Some(schema) }] if name == "application/json" => {
                self.json_response(schema, spots)?
            }
            many if many.iter().all(|media| media.schema.is_none() && media.name != "application/json") => {
                ResponseKind::Bytes(spots.whole("<", "bytes", Type::Bytes, self))
            }
            _ => return Err(first.origin.error("neither JSON nor bytes")),
        };
        Ok(ir::Response { kind, headers, several: success.len() > 1 })
    }

    fn redirect(
        &mut self,
        redirects: &[&openapi::Response],
        from: &Operation,
        spots: &Spots,
    ) -> Result<ir::Response, Error> {
        if redirects.is_empty() {
            return Err(from.origin.error("declares no success"));
        }
        let location = spots.whole("<", "location", Type::Text, self);
        Ok(ir::Response { kind: ResponseKind::Redirect(location), headers: Vec::new(), several: false })
    }

    fn json_response(&mut self, schema: &Schema, spots: &Spots) -> Result<ResponseKind, Error> {
        let spot = spots.response();
        let own = schema.reference.is_none() && schema.any_of.is_empty() && !schema.properties.is_empty();
        if own && self.row(spot.api.as_deref(), |tables| &tables.events, &spot.key()).is_none() {
            let fields = self.fields(schema, &spot, None)?;
            return Ok(ResponseKind::Fields { fields, rest: takes_more(schema) });
        }
        let bare = schema.reference.is_none() && schema.properties.is_empty() && !takes_more(schema);
        Ok(match self.ty(schema, &spot)? {
            Type::Object if bare => ResponseKind::Empty,
            ty => {
                self.mark_lines(&spot);
                ResponseKind::Special(spots.whole("<", &self.special_name(&ty), ty, self))
            }
        })
    }

    /// A document that is one value is named after its type, or `content`.
    fn special_name(&self, ty: &Type) -> String {
        match ty {
            Type::Named(id) => name::snake(&self.types[id.0].name),
            Type::List(inner) => match &**inner {
                Type::Event(_) => "events".to_owned(),
                Type::Named(id) => format!("{}s", name::snake(&self.types[id.0].name)),
                _ => "items".to_owned(),
            },
            Type::Event(_) => "event".to_owned(),
            _ => "content".to_owned(),
        }
    }

    /// What a named type says of itself.
    fn summary(&self, ty: &Type) -> Option<String> {
        match ty {
            Type::Named(id) => self.types[id.0].summary.clone(),
            _ => None,
        }
    }

    /// Lines on the members of a document that is passed on whole.
    fn mark_lines(&self, spot: &Spot) {
        self.resolved.docs.mark_below(&spot.docs_key());
    }

    fn mark_definition(&self, root: &str) {
        self.resolved.docs.mark_below(root);
    }
}

/// What an operation calls its own places.
pub(super) struct Spots {
    api: String,
    id: String,
    home: Home,
}

impl Spots {
    fn root(&self, mark: &str) -> Spot {
        Spot {
            api: Some(self.api.clone()),
            root: format!("{}{mark}", self.id),
            dotted: String::new(),
            owner: None,
            home: self.home.clone(),
            wire: String::new(),
            item: false,
        }
    }

    pub(super) fn request(&self) -> Spot {
        self.root(">")
    }

    fn response(&self) -> Spot {
        self.root("<")
    }

    /// A field that is a whole document.
    fn whole(&self, mark: &str, default: &str, ty: Type, lower: &Lower<'_>) -> Field {
        let key = format!("{}{mark}", self.id);
        let renamed = lower.row(Some(&self.api), |tables| &tables.names.fields, &key);
        let name = renamed.cloned().unwrap_or_else(|| default.to_owned());
        let docs = ["content", &name]
            .iter()
            .find_map(|wire| lower.resolved.docs.known(&format!("{}/{key}{wire}", self.api)).map(str::to_owned));
        let docs = docs.or_else(|| lower.summary(&ty));
        if docs.is_none() {
            lower.resolved.docs.line(&format!("{}/{key}content", self.api));
        }
        Field {
            wire: name.clone(),
            name,
            ty,
            need: Need::Required,
            kept: false,
            docs,
            since: None,
            deprecated: false,
            may_be_empty: false,
            origin: Default::default(),
        }
    }
}

/// The schemes `accessTokenQuery` and `appserviceAccessTokenQuery` would put the token
/// into the URL: upstream has deprecated them, and this library never does so.
fn auth(from: &Operation) -> Result<Auth, Error> {
    let in_query = |names: &&Vec<String>| names.iter().any(|name| name.ends_with("Query"));
    let left: Vec<_> = from.security.iter().filter(|names| !in_query(names)).map(Vec::as_slice).collect();
    let optional = left.iter().any(|names| names.is_empty());
    let mut names = left.into_iter().flatten().map(String::as_str);
    match (names.next(), names.next(), optional) {
        (None, None, _) => Ok(Auth::None),
        (Some("accessTokenBearer"), None, false) => Ok(Auth::AccessToken),
        (Some("accessTokenBearer"), None, true) => Ok(Auth::Optional),
        (Some("appserviceAccessTokenBearer"), None, false) => Ok(Auth::Appservice),
        // Whose token it is, the service says.
        (Some("homeserverAccessToken" | "token"), None, false) => Ok(Auth::AccessToken),
        _ => Err(from.origin.error(format!("no rule for the security {:?}", from.security))),
    }
}

/// The heading that the rendered specification gives an operation.
fn anchor(from: &Operation) -> String {
    let method = format!("{:?}", from.method).to_lowercase();
    let path: String =
        from.path.chars().filter(|letter| letter.is_alphanumeric() || matches!(letter, '_' | '-')).collect();
    format!("{method}{}", path.to_lowercase())
}

/// Whether two answers can be read in the same way.
fn same_media(left: &[Media], right: &[Media]) -> bool {
    let one = |left: &Media, right: &Media| {
        left.name == right.name
            && match (&left.schema, &right.schema) {
                (Some(left), Some(right)) => same_shape(left, right),
                (left, right) => left.is_none() && right.is_none(),
            }
    };
    left.len() == right.len() && left.iter().zip(right).all(|(left, right)| one(left, right))
}

fn same_shape(left: &Schema, right: &Schema) -> bool {
    let (names, others) = (left.properties.iter(), right.properties.iter());
    let (parts, other_parts) = (parts(left), parts(right));
    (&left.types, &left.reference, &left.required, &left.values, &left.format)
        == (&right.types, &right.reference, &right.required, &right.values, &right.format)
        && names.map(|(name, _)| name).eq(others.map(|(name, _)| name))
        && takes_more(left) == takes_more(right)
        && parts.len() == other_parts.len()
        && parts.iter().zip(&other_parts).all(|(left, right)| same_shape(left, right))
}

fn parts(schema: &Schema) -> Vec<&Schema> {
    let properties = schema.properties.iter().map(|(_, property)| property);
    properties.chain(schema.items.as_deref()).chain(&schema.any_of).collect()
}
