//! One budget: set, changed, raised for the present period only, taken away.

use actix_web::{HttpResponse, web};
use domain::money::NanoUsd;
use domain::policies::{Budget, Policy, TemporaryIncrease};
use domain::time::TimestampMs;
use domain::windows::TimeZone;
use serde::Deserialize;
use web_ui::figures::limit;
use web_ui::pages::dialogs::{Dialog, FieldKind};
use web_ui::pages::parts::{Choice, Fact};
use web_ui::words::Words;

use super::levels::{Found, Level};
use super::list;
use super::typed::{MODES, mode_word, read, said};
use super::which::Which;
use crate::acting::{Acting, Permission};
use crate::error::ActionError;
use crate::pages::addresses::{encoded, query};
use crate::pages::dialogs::{self, Fields};
use crate::pages::form::Form;
use crate::pages::keys::form as forms;
use crate::pages::keys::window_word;
use crate::pages::visit::Visit;
use crate::pages::{PageFault, labels};

const DAY_MS: u64 = 86_400_000;

/// What the address may say.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    budget: String,
    #[serde(rename = "do")]
    what: String,
}

/// One budget of one thing, which is asked about.
struct Meant<'m> {
    found: &'m Found,
    which: &'m Which,
    path: &'static str,
    zone: TimeZone,
}

impl Meant<'_> {
    fn budget(&self) -> Option<&Budget> {
        self.which.of(&self.found.policy)
    }

    /// When the present window ends, for a budget that has one.
    fn period_ends(&self, budget: &Budget, now: TimestampMs) -> Option<TimestampMs> {
        let window = budget.window?;
        Some(window.bounds(now, &self.zone, self.found.made_at).ends_at)
    }

    fn address(&self) -> String {
        format!("/budgets/{}/{}", self.path, encoded(&self.found.id))
    }
}

pub(super) async fn ask<L: Level>(
    visit: Visit<L::May>,
    id: web::Path<String>,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, PageFault> {
    opened::<L>(visit, &id, &asked).await
}

pub(super) async fn ask_of<L: Level>(
    visit: Visit<L::May>,
    path: web::Path<(String, String)>,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, PageFault> {
    let (within, user) = path.into_inner();
    opened::<L>(visit, &format!("{within}/{user}"), &asked).await
}

async fn meant<'m, L: Level>(
    visit: &Visit<L::May>,
    found: &'m Found,
    which: &'m Which,
) -> Result<Meant<'m>, ActionError> {
    let zone = match &found.organization_id {
        Some(id) => labels::zone_of(visit.acting.store(), id).await?,
        None => visit.clock.zone.clone(),
    };
    Ok(Meant {
        found,
        which,
        path: L::PATH,
        zone,
    })
}

async fn opened<L: Level>(
    visit: Visit<L::May>,
    id: &str,
    asked: &Asked,
) -> Result<HttpResponse, PageFault> {
    let found = L::find(&visit.acting, id).await?;
    let which = Which::read(&asked.budget)?;
    let meant = meant::<L>(&visit, &found, &which).await?;
    if which != Which::New && meant.budget().is_none() {
        return Err(ActionError::not_found("Budget", &asked.budget).into());
    }
    let typed = said(meant.budget(), &asked.what);
    let dialog = dialog(&visit, &meant, (&typed, None))?;
    list::with(visit.to()?, (&dialog, None)).await
}

fn dialog<P: Permission>(
    visit: &Visit<P>,
    meant: &Meant<'_>,
    (typed, refused): (&Form, Option<&ActionError>),
) -> Result<Dialog, ActionError> {
    let words = visit.words();
    let which = meant.which.word();
    let address = visit.frame.to(&meant.address());
    let action = format!("{address}{}", query(&[("budget", &which)]));
    let back = visit.frame.to("/budgets");
    let mut dialog = match (typed.text("do"), meant.budget()) {
        ("raise", Some(budget)) => {
            let dialog = dialogs::form(words, "budget-raise", action, back);
            raising(visit, (meant, budget), dialog, (typed, refused))
        }
        ("remove", Some(budget)) => {
            let told = [("name", (&meant.found.name).into())];
            let title = words.with("budget-remove-title", &told);
            let texts = (title, "budget-remove-then", "budget-remove");
            let mut dialog = dialogs::question(words, texts, action, back);
            dialog.facts = vec![limit_of(words, budget)];
            Fields::of(words, typed, refused)
                .hidden("do")
                .within(dialog, refused)
        }
        (_, budget) => {
            let title = if budget.is_some() {
                "budget-edit"
            } else {
                "budget-set"
            };
            setting(words, budget, (typed, refused))
                .within(dialogs::form(words, title, action, back), refused)
        }
    };
    if dialog.text.is_empty() && !dialog.danger {
        dialog.text.clone_from(&meant.found.name);
    }
    dialog.version = meant.found.changed_at.0.to_string();
    Ok(dialog)
}

fn limit_of(words: Words, budget: &Budget) -> Fact {
    let window = budget.window.map(|window| {
        let word = window_word(words, &window.to_string());
        words.with("budget-every", &[("window", word.into())])
    });
    Fact {
        name: window.unwrap_or_else(|| words.t("budget-life")),
        value: limit(words, budget.limit_nanousd),
    }
}

fn setting<'a>(
    words: Words,
    budget: Option<&Budget>,
    (typed, refused): (&'a Form, Option<&ActionError>),
) -> Fields<'a> {
    let modes = MODES.into_iter().map(|(mode, text)| {
        let word = mode_word(mode);
        Choice::of(word, words.t(text), word == typed.text("mode"))
    });
    let fields = Fields::of(words, typed, refused)
        .money(("budget", "period"), "budget")
        .select("mode", "budget-mode", modes.collect())
        .text("alerts", "budget-alerts")
        .hint("budget-alerts-hint");
    match budget {
        Some(_) => fields,
        None => fields
            .text("model", "budget-model")
            .hint("budget-model-hint"),
    }
}

