//! Roles as pages show them, and as forms say them.

use domain::permissions::{PlatformRole, Role};
use web_ui::pages::parts::Choice;
use web_ui::words::Words;

use crate::error::ActionError;
use crate::pages::form::Form;

/// The roles that a team has.
pub const OF_TEAMS: [Role; 3] = [Role::Member, Role::TeamAdmin, Role::Viewer];

/// The id of the word for a role.
pub const fn word(role: Role) -> &'static str {
    match role {
        Role::OrganizationAdmin => "role-organization-admin",
        Role::TeamAdmin => "role-team-admin",
        Role::Member => "role-member",
        Role::Viewer => "role-viewer",
    }
}

/// The id of the word for a role over the platform.
pub const fn platform_word(role: PlatformRole) -> &'static str {
    match role {
        PlatformRole::PlatformAdmin => "role-platform-admin",
        PlatformRole::PlatformAuditor => "role-platform-auditor",
    }
}

/// Roles to choose from.
pub fn choices(words: Words, roles: [Role; 3], chosen: &str) -> Vec<Choice> {
    let each = roles.into_iter().map(|role| {
        let value = role.as_str();
        Choice::of(value, words.t(word(role)), value == chosen)
    });
    each.collect()
}

/// Roles over the platform to choose from, and none.
pub fn platform_choices(words: Words, chosen: &str) -> Vec<Choice> {
    let none = Choice::of("", words.t("role-platform-none"), chosen.is_empty());
    let each = PlatformRole::ALL.iter().map(|role| {
        let value = role.as_str();
        Choice::of(value, words.t(platform_word(*role)), value == chosen)
    });
    std::iter::once(none).chain(each).collect()
}

/// As what, by a form; none where it does not say.
///
/// # Errors
/// [`ActionError::Invalid`] for another word.
pub fn of_form(typed: &Form) -> Result<Option<Role>, ActionError> {
    let Some(said) = typed.given("role") else {
        return Ok(None);
    };
    let role = Role::from_word(&said);
    role.map(Some).ok_or_else(|| unknown("role", &said))
}

/// Which role over the platform, by a form; an empty word is none.
///
/// # Errors
/// [`ActionError::Invalid`] for another word.
pub fn platform_of_form(typed: &Form) -> Result<Option<PlatformRole>, ActionError> {
    let Some(said) = typed.given("platform_role") else {
        return Ok(None);
    };
    let role = PlatformRole::from_word(&said);
    role.map(Some)
        .ok_or_else(|| unknown("platform_role", &said))
}

fn unknown(field: &str, said: &str) -> ActionError {
    ActionError::invalid(
        field,
        format!("`{said}` is no role. Choose one of the list."),
    )
}
