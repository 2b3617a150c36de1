//! One key: its usage, what applies to it, its budgets, how to use it, and what one can do.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template as _;
use domain::permissions::{Action, Place, authorize};
use domain::virtual_keys::VirtualKey;
use serde::Deserialize;
use web_ui::figures::count;
use web_ui::markup::{Markup, plain};
use web_ui::pages::keys::Key;
use web_ui::pages::parts::{Choice, Fact};
use web_ui::pages::snippets::snippet;
use web_ui::words::Words;

use super::{deleted, levels, rows, usage};
use crate::acting::may;
use crate::actions::keys::{self, Details};
use crate::error::ActionError;
use crate::pages::measures::Measure;
use crate::pages::names::Names;
use crate::pages::visit::Visit;
use crate::pages::{PageFault, answers, at_stake, bases};

/// What the address may say.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    m: String,
}

pub(super) async fn show(
    visit: Visit<may::ReadKeys>,
    id: web::Path<String>,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, PageFault> {
    let measure = Measure::of_a_key(&asked.m);
    if let Some(gone) = keys::deleted(&visit.acting, &id).await? {
        let page = deleted::page(visit, &gone, measure, None).await?;
        return answers::page(StatusCode::OK, &page.frame, page.render());
    }
    let page = page(visit, &id, measure, "").await?;
    answers::page(StatusCode::OK, &page.frame, page.render())
}

/// The page, with a dialog open where one was asked for without JavaScript.
pub(super) async fn page(
    visit: Visit<may::ReadKeys>,
    id: &str,
    measure: Measure,
    dialog: &'static str,
) -> Result<Key, PageFault> {
    let key = keys::find(&visit.acting, id).await?;
    let store = visit.acting.store();
    let details = keys::details(store, key).await?;
    let key = &details.key;
    let words = visit.words();
    let teams = key.team_id.iter().map(ToString::to_string).collect();
    let people = key.user_id.iter().map(ToString::to_string).collect();
    let names = Names::of(store, teams, people).await?;
    let (budgets, note) = usage::budgets(&visit, key).await?;
    let name = rows::name(key);
    let title = |id: &str| words.with(id, &[("name", (&name).into())]);
    let block_reason = store.block_reason(key.id.as_str()).await?;
    Ok(Key {
        id: key.id.to_string(),
        href: visit.frame.to(&format!("/keys/{}", key.id)),
        status: rows::status(words, key, details.present.spend, visit.clock.now),
        tags: rows::tags(key),
        mask: rows::mask(key),
        team: names.team(key.team_id.as_ref()),
        team_href: team_href(&visit, key),
        owner: rows::owner(words, key, &names),
        last_used: last_used(&visit, &details),
        may_write: may(&visit, key, Action::WriteKeys),
        blocked: key.blocked,
        note,
        measures: usage::measures(&visit, key, measure),
        chart: usage::chart(&visit, key, measure).await?,
        levels: levels::of(&visit, key).await?,
        latest: usage::latest(&visit, key).await?,
        budgets,
        snippet: example(&visit, key),
        details: facts(&visit, &details).await?,
        like: visit.frame.to(&format!("/keys/new?from={}", key.id)),
        reset: reset_href(&visit, key),
        audit: audit_href(&visit, key),
        question: Markup::default(),
        dialog,
        block_title: title("block-title"),
        busy: busy(&visit, &details),
        lately: at_stake::lately(&visit, key.id.as_str()).await?,
        block_reason: block_reason.unwrap_or_default(),
        unused: details.secrets.iter().all(|one| one.last_used_at.is_none()),
        rotate_title: title("rotate-title"),
        graces: graces(&visit),
        delete_title: title("delete-title"),
        secret: None,
        form: None,
        version: key.stamps.updated_at.0.to_string(),
        name,
        frame: visit.frame,
    })
}

/// How the key is used, with a model of its own.
fn example(visit: &Visit<may::ReadKeys>, key: &VirtualKey) -> Markup {
    let first = key.policy.models.first();
    let model = first.map_or("headgate/echo", String::as_str);
    snippet(&visit.frame, &bases::of(visit), model, "$HEADGATE_KEY")
}

fn reset_href(visit: &Visit<may::ReadKeys>, key: &VirtualKey) -> String {
    match may(visit, key, Action::ResetSpend) {
        true => visit.frame.to(&format!("/keys/{}/reset-spend", key.id)),
        false => String::new(),
    }
}

pub(super) fn audit_href(visit: &Visit<may::ReadKeys>, key: &VirtualKey) -> String {
    match visit.may(Action::ReadAudit) {
        true => visit.frame.to(&format!("/audit?object={}", key.id)),
        false => String::new(),
    }
}

fn team_href(visit: &Visit<may::ReadKeys>, key: &VirtualKey) -> String {
    let team = key.team_id.as_ref();
    let href = team.map(|id| visit.frame.to(&format!("/teams/{id}")));
    href.unwrap_or_default()
}

fn last_used(visit: &Visit<may::ReadKeys>, details: &Details) -> Markup {
    let last = details
        .secrets
        .iter()
        .filter_map(|secret| secret.last_used_at);
    match last.max() {
        Some(at) => visit.clock.ago(at),
        None => plain(&visit.words().t("never")),
    }
}

/// Who made it, for people.
pub(super) fn maker(words: Words, names: &Names, id: &str) -> String {
    match id {
        "master_key" => words.t("person-operator"),
        "command_line" => words.t("actor-command-line"),
        id => names.person_word(id),
    }
}

fn may(visit: &Visit<may::ReadKeys>, key: &VirtualKey, action: Action) -> bool {
    let place = Place {
        organization_id: Some(key.organization_id.clone()),
        team_id: key.team_id.clone(),
        owner_id: key.user_id.clone(),
    };
    authorize(&visit.acting.actor.rights, action, &place).is_ok()
}

/// How much it is used, for who is about to stop it.
fn busy(visit: &Visit<may::ReadKeys>, details: &Details) -> String {
    let uses = details
        .secrets
        .iter()
        .map(|secret| secret.uses)
        .fold(0, u64::saturating_add);
    let last = details
        .secrets
        .iter()
        .filter_map(|secret| secret.last_used_at)
        .max();
    let words = visit.words();
    match last {
        None => words.t("busy-never"),
        Some(at) => {
            let ago = web_ui::figures::relative(words, at, visit.clock.now);
            let shown = count(words, uses);
            words.with(
                "busy",
                &[
                    ("count", uses.into()),
                    ("shown", shown.into()),
                    ("ago", ago.into()),
                ],
            )
        }
    }
}

fn graces(visit: &Visit<may::ReadKeys>) -> Vec<Choice> {
    let all = [
        ("", "grace-0", "grace-0-note"),
        ("24h", "grace-24", "grace-24-note"),
        ("7d", "grace-7", "grace-7-note"),
    ];
    let words = visit.words();
    let each = all.into_iter().map(|(value, label, note)| Choice {
        note: words.t(note),
        ..Choice::of(value, words.t(label), value == "24h")
    });
    each.collect()
}

async fn facts(visit: &Visit<may::ReadKeys>, details: &Details) -> Result<Vec<Fact>, ActionError> {
    let (words, key, clock) = (visit.words(), &details.key, &visit.clock);
    let fact = |name: &str, value: String| Fact {
        name: words.t(name),
        value,
    };
    let by = Names::of(
        visit.acting.store(),
        Default::default(),
        [key.stamps.created_by.clone()].into(),
    )
    .await?;
    let models = &key.policy.models;
    let all = if models.is_empty() {
        words.t("models-all")
    } else {
        models.join(", ")
    };
    let told = [
        ("day", clock.date(key.stamps.created_at).into()),
        ("name", maker(words, &by, &key.stamps.created_by).into()),
    ];
    let mut facts = vec![
        fact("models", all),
        fact("created", words.with("created-by", &told)),
    ];
    let older = details
        .secrets
        .iter()
        .filter(|secret| secret.ends_at.is_some());
    for secret in older {
        let until = secret.ends_at.map(|at| clock.exact(at)).unwrap_or_default();
        let told = [
            ("mask", format!("sk-…{}", secret.last_four).into()),
            ("until", until.into()),
        ];
        facts.push(fact("rotated", words.with("rotated-until", &told)));
    }
    let ends = key
        .expires_at
        .map_or_else(|| words.t("never"), |end| clock.exact(end));
    facts.push(fact("expires", ends));
    let addresses: Vec<String> = key.policy.allowed_addresses.texts().collect();
    facts.push(fact(
        "addresses",
        if addresses.is_empty() {
            words.t("anywhere")
        } else {
            addresses.join(", ")
        },
    ));
    if let Some(parallel) = key.policy.limits.parallel {
        facts.push(fact("parallel", count(words, parallel)));
    }
    Ok(facts)
}
