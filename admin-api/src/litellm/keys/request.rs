//! LiteLLM's members of a key, read: into a new key, or into a change.

use domain::policies::Policy;
use serde_json::{Map, Value};

use crate::actions::keys::{AskedOwner, KeyChange, NewKey, chosen};
use crate::error::ActionError;
use crate::fields::{Fields, Given};
use crate::litellm::keys::shape::COMPUTED;
use crate::litellm::policy;

/// What `/key/generate` asks for.
///
/// # Errors
/// [`ActionError::Invalid`], which names the member.
pub(super) fn new_key(mut fields: Fields) -> Result<NewKey, ActionError> {
    let mut new = NewKey {
        llm_routes_only: false,
        makes_person: true,
        ..NewKey::default()
    };
    owner(&mut fields, &mut new.owner)?;
    fields.name("key_alias")?.set(&mut new.alias);
    fields.name("environment")?.set(&mut new.environment);
    new.lifetime = lifetime(&mut fields)?;
    new.chosen = match fields.name("key")?.value() {
        Some(text) => Some(chosen("key", &text)?),
        None => None,
    };
    fields.flag("blocked")?.replace(&mut new.blocked);
    fields.money("spend")?.replace(&mut new.spend_nanousd);
    policy::apply(&mut fields, &mut new.policy)?;
    keep(fields, &mut new.policy);
    Ok(new)
}

/// What `/key/update` asks for; `key` has been taken.
///
/// # Errors
/// [`ActionError::Invalid`], which names the member.
pub(super) fn change(mut fields: Fields, change: &mut KeyChange) -> Result<(), ActionError> {
    owner(&mut fields, &mut change.owner)?;
    fields.name("key_alias")?.set(&mut change.alias);
    fields.name("environment")?.set(&mut change.environment);
    change.lifetime = lifetime(&mut fields)?;
    fields.flag("blocked")?.replace(&mut change.blocked);
    fields.money("spend")?.set(&mut change.spend_nanousd);
    policy::apply(&mut fields, &mut change.policy)?;
    keep(fields, &mut change.policy);
    Ok(())
}

/// When a key ends. Null and an empty text say nothing, as in LiteLLM: only `-1` takes an end away.
fn lifetime(fields: &mut Fields) -> Result<Given<String>, ActionError> {
    Ok(match fields.text("duration")? {
        Given::Value(text) if !text.trim().is_empty() => Given::Value(text),
        _ => Given::Absent,
    })
}

fn owner(fields: &mut Fields, owner: &mut AskedOwner) -> Result<(), ActionError> {
    fields
        .name("organization_id")?
        .set(&mut owner.organization_id);
    fields.name("team_id")?.set(&mut owner.team_id);
    fields.name("project_id")?.set(&mut owner.project_id);
    fields.name("user_id")?.set(&mut owner.user_id);
    fields
        .name("service_account_id")?
        .set(&mut owner.service_account_id);
    Ok(())
}

/// What nobody has read is kept and shown; null forgets it.
fn keep(fields: Fields, policy: &mut Policy) {
    let rest: Map<String, Value> = fields.rest();
    for (name, value) in rest {
        if COMPUTED.contains(&name.as_str()) {
            continue;
        }
        if value.is_null() {
            policy.extra.remove(&name);
        } else {
            policy.extra.insert(name, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Result<NewKey, ActionError> {
        new_key(Fields::read(body.as_bytes())?)
    }

    #[test]
    fn what_we_do_not_act_on_is_kept_and_what_is_computed_is_not() {
        let new = read(r#"{"guardrails": ["a"], "token": "x", "config": null}"#).unwrap();
        let kept: Vec<&String> = new.policy.extra.keys().collect();
        assert_eq!(kept, ["guardrails"]);
    }

    #[test]
    fn a_key_of_ones_own_is_not_said_again_when_it_is_unfit() {
        let refused = read(r#"{"key": "my-very-own-secret-text"}"#).err().unwrap();
        assert!(!refused.to_string().contains("secret"), "{refused}");
    }

    #[test]
    fn wrong_types_are_refused_by_name() {
        for (body, field) in [
            (r#"{"models": "gpt-4o"}"#, "models"),
            (r#"{"max_budget": "lots"}"#, "max_budget"),
            (r#"{"max_budget": -1}"#, "max_budget"),
            (r#"{"key_alias": 5}"#, "key_alias"),
            (r#"{"blocked": "yes"}"#, "blocked"),
        ] {
            let Err(ActionError::Invalid { field: named, .. }) = read(body) else {
                panic!("{body} was read");
            };
            assert_eq!(named, field, "{body}");
        }
    }
}
