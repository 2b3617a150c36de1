//! To whom does a key belong? Ids as they were asked for to the things themselves, each checked.

use domain::organizations::Organization;
use domain::permissions::{Action, Place, PlatformRole, Reach, Rights, authorize};
use domain::projects::Project;
use domain::service_accounts::ServiceAccount;
use domain::teams::Team;
use domain::users::User;
use domain::virtual_keys::VirtualKey;
use store::Store;

use crate::acting::{Acting, Permission, may};
use crate::actions::keys::organization_asked::{organization, organization_without_team};
use crate::actions::levels::meant_team;
use crate::actions::organizations;
use crate::error::ActionError;

/// To whom a key shall belong, by ids as callers say them: ours or their own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AskedOwner {
    /// Its organization, when it has no team.
    pub organization_id: Option<String>,
    /// Its team.
    pub team_id: Option<String>,
    /// Its project.
    pub project_id: Option<String>,
    /// The person.
    pub user_id: Option<String>,
    /// The service account.
    pub service_account_id: Option<String>,
}

impl AskedOwner {
    /// As it is.
    #[must_use]
    pub fn of(key: &VirtualKey) -> Self {
        Self {
            organization_id: Some(key.organization_id.to_string()),
            team_id: key.team_id.as_ref().map(ToString::to_string),
            project_id: key.project_id.as_ref().map(ToString::to_string),
            user_id: key.user_id.as_ref().map(ToString::to_string),
            service_account_id: key.service_account_id.as_ref().map(ToString::to_string),
        }
    }
}

/// What a key belongs to.
pub(super) struct Owner {
    pub organization: Organization,
    pub team: Option<Team>,
    pub project: Option<Project>,
    pub user: Option<User>,
    pub service_account: Option<ServiceAccount>,
}

impl Owner {
    /// Writes the ids into a key.
    pub(super) fn put_into(&self, key: &mut VirtualKey) {
        key.organization_id = self.organization.id.clone();
        key.team_id = self.team.as_ref().map(|team| team.id.clone());
        key.project_id = self.project.as_ref().map(|project| project.id.clone());
        key.user_id = self.user.as_ref().map(|user| user.id.clone());
        key.service_account_id = self.service_account.as_ref().map(|one| one.id.clone());
    }
}

/// Whose a key is of which no owner is named.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Unnamed {
    /// The actor's, when it has no team or they may make keys for nobody else.
    Actors,
    /// Nobody's.
    Nobodys,
}

/// Finds what a key shall belong to, and checks that the actor may make keys there.
///
/// # Errors
/// [`ActionError::NotFound`] for what does not exist or lies elsewhere; [`ActionError::Invalid`]
/// when the things named do not belong together.
pub(super) async fn owner(
    acting: &Acting<may::WriteKeys>,
    asked: &AskedOwner,
    unnamed: Unnamed,
) -> Result<Owner, ActionError> {
    let store = acting.store();
    let service_account = match &asked.service_account_id {
        Some(id) => Some(
            (store.service_account(id).await?)
                .ok_or_else(|| ActionError::not_found("Service account", id))?,
        ),
        None => None,
    };
    let project = match &asked.project_id {
        Some(id) => {
            Some((store.project(id).await?).ok_or_else(|| ActionError::not_found("Project", id))?)
        }
        None => None,
    };
    let implied = service_account.as_ref().map(|one| one.team_id.to_string());
    let implied = implied.or_else(|| project.as_ref().map(|one| one.team_id.to_string()));
    let team = match asked.team_id.clone().or(implied) {
        Some(id) => Some(
            team(acting, &id)
                .await
                .map_err(|error| as_asked(error, asked))?,
        ),
        None => None,
    };
    belong_together(team.as_ref(), project.as_ref(), service_account.as_ref())?;
    let organization = organization(acting, asked, team.as_ref())
        .await
        .map_err(|error| as_asked(error, asked))?;
    let user = match &asked.user_id {
        Some(id) => Some(user(acting, id, &organization, team.as_ref()).await?),
        None if unnamed == Unnamed::Actors && service_account.is_none() => {
            actor(acting, &organization, team.as_ref()).await?
        }
        None => None,
    };
    if user.is_some() && service_account.is_some() {
        return Err(ActionError::invalid(
            "user_id",
            "A key belongs to a person or to a service account, not to both.",
        ));
    }
    let owner = Owner {
        organization,
        team,
        project,
        user,
        service_account,
    };
    let (kind, id) = named(&owner, asked);
    acting.on(&place(&owner), kind, &id).await?;
    members_own(acting, &owner)?;
    Ok(owner)
}

