//! `/team/member_add`, `/team/member_update`, `/team/member_delete`.

use actix_web::web;
use domain::policies::Policy;
use domain::teams::Team;
use serde_json::{Value, json};

use super::{Answer, Around};
use crate::acting::{Acting, may};
use crate::actions::members::{self, NewMember};
use crate::error::ActionError;
use crate::fields::Fields;
use crate::litellm::member_fields::{take_members, take_person, take_policy, team_role, team_word};
use crate::litellm::names::known;
use crate::litellm::policy;

pub async fn add(acting: Acting<may::WriteTeamMembers>, body: web::Bytes) -> Answer {
    let mut fields = Fields::read(&body)?;
    let id = fields.required("team_id")?;
    let own = take_policy(&mut fields, "max_budget_in_team", &Policy::default())?;
    let asked = take_members(&mut fields, team_role, own.as_ref())?;
    let (team, written) = members::put_in_team(&acting, &id, asked).await?;
    let around = Around::of(&acting, std::slice::from_ref(&team)).await?;
    let users = written.iter().map(|(user, _member)| {
        json!({
            "user_id": known(user.external_id.as_ref(), user.id.as_str()),
            "user_email": user.email,
            "user_alias": user.name,
        })
    });
    let memberships = written
        .iter()
        .map(|(_user, member)| around.membership(&team, member));
    with(
        around.shown(&team),
        [
            ("updated_users", users.collect()),
            ("updated_team_memberships", memberships.collect()),
        ],
    )
}

fn with<const N: usize>(mut shown: Value, more: [(&str, Value); N]) -> Answer {
    if let Value::Object(all) = &mut shown {
        all.extend(
            more.into_iter()
                .map(|(name, value)| (name.to_owned(), value)),
        );
    }
    Ok(web::Json(shown))
}

pub async fn update(acting: Acting<may::WriteTeamMembers>, body: web::Bytes) -> Answer {
    let mut fields = Fields::read(&body)?;
    let id = fields.required("team_id")?;
    let person = take_person(&mut fields)?;
    let (team, user, had) = members::in_team(&acting, &id, &person).await?;
    let role = fields.text("role")?.value();
    let asked = NewMember {
        person: members::Person::by_id(user.id.as_str()),
        role: role.as_deref().map(team_role).transpose()?,
        policy: take_policy(&mut fields, "max_budget_in_team", &had.policy)?,
    };
    let (team, written) = members::put_in_team(&acting, team.id.as_str(), vec![asked]).await?;
    let (user, member) = written
        .into_iter()
        .next()
        .ok_or_else(|| ActionError::Internal("a member was written and is not there".to_owned()))?;
    let hard = member.policy.hard_budget();
    Ok(web::Json(json!({
        "team_id": team_name(&team),
        "user_id": known(user.external_id.as_ref(), user.id.as_str()),
        "user_email": user.email,
        "role": team_word(member.role),
        "max_budget_in_team": hard.map(|budget| policy::number(budget.limit_nanousd)),
        "tpm_limit": member.policy.limits.tpm,
        "rpm_limit": member.policy.limits.rpm,
    })))
}

fn team_name(team: &Team) -> String {
    known(team.external_id.as_ref(), team.id.as_str())
}

pub async fn delete(acting: Acting<may::WriteTeamMembers>, body: web::Bytes) -> Answer {
    let mut fields = Fields::read(&body)?;
    let id = fields.required("team_id")?;
    let person = take_person(&mut fields)?;
    let (team, _left) = members::remove_from_team(&acting, &id, &person).await?;
    let around = Around::of(&acting, std::slice::from_ref(&team)).await?;
    Ok(web::Json(around.shown(&team)))
}
