//! Keys of an identity provider, and tokens that they sign, right ones and wrong ones.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use rcgen::{KeyPair, PublicKeyData as _};
use serde_json::{Value, json};

/// A key on the curve P-256, with its id.
pub struct SigningKey {
    id: String,
    pair: KeyPair,
}

impl SigningKey {
    /// Makes one.
    ///
    /// # Panics
    /// When the system gives no random bytes.
    #[must_use]
    pub fn new(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            pair: KeyPair::generate().expect("the system gives random bytes"),
        }
    }

    /// Its public part, as a key set has it.
    #[must_use]
    pub fn published(&self) -> Value {
        let point = self.pair.der_bytes();
        let (x, y) = point[1..].split_at(32);
        json!({
            "kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": self.id,
            "x": URL_SAFE_NO_PAD.encode(x), "y": URL_SAFE_NO_PAD.encode(y),
        })
    }

    /// A token with these claims.
    ///
    /// # Panics
    /// When the claims are no JSON.
    #[must_use]
    pub fn sign(&self, claims: &Value) -> String {
        let mut header = Header::new(Algorithm::ES256);
        header.kid = Some(self.id.clone());
        let key = EncodingKey::from_ec_der(&self.pair.serialize_der());
        encode(&header, claims, &key).expect("the key is one for it")
    }

    /// A token whose signature is made with the published key as a shared secret.
    ///
    /// # Panics
    /// When the claims are no JSON.
    #[must_use]
    pub fn confused(&self, claims: &Value) -> String {
        let mut header = Header::new(Algorithm::HS256);
        header.kid = Some(self.id.clone());
        let key = EncodingKey::from_secret(self.pair.public_key_pem().as_bytes());
        encode(&header, claims, &key).expect("any secret will do")
    }

    /// A token with this head that nobody signed.
    #[must_use]
    pub fn unsigned(&self, head: &Value, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        format!("{}.{}.", part(head), part(claims))
    }
}
