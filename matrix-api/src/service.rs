//! Whom a request is for.
//!
//! Each service has its own address and its own kind of token. A request names its service as
//! [`Request::To`](crate::Request::To), so that sending it to another one does not compile.

mod sealed {
    pub trait Sealed {}
}

/// A service that requests can be sent to.
pub trait Service: sealed::Sealed + 'static + Send + Sync {
    /// The service's name, as it stands in metadata and messages.
    const NAME: &'static str;
}

macro_rules! services {
    ($($(#[$docs:meta])* $name:ident = $text:literal;)*) => {$(
        $(#[$docs])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct $name;

        impl sealed::Sealed for $name {}

        impl Service for $name {
            const NAME: &'static str = $text;
        }
    )*};
}

services! {
    /// The homeserver's client API, at its discovered base URL.
    Homeserver = "homeserver";
    /// The host that a server name points to, before discovery (`/.well-known`).
    ServerName = "server-name";
    /// An identity server.
    Identity = "identity";
    /// An integration manager.
    Integrations = "integrations";
    /// A homeserver's federation API.
    Federation = "federation";
    /// The admin API of a Matrix Authentication Service.
    MasAdmin = "mas-admin";
    /// A push gateway.
    PushGateway = "push-gateway";
    /// An application service, called by its homeserver.
    Appservice = "appservice";
}
