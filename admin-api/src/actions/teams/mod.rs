//! Teams: made, changed, blocked, removed with all that is in them.

mod delete;

pub use self::delete::delete;

use domain::blocks::BlockLevel;
use domain::ids::TeamId;
use domain::members::Member;
use domain::permissions::{Place, Role};
use domain::policies::Policy;
use domain::stamps::Stamps;
use domain::teams::Team;
use serde_json::Value;
use store::page::{Listed, Page};
use store::teams::TeamFilter;
use store::{Event, StoreError};

use crate::acting::{Acting, Permission, may};
use crate::actions::access_groups::AccessGroups;
use crate::actions::blocks::{self, Blocking};
use crate::actions::members::{NewMember, People};
use crate::actions::{chosen_ids, grants, levels, narrowing};
use crate::error::ActionError;

/// What a team may be made with.
#[derive(Default)]
pub struct NewTeam {
    /// The caller's own id.
    pub external_id: Option<String>,
    /// Its organization; when it is not said, the actor's only one, else `default`.
    pub organization_id: Option<String>,
    /// For people.
    pub name: String,
    /// What it allows.
    pub policy: Policy,
    /// What its members get who have nothing of their own.
    pub member_policy: Policy,
    /// Whether its keys are refused from the start.
    pub blocked: bool,
    /// Who is in it from the start.
    pub members: Vec<NewMember>,
    /// Whether the actor, when a person, is in it as its administrator.
    pub with_actor: bool,
}

/// What an audit entry says of a team.
fn recorded(team: &Team) -> Value {
    serde_json::to_value(team).unwrap_or_default()
}

pub(super) fn event(action: &'static str, team: &Team) -> Event {
    Event {
        action,
        object_kind: "team",
        object_id: team.id.to_string(),
        organization_id: Some(team.organization_id.to_string()),
        team_id: Some(team.id.to_string()),
        ..Event::default()
    }
}

/// Where a team lies.
#[must_use]
pub fn place(team: &Team) -> Place {
    Place {
        organization_id: Some(team.organization_id.clone()),
        team_id: Some(team.id.clone()),
        ..Place::default()
    }
}

/// Finds a team by either of its ids, to do `P` to it.
///
/// # Errors
/// [`ActionError::NotFound`] also when the actor may not see it.
pub async fn find<P: Permission>(acting: &Acting<P>, id: &str) -> Result<Team, ActionError> {
    let found = levels::meant_team(acting, id).await?;
    let team = found.ok_or_else(|| ActionError::not_found("Team", id))?;
    acting.on(&place(&team), "Team", id).await?;
    Ok(team)
}

/// Lists the teams that the actor may see; the filter's own scope does not count.
///
/// # Errors
/// When the store does not answer.
pub async fn list(
    acting: &Acting<may::ReadTeams>,
    mut filter: TeamFilter,
    page: &Page,
) -> Result<Listed<Team>, ActionError> {
    filter.scope = acting.scope();
    Ok(acting.store().teams(&filter, page).await?)
}

/// Makes a team, with its first members.
///
/// # Errors
/// When its id is taken, its organization is not the actor's, or it would allow more than that.
pub async fn create(
    acting: &Acting<may::CreateTeams>,
    new: NewTeam,
) -> Result<(Team, Vec<Member>), ActionError> {
    let organization = levels::organization_for(acting, new.organization_id.as_deref()).await?;
    let external_id = new.external_id.map(|id| chosen_ids::chosen("team_id", id));
    let mut team = Team {
        id: TeamId::generate(),
        organization_id: organization.id,
        external_id: external_id.transpose()?,
        name: new.name,
        policy: new.policy,
        member_policy: new.member_policy,
        blocked: new.blocked,
        stamps: Stamps::now(&acting.actor.id()),
    };
    bounded(acting, &mut team, &organization.policy).await?;
    let mut asked = new.members;
    asked.extend(creator(acting, &asked, new.with_actor));
    let people = People::for_team(&acting.also()?, &team, asked).await?;
    let mut change = acting.store().begin().await?;
    change.insert_team(&team).await.map_err(taken)?;
    blocking(acting, &team, false).noted(&mut change).await?;
    people.write(&mut change).await?;
    let made = Event {
        after: Some(with_members(&team, people.recorded())),
        ..event("team.create", &team)
    };
    change.commit(&acting.actor, made).await?;
    Ok((team, people.into_members()))
}