fn raising<P: Permission>(
    visit: &Visit<P>,
    (meant, budget): (&Meant<'_>, &Budget),
    mut dialog: Dialog,
    (typed, refused): (&Form, Option<&ActionError>),
) -> Dialog {
    let words = visit.words();
    let mut until: Vec<Choice> = meant
        .period_ends(budget, visit.clock.now)
        .into_iter()
        .map(|end| {
            let told = [("time", visit.clock.exact(end).into())];
            Choice::of("period", words.with("raise-period", &told), true)
        })
        .collect();
    for (days, text) in [
        ("1", "raise-day"),
        ("7", "raise-week"),
        ("30", "raise-month"),
    ] {
        until.push(Choice::of(days, words.t(text), days == typed.text("until")));
    }
    dialog.text.clone_from(&meant.found.name);
    dialog.facts = vec![limit_of(words, budget)];
    if let Some(more) = budget.increase.filter(|more| more.until > visit.clock.now) {
        let told = [
            ("more", limit(words, more.by_nanousd).into()),
            ("time", visit.clock.exact(more.until).into()),
        ];
        dialog.facts.push(Fact {
            name: words.t("raise-now"),
            value: words.with("raise-until", &told),
        });
    }
    Fields::of(words, typed, refused)
        .hidden("do")
        .field("more", "raise-by", FieldKind::Money("0".to_owned()))
        .hint("raise-by-hint")
        .width(" half")
        .select("until", "raise-until-when", until)
        .width(" half")
        .within(dialog, refused)
}

pub(super) async fn save<L: Level>(
    visit: Visit<L::May>,
    id: web::Path<String>,
    asked: web::Query<Asked>,
    body: web::Bytes,
) -> Result<HttpResponse, PageFault> {
    saved::<L>(visit, &id, (&asked, &body)).await
}

pub(super) async fn save_of<L: Level>(
    visit: Visit<L::May>,
    path: web::Path<(String, String)>,
    asked: web::Query<Asked>,
    body: web::Bytes,
) -> Result<HttpResponse, PageFault> {
    let (within, user) = path.into_inner();
    saved::<L>(visit, &format!("{within}/{user}"), (&asked, &body)).await
}

async fn saved<L: Level>(
    visit: Visit<L::May>,
    id: &str,
    (asked, body): (&Asked, &[u8]),
) -> Result<HttpResponse, PageFault> {
    let typed = Form::read(body)?;
    let found = L::find(&visit.acting, id).await?;
    let which = Which::read(&asked.budget)?;
    let meant = meant::<L>(&visit, &found, &which).await?;
    let done = match forms::as_it_was(found.changed_at, &typed) {
        Ok(()) => changed::<L>(&visit.acting, &meant, &typed).await,
        Err(conflict) => Err(conflict),
    };
    match done {
        Ok(said) => Ok(visit.done("/budgets", said)),
        Err(refused) if dialogs::is_typed(&refused) => {
            let dialog = dialog(&visit, &meant, (&typed, Some(&refused)))?;
            list::with(visit.to()?, (&dialog, Some(&refused))).await
        }
        Err(refused) => Err(refused.into()),
    }
}

async fn changed<L: Level>(
    acting: &Acting<L::May>,
    meant: &Meant<'_>,
    typed: &Form,
) -> Result<&'static str, ActionError> {
    let id = meant.found.id.as_str();
    let which = meant.which;
    match (typed.text("do"), meant.budget()) {
        ("remove", Some(_)) => {
            let take = |policy: &mut Policy| {
                which.take(policy);
                Ok(())
            };
            L::change(acting, id, Box::new(take)).await?;
            Ok("budget-removed")
        }
        ("raise", Some(budget)) => {
            let budget = Budget {
                increase: increase(meant, budget, typed)?,
                ..budget.clone()
            };
            let put = |policy: &mut Policy| {
                which.put(policy, None, budget);
                Ok(())
            };
            L::change(acting, id, Box::new(put)).await?;
            Ok("budget-raised")
        }
        (_, before) => {
            let budget = read(typed, before)?;
            let model = typed.given("model");
            let known = &meant.found.policy.model_budgets;
            if *which == Which::New && model.as_ref().is_some_and(|one| known.contains_key(one)) {
                return Err(ActionError::invalid(
                    "model",
                    "There is a budget for this model already. Change that one.",
                ));
            }
            let put = |policy: &mut Policy| {
                which.put(policy, model, budget);
                Ok(())
            };
            L::change(acting, id, Box::new(put)).await?;
            Ok("budget-saved")
        }
    }
}

/// The increase that a form asks for; none for nothing more.
fn increase(
    meant: &Meant<'_>,
    budget: &Budget,
    typed: &Form,
) -> Result<Option<TemporaryIncrease>, ActionError> {
    let by_nanousd = match typed.given("more") {
        Some(_text) => forms::dollars(typed, "more")?,
        None => NanoUsd::default(),
    };
    if by_nanousd.0 <= 0 {
        return Ok(None);
    }
    let now = TimestampMs::now();
    let of_days = |text: &str| {
        let days: u64 = text.parse().ok().filter(|days| (1..=366).contains(days))?;
        Some(TimestampMs(now.0.saturating_add(days * DAY_MS)))
    };
    let until = match typed.text("until") {
        "period" => meant.period_ends(budget, now),
        days => of_days(days),
    };
    let until = until.ok_or_else(|| {
        ActionError::invalid(
            "until",
            "Say until when: the end of the period, or in how many days.",
        )
    })?;
    Ok(Some(TemporaryIncrease { by_nanousd, until }))
}
