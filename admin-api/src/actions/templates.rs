//! Policy templates: what keys of an environment get, and the most they may have.

use domain::ids::{OrganizationId, TemplateId};
use domain::lifetimes::expires_at;
use domain::permissions::Place;
use domain::policies::Policy;
use domain::stamps::Stamps;
use domain::templates::{Template, folded_environment};
use domain::time::TimestampMs;
use serde_json::Value;
use store::Event;
use store::page::{Listed, Page};
use store::templates::TemplateFilter;

use crate::acting::{Acting, Permission, may};
use crate::actions::keys::organization_asked;
use crate::error::ActionError;

/// The most templates that an organization is looked through for.
const MOST_TEMPLATES: i64 = 1_000;

/// What a template may be made with.
#[derive(Clone, Debug, Default)]
pub struct NewTemplate {
    /// Whose keys it is for, by either id; the actor's only organization when missing.
    pub organization_id: Option<String>,
    /// Keys of this environment; none means of every one that has no template of its own.
    pub environment: Option<String>,
    /// For people.
    pub name: String,
    /// What a new key gets where its maker says nothing.
    pub defaults: Policy,
    /// The expiry of a new key whose maker says nothing.
    pub default_lifetime: Option<String>,
    /// The most that a maker may ask for.
    pub caps: Policy,
    /// The longest life that a maker may ask for.
    pub longest_lifetime: Option<String>,
}

fn recorded(template: &Template) -> Value {
    serde_json::to_value(template).unwrap_or_default()
}

fn event(action: &'static str, template: &Template) -> Event {
    Event {
        action,
        object_kind: "template",
        object_id: template.id.to_string(),
        organization_id: Some(template.organization_id.to_string()),
        ..Event::default()
    }
}

fn place(organization: &OrganizationId) -> Place {
    Place {
        organization_id: Some(organization.clone()),
        ..Place::default()
    }
}

/// Makes a template.
///
/// # Errors
/// [`ActionError::NotFound`] for an organization that is not the actor's; a lifetime that is none;
/// [`ActionError::Conflict`] when the environment has one.
pub async fn create(
    acting: &Acting<may::WriteTemplates>,
    new: NewTemplate,
) -> Result<Template, ActionError> {
    let organization = organization_asked(acting, new.organization_id.as_deref()).await?;
    let id = new
        .organization_id
        .unwrap_or_else(|| organization.id.to_string());
    acting
        .on(&place(&organization.id), "Organization", &id)
        .await?;
    let template = Template {
        id: TemplateId::generate(),
        organization_id: organization.id,
        environment: new.environment,
        name: new.name,
        defaults: new.defaults,
        default_lifetime: new.default_lifetime,
        caps: new.caps,
        longest_lifetime: new.longest_lifetime,
        stamps: Stamps::now(&acting.actor.id()),
    };
    check(acting, &template).await?;
    let mut change = acting.store().begin().await?;
    change.insert_template(&template).await?;
    let made = Event {
        after: Some(recorded(&template)),
        ..event("template.create", &template)
    };
    change.commit(&acting.actor, made).await?;
    Ok(template)
}

async fn check<P: Permission>(acting: &Acting<P>, template: &Template) -> Result<(), ActionError> {
    if template.name.trim().is_empty() {
        return Err(ActionError::invalid("name", "Give the template a name."));
    }
    if template
        .environment
        .as_deref()
        .is_some_and(|one| one.trim().is_empty())
    {
        return Err(ActionError::invalid(
            "environment",
            "Name an environment, or leave it out for a template of all.",
        ));
    }
    let lifetimes = [
        ("default_lifetime", &template.default_lifetime),
        ("longest_lifetime", &template.longest_lifetime),
    ];
    for (field, text) in lifetimes {
        let Some(text) = text else { continue };
        expires_at(text, TimestampMs::now()).map_err(|malformed| {
            ActionError::invalid(field, format!("`{text}` is no lifetime: {malformed}."))
        })?;
    }
    let filter = TemplateFilter {
        scope: acting.scope(),
        organization_id: Some(template.organization_id.clone()),
    };
    let others = acting
        .store()
        .templates(&filter, &Page::first(MOST_TEMPLATES))
        .await?;
    let folded = |one: &Template| one.environment.as_deref().and_then(folded_environment);
    let taken = others
        .items
        .iter()
        .any(|other| other.id != template.id && folded(other) == folded(template));
    if taken {
        return Err(ActionError::Conflict {
            field: "environment",
            message: "The organization has a template for this environment. Change that one."
                .to_owned(),
        });
    }
    Ok(())
}

/// Finds a template.
///
/// # Errors
/// [`ActionError::NotFound`] also when the actor may not see it.
pub async fn find<P: Permission>(acting: &Acting<P>, id: &str) -> Result<Template, ActionError> {
    let found = acting.store().template(id).await?;
    let template = found.ok_or_else(|| ActionError::not_found("Template", id))?;
    acting
        .on(&place(&template.organization_id), "Template", id)
        .await?;
    Ok(template)
}

/// Lists the templates that the actor may see.
///
/// # Errors
/// When the store does not answer.
pub async fn list(
    acting: &Acting<may::ReadTemplates>,
    organization_id: Option<&str>,
    page: &Page,
) -> Result<Listed<Template>, ActionError> {
    let filter = TemplateFilter {
        scope: acting.scope(),
        organization_id: organization_id.map(OrganizationId::new),
    };
    Ok(acting.store().templates(&filter, page).await?)
}

/// Changes a template by what `change` makes of it; keys that exist stay as they are.
///
/// # Errors
/// As [`find`] and [`create`]; what `change` refuses.
pub async fn update(
    acting: &Acting<may::WriteTemplates>,
    id: &str,
    change: impl FnOnce(&mut Template) -> Result<(), ActionError>,
) -> Result<Template, ActionError> {
    let before = find(acting, id).await?;
    let mut template = before.clone();
    change(&mut template)?;
    check(acting, &template).await?;
    template.stamps = before.stamps.changed(&acting.actor.id());
    let mut writing = acting.store().begin().await?;
    writing.update_template(&template).await?;
    let changed = Event {
        before: Some(recorded(&before)),
        after: Some(recorded(&template)),
        ..event("template.update", &template)
    };
    writing.commit(&acting.actor, changed).await?;
    Ok(template)
}

/// Removes a template; keys that exist stay as they are.
///
/// # Errors
/// As [`find`].
pub async fn delete(acting: &Acting<may::WriteTemplates>, id: &str) -> Result<(), ActionError> {
    let template = find(acting, id).await?;
    let mut change = acting.store().begin().await?;
    change.delete_template(&template.id).await?;
    let gone = Event {
        before: Some(recorded(&template)),
        ..event("template.delete", &template)
    };
    change.commit(&acting.actor, gone).await?;
    Ok(())
}