/// To whom a key would belong that is asked for thus, by our ids. Whether it may be made is not looked
/// at, so nothing is noted as refused; none where the team or the organization is not there.
///
/// # Errors
/// When the store does not answer.
pub async fn foreseen(
    acting: &Acting<may::WriteKeys>,
    asked: &AskedOwner,
    of_service: bool,
) -> Result<Option<AskedOwner>, ActionError> {
    let store = acting.store();
    let (organization, team) = match &asked.team_id {
        Some(id) => {
            let Some(team) = meant_team(acting, id).await? else {
                return Ok(None);
            };
            let organization = store.organization(team.organization_id.as_str()).await?;
            (organization, Some(team))
        }
        None => match organization_without_team(acting, asked).await {
            Ok(organization) => (Some(organization), None),
            Err(ActionError::NotFound { .. }) => (None, None),
            Err(error) => return Err(error),
        },
    };
    let Some(organization) = organization else {
        return Ok(None);
    };
    let user_id = match &asked.user_id {
        None if !of_service => {
            let user = actor(acting, &organization, team.as_ref()).await?;
            user.map(|user| user.id.to_string())
        }
        named => named.clone(),
    };
    Ok(Some(AskedOwner {
        organization_id: Some(organization.id.to_string()),
        team_id: team.map(|team| team.id.to_string()),
        user_id,
        ..asked.clone()
    }))
}

/// Whether whoever administers nothing here may make a key of their own here (SPEC 3.7): in a team,
/// unless it says no; without a team where [`organizations::members_may_create_keys`].
fn members_own(acting: &Acting<may::WriteKeys>, owner: &Owner) -> Result<(), ActionError> {
    let administered = Place {
        owner_id: None,
        ..place(owner)
    };
    if acting.whole_scope().contains(&administered) {
        return Ok(());
    }
    let (may, refusal) = match &owner.team {
        Some(team) => (
            team.policy.members_may_create_keys.unwrap_or(true),
            "keys of your own in this team: its `members_may_create_keys` is off",
        ),
        None => (
            organizations::members_may_create_keys(&owner.organization),
            "keys without a team: name a team of yours, or `members_may_create_keys` of the \
             organization has to be on",
        ),
    };
    match may {
        true => Ok(()),
        false => Err(ActionError::NotPermitted(refusal)),
    }
}

/// What a key belongs to at present, whoever asks.
///
/// # Errors
/// When the store does not answer.
pub(super) async fn owner_of(store: &Store, key: &VirtualKey) -> Result<Owner, ActionError> {
    let organization = store.organization(key.organization_id.as_str()).await?;
    Ok(Owner {
        organization: organization.ok_or_else(|| {
            ActionError::Internal(format!("the organization of key {} is missing", key.id))
        })?,
        team: match &key.team_id {
            Some(id) => store.team(id).await?,
            None => None,
        },
        project: match &key.project_id {
            Some(id) => store.project(id.as_str()).await?,
            None => None,
        },
        user: match &key.user_id {
            Some(id) => store.user(id.as_str()).await?,
            None => None,
        },
        service_account: match &key.service_account_id {
            Some(id) => store.service_account(id.as_str()).await?,
            None => None,
        },
    })
}

fn place(owner: &Owner) -> Place {
    Place {
        organization_id: Some(owner.organization.id.clone()),
        team_id: owner.team.as_ref().map(|team| team.id.clone()),
        owner_id: owner.user.as_ref().map(|user| user.id.clone()),
    }
}

