//! What has budgets, kind by kind: found and changed by the actions of its own kind.

use domain::end_users::EndUser;
use domain::ids::OrganizationId;
use domain::members::Member;
use domain::organizations::Organization;
use domain::policies::Policy;
use domain::projects::Project;
use domain::tags::Tag;
use domain::teams::Team;
use domain::time::TimestampMs;
use domain::users::User;
use domain::virtual_keys::VirtualKey;

use crate::acting::{Acting, Permission, may};
use crate::actions::members::{NewMember, Person};
use crate::actions::users::Changes;
use crate::actions::{end_users, keys, members, organizations, projects, tags, teams, users};
use crate::error::ActionError;
use crate::pages::keys::name as name_of_key;
use crate::pages::people::name as name_of_person;

/// A thing that has budgets.
pub struct Found {
    /// Its id, as its address says it.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// Whose clock its windows go by.
    pub organization_id: Option<OrganizationId>,
    /// What it allows now.
    pub policy: Policy,
    /// When it was made: windows count from then.
    pub made_at: TimestampMs,
    /// When it was last changed.
    pub changed_at: TimestampMs,
}

/// Writes a policy anew by what it was.
pub type Change<'c> = Box<dyn FnOnce(&mut Policy) -> Result<(), ActionError> + 'c>;

/// One kind of things that have budgets.
pub trait Level {
    /// Who may change them.
    type May: Permission;
    /// Its place in the addresses of budgets.
    const PATH: &'static str;

    /// Finds one, to change it.
    async fn find(acting: &Acting<Self::May>, id: &str) -> Result<Found, ActionError>;

    /// Changes what it allows.
    async fn change(
        acting: &Acting<Self::May>,
        id: &str,
        change: Change<'_>,
    ) -> Result<(), ActionError>;
}

/// The levels whose action takes the thing itself and changes its `policy`.
macro_rules! levels {
    ($($level:ident, $thing:ident of $permission:ident at $path:literal:
        $find:expr, $update:path, $name:expr, $organization:expr;)+) => {$(
        #[doc = concat!("Those at `/ui/budgets/", $path, "`.")]
        pub struct $level;

        impl Level for $level {
            type May = may::$permission;
            const PATH: &'static str = $path;

            async fn find(acting: &Acting<Self::May>, id: &str) -> Result<Found, ActionError> {
                let found: $thing = $find(acting, id).await?;
                let name: fn(&$thing) -> String = $name;
                let organization: fn(&$thing) -> Option<OrganizationId> = $organization;
                Ok(Found {
                    id: id.to_owned(),
                    name: name(&found),
                    organization_id: organization(&found),
                    made_at: found.stamps.created_at,
                    changed_at: found.stamps.updated_at,
                    policy: found.policy,
                })
            }

            async fn change(
                acting: &Acting<Self::May>,
                id: &str,
                change: Change<'_>,
            ) -> Result<(), ActionError> {
                $update(acting, id, |thing| change(&mut thing.policy)).await?;
                Ok(())
            }
        }
    )+};
}

levels! {
    OfOrganizations, Organization of UpdateOrganizations at "organizations":
        organizations::to_change, organizations::update,
        |one| one.name.clone(), |one| Some(one.id.clone());
    OfTeams, Team of UpdateTeams at "teams":
        teams::find, teams::update,
        |one| one.name.clone(), |one| Some(one.organization_id.clone());
    OfProjects, Project of WriteProjects at "projects":
        projects::find, projects::update,
        |one| one.name.clone(), |one| Some(one.organization_id.clone());
    OfPeople, User of WriteUsers at "people":
        person, person_changed,
        name_of_person, |_one| None;
    OfKeys, VirtualKey of WriteKeys at "keys":
        keys::find, keys::update,
        name_of_key, |one| Some(one.organization_id.clone());
    OfEndUsers, EndUser of WriteEndUsers at "end-users":
        end_users::find, end_users::update,
        |one| one.external_id.clone(), |one| Some(one.organization_id.clone());
    OfTags, Tag of WriteEndUsers at "tags":
        tags::find, tags::update,
        |one| one.name.clone(), |one| Some(one.organization_id.clone());
}

async fn person(acting: &Acting<may::WriteUsers>, id: &str) -> Result<User, ActionError> {
    users::find(&acting.also()?, id).await
}

async fn person_changed(
    acting: &Acting<may::WriteUsers>,
    id: &str,
    change: impl FnOnce(&mut User) -> Result<(), ActionError>,
) -> Result<(), ActionError> {
    users::update(acting, id, Changes::default(), change).await?;
    Ok(())
}

/// Members of teams at `/ui/budgets/team-members`, by `team_…/user_…`.
pub struct OfTeamMembers;

/// Members of organizations at `/ui/budgets/organization-members`, by `org_…/user_…`.
pub struct OfOrganizationMembers;

/// The two ids of a member.
fn parts(id: &str) -> Result<(&str, Person), ActionError> {
    let (within, user) = id
        .split_once('/')
        .ok_or_else(|| ActionError::not_found("Member", id))?;
    Ok((within, Person::by_id(user)))
}

fn of_member(id: &str, user: &User, member: &Member, given: Option<&Policy>) -> Found {
    Found {
        id: id.to_owned(),
        name: name_of_person(user),
        organization_id: Some(member.organization_id.clone()),
        // Without anything of their own they have what the team gives to each.
        policy: match given {
            Some(given) if member.policy == Policy::default() => given.clone(),
            _ => member.policy.clone(),
        },
        made_at: member.stamps.created_at,
        changed_at: member.stamps.updated_at,
    }
}

fn with_policy(person: Person, found: Found, change: Change<'_>) -> Result<NewMember, ActionError> {
    let mut policy = found.policy;
    change(&mut policy)?;
    Ok(NewMember {
        person,
        role: None,
        policy: Some(policy),
    })
}

/// Members of a place, who are found in it and put into it.
macro_rules! members {
    ($level:ident, $may:ident at $path:literal: found by $find:ident, written by $put:ident,
     given $given:ident) => {
        impl Level for $level {
            type May = may::$may;
            const PATH: &'static str = $path;

            async fn find(acting: &Acting<Self::May>, id: &str) -> Result<Found, ActionError> {
                let (within, person) = parts(id)?;
                let (place, user, member) = members::$find(acting, within, &person).await?;
                Ok(of_member(id, &user, &member, $given(&place)))
            }

            async fn change(
                acting: &Acting<Self::May>,
                id: &str,
                change: Change<'_>,
            ) -> Result<(), ActionError> {
                let (within, person) = parts(id)?;
                let found = Self::find(acting, id).await?;
                let member = with_policy(person, found, change)?;
                members::$put(acting, within, vec![member]).await?;
                Ok(())
            }
        }
    };
}

/// What a team gives to each.
const fn each(team: &Team) -> Option<&Policy> {
    Some(&team.member_policy)
}

/// An organization gives nothing to each.
const fn nothing(_organization: &Organization) -> Option<&Policy> {
    None
}

members!(OfTeamMembers, WriteTeamMembers at "team-members":
    found by in_team, written by put_in_team, given each);
members!(OfOrganizationMembers, WriteOrganizationMembers at "organization-members":
    found by in_organization, written by put_in_organization, given nothing);
