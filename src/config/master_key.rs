//! The administrator's key: where it comes from, and whether it can be guessed.

use domain::keys::Secret;

use super::environment::Environment;
use super::report::{Position, Report};

/// The administrator's key.
#[derive(Clone)]
pub struct MasterKey {
    /// The key itself.
    pub secret: Secret,
    /// Where it was found.
    pub origin: Position,
    /// Why it can be guessed, when it can: `it stands in a published example`.
    pub weakness: Option<&'static str>,
}

/// The variables that hold it, the preferred one first.
pub const VARIABLES: &[&str] = &["HEADGATE_MASTER_KEY", "LITELLM_MASTER_KEY"];

/// The least length of a key that is not weak.
const MIN_CHARACTERS: usize = 16;

/// Keys of tutorials, examples and images; those that are too short are weak without this list.
const PUBLISHED: &[&str] = &[
    "sk-1234567890abcdef",
    "sk-12345678901234567890",
    "sk-litellm-master-key",
    "sk-my-secret-master-key",
    "sk-your-master-key",
    "sk-your-master-key-here",
    "your-master-key-here",
    "sk-headgate-master-key",
    "sk-change-me-please",
    "sk-changeme-changeme",
    "sk-0123456789abcdef",
    "changeme-changeme",
    "sk-anything-you-like",
];

/// Why a key can be guessed; none when it cannot.
#[must_use]
pub fn weakness(key: &str) -> Option<&'static str> {
    if PUBLISHED.contains(&key.to_lowercase().as_str()) || key.starts_with("sk-1234") {
        return Some("it stands in published examples");
    }
    if key.chars().count() < MIN_CHARACTERS {
        return Some("it is shorter than 16 characters");
    }
    let mut characters: Vec<char> = key.chars().collect();
    characters.sort_unstable();
    characters.dedup();
    if characters.len() < 6 {
        return Some("it repeats a few characters");
    }
    None
}

/// Chooses the key: the environment's before the file's.
pub fn choose(
    in_file: Option<(String, Position)>,
    environment: &Environment,
    report: &mut Report,
) -> Option<MasterKey> {
    let in_environment = environment.first(VARIABLES).map(|(name, value)| {
        let origin = Position::elsewhere(&format!("environment variable {name}"));
        (value.to_owned(), origin)
    });
    if let (Some((first, origin)), Some((second, position))) = (&in_environment, &in_file)
        && first != second
    {
        let message = format!("the {origin} holds another master key; that one counts");
        report.warn_with("master-key", position, (message, "remove one of them"));
    }
    let (key, origin) = in_environment.or(in_file)?;
    if key.trim().is_empty() {
        report.warn(
            "master-key",
            &origin,
            "the master key is empty; it counts as none",
        );
        return None;
    }
    let weakness = weakness(&key);
    if let Some(reason) = weakness {
        report.warn_with(
            "weak-master-key",
            &origin,
            (
                format!("the master key can be guessed: {reason}; it is accepted on loopback only"),
                "make one with `openssl rand -hex 32`",
            ),
        );
    }
    Some(MasterKey {
        secret: Secret::new(key),
        origin,
        weakness,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tutorials_keys_are_weak_and_a_made_one_is_not() {
        for key in [
            "sk-1234",
            "sk-12345678901234",
            "short",
            "aaaaaaaaaaaaaaaaaaaa",
        ] {
            assert!(weakness(key).is_some(), "{key}");
        }
        assert_eq!(weakness("sk-hg-master-4242"), None);
        assert_eq!(weakness("7f1c0b0d9a3e4b55a1f2c3d4e5f60718"), None);
    }
}
