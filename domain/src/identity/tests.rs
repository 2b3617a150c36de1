//! Which tokens are taken, and which are not.

use harness::issuer::SigningKey;
use proptest::prelude::{ProptestConfig, proptest};
use serde_json::{Value, json};

use super::key_set::KeySet;
use super::token::{Expected, TokenFault, claimed_issuer, ends_at, looks_signed, verify};
use crate::time::TimestampMs;

const NOW: TimestampMs = TimestampMs(1_800_000_000_000);
const NOW_S: u64 = 1_800_000_000;

fn set(keys: &[&SigningKey]) -> KeySet {
    let keys: Vec<Value> = keys.iter().map(|key| key.published()).collect();
    KeySet::read(&json!({"keys": keys}).to_string()).unwrap()
}

fn claims() -> Value {
    json!({
        "iss": "https://sso.example", "sub": "u-1", "aud": "headgate",
        "exp": NOW_S + 300, "iat": NOW_S, "nonce": "n-1",
    })
}

fn with(more: Value) -> Value {
    let mut claims = claims();
    for (name, value) in more.as_object().unwrap() {
        match value {
            Value::Null => {
                claims.as_object_mut().unwrap().remove(name);
            }
            value => claims[name] = value.clone(),
        }
    }
    claims
}

fn audience() -> Vec<String> {
    vec!["headgate".to_owned()]
}

fn judged(token: &str, keys: &KeySet) -> Result<(), TokenFault> {
    let audiences = audience();
    let expected = Expected {
        issuer: Some("https://sso.example"),
        audiences: &audiences,
        client_id: Some("headgate"),
        nonce: Some("n-1"),
    };
    verify(token, keys, &expected, NOW).map(|_claims| ())
}

#[test]
fn a_token_of_the_provider_is_taken() {
    let key = SigningKey::new("k1");
    let token = key.sign(&claims());
    assert_eq!(judged(&token, &set(&[&key])), Ok(()));
    assert!(looks_signed(&token));
    assert_eq!(
        claimed_issuer(&token).as_deref(),
        Some("https://sso.example")
    );
}

#[test]
fn a_token_with_a_wrong_claim_is_refused_for_that_claim() {
    let key = SigningKey::new("k1");
    let keys = set(&[&key]);
    let cases = [
        (json!({"iss": "https://evil.example"}), TokenFault::Issuer),
        (json!({"iss": "https://sso.example/"}), TokenFault::Issuer),
        (json!({"iss": null}), TokenFault::Issuer),
        (json!({"aud": "another"}), TokenFault::Audience),
        (json!({"aud": ["another", "third"]}), TokenFault::Audience),
        (json!({"aud": null}), TokenFault::Audience),
        (json!({"aud": ["headgate", "another"]}), TokenFault::Client),
        (json!({"azp": "another"}), TokenFault::Client),
        (json!({"exp": NOW_S - 61}), TokenFault::Expired),
        (json!({"exp": null}), TokenFault::Claim("exp")),
        (json!({"exp": "1900000000"}), TokenFault::Claim("exp")),
        (json!({"exp": -5}), TokenFault::Claim("exp")),
        (json!({"nbf": NOW_S + 120}), TokenFault::NotYet),
        (json!({"nbf": "soon"}), TokenFault::Claim("nbf")),
        (json!({"iat": NOW_S + 120}), TokenFault::NotYet),
        (json!({"nonce": "n-2"}), TokenFault::Nonce),
        (json!({"nonce": null}), TokenFault::Nonce),
        (json!({"sub": null}), TokenFault::Claim("sub")),
        (json!({"sub": ""}), TokenFault::Claim("sub")),
    ];
    for (change, fault) in cases {
        let token = key.sign(&with(change.clone()));
        assert_eq!(judged(&token, &keys), Err(fault), "{change}");
    }
}

#[test]
fn clocks_may_be_a_minute_apart() {
    let key = SigningKey::new("k1");
    let keys = set(&[&key]);
    for change in [
        json!({"exp": NOW_S - 59}),
        json!({"iat": NOW_S + 59}),
        json!({"nbf": NOW_S + 60}),
        json!({"exp": 1_900_000_000.5}),
        json!({"aud": ["headgate", "another"], "azp": "headgate"}),
    ] {
        assert_eq!(
            judged(&key.sign(&with(change.clone())), &keys),
            Ok(()),
            "{change}"
        );
    }
}

