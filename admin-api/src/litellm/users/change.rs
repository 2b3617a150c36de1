//! `/user/update` and `/user/delete`.

use actix_web::web;
use domain::keys::Secret;
use serde_json::{Value, json};

use super::{Answer, Around, Written, roles};
use crate::acting::{Acting, may};
use crate::actions::users::{self, Changes};
use crate::error::ActionError;
use crate::fields::{Fields, Given};

pub async fn update(acting: Acting<may::WriteUsers>, body: web::Bytes) -> Answer {
    let mut fields = Fields::read(&body)?;
    let id = match fields.text("user_id")? {
        Given::Value(id) if !id.is_empty() => id,
        _ => by_email(&acting, &mut fields).await?,
    };
    let word = fields.text("user_role")?.value();
    let asked = roles::read(word.as_deref())?;
    let changes = Changes {
        placements: match &word {
            Some(_) => roles::placements(&mut fields, asked)?,
            None => roles::named_placements(&mut fields, asked)?,
        },
        password: fields.text("password")?.value().map(Secret::new),
    };
    let changed = users::update(&acting, &id, changes, |user| {
        if word.is_some() {
            user.platform_role = asked.platform;
        }
        let written = Written {
            email: &mut user.email,
            name: &mut user.name,
            policy: &mut user.policy,
            blocked: &mut user.blocked,
        };
        written.apply(fields)
    });
    let (user, _members) = changed.await?;
    let around = Around::of(&acting, std::slice::from_ref(&user)).await?;
    let shown = around.shown(&user);
    Ok(web::Json(
        json!({"user_id": shown.get("user_id"), "data": shown}),
    ))
}

/// Without an id, the address names the person.
async fn by_email(
    acting: &Acting<may::WriteUsers>,
    fields: &mut Fields,
) -> Result<String, ActionError> {
    let email = fields
        .text("user_email")?
        .value()
        .ok_or_else(|| ActionError::invalid("user_id", "Say whom: `user_id` or `user_email`."))?;
    let found = acting.store().user_by_email(&email).await?;
    let user = found.ok_or_else(|| ActionError::not_found("User", email))?;
    Ok(user.id.to_string())
}

pub async fn delete(acting: Acting<may::WriteUsers>, body: web::Bytes) -> Answer {
    let mut fields = Fields::read(&body)?;
    let ids = fields.texts("user_ids")?.value().unwrap_or_default();
    let gone = users::delete(&acting, &ids).await?;
    Ok(web::Json(Value::from(gone.len())))
}
