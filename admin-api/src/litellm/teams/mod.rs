//! LiteLLM's `/team/…`.

mod info;
mod members;
mod shown;

pub use self::shown::{Around, shown};

use actix_web::web;
use domain::policies::Policy;
use serde_json::{Value, json};

use crate::acting::{Acting, may};
use crate::actions::members::NewMember;
use crate::actions::teams::{self, NewTeam};
use crate::error::{ActionError, Envelope};
use crate::fields::{Fields, Given};
use crate::litellm::member_fields::{take_list, team_role};
use crate::litellm::names::known;
use crate::litellm::{kept, policy};
use crate::routes::{Route, litellm_route};

/// The routes.
pub const ROUTES: &[Route] = &[
    litellm_route!(POST "/team/new" => new, CreateTeams, "Makes a team."),
    litellm_route!(POST "/team/update" => update, UpdateTeams, "Changes a team."),
    litellm_route!(POST "/team/delete" => delete, CreateTeams, "Removes teams with all that is in them."),
    litellm_route!(POST "/team/block" => block, UpdateTeams, "Refuses all keys of a team."),
    litellm_route!(POST "/team/unblock" => unblock, UpdateTeams, "Takes the block of a team away."),
    litellm_route!(POST "/team/model/add" => add_models, UpdateTeams, "Allows a team further models."),
    litellm_route!(POST "/team/model/delete" => delete_models, UpdateTeams, "Takes models from a team."),
    litellm_route!(GET "/team/info" => info::info, ReadTeams, "Shows a team with its keys and members."),
    litellm_route!(GET "/team/list" => info::list, ReadTeams, "Lists teams."),
    litellm_route!(GET "/v2/team/list" => info::list_paged, ReadTeams, "Lists teams by page."),
    litellm_route!(POST "/team/member_add" => members::add, WriteTeamMembers, "Makes people members of a team."),
    litellm_route!(POST "/team/member_update" => members::update, WriteTeamMembers, "Changes a member of a team."),
    litellm_route!(POST "/team/member_delete" => members::delete, WriteTeamMembers, "Takes somebody out of a team."),
];

type Answer = Result<web::Json<Value>, Envelope>;

/// What LiteLLM keeps of a team and Headgate decides nothing by.
const KEPT: &[&str] = &[
    "team_member_permissions",
    "team_member_key_duration",
    "guardrails",
    "policies",
    "prompts",
    "object_permission",
    "allowed_passthrough_routes",
    "denied_passthrough_routes",
    "disable_global_guardrails",
    "require_trace_id",
    "router_settings",
    "access_group_ids",
    "rpm_limit_type",
    "tpm_limit_type",
    "default_estimated_output_tokens",
    "default_estimated_output_tokens_per_model",
    "mcp_rpm_limit",
    "allowed_vector_store_indexes",
    "enforced_batch_output_expires_after",
    "enforced_file_expires_after",
];

/// What bodies write of a team, new or not.
struct Written<'t> {
    name: &'t mut String,
    policy: &'t mut Policy,
    member_policy: &'t mut Policy,
    blocked: &'t mut bool,
}

impl Written<'_> {
    /// Changes what a team allows, and what each of its members gets, by the members that are there.
    fn apply(self, mut fields: Fields) -> Result<(), ActionError> {
        let mut of_members = fields.moved(&[
            ("team_member_budget", "max_budget"),
            ("team_member_budget_duration", "budget_duration"),
            ("team_member_rpm_limit", "rpm_limit"),
            ("team_member_tpm_limit", "tpm_limit"),
            ("team_member_model_max_budget", "model_max_budget"),
            ("default_team_member_models", "models"),
        ]);
        policy::apply(&mut of_members, self.member_policy)?;
        fields.text("team_alias")?.replace(self.name);
        fields.flag("blocked")?.replace(self.blocked);
        policy::apply(&mut fields, self.policy)?;
        kept::apply(fields, KEPT, &mut self.policy.extra);
        Ok(())
    }
}

async fn new(acting: Acting<may::CreateTeams>, body: web::Bytes) -> Answer {
    let mut fields = Fields::read(&body)?;
    let mut members = take_list(&mut fields, "members_with_roles", team_role)?;
    for (name, role) in [("admins", "admin"), ("members", "user")] {
        let ids = fields.texts(name)?.value().unwrap_or_default();
        for id in ids {
            members.push(NewMember::by_id(&id, team_role(role)?));
        }
    }
    let mut new = NewTeam {
        external_id: fields.text("team_id")?.value().filter(|id| !id.is_empty()),
        organization_id: fields.name("organization_id")?.value(),
        members,
        with_actor: true,
        ..NewTeam::default()
    };
    let written = Written {
        name: &mut new.name,
        policy: &mut new.policy,
        member_policy: &mut new.member_policy,
        blocked: &mut new.blocked,
    };
    written.apply(fields)?;
    let (team, _members) = teams::create(&acting, new).await?;
    Ok(web::Json(shown(&acting, team).await?))
}

