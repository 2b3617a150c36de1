//! Things of one organization and team, one of each kind, put into the store directly.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use domain::actors::Actor;
use domain::alerts::{AlertTarget, TargetKind};
use domain::blocks::BlockLevel;
use domain::budgets::SharedBudget;
use domain::credentials::Credential;
use domain::deleted_keys::Deletion;
use domain::deployments::StoredDeployment;
use domain::end_users::EndUser;
use domain::ids::{
    AlertTargetId, BudgetId, CredentialId, DeploymentId, EndUserId, InvitationId, KeyId,
    OrganizationId, ProjectId, ServiceAccountId, TagId, TeamId, TemplateId, UserId,
};
use domain::invitations::{Invitation, InvitationPurpose};
use domain::keys::PlainKey;
use domain::members::Member;
use domain::money::NanoUsd;
use domain::permissions::Role;
use domain::policies::{Budget, BudgetMode, Policy};
use domain::projects::Project;
use domain::sealed::{KeyRing, Place, Sealed};
use domain::service_accounts::ServiceAccount;
use domain::stamps::Stamps;
use domain::tags::Tag;
use domain::teams::Team;
use domain::templates::Template;
use domain::time::TimestampMs;
use domain::users::User;
use domain::virtual_keys::{KeySecret, VirtualKey};
use serde_json::{Map, Value, json};
use store::{Event, Store, Transaction};

use crate::ledger::{Whose, append, plain};

/// Where things are put, and whose they are.
pub struct Where<'a> {
    /// The organization.
    pub organization: &'a OrganizationId,
    /// Who is in the team from the beginning, as what.
    pub people: &'a [(UserId, Role)],
    /// The person whose keys they are; another one when there is none.
    pub owner: Option<&'a UserId>,
    /// A text that is in all of them.
    pub marker: &'a str,
}

/// The ids of the things, by the words that stand for them in paths and bodies.
pub type Ids = BTreeMap<&'static str, String>;

fn invitation(place: &Where<'_>, team: &TeamId) -> Invitation {
    Invitation {
        id: InvitationId::generate(),
        hash: new("hash"),
        purpose: InvitationPurpose::Invitation,
        email: Some(format!("{}@example.com", new("invited"))),
        user_id: None,
        organization_id: Some(place.organization.clone()),
        team_id: Some(team.clone()),
        role: Some(Role::Viewer),
        platform_role: None,
        expires_at: TimestampMs(TimestampMs::now().0 + 3_600_000),
        accepted_at: None,
        revoked_at: None,
        stamps: Stamps::now(place.marker),
    }
}

