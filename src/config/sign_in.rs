//! `headgate.sign_in`: how people sign in to the console.

use admin_api::identity::settings::{
    IssuerSource, NewPeople, ProviderSettings, RoleRule, RuledRole, SignInSettings, Whom,
};
use domain::ids::DEFAULT_ORGANIZATION;
use domain::keys::Secret;
use domain::permissions::{PlatformRole, Role};

use super::environment::Environment;
use super::keys::SectionName;
use super::litellm_sign_in;
use super::node::{Content, Node};
use super::report::Report;
use super::section::Section;
use super::settings::{Sources, secret_in_file};

/// Reads it, with the provider of LiteLLM's variables behind those of the file.
pub fn read(
    sources: &Sources<'_>,
    environment: &Environment,
    report: &mut Report,
) -> SignInSettings {
    let mut settings = SignInSettings::default();
    let section = sources
        .headgate
        .and_then(|headgate| headgate.section("sign_in", SectionName::SignIn, report));
    if let Some(section) = &section {
        settings.password = section.boolean("password", report).unwrap_or(true);
        for node in section.list("providers", report).unwrap_or_default() {
            let found = provider(node, &settings.providers, environment, report);
            settings.providers.extend(found);
        }
    }
    settings
        .providers
        .extend(litellm_sign_in::read(environment, report));
    let off = sources
        .general
        .and_then(|general| general.boolean("disable_password_login_when_sso_enabled", report));
    if off == Some(true) && !settings.providers.is_empty() {
        settings.password = false;
    }
    if let Some(section) = section.filter(|_| !settings.password && settings.providers.is_empty()) {
        report.warn(
            "nobody-signs-in",
            section.place("password"),
            "passwords are turned off and there is no identity provider: only the operator can sign in, with the master key",
        );
    }
    settings
}

fn provider(
    node: &Node,
    others: &[ProviderSettings],
    environment: &Environment,
    report: &mut Report,
) -> Option<ProviderSettings> {
    let section = Section::open(node, SectionName::IdentityProvider, report)?;
    let text = |key: &str, report: &mut Report| section.text(key, report);
    let name = text("name", report).unwrap_or_default();
    let issuer = text("issuer", report).unwrap_or_default();
    let client_id = text("client_id", report).unwrap_or_default();
    let is_taken = others.iter().any(|other| other.name == name);
    if let Some((key, message, hint)) = fault_of((name.as_str(), is_taken), &issuer, &client_id) {
        let message = (format!("identity provider `{name}`: {message}"), hint);
        report.fault_with("identity-provider", section.place(key), message);
        return None;
    }
    let new_people = new_people(&section, report);
    let rules = section.list("roles", report).unwrap_or_default();
    let rules = rules.iter().filter_map(|node| rule(node, report)).collect();
    let texts = |key: &str, report: &mut Report| section.texts(key, report);
    let scopes = texts("scopes", report).unwrap_or_else(usual_scopes);
    Some(ProviderSettings {
        title: text("title", report).unwrap_or_else(|| name.clone()),
        name,
        issuer: IssuerSource::Named(issuer),
        client_id,
        client_secret: secret(&section, environment, report),
        scopes,
        is_litellms: false,
        email_domains: texts("allowed_email_domains", report).unwrap_or_default(),
        new_people,
        trusts_email: section.boolean("trust_email", report).unwrap_or(false),
        name_claim: text("name_claim", report).unwrap_or_else(|| "name".to_owned()),
        groups_claim: text("groups_claim", report).unwrap_or_else(|| "groups".to_owned()),
        roles: rules,
    })
}

/// What is wrong with a provider: the key, what it is, and what to do.
fn fault_of(
    (name, is_taken): (&str, bool),
    issuer: &str,
    client_id: &str,
) -> Option<(&'static str, &'static str, &'static str)> {
    let is_plain =
        |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
    if name.is_empty() || !name.chars().all(is_plain) {
        return Some((
            "name",
            "its name is missing, or no name for an address",
            "write small letters, digits and dashes",
        ));
    }
    if is_taken {
        return Some((
            "name",
            "another one has this name",
            "give each another `name`",
        ));
    }
    if !is_secure(issuer) {
        return Some((
            "issuer",
            "its issuer is no https address",
            "write `issuer: https://…`",
        ));
    }
    client_id.is_empty().then_some((
        "client_id",
        "it does not say what the provider calls this gateway",
        "write `client_id`",
    ))
}

/// What is asked for where nothing else is said.
pub fn usual_scopes() -> Vec<String> {
    ["openid", "profile", "email"].map(str::to_owned).into()
}

/// Whether an address may be asked for what one relies on.
fn is_secure(url: &str) -> bool {
    let rest = url.strip_prefix("http://").unwrap_or_default();
    let near = ["localhost", "127.0.0.1", "[::1]"];
    let is_near = near.iter().any(|host| {
        rest.strip_prefix(host)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/']))
    });
    (url.starts_with("https://") && url.len() > "https://".len()) || is_near
}

fn new_people(section: &Section<'_>, report: &mut Report) -> NewPeople {
    let Some(word) = section.text("create_people", report) else {
        return NewPeople::Listed;
    };
    NewPeople::from_word(&word).unwrap_or_else(|| {
        let message = (
            format!("`{word}` is nobody who could get an account"),
            "write listed, everyone or nobody",
        );
        report.fault_with("wrong-type", section.place("create_people"), message);
        NewPeople::Nobody
    })
}

fn secret(section: &Section<'_>, environment: &Environment, report: &mut Report) -> Option<Secret> {
    const KEY: &str = "client_secret";
    if let Some(secret) = section.text(KEY, report) {
        if let Some(node) = section.get(KEY)
            && let Content::Scalar { variable: None, .. } = &node.content
        {
            secret_in_file(KEY, node, report);
        }
        return Some(Secret::new(secret));
    }
    let file = section.text("client_secret_file", report)?;
    match environment.read(&file) {
        Ok(text) => Some(Secret::new(text.trim())),
        Err(unreadable) => {
            let message = (
                format!("{file} {unreadable}"),
                "name a file that can be read",
            );
            report.fault_with(
                "client-secret",
                section.place("client_secret_file"),
                message,
            );
            None
        }
    }
}

fn rule(node: &Node, report: &mut Report) -> Option<RoleRule> {
    let section = Section::open(node, SectionName::IdentityRole, report)?;
    let group = section.text("group", report).unwrap_or_default();
    let word = section.text("role", report).unwrap_or_default();
    let organization = section.text("organization", report);
    let team = section.text("team", report);
    let role = match (PlatformRole::from_word(&word), Role::from_word(&word), team) {
        (Some(role), _, None) if organization.is_none() => Some(RuledRole::Platform(role)),
        (None, Some(role), Some(team)) if role != Role::OrganizationAdmin => {
            Some(RuledRole::Team(organization, team, role))
        }
        (None, Some(role), None) if role != Role::TeamAdmin => {
            let organization = organization.unwrap_or_else(|| DEFAULT_ORGANIZATION.to_owned());
            Some(RuledRole::Organization(organization, role))
        }
        _ => None,
    };
    let Some(role) = role.filter(|_| !group.is_empty()) else {
        let message = (
            format!("the rule for the group `{group}` gives no role (`{word}`)"),
            "write `group`, and a `role` that fits: platform_admin and platform_auditor without organization and team, team_admin with a team, organization_admin without one",
        );
        report.fault_with("identity-role", section.position(), message);
        return None;
    };
    let whom = match group.as_str() {
        "*" => Whom::Everyone,
        _ => Whom::Group(group),
    };
    Some(RoleRule { whom, role })
}
