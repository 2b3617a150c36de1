//! Identity providers and tokens of callers: what the file and LiteLLM's variables say of them.

use admin_api::identity::settings::{IssuerSource, NewPeople, RuledRole, Whom};
use domain::permissions::{PlatformRole, Role};
use headgate::config::environment::Environment;
use std::time::Duration;

use crate::trying::{config, loaded_in, only, refused};

const PROVIDER: &str = "headgate:
  sign_in:
    password: false
    providers:
      - name: acme
        issuer: https://sso.example/realms/main
        client_id: gateway
        client_secret: os.environ/OPENAI_API_KEY
        allowed_email_domains: [example.com]
        groups_claim: realm_access.roles
        roles:
          - {group: admins, role: platform_admin}
          - {group: ml, team: research, role: team_admin}
          - {group: \"*\", role: viewer}
";

#[test]
fn a_provider_is_read_with_its_rules() {
    let sign_in = config(PROVIDER).gateway.sign_in;
    assert!(!sign_in.password);
    let acme = &sign_in.providers[0];
    assert_eq!((acme.name.as_str(), acme.title.as_str()), ("acme", "acme"));
    let issuer = IssuerSource::Named("https://sso.example/realms/main".to_owned());
    assert_eq!(acme.issuer, issuer);
    assert_eq!(acme.new_people, NewPeople::Listed);
    assert_eq!(acme.scopes, ["openid", "profile", "email"]);
    assert!(acme.client_secret.is_some() && !acme.trusts_email && !acme.is_litellms);
    assert_eq!(
        acme.roles[0].role,
        RuledRole::Platform(PlatformRole::PlatformAdmin)
    );
    let of_team = RuledRole::Team(None, "research".to_owned(), Role::TeamAdmin);
    assert_eq!(acme.roles[1].role, of_team);
    assert_eq!(acme.roles[2].whom, Whom::Everyone);
    let of_default = RuledRole::Organization("default".to_owned(), Role::Viewer);
    assert_eq!(acme.roles[2].role, of_default);
}

#[test]
fn a_provider_that_cannot_be_trusted_or_means_nothing_is_refused() {
    for (from, to, code) in [
        ("name: acme", "name: Acme Inc", "identity-provider"),
        (
            "https://sso.example/realms/main",
            "http://sso.example",
            "identity-provider",
        ),
        (
            "https://sso.example/realms/main",
            "http://localhost.evil.example",
            "identity-provider",
        ),
        ("client_id: gateway", "title: x", "identity-provider"),
        (
            "team: research, role: team_admin",
            "role: team_admin",
            "identity-role",
        ),
        (
            "role: platform_admin",
            "role: platform_admin, team: x",
            "identity-role",
        ),
        ("role: viewer", "role: root", "identity-role"),
    ] {
        let report = refused(&PROVIDER.replace(from, to));
        only(&report, code);
    }
    let near = PROVIDER.replace("https://sso.example/realms/main", "http://localhost:8080/x");
    assert_eq!(config(&near).gateway.sign_in.providers.len(), 1);
}

#[test]
fn litellms_variables_make_a_provider() {
    let of = |variables: &[(&str, &str)]| loaded_in("model_list: []", &Environment::of(variables));
    let generic = of(&[
        ("GENERIC_CLIENT_ID", "id"),
        ("GENERIC_CLIENT_SECRET", "secret"),
        (
            "GENERIC_AUTHORIZATION_ENDPOINT",
            "https://kc.example/realms/a/protocol/openid-connect/auth",
        ),
        ("ALLOWED_EMAIL_DOMAINS", "example.com, example.org"),
        ("PROXY_ADMIN_ID", "u-1"),
    ]);
    let sso = &generic.config.gateway.sign_in.providers[0];
    assert!(sso.is_litellms && sso.new_people == NewPeople::Everyone);
    assert_eq!(sso.email_domains, ["example.com", "example.org"]);
    let admin = sso.roles.last().unwrap();
    assert_eq!(admin.whom, Whom::Subject("u-1".to_owned()));

    let google = of(&[("GOOGLE_CLIENT_ID", "id")]);
    only(&google.report, "identity-provider");
    let google = &google.config.gateway.sign_in.providers[0];
    assert_eq!(
        google.new_people,
        NewPeople::Listed,
        "everybody has an account there"
    );

    let open = of(&[
        ("MICROSOFT_CLIENT_ID", "id"),
        ("MICROSOFT_TENANT", "common"),
    ]);
    assert!(open.config.gateway.sign_in.providers.is_empty());
    let own = of(&[
        ("MICROSOFT_CLIENT_ID", "id"),
        ("MICROSOFT_TENANT", "0000-1111"),
    ]);
    let issuer = "https://login.microsoftonline.com/0000-1111/v2.0".to_owned();
    let microsoft = &own.config.gateway.sign_in.providers[0];
    assert_eq!(microsoft.issuer, IssuerSource::Named(issuer));
    assert!(microsoft.trusts_email);
}

#[test]
fn litellms_token_settings_are_read() {
    let file = "general_settings:
  enable_jwt_auth: true
  litellm_jwtauth:
    team_id_jwt_field: client.team
    user_id_jwt_field: sub
    user_id_upsert: true
    team_allowed_routes: [openai_routes]
    public_key_ttl: 120
    admin_jwt_scope: admin
";
    let variables = [
        (
            "JWT_PUBLIC_KEY_URL",
            "https://a.example/keys,https://b.example/keys",
        ),
        ("JWT_AUDIENCE", "gateway"),
    ];
    let loaded = loaded_in(file, &Environment::of(&variables));
    let callers = &loaded.config.gateway.callers;
    let rules = callers.rules.as_ref().unwrap();
    assert_eq!(rules.issuers.len(), 2);
    assert_eq!(rules.issuers[1].keys_url, "https://b.example/keys");
    assert_eq!(rules.issuers[0].audiences, ["gateway"]);
    assert_eq!(rules.fields.team.as_deref(), Some("client.team"));
    assert!(rules.unknown_people_pass);
    assert_eq!(rules.allowed_routes, ["openai_routes"]);
    assert_eq!(callers.keys_kept, Duration::from_secs(120));
    assert!(loaded.report.to_string().contains("admin_jwt_scope"));

    let without = loaded_in(file, &Environment::of(&[]));
    assert!(without.config.gateway.callers.rules.is_none());
    only(&without.report, "unset-variable");
    let open = loaded_in(file, &Environment::of(&variables[..1]));
    only(&open.report, "jwt-audience");
}

#[test]
fn an_issuer_of_ours_names_its_audience_and_finds_its_keys() {
    let file = "headgate: {jwt_issuers: [{issuer: https://sso.example, audiences: [gateway]}]}";
    let rules = config(file).gateway.callers.rules.unwrap();
    let found = &rules.issuers[0];
    assert_eq!(
        found.keys_url,
        "https://sso.example/.well-known/openid-configuration"
    );
    assert_eq!(rules.allowed_routes, ["llm_api_routes", "info_routes"]);
    let without = "headgate: {jwt_issuers: [{issuer: https://sso.example}]}";
    only(&refused(without), "jwt-issuer");
}
