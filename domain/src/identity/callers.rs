//! How a token of a caller of models is read: whose tokens are taken, and which claims name the team,
//! the person and the organization. The names are those of LiteLLM's `litellm_jwtauth`.

use super::claims::Claims;

/// Whose tokens callers may bring, and how they are read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallerRules {
    /// Whose tokens are taken.
    pub issuers: Vec<TrustedIssuer>,
    /// Where a token says what.
    pub fields: CallerFields,
    /// The team of callers whose token names none.
    pub default_team: Option<String>,
    /// Whether a caller whose person is not known here is let in on the account of the team or the
    /// organization.
    pub unknown_people_pass: bool,
    /// The domain that the e-mail address has to be of.
    pub email_domain: Option<String>,
    /// Roles of which the token has to name one; empty for none.
    pub allowed_roles: Vec<String>,
    /// What callers may call: paths, or LiteLLM's words for groups of them. Empty for everything.
    pub allowed_routes: Vec<String>,
}

/// Whose tokens are taken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedIssuer {
    /// As the token names it; none takes every token that these keys signed.
    pub issuer: Option<String>,
    /// The audiences of which the token has to name one; empty takes every one.
    pub audiences: Vec<String>,
    /// From where the keys come: a key set, or the issuer's discovery document.
    pub keys_url: String,
}

/// Where a token says what: paths of claims.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallerFields {
    /// The team.
    pub team: Option<String>,
    /// Several teams, of which the first that is known and not blocked counts.
    pub teams: Option<String>,
    /// The person.
    pub user: Option<String>,
    /// The person's e-mail address.
    pub email: Option<String>,
    /// The organization.
    pub organization: Option<String>,
    /// Roles.
    pub roles: Option<String>,
}

/// What a token names, in the provider's words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Named {
    /// Who made the token; may be empty where no issuer is asked for.
    pub issuer: String,
    /// Whom it is about.
    pub subject: String,
    /// Teams, the first first.
    pub teams: Vec<String>,
    /// The person.
    pub user: Option<String>,
    /// The person's address, when it is the provider's word that it is theirs.
    pub email: Option<String>,
    /// The organization.
    pub organization: Option<String>,
}

/// A token that is right, of somebody who may not call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallerFault {
    /// The address is of another domain, or there is none.
    #[error("its e-mail address is not of the domain that may call")]
    EmailDomain,
    /// It has none of the roles.
    #[error("it has none of the roles that may call")]
    Role,
}

impl CallerRules {
    /// Whose token it may be that names this issuer.
    pub fn issuers_of(&self, claimed: Option<&str>) -> impl Iterator<Item = &TrustedIssuer> {
        self.issuers
            .iter()
            .filter(move |one| one.issuer.is_none() || one.issuer.as_deref() == claimed)
    }

    /// What a verified token names.
    ///
    /// # Errors
    /// When whom it names may not call.
    pub fn read(&self, claims: &Claims) -> Result<Named, CallerFault> {
        let fields = &self.fields;
        let text = |path: &Option<String>| path.as_ref().and_then(|path| claims.text(path));
        let email = match &fields.email {
            Some(path) => claims.text(path),
            // What nobody asked for counts only where the provider says that it is theirs.
            None => claims
                .email()
                .filter(|(_address, verified)| *verified)
                .map(|(address, _verified)| address),
        };
        if let Some(domain) = &self.email_domain
            && !email.as_ref().is_some_and(|email| is_of(email, domain))
        {
            return Err(CallerFault::EmailDomain);
        }
        let roles = fields.roles.as_ref().map(|path| claims.texts(path));
        let has_one =
            |roles: &Vec<String>| roles.iter().any(|one| self.allowed_roles.contains(one));
        if !self.allowed_roles.is_empty() && !roles.as_ref().is_some_and(has_one) {
            return Err(CallerFault::Role);
        }
        let mut teams: Vec<String> = text(&fields.team).into_iter().collect();
        teams.extend(fields.teams.iter().flat_map(|path| claims.texts(path)));
        if teams.is_empty() {
            teams.extend(self.default_team.clone());
        }
        Ok(Named {
            issuer: claims.text("iss").unwrap_or_default(),
            subject: claims.text("sub").unwrap_or_default(),
            teams,
            user: text(&fields.user),
            email,
            organization: text(&fields.organization),
        })
    }
}

/// Whether an address is of a domain.
#[must_use]
pub fn is_of(email: &str, domain: &str) -> bool {
    let domain = domain.trim_start_matches('@');
    let found = email.rsplit_once('@');
    found.is_some_and(|(name, host)| !name.is_empty() && host.eq_ignore_ascii_case(domain))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn claims(value: serde_json::Value) -> Claims {
        match value {
            serde_json::Value::Object(members) => Claims::told(members),
            _ => Claims::default(),
        }
    }

    #[test]
    fn the_first_team_is_the_single_one_and_the_default_is_the_last() {
        let rules = CallerRules {
            fields: CallerFields {
                team: Some("team".to_owned()),
                teams: Some("teams".to_owned()),
                ..CallerFields::default()
            },
            default_team: Some("all".to_owned()),
            ..CallerRules::default()
        };
        let teams = |value| rules.read(&claims(value)).unwrap().teams;
        assert_eq!(
            teams(json!({"team": "a", "teams": ["b", "c"]})),
            ["a", "b", "c"]
        );
        assert_eq!(teams(json!({})), ["all"]);
    }

    #[test]
    fn who_is_of_another_domain_or_without_the_role_may_not_call() {
        let rules = CallerRules {
            email_domain: Some("example.com".to_owned()),
            allowed_roles: vec!["llm".to_owned()],
            fields: CallerFields {
                roles: Some("roles".to_owned()),
                ..CallerFields::default()
            },
            ..CallerRules::default()
        };
        let of = |email: &str, verified: bool, roles: &[&str]| {
            let said = json!({"email": email, "email_verified": verified, "roles": roles});
            rules.read(&claims(said)).err()
        };
        assert_eq!(of("a@example.com", true, &["x", "llm"]), None);
        assert_eq!(of("a@example.com", true, &["x"]), Some(CallerFault::Role));
        for (email, verified) in [
            ("a@example.com", false),
            ("a@evil-example.com", true),
            ("a@example.com.evil", true),
            ("@example.com", true),
        ] {
            let refused = of(email, verified, &["llm"]);
            assert_eq!(refused, Some(CallerFault::EmailDomain), "{email}");
        }
    }
}
