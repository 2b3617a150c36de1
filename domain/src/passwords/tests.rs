//! What a password promises.

use proptest::prelude::*;

use super::*;

fn secret(text: &str) -> Secret {
    Secret::new(text)
}

#[test]
fn the_right_password_fits_and_no_other() {
    let hash = hash_password(&secret("four words in a row")).unwrap();
    assert!(hash.as_str().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    assert!(verify_password(&secret("four words in a row"), &hash));
    for other in ["", "four words in a roW", "four words in a row "] {
        assert!(!verify_password(&secret(other), &hash), "{other}");
    }
    assert!(!verify_nobody(&secret("four words in a row")));
    assert!(!hash.is_outdated());
    assert_eq!(format!("{hash:?}"), "PasswordHash(…)");
}

#[test]
fn two_people_with_one_password_have_two_hashes() {
    let password = secret("four words in a row");
    assert!(hash_password(&password).unwrap() != hash_password(&password).unwrap());
}

/// Made with argon2-cffi: `PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1)`.
const FROM_ELSEWHERE: &str = "$argon2id$v=19$m=8192,t=1,p=1$3llLJ6fRijvfdtwOjkoXjg$qBbS8xmBvNwSvj6StkfiOvfVUiEammdykRZujYYfajs";

#[test]
fn a_hash_of_other_costs_fits_and_is_known_as_outdated() {
    let hash = PasswordHash::new(FROM_ELSEWHERE);
    assert!(verify_password(&secret("four words in a row"), &hash));
    assert!(!verify_password(&secret("four words in a rov"), &hash));
    assert!(hash.is_outdated());
}

#[test]
fn a_stored_text_that_is_no_hash_fits_nothing_and_one_that_is_too_dear_is_not_tried() {
    let dear = FROM_ELSEWHERE.replace("m=8192", "m=4194304");
    for text in [
        "",
        "four words in a row",
        "$argon2id$",
        "$2b$12$abc",
        dear.as_str(),
    ] {
        let hash = PasswordHash::new(text);
        assert!(
            !verify_password(&secret("four words in a row"), &hash),
            "{text}"
        );
        assert!(hash.is_outdated());
    }
    let long = secret(&"x".repeat(1_025));
    assert_eq!(hash_password(&long), Err(CannotHash::NoHash));
    assert!(!verify_password(&long, &PasswordHash::new(FROM_ELSEWHERE)));
}

#[test]
fn a_password_is_long_and_not_among_the_first_that_are_tried() {
    let refused = |text: &str| check_password(&secret(text)).err();
    assert_eq!(refused("elevenchars"), Some(PasswordRefused::TooShort));
    assert_eq!(refused(&"ä1".repeat(129)), Some(PasswordRefused::TooLong));
    for text in [
        "password1234",
        "PassWord1234",
        "Administrator!1",
        "correcthorsebatterystaple",
    ] {
        assert_eq!(refused(text), Some(PasswordRefused::Published), "{text}");
    }
    for text in [
        "aaaaaaaaaaaa",
        "xyzxyzxyzxyzx",
        "12345678901234",
        "zyxwvutsrqponm",
        "🦀🦀🦀🦀🦀🦀🦀🦀🦀🦀🦀🦀",
    ] {
        assert_eq!(refused(text), Some(PasswordRefused::Pattern), "{text}");
    }
    for text in [
        "four words in a row",
        "ünïcödé-würds",
        "qjx7-hwp2-mzt9",
        "tr0ub4dor&3-and-more",
    ] {
        assert_eq!(refused(text), None, "{text}");
    }
}

#[test]
fn the_published_list_has_only_what_the_length_would_let_in() {
    let list: Vec<&str> = include_str!("published.txt").lines().collect();
    assert!(list.len() >= 300);
    for text in &list {
        assert!(text.len() >= 12 && text.to_lowercase() == **text, "{text}");
        assert!(check_password(&secret(text)).is_err());
    }
}

#[test]
fn an_account_that_does_not_exist_takes_about_as_long_as_one_that_does() {
    let password = secret("four words in a row");
    let hash = hash_password(&password).unwrap();
    // The quickest of five, so that a busy machine does not matter.
    let quickest = |work: &dyn Fn() -> bool| {
        let once = |_| {
            let start = std::time::Instant::now();
            std::hint::black_box(work());
            start.elapsed()
        };
        (0..5).map(once).min().unwrap()
    };
    let known = quickest(&|| verify_password(&password, &hash));
    let unknown = quickest(&|| verify_nobody(&password));
    let foreign = quickest(&|| verify_password(&password, &PasswordHash::new("$scrypt$x")));
    for other in [unknown, foreign] {
        assert!(
            other * 3 > known && known * 3 > other,
            "{other:?} and {known:?}"
        );
    }
}

proptest! {
    #[test]
    fn any_text_is_taken_or_refused(text in "\\PC{0,300}") {
        let length = text.chars().count();
        if check_password(&Secret::new(text)).is_ok() {
            prop_assert!((12..=256).contains(&length));
        }
    }
}
