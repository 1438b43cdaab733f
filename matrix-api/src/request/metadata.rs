use std::fmt;

use http::Method;

/// What is known about an operation before it is called.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Metadata {
    /// The operation's id in the specification, such as `sendMessage`.
    pub id: &'static str,
    /// The HTTP method.
    pub method: Method,
    /// The path with its parameters in braces, base path included.
    pub path: &'static str,
    /// Whether a token is due.
    pub auth: Auth,
    /// The name of the service that answers.
    pub service: &'static str,
    /// Whether the specification calls it rate limited.
    pub rate_limited: bool,
    /// The version of the specification that brought it, if later than 1.0.
    pub since: Option<&'static str>,
    /// Names in a server's `unstable_features` that stand for the operation at this very path.
    pub flags: &'static [&'static str],
    /// Whether it is a proposal still: it is sent only to a server that names one of the flags.
    pub unstable: bool,
    /// Whether the specification advises against it.
    pub deprecated: bool,
    /// When it may be sent again after a failure.
    pub idempotency: Idempotency,
    /// What it does to the server's data.
    pub effect: Effect,
    /// Its parameters and body fields.
    pub fields: &'static [FieldInfo],
    /// The error codes that the specification names for it.
    pub errcodes: &'static [&'static str],
    /// Where the specification describes it.
    pub spec: &'static str,
    /// Whether the server may hold the response back until something happens.
    pub long_poll: bool,
    /// Whether a redirect is the answer; it is never followed.
    pub redirect: bool,
    /// Whether a successful body is bytes, not JSON.
    pub bytes: bool,
    /// What makes a server do without the operation, such as another service that keeps its accounts.
    pub absent_under: Option<&'static str>,
}

impl Metadata {
    /// An operation that needs a token, writes, and is sent again only if nothing was sent.
    /// Everything else is empty or false.
    #[must_use]
    pub const fn new(id: &'static str, method: Method, path: &'static str) -> Self {
        Self {
            id,
            method,
            path,
            auth: Auth::AccessToken,
            service: "homeserver",
            rate_limited: false,
            since: None,
            flags: &[],
            unstable: false,
            deprecated: false,
            idempotency: Idempotency::IfUnsent,
            effect: Effect::Writes,
            fields: &[],
            errcodes: &[],
            spec: "",
            long_poll: false,
            redirect: false,
            bytes: false,
            absent_under: None,
        }
    }

    /// Whether a request that came in is for this operation: the method fits and the path the template.
    ///
    /// ```
    /// use matrix_api::{Metadata, http::Method};
    ///
    /// let query = Metadata::new("queryUserById", Method::GET, "/_matrix/app/v1/users/{userId}");
    /// assert!(query.matches(&Method::GET, "/_matrix/app/v1/users/%40bot%3Ahs"));
    /// assert!(!query.matches(&Method::GET, "/_matrix/app/v1/users"));
    /// ```
    #[must_use]
    pub fn matches(&self, method: &Method, path: &str) -> bool {
        self.method == *method && crate::wire::route::capture(self.path, path).is_some()
    }

    /// Sets whether a token is due.
    #[must_use]
    pub const fn auth(mut self, auth: Auth) -> Self {
        self.auth = auth;
        self
    }

    /// Sets the name of the service that answers.
    #[must_use]
    pub const fn service(mut self, service: &'static str) -> Self {
        self.service = service;
        self
    }

    /// Marks the operation as rate limited.
    #[must_use]
    pub const fn rate_limited(mut self) -> Self {
        self.rate_limited = true;
        self
    }

    /// Sets the version that brought the operation, such as `1.7`.
    #[must_use]
    pub const fn since(mut self, version: &'static str) -> Self {
        self.since = Some(version);
        self
    }

