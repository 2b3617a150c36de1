//! The saved views of the list of keys, with how many keys each has.

use domain::time::TimestampMs;
use store::virtual_keys::KeyFilter;
use web_ui::figures::count;
use web_ui::pages::keys::View;

use super::asked::Asked;
use crate::acting::{Acting, may};
use crate::actions::keys;
use crate::error::ActionError;
use crate::pages::at_stake;
use crate::pages::visit::Visit;

const DAY_MS: u64 = 86_400_000;

/// The view of keys that have used most of their budget.
pub(super) const NEAR: &str = "near";

/// The view of keys that were deleted and may be restored.
pub(super) const DELETED: &str = "deleted";

/// The saved views: word, text, and how much one should look at them.
const VIEWS: [(&str, &str, &str); 8] = [
    ("", "keys-view-all", ""),
    ("mine", "keys-view-mine", ""),
    (NEAR, "keys-view-near", " warn"),
    ("ending", "keys-view-ending", " warn"),
    ("unused", "keys-view-unused", ""),
    ("blocked", "keys-view-blocked", " danger"),
    ("services", "keys-view-services", ""),
    (DELETED, "keys-view-deleted", ""),
];

/// Which keys a view has, but for [`NEAR`], which hangs on what is spent, and [`DELETED`], whose keys
/// are elsewhere.
pub(super) fn filter(view: &str, acting: &Acting<may::ReadKeys>, now: TimestampMs) -> KeyFilter {
    let mut filter = KeyFilter {
        scope: acting.scope(),
        ..KeyFilter::default()
    };
    match view {
        "mine" => filter.user_id.clone_from(&acting.actor.rights.user_id),
        "ending" => {
            filter.alive_at = Some(now);
            filter.expired_at = Some(TimestampMs(now.0.saturating_add(7 * DAY_MS)));
        }
        "unused" => filter.unused_since = Some(TimestampMs(now.0.saturating_sub(30 * DAY_MS))),
        "blocked" => filter.blocked = Some(true),
        "services" => filter.of_services = true,
        _ => {}
    }
    filter
}

/// The views. Budgets of all keys are added up only where that view is open.
pub(super) async fn of(
    visit: &Visit<may::ReadKeys>,
    (open, listed): (&str, Option<u64>),
) -> Result<Vec<View>, ActionError> {
    let mut views = Vec::with_capacity(VIEWS.len());
    for (word, text, tone) in VIEWS {
        // The operator owns no keys.
        if word == "mine" && visit.acting.actor.rights.user_id.is_none() {
            continue;
        }
        let total = match word {
            NEAR if word == open => listed,
            NEAR => None,
            DELETED => Some(keys::count_deleted(&visit.acting).await?),
            word => {
                let filter = filter(word, &visit.acting, visit.clock.now);
                Some(at_stake::many(&visit.acting, filter).await?)
            }
        };
        let asked = Asked {
            view: word.to_owned(),
            ..Asked::default()
        };
        views.push(View {
            href: asked.address(&visit.frame.to("/keys"), ""),
            label: visit.words().t(text),
            count: total
                .map(|total| count(visit.words(), total))
                .unwrap_or_default(),
            tone: if total.is_some_and(|total| total > 0) {
                tone
            } else {
                ""
            },
            current: word == open,
        });
    }
    Ok(views)
}
