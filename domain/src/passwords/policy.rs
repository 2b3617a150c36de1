//! Which passwords are taken.

use std::collections::HashSet;
use std::sync::LazyLock;

use thiserror::Error;

use crate::keys::Secret;

/// NIST SP 800-63B asks for 8; people of a gateway that holds money get 12.
const SHORTEST: usize = 12;
const LONGEST: usize = 256;

/// Some hundred of the most published passwords of 12 characters and more, in lower case. It is no
/// list of all that ever leaked: length is what protects, this only stops the first guesses.
static PUBLISHED: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| include_str!("published.txt").lines().collect());

/// Why a password is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PasswordRefused {
    /// It can be tried through.
    #[error(
        "a password has {SHORTEST} characters or more; a few words in a row are easy to keep in mind"
    )]
    TooShort,
    /// Nobody types that.
    #[error("a password has {LONGEST} characters at most")]
    TooLong,
    /// It is among the first that are tried.
    #[error(
        "this password is known from leaks and is among the first that are tried; choose another"
    )]
    Published,
    /// It is short and long at once.
    #[error("this password only repeats a few characters or counts on; choose another")]
    Pattern,
}

/// Whether a new password is good enough: 12 to 256 characters of any kind, not among the most
/// published, not one pattern over and over.
///
/// # Errors
/// With the reason, to be shown to whoever chose it.
pub fn check_password(password: &Secret) -> Result<(), PasswordRefused> {
    let text = password.expose();
    match text.chars().count() {
        0..SHORTEST => return Err(PasswordRefused::TooShort),
        SHORTEST..=LONGEST => {}
        _ => return Err(PasswordRefused::TooLong),
    }
    let small = text.to_lowercase();
    // `administrator!1` is `administrator`.
    let bare = small.trim_end_matches(|character: char| !character.is_alphabetic());
    if PUBLISHED.contains(small.as_str()) || PUBLISHED.contains(bare) {
        return Err(PasswordRefused::Published);
    }
    let characters: Vec<char> = small.chars().collect();
    if repeats(&characters) || counts_on(&characters) {
        return Err(PasswordRefused::Pattern);
    }
    Ok(())
}

/// `aaaaaaaaaaaa`, `abcabcabcabc`: up to four characters over and over.
fn repeats(characters: &[char]) -> bool {
    (1..=4).any(|period| {
        let shifted = characters.iter().skip(period);
        characters
            .iter()
            .zip(shifted)
            .all(|(one, other)| one == other)
    })
}

/// `123456789012`, `mlkjihgfedcba`: each character is the next or the one before.
fn counts_on(characters: &[char]) -> bool {
    let step = |one: char, other: char| match (one, other) {
        ('9', '0') => 1,
        ('0', '9') => -1,
        _ => i64::from(u32::from(other)) - i64::from(u32::from(one)),
    };
    let mut steps = characters
        .iter()
        .zip(characters.iter().skip(1))
        .map(|(one, other)| step(*one, *other));
    let first = steps.next().unwrap_or(0);
    first.abs() == 1 && steps.all(|step| step == first)
}
