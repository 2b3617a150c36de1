//! `/organization/member_add`, `/organization/member_update`, `/organization/member_delete`.

use actix_web::web;
use domain::policies::Policy;
use serde_json::{Value, json};

use super::Answer;
use super::shown::Around;
use crate::acting::{Acting, may};
use crate::actions::members::{self, NewMember, Person};
use crate::error::ActionError;
use crate::fields::Fields;
use crate::litellm::member_fields::{organization_role, take_members, take_person, take_policy};
use crate::litellm::names::known;

/// LiteLLM's name for what a member may spend in an organization.
const BUDGET: &str = "max_budget_in_organization";

pub async fn add(acting: Acting<may::WriteOrganizationMembers>, body: web::Bytes) -> Answer {
    let mut fields = Fields::read(&body)?;
    let id = fields.required("organization_id")?;
    let own = take_policy(&mut fields, BUDGET, &Policy::default())?;
    let asked = take_members(&mut fields, organization_role, own.as_ref())?;
    let (organization, written) = members::put_in_organization(&acting, &id, asked).await?;
    let around = Around::of_people(written.iter().map(|(user, _member)| user.clone()));
    let users = written.iter().map(|(user, _member)| {
        json!({
            "user_id": known(user.external_id.as_ref(), user.id.as_str()),
            "user_email": user.email,
            "user_alias": user.name,
        })
    });
    let memberships = written
        .iter()
        .map(|(_user, member)| around.member(&organization, member));
    Ok(web::Json(json!({
        "organization_id": known(organization.external_id.as_ref(), organization.id.as_str()),
        "updated_users": users.collect::<Vec<_>>(),
        "updated_organization_memberships": memberships.collect::<Vec<_>>(),
    })))
}

pub async fn update(acting: Acting<may::WriteOrganizationMembers>, body: web::Bytes) -> Answer {
    let mut fields = Fields::read(&body)?;
    let id = fields.required("organization_id")?;
    let person = take_person(&mut fields)?;
    let (organization, user, had) = members::in_organization(&acting, &id, &person).await?;
    let role = fields.text("role")?.value();
    let asked = NewMember {
        person: Person::by_id(user.id.as_str()),
        role: role.as_deref().map(organization_role).transpose()?,
        policy: take_policy(&mut fields, BUDGET, &had.policy)?,
    };
    let id = organization.id.as_str();
    let (organization, written) = members::put_in_organization(&acting, id, vec![asked]).await?;
    let (user, member) = written
        .into_iter()
        .next()
        .ok_or_else(|| ActionError::Internal("a member was written and is not there".to_owned()))?;
    let around = Around::of_people([user]);
    Ok(web::Json(around.member(&organization, &member)))
}

pub async fn delete(acting: Acting<may::WriteOrganizationMembers>, body: web::Bytes) -> Answer {
    let mut fields = Fields::read(&body)?;
    let id = fields.required("organization_id")?;
    let person = take_person(&mut fields)?;
    let (organization, left) = members::remove_from_organization(&acting, &id, &person).await?;
    let around = Around::of_people([left.user]);
    let member = left.members.iter().find(|member| member.team_id.is_none());
    let member = member.or(left.members.first());
    let shown = member.map(|member| around.member(&organization, member));
    Ok(web::Json(shown.unwrap_or(Value::Null)))
}
