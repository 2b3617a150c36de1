//! A person goes, with their own keys, memberships and sessions.

use domain::members::Member;
use domain::users::User;
use domain::virtual_keys::VirtualKey;
use serde_json::{Value, json};
use store::Event;
use store::virtual_keys::KeyFilter;

use super::{event, keeps_an_admin};
use crate::acting::{Acting, may};
use crate::actions::keys::deletion;
use crate::actions::levels;
use crate::error::ActionError;

/// Somebody, and what goes with them.
struct Leaving {
    user: User,
    keys: Vec<VirtualKey>,
    members: Vec<Member>,
}

impl Leaving {
    /// Their id and those of their keys.
    fn ids(&self) -> impl Iterator<Item = String> + '_ {
        let keys = self.keys.iter().map(|key| key.id.to_string());
        std::iter::once(self.user.id.to_string()).chain(keys)
    }
}

/// Removes people, each with their own keys, memberships and sessions; keys of service accounts
/// stay. All of them or none.
///
/// # Errors
/// [`ActionError::NotFound`] when one of them does not exist; [`ActionError::Conflict`] when the
/// last platform administrator would go.
pub async fn delete(
    acting: &Acting<may::WriteUsers>,
    ids: &[String],
) -> Result<Vec<User>, ActionError> {
    let mut all: Vec<Leaving> = Vec::new();
    for id in ids {
        let found = acting.store().user(id).await?;
        let user = found.ok_or_else(|| ActionError::not_found("User", id))?;
        if all.iter().any(|known| known.user.id == user.id) {
            continue;
        }
        let keys = KeyFilter {
            user_id: Some(user.id.clone()),
            ..KeyFilter::default()
        };
        all.push(Leaving {
            keys: levels::all_keys(acting, keys).await?,
            members: acting.store().memberships(&user.id).await?,
            user,
        });
    }
    let Some(first) = all.first() else {
        return Err(ActionError::invalid(
            "user_ids",
            "Say whom: `user_ids` is a list of ids.",
        ));
    };
    let ids: Vec<&str> = all.iter().map(|one| one.user.id.as_str()).collect();
    let gone = Event {
        object_id: ids.join(","),
        also_about: all.iter().flat_map(Leaving::ids).collect(),
        before: Some(recorded(&all)),
        ..event("user.delete", &first.user)
    };
    let mut change = acting.store().begin().await?;
    for Leaving { user, keys, .. } in &all {
        keeps_an_admin(acting, &mut change, user, None).await?;
        for key in keys {
            change.delete_key(&key.id, &deletion(acting, key)).await?;
        }
        change.delete_user(&user.id).await?;
    }
    change.commit(&acting.actor, gone).await?;
    Ok(all.into_iter().map(|one| one.user).collect())
}

fn recorded(all: &[Leaving]) -> Value {
    let one = |leaving: &Leaving| {
        let Leaving {
            user,
            keys,
            members,
        } = leaving;
        json!({"user": user, "keys": keys, "members": members})
    };
    match all {
        [only] => one(only),
        several => several.iter().map(one).collect(),
    }
}
