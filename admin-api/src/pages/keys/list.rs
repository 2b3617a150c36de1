//! The list of keys: saved views, filters, orders, pages; all of it the database's to answer.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template as _;
use domain::permissions::Action;
use domain::virtual_keys::VirtualKey;
use store::page::{Listed, Page};
use store::teams::TeamFilter;
use web_ui::figures::count;
use web_ui::markup::Markup;
use web_ui::pages::dialogs::Dialog;
use web_ui::pages::keys::{DeletedKeyRow, KeyRow, Keys};
use web_ui::pages::parts::Choice;
use web_ui::words::Words;

pub(super) use super::asked::Asked;
use super::{deleted, rows, views};
use crate::acting::may;
use crate::actions::{keys, teams};
use crate::error::ActionError;
use crate::pages::addresses::pager;
use crate::pages::visit::Visit;
use crate::pages::{PageFault, answers, dialogs, lists};

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

pub(super) async fn show(
    visit: Visit<may::ReadKeys>,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, PageFault> {
    let wants_piece = visit.wants_piece;
    let page = page(visit, &asked).await?;
    let both = (|| page.render(), || page.rows_alone().render());
    lists::answer(&page.frame, wants_piece, both)
}

/// The list with a dialog over it.
pub(super) async fn with(
    visit: Visit<may::ReadKeys>,
    (dialog, refused): (&Dialog, Option<&ActionError>),
) -> Result<HttpResponse, PageFault> {
    let page = page(visit, &Asked::default()).await?;
    dialogs::answered(page, (dialog, refused))
}

/// The list with a dialog of another shape over it.
pub(super) async fn with_markup(
    visit: Visit<may::ReadKeys>,
    dialog: Markup,
) -> Result<HttpResponse, PageFault> {
    let mut page = page(visit, &Asked::default()).await?;
    page.dialog = dialog;
    answers::page(StatusCode::OK, &page.frame, page.render())
}

/// What a page of the list shows.
struct Found {
    rows: Vec<KeyRow>,
    deleted: Option<Vec<DeletedKeyRow>>,
    total: Option<i64>,
    next: Option<String>,
}

async fn found(visit: &Visit<may::ReadKeys>, asked: &Asked) -> Result<Found, ActionError> {
    let page = Page {
        order: asked.order(),
        ..lists::page_after(&asked.after)
    };
    if asked.is_of_deleted() {
        let listed = keys::list_deleted(&visit.acting, asked.of_deleted(), &page).await?;
        return Ok(Found {
            rows: Vec::new(),
            total: listed.total,
            next: lists::next(&listed, |one| one.key.id.to_string()),
            deleted: Some(deleted::rows(visit, listed.items).await?),
        });
    }
    let listed = listed(visit, asked, page).await?;
    Ok(Found {
        total: listed.total,
        next: lists::next(&listed, |key| key.id.to_string()),
        rows: rows::of(visit, listed.items).await?,
        deleted: None,
    })
}

async fn listed(
    visit: &Visit<may::ReadKeys>,
    asked: &Asked,
    page: Page,
) -> Result<Listed<VirtualKey>, ActionError> {
    match asked.filter(&visit.acting, visit.clock.now).await? {
        Some(filter) => keys::list(&visit.acting, filter, &page).await,
        None => Ok(Listed {
            items: Vec::new(),
            more: false,
            total: Some(0),
        }),
    }
}

/// The list as it is asked for.
pub(super) async fn page(visit: Visit<may::ReadKeys>, asked: &Asked) -> Result<Keys, PageFault> {
    let words = visit.words();
    let Found {
        rows,
        deleted,
        total,
        next,
    } = found(&visit, asked).await?;
    let base = visit.frame.to("/keys");
    let shown = (rows.len() + deleted.as_ref().map_or(0, Vec::len), total);
    let pager = pager(
        words,
        shown,
        |after| asked.address(&base, after),
        (&asked.after, next),
    );
    let listed_total = total.and_then(|total| u64::try_from(total).ok());
    let empty_never = rows.is_empty() && !asked.is_narrowed() && asked.after.is_empty();
    let (views, teams) = if visit.wants_piece {
        (Vec::new(), Vec::new())
    } else {
        (
            views::of(&visit, (&asked.view, listed_total)).await?,
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
        deleted,
        pager,
        sorts: asked.sorts(&base),
        user: asked.user.clone(),
        sort: asked.sort.clone(),
        may_write: visit.may(Action::WriteKeys),
        all: all_of(words, listed_total),
        csv: asked.address(&visit.frame.to("/keys.csv"), ""),
        dialog: Markup::default(),
        form: None,
        secret: None,
        frame: visit.frame,
    })
}

/// That all that match are meant, where they are several.
fn all_of(words: Words, total: Option<u64>) -> Option<String> {
    let several = total.filter(|total| *total > 1)?;
    let told = [("total", count(words, several).into())];
    Some(words.with("keys-all", &told))
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
