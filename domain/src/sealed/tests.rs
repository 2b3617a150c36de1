//! What a sealed credential promises.

use proptest::prelude::*;

use super::*;

const PLACE: Place<'static> = Place {
    table: "credentials",
    row: "cred_1",
    column: "values",
};

fn key(text: &str) -> EncryptionKey {
    EncryptionKey::parse(&Secret::new(text)).unwrap_or_else(|refused| panic!("{text}: {refused}"))
}

fn ring() -> KeyRing {
    KeyRing::new(key(&"a1".repeat(32)), Vec::new())
}

fn opened(result: Result<Secret, CannotOpen>) -> Result<String, CannotOpen> {
    result.map(|secret| secret.expose().to_owned())
}

#[test]
fn one_key_may_be_written_in_hexadecimal_and_in_base64() {
    let bytes: Vec<u8> = (0..32).map(|n| n * 7 + 3).collect();
    let hex = crate::hex::encode(&bytes);
    let standard = base64::engine::general_purpose::STANDARD.encode(&bytes);
    let url_safe = URL_SAFE_NO_PAD.encode(&bytes);
    assert_ne!(standard, url_safe);
    for text in [standard, url_safe, hex.to_uppercase(), format!(" {hex}\n")] {
        assert!(key(&text) == key(&hex), "{text}");
    }
    assert_eq!(key(&hex).to_hex().expose(), hex);
}

#[test]
fn a_passphrase_must_be_long_enough() {
    let phrase = "four words and a few more of them";
    assert!(key(phrase) == key(phrase));
    assert!(key(phrase) != key("four words and a few more of then"));
    for text in ["", "short", "31 characters are not yet enough"] {
        let text = text.get(..31).unwrap_or(text);
        let refused = EncryptionKey::parse(&Secret::new(text)).err();
        assert_eq!(refused, Some(NotAnEncryptionKey), "{text}");
    }
}

#[test]
fn a_derived_key_is_for_one_use_only() {
    let key = key(&"a1".repeat(32));
    assert_eq!(key.derive("audit"), key.derive("audit"));
    assert_ne!(key.derive("audit"), key.derive("seal"));
    assert_ne!(
        crate::hex::encode(&key.derive("audit")),
        key.to_hex().expose()
    );
    assert_eq!(key.id().len(), 16);
}

#[test]
fn a_ciphertext_does_not_open_in_another_place() {
    let ring = ring();
    let sealed = ring.seal(&Secret::new("sk-canary"), PLACE).unwrap();
    assert_eq!(
        opened(ring.open(&sealed, PLACE)),
        Ok("sk-canary".to_owned())
    );
    let elsewhere = [
        Place {
            table: "deployments",
            ..PLACE
        },
        Place {
            row: "cred_2",
            ..PLACE
        },
        Place {
            column: "info",
            ..PLACE
        },
        // The same letters, cut otherwise.
        Place {
            table: "credentialsc",
            row: "red_1",
            ..PLACE
        },
    ];
    for place in elsewhere {
        assert_eq!(opened(ring.open(&sealed, place)), Err(CannotOpen::Refused));
    }
}

#[test]
fn what_an_older_key_sealed_opens_and_is_known_as_old() {
    let old = ring();
    let sealed = old.seal(&Secret::new("sk-canary"), PLACE).unwrap();
    let new = KeyRing::new(
        EncryptionKey::generate().unwrap(),
        vec![old.current().clone()],
    );
    assert_eq!(opened(new.open(&sealed, PLACE)), Ok("sk-canary".to_owned()));
    assert!(old.is_current(&sealed) && !new.is_current(&sealed));
    let anew = new.seal(&Secret::new("sk-canary"), PLACE).unwrap();
    assert!(new.is_current(&anew));
    let unknown = CannotOpen::UnknownKey {
        id: new.current().id(),
    };
    assert_eq!(opened(old.open(&anew, PLACE)), Err(unknown));
}

