//! Which identity providers there are, and what their claims mean here.

use domain::keys::Secret;
use domain::permissions::{PlatformRole, Role};

/// How one signs in, as it is configured.
#[derive(Clone)]
pub struct SignInSettings {
    /// Whether people may sign in with a password. The operator may with the master key, always.
    pub password: bool,
    /// Identity providers; their buttons stand in this order.
    pub providers: Vec<ProviderSettings>,
}

impl Default for SignInSettings {
    fn default() -> Self {
        Self {
            password: true,
            providers: Vec::new(),
        }
    }
}

/// An identity provider.
#[derive(Clone)]
pub struct ProviderSettings {
    /// Its name in addresses.
    pub name: String,
    /// Its name on the button.
    pub title: String,
    /// Who it is.
    pub issuer: IssuerSource,
    /// What it calls us.
    pub client_id: String,
    /// With what we prove it; none for a public client.
    pub client_secret: Option<Secret>,
    /// What is asked for.
    pub scopes: Vec<String>,
    /// Whether people come back to LiteLLM's path, `/sso/callback`, instead of our own.
    pub is_litellms: bool,
    /// Only people whose address is of one of these; empty for all.
    pub email_domains: Vec<String>,
    /// Who gets an account at the first sign-in.
    pub new_people: NewPeople,
    /// Whether its addresses are taken for the person's own without `email_verified`.
    pub trusts_email: bool,
    /// The claim with the person's name.
    pub name_claim: String,
    /// The claim with the person's groups or roles.
    pub groups_claim: String,
    /// What follows from whom it vouches for.
    pub roles: Vec<RoleRule>,
}

/// How a provider's issuer is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IssuerSource {
    /// The operator named it.
    Named(String),
    /// Only the address where people sign in is known, as in LiteLLM's settings: the issuer is the
    /// one above it whose discovery document names that very address.
    Above(String),
}

/// Who gets an account at the first sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NewPeople {
    /// Nobody: an administrator makes accounts.
    Nobody,
    /// Who is of an allowed domain, gets a role by a rule of the configuration, or was invited.
    Listed,
    /// Whomever the provider signs in.
    Everyone,
}

impl NewPeople {
    /// Reads the word of the configuration.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "nobody" => Some(Self::Nobody),
            "listed" => Some(Self::Listed),
            "everyone" => Some(Self::Everyone),
            _ => None,
        }
    }
}

/// A role that somebody gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleRule {
    /// Who gets it.
    pub whom: Whom,
    /// Which.
    pub role: RuledRole,
}

/// Who gets a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whom {
    /// Everybody whom the provider signs in.
    Everyone,
    /// Who is in this group.
    Group(String),
    /// The person of this subject.
    Subject(String),
}

/// A role and where it holds, in the operator's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RuledRole {
    /// Over the platform.
    Platform(PlatformRole),
    /// In an organization, by its id or the id that its maker chose.
    Organization(String, Role),
    /// In a team, by the same, or by its name where only one has it.
    Team(Option<String>, String, Role),
}
