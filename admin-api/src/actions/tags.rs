//! Tags: made, changed, removed.

use domain::ids::TagId;
use domain::permissions::{Place, Scope};
use domain::policies::Policy;
use domain::stamps::Stamps;
use domain::tags::Tag;
use store::Event;
use store::page::{Listed, Page};
use store::tags::TagFilter;

use crate::acting::{Acting, Permission, may};
use crate::actions::levels::{organization_for, organization_id, resolve_budget};
use crate::error::ActionError;

/// The most characters of a tag.
const LONGEST_CHARACTERS: usize = 255;

/// What a tag may be made with.
#[derive(Clone, Debug, Default)]
pub struct NewTag {
    /// Whose; the actor's own organization when missing.
    pub organization_id: Option<String>,
    /// The word.
    pub name: String,
    /// For people.
    pub description: Option<String>,
    /// What requests with it may do.
    pub policy: Policy,
}

fn recorded(tag: &Tag) -> serde_json::Value {
    serde_json::to_value(tag).unwrap_or_default()
}

fn event(action: &'static str, tag: &Tag) -> Event {
    Event {
        action,
        object_kind: "tag",
        object_id: tag.id.to_string(),
        organization_id: Some(tag.organization_id.to_string()),
        ..Event::default()
    }
}

/// Makes a tag.
///
/// # Errors
/// When the organization has one of that name, or is not the actor's.
pub async fn create(acting: &Acting<may::WriteEndUsers>, new: NewTag) -> Result<Tag, ActionError> {
    let length = new.name.chars().count();
    if !(1..=LONGEST_CHARACTERS).contains(&length) || new.name.chars().any(char::is_control) {
        return Err(ActionError::invalid(
            "name",
            format!(
                "`name` has to be 1 to {LONGEST_CHARACTERS} characters, without control characters."
            ),
        ));
    }
    let organization = organization_for(acting, new.organization_id.as_deref()).await?;
    let mut policy = new.policy;
    resolve_budget(acting, &mut policy, Some(&organization.id)).await?;
    let tag = Tag {
        id: TagId::generate(),
        organization_id: organization.id,
        name: new.name,
        description: new.description,
        policy,
        stamps: Stamps::now(&acting.actor.id()),
    };
    let mut change = acting.store().begin().await?;
    change.insert_tag(&tag).await?;
    let made = Event {
        after: Some(recorded(&tag)),
        ..event("tag.create", &tag)
    };
    change.commit(&acting.actor, made).await?;
    Ok(tag)
}

/// The one that is meant: the actor's own before any other of that name. A foreign one is noted as
/// a denial and answered as a missing one.
async fn visible<P: Permission>(acting: &Acting<P>, name: &str) -> Result<Tag, ActionError> {
    let mut filter = TagFilter {
        scope: acting.scope(),
        ..TagFilter::default()
    };
    if let Some(own) = acting.store().tag_within(&filter, name).await? {
        return Ok(own);
    }
    filter.scope = Scope {
        everything: true,
        ..Scope::default()
    };
    if let Some(foreign) = acting.store().tag_within(&filter, name).await? {
        let place = Place {
            organization_id: Some(foreign.organization_id),
            ..Place::default()
        };
        acting.on(&place, "Tag", name).await?;
    }
    Err(ActionError::not_found("Tag", name))
}

/// Finds a tag by its name or id.
///
/// # Errors
/// [`ActionError::NotFound`] also when the actor may not see it.
pub async fn find<P: Permission>(acting: &Acting<P>, name: &str) -> Result<Tag, ActionError> {
    visible(acting, name).await
}

/// Lists the tags that the actor may see.
///
/// # Errors
/// When the store does not answer.
pub async fn list(
    acting: &Acting<may::ReadEndUsers>,
    (organization, search): (Option<String>, Option<String>),
    page: &Page,
) -> Result<Listed<Tag>, ActionError> {
    let filter = TagFilter {
        scope: acting.scope(),
        organization_id: organization_id(acting, organization).await?,
        search,
    };
    Ok(acting.store().tags(&filter, page).await?)
}

/// Changes a tag by what `change` makes of it; its name stays.
///
/// # Errors
/// As [`find`], and what `change` refuses.
pub async fn update(
    acting: &Acting<may::WriteEndUsers>,
    name: &str,
    change: impl FnOnce(&mut Tag) -> Result<(), ActionError>,
) -> Result<Tag, ActionError> {
    let before = visible(acting, name).await?;
    let mut tag = before.clone();
    change(&mut tag)?;
    resolve_budget(acting, &mut tag.policy, Some(&before.organization_id)).await?;
    tag.name.clone_from(&before.name);
    tag.stamps = before.stamps.changed(&acting.actor.id());
    let mut writing = acting.store().begin().await?;
    writing.update_tag(&tag).await?;
    let changed = Event {
        before: Some(recorded(&before)),
        after: Some(recorded(&tag)),
        ..event("tag.update", &tag)
    };
    writing.commit(&acting.actor, changed).await?;
    Ok(tag)
}

/// Removes a tag; requests may go on carrying the word.
///
/// # Errors
/// As [`find`].
pub async fn delete(acting: &Acting<may::WriteEndUsers>, name: &str) -> Result<Tag, ActionError> {
    let tag = visible(acting, name).await?;
    let mut change = acting.store().begin().await?;
    change.delete_tag(&tag.id).await?;
    let gone = Event {
        before: Some(recorded(&tag)),
        ..event("tag.delete", &tag)
    };
    change.commit(&acting.actor, gone).await?;
    Ok(tag)
}
