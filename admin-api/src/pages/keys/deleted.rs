//! Deleted keys: as rows of their view, each with a page of its own, and restored.

use std::collections::BTreeSet;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template as _;
use domain::deleted_keys::DeletedKey;
use web_ui::pages::keys::{DeletedKeyPage, DeletedKeyRow};
use web_ui::pages::parts::Fact;

use super::{detail, rows, usage};
use crate::acting::may;
use crate::actions::keys;
use crate::error::ActionError;
use crate::pages::fault::told;
use crate::pages::measures::Measure;
use crate::pages::names::Names;
use crate::pages::visit::Visit;
use crate::pages::{PageFault, answers};

type Reading = Visit<may::ReadKeys>;

async fn names(visit: &Reading, listed: &[DeletedKey]) -> Result<Names, ActionError> {
    let teams = listed.iter().filter_map(|one| one.key.team_id.as_ref());
    let teams: BTreeSet<String> = teams.map(ToString::to_string).collect();
    let owners = listed.iter().filter_map(|one| one.key.user_id.as_ref());
    let by = listed.iter().map(|one| one.deletion.by.clone());
    let people: BTreeSet<String> = owners.map(ToString::to_string).chain(by).collect();
    Names::of(visit.acting.store(), teams, people).await
}

/// Deleted keys as rows.
pub(super) async fn rows(
    visit: &Reading,
    listed: Vec<DeletedKey>,
) -> Result<Vec<DeletedKeyRow>, ActionError> {
    let words = visit.words();
    let names = names(visit, &listed).await?;
    let each = listed.into_iter().map(|one| {
        let DeletedKey { key, deletion, .. } = one;
        DeletedKeyRow {
            href: visit.frame.to(&format!("/keys/{}", key.id)),
            name: rows::name(&key),
            tags: rows::tags(&key).into_iter().take(2).collect(),
            mask: rows::mask(&key),
            team: match &key.team_id {
                Some(_) => names.team(key.team_id.as_ref()),
                None => words.t("keys-no-team"),
            },
            owner: rows::owner(words, &key, &names),
            deleted: visit.clock.ago(deletion.at),
            by: detail::maker(words, &names, &deletion.by),
            until: visit.clock.date(deletion.restorable_until()),
        }
    });
    Ok(each.collect())
}

/// The page of a deleted key.
pub(super) async fn page(
    visit: Reading,
    deleted: &DeletedKey,
    measure: Measure,
    refused: Option<&ActionError>,
) -> Result<DeletedKeyPage, PageFault> {
    let (words, key) = (visit.words(), &deleted.key);
    let names = names(&visit, std::slice::from_ref(deleted)).await?;
    let until = visit.clock.date(deleted.deletion.restorable_until());
    let told_until = [("until", until.into())];
    let kept = keys::kept_from_restoring(&visit.acting, deleted).await?;
    let may_restore = kept.is_none() && keys::may_restore(&visit.acting, deleted);
    let then = match &kept {
        // What was just refused says why.
        Some(_why) if refused.is_some() => String::new(),
        Some(why) => told(words, why),
        None if may_restore => words.with("key-restore-until", &told_until),
        None => words.with("key-restore-ask", &told_until),
    };
    Ok(DeletedKeyPage {
        href: visit.frame.to(&format!("/keys/{}", key.id)),
        name: rows::name(key),
        tags: rows::tags(key),
        mask: rows::mask(key),
        team: names.team(key.team_id.as_ref()),
        owner: rows::owner(words, key, &names),
        deleted: visit.clock.ago(deleted.deletion.at),
        by: detail::maker(words, &names, &deleted.deletion.by),
        then,
        may_restore,
        fault: refused.map(|error| told(words, error)),
        measures: usage::measures(&visit, key, measure),
        chart: usage::chart(&visit, key, measure).await?,
        details: facts(&visit, deleted),
        audit: detail::audit_href(&visit, key),
        id: key.id.to_string(),
        frame: visit.frame,
    })
}

fn facts(visit: &Reading, deleted: &DeletedKey) -> Vec<Fact> {
    let (words, key) = (visit.words(), &deleted.key);
    let fact = |name: &str, value: String| Fact {
        name: words.t(name),
        value,
    };
    let models = match key.policy.models.is_empty() {
        true => words.t("models-all"),
        false => key.policy.models.join(", "),
    };
    let ends = key.expires_at;
    vec![
        fact("models", models),
        fact("key-made", visit.clock.date(key.stamps.created_at)),
        fact("key-deleted-at", visit.clock.exact(deleted.deletion.at)),
        fact(
            "expires",
            ends.map_or_else(|| words.t("never"), |end| visit.clock.exact(end)),
        ),
    ]
}

pub(super) async fn restore(
    visit: Visit<may::WriteKeys>,
    id: web::Path<String>,
) -> Result<HttpResponse, PageFault> {
    match keys::restore(&visit.acting, &id).await {
        Ok(key) => Ok(visit.done(&format!("/keys/{}", key.id), "key-restored")),
        Err(refused @ ActionError::Conflict { .. }) => {
            let visit: Reading = visit.to()?;
            let Some(deleted) = keys::deleted(&visit.acting, &id).await? else {
                return Err(refused.into());
            };
            let page = page(visit, &deleted, Measure::Spend, Some(&refused)).await?;
            answers::page(StatusCode::CONFLICT, &page.frame, page.render())
        }
        Err(refused) => Err(refused.into()),
    }
}
