//! What a form sends, read member by member.

use actix_web::web::Query;
use web_ui::language::Language;

use crate::error::ActionError;

/// The members of a form, in order; a name may come several times.
#[derive(Clone, Debug, Default)]
pub struct Form {
    members: Vec<(String, String)>,
}

impl Form {
    /// Reads `application/x-www-form-urlencoded`.
    ///
    /// # Errors
    /// [`ActionError::Invalid`] for other bytes, and for the character NUL, which no store keeps.
    pub fn read(body: &[u8]) -> Result<Self, ActionError> {
        let wrong =
            || ActionError::invalid("body", "The form cannot be read. Load the page again.");
        let text = std::str::from_utf8(body).map_err(|_no_text| wrong())?;
        let members =
            Query::<Vec<(String, String)>>::from_query(text).map_err(|_malformed| wrong())?;
        let members = members.into_inner();
        if members.iter().any(|(_name, value)| value.contains('\0')) {
            return Err(wrong());
        }
        Ok(Self { members })
    }

    /// A form that says these members.
    #[must_use]
    pub const fn of(members: Vec<(String, String)>) -> Self {
        Self { members }
    }

    /// A member's text, without the blanks around it; empty where it is missing.
    #[must_use]
    pub fn text(&self, name: &str) -> &str {
        self.raw(name).trim()
    }

    /// A member's text as it is: passwords may begin with a blank.
    #[must_use]
    pub fn raw(&self, name: &str) -> &str {
        let found = self.members.iter().find(|(one, _value)| one == name);
        found.map_or("", |(_name, value)| value)
    }

    /// A member's text, where there is one.
    #[must_use]
    pub fn given(&self, name: &str) -> Option<String> {
        Some(self.text(name))
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
    }

    /// Whether the form has a member at all: what it does not say stays as it is.
    #[must_use]
    pub fn says(&self, name: &str) -> bool {
        self.members.iter().any(|(one, _value)| one == name)
    }

    /// The language of the page into which it was typed; every form carries it beside its token.
    #[must_use]
    pub fn language(&self) -> Language {
        Language::of(self.text("lang")).unwrap_or_default()
    }

    /// All values of a member that are not empty.
    #[must_use]
    pub fn all(&self, name: &str) -> Vec<String> {
        let of = self
            .members
            .iter()
            .filter(|(one, value)| one == name && !value.is_empty());
        of.map(|(_name, value)| value.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_read_as_browsers_write_them() {
        let form = Form::read(b"name=a+b%26c&models=x&models=y&empty=").unwrap();
        assert_eq!(form.text("name"), "a b&c");
        assert_eq!(form.all("models"), ["x", "y"]);
        assert_eq!(form.given("empty"), None);
        assert!(Form::read(b"name=%00").is_err());
        assert!(Form::read(b"\xff").is_err());
    }
}
