//! What a verified token says of somebody: members of an object, found by a path.

use serde_json::{Map, Value};

/// The claims of a token whose signature and terms hold, or of the provider's user-info endpoint.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Claims(pub(super) Map<String, Value>);

impl Claims {
    /// What a provider says where no signature is needed: it was asked itself, over TLS.
    #[must_use]
    pub const fn told(members: Map<String, Value>) -> Self {
        Self(members)
    }

    /// What is at a path: the member of that very name, else the way through its dots
    /// (`realm_access.roles`). Names with dots or slashes in them, as Auth0's are, are so found too.
    #[must_use]
    pub fn at(&self, path: &str) -> Option<&Value> {
        if let Some(found) = self.0.get(path) {
            return Some(found);
        }
        let mut parts = path.split('.');
        let first = self.0.get(parts.next()?)?;
        parts.try_fold(first, |value, part| value.get(part))
    }

    /// The text at a path; a number as text. None for an empty one.
    #[must_use]
    pub fn text(&self, path: &str) -> Option<String> {
        text_of(self.at(path)?)
    }

    /// The texts at a path: of a list, or of one text.
    #[must_use]
    pub fn texts(&self, path: &str) -> Vec<String> {
        match self.at(path) {
            Some(Value::Array(items)) => items.iter().filter_map(text_of).collect(),
            Some(one) => text_of(one).into_iter().collect(),
            None => Vec::new(),
        }
    }

    /// The scopes: a text with spaces (RFC 8693, 4.2), or a list; `scp` is Entra's and Okta's word.
    #[must_use]
    pub fn scopes(&self) -> Vec<String> {
        let all = self.texts("scope").into_iter().chain(self.texts("scp"));
        all.flat_map(|text| {
            text.split_ascii_whitespace()
                .map(str::to_owned)
                .collect::<Vec<_>>()
        })
        .collect()
    }

    /// The e-mail address, and whether the provider says that it is the person's. Some providers
    /// write the truth as a text.
    #[must_use]
    pub fn email(&self) -> Option<(String, bool)> {
        let email = self.text("email")?;
        let verified = match self.at("email_verified") {
            Some(Value::Bool(verified)) => *verified,
            Some(Value::String(text)) => text == "true",
            _ => false,
        };
        Some((email, verified))
    }

    /// Adds what is not said yet.
    pub fn add(&mut self, more: Self) {
        for (name, value) in more.0 {
            self.0.entry(name).or_insert(value);
        }
    }
}

fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn claims(value: Value) -> Claims {
        match value {
            Value::Object(members) => Claims(members),
            _ => Claims::default(),
        }
    }

    #[test]
    fn a_claim_is_found_by_its_name_or_by_the_way_to_it() {
        let claims = claims(json!({
            "https://acme.example/groups": ["a", "b"],
            "realm_access": {"roles": ["admin", 7, null, ""]},
            "a.b": "whole",
            "a": {"b": "inner"},
        }));
        assert_eq!(claims.texts("https://acme.example/groups"), ["a", "b"]);
        assert_eq!(claims.texts("realm_access.roles"), ["admin", "7"]);
        assert_eq!(claims.text("a.b").as_deref(), Some("whole"));
        assert_eq!(claims.text("a.c"), None);
        assert_eq!(claims.texts(""), Vec::<String>::new());
    }

    #[test]
    fn an_address_is_verified_only_when_the_provider_says_so() {
        let of = |value| claims(value).email().map(|(_address, verified)| verified);
        assert_eq!(of(json!({"email": "a@b.c"})), Some(false));
        assert_eq!(
            of(json!({"email": "a@b.c", "email_verified": 1})),
            Some(false)
        );
        assert_eq!(
            of(json!({"email": "a@b.c", "email_verified": "true"})),
            Some(true)
        );
        assert_eq!(
            of(json!({"email": "a@b.c", "email_verified": true})),
            Some(true)
        );
        assert_eq!(of(json!({"email_verified": true})), None);
    }

    #[test]
    fn scopes_are_words_or_a_list() {
        let scopes = claims(json!({"scope": "openid admin", "scp": ["read"]})).scopes();
        assert_eq!(scopes, ["openid", "admin", "read"]);
    }
}
