//! What a virtual key promises.

use std::collections::HashSet;

use proptest::prelude::*;

use super::*;

fn generated() -> String {
    PlainKey::generate().unwrap().expose().to_owned()
}

#[test]
fn keys_are_well_formed_and_never_made_twice() {
    let keys: HashSet<String> = (0..1_000).map(|_| generated()).collect();
    assert_eq!(keys.len(), 1_000);
    for key in keys {
        assert_eq!(key.len(), 44);
        assert!(key.starts_with("sk-hg-"));
        assert!(is_well_formed(&key));
        assert!(PlainKey::chosen(&key).is_ok());
    }
}

#[test]
fn every_character_of_base_62_is_drawn_about_equally_often() {
    let mut counts = std::collections::HashMap::new();
    for _ in 0..2_000 {
        for character in generated()[6..38].chars() {
            *counts.entry(character).or_insert(0_u32) += 1;
        }
    }
    assert_eq!(counts.len(), 62);
    // 64,000 draws: 1,032 each, standard deviation 32.
    assert!(counts.values().all(|count| (850..1_215).contains(count)));
}

#[test]
fn the_checksum_is_a_fixed_function_of_the_key() {
    let body = "sk-hg-0123456789ABCDEFGHIJKLMNOPQRSTUV";
    assert_eq!(checksum(body), "2NG9Ws");
    assert!(is_well_formed(&format!("{body}{}", checksum(body))));
}

#[test]
fn nothing_is_asked_of_keys_that_begin_otherwise() {
    for key in ["sk-1234", "", "sk-h", "anything at all", "sk-proj-abcdef"] {
        assert!(is_well_formed(key), "{key}");
    }
    for key in [
        "sk-hg-",
        "sk-hg-1234",
        "sk-hg-äöü",
        "sk-hg-0123456789ABCDEFGHIJKLMNOPQRSTÜ1234567",
    ] {
        assert!(!is_well_formed(key), "{key}");
    }
}

#[test]
fn a_chosen_key_that_could_not_work_is_refused_with_the_reason() {
    assert_eq!(
        PlainKey::chosen("pk-1234567890123456").err(),
        Some(NotAKey::Prefix)
    );
    assert_eq!(
        PlainKey::chosen("sk-123456789012").err(),
        Some(NotAKey::Length)
    );
    assert_eq!(
        PlainKey::chosen(&format!("sk-{}", "x".repeat(254))).err(),
        Some(NotAKey::Length)
    );
    assert_eq!(
        PlainKey::chosen("sk-1234567890 123456").err(),
        Some(NotAKey::Characters)
    );
    assert_eq!(
        PlainKey::chosen("sk-1234567890ü123456").err(),
        Some(NotAKey::Characters)
    );
    assert_eq!(
        PlainKey::chosen("sk-hg-1234567890123456").err(),
        Some(NotAKey::Checksum)
    );
    assert!(PlainKey::chosen("sk-1234567890123").is_ok());
    assert!(PlainKey::chosen(&format!("sk-{}", "x".repeat(253))).is_ok());
}

#[test]
fn the_hash_is_the_one_that_litellm_keeps() {
    // `sha256sum` of the seven bytes `sk-1234`, which is LiteLLM's `hash_token`.
    let stored = "88dc28d0f030c55ed4ab77ed8faf098196cb1c05df778539800c9f1243fe6b4b";
    assert_eq!(KeyHash::of("sk-1234").to_string(), stored);
    assert_eq!(KeyHash::from_hex(stored), Ok(KeyHash::of("sk-1234")));
    assert_eq!(KeyHash::from_hex(&stored[1..]), Err(NotAKeyHash));
}

#[test]
fn people_see_four_characters_of_a_key_and_none_of_a_short_text() {
    assert_eq!(last_four("sk-1234567890abcd"), "abcd");
    assert_eq!(last_four("sk-1234"), "");
    assert_eq!(key_name("sk-1234567890abcd"), "sk-...abcd");
    let key = PlainKey::generate().unwrap();
    assert!(key.expose().ends_with(&key.last_four()));
    assert_eq!(key.hash(), KeyHash::of(key.expose()));
}

proptest! {
    #[test]
    fn one_wrong_character_is_told_without_a_look_up(place in 6_usize..44, other in "[0-9A-Za-z]") {
        let key = generated();
        let mut mistyped = key.clone();
        mistyped.replace_range(place..=place, &other);
        prop_assert_eq!(is_well_formed(&mistyped), mistyped == key);
    }

    #[test]
    fn two_characters_that_change_places_are_told(place in 6_usize..43) {
        let key = generated();
        let mut bytes = key.clone().into_bytes();
        bytes.swap(place, place + 1);
        let mistyped = String::from_utf8(bytes).unwrap();
        prop_assert_eq!(is_well_formed(&mistyped), mistyped == key);
    }

    #[test]
    fn a_hash_goes_through_json_as_text(bytes in any::<[u8; 32]>()) {
        let hash = KeyHash(bytes);
        let json = serde_json::to_string(&hash).unwrap();
        prop_assert_eq!(json.len(), 66);
        prop_assert_eq!(serde_json::from_str::<KeyHash>(&json).unwrap(), hash);
    }

    #[test]
    fn no_text_makes_the_check_fail(text in "\\PC{0,60}") {
        let ours = format!("sk-hg-{text}");
        prop_assert!(!is_well_formed(&ours) || text.len() == 38);
        prop_assert!(PlainKey::chosen(&text).is_err() || text.starts_with("sk-"));
    }
}