async fn update(acting: Acting<may::UpdateTeams>, body: web::Bytes) -> Answer {
    let mut fields = Fields::read(&body)?;
    let id = fields.required("team_id")?;
    let organization = fields.name("organization_id")?;
    stays_where_it_is(&acting, &id, organization).await?;
    let changed = teams::update(&acting, &id, |team| {
        let written = Written {
            name: &mut team.name,
            policy: &mut team.policy,
            member_policy: &mut team.member_policy,
            blocked: &mut team.blocked,
        };
        written.apply(fields)
    });
    let team = shown(&acting, changed.await?).await?;
    let id = team.get("team_id").cloned();
    Ok(web::Json(json!({"team_id": id, "data": team})))
}

/// Refuses to move a team: its keys, projects and members belong to its organization.
async fn stays_where_it_is(
    acting: &Acting<may::UpdateTeams>,
    id: &str,
    organization: Given<String>,
) -> Result<(), ActionError> {
    let Given::Value(asked) = organization else {
        return Ok(());
    };
    let team = teams::find(acting, id).await?;
    let found = acting
        .store()
        .organization(team.organization_id.as_str())
        .await?;
    let name = found.as_ref().and_then(|one| one.external_id.as_ref());
    if asked == team.organization_id.as_str() || asked == known(name, "") {
        return Ok(());
    }
    Err(ActionError::invalid(
        "organization_id",
        "A team stays in its organization. Make a new team in the other one.",
    ))
}

/// Takes `team_ids`, or `team_id` of one.
fn ids(body: &[u8]) -> Result<Vec<String>, ActionError> {
    let mut fields = Fields::read(body)?;
    let mut ids = fields.texts("team_ids")?.value().unwrap_or_default();
    ids.extend(fields.text("team_id")?.value());
    Ok(ids)
}

async fn delete(acting: Acting<may::CreateTeams>, body: web::Bytes) -> Answer {
    let gone = teams::delete(&acting, &ids(&body)?).await?;
    let ids = gone
        .iter()
        .map(|team| known(team.external_id.as_ref(), team.id.as_str()));
    Ok(web::Json(json!({"deleted_teams": ids.collect::<Vec<_>>()})))
}

async fn set_blocked(acting: &Acting<may::UpdateTeams>, body: &[u8], blocked: bool) -> Answer {
    let id = Fields::read(body)?.required("team_id")?;
    let team = teams::set_blocked(acting, &id, blocked).await?;
    Ok(web::Json(shown(acting, team).await?))
}

async fn block(acting: Acting<may::UpdateTeams>, body: web::Bytes) -> Answer {
    set_blocked(&acting, &body, true).await
}

async fn unblock(acting: Acting<may::UpdateTeams>, body: web::Bytes) -> Answer {
    set_blocked(&acting, &body, false).await
}

async fn add_models(acting: Acting<may::UpdateTeams>, body: web::Bytes) -> Answer {
    change_models(&acting, &body, |models, named| {
        models.retain(|model| model != NO_MODELS);
        for model in named {
            if !models.contains(&model) {
                models.push(model);
            }
        }
    })
    .await
}

async fn delete_models(acting: Acting<may::UpdateTeams>, body: web::Bytes) -> Answer {
    change_models(&acting, &body, |models, named| {
        let had_some = !models.is_empty();
        models.retain(|model| !named.contains(model));
        // An empty list would allow every model.
        if had_some && models.is_empty() {
            models.push(NO_MODELS.to_owned());
        }
    })
    .await
}

/// LiteLLM's word for a list that allows no model.
const NO_MODELS: &str = "no-default-models";

async fn change_models(
    acting: &Acting<may::UpdateTeams>,
    body: &[u8],
    change: impl FnOnce(&mut Vec<String>, Vec<String>),
) -> Answer {
    let mut fields = Fields::read(body)?;
    let id = fields.required("team_id")?;
    let named = fields.texts("models")?.value().unwrap_or_default();
    let changed = teams::update(acting, &id, |team| {
        change(&mut team.policy.models, named);
        Ok(())
    });
    Ok(web::Json(shown(acting, changed.await?).await?))
}
