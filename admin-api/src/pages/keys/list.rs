//! The list of keys: saved views, filters, pages; all of it the database's to answer.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template as _;
use domain::ids::TeamId;
use domain::time::TimestampMs;
use serde::Deserialize;
use store::page::Page;
use store::teams::TeamFilter;
use store::virtual_keys::KeyFilter;
use web_ui::figures::count;
use web_ui::pages::keys::{Keys, View};
use web_ui::pages::parts::Choice;

use super::rows;
use crate::acting::{Acting, may};
use crate::actions::{keys, teams};
use crate::error::ActionError;
use crate::pages::addresses::{pager, query};
use crate::pages::visit::Visit;
use crate::pages::{PageFault, answers};

/// How many keys a page shows.
const SHOWN: i64 = 50;
const DAY_MS: u64 = 86_400_000;

/// What the address says of the list.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    view: String,
    q: String,
    team: String,
    status: String,
    environment: String,
    after: String,
}

impl Asked {
    fn address(&self, base: &str, after: &str) -> String {
        let members = [
            ("view", self.view.as_str()),
            ("q", &self.q),
            ("team", &self.team),
            ("status", &self.status),
            ("environment", &self.environment),
            ("after", after),
        ];
        format!("{base}{}", query(&members))
    }

    fn is_narrowed(&self) -> bool {
        [
            &self.view,
            &self.q,
            &self.team,
            &self.status,
            &self.environment,
        ]
        .iter()
        .any(|one| !one.is_empty())
    }

    fn filter(&self, acting: &Acting<may::ReadKeys>, now: TimestampMs) -> KeyFilter {
        let said = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let mut filter = of_view(&self.view, acting, now);
        filter.search = said(&self.q);
        filter.team_id = said(&self.team).map(TeamId::new);
        filter.environment = said(&self.environment);
        match self.status.as_str() {
            "active" => {
                filter.blocked = Some(false);
                filter.alive_at = Some(now);
            }
            "blocked" => filter.blocked = Some(true),
            "expired" => filter.expired_at = Some(now),
            _ => {}
        }
        filter
    }
}

/// The saved views: word, text, and how much one should look at them.
const VIEWS: [(&str, &str, &str); 6] = [
    ("", "keys-view-all", ""),
    ("mine", "keys-view-mine", ""),
    ("ending", "keys-view-ending", " warn"),
    ("unused", "keys-view-unused", ""),
    ("blocked", "keys-view-blocked", " danger"),
    ("services", "keys-view-services", ""),
];

fn of_view(view: &str, acting: &Acting<may::ReadKeys>, now: TimestampMs) -> KeyFilter {
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

pub(super) async fn show(
    visit: Visit<may::ReadKeys>,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, PageFault> {
    let wants_piece = visit.wants_piece;
    let page = page(visit, &asked).await?;
    let rendered = if wants_piece {
        page.rows_alone().render()
    } else {
        page.render()
    };
    answers::page(StatusCode::OK, &page.frame, rendered)
}

/// The list as it is asked for.
pub(super) async fn page(visit: Visit<may::ReadKeys>, asked: &Asked) -> Result<Keys, PageFault> {
    let (acting, words, now) = (&visit.acting, visit.words(), visit.clock.now);
    let asked_page = Page {
        after: Some(asked.after.clone()).filter(|after| !after.is_empty()),
        count: true,
        ..Page::first(SHOWN)
    };
    let listed = keys::list(acting, asked.filter(acting, now), &asked_page).await?;
    let next = listed
        .items
        .last()
        .filter(|_| listed.more)
        .map(|key| key.id.to_string());
    let base = visit.frame.to("/keys");
    let shown = (listed.items.len(), listed.total);
    let pager = pager(
        words,
        shown,
        |after| asked.address(&base, after),
        (&asked.after, next),
    );
    let rows = rows::of(&visit, listed.items).await?;
    let empty_never = rows.is_empty() && !asked.is_narrowed() && asked.after.is_empty();
    let (views, teams) = if visit.wants_piece {
        (Vec::new(), Vec::new())
    } else {
        (
            views(&visit, &asked.view).await?,
            team_choices(&visit, &asked.team).await?,
        )
    };
    let choices = |all: &[(&str, &str)], chosen: &str| {
        let each = all
            .iter()
            .map(|(value, id)| Choice::of(*value, words.t(id), *value == chosen));
        each.collect::<Vec<_>>()
    };
    Ok(Keys {
        empty_never,
        views,
        view: asked.view.clone(),
        q: asked.q.clone(),
        teams,
        states: choices(&STATES, &asked.status),
        environments: choices(&ENVIRONMENTS, &asked.environment),
        none_found: match asked.q.trim() {
            "" => words.t("keys-none-match"),
            q => words.with("keys-none-found", &[("q", q.into())]),
        },
        keys: rows,
        pager,
        form: None,
        secret: None,
        frame: visit.frame,
    })
}

const STATES: [(&str, &str); 4] = [
    ("", "keys-any-status"),
    ("active", "state-active"),
    ("blocked", "state-blocked"),
    ("expired", "state-expired"),
];

/// The usual environments.
pub(super) const ENVIRONMENTS: [(&str, &str); 4] = [
    ("", "keys-any-environment"),
    ("production", "environment-production"),
    ("staging", "environment-staging"),
    ("development", "environment-development"),
];

async fn views(visit: &Visit<may::ReadKeys>, open: &str) -> Result<Vec<View>, ActionError> {
    let mut views = Vec::with_capacity(VIEWS.len());
    for (word, text, tone) in VIEWS {
        // The operator owns no keys.
        if word == "mine" && visit.acting.actor.rights.user_id.is_none() {
            continue;
        }
        let filter = of_view(word, &visit.acting, visit.clock.now);
        let page = Page {
            count: true,
            ..Page::first(1)
        };
        let total = keys::list(&visit.acting, filter, &page)
            .await?
            .total
            .unwrap_or(0);
        let total = u64::try_from(total).unwrap_or(0);
        let asked = Asked {
            view: word.to_owned(),
            ..Asked::default()
        };
        views.push(View {
            href: asked.address(&visit.frame.to("/keys"), ""),
            label: visit.words().t(text),
            count: count(visit.words(), total),
            tone: if total > 0 { tone } else { "" },
            current: word == open,
        });
    }
    Ok(views)
}

async fn team_choices(
    visit: &Visit<may::ReadKeys>,
    chosen: &str,
) -> Result<Vec<Choice>, ActionError> {
    let Ok(reading) = visit.acting.also::<may::ReadTeams>() else {
        return Ok(Vec::new());
    };
    let listed = teams::list(&reading, TeamFilter::default(), &Page::first(200)).await?;
    let each = listed.items.into_iter();
    let mut choices: Vec<Choice> = each
        .map(|team| Choice::of(team.id.as_str(), team.name, team.id.as_str() == chosen))
        .collect();
    choices.sort_by(|one, other| one.label.cmp(&other.label));
    Ok(choices)
}
