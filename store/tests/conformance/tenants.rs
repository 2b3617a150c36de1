//! What the other suites need: an organization with a team, a person and keys in it.

use std::sync::atomic::{AtomicU64, Ordering};

use domain::blocks::BlockLevel;
use domain::deleted_keys::Deletion;
use domain::ids::{KeyId, OrganizationId, ProjectId, ServiceAccountId, TeamId, UserId};
use domain::keys::KeyHash;
use domain::members::Member;
use domain::organizations::Organization;
use domain::permissions::{Role, Scope};
use domain::policies::Policy;
use domain::projects::Project;
use domain::service_accounts::ServiceAccount;
use domain::stamps::Stamps;
use domain::teams::Team;
use domain::time::TimestampMs;
use domain::users::User;
use domain::virtual_keys::{KeySecret, VirtualKey};
use store::Store;

use crate::setup::commit;

/// An id that is later than all before it, however many are made in one millisecond.
fn next(word: &str) -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    format!("{word}_{:026}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// The scope that hides nothing.
pub fn everything() -> Scope {
    Scope {
        everything: true,
        ..Scope::default()
    }
}

pub fn organization(name: &str) -> Organization {
    Organization {
        id: OrganizationId::new(next("org")),
        external_id: Some(format!("external-{name}")),
        name: name.to_owned(),
        time_zone: "UTC".to_owned(),
        policy: Policy::default(),
        blocked: false,
        stamps: Stamps::now("test"),
    }
}

pub fn team(organization: &Organization, name: &str) -> Team {
    Team {
        id: TeamId::new(next("team")),
        organization_id: organization.id.clone(),
        external_id: Some(format!("external-{name}")),
        name: name.to_owned(),
        policy: Policy {
            models: vec!["gpt-*".to_owned()],
            ..Policy::default()
        },
        member_policy: Policy::default(),
        blocked: false,
        stamps: Stamps::now("test"),
    }
}

pub fn project(team: &Team, name: &str) -> Project {
    Project {
        id: ProjectId::new(next("proj")),
        organization_id: team.organization_id.clone(),
        team_id: team.id.clone(),
        name: name.to_owned(),
        policy: Policy::default(),
        blocked: false,
        stamps: Stamps::now("test"),
    }
}

pub fn user(name: &str) -> User {
    User {
        id: UserId::new(next("user")),
        external_id: None,
        email: Some(format!("{name}@example.com")),
        name: Some(name.to_owned()),
        platform_role: None,
        policy: Policy::default(),
        blocked: false,
        stamps: Stamps::now("test"),
    }
}

pub fn service_account(team: &Team, name: &str) -> ServiceAccount {
    ServiceAccount {
        id: ServiceAccountId::new(next("svc")),
        organization_id: team.organization_id.clone(),
        team_id: team.id.clone(),
        name: name.to_owned(),
        stamps: Stamps::now("test"),
    }
}

pub fn member(organization: &Organization, team: Option<&Team>, user: &User, role: Role) -> Member {
    Member {
        organization_id: organization.id.clone(),
        team_id: team.map(|team| team.id.clone()),
        user_id: user.id.clone(),
        role,
        policy: Policy::default(),
        stamps: Stamps::now("test"),
    }
}

/// A key of nobody's in an organization, and its secret.
pub fn key(organization: &Organization, alias: &str) -> (VirtualKey, KeySecret) {
    let id = KeyId::new(next("key"));
    let secret = secret(&id, alias);
    let key = VirtualKey {
        id,
        organization_id: organization.id.clone(),
        team_id: None,
        project_id: None,
        user_id: None,
        service_account_id: None,
        alias: Some(alias.to_owned()),
        environment: None,
        hash: secret.hash,
        last_four: secret.last_four.clone(),
        policy: Policy::default(),
        expires_at: None,
        blocked: false,
        stamps: Stamps::now("test"),
    };
    (key, secret)
}

/// A secret of a key, as its text has it.
pub fn secret(key: &KeyId, text: &str) -> KeySecret {
    KeySecret {
        key_id: key.clone(),
        hash: KeyHash::of(text),
        last_four: text.chars().take(4).collect(),
        created_at: TimestampMs::now(),
        ends_at: None,
        uses: 0,
        last_used_at: None,
    }
}

/// Adds organizations of these names.
pub async fn organizations<const N: usize>(store: &Store, names: [&str; N]) -> [Organization; N] {
    let made = names.map(organization);
    let mut change = store.begin().await.unwrap();
    for one in &made {
        change.insert_organization(one).await.unwrap();
    }
    commit(change).await;
    made
}

/// Adds teams of these names to an organization.
pub async fn teams<const N: usize>(
    store: &Store,
    organization: &Organization,
    names: [&str; N],
) -> [Team; N] {
    let made = names.map(|name| team(organization, name));
    let mut change = store.begin().await.unwrap();
    for one in &made {
        change.insert_team(one).await.unwrap();
    }
    commit(change).await;
    made
}

/// Adds people of these names.
pub async fn users<const N: usize>(store: &Store, names: [&str; N]) -> [User; N] {
    let made = names.map(user);
    let mut change = store.begin().await.unwrap();
    for one in &made {
        change.insert_user(one).await.unwrap();
    }
    commit(change).await;
    made
}

/// Adds a key.
pub async fn add_key(store: &Store, key: &VirtualKey, secret: &KeySecret) {
    let mut change = store.begin().await.unwrap();
    change.insert_key(key, secret).await.unwrap();
    commit(change).await;
}

/// A key deleted now, by a team's administrator.
pub fn deletion() -> Deletion {
    Deletion {
        at: TimestampMs::now(),
        by: "test".to_owned(),
        level: BlockLevel::Team,
    }
}
