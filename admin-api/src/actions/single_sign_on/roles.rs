//! Which roles follow from what a provider says of somebody: given at each sign-in, and taken back
//! when it says so no more. Roles that were given by hand stay as they are.

use std::collections::BTreeMap;

use domain::identity::ProvidedRole;
use domain::ids::{OrganizationId, TeamId};
use domain::members::Member;
use domain::permissions::{PlatformRole, Role};
use domain::policies::Policy;
use domain::stamps::Stamps;
use domain::users::User;
use domain::virtual_keys::VirtualKey;
use serde_json::json;
use store::teams::TeamFilter;
use store::virtual_keys::KeyFilter;
use store::{Event, Transaction};

use super::recorded;
use crate::AdminApi;
use crate::actions::levels::EVERYTHING;
use crate::actions::sign_in::{Browser, event};
use crate::identity::exchange::Vouched;
use crate::identity::fault::SignInFault;
use crate::identity::provider::Provider;
use crate::identity::settings::{ProviderSettings, RoleRule, RuledRole, Whom};

/// Where a role holds: an organization and a team; neither is the platform.
type Seat = (Option<OrganizationId>, Option<TeamId>);

/// What becomes of somebody's roles.
#[derive(Default)]
struct Moves {
    platform: Option<Option<PlatformRole>>,
    put: Vec<Member>,
    taken: Vec<Member>,
    /// Keys of theirs where they have no place any more.
    ended: Vec<VirtualKey>,
}

/// Whether any rule gives this person a role.
pub(super) fn names(settings: &ProviderSettings, vouched: &Vouched) -> bool {
    settings
        .roles
        .iter()
        .any(|rule| rule.whom != Whom::Everyone && is_for(rule, vouched))
}

fn is_for(rule: &RoleRule, vouched: &Vouched) -> bool {
    match &rule.whom {
        Whom::Everyone => true,
        Whom::Group(group) => vouched.groups.contains(group),
        Whom::Subject(subject) => vouched.subject == *subject,
    }
}

/// Gives the roles that the rules say, and takes those back that they said before.
///
/// # Errors
/// When the store does not answer.
pub(super) async fn give(
    api: &AdminApi,
    browser: &Browser,
    (provider, vouched): (&Provider, &Vouched),
    user: &User,
) -> Result<(), SignInFault> {
    let wanted = wanted(api, &provider.settings, vouched).await?;
    let before = api.store.provided_roles(&user.id, &vouched.issuer).await?;
    let held = api.store.memberships(&user.id).await?;
    let (moves, provided) = compared(user, &held, &before, wanted);
    let moves = with_keys(api, user, moves).await?;
    let mut sorted = before.clone();
    sorted.sort();
    if moves.is_empty() && sorted == provided {
        return Ok(());
    }
    let mut change = api.store.begin().await?;
    moves.write(&mut change, user).await?;
    change
        .put_provided_roles(&user.id, &vouched.issuer, &provided)
        .await?;
    let mut after = recorded(provider, vouched);
    if let Some(members) = after.as_object_mut() {
        members.insert("roles".to_owned(), json!(provided));
        members.insert("keys_blocked".to_owned(), json!(moves.ended_ids()));
    }
    let given = Event {
        before: Some(json!({"roles": before})),
        after: Some(after),
        ..event("identity.roles", "user", user.id.to_string())
    };
    change.commit(&browser.actor, given).await?;
    Ok(())
}

/// The roles that the rules give; of several for one place, the one that may do most.
async fn wanted(
    api: &AdminApi,
    settings: &ProviderSettings,
    vouched: &Vouched,
) -> Result<Vec<ProvidedRole>, SignInFault> {
    let mut by_seat: BTreeMap<Seat, ProvidedRole> = BTreeMap::new();
    for rule in settings.roles.iter().filter(|rule| is_for(rule, vouched)) {
        let Some(role) = resolved(api, &rule.role).await? else {
            tracing::warn!(
                "a role rule of the identity provider {} names what does not exist: {:?}",
                settings.name,
                rule.role
            );
            continue;
        };
        let seat = (role.organization_id.clone(), role.team_id.clone());
        let is_more = by_seat
            .get(&seat)
            .is_none_or(|known| rank(&role) > rank(known));
        if is_more {
            by_seat.insert(seat, role);
        }
    }
    Ok(by_seat.into_values().collect())
}

fn rank(role: &ProvidedRole) -> u8 {
    match (role.platform_role(), role.member_role()) {
        (Some(PlatformRole::PlatformAdmin), _) => 5,
        (Some(PlatformRole::PlatformAuditor), _) => 4,
        (None, Some(Role::OrganizationAdmin | Role::TeamAdmin)) => 3,
        (None, Some(Role::Member)) => 2,
        (None, Some(Role::Viewer)) => 1,
        (None, None) => 0,
    }
}

/// A rule's role with our own ids; none when it names nothing.
async fn resolved(api: &AdminApi, role: &RuledRole) -> Result<Option<ProvidedRole>, SignInFault> {
    Ok(match role {
        RuledRole::Platform(role) => Some(ProvidedRole::of_platform(*role)),
        RuledRole::Organization(id, role) => {
            let found = api.store.organization(id).await?;
            found.map(|found| ProvidedRole::within(found.id, None, *role))
        }
        RuledRole::Team(organization, name, role) => {
            let organization = match organization {
                Some(id) => match api.store.organization(id).await? {
                    Some(found) => Some(found.id),
                    None => return Ok(None),
                },
                None => None,
            };
            let is_there = |id: &OrganizationId| organization.as_ref().is_none_or(|one| one == id);
            let called = api.store.teams_called(name).await?;
            let mut by_id = called.into_iter();
            let found = match by_id.find(|team| is_there(&team.organization_id)) {
                Some(team) => Some(team),
                None => by_name(api, organization.as_ref(), name).await?,
            };
            found.map(|team| ProvidedRole::within(team.organization_id, Some(team.id), *role))
        }
    })
}

