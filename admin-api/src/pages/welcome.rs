//! `/ui/welcome`: a model, a key, the first request; `/ui/palette`: what a search finds.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template as _;
use domain::permissions::Action;
use serde::Deserialize;
use store::page::Page;
use store::requests::RequestFilter;
use store::teams::TeamFilter;
use store::virtual_keys::KeyFilter;
use web_ui::figures::{count, duration};
use web_ui::pages::own::{Palette, Step, Welcome};
use web_ui::pages::parts::Choice;
use web_ui::pages::snippets::snippet;

use crate::acting::may;
use crate::actions::deployments::{self, Listing};
use crate::actions::{keys, requests, teams};
use crate::error::ActionError;
use crate::pages::keys::name;
use crate::pages::visit::Visit;
use crate::pages::{PageFault, answers, bases};
use crate::routes::{Route, unshaped_route};

/// The routes.
pub const ROUTES: &[Route] = &[
    unshaped_route!(GET "/ui/welcome" => show, Myself, "The first steps."),
    unshaped_route!(GET "/ui/palette" => palette, Myself, "What a search finds."),
];

/// How many of each kind a search finds.
const FOUND: i64 = 6;

type Own = Visit<may::Myself>;

async fn show(visit: Own) -> Result<HttpResponse, PageFault> {
    let words = visit.words();
    let model = model(&visit).await?;
    let key = key(&visit).await?;
    let request = request(&visit).await?;
    let done = [
        model.class == "done",
        key.class == "done",
        request.class == "done",
    ];
    let mut steps = vec![model, key, request];
    if let Some(step) = done
        .iter()
        .position(|done| !done)
        .and_then(|first| steps.get_mut(first))
    {
        step.class = "now";
    }
    let page = Welcome {
        hello: words.with("welcome-hello", &[("name", (&visit.frame.person).into())]),
        steps,
        waiting: visit
            .may(Action::ReadSpend)
            .then(|| visit.frame.to("/welcome/first-request")),
        frame: visit.frame,
    };
    answers::page(StatusCode::OK, &page.frame, page.render())
}

fn step(visit: &Own, title: &str, text: String) -> Step {
    Step {
        class: "",
        title: visit.words().t(title),
        text,
        href: String::new(),
        link: String::new(),
        snippet: None,
    }
}

async fn model(visit: &Own) -> Result<Step, ActionError> {
    let words = visit.words();
    let listed = match visit.acting.also::<may::ReadDeployments>() {
        Ok(reading) => {
            deployments::list(&reading, &Listing::default(), &Page::first(200))
                .await?
                .items
        }
        Err(_not_permitted) => Vec::new(),
    };
    let number = u64::try_from(listed.len()).unwrap_or(0);
    let text = words.with(
        "welcome-model-text",
        &[
            ("count", number.into()),
            ("shown", count(words, number).into()),
        ],
    );
    Ok(Step {
        class: if number > 0 { "done" } else { "" },
        href: visit.frame.to("/models"),
        link: words.t("models-every"),
        ..step(visit, "welcome-model", text)
    })
}

async fn key(visit: &Own) -> Result<Step, ActionError> {
    let words = visit.words();
    let newest = match visit.acting.also::<may::ReadKeys>() {
        Ok(reading) => {
            let page = Page::first(1);
            keys::list(&reading, KeyFilter::default(), &page)
                .await?
                .items
                .into_iter()
                .next()
        }
        Err(_not_permitted) => None,
    };
    let may_make = visit.may(Action::WriteKeys);
    Ok(match newest {
        Some(key) => {
            let text = words.with("welcome-key-text", &[("name", name(&key).into())]);
            Step {
                class: "done",
                ..step(visit, "welcome-key", text)
            }
        }
        None => Step {
            href: if may_make {
                visit.frame.to("/keys/new")
            } else {
                String::new()
            },
            link: words.t("keys-create"),
            ..step(visit, "welcome-key", words.t("welcome-key-none"))
        },
    })
}

async fn request(visit: &Own) -> Result<Step, ActionError> {
    let words = visit.words();
    let newest = match visit.acting.also::<may::ReadSpend>() {
        Ok(reading) => {
            let page = Page::first(1);
            let listed = requests::list(&reading, RequestFilter::default(), &page).await?;
            listed.items.into_iter().next()
        }
        Err(_not_permitted) => None,
    };
    let shown = snippet(
        &visit.frame,
        &bases::of(visit),
        "headgate/echo",
        "$HEADGATE_KEY",
    );
    Ok(match newest {
        Some(one) => {
            let told = [
                ("status", one.status.to_string().into()),
                ("time", duration(words, one.duration_ms).into()),
            ];
            Step {
                class: "done",
                href: visit.frame.to(&format!("/requests/{}", one.id)),
                link: words.t("welcome-request-open"),
                ..step(
                    visit,
                    "welcome-request",
                    words.with("welcome-request-done", &told),
                )
            }
        }
        None => Step {
            snippet: Some(shown),
            ..step(visit, "welcome-request", words.t("welcome-request-text"))
        },
    })
}

/// What the address may say.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    q: String,
}

async fn palette(visit: Own, asked: web::Query<Asked>) -> Result<HttpResponse, PageFault> {
    let q = asked.q.trim();
    let mut found = Vec::new();
    if q.starts_with("req_") {
        let one = Choice::of(visit.frame.to(&format!("/requests/{q}")), q, false);
        found.push(Choice {
            icon: "activity",
            ..one
        });
    } else if !q.is_empty() {
        found.extend(found_keys(&visit, q).await?);
        found.extend(found_teams(&visit, q).await?);
    }
    let piece = Palette {
        found,
        frame: visit.frame,
    };
    answers::page(StatusCode::OK, &piece.frame, piece.render())
}

async fn found_keys(visit: &Own, q: &str) -> Result<Vec<Choice>, ActionError> {
    let Ok(reading) = visit.acting.also::<may::ReadKeys>() else {
        return Ok(Vec::new());
    };
    let filter = KeyFilter {
        search: Some(q.to_owned()),
        ..KeyFilter::default()
    };
    let listed = keys::list(&reading, filter, &Page::first(FOUND))
        .await?
        .items;
    let each = listed.iter().map(|key| Choice {
        icon: "key-round",
        note: format!("sk-…{}", key.last_four),
        ..Choice::of(
            visit.frame.to(&format!("/keys/{}", key.id)),
            name(key),
            false,
        )
    });
    Ok(each.collect())
}

async fn found_teams(visit: &Own, q: &str) -> Result<Vec<Choice>, ActionError> {
    let Ok(reading) = visit.acting.also::<may::ReadTeams>() else {
        return Ok(Vec::new());
    };
    let filter = TeamFilter {
        search: Some(q.to_owned()),
        ..TeamFilter::default()
    };
    let listed = teams::list(&reading, filter, &Page::first(FOUND))
        .await?
        .items;
    let note = visit.words().t("team");
    let each = listed.into_iter().map(|team| Choice {
        icon: "users",
        note: note.clone(),
        ..Choice::of(
            visit.frame.to(&format!("/teams/{}", team.id)),
            team.name,
            false,
        )
    });
    Ok(each.collect())
}
