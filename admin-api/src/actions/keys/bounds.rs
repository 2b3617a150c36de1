//! What a key may be granted: within its templates, its team, its project and its organization.

use domain::policies::{Budget, Policy};
use domain::templates::Template;
use domain::virtual_keys::VirtualKey;

use crate::acting::{Acting, may};
use crate::actions::access_groups::AccessGroups;
use crate::actions::grants;
use crate::actions::keys::owner::Owner;
use crate::actions::keys::{place, routes, templates};
use crate::actions::levels::resolve_budget;
use crate::error::ActionError;

/// The most bytes of metadata and kept members together, as JSON.
const MOST_NOTES_BYTES: usize = 64 * 1024;

/// The most bytes of a whole policy, as JSON: every data plane holds it in memory.
const MOST_POLICY_BYTES: usize = 128 * 1024;

/// The longest alias or environment.
const MOST_NAME_CHARACTERS: usize = 200;

/// Around what a key is fitted.
pub(super) struct Frame<'a> {
    /// To whom it belongs.
    pub owner: &'a Owner,
    /// What it was, for a key that changes.
    pub before: Option<&'a VirtualKey>,
    /// The templates for it.
    pub templates: &'a [Template],
    /// Whether a key of whose routes nothing is said is for models only.
    pub llm_routes_only: bool,
}

/// Fills a key's policy in and checks it.
///
/// # Errors
/// [`ActionError::Invalid`], which names what is too wide and the most that is possible.
pub(super) async fn fit(
    acting: &Acting<may::WriteKeys>,
    key: &mut VirtualKey,
    frame: &Frame<'_>,
) -> Result<(), ActionError> {
    templates::apply(&mut key.policy, frame.templates)?;
    if frame.before.is_none() && key.policy.allowed_routes.is_empty() {
        // Nothing said is everything, where the maker may grant everything.
        let granted = !frame.llm_routes_only;
        if !granted || routes::within_the_makers(acting, key).await.is_err() {
            key.policy.allowed_routes = default_routes(frame.owner);
        }
    }
    notes(&key.policy)?;
    budget(acting, key).await?;
    increases(acting, key, frame.before.map(|before| &before.policy)).await?;
    levels(acting, frame.owner, &key.policy).await?;
    let same = frame.before.is_some_and(|before| {
        before.user_id == key.user_id && before.policy.allowed_routes == key.policy.allowed_routes
    });
    if same {
        return Ok(());
    }
    routes::within_the_makers(acting, key).await
}

/// The routes of the level above where it names some, else those of models.
fn default_routes(owner: &Owner) -> Vec<String> {
    let team = owner.team.as_ref().map(|team| &team.policy.allowed_routes);
    let organization = &owner.organization.policy.allowed_routes;
    let above = team.into_iter().chain([organization]);
    let named = above.into_iter().find(|routes| !routes.is_empty());
    named.map_or_else(|| vec![routes::LLM_ROUTES.to_owned()], Clone::clone)
}

/// Checks alias and environment.
///
/// # Errors
/// [`ActionError::Invalid`] for what is empty, too long or not printable.
pub(super) fn names(key: &VirtualKey) -> Result<(), ActionError> {
    for (field, name) in [("alias", &key.alias), ("environment", &key.environment)] {
        let Some(name) = name else { continue };
        let length = name.chars().count();
        let printable = !name.chars().any(char::is_control);
        if length == 0 || length > MOST_NAME_CHARACTERS || !printable {
            return Err(ActionError::invalid(
                field,
                format!("`{field}` has to have 1 to {MOST_NAME_CHARACTERS} printable characters."),
            ));
        }
    }
    Ok(())
}

fn notes(policy: &Policy) -> Result<(), ActionError> {
    let bytes = |value| serde_json::to_vec(value).map_or(0, |text: Vec<u8>| text.len());
    let length = bytes(&policy.metadata).saturating_add(bytes(&policy.extra));
    let all = serde_json::to_vec(policy).map_or(0, |text| text.len());
    if all > MOST_POLICY_BYTES {
        return Err(ActionError::invalid(
            "models",
            format!(
                "Models, aliases, limits and notes have {all} bytes together; {MOST_POLICY_BYTES} are possible."
            ),
        ));
    }
    if length > MOST_NOTES_BYTES {
        return Err(ActionError::invalid(
            "metadata",
            format!(
                "Metadata and further members have {length} bytes together; {MOST_NOTES_BYTES} are \
                 possible."
            ),
        ));
    }
    Ok(())
}

/// A shared budget has to exist in the key's organization; it is kept by our id.
async fn budget(acting: &Acting<may::WriteKeys>, key: &mut VirtualKey) -> Result<(), ActionError> {
    let organization = key.organization_id.clone();
    resolve_budget(acting, &mut key.policy, Some(&organization)).await
}

/// More money for a time is given by whoever may also set spend anew.
async fn increases(
    acting: &Acting<may::WriteKeys>,
    key: &VirtualKey,
    before: Option<&Policy>,
) -> Result<(), ActionError> {
    let all = |policy: &Policy| {
        let budgets = policy.budgets.iter().chain(policy.model_budgets.values());
        let increases = budgets.filter_map(|budget: &Budget| budget.increase);
        increases.collect::<Vec<_>>()
    };
    let old = before.map(all).unwrap_or_default();
    if all(&key.policy).iter().all(|one| old.contains(one)) {
        return Ok(());
    }
    let resetting = acting.also::<may::ResetSpend>()?;
    resetting.on(&place(key), "Key", key.id.as_str()).await
}

/// The team's models hold for everybody, as LiteLLM has it for keys of teams; everything else for
/// those who do not run the platform.
async fn levels(
    acting: &Acting<may::WriteKeys>,
    owner: &Owner,
    policy: &Policy,
) -> Result<(), ActionError> {
    let mut above = Vec::new();
    if let Some(team) = &owner.team {
        above.push((&team.policy, "team"));
    }
    if let Some(project) = &owner.project {
        above.push((&project.policy, "project"));
    }
    above.push((&owner.organization.policy, "organization"));
    let policies: Vec<&Policy> = above.iter().map(|(policy, _word)| *policy).collect();
    let groups = AccessGroups::of(acting, &owner.organization.id, &policies).await?;
    for (level, word) in above {
        let level = Policy {
            models: groups.spelled_out(&level.models),
            ..level.clone()
        };
        if word == "team" {
            grants::models_within(policy, &level, word)?;
        }
        grants::within(acting, policy, &level, word)?;
    }
    Ok(())
}
