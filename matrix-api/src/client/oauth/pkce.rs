//! Random values, and the proof that who takes a code is who asked for it.

use sha2::{Digest, Sha256};

use super::super::failure;
use crate::{Result, base64};

/// 32 random bytes as text that a URL can hold.
pub(super) fn random() -> Result<String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|_| failure::setup("oauth", "the system gives no random numbers"))?;
    Ok(base64::url(&bytes))
}

/// What is shown of a verifier beforehand: the method S256 of RFC 7636.
pub(super) fn challenge(verifier: &str) -> String {
    base64::url(&Sha256::digest(verifier.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_rfc() {
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        assert_eq!(challenge(verifier), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
        let (one, other) = (random().unwrap(), random().unwrap());
        assert!(one != other && one.len() == 43, "{one}");
    }
}