#[test]
fn the_algorithm_is_the_keys_and_never_the_tokens_wish() {
    let key = SigningKey::new("k1");
    let keys = set(&[&key]);
    let none = json!({"alg": "none", "kid": "k1"});
    for algorithm in ["none", "None", "nOnE", "HS256", "ES256K", ""] {
        let head = json!({"alg": algorithm, "kid": "k1"});
        let token = key.unsigned(&head, &claims());
        assert_eq!(
            judged(&token, &keys),
            Err(TokenFault::Algorithm),
            "{algorithm}"
        );
    }
    assert_eq!(
        judged(&key.unsigned(&none, &claims()), &keys),
        Err(TokenFault::Algorithm)
    );
    assert_eq!(
        judged(&key.confused(&claims()), &keys),
        Err(TokenFault::Algorithm)
    );
    // The key is for another one.
    let head = json!({"alg": "RS256", "kid": "k1"});
    let token = key.unsigned(&head, &claims());
    assert_eq!(judged(&token, &keys), Err(TokenFault::UnknownKey));
    let unsigned = key.unsigned(&json!({"alg": "ES256", "kid": "k1"}), &claims());
    assert_eq!(judged(&unsigned, &keys), Err(TokenFault::Signature));
    let critical = key.unsigned(&json!({"alg": "ES256", "crit": ["b64"]}), &claims());
    assert_eq!(judged(&critical, &keys), Err(TokenFault::Malformed));
}

#[test]
fn only_published_keys_verify() {
    let (known, unknown) = (SigningKey::new("k1"), SigningKey::new("k2"));
    let same_name = SigningKey::new("k1");
    let keys = set(&[&known]);
    assert_eq!(
        judged(&unknown.sign(&claims()), &keys),
        Err(TokenFault::UnknownKey)
    );
    assert_eq!(
        judged(&same_name.sign(&claims()), &keys),
        Err(TokenFault::Signature)
    );
    assert_eq!(
        judged(&known.sign(&claims()), &KeySet::default()),
        Err(TokenFault::UnknownKey)
    );
    assert_eq!(
        judged(&unknown.sign(&claims()), &set(&[&known, &unknown])),
        Ok(())
    );
}

#[test]
fn keys_for_other_things_are_left_out() {
    let key = SigningKey::new("k1");
    let mut encrypts = key.published();
    encrypts["use"] = json!("enc");
    let document = json!({"keys": [
        encrypts,
        {"kty": "oct", "k": "c2VjcmV0", "kid": "k1", "alg": "HS256"},
        {"kty": "unheard-of", "kid": "k1"},
        {"no": "key"},
        7,
    ]});
    let keys = KeySet::read(&document.to_string()).unwrap();
    assert!(keys.is_empty());
    assert!(KeySet::read(&"x".repeat(300_000)).is_err());
    assert!(KeySet::read("{}").is_err());
}

#[test]
fn a_token_ends_a_minute_after_its_time() {
    let key = SigningKey::new("k1");
    let audiences = audience();
    let expected = Expected {
        issuer: None,
        audiences: &audiences,
        client_id: None,
        nonce: None,
    };
    let claims = verify(&key.sign(&claims()), &set(&[&key]), &expected, NOW).unwrap();
    assert_eq!(ends_at(&claims), TimestampMs((NOW_S + 360) * 1_000));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn no_text_is_taken_for_a_token(text in "ey[A-Za-z0-9_.-]{0,200}") {
        let key = SigningKey::new("k1");
        assert!(judged(&text, &set(&[&key])).is_err());
    }

    #[test]
    fn a_changed_token_is_refused(at in 0_usize..400, with in "[A-Za-z0-9_-]") {
        let key = SigningKey::new("k1");
        let token = key.sign(&claims());
        let at = at % token.len();
        let mut changed = token.clone();
        changed.replace_range(at..=at, &with);
        // The last letter of a signature has bits that say nothing.
        if changed != token && at + 1 < token.len() {
            assert!(judged(&changed, &set(&[&key])).is_err());
        }
    }
}