    /// Sets the unstable features that stand for the operation.
    #[must_use]
    pub const fn flags(mut self, flags: &'static [&'static str]) -> Self {
        self.flags = flags;
        self
    }

    /// Marks the operation as a proposal, which is sent only to a server that names one of its flags.
    #[must_use]
    pub const fn unstable(mut self) -> Self {
        self.unstable = true;
        self
    }

    /// Marks the operation as deprecated.
    #[must_use]
    pub const fn deprecated(mut self) -> Self {
        self.deprecated = true;
        self
    }

    /// Sets when the operation may be sent again.
    #[must_use]
    pub const fn idempotency(mut self, idempotency: Idempotency) -> Self {
        self.idempotency = idempotency;
        self
    }

    /// Sets what the operation does to the server's data.
    #[must_use]
    pub const fn effect(mut self, effect: Effect) -> Self {
        self.effect = effect;
        self
    }

    /// Sets the parameters and body fields.
    #[must_use]
    pub const fn fields(mut self, fields: &'static [FieldInfo]) -> Self {
        self.fields = fields;
        self
    }

    /// Sets the error codes that are known for the operation.
    #[must_use]
    pub const fn errcodes(mut self, errcodes: &'static [&'static str]) -> Self {
        self.errcodes = errcodes;
        self
    }

    /// Sets the URL of the description.
    #[must_use]
    pub const fn spec(mut self, url: &'static str) -> Self {
        self.spec = url;
        self
    }

    /// Marks the response as one that the server may hold back.
    #[must_use]
    pub const fn long_poll(mut self) -> Self {
        self.long_poll = true;
        self
    }

    /// Marks a redirect as the answer.
    #[must_use]
    pub const fn redirect(mut self) -> Self {
        self.redirect = true;
        self
    }

    /// Sets what makes a server do without the operation.
    #[must_use]
    pub const fn absent_under(mut self, what: &'static str) -> Self {
        self.absent_under = Some(what);
        self
    }

    /// Marks a successful body as bytes.
    #[must_use]
    pub const fn bytes(mut self) -> Self {
        self.bytes = true;
        self
    }
}

macro_rules! words {
    ($($(#[$docs:meta])* $name:ident { $($(#[$variant_docs:meta])* $variant:ident = $text:literal,)* })*) => {$(
        $(#[$docs])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$variant_docs])* $variant,)*
        }

        impl $name {
            /// The name in lower case.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.pad(self.as_str())
            }
        }
    )*};
}

words! {
    /// Whether an operation takes a token.
    Auth {
        /// It takes none.
        None = "none",
        /// It works without one, and may answer more with one.
        Optional = "optional",
        /// It needs one.
        AccessToken = "required",
        /// It needs the token of an application service.
        Appservice = "appservice",
    }

    /// When an operation may be sent again after a failure.
    Idempotency {
        /// Doing it twice is the same as doing it once.
        Always = "always",
        /// Only if no byte of it was sent.
        IfUnsent = "if-unsent",
    }

    /// What an operation does to the server's data.
    Effect {
        /// Nothing changes.
        Reads = "reads",
        /// Something is added or changed.
        Writes = "writes",
        /// Something is lost for good.
        Destroys = "destroys",
    }

    /// Where a field stands in the HTTP request.
    Place {
        /// A segment of the path.
        Path = "path",
        /// The query string.
        Query = "query",
        /// A header.
        Header = "header",
        /// A member of the JSON body.
        Body = "body",
        /// The whole body.
        Special = "special",
    }
}

/// One field of a request, as the wire knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FieldInfo {
    /// The name on the wire.
    pub name: &'static str,
    /// Where it stands.
    pub place: Place,
    /// Whether it must be given.
    pub required: bool,
    /// Whether it is a secret.
    pub sensitive: bool,
}

impl FieldInfo {
    /// An optional field that is no secret.
    #[must_use]
    pub const fn new(name: &'static str, place: Place) -> Self {
        Self { name, place, required: false, sensitive: false }
    }

    /// Marks the field as required.
    #[must_use]
    pub const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// Marks the field as a secret.
    #[must_use]
    pub const fn sensitive(mut self) -> Self {
        self.sensitive = true;
        self
    }
}
