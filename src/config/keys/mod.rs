//! Every key of the file that is known, and what becomes of it: the one table behind reading,
//! warnings, the JSON Schema and the handbook.
//!
//! To put a key into effect, read it where its section is read and change its line here from
//! `not_yet` to `honoured`; a test sees to it that what is called honoured is read.

pub mod alert_target;
pub mod alias;
pub mod callers;
pub mod credential;
pub mod general_settings;
pub mod headgate;
pub mod litellm_params;
pub mod litellm_providers;
pub mod litellm_settings;
pub mod model_entry;
pub mod model_info;
pub mod prices;
pub mod request_defaults;
pub mod retry_policy;
pub mod router_settings;
pub mod sign_in;
pub mod top_level;

/// What becomes of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It does what its description says.
    Honoured,
    /// Accepted and listed as "not yet in effect".
    NotYet,
    /// Accepted; it means nothing here, and the description says why.
    Ignored,
}

/// What a key's value looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Text.
    Text,
    /// `true` or `false`.
    Boolean,
    /// A whole number.
    Integer,
    /// A decimal number.
    Number,
    /// Dollars in decimal text, read exactly.
    Price,
    /// A list.
    List,
    /// A map.
    Map,
    /// Anything.
    Any,
}

/// One known key of one section.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// As it stands in the file.
    pub name: &'static str,
    /// What becomes of it.
    pub standing: Standing,
    /// What its value looks like.
    pub shape: Shape,
    /// What it does, or why it does nothing; empty where that is LiteLLM's business.
    pub note: &'static str,
}

const fn honoured(name: &'static str, shape: Shape, note: &'static str) -> Key {
    Key {
        name,
        standing: Standing::Honoured,
        shape,
        note,
    }
}

const fn not_yet(name: &'static str, shape: Shape, note: &'static str) -> Key {
    Key {
        name,
        standing: Standing::NotYet,
        shape,
        note,
    }
}

const fn ignored(name: &'static str, shape: Shape, note: &'static str) -> Key {
    Key {
        name,
        standing: Standing::Ignored,
        shape,
        note,
    }
}

/// A section of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SectionName {
    /// The file itself.
    TopLevel,
    /// An entry of `model_list`.
    ModelEntry,
    /// `litellm_params`.
    LitellmParams,
    /// `model_info`.
    ModelInfo,
    /// `router_settings`.
    RouterSettings,
    /// A value of `retry_policy` or `model_group_retry_policy`.
    RetryPolicy,
    /// `litellm_settings`.
    LitellmSettings,
    /// `general_settings`.
    GeneralSettings,
    /// `headgate`.
    Headgate,
    /// An entry of `credential_list`.
    Credential,
    /// A value of `model_group_alias`.
    Alias,
    /// An entry of `headgate.alert_targets`.
    AlertTarget,
    /// `headgate.sign_in`.
    SignIn,
    /// An entry of `headgate.sign_in.providers`.
    IdentityProvider,
    /// An entry of a provider's `roles`.
    IdentityRole,
    /// An entry of `headgate.jwt_issuers`.
    JwtIssuer,
    /// `general_settings.litellm_jwtauth`.
    JwtAuth,
}

impl SectionName {
    /// Every section, in the order of the handbook.
    pub const ALL: &[Self] = &[
        Self::TopLevel,
        Self::ModelEntry,
        Self::LitellmParams,
        Self::ModelInfo,
        Self::RouterSettings,
        Self::RetryPolicy,
        Self::Alias,
        Self::LitellmSettings,
        Self::GeneralSettings,
        Self::Credential,
        Self::Headgate,
        Self::AlertTarget,
        Self::SignIn,
        Self::IdentityProvider,
        Self::IdentityRole,
        Self::JwtIssuer,
        Self::JwtAuth,
    ];

    /// As messages call it.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::TopLevel => "the file",
            Self::ModelEntry => "model_list",
            Self::LitellmParams => "litellm_params",
            Self::ModelInfo => "model_info",
            Self::RouterSettings => "router_settings",
            Self::RetryPolicy => "retry_policy",
            Self::LitellmSettings => "litellm_settings",
            Self::GeneralSettings => "general_settings",
            Self::Headgate => "headgate",
            Self::Credential => "credential_list",
            Self::Alias => "model_group_alias",
            Self::AlertTarget => "alert_targets",
            Self::SignIn => "headgate.sign_in",
            Self::IdentityProvider => "headgate.sign_in.providers",
            Self::IdentityRole => "headgate.sign_in.providers.roles",
            Self::JwtIssuer => "headgate.jwt_issuers",
            Self::JwtAuth => "general_settings.litellm_jwtauth",
        }
    }

    /// The tables of its keys.
    #[must_use]
    pub const fn tables(self) -> &'static [&'static [Key]] {
        match self {
            Self::TopLevel => &[top_level::KEYS],
            Self::ModelEntry => &[model_entry::KEYS],
            Self::LitellmParams => &[litellm_params::KEYS, request_defaults::KEYS, prices::KEYS],
            Self::ModelInfo => &[model_info::KEYS, prices::KEYS],
            Self::RouterSettings => &[router_settings::KEYS],
            Self::RetryPolicy => &[retry_policy::KEYS],
            Self::LitellmSettings => &[litellm_settings::KEYS],
            Self::GeneralSettings => &[general_settings::KEYS],
            Self::Headgate => &[headgate::KEYS],
            Self::Credential => &[credential::KEYS],
            Self::Alias => &[alias::KEYS],
            Self::AlertTarget => &[alert_target::KEYS],
            Self::SignIn => &[sign_in::KEYS],
            Self::IdentityProvider => &[sign_in::PROVIDER],
            Self::IdentityRole => &[sign_in::ROLE],
            Self::JwtIssuer => &[callers::ISSUER],
            Self::JwtAuth => &[callers::JWT_AUTH],
        }
    }

    /// Every known key of the section.
    pub fn keys(self) -> impl Iterator<Item = &'static Key> {
        self.tables().iter().flat_map(|table| table.iter())
    }

    /// The known key of that name.
    #[must_use]
    pub fn find(self, name: &str) -> Option<&'static Key> {
        self.keys().find(|key| key.name == name)
    }
}

/// Whether a member of `litellm_params` is a default for each request.
#[must_use]
pub fn is_request_default(name: &str) -> bool {
    request_defaults::KEYS.iter().any(|key| key.name == name)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_section_knows_a_key_once() {
        for section in SectionName::ALL {
            let mut seen = BTreeSet::new();
            for key in section.keys() {
                assert!(seen.insert(key.name), "{section:?}: {}", key.name);
            }
        }
    }

    #[test]
    fn what_is_ignored_says_why_and_what_is_honoured_says_what_it_does() {
        for section in SectionName::ALL {
            for key in section.keys() {
                assert!(
                    key.standing == Standing::NotYet || !key.note.is_empty(),
                    "{section:?}: {}",
                    key.name
                );
            }
        }
    }
}