/// The actor as a member, unless they are one already.
fn creator<P: Permission>(
    acting: &Acting<P>,
    asked: &[NewMember],
    wanted: bool,
) -> Option<NewMember> {
    let own = acting.actor.rights.user_id.as_ref().filter(|_| wanted)?;
    let named = asked.iter().any(|member| member.person.is(own));
    (!named).then(|| NewMember::by_id(own.as_str(), Role::TeamAdmin))
}

fn with_members(team: &Team, members: Value) -> Value {
    let mut recorded = recorded(team);
    if let Value::Object(entries) = &mut recorded {
        entries.insert("members".to_owned(), members);
    }
    recorded
}

/// Holds a team's policies to what is above, and what they point to to its organization.
async fn bounded<P: Permission>(
    acting: &Acting<P>,
    team: &mut Team,
    above: &Policy,
) -> Result<(), ActionError> {
    let organization = team.organization_id.clone();
    levels::resolve_budget(acting, &mut team.policy, Some(&organization)).await?;
    levels::resolve_budget(acting, &mut team.member_policy, Some(&organization)).await?;
    let groups = AccessGroups::of(acting, &organization, &[above, &team.policy]).await?;
    let spelled_out = |policy: &Policy| Policy {
        models: groups.spelled_out(&policy.models),
        ..policy.clone()
    };
    grants::within(acting, &team.policy, &spelled_out(above), "organization")?;
    let within = spelled_out(&team.policy);
    grants::within(acting, &team.member_policy, &within, "team")
}

fn taken(error: StoreError) -> ActionError {
    match error {
        StoreError::Exists(_) => ActionError::Conflict {
            field: "team_id",
            message: "A team with this id exists already. Choose another.".to_owned(),
        },
        other => other.into(),
    }
}

/// Changes a team by what `change` makes of it. Its own administrators may make it narrower only;
/// those of its organization stay within the organization.
///
/// # Errors
/// As [`find`]; what `change` refuses; a policy that is too wide; a block from further up.
pub async fn update(
    acting: &Acting<may::UpdateTeams>,
    id: &str,
    change: impl FnOnce(&mut Team) -> Result<(), ActionError>,
) -> Result<Team, ActionError> {
    let before = find(acting, id).await?;
    let mut team = before.clone();
    change(&mut team)?;
    team.stamps = before.stamps.changed(&acting.actor.id());
    let above = levels::policy_of_organization(acting, &team.organization_id).await?;
    bounded(acting, &mut team, &above).await?;
    let stands_above = stands_above(acting, &team);
    if !stands_above {
        narrowing::not_wider(&team.policy, &before.policy, "team")?;
    }
    let mut writing = acting.store().begin().await?;
    writing.update_team(&team).await?;
    blocking(acting, &team, before.blocked)
        .noted(&mut writing)
        .await?;
    let action = match (before.blocked, team.blocked) {
        (false, true) => "team.block",
        (true, false) => "team.unblock",
        _ => "team.update",
    };
    let changed = Event {
        before: Some(recorded(&before)),
        after: Some(recorded(&team)),
        ..event(action, &team)
    };
    writing.commit(&acting.actor, changed).await?;
    Ok(team)
}

/// Whether the team becomes blocked, or is no longer.
fn blocking<'t, P: Permission>(acting: &Acting<P>, team: &'t Team, before: bool) -> Blocking<'t> {
    Blocking {
        id: team.id.as_str(),
        before,
        after: team.blocked,
        by: blocks::level(acting, &place(team)),
        unknown: BlockLevel::Organization,
    }
}

/// Blocks a team or takes the block away.
///
/// # Errors
/// As [`update`].
pub async fn set_blocked(
    acting: &Acting<may::UpdateTeams>,
    id: &str,
    blocked: bool,
) -> Result<Team, ActionError> {
    update(acting, id, |team| {
        team.blocked = blocked;
        Ok(())
    })
    .await
}

/// Whether the actor may do this in the team's whole organization.
pub(super) fn stands_above<P: Permission>(acting: &Acting<P>, team: &Team) -> bool {
    acting.whole_scope().contains(&Place {
        organization_id: Some(team.organization_id.clone()),
        ..Place::default()
    })
}
