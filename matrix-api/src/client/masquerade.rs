//! An application service that acts as one of its users.

use std::sync::Arc;

use bytes::Bytes;
use http::{Request as HttpRequest, Uri};

use super::{
    Client, Inner,
    exchange::{CallInfo, Executor},
};
use crate::{
    Auth, DeviceId, Result, UserId, error::EncodeError, retry::Budget, service::Homeserver, session::Keeper,
    wire::Query,
};

impl Client<Homeserver> {
    /// A client that acts as a user of the application service whose token this one has: each
    /// request that carries the token names the user as well ([spec]). It shares the connections,
    /// and has a session, positions and limits of its own, so there may be one for every user.
    ///
    /// The user must exist: see [`register_appservice`](Self::register_appservice). Without the
    /// token of an application service the server does as the token's owner would have it.
    ///
    /// ```no_run
    /// use matrix_api::Client;
    ///
    /// # async fn example(token: String) -> matrix_api::Result<()> {
    /// let service = Client::builder().base_url("https://matrix.example.org").access_token(token).build().await?;
    /// let cat = service.masquerade("@_irc_cat:example.org");
    /// cat.room("!kitchen:example.org").send_text("Meow.").await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// [spec]: https://spec.matrix.org/v1.19/application-service-api/#identity-assertion
    #[must_use]
    pub fn masquerade(&self, user_id: impl Into<UserId>) -> Self {
        self.masked(user_id.into(), None)
    }

    /// As [`masquerade`](Self::masquerade), on a device of the user's. Servers before Matrix 1.17
    /// take no notice of the device.
    #[must_use]
    pub fn masquerade_device(&self, user_id: impl Into<UserId>, device_id: impl Into<DeviceId>) -> Self {
        self.masked(user_id.into(), Some(device_id.into()))
    }

    fn masked(&self, user_id: UserId, device_id: Option<DeviceId>) -> Self {
        let inner = &self.inner;
        let executor = Executor {
            transport: inner.executor.transport.clone(),
            login: inner.executor.login.masked(user_id, device_id),
            keeper: Keeper::default(),
            limits: inner.executor.limits,
            budget: Budget::default(),
            base: inner.base.clone(),
            terms: inner.terms.clone(),
        };
        Self::of(Inner {
            base: inner.base.clone(),
            executor: Arc::new(executor),
            #[cfg(feature = "client-server")]
            known: inner.known.clone(),
            terms: inner.terms.clone(),
            strict: inner.strict,
            hook: inner.hook.clone(),
            middleware: inner.middleware.clone(),
            observer: inner.observer.clone(),
            #[cfg(feature = "client-server")]
            positions: Default::default(),
            #[cfg(feature = "client-server")]
            encryption: Default::default(),
            #[cfg(all(feature = "client-server", feature = "events"))]
            power_turns: Default::default(),
        })
    }
}

impl Inner {
    /// Names the user in the query of what carries the token, if the token is not the user's own.
    pub(super) fn masquerade(&self, info: &CallInfo, request: &mut HttpRequest<Bytes>) -> Result<()> {
        let login = &self.executor.login;
        let Some((user_id, device_id)) = login.mask().filter(|_| info.auth != Auth::None) else { return Ok(()) };
        if info.auth == Auth::Optional && !login.has_token() {
            return Ok(());
        }
        let operation = info.metadata.map_or("", |metadata| metadata.id);
        let whole = |reason: &'static str| EncodeError::whole(operation, reason);
        let given = request.uri().query().unwrap_or_default();
        if given.split('&').any(|pair| matches!(pair.split('=').next(), Some("user_id" | "device_id"))) {
            return Err(
                whole("its query names a user or a device already, so the one to act as cannot be named").into()
            );
        }
        let mut url = request.uri().to_string().into_bytes();
        let mut query = Query::onward(&mut url);
        query.set("user_id", &user_id);
        query.opt("device_id", &device_id);
        query.finish().map_err(|fault| EncodeError::new(operation, fault))?;
        *request.uri_mut() = Uri::try_from(url).map_err(|_| whole("the URL is longer than 65534 bytes"))?;
        Ok(())
    }
}
