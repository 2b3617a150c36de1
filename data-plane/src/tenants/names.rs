//! Levels by the names that others have for them: ids that their makers chose, what identity providers
//! call people, e-mail addresses. Made when a signed token is met for the first time.

use std::collections::HashMap;
use std::sync::Arc;

use domain::directory::Levels;
use domain::ids::{OrganizationId, TeamId, UserId};

/// The names of one tree.
#[derive(Default)]
pub struct Names {
    organizations: HashMap<Arc<str>, OrganizationId>,
    teams: HashMap<Arc<str>, Vec<TeamId>>,
    users: HashMap<Arc<str>, UserId>,
    emails: HashMap<Arc<str>, UserId>,
    identities: HashMap<(Arc<str>, Arc<str>), UserId>,
}

impl Names {
    /// Those of these levels.
    #[must_use]
    pub fn of(levels: &Levels) -> Self {
        let mut names = Self::default();
        for one in &levels.organizations {
            let known = both(one.id.as_str(), one.external_id.as_deref());
            names
                .organizations
                .extend(known.map(|name| (name, one.id.clone())));
        }
        for one in &levels.teams {
            let known = both(one.id.as_str(), one.external_id.as_deref());
            for name in known {
                names.teams.entry(name).or_default().push(one.id.clone());
            }
        }
        for one in &levels.users {
            let known = both(one.id.as_str(), one.external_id.as_deref());
            names.users.extend(known.map(|name| (name, one.id.clone())));
            let email = one.email.as_deref().map(Arc::from);
            names
                .emails
                .extend(email.map(|email| (email, one.id.clone())));
        }
        for one in &levels.identities {
            let name = (one.issuer.as_str().into(), one.subject.as_str().into());
            names.identities.insert(name, one.user_id.clone());
        }
        names
    }

    /// The organization that is called so.
    #[must_use]
    pub fn organization(&self, name: &str) -> Option<&OrganizationId> {
        self.organizations.get(name)
    }

    /// The teams that are called so: organizations choose names for their own without a look at others.
    pub fn teams(&self, name: &str) -> impl Iterator<Item = &TeamId> {
        self.teams.get(name).into_iter().flatten()
    }

    /// The person that is called so.
    #[must_use]
    pub fn user(&self, name: &str) -> Option<&UserId> {
        self.users.get(name)
    }

    /// The person of this address, in any case.
    #[must_use]
    pub fn email(&self, email: &str) -> Option<&UserId> {
        self.emails.get(email.to_lowercase().as_str())
    }

    /// The person whom a provider knows so.
    #[must_use]
    pub fn identity(&self, issuer: &str, subject: &str) -> Option<&UserId> {
        self.identities.get(&(issuer.into(), subject.into()))
    }
}

fn both(id: &str, external_id: Option<&str>) -> impl Iterator<Item = Arc<str>> + use<> {
    let external_id = external_id.map(Arc::from);
    std::iter::once(Arc::from(id)).chain(external_id)
}
