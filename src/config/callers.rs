//! Signed tokens of callers of models: LiteLLM's `enable_jwt_auth`, `litellm_jwtauth`, `JWT_PUBLIC_KEY_URL`,
//! `JWT_AUDIENCE` and `JWT_ISSUER`; `headgate.jwt_issuers`.

use std::time::Duration;

use admin_api::identity::provider::discovery_url;
use domain::identity::callers::{CallerFields, CallerRules, TrustedIssuer};

use super::environment::Environment;
use super::keys::SectionName;
use super::node::Node;
use super::report::{Position, Report};
use super::section::Section;
use super::settings::Sources;

/// How long keys are kept, where nothing is said; so it is in LiteLLM.
const USUAL_KEPT: Duration = Duration::from_secs(600);

/// Sooner than this no provider is asked again.
const SHORTEST_KEPT_MS: u64 = 30_000;

/// What callers' tokens are held to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Callers {
    /// Whose tokens are taken, and how they are read; none when no tokens are.
    pub rules: Option<CallerRules>,
    /// After which time keys are fetched anew.
    pub keys_kept: Duration,
}

impl Default for Callers {
    fn default() -> Self {
        Self {
            rules: None,
            keys_kept: USUAL_KEPT,
        }
    }
}

/// Reads it.
pub fn read(sources: &Sources<'_>, environment: &Environment, report: &mut Report) -> Callers {
    let mut callers = Callers::default();
    let mut issuers = Vec::new();
    if let Some(headgate) = &sources.headgate {
        for node in headgate.list("jwt_issuers", report).unwrap_or_default() {
            issuers.extend(issuer(node, report));
        }
    }
    let general = sources.general;
    let is_on = general.and_then(|general| general.boolean("enable_jwt_auth", report));
    let fields = general
        .and_then(|general| general.section("litellm_jwtauth", SectionName::JwtAuth, report));
    if is_on == Some(true) {
        issuers.extend(of_litellm(environment, issuers.is_empty(), report));
    }
    let mut rules = CallerRules::default();
    if let Some(section) = &fields {
        read_fields(section, &mut rules, report);
        let kept = section.seconds_as_ms("public_key_ttl", report);
        callers.keys_kept = kept.map_or(USUAL_KEPT, |kept| {
            Duration::from_millis(kept.max(SHORTEST_KEPT_MS))
        });
    }
    if rules.allowed_routes.is_empty() {
        rules.allowed_routes = ["llm_api_routes", "info_routes"].map(str::to_owned).into();
    }
    rules.issuers = issuers;
    callers.rules = (!rules.issuers.is_empty()).then_some(rules);
    callers
}

fn read_fields(section: &Section<'_>, rules: &mut CallerRules, report: &mut Report) {
    let mut text = |key: &str| section.text(key, report);
    rules.fields = CallerFields {
        team: text("team_id_jwt_field"),
        teams: text("team_ids_jwt_field"),
        user: text("user_id_jwt_field"),
        email: text("user_email_jwt_field"),
        organization: text("org_id_jwt_field"),
        roles: text("user_roles_jwt_field"),
    };
    rules.default_team = text("team_id_default");
    rules.email_domain = text("user_allowed_email_domain");
    let upsert = section.boolean("user_id_upsert", report);
    rules.unknown_people_pass = upsert.unwrap_or(false);
    let mut texts = |key: &str| section.texts(key, report).unwrap_or_default();
    rules.allowed_roles = texts("user_allowed_roles");
    rules.allowed_routes = texts("team_allowed_routes");
}

fn issuer(node: &Node, report: &mut Report) -> Option<TrustedIssuer> {
    let section = Section::open(node, SectionName::JwtIssuer, report)?;
    let issuer = section.text("issuer", report).unwrap_or_default();
    let audiences = section.texts("audiences", report).unwrap_or_default();
    let keys_url = section.text("keys_url", report);
    if issuer.is_empty() || audiences.is_empty() {
        let message = (
            "an issuer of callers' tokens lacks its `issuer` or its `audiences`".to_owned(),
            "write both: without an audience, a token that was made for another service opens this one",
        );
        report.fault_with("jwt-issuer", section.position(), message);
        return None;
    }
    Some(TrustedIssuer {
        keys_url: keys_url.unwrap_or_else(|| discovery_url(&issuer)),
        issuer: Some(issuer),
        audiences,
    })
}

/// The issuers of LiteLLM's variables: one for each address of keys.
fn of_litellm(
    environment: &Environment,
    is_needed: bool,
    report: &mut Report,
) -> Vec<TrustedIssuer> {
    let place = |name: &str| Position::elsewhere(&format!("environment variable {name}"));
    let Some(urls) = environment.get("JWT_PUBLIC_KEY_URL") else {
        if is_needed {
            report.warn_with(
                "unset-variable",
                &place("JWT_PUBLIC_KEY_URL"),
                (
                    "enable_jwt_auth is on, and JWT_PUBLIC_KEY_URL is not set: no token is taken"
                        .to_owned(),
                    "set it to the address of your provider's keys",
                ),
            );
        }
        return Vec::new();
    };
    let list = |name: &str| -> Vec<String> {
        let text = environment.get(name).unwrap_or_default();
        let parts = text.split(',').map(str::trim);
        parts
            .filter(|part| !part.is_empty())
            .map(str::to_owned)
            .collect()
    };
    let (audiences, issuers) = (list("JWT_AUDIENCE"), list("JWT_ISSUER"));
    if audiences.is_empty() {
        report.warn_with(
            "jwt-audience",
            &place("JWT_AUDIENCE"),
            (
                "JWT_AUDIENCE is not set: a token that the provider made for any other service opens this gateway".to_owned(),
                "set it to what your tokens name as `aud`",
            ),
        );
    }
    let mut found = Vec::new();
    for url in urls.split(',').map(str::trim).filter(|url| !url.is_empty()) {
        let trusted = |issuer: Option<String>| TrustedIssuer {
            issuer,
            audiences: audiences.clone(),
            keys_url: url.to_owned(),
        };
        if issuers.is_empty() {
            found.push(trusted(None));
        }
        found.extend(issuers.iter().cloned().map(Some).map(trusted));
    }
    found
}