#[test]
fn the_kept_text_names_the_key_and_shows_nothing_of_the_secret() {
    let ring = ring();
    let sealed = ring.seal(&Secret::new("sk-canary-canary"), PLACE).unwrap();
    assert!(
        sealed
            .as_str()
            .starts_with(&format!("v1:{}:", ring.current().id()))
    );
    assert!(!sealed.as_str().contains("canary"));
    assert_eq!(format!("{sealed:?}"), "Sealed(…)");
    let again = ring.seal(&Secret::new("sk-canary-canary"), PLACE).unwrap();
    assert_ne!(sealed, again);
}

#[test]
fn other_texts_are_not_taken_for_sealed_ones() {
    for text in [
        "",
        "sk-1234",
        "v1:",
        "v1:xyz:AAAA",
        "v2:0123456789abcdef:AAAA",
        "v1:é:é",
    ] {
        let opened = opened(ring().open(&Sealed::new(text), PLACE));
        assert_eq!(opened, Err(CannotOpen::NotSealed), "{text}");
    }
    let short = Sealed::new(format!("v1:{}:AAAA", ring().current().id()));
    assert_eq!(
        opened(ring().open(&short, PLACE)),
        Err(CannotOpen::NotSealed)
    );
}

/// Made with PyNaCl's `SecretBox` and `cryptography`'s `AESGCM` and `HKDF` from the salt key
/// `sk-salt-of-an-old-proxy`, with the nonces 00 01 02 ….
const FROM_LITELLM: [&str; 4] = [
    "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXzVk2CLAow6f_H5FiJgBu6celL0DFuouHq4LnpBezRQLPUl6FhoR-5lxGz3yN_BQ=",
    "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXzVk2CLAow6f/H5FiJgBu6celL0DFuouHq4LnpBezRQLPUl6FhoR+5lxGz3yN/BQ=",
    "v2:gcm:AAECAwQFBgcICQoLhUxiwi5i-_rWIKU2oVHIm2JA8iHs56i-q1-hmr5E4_Ehh1MU26DsMIgtZh-iNMk=",
    "v3:gcm:AAECAwQFBgcICQoLXVPh7uZLlk3nSSNq8hRAptdvfved10txulb11GpNqRbWOHZPHnXpZ5UpL56Inbs=",
];

#[test]
fn every_form_that_litellm_wrote_opens_with_its_salt_key_only() {
    let salt = Secret::new("sk-salt-of-an-old-proxy");
    for text in FROM_LITELLM {
        let expected = "sk-ant-imported-credential-ÄÖ".to_owned();
        assert_eq!(opened(litellm_open(text, &salt)), Ok(expected), "{text}");
        let other = litellm_open(text, &Secret::new("sk-another"));
        assert_eq!(opened(other), Err(CannotOpen::Refused), "{text}");
    }
}

#[test]
fn what_litellm_did_not_encrypt_is_told_apart() {
    let salt = Secret::new("sk-salt-of-an-old-proxy");
    for text in [
        "",
        "gpt-4o",
        "v3:gcm:",
        "v2:gcm:AAAA",
        "os.environ/OPENAI_API_KEY",
        "*",
    ] {
        assert_eq!(
            opened(litellm_open(text, &salt)),
            Err(CannotOpen::NotSealed),
            "{text}"
        );
    }
}

proptest! {
    #[test]
    fn every_secret_comes_back_as_it_was(secret in "\\PC{0,200}", row in "\\PC{0,20}") {
        let place = Place { row: &row, ..PLACE };
        let sealed = ring().seal(&Secret::new(secret.as_str()), place).unwrap();
        prop_assert_eq!(opened(ring().open(&sealed, place)), Ok(secret));
    }

    #[test]
    fn a_changed_ciphertext_never_opens(place in 20_usize..90, other in "[A-Za-z0-9_-]") {
        let sealed = ring().seal(&Secret::new("sk-a-canary-of-some-length"), PLACE).unwrap();
        let mut text = sealed.as_str().to_owned();
        let place = place.min(text.len() - 1);
        text.replace_range(place..=place, &other);
        let changed = Sealed::new(text);
        prop_assert_eq!(ring().open(&changed, PLACE).is_ok(), changed == sealed);
    }

    #[test]
    fn any_text_is_opened_or_refused(text in "\\PC{0,80}") {
        prop_assert!(ring().open(&Sealed::new(text.as_str()), PLACE).is_err());
        prop_assert!(litellm_open(&text, &Secret::new("salt")).is_err());
    }
}
