//! The identity provider of LiteLLM's variables: `GOOGLE_CLIENT_ID`, `MICROSOFT_CLIENT_ID`,
//! `GENERIC_CLIENT_ID` and what belongs to them. People come back to LiteLLM's path, so that what is
//! registered at the provider stays as it is.

use admin_api::identity::settings::{
    IssuerSource, NewPeople, ProviderSettings, RoleRule, RuledRole, Whom,
};
use domain::ids::DEFAULT_ORGANIZATION;
use domain::keys::Secret;
use domain::permissions::{PlatformRole, Role};

use super::environment::Environment;
use super::report::{Position, Report};
use super::sign_in::usual_scopes;

/// Tenants of Entra that anybody may be of.
const OPEN_TENANTS: [&str; 3] = ["common", "organizations", "consumers"];

/// The first of the three that is set; as in LiteLLM, one counts.
pub fn read(environment: &Environment, report: &mut Report) -> Option<ProviderSettings> {
    let found = google(environment, report)
        .or_else(|| microsoft(environment, report))
        .or_else(|| generic(environment, report))?;
    Some(with_rules(found, environment))
}

fn google(environment: &Environment, report: &mut Report) -> Option<ProviderSettings> {
    let client_id = environment.get("GOOGLE_CLIENT_ID")?;
    let mut settings = bare("google", "Google", client_id);
    settings.issuer = IssuerSource::Named("https://accounts.google.com".to_owned());
    settings.client_secret = secret(environment, "GOOGLE_CLIENT_SECRET");
    settings.email_domains = domains(environment);
    // Anybody has an account there.
    listed_only(&mut settings, "GOOGLE_CLIENT_ID", report);
    Some(settings)
}

fn microsoft(environment: &Environment, report: &mut Report) -> Option<ProviderSettings> {
    let client_id = environment.get("MICROSOFT_CLIENT_ID")?;
    let tenant = environment.get("MICROSOFT_TENANT").unwrap_or_default();
    let mut settings = bare("microsoft", "Microsoft", client_id);
    settings.client_secret = secret(environment, "MICROSOFT_CLIENT_SECRET");
    settings.email_domains = domains(environment);
    if tenant.is_empty() || OPEN_TENANTS.contains(&tenant) {
        let place = Position::elsewhere("environment variable MICROSOFT_TENANT");
        report.warn_with(
            "identity-provider",
            &place,
            (
                "people of every tenant would be let in; nobody signs in with Microsoft".to_owned(),
                "set MICROSOFT_TENANT to the id of your tenant",
            ),
        );
        return None;
    }
    settings.issuer =
        IssuerSource::Named(format!("https://login.microsoftonline.com/{tenant}/v2.0"));
    // Entra never says email_verified; the addresses of one tenant are its administrator's.
    settings.trusts_email = true;
    settings.groups_claim = "roles".to_owned();
    Some(settings)
}

fn generic(environment: &Environment, report: &mut Report) -> Option<ProviderSettings> {
    let client_id = environment.get("GENERIC_CLIENT_ID")?;
    let Some(endpoint) = environment.get("GENERIC_AUTHORIZATION_ENDPOINT") else {
        let place = Position::elsewhere("environment variable GENERIC_CLIENT_ID");
        report.warn_with(
            "identity-provider",
            &place,
            (
                "GENERIC_AUTHORIZATION_ENDPOINT is not set: nobody signs in with GENERIC_CLIENT_ID"
                    .to_owned(),
                "set it, or name the provider in headgate.sign_in.providers",
            ),
        );
        return None;
    };
    let mut settings = bare("sso", "single sign-on", client_id);
    settings.issuer = IssuerSource::Above(endpoint.to_owned());
    settings.client_secret = secret(environment, "GENERIC_CLIENT_SECRET");
    settings.email_domains = domains(environment);
    if let Some(scope) = environment.get("GENERIC_SCOPE") {
        settings.scopes = scope.split_whitespace().map(str::to_owned).collect();
    }
    if let Some(name) = environment.get("GENERIC_USER_DISPLAY_NAME_ATTRIBUTE") {
        settings.name_claim = name.to_owned();
    }
    let role = environment.get("GENERIC_USER_ROLE_ATTRIBUTE");
    settings.groups_claim = role.unwrap_or("role").to_owned();
    Some(settings)
}

fn bare(name: &str, title: &str, client_id: &str) -> ProviderSettings {
    ProviderSettings {
        name: name.to_owned(),
        title: title.to_owned(),
        issuer: IssuerSource::Above(String::new()),
        client_id: client_id.to_owned(),
        client_secret: None,
        scopes: usual_scopes(),
        is_litellms: true,
        email_domains: Vec::new(),
        new_people: NewPeople::Everyone,
        trusts_email: false,
        name_claim: "name".to_owned(),
        groups_claim: "groups".to_owned(),
        roles: Vec::new(),
    }
}

fn secret(environment: &Environment, name: &str) -> Option<Secret> {
    environment.get(name).map(Secret::new)
}

fn domains(environment: &Environment) -> Vec<String> {
    let listed = environment.get("ALLOWED_EMAIL_DOMAINS").unwrap_or_default();
    let listed = listed.split(',').map(str::trim);
    listed
        .filter(|domain| !domain.is_empty())
        .map(str::to_owned)
        .collect()
}

fn listed_only(settings: &mut ProviderSettings, variable: &str, report: &mut Report) {
    if !settings.email_domains.is_empty() {
        return;
    }
    settings.new_people = NewPeople::Listed;
    let place = Position::elsewhere(&format!("environment variable {variable}"));
    report.warn_with(
        "identity-provider",
        &place,
        (
            "everybody has an account there: only people who were invited or have an account here come in".to_owned(),
            "set ALLOWED_EMAIL_DOMAINS to let in all of a domain",
        ),
    );
}

/// LiteLLM's roles, wherever a claim names them; without one somebody looks on, as in LiteLLM.
fn with_rules(mut settings: ProviderSettings, environment: &Environment) -> ProviderSettings {
    let within = |role| RuledRole::Organization(DEFAULT_ORGANIZATION.to_owned(), role);
    let of = |group: &str, role| RoleRule {
        whom: Whom::Group(group.to_owned()),
        role,
    };
    settings.roles = vec![
        of(
            "proxy_admin",
            RuledRole::Platform(PlatformRole::PlatformAdmin),
        ),
        of(
            "proxy_admin_viewer",
            RuledRole::Platform(PlatformRole::PlatformAuditor),
        ),
        of("internal_user", within(Role::Member)),
        RoleRule {
            whom: Whom::Everyone,
            role: within(Role::Viewer),
        },
    ];
    if let Some(subject) = environment.get("PROXY_ADMIN_ID") {
        settings.roles.push(RoleRule {
            whom: Whom::Subject(subject.to_owned()),
            role: RuledRole::Platform(PlatformRole::PlatformAdmin),
        });
    }
    settings
}
