//! Filters for syncing, by names of your own.

use crate::{
    Client, Error, Result,
    client_server::{
        DefineFilter, GetFilter,
        types::{EventFilter, RoomEventFilter, SyncFilter, SyncFilterEventFormat, SyncFilterRoom},
    },
    error::{NotLoggedIn, Rejected},
};

/// What a sync lets through.
pub type Filter = SyncFilter;

impl SyncFilter {
    /// Leaves out who is online, who is typing, what was read, and everything else that passes: a
    /// program that reads messages needs none of it.
    #[must_use]
    pub fn quiet() -> Self {
        let passing = RoomEventFilter::new().not_types(["m.room.*", "m.receipt", "m.typing", "m.reaction"]);
        Self::new()
            .event_format(SyncFilterEventFormat::Client)
            .presence(EventFilter::new().not_types(["m.presence"]))
            .room(SyncFilterRoom::new().ephemeral(passing))
    }
}

/// The filters of a session: see [`Client::filters`].
///
/// A server knows an uploaded filter by an id of its own. Here it goes by a name, and the session
/// keeps which is which.
#[derive(Clone, Debug)]
pub struct Filters {
    client: Client,
}

impl Client {
    /// Filters by name, for [`SyncOptions::filter`](crate::SyncOptions::filter).
    ///
    /// ```no_run
    /// use matrix_api::{Client, Filter, SyncOptions};
    ///
    /// # async fn example(client: Client) -> matrix_api::Result<()> {
    /// if client.filters().id("quiet").is_none() {
    ///     client.filters().upload("quiet", Filter::quiet()).await?;
    /// }
    /// let stream = client.sync_stream(SyncOptions::filter("quiet"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn filters(&self) -> Filters {
        Filters { client: self.clone() }
    }
}

impl Filters {
    /// Uploads a filter, and returns the server's id of it. A filter that went by the same name
    /// before is replaced; the position of syncs by that name stays.
    ///
    /// # Errors
    ///
    /// [`Error::Rejected`] if the name is empty, [`Error::NotLoggedIn`] if it is not known who is
    /// logged in, [`Error::Store`] if the id could not be kept, and the failures of sending.
    pub async fn upload(&self, name: impl Into<String>, filter: SyncFilter) -> Result<String> {
        let name = name.into();
        if name.is_empty() {
            return Err(Rejected::new("defineFilter", "a filter needs a name").into());
        }
        let user = self.client.user_id().ok_or_else(|| Error::NotLoggedIn(NotLoggedIn::new("defineFilter")))?;
        let id = self.client.send(DefineFilter::new(user, filter)).await?.filter_id;
        self.client.keep_filter(name, id.clone()).await?;
        Ok(id)
    }

    /// The server's id of the filter of this name, if it was uploaded in this session.
    #[must_use]
    pub fn id(&self, name: &str) -> Option<String> {
        self.client.filter_id(name)
    }

    /// The filter of this name, as the server has it; `None` if none was uploaded by this name.
    ///
    /// # Errors
    ///
    /// [`Error::Api`] with `M_NOT_FOUND` if the server has lost it, and the failures of sending.
    pub async fn download(&self, name: &str) -> Result<Option<SyncFilter>> {
        let Some(id) = self.id(name) else { return Ok(None) };
        let user = self.client.user_id().ok_or_else(|| Error::NotLoggedIn(NotLoggedIn::new("getFilter")))?;
        Ok(Some(self.client.send(GetFilter::new(user, id)).await?.filter))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quiet_is_what_the_first_generation_documents() {
        let json = r#"{"event_format":"client","presence":{"not_types":["m.presence"]},"room":{"ephemeral":{"not_types":["m.room.*","m.receipt","m.typing","m.reaction"]}}}"#;
        let (ours, theirs): (serde_json::Value, serde_json::Value) =
            (serde_json::to_value(Filter::quiet()).unwrap(), serde_json::from_str(json).unwrap());
        assert_eq!(ours, theirs);
    }
}
