//! The public keys of an identity provider, out of a JSON Web Key Set (RFC 7517).

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde_json::Value;
use thiserror::Error;

/// More keys than any provider publishes; those behind are not read.
const MOST_KEYS: usize = 64;

/// The largest document that is read, in bytes: a published set is below ten thousand.
pub const MOST_BYTES: usize = 256 * 1024;

const OF_RSA: &[Algorithm] = &[
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
];

/// Keys by which tokens are verified. Symmetric ones and ones for encryption are never among them.
#[derive(Clone, Default)]
pub struct KeySet {
    keys: Vec<VerifyingKey>,
}

#[derive(Clone)]
pub(super) struct VerifyingKey {
    id: Option<String>,
    algorithms: Vec<Algorithm>,
    pub(super) key: DecodingKey,
}

/// A document that is no key set.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct NotAKeySet(String);

#[derive(Deserialize)]
struct Document {
    keys: Vec<Value>,
}

impl KeySet {
    /// Reads a document. Keys of kinds that are not known here are left out, as RFC 7517 (5) asks.
    ///
    /// # Errors
    /// When it is too large, or no JSON Web Key Set.
    pub fn read(document: &str) -> Result<Self, NotAKeySet> {
        if document.len() > MOST_BYTES {
            return Err(NotAKeySet(format!("it is larger than {MOST_BYTES} bytes")));
        }
        let document: Document = serde_json::from_str(document)
            .map_err(|fault| NotAKeySet(format!("it is no JSON Web Key Set: {fault}")))?;
        let keys = document.keys.into_iter().take(MOST_KEYS);
        Ok(Self {
            keys: keys.filter_map(verifying).collect(),
        })
    }

    /// How many keys are in it.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether no token can be verified by it.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Whether a key of this id is in it.
    #[must_use]
    pub fn has(&self, id: &str) -> bool {
        self.keys.iter().any(|key| key.id.as_deref() == Some(id))
    }

    /// The keys that may have signed a token: those of its key's id when it names one, and that are
    /// for its algorithm.
    pub(super) fn candidates<'a>(
        &'a self,
        id: Option<&'a str>,
        algorithm: Algorithm,
    ) -> impl Iterator<Item = &'a VerifyingKey> {
        self.keys.iter().filter(move |key| {
            (id.is_none() || key.id.as_deref() == id) && key.algorithms.contains(&algorithm)
        })
    }
}

/// A key for signatures, of a kind that is known here.
fn verifying(value: Value) -> Option<VerifyingKey> {
    let jwk: Jwk = serde_json::from_value(value).ok()?;
    if matches!(
        jwk.common.public_key_use,
        Some(PublicKeyUse::Encryption | PublicKeyUse::Other(_))
    ) {
        return None;
    }
    let of_kind: &[Algorithm] = match &jwk.algorithm {
        AlgorithmParameters::RSA(_) => OF_RSA,
        AlgorithmParameters::EllipticCurve(curve) => match curve.curve {
            EllipticCurve::P256 => &[Algorithm::ES256],
            EllipticCurve::P384 => &[Algorithm::ES384],
            _ => return None,
        },
        AlgorithmParameters::OctetKeyPair(pair) => match pair.curve {
            EllipticCurve::Ed25519 => &[Algorithm::EdDSA],
            _ => return None,
        },
        // Whoever may verify by a shared secret may also sign with it.
        _ => return None,
    };
    let algorithms = match jwk.common.key_algorithm {
        None => of_kind.to_vec(),
        Some(named) => {
            let named: Algorithm = named.to_string().parse().ok()?;
            of_kind
                .iter()
                .copied()
                .filter(|one| *one == named)
                .collect()
        }
    };
    if algorithms.is_empty() {
        return None;
    }
    Some(VerifyingKey {
        id: jwk.common.key_id.clone(),
        algorithms,
        key: DecodingKey::from_jwk(&jwk).ok()?,
    })
}
