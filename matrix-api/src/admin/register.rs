use std::{
    fmt,
    future::{Future, IntoFuture},
    pin::Pin,
};

use crate::{
    Client, Result, Secret,
    synapse_admin::{GetRegistrationNonce, RegisterUser, RegisterUserResponse, types::UserType},
};

impl Client {
    /// Makes an account on a Synapse homeserver by its `registration_shared_secret`. Needs no login, and works even
    /// where registration is closed; not under Matrix Authentication Service.
    ///
    /// ```no_run
    /// # async fn example(client: matrix_api::Client, secret: String) -> matrix_api::Result<()> {
    /// let bot = client.register_user(secret, "bot", "a long password").without_login().await?;
    /// println!("{}", bot.user_id);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Api`](crate::Error::Api) with status 403 if the secret is wrong, `M_USER_IN_USE` if the name is taken,
    /// `M_UNKNOWN` if the server has no secret, `M_UNRECOGNIZED` under Matrix Authentication Service.
    pub fn register_user(
        &self,
        shared_secret: impl Into<Secret<String>>,
        username: impl Into<String>,
        password: impl Into<Secret<String>>,
    ) -> Registration {
        // Nonce and proof are filled in when it is sent.
        let request = RegisterUser::new("", username, password, String::new());
        Registration { client: self.clone(), shared_secret: shared_secret.into(), request }
    }
}

/// An account that is about to be made: see [`Client::register_user`].
#[must_use = "the account is made by `.await`"]
pub struct Registration {
    client: Client,
    shared_secret: Secret<String>,
    request: RegisterUser,
}

impl Registration {
    /// Makes the account a server administrator.
    pub fn admin(mut self) -> Self {
        self.request.admin = Some(true);
        self
    }

    /// The kind of account, such as `bot`.
    pub fn user_type(mut self, user_type: impl Into<UserType>) -> Self {
        self.request.user_type = Some(user_type.into());
        self
    }

    /// The display name; the user name unless set.
    pub fn displayname(mut self, displayname: impl Into<String>) -> Self {
        self.request.displayname = Some(displayname.into());
        self
    }

    /// Makes the account without a device and a token.
    pub fn without_login(mut self) -> Self {
        self.request.inhibit_login = Some(true);
        self
    }

    async fn run(mut self) -> Result<RegisterUserResponse> {
        // A nonce is good for a minute and for one attempt.
        self.request.nonce = self.client.send(GetRegistrationNonce::new()).await?.nonce;
        self.request.mac = mac(&self.request, self.shared_secret.expose()).into();
        self.client.send(self.request).await
    }
}

impl IntoFuture for Registration {
    type Output = Result<RegisterUserResponse>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

impl fmt::Debug for Registration {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Registration").field("request", &self.request).finish_non_exhaustive()
    }
}

/// The proof of knowing the secret: HMAC-SHA1 over what makes the account, in hexadecimal.
fn mac(request: &RegisterUser, shared_secret: &str) -> String {
    let admin = if request.admin == Some(true) { "admin" } else { "notadmin" };
    let mut parts = vec![&*request.nonce, &*request.username, request.password.expose(), admin];
    parts.extend(request.user_type.as_ref().map(UserType::as_str).filter(|user_type| !user_type.is_empty()));
    let digest = hmac_sha1_compact::HMAC::mac(parts.join("\0").as_bytes(), shared_secret.as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The values of Synapse's documentation, put through the command that it gives:
    /// `printf '%s\0%s\0%s\0%s' … | openssl sha1 -hmac shared_secret`.
    #[test]
    fn the_proof_is_what_synapse_documents() {
        let mut request = RegisterUser::new("thisisanonce", "pepper_roni", "pizza".to_owned(), String::new());
        request.admin = Some(true);
        assert_eq!(mac(&request, "shared_secret"), "48715842ad67d5dc9a9ee938a3bda4fcfae8d7c7");
        request.admin = None;
        assert_eq!(mac(&request, "shared_secret"), "cf2391885316861a8e3871bfdcd223ab3913221d");
        request.user_type = Some("bot".into());
        assert_eq!(mac(&request, "shared_secret"), "b269635cb53e1adc15073ae7ffbd000b836b3105");
    }
}
