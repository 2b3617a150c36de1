//! A signed token of an identity provider (RFC 7519), verified: signature, issuer, audience, times,
//! nonce. What comes out are claims; there is no way to them around this file.
//!
//! Rules: RFC 8725 (best practices), OpenID Connect Core 3.1.3.7. The algorithm is one of a fixed list
//! of asymmetric ones *and* one that the key is for; keys that the token itself names or brings
//! (`jku`, `jwk`, `x5u`, `x5c`) are not looked at.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, Validation, decode};
use serde_json::{Map, Value};
use subtle::ConstantTimeEq as _;
use thiserror::Error;

use super::claims::Claims;
use super::key_set::KeySet;
use crate::time::TimestampMs;

/// The longest token that is looked at, in bytes. Entra's, with two hundred groups, has ten thousand.
pub const MOST_BYTES: usize = 16 * 1024;

/// How far clocks may be apart, in seconds.
const LEEWAY_S: u64 = 60;

/// What a token has to say.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// Who made it; none where the operator named nobody.
    pub issuer: Option<&'a str>,
    /// For whom it is: one of these. Empty where the operator named nobody.
    pub audiences: &'a [String],
    /// The client that asked for it: a token for several audiences has to name it (`azp`).
    pub client_id: Option<&'a str>,
    /// What the sign-in was begun with.
    pub nonce: Option<&'a str>,
}

/// Why a token is not taken.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TokenFault {
    /// No token, or too long a one.
    #[error("it is no signed token of at most {MOST_BYTES} bytes")]
    Malformed,
    /// Unsigned, signed with a shared secret, or by an algorithm that is not known here.
    #[error("its algorithm is not accepted")]
    Algorithm,
    /// No key of the provider has the id that it names.
    #[error("it is signed with a key that the provider does not publish")]
    UnknownKey,
    /// The signature is not the provider's.
    #[error("its signature is wrong")]
    Signature,
    /// A claim that it has to have is missing or of another kind.
    #[error("its claim `{0}` is missing or no proper value")]
    Claim(&'static str),
    /// Its time is over.
    #[error("it has expired")]
    Expired,
    /// Its time has not come.
    #[error("it is not valid yet")]
    NotYet,
    /// Somebody else made it.
    #[error("it was made by another issuer")]
    Issuer,
    /// It is for somebody else.
    #[error("it is for another audience")]
    Audience,
    /// It was asked for by somebody else.
    #[error("it was made for another client")]
    Client,
    /// It belongs to another sign-in.
    #[error("it belongs to another sign-in")]
    Nonce,
}

/// What a token says of itself before anything is verified.
struct Head {
    algorithm: Algorithm,
    key_id: Option<String>,
}

/// Whether a text has the shape of a signed token: three parts, the first of them an object in
/// base64. Decided without an allocation, since every credential passes here.
#[must_use]
pub fn looks_signed(text: &str) -> bool {
    text.starts_with("ey") && text.bytes().filter(|byte| *byte == b'.').count() == 2
}

/// The id of the key that a token names; to find out whether keys have to be fetched anew.
#[must_use]
pub fn key_id(token: &str) -> Option<String> {
    head(token).ok()?.key_id
}

/// The issuer that a token names, unverified: to find the keys by which it has to be verified.
#[must_use]
pub fn claimed_issuer(token: &str) -> Option<String> {
    if token.len() > MOST_BYTES {
        return None;
    }
    let members = object(token.split('.').nth(1)?)?;
    members.get("iss")?.as_str().map(str::to_owned)
}

/// Verifies a token.
///
/// # Errors
/// Why it is not taken.
pub fn verify(
    token: &str,
    keys: &KeySet,
    expected: &Expected<'_>,
    now: TimestampMs,
) -> Result<Claims, TokenFault> {
    let head = head(token)?;
    let claims = signed(token, &head, keys)?;
    times(&claims, now)?;
    origin(&claims, expected)?;
    Ok(claims)
}

fn object(part: &str) -> Option<Map<String, Value>> {
    let bytes = URL_SAFE_NO_PAD.decode(part).ok()?;
    serde_json::from_slice(&bytes).ok()
}

