//! Requests and responses without a network: what every operation says about itself, and how it
//! becomes an HTTP request and is read back.

mod base_url;
mod codec;
mod metadata;
#[cfg(test)]
mod tests;

pub use crate::error::EncodeError;
pub use base_url::{BaseUrl, BaseUrlError};
pub(crate) use codec::safe_url;
#[cfg(feature = "client")]
pub(crate) use codec::{Withheld, encode_fresh};
pub use codec::{answer, decode, encode, encode_redacted, receive};
pub use metadata::{Auth, Effect, FieldInfo, Idempotency, Metadata, Place};

use crate::{
    service::Service,
    wire::{Body, DecodeError, Headers, Path, Query, Reply, Shape, Warning, report},
};

/// An operation with its arguments: what is sent.
///
/// Generated for every operation of the specification, and open to your own. A writer that meets
/// a value it must refuse keeps the first refusal; [`encode`] reports it.
///
/// ```
/// use matrix_api::{
///     BaseUrl, Metadata, Request, Response, TxnId, UserId,
///     http::Method,
///     request::encode,
///     service::Homeserver,
///     wire::{DecodeError, Path, Reply},
/// };
///
/// struct Greet(UserId);
///
/// struct Greeting(String);
///
/// impl Request for Greet {
///     type To = Homeserver;
///     type Response = Greeting;
///     const METADATA: &'static Metadata = &Metadata::new("greet", Method::GET, "/greet/{user}");
///
///     fn path(&self, path: &mut Path<'_>) {
///         path.set("user", &self.0);
///     }
/// }
///
/// impl Response for Greeting {
///     fn read(reply: &mut Reply<'_>) -> Result<Self, DecodeError> {
///         Ok(Self(reply.get("text")?))
///     }
/// }
///
/// let base = BaseUrl::parse("https://example.org")?;
/// let request = encode(&base, &Greet("@a:b".into()), &TxnId::new())?;
/// assert_eq!(request.uri(), "https://example.org/greet/%40a%3Ab");
/// assert_eq!(Greeting::from_json(br#"{"text":"hi"}"#)?.0, "hi");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Request {
    /// Whom it is for.
    type To: Service;
    /// What comes back.
    type Response: Response;
    /// What is known about the operation.
    const METADATA: &'static Metadata;

    /// Writes the path parameters, in the order of the template.
    fn path(&self, path: &mut Path<'_>) {
        let _ = path;
    }

    /// Writes the query parameters.
    fn query(&self, query: &mut Query<'_>) {
        let _ = query;
    }

    /// Writes the headers that belong to the operation; never the token.
    fn headers(&self, headers: &mut Headers) {
        let _ = headers;
    }

    /// Writes the body. Nothing written is no body at all.
    fn body(&self, body: &mut Body<'_>) {
        let _ = body;
    }
}

impl<R: Request + ?Sized> Request for &R {
    type To = R::To;
    type Response = R::Response;
    const METADATA: &'static Metadata = R::METADATA;

    fn path(&self, path: &mut Path<'_>) {
        (**self).path(path);
    }

    fn query(&self, query: &mut Query<'_>) {
        (**self).query(query);
    }

    fn headers(&self, headers: &mut Headers) {
        (**self).headers(headers);
    }

    fn body(&self, body: &mut Body<'_>) {
        (**self).body(body);
    }
}

/// What an operation answers with.
pub trait Response: Sized {
    /// What the body should be, for reports.
    const SHAPE: Shape = Shape::Any;

    /// Reads the response out of a successful reply.
    ///
    /// # Errors
    ///
    /// When the body is not the JSON that the operation promises, or a header is missing.
    fn read(reply: &mut Reply<'_>) -> Result<Self, DecodeError>;

    /// Reads a response from a JSON body, as if it had come with status 200 and no headers.
    ///
    /// # Errors
    ///
    /// As for [`Response::read`].
    fn from_json(json: &[u8]) -> Result<Self, DecodeError> {
        decode(http::StatusCode::OK, &http::HeaderMap::new(), bytes::Bytes::copy_from_slice(json))
    }

    /// What a JSON body has that is not as the operation has it, and is read in spite of that:
    /// nulls, wrong types, elements that are left out, unknown values of enums.
    fn warnings(json: &[u8]) -> Vec<Warning> {
        report(&Self::SHAPE, json, false)
    }
}

/// A request that can also be read: for servers and test doubles.
///
/// Operations that a homeserver calls on an application service or a push gateway always have it,
/// all others with the feature `server`. See [`receive`].
pub trait ReadRequest: Request + Sized {
    /// Reads the request out of one that came in.
    ///
    /// # Errors
    ///
    /// When a value is missing or is not what the operation takes.
    fn read(incoming: &mut crate::wire::Incoming<'_>) -> Result<Self, DecodeError>;
}

/// A response that can also be written: for servers and test doubles.
///
/// Operations that a homeserver calls on an application service or a push gateway always have it,
/// all others with the feature `server`. See [`answer`].
pub trait WriteResponse: Response {
    /// Writes the response into an answer.
    fn write(&self, answer: &mut crate::wire::Answer);
}
