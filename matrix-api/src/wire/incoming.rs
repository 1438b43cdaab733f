use std::borrow::Cow;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use super::{
    DecodeCategory, DecodeError, FromText, IdOr, Read, Reply,
    decode_error::Problem,
    parse::parse,
    route::{self, Captured, Pairs},
};
use crate::Map;

static NOTHING: Bytes = Bytes::from_static(b"{}");

/// A request that came in, from which an operation reads itself: for servers and test doubles.
///
/// The token is not part of any operation: a server looks for it in the `Authorization` header.
pub struct Incoming<'a> {
    path: Captured<'a>,
    query: Pairs<'a>,
    headers: &'a HeaderMap,
    body: &'a Bytes,
    json: Reply<'a>,
}

impl<'a> Incoming<'a> {
    pub(crate) fn new(
        template: &'static str,
        path: &'a str,
        query: &'a str,
        headers: &'a HeaderMap,
        body: &'a Bytes,
    ) -> Result<Self, DecodeError> {
        let path = route::capture(template, path).ok_or_else(DecodeError::route)?;
        let query = route::pairs(query)?;
        // Who has nothing to say may send no body where an object is due.
        let json = if body.trim_ascii().is_empty() { &NOTHING } else { body };
        Ok(Self { path, query, headers, body, json: Reply::new(StatusCode::OK, headers, json) })
    }

    /// Reads a parameter of the path.
    ///
    /// # Errors
    ///
    /// When it is empty, is not UTF-8, or is no such value.
    pub fn path<T: FromText>(&self, name: &'static str) -> Result<T, DecodeError> {
        match self.segment(name)? {
            text if text.is_empty() => Err(DecodeError::parameter(name, "a segment that is not empty")),
            text => value(name, &text),
        }
    }

    /// Reads a parameter of the path, which may be the empty text.
    ///
    /// # Errors
    ///
    /// When it is not UTF-8, or is no such value.
    pub fn path_or_empty<T: FromText>(&self, name: &'static str) -> Result<T, DecodeError> {
        value(name, &self.segment(name)?)
    }

    fn segment(&self, name: &'static str) -> Result<Cow<'a, str>, DecodeError> {
        let found = self.path.iter().find(|(known, _)| *known == name);
        let (_, text) = found.ok_or_else(|| DecodeError::parameter(name, "a parameter of the path"))?;
        route::percent_decode(text, false).ok_or_else(|| DecodeError::parameter(name, "text in UTF-8"))
    }

    fn values<'b>(&'b self, name: &'b str) -> impl Iterator<Item = &'b str> {
        self.query.iter().filter(move |(key, _)| key == name).map(|(_, value)| &**value)
    }

    /// Reads a required parameter of the query. The first of the same name counts.
    ///
    /// # Errors
    ///
    /// When it is missing or is no such value.
    pub fn query<T: FromText>(&self, name: &'static str) -> Result<T, DecodeError> {
        self.opt_query(name)?.ok_or_else(|| missing(name))
    }

    /// Reads a parameter of the query, if it is there.
    ///
    /// # Errors
    ///
    /// When it is no such value.
    pub fn opt_query<T: FromText>(&self, name: &'static str) -> Result<Option<T>, DecodeError> {
        self.values(name).next().map(|text| value(name, text)).transpose()
    }

    /// Reads every parameter of the same name.
    ///
    /// # Errors
    ///
    /// When one is no such value.
    pub fn list<T: FromText>(&self, name: &'static str) -> Result<Vec<T>, DecodeError> {
        self.values(name).map(|text| value(name, text)).collect()
    }

    /// Reads the parameters of any name but these. A token in the query is none of them.
    ///
    /// # Errors
    ///
    /// When one is no such value.
    pub fn explode<T: FromText>(&self, others: &[&str]) -> Result<Map<String, T>, DecodeError> {
        let free = self.query.iter().filter(|(name, _)| name != "access_token" && !others.contains(&&**name));
        free.map(|(name, text)| {
            let value = T::from_text(text).map_err(|refused| DecodeError::parameter(name, refused.reason()))?;
            Ok((name.clone().into_owned(), value))
        })
        .collect()
    }

    /// Reads a parameter that is JSON as text.
    ///
    /// # Errors
    ///
    /// When it is missing or has another shape.
    pub fn json<T: Read>(&self, name: &'static str) -> Result<T, DecodeError> {
        self.opt_json(name)?.ok_or_else(|| missing(name))
    }

    /// Reads a parameter that is JSON as text, if it is there.
    ///
    /// # Errors
    ///
    /// When it has another shape.
    pub fn opt_json<T: Read>(&self, name: &'static str) -> Result<Option<T>, DecodeError> {
        self.values(name).next().map(|text| parse(text).map_err(|error| error.below(name))).transpose()
    }

    /// Reads a parameter that is an id, or JSON as text.
    ///
    /// # Errors
    ///
    /// When it begins like a JSON object and has another shape.
    pub fn opt_id_or_json<T: Read>(&self, name: &'static str) -> Result<Option<IdOr<T>>, DecodeError> {
        match self.values(name).next() {
            Some(text) if text.starts_with('{') => self.opt_json(name).map(|value| value.map(IdOr::inline)),
            Some(text) => Ok(Some(IdOr::Id(text.to_owned()))),
            None => Ok(None),
        }
    }

    /// Reads a required header.
    ///
    /// # Errors
    ///
    /// When it is missing or is no such value.
    pub fn header<T: FromText>(&self, name: &'static str) -> Result<T, DecodeError> {
        self.opt_header(name)?.ok_or_else(|| DecodeError::header(name))
    }

    /// Reads a header, if it is there.
    ///
    /// # Errors
    ///
    /// When it is no such value.
    pub fn opt_header<T: FromText>(&self, name: &'static str) -> Result<Option<T>, DecodeError> {
        let Some(header) = self.headers.get(name) else { return Ok(None) };
        let text = std::str::from_utf8(header.as_bytes()).map_err(|_| DecodeError::header(name))?;
        T::from_text(text).map(Some).map_err(|_| DecodeError::header(name))
    }

    /// The JSON body, to be read as that of a reply.
    pub fn body(&mut self) -> &mut Reply<'a> {
        &mut self.json
    }

    /// The body as it came.
    #[must_use]
    pub fn bytes(&self) -> Bytes {
        self.body.clone()
    }
}

fn value<T: FromText>(name: &str, text: &str) -> Result<T, DecodeError> {
    T::from_text(text).map_err(|refused| DecodeError::parameter(name, refused.reason()))
}

fn missing(name: &str) -> DecodeError {
    DecodeError::at(name, Problem::new(DecodeCategory::Missing))
}