fn head(token: &str) -> Result<Head, TokenFault> {
    if token.len() > MOST_BYTES || !looks_signed(token) {
        return Err(TokenFault::Malformed);
    }
    let first = token.split('.').next().unwrap_or_default();
    let members = object(first).ok_or(TokenFault::Malformed)?;
    // An extension that one must understand (RFC 7515, 4.1.11); none is known here.
    if members.contains_key("crit") {
        return Err(TokenFault::Malformed);
    }
    let algorithm = members.get("alg").and_then(Value::as_str);
    let algorithm: Algorithm = algorithm
        .and_then(|name| name.parse().ok())
        .ok_or(TokenFault::Algorithm)?;
    if matches!(
        algorithm,
        Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512
    ) {
        return Err(TokenFault::Algorithm);
    }
    let key_id = match members.get("kid") {
        None => None,
        Some(Value::String(id)) => Some(id.clone()),
        Some(_) => return Err(TokenFault::Malformed),
    };
    Ok(Head { algorithm, key_id })
}

/// The claims, once the signature is seen to be one of these keys'.
fn signed(token: &str, head: &Head, keys: &KeySet) -> Result<Claims, TokenFault> {
    // The terms are checked here, each by its own rule and against the caller's clock.
    let mut validation = Validation::new(head.algorithm);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_aud = false;
    let mut candidates = keys
        .candidates(head.key_id.as_deref(), head.algorithm)
        .peekable();
    if candidates.peek().is_none() {
        return Err(TokenFault::UnknownKey);
    }
    candidates
        .find_map(|key| decode::<Map<String, Value>>(token, &key.key, &validation).ok())
        .map(|verified| Claims(verified.claims))
        .ok_or(TokenFault::Signature)
}

/// A time in seconds; a claim of another kind is no absent one.
fn seconds(claims: &Claims, name: &'static str) -> Result<Option<u64>, TokenFault> {
    match claims.0.get(name) {
        None => Ok(None),
        Some(Value::Number(number)) => {
            match (number.as_u64(), number.to_string().split_once('.')) {
                (Some(seconds), _) => Ok(Some(seconds)),
                // RFC 7519 (2) allows fractions.
                (None, Some((whole, _fraction))) => {
                    let whole = whole.parse();
                    whole.map(Some).map_err(|_negative| TokenFault::Claim(name))
                }
                (None, None) => Err(TokenFault::Claim(name)),
            }
        }
        Some(_) => Err(TokenFault::Claim(name)),
    }
}

fn times(claims: &Claims, now: TimestampMs) -> Result<(), TokenFault> {
    let now_s = now.0 / 1_000;
    let ends = seconds(claims, "exp")?.ok_or(TokenFault::Claim("exp"))?;
    if ends.saturating_add(LEEWAY_S) <= now_s {
        return Err(TokenFault::Expired);
    }
    let begins = seconds(claims, "nbf")?.max(seconds(claims, "iat")?);
    if begins.is_some_and(|begins| begins > now_s.saturating_add(LEEWAY_S)) {
        return Err(TokenFault::NotYet);
    }
    Ok(())
}

fn origin(claims: &Claims, expected: &Expected<'_>) -> Result<(), TokenFault> {
    let said = |name: &str| claims.0.get(name).and_then(Value::as_str);
    if said("sub").is_none_or(str::is_empty) {
        return Err(TokenFault::Claim("sub"));
    }
    if expected.issuer.is_some() && said("iss") != expected.issuer {
        return Err(TokenFault::Issuer);
    }
    let audiences = claims.texts("aud");
    let is_for = |one: &String| audiences.contains(one);
    if !expected.audiences.is_empty() && !expected.audiences.iter().any(is_for) {
        return Err(TokenFault::Audience);
    }
    if let Some(client) = expected.client_id {
        let party = said("azp");
        if party.is_some_and(|party| party != client) || (party.is_none() && audiences.len() > 1) {
            return Err(TokenFault::Client);
        }
    }
    let Some(nonce) = expected.nonce else {
        return Ok(());
    };
    let given = said("nonce").unwrap_or_default();
    match bool::from(given.as_bytes().ct_eq(nonce.as_bytes())) {
        true => Ok(()),
        false => Err(TokenFault::Nonce),
    }
}

/// When a verified token ends.
#[must_use]
pub fn ends_at(claims: &Claims) -> TimestampMs {
    let ends = seconds(claims, "exp").ok().flatten().unwrap_or_default();
    TimestampMs(ends.saturating_add(LEEWAY_S).saturating_mul(1_000))
}
