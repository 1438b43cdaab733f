//! Keys and signatures as a client makes them: real ones, since the server checks some of them.

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use matrix_api::client_server::types::{CrossSigningKey, DeviceKeys, OneTimeKey, OneTimeKeyObject};
use matrix_api::{DeviceId, Map, StringEnum, UserId};
use ring::signature::{Ed25519KeyPair, KeyPair};
use serde_json::{Value, json};

/// A signing key with its name.
pub(crate) struct Key {
    pair: Ed25519KeyPair,
    id: Option<String>,
}

impl Key {
    /// A key of a device.
    pub(crate) fn of_device(device: &DeviceId) -> Self {
        Self { id: Some(device.as_str().to_owned()), ..Self::new() }
    }

    /// A key that is named after itself, as those are with which users sign.
    pub(crate) fn new() -> Self {
        let mut seed = [0; 32];
        ring::rand::SecureRandom::fill(&ring::rand::SystemRandom::new(), &mut seed).unwrap();
        Self { pair: Ed25519KeyPair::from_seed_unchecked(&seed).unwrap(), id: None }
    }

    pub(crate) fn public(&self) -> String {
        STANDARD_NO_PAD.encode(self.pair.public_key().as_ref())
    }

    /// Such as `ed25519:LAPTOP`.
    pub(crate) fn name(&self) -> String {
        format!("ed25519:{}", self.id.clone().unwrap_or_else(|| self.public()))
    }

    /// The signature of a JSON object, without what is not signed.
    pub(crate) fn sign(&self, mut object: Value) -> String {
        for unsigned in ["signatures", "unsigned"] {
            object.as_object_mut().unwrap().remove(unsigned);
        }
        // The members of a `Value` are sorted, and it is written without spaces: that is the form which is signed.
        STANDARD_NO_PAD.encode(self.pair.sign(object.to_string().as_bytes()))
    }

    /// A member `signatures` with this one signature.
    pub(crate) fn signatures(&self, user: &UserId, object: Value) -> Signatures {
        Map::from([(user.clone(), Map::from([(self.name(), self.sign(object))]))])
    }
}

/// By user and by key.
pub(crate) type Signatures = Map<UserId, Map<String, String>>;

/// What a device publishes of itself.
pub(crate) fn device_keys(user: &UserId, device: &DeviceId, key: &Key) -> DeviceKeys {
    let algorithms = ["m.olm.v1.curve25519-aes-sha2", "m.megolm.v1.aes-sha2"];
    let keys = Map::from([
        (key.name(), key.public()),
        // No test encrypts: any 32 bytes do.
        (format!("curve25519:{device}"), Key::new().public()),
    ]);
    let mut own = DeviceKeys::new(user, device, algorithms, keys, Map::new());
    own.signatures = key.signatures(user, json!(own));
    own
}

/// One signed key for one secret, with its name.
pub(crate) fn one_time_key(user: &UserId, signer: &Key, id: &str) -> (String, OneTimeKey) {
    let key = Key::new().public();
    let signatures = signer.signatures(user, json!({ "key": key }));
    (format!("signed_curve25519:{id}"), OneTimeKey::Object(OneTimeKeyObject::new(key, signatures)))
}

/// A key with which a user signs, itself signed by another.
pub(crate) fn cross_signing_key(user: &UserId, usage: &str, key: &Key, signer: &Key) -> CrossSigningKey {
    let keys = Map::from([(key.name(), key.public())]);
    let own = CrossSigningKey::new(user, [StringEnum::parse(usage)], keys);
    let signatures = signer.signatures(user, json!(own));
    own.signatures(json!(signatures))
}