/// A text that no other call gives.
pub fn new(word: &str) -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    format!("{word}-{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// Puts one thing of each kind into a new team, and notes it in the audit trail.
pub async fn put(store: &Store, encryption: &KeyRing, place: &Where<'_>) -> Ids {
    let mut change = store.begin().await.unwrap();
    let mut ids = people(&mut change, place).await;
    let team = TeamId::new(&ids["team_id"]);
    ids.extend(in_the_team(&mut change, place, &team, &ids["user_id"]).await);
    ids.extend(in_the_organization(&mut change, place).await);
    ids.extend(of_models(&mut change, encryption, place).await);
    let noted = Event {
        action: "thing.made",
        object_kind: "thing",
        object_id: place.marker.to_owned(),
        organization_id: Some(place.organization.to_string()),
        team_id: Some(team.to_string()),
        after: Some(json!({"name": place.marker})),
        ..Event::default()
    };
    change.commit(&Actor::system(), noted).await.unwrap();
    let (sequence, _mac) = store.audit_head().await.unwrap();
    ids.insert("sequence", sequence.to_string());
    ids.insert("request_id", a_request(store, place, &ids).await);
    ids.insert("organization_id", place.organization.to_string());
    ids
}

/// A finished request of the key.
async fn a_request(store: &Store, place: &Where<'_>, ids: &Ids) -> String {
    let whose = Whose {
        organization: place.organization.clone(),
        team: Some(TeamId::new(&ids["team_id"])),
        user: Some(
            place
                .owner
                .cloned()
                .unwrap_or_else(|| UserId::new(&ids["user_id"])),
        ),
        key: Some(KeyId::new(&ids["key_id"])),
    };
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let mut request = plain(number, TimestampMs::now(), &whose);
    request.payer.tags = vec![place.marker.to_owned()];
    let id = request.id.clone();
    append(store, &new("strand"), vec![request]).await;
    id
}

async fn people(change: &mut Transaction<'_>, place: &Where<'_>) -> Ids {
    let team = Team {
        id: TeamId::generate(),
        organization_id: place.organization.clone(),
        external_id: None,
        name: place.marker.to_owned(),
        policy: Policy::default(),
        member_policy: Policy::default(),
        blocked: false,
        stamps: Stamps::now(place.marker),
    };
    change.insert_team(&team).await.unwrap();
    let user = User {
        id: UserId::generate(),
        external_id: None,
        email: Some(format!("{}@{}.example", new("person"), place.marker)),
        name: Some(place.marker.to_owned()),
        platform_role: None,
        policy: Policy::default(),
        blocked: false,
        stamps: Stamps::now(place.marker),
    };
    change.insert_user(&user).await.unwrap();
    let of_the_organization = (user.id.clone(), Role::Viewer, None);
    let in_the_team = (user.id.clone(), Role::Member, Some(&team.id));
    let others = place.people.iter();
    let others = others.map(|(person, role)| (person.clone(), *role, Some(&team.id)));
    for (user_id, role, team_id) in [of_the_organization, in_the_team].into_iter().chain(others) {
        let member = Member {
            organization_id: place.organization.clone(),
            team_id: team_id.cloned(),
            user_id,
            role,
            policy: Policy::default(),
            stamps: Stamps::now(place.marker),
        };
        change.put_member(&member).await.unwrap();
    }
    Ids::from([
        ("team_id", team.id.to_string()),
        ("user_id", user.id.to_string()),
    ])
}

async fn in_the_team(
    change: &mut Transaction<'_>,
    place: &Where<'_>,
    team: &TeamId,
    user: &str,
) -> Ids {
    let project = Project {
        id: ProjectId::generate(),
        organization_id: place.organization.clone(),
        team_id: team.clone(),
        name: place.marker.to_owned(),
        policy: Policy::default(),
        blocked: false,
        stamps: Stamps::now(place.marker),
    };
    change.insert_project(&project).await.unwrap();
    let account = ServiceAccount {
        id: ServiceAccountId::generate(),
        organization_id: place.organization.clone(),
        team_id: team.clone(),
        name: new(place.marker),
        stamps: Stamps::now(place.marker),
    };
    change.insert_service_account(&account).await.unwrap();
    let invitation = invitation(place, team);
    change.insert_invitation(&invitation).await.unwrap();
    let owner = place.owner.cloned();
    let key = a_key(
        change,
        place,
        team,
        owner.clone().or(Some(UserId::new(user))),
    )
    .await;
    let deleted = a_key(change, place, team, owner).await;
    let deletion = Deletion {
        at: TimestampMs::now(),
        by: place.marker.to_owned(),
        level: BlockLevel::Owner,
    };
    change.delete_key(&deleted, &deletion).await.unwrap();
    Ids::from([
        ("project_id", project.id.to_string()),
        ("service_account_id", account.id.to_string()),
        ("invitation_id", invitation.id.to_string()),
        ("key_id", key.to_string()),
        ("key", key.to_string()),
        ("deleted_key_id", deleted.to_string()),
    ])
}

/// A key of the team and of the person.
async fn a_key(
    change: &mut Transaction<'_>,
    place: &Where<'_>,
    team: &TeamId,
    user: Option<UserId>,
) -> KeyId {
    let plain = PlainKey::generate().unwrap();
    let key = VirtualKey {
        id: KeyId::generate(),
        organization_id: place.organization.clone(),
        team_id: Some(team.clone()),
        project_id: None,
        user_id: user,
        service_account_id: None,
        alias: Some(new(place.marker)),
        environment: None,
        hash: plain.hash(),
        last_four: plain.last_four(),
        policy: Policy {
            allowed_routes: vec!["llm_api_routes".to_owned()],
            budgets: vec![Budget {
                limit_nanousd: NanoUsd::from_usd("5").unwrap(),
                window: None,
                mode: BudgetMode::Enforce,
                increase: None,
                alert_at_percent: None,
            }],
            ..Policy::default()
        },
        expires_at: None,
        blocked: false,
        stamps: Stamps::now(place.marker),
    };
    let secret = KeySecret {
        key_id: key.id.clone(),
        hash: key.hash,
        last_four: key.last_four.clone(),
        created_at: TimestampMs::now(),
        ends_at: None,
        uses: 0,
        last_used_at: None,
    };
    change.insert_key(&key, &secret).await.unwrap();
    key.id
}

async fn in_the_organization(change: &mut Transaction<'_>, place: &Where<'_>) -> Ids {
    let template = Template {
        id: TemplateId::generate(),
        organization_id: place.organization.clone(),
        environment: Some(new("environment")),
        name: place.marker.to_owned(),
        defaults: Policy::default(),
        default_lifetime: None,
        caps: Policy::default(),
        longest_lifetime: None,
        stamps: Stamps::now(place.marker),
    };
    change.insert_template(&template).await.unwrap();
    let budget = SharedBudget {
        id: BudgetId::generate(),
        organization_id: place.organization.clone(),
        external_id: Some(new(place.marker)),
        policy: Policy::default(),
        stamps: Stamps::now(place.marker),
    };
    change.insert_shared_budget(&budget).await.unwrap();
    let end_user = EndUser {
        id: EndUserId::generate(),
        organization_id: place.organization.clone(),
        external_id: new(place.marker),
        name: None,
        policy: Policy::default(),
        blocked: false,
        stamps: Stamps::now(place.marker),
    };
    change.insert_end_user(&end_user).await.unwrap();
    let tag = Tag {
        id: TagId::generate(),
        organization_id: place.organization.clone(),
        name: new(place.marker),
        description: None,
        policy: Policy::default(),
        stamps: Stamps::now(place.marker),
    };
    change.insert_tag(&tag).await.unwrap();
    Ids::from([
        ("template_id", template.id.to_string()),
        ("budget_id", budget.id.to_string()),
        ("end_user_id", end_user.id.to_string()),
        ("tag_id", tag.id.to_string()),
    ])
}

async fn of_models(change: &mut Transaction<'_>, keys: &KeyRing, place: &Where<'_>) -> Ids {
    let seal = |at: Place<'_>| -> Sealed {
        let secret = domain::keys::Secret::new(r#"{"api_key":"x"}"#);
        keys.seal(&secret, at).unwrap()
    };
    let id = CredentialId::generate();
    let credential = Credential {
        organization_id: Some(place.organization.clone()),
        name: new(place.marker),
        info: Map::new(),
        sealed_values: seal(Credential::sealed_at(id.as_str())),
        stamps: Stamps::now(place.marker),
        id,
    };
    change.insert_credential(&credential).await.unwrap();
    // Nobody listens there: what asks a provider is refused at once.
    let params = [
        ("model".to_owned(), Value::from("openai/gpt-4o")),
        ("api_base".to_owned(), Value::from("http://127.0.0.1:9/v1")),
    ];
    let deployment = StoredDeployment {
        id: DeploymentId::generate(),
        organization_id: Some(place.organization.clone()),
        model_name: place.marker.to_owned(),
        params: params.into_iter().collect(),
        sealed_params: None,
        info: Map::new(),
        blocked: false,
        stamps: Stamps::now(place.marker),
    };
    change.insert_deployment(&deployment).await.unwrap();
    let target = a_target(keys, place);
    change.insert_alert_target(&target).await.unwrap();
    Ids::from([
        ("alert_target_id", target.id.to_string()),
        ("credential_id", credential.id.to_string()),
        ("credential_name", credential.name),
        ("deployment_id", deployment.id.to_string()),
        ("model_id", deployment.id.to_string()),
    ])
}

/// A webhook where nobody listens.
fn a_target(keys: &KeyRing, place: &Where<'_>) -> AlertTarget {
    let id = AlertTargetId::generate();
    let secret = domain::keys::Secret::new(r#"{"url":"http://127.0.0.1:9/hook"}"#);
    let sealed = keys.seal(&secret, AlertTarget::sealed_at(id.as_str()));
    AlertTarget {
        id,
        organization_id: Some(place.organization.clone()),
        name: place.marker.to_owned(),
        kind: TargetKind::Webhook,
        monthly: false,
        of_platform: true,
        info: Map::new(),
        sealed_settings: sealed.unwrap(),
        stamps: Stamps::now(place.marker),
    }
}