/// The one team of this name.
async fn by_name(
    api: &AdminApi,
    organization: Option<&OrganizationId>,
    name: &str,
) -> Result<Option<domain::teams::Team>, SignInFault> {
    let mut filter = TeamFilter {
        organization_id: organization.cloned(),
        search: Some(name.to_owned()),
        ..TeamFilter::default()
    };
    filter.scope.everything = true;
    let mut found = api.store.teams(&filter, &EVERYTHING).await?.items;
    found.retain(|team| team.name == name);
    match found.len() {
        1 => Ok(found.pop()),
        _ => Ok(None),
    }
}

/// What has to be done, and what the provider gives from now on. A place that somebody was given by
/// hand stays as it is, and stays theirs when the provider's word ends.
fn compared(
    user: &User,
    held: &[Member],
    before: &[ProvidedRole],
    wanted: Vec<ProvidedRole>,
) -> (Moves, Vec<ProvidedRole>) {
    let mut moves = Moves::default();
    let mut provided = Vec::new();
    let was_given = |role: &ProvidedRole| before.contains(role);
    for role in &wanted {
        let Some(member_role) = role.member_role() else {
            continue;
        };
        let now = place_of(held, role);
        let is_theirs = now.is_some_and(|now| was_given(&provided_as(now)));
        match now {
            Some(_by_hand) if !is_theirs => continue,
            Some(now) if now.role == member_role => {}
            now => moves.put.push(member(user, role, member_role, now)),
        }
        provided.push(role.clone());
    }
    for role in before.iter().filter(|role| role.member_role().is_some()) {
        let is_wanted = wanted.iter().any(|one| same_seat(one, role));
        let now = place_of(held, role).filter(|now| provided_as(now) == *role);
        if let (Some(now), false) = (now, is_wanted) {
            moves.taken.push(now.clone());
        }
    }
    let platform = wanted.iter().find_map(ProvidedRole::platform_role);
    let platform_before = before.iter().find_map(ProvidedRole::platform_role);
    let is_by_hand = user.platform_role.is_some() && user.platform_role != platform_before;
    if !is_by_hand {
        provided.extend(platform.map(ProvidedRole::of_platform));
        if user.platform_role != platform && (platform.is_some() || platform_before.is_some()) {
            moves.platform = Some(platform);
        }
    }
    provided.sort();
    (moves, provided)
}

fn same_seat(one: &ProvidedRole, other: &ProvidedRole) -> bool {
    one.organization_id == other.organization_id && one.team_id == other.team_id
}

fn place_of<'a>(held: &'a [Member], role: &ProvidedRole) -> Option<&'a Member> {
    held.iter().find(|member| {
        Some(&member.organization_id) == role.organization_id.as_ref()
            && member.team_id == role.team_id
    })
}

fn provided_as(member: &Member) -> ProvidedRole {
    ProvidedRole::within(
        member.organization_id.clone(),
        member.team_id.clone(),
        member.role,
    )
}

fn member(user: &User, place: &ProvidedRole, role: Role, now: Option<&Member>) -> Member {
    let fresh = || Stamps::now(user.id.as_str());
    Member {
        organization_id: place
            .organization_id
            .clone()
            .unwrap_or_else(OrganizationId::default_one),
        team_id: place.team_id.clone(),
        user_id: user.id.clone(),
        role,
        policy: now.map_or_else(Policy::default, |now| now.policy.clone()),
        stamps: now.map_or_else(fresh, |now| Stamps {
            created_at: now.stamps.created_at,
            created_by: now.stamps.created_by.clone(),
            ..fresh()
        }),
    }
}

/// With the keys that somebody has where they have no place any more. They are blocked and not
/// deleted: a group that was forgotten for a day is no reason to lose a program's key.
async fn with_keys(api: &AdminApi, user: &User, mut moves: Moves) -> Result<Moves, SignInFault> {
    for taken in &moves.taken {
        let mut filter = KeyFilter {
            user_id: Some(user.id.clone()),
            team_id: taken.team_id.clone(),
            organization_id: Some(taken.organization_id.clone()),
            ..KeyFilter::default()
        };
        filter.scope.everything = true;
        let keys = api.store.virtual_keys(&filter, &EVERYTHING).await?.items;
        // Leaving the organization itself leaves the places in its teams.
        let of_place = keys
            .into_iter()
            .filter(|key| key.team_id == taken.team_id && !key.blocked);
        moves.ended.extend(of_place);
    }
    Ok(moves)
}

impl Moves {
    fn is_empty(&self) -> bool {
        self.platform.is_none() && self.put.is_empty() && self.taken.is_empty()
    }

    fn ended_ids(&self) -> Vec<String> {
        self.ended.iter().map(|key| key.id.to_string()).collect()
    }

    async fn write(&self, change: &mut Transaction<'_>, user: &User) -> Result<(), SignInFault> {
        if let Some(platform_role) = self.platform {
            let user = User {
                platform_role,
                ..user.clone()
            };
            change.update_user(&user).await?;
        }
        for key in &self.ended {
            // As it is by now: a change of this moment is not undone.
            if let Some(now) = change.virtual_key(&key.id).await? {
                let key = VirtualKey {
                    blocked: true,
                    ..now
                };
                change.update_key(&key).await?;
            }
        }
        for member in &self.taken {
            let team = member.team_id.as_ref();
            change
                .delete_member(&member.organization_id, team, &member.user_id)
                .await?;
        }
        for member in &self.put {
            change.put_member(member).await?;
        }
        Ok(())
    }
}
