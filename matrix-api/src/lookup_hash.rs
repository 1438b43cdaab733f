//! Addresses as identity servers look them up: hashed, so that they learn of no address that they do not know.

use sha2::{Digest, Sha256};

use crate::{
    base64,
    identity::{GetHashDetailsResponse, LookupUsersV2},
};

impl GetHashDetailsResponse {
    /// An address as [`LookupUsersV2`] takes it with the algorithm `sha256` and this pepper.
    ///
    /// The medium is `email` or `msisdn`. A mail address has to be in lower case, a phone number is nothing but digits,
    /// the country's code first; whatever is written otherwise is not found.
    ///
    /// See the [specification](https://spec.matrix.org/v1.19/identity-service-api/#sha256).
    #[must_use]
    pub fn hash_address(&self, address: &str, medium: &str) -> String {
        base64::url(&Sha256::digest(format!("{address} {medium} {}", self.lookup_pepper)))
    }
}

impl LookupUsersV2 {
    /// Looks up addresses, each with its medium, by their hashes: see
    /// [`hash_address`](GetHashDetailsResponse::hash_address).
    ///
    /// What the answer maps are the hashes, in the order of their text.
    ///
    /// ```no_run
    /// use matrix_api::{Client, identity::{GetHashDetails, LookupUsersV2}, service::Identity};
    ///
    /// # async fn example(identity: Client<Identity>) -> matrix_api::Result<()> {
    /// let details = identity.send(GetHashDetails::new()).await?;
    /// let found = identity.send(LookupUsersV2::hashed(&details, [("alice@example.com", "email")])).await?;
    /// let alice = found.mappings.get(&details.hash_address("alice@example.com", "email"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn hashed<'a>(
        details: &GetHashDetailsResponse,
        addresses: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Self {
        let hashes = addresses.into_iter().map(|(address, medium)| details.hash_address(address, medium));
        Self::new("sha256", &*details.lookup_pepper, hashes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Response;

    fn details(pepper: &str) -> GetHashDetailsResponse {
        let body = format!(r#"{{"lookup_pepper":"{pepper}","algorithms":["sha256"]}}"#);
        GetHashDetailsResponse::from_json(body.as_bytes()).unwrap()
    }

    /// The specification's own addresses, and one without anything in it.
    #[test]
    fn known_vectors() {
        let rows = [
            ("alice@example.com", "email", "4kenr7N9drpCJ4AfalmlGQVsOn3o2RHjkADUpXJWZUc"),
            ("bob@example.com", "email", "LJwSazmv46n0hlMlsb_iYxI0_HXEqy_yj6Jm636cdT8"),
            ("18005552067", "msisdn", "nlo35_T5fzSGZzJApqu8lgIudJvmOQtDaHtr-I4rU7I"),
        ];
        for (address, medium, hash) in rows {
            assert_eq!(details("matrixrocks").hash_address(address, medium), hash);
        }
        assert_eq!(details("").hash_address("", "email"), "0Jvnw-7f15FSmcBOcyICUPJbmxB7VrfA_vmZ3FZEHvU");
    }

    #[test]
    fn a_lookup_carries_the_pepper_and_the_hashes() {
        let request = LookupUsersV2::hashed(&details("matrixrocks"), [("alice@example.com", "email")]);
        assert_eq!((request.algorithm.as_str(), request.pepper.as_str()), ("sha256", "matrixrocks"));
        assert_eq!(request.addresses, ["4kenr7N9drpCJ4AfalmlGQVsOn3o2RHjkADUpXJWZUc"]);
    }
}