/// What a refusal names: the most particular thing that was asked for.
/// A missing thing by the name under which it was asked for: what was found on the way may be
/// another tenant's, and is not named.
fn as_asked(error: ActionError, asked: &AskedOwner) -> ActionError {
    let ActionError::NotFound { id, .. } = &error else {
        return error;
    };
    let said = [
        ("Organization", &asked.organization_id),
        ("Team", &asked.team_id),
        ("User", &asked.user_id),
        ("Service account", &asked.service_account_id),
        ("Project", &asked.project_id),
    ];
    if said.iter().any(|(_kind, one)| one.as_ref() == Some(id)) {
        return error;
    }
    let first = said
        .into_iter()
        .find_map(|(kind, id)| Some((kind, id.clone()?)));
    match first {
        Some((kind, id)) => ActionError::not_found(kind, id),
        None => error,
    }
}

fn named(owner: &Owner, asked: &AskedOwner) -> (&'static str, String) {
    let asked = [
        ("User", &asked.user_id),
        ("Service account", &asked.service_account_id),
        ("Project", &asked.project_id),
        ("Team", &asked.team_id),
    ];
    let named = asked
        .into_iter()
        .find_map(|(kind, id)| Some((kind, id.clone()?)));
    named.unwrap_or_else(|| ("Organization", owner.organization.id.to_string()))
}

async fn team(acting: &Acting<may::WriteKeys>, id: &str) -> Result<Team, ActionError> {
    let found = meant_team(acting, id).await?;
    let team = found.ok_or_else(|| ActionError::not_found("Team", id))?;
    let place = Place {
        organization_id: Some(team.organization_id.clone()),
        team_id: Some(team.id.clone()),
        owner_id: None,
    };
    let own = |rights: &Rights| {
        let mut grants = rights.grants.iter();
        grants.any(|grant| {
            Action::WriteKeys.reach(grant.role) >= Reach::Own
                && grant.team_id.as_ref() == Some(&team.id)
        })
    };
    if !own(&acting.actor.rights) {
        acting.on(&place, "Team", id).await?;
    }
    Ok(team)
}

fn belong_together(
    team: Option<&Team>,
    project: Option<&Project>,
    service_account: Option<&ServiceAccount>,
) -> Result<(), ActionError> {
    let team = team.map(|team| &team.id);
    if project.is_some_and(|project| Some(&project.team_id) != team) {
        return Err(ActionError::invalid(
            "project_id",
            "The project belongs to another team.",
        ));
    }
    if service_account.is_some_and(|account| Some(&account.team_id) != team) {
        return Err(ActionError::invalid(
            "service_account_id",
            "The service account belongs to another team.",
        ));
    }
    Ok(())
}

/// The actor, where a key of nobody's is not theirs to make, or would be personal.
async fn actor(
    acting: &Acting<may::WriteKeys>,
    organization: &Organization,
    team: Option<&Team>,
) -> Result<Option<User>, ActionError> {
    let rights = &acting.actor.rights;
    let Some(own) = &rights.user_id else {
        return Ok(None);
    };
    let of_nobody = Place {
        organization_id: Some(organization.id.clone()),
        team_id: team.map(|team| team.id.clone()),
        owner_id: None,
    };
    if team.is_some() && authorize(rights, Action::WriteKeys, &of_nobody).is_ok() {
        return Ok(None);
    }
    Ok(acting.store().user(own.as_str()).await?)
}

/// The person who is named. Who does not run the platform names people of the same place.
pub(super) async fn user<P: Permission>(
    acting: &Acting<P>,
    id: &str,
    organization: &Organization,
    team: Option<&Team>,
) -> Result<User, ActionError> {
    let rights = &acting.actor.rights;
    let missing = || ActionError::not_found("User", id);
    let user = acting.store().user(id).await?.ok_or_else(missing)?;
    if rights.platform == Some(PlatformRole::PlatformAdmin)
        || rights.user_id.as_ref() == Some(&user.id)
    {
        return Ok(user);
    }
    let memberships = acting.store().memberships(&user.id).await?;
    let here = memberships.iter().any(|member| {
        let same_team = member.team_id.as_ref() == team.map(|team| &team.id);
        member.organization_id == organization.id
            && (member.team_id.is_none() || team.is_none() || same_team)
    });
    here.then_some(user).ok_or_else(missing)
}
