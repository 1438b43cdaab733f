//! Running a Synapse homeserver: what its administrators do, over the calls of [`synapse_admin`](crate::synapse_admin).
//!
//! [`Client::synapse_admin`] gives the handle. It has [streams](SynapseAdmin::pages) through everything that comes in
//! pages, [jobs](Job) for what the server does in its own time, and [batches](crate::Batch) for many users or rooms at
//! once. Whatever it lacks, [`SynapseAdmin::send`] sends.

mod batches;
mod jobs;
mod media;
mod paged;
mod register;

use crate::{
    Client, Error, ErrorCode, Plan, Request, Result,
    error::Unsupported,
    service::Homeserver,
    synapse_admin::{GetBackgroundUpdatesEnabled, GetRegistrationNonce},
};

pub use crate::{
    job::{Job, JobStatus, JobWait},
    pages::ItemStream,
};
pub use media::{MediaDeletion, MediaPlan, MediaReport};
pub use paged::Paged;
pub use register::Registration;

/// What keeps the accounts of a server that does not keep them itself.
const MAS: &str = "Matrix Authentication Service";

/// A Synapse homeserver in the hands of its administrator: see [`Client::synapse_admin`]. A clone is the same.
///
/// ```no_run
/// use matrix_api::{Client, synapse_admin::{DeleteRoom, ListRooms}};
///
/// # async fn example(client: Client) -> matrix_api::Result<()> {
/// let admin = client.synapse_admin().await?;
/// let mut empty = admin.pages(ListRooms::new().empty_rooms(true));
/// while let Some(room) = empty.next().await {
///     let job = admin.delete_room(DeleteRoom::new(room?.room_id)).await?;
///     job.wait().await?;
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct SynapseAdmin {
    client: Client,
    delegated: bool,
}

impl Client {
    /// Takes the server in hand as its administrator.
    ///
    /// The server is asked twice: whether the account is one, and whether it keeps accounts itself or
    /// [Matrix Authentication Service](SynapseAdmin::is_delegated) does.
    ///
    /// # Errors
    ///
    /// [`Error::Rejected`] if the account is no administrator, or the token not an administrator's, or if no admin API
    /// answers; its text says what is missing. [`Error::NotLoggedIn`] without a token.
    pub async fn synapse_admin(&self) -> Result<SynapseAdmin> {
        let asked = self.send(GetBackgroundUpdatesEnabled::new()).await;
        let lacking = match asked {
            Ok(_) => false,
            Err(error) if error.is_forbidden() => true,
            Err(error) if is_unknown(&error) => {
                return Err(refusal("no admin API answers: the server is not Synapse, or a proxy keeps it to itself"));
            }
            Err(error) => return Err(error),
        };
        // Only a server that keeps the accounts itself hands out nonces to register them.
        let delegated = match self.send(GetRegistrationNonce::new()).await {
            Ok(_) => false,
            Err(error) if is_unknown(&error) => true,
            Err(error) => return Err(error),
        };
        match (lacking, delegated) {
            (false, delegated) => Ok(SynapseAdmin { client: self.clone(), delegated }),
            (true, true) => Err(refusal("the token lacks the scope urn:synapse:admin:*, which the login must ask for")),
            (true, false) => Err(refusal("the account is no server administrator; another one can make it one")),
        }
    }
}

impl SynapseAdmin {
    /// The client that it acts through.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Whether Matrix Authentication Service keeps the accounts. Then Synapse has no registration, no passwords, no
    /// registration tokens and no logins as another user; that service has an admin API of its own for them.
    pub fn is_delegated(&self) -> bool {
        self.delegated
    }

    /// As [`Client::send`], for a request that is known to be answered by this server.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] if it is one of those that are not there under Matrix Authentication Service, before
    /// anything is sent.
    pub async fn send<R: Request<To = Homeserver>>(&self, request: R) -> Result<R::Response> {
        self.check::<R>()?;
        self.client.send(request).await
    }

    /// As [`Client::plan`].
    ///
    /// # Errors
    ///
    /// Those of `Client::plan`, and [`Error::Unsupported`] as with [`send`](Self::send).
    pub fn plan<R: Request<To = Homeserver>>(&self, request: &R) -> Result<Plan> {
        self.check::<R>()?;
        self.client.plan(request)
    }

    fn check<R: Request>(&self) -> Result<()> {
        match R::METADATA.absent_under {
            Some(MAS) if self.delegated => {
                let has = "Matrix Authentication Service (see feature `mas-admin`)";
                Err(Error::Unsupported(Unsupported::new(R::METADATA.id, "accounts kept by Synapse", has)))
            }
            _ => Ok(()),
        }
    }
}

/// Whether the server does not know the path at all.
fn is_unknown(error: &Error) -> bool {
    let without_code = error.errcode().is_none() && error.status() == Some(http::StatusCode::NOT_FOUND);
    error.errcode() == Some(&ErrorCode::Unrecognized) || without_code
}

fn refusal(reason: &'static str) -> Error {
    crate::error::Rejected::new("synapse_admin", reason).into()
}
