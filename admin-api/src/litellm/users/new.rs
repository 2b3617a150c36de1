//! `/user/new`: a person, their places, and a key unless told not to.

use actix_web::web;
use domain::keys::Secret;
use domain::policies::Policy;
use serde_json::{Value, json};

use super::{Answer, Around, Written, roles};
use crate::acting::{Acting, may};
use crate::actions::spend::Present;
use crate::actions::users::{self, NewFirstKey, NewUser};
use crate::fields::Fields;
use crate::litellm::keys::{Names as KeyNames, made};

pub async fn new(acting: Acting<may::WriteUsers>, body: web::Bytes) -> Answer {
    let mut fields = Fields::read(&body)?;
    let role = fields.text("user_role")?.value();
    let asked = roles::read(role.as_deref())?;
    let wants_key = fields.flag("auto_create_key")?.value().unwrap_or(true);
    let key = NewFirstKey {
        alias: fields.name("key_alias")?.value(),
        team_id: fields.name("team_id")?.value(),
        lifetime: fields.text("duration")?,
        policy: Policy::default(),
    };
    let mut new = NewUser {
        external_id: fields.text("user_id")?.value().filter(|id| !id.is_empty()),
        platform_role: asked.platform,
        placements: roles::placements(&mut fields, asked)?,
        password: fields.text("password")?.value().map(Secret::new),
        ..NewUser::default()
    };
    let written = Written {
        email: &mut new.email,
        name: &mut new.name,
        policy: &mut new.policy,
        blocked: &mut new.blocked,
    };
    written.apply(fields)?;
    new.key = wants_key.then(|| NewFirstKey {
        policy: of_key(&new.policy),
        ..key
    });
    let created = users::create(&acting, new).await?;
    let mut answer = match &created.key {
        Some(key) => {
            let names = KeyNames::of(acting.store(), std::slice::from_ref(&key.key)).await?;
            made(key, Present::default(), &names)
        }
        None => [("key".to_owned(), Value::Null)].into_iter().collect(),
    };
    let around = Around::of(&acting, std::slice::from_ref(&created.user)).await?;
    if let Value::Object(user) = around.shown(&created.user) {
        answer.extend(user);
    }
    Ok(web::Json(json!(answer)))
}

/// What the key is made with of what was said of the person: models and other names. Money and
/// limits are the person's, and hold for all of their keys together.
fn of_key(policy: &Policy) -> Policy {
    Policy {
        models: policy.models.clone(),
        model_aliases: policy.model_aliases.clone(),
        ..Policy::default()
    }
}
