//! Ids that callers choose: kept beside ours, and never mistaken for one of ours.

use domain::ids::DEFAULT_ORGANIZATION;

use crate::error::ActionError;

const LONGEST_CHARACTERS: usize = 255;

/// How many characters follow the prefix of an id of ours.
const SORTABLE_CHARACTERS: usize = 26;

/// Takes an id that a caller chose. Things are found by either id, so one in the form of ours, or
/// `default`, could stand before another tenant's thing.
///
/// # Errors
/// [`ActionError::Invalid`], which names the member.
pub fn chosen(field: &'static str, id: String) -> Result<String, ActionError> {
    let length = id.chars().count();
    if !(1..=LONGEST_CHARACTERS).contains(&length) || id.chars().any(char::is_control) {
        return Err(ActionError::invalid(
            field,
            format!(
                "`{field}` has to be 1 to {LONGEST_CHARACTERS} characters, without control characters."
            ),
        ));
    }
    if id == DEFAULT_ORGANIZATION || is_like_ours(&id) {
        return Err(ActionError::invalid(
            field,
            format!("`{field}` is in the form of an id that the gateway makes. Choose another."),
        ));
    }
    Ok(id)
}

/// Letters, an underscore, and 26 characters of Crockford's base 32.
fn is_like_ours(id: &str) -> bool {
    id.split_once('_').is_some_and(|(prefix, rest)| {
        prefix.bytes().all(|letter| letter.is_ascii_lowercase())
            && rest.len() == SORTABLE_CHARACTERS
            && rest
                .bytes()
                .all(|one| one.is_ascii_lowercase() || one.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use domain::ids::{OrganizationId, TeamId, UserId};

    use super::*;

    #[test]
    fn an_id_in_the_form_of_ours_is_refused() {
        for ours in [
            TeamId::generate().to_string(),
            UserId::generate().to_string(),
            OrganizationId::generate().to_string(),
            "default".to_owned(),
            String::new(),
            "a\nb".to_owned(),
            "x".repeat(256),
        ] {
            assert!(chosen("team_id", ours.clone()).is_err(), "{ours}");
        }
    }

    #[test]
    fn ids_that_people_choose_are_taken() {
        for theirs in [
            "team_alpha",
            "42",
            "anna@example.com",
            "e9d45c7c-b20b-4ff8-ae76-3f479a7b1d7d",
        ] {
            assert_eq!(chosen("team_id", theirs.to_owned()).unwrap(), theirs);
        }
    }
}
