//! Organizations, teams, keys and deployments for tests.

use std::sync::Arc;

use domain::directory::{KeyGrant, Levels};
use domain::end_users::EndUser;
use domain::ids::{DeploymentId, EndUserId, KeyId, OrganizationId, ProjectId, TeamId, UserId};
use domain::keys::KeyHash;
use domain::members::Member;
use domain::organizations::Organization;
use domain::permissions::Role;
use domain::policies::Policy;
use domain::projects::Project;
use domain::routing::{Deployment, ModelInfo, ParameterPolicy, RoutingTable};
use domain::stamps::Stamps;
use domain::teams::Team;
use domain::time::TimestampMs;
use domain::users::User;
use serde_json::{Map, json};

/// A policy that allows these models.
pub fn models(names: &[&str]) -> Policy {
    Policy {
        models: names.iter().map(|name| (*name).to_owned()).collect(),
        ..Policy::default()
    }
}

pub fn organization(id: &str) -> Organization {
    Organization {
        id: OrganizationId::new(id),
        external_id: None,
        name: id.to_owned(),
        time_zone: "UTC".to_owned(),
        policy: Policy::default(),
        blocked: false,
        stamps: Stamps::default(),
    }
}

pub fn team(organization: &str, id: &str) -> Team {
    Team {
        id: TeamId::new(id),
        organization_id: OrganizationId::new(organization),
        external_id: None,
        name: id.to_owned(),
        policy: Policy::default(),
        member_policy: Policy::default(),
        blocked: false,
        stamps: Stamps::default(),
    }
}

pub fn project(organization: &str, team: &str, id: &str) -> Project {
    Project {
        id: ProjectId::new(id),
        organization_id: OrganizationId::new(organization),
        team_id: TeamId::new(team),
        name: id.to_owned(),
        policy: Policy::default(),
        blocked: false,
        stamps: Stamps::default(),
    }
}

pub fn user(id: &str) -> User {
    User {
        id: UserId::new(id),
        external_id: None,
        email: None,
        name: None,
        platform_role: None,
        policy: Policy::default(),
        blocked: false,
        stamps: Stamps::default(),
    }
}

pub fn member(organization: &str, team: Option<&str>, user: &str) -> Member {
    Member {
        organization_id: OrganizationId::new(organization),
        team_id: team.map(TeamId::new),
        user_id: UserId::new(user),
        role: Role::Member,
        policy: Policy::default(),
        stamps: Stamps::default(),
    }
}

pub fn end_user(organization: &str, name: &str) -> EndUser {
    EndUser {
        id: EndUserId::new(format!("end_{organization}_{name}")),
        organization_id: OrganizationId::new(organization),
        external_id: name.to_owned(),
        name: None,
        policy: Policy::default(),
        blocked: false,
        stamps: Stamps::default(),
    }
}

/// Organizations `default`, `acme` and `other`; in `acme` a team, a project in it and a person in
/// it: all that [`full_key`] names.
pub fn levels() -> Levels {
    Levels {
        organizations: ["default", "acme", "other"].map(organization).into(),
        teams: vec![team("acme", "team_a")],
        projects: vec![project("acme", "team_a", "proj_a")],
        users: vec![user("user_a")],
        members: vec![
            member("acme", None, "user_a"),
            member("acme", Some("team_a"), "user_a"),
        ],
        ..Levels::default()
    }
}

/// A key of `acme` with this secret.
pub fn key(secret: &str) -> KeyGrant {
    KeyGrant {
        id: KeyId::new(format!("key_{secret}")),
        organization_id: OrganizationId::new("acme"),
        team_id: None,
        project_id: None,
        user_id: None,
        service_account_id: None,
        alias: None,
        environment: None,
        policy: Arc::default(),
        expires_at: None,
        blocked: false,
        created_at: TimestampMs(1),
        secrets: vec![(KeyHash::of(secret), None)],
    }
}

/// A key of the team, the project and the person.
pub fn full_key(secret: &str) -> KeyGrant {
    KeyGrant {
        team_id: Some(TeamId::new("team_a")),
        project_id: Some(ProjectId::new("proj_a")),
        user_id: Some(UserId::new("user_a")),
        ..key(secret)
    }
}

/// A deployment that answers by itself.
pub fn deployment(group: &str, provider: &str, model: &str) -> Deployment {
    Deployment {
        origin: domain::routing::Origin::File,
        id: DeploymentId::new(format!("dep-{group}-{model}")),
        group: group.to_owned(),
        organization_id: None,
        provider: provider.to_owned(),
        model: model.to_owned(),
        base_url: None,
        api_key: None,
        api_version: None,
        organization: None,
        extra_headers: Vec::new(),
        extra_body: Map::new(),
        weight: None,
        rpm: None,
        tpm: None,
        order: 0,
        timeout_ms: None,
        stream_timeout_ms: None,
        num_retries: None,
        parameters: ParameterPolicy::default(),
        mock_response: Some("hello".to_owned()),
        info: ModelInfo::default(),
    }
}

/// `gpt-4o`, `claude`, and `fast` in the access group `beta`; `secret-model` and a deployment of
/// `claude` that belong to `other`.
pub fn table() -> RoutingTable {
    let mut fast = deployment("fast", "openai", "gpt-4o-mini");
    fast.info
        .extra
        .insert("access_groups".to_owned(), json!(["beta"]));
    let of_other = |group: &str| Deployment {
        organization_id: Some(OrganizationId::new("other")),
        ..deployment(group, "openai", "theirs")
    };
    RoutingTable {
        deployments: vec![
            deployment("gpt-4o", "openai", "gpt-4o"),
            deployment("claude", "anthropic", "claude-sonnet-4-5"),
            fast,
            of_other("secret-model"),
            of_other("claude"),
        ],
        ..RoutingTable::default()
    }
}
