//! One person, many people: those whom the actor may see, and what of them.

use std::collections::{BTreeMap, BTreeSet};

use domain::ids::UserId;
use domain::members::Member;
use domain::permissions::{Action, Place, Scope};
use domain::users::User;
use store::page::{Listed, Page};
use store::users::UserFilter;

use crate::acting::{Acting, Permission, may};
use crate::actions::levels;
use crate::error::ActionError;

/// How many ids one query asks for.
const AT_ONCE: usize = 1_000;

/// Finds a person by either of their ids.
///
/// # Errors
/// [`ActionError::NotFound`] also when the actor may not see them.
pub async fn find(acting: &Acting<may::ReadUsers>, id: &str) -> Result<User, ActionError> {
    let found = acting.store().user(id).await?;
    let user = found.ok_or_else(|| ActionError::not_found("User", id))?;
    let place = place(acting, &acting.whole_scope(), &user).await?;
    acting.on(&place, "User", id).await?;
    Ok(user)
}

/// The actor's own person; another's when they may see them.
///
/// # Errors
/// When the actor is no person and names nobody; as [`find`].
pub async fn find_own(
    acting: &Acting<may::Myself>,
    asked: Option<&str>,
) -> Result<User, ActionError> {
    let own = match &acting.actor.rights.user_id {
        Some(own) => acting.store().user(own.as_str()).await?,
        None => None,
    };
    match (asked, own) {
        (None, Some(own)) => Ok(own),
        (None, None) => Err(ActionError::invalid(
            "user_id",
            "Say which person: you call with a key that belongs to nobody.",
        )),
        (Some(id), Some(own))
            if own.id.as_str() == id || own.external_id.as_deref() == Some(id) =>
        {
            Ok(own)
        }
        (Some(id), _) => find(&acting.also()?, id).await,
    }
}

/// Finds a person as people name each other: by their address, or by an id.
///
/// # Errors
/// As [`find()`].
pub async fn named(acting: &Acting<may::ReadUsers>, text: &str) -> Result<User, ActionError> {
    if !text.contains('@') {
        return find(acting, text).await;
    }
    match acting.store().user_by_email(text.trim()).await? {
        Some(user) => find(acting, user.id.as_str()).await,
        None => Err(ActionError::not_found("User", text)),
    }
}

/// Whether the actor may see a person.
pub async fn is_visible<P: Permission>(
    acting: &Acting<P>,
    user: &User,
) -> Result<bool, ActionError> {
    let scope = acting.actor.rights.scope(Action::ReadUsers);
    Ok(scope.contains(&place(acting, &scope, user).await?))
}

/// The place by which a scope holds a person: a person is in several.
async fn place<P: Permission>(
    acting: &Acting<P>,
    scope: &Scope,
    user: &User,
) -> Result<Place, ActionError> {
    let own = Place {
        owner_id: Some(user.id.clone()),
        ..Place::default()
    };
    if scope.contains(&own) {
        return Ok(own);
    }
    let memberships = acting.store().memberships(&user.id).await?;
    let mut places = memberships.iter().map(place_of);
    Ok(places.find(|place| scope.contains(place)).unwrap_or(own))
}

fn place_of(member: &Member) -> Place {
    Place {
        organization_id: Some(member.organization_id.clone()),
        team_id: member.team_id.clone(),
        owner_id: Some(member.user_id.clone()),
    }
}

/// Lists the people whom the actor may see; the filter's own scope does not count.
///
/// # Errors
/// When the store does not answer.
pub async fn list(
    acting: &Acting<may::ReadUsers>,
    mut filter: UserFilter,
    page: &Page,
) -> Result<Listed<User>, ActionError> {
    filter.scope = acting.scope();
    Ok(acting.store().users(&filter, page).await?)
}

/// A filter by organization and team, as a caller names them; none when nothing can match. To ask
/// who of one's own people is in a foreign team would tell of that team.
///
/// # Errors
/// When the store does not answer.
pub async fn filtered(
    acting: &Acting<may::ReadUsers>,
    organization: Option<&str>,
    team: Option<&str>,
) -> Result<Option<UserFilter>, ActionError> {
    let scope = acting.scope();
    let mut filter = UserFilter::default();
    if let Some(id) = organization {
        let found = acting.store().organization(id).await?;
        let visible = found.filter(|one| {
            scope.contains(&Place {
                organization_id: Some(one.id.clone()),
                ..Place::default()
            })
        });
        let Some(organization) = visible else {
            return Ok(None);
        };
        filter.organization_id = Some(organization.id);
    }
    if let Some(id) = team {
        let found = levels::meant_team(acting, id).await?;
        let visible = found.filter(|team| scope.contains(&crate::actions::teams::place(team)));
        let Some(team) = visible else {
            return Ok(None);
        };
        filter.team_id = Some(team.id);
    }
    Ok(Some(filter))
}

/// Of these people's memberships those that the actor may see: their own, and those of places that
/// they administer.
///
/// # Errors
/// When the store does not answer.
pub async fn visible_memberships<P: Permission>(
    acting: &Acting<P>,
    users: &[User],
) -> Result<Vec<Member>, ActionError> {
    let ids: Vec<_> = users.iter().map(|user| user.id.clone()).collect();
    let mut memberships = acting.store().memberships_of(&ids).await?;
    let rights = &acting.actor.rights;
    let scope = rights.scope(Action::ReadMembers);
    memberships.retain(|member| {
        rights.user_id.as_ref() == Some(&member.user_id)
            || scope.contains(&Place {
                owner_id: None,
                ..place_of(member)
            })
    });
    Ok(memberships)
}

/// The people of these memberships, by their ids.
///
/// # Errors
/// When the store does not answer.
pub async fn of_members<P: Permission>(
    acting: &Acting<P>,
    members: &[Member],
) -> Result<BTreeMap<UserId, User>, ActionError> {
    let ids: BTreeSet<&UserId> = members.iter().map(|member| &member.user_id).collect();
    let ids: Vec<String> = ids.into_iter().map(ToString::to_string).collect();
    let mut people = BTreeMap::new();
    for ids in ids.chunks(AT_ONCE) {
        let filter = UserFilter {
            scope: Scope {
                everything: true,
                ..Scope::default()
            },
            ids: ids.to_vec(),
            ..UserFilter::default()
        };
        let listed = acting.store().users(&filter, &levels::EVERYTHING).await?;
        people.extend(listed.items.into_iter().map(|user| (user.id.clone(), user)));
    }
    Ok(people)
}
