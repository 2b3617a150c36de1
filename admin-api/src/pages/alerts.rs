//! `/ui/budgets/alerts`: where alerts of budgets and months go, tried, added, removed; and what was told
//! lately.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template as _;
use domain::alerts::{AlertEvent, AlertTarget, DeliveryState, Matter, TargetKind};
use domain::permissions::{Action, Place, authorize};
use serde_json::Value;
use store::alerts::Told;
use store::page::Page;
use web_ui::figures::{money, percent};
use web_ui::markup::{Markup, Tone, badge};
use web_ui::pages::alerts::{AlertRow, Alerts, TargetRow};
use web_ui::pages::dialogs::{Dialog, FieldKind};
use web_ui::pages::parts::Choice;
use web_ui::words::Words;

use crate::acting::may;
use crate::actions::alerts::{self, NewTarget};
use crate::error::ActionError;
use crate::pages::dialogs::{self, Fields};
use crate::pages::form::Form;
use crate::pages::visit::Visit;
use crate::pages::{PageFault, answers, homes};
use crate::routes::{Route, unshaped_route};

/// The routes.
pub const ROUTES: &[Route] = &[
    unshaped_route!(GET "/ui/budgets/alerts" => show, ReadAlerts, "Where alerts of budgets go, and what was told."),
    unshaped_route!(POST "/ui/budgets/alerts" => make, WriteAlerts, "Sets where alerts go."),
    unshaped_route!(GET "/ui/budgets/alerts/new" => ask, WriteAlerts, "The form for where alerts go."),
    unshaped_route!(POST "/ui/budgets/alerts/{alert_target_id}/test" => test, WriteAlerts, "Sends a target of alerts a message that says that it is a test."),
    unshaped_route!(GET "/ui/budgets/alerts/{alert_target_id}/delete" => ask_delete, WriteAlerts, "Asks whether to remove a target of alerts."),
    unshaped_route!(POST "/ui/budgets/alerts/{alert_target_id}/delete" => delete, WriteAlerts, "Removes a target of alerts."),
];

/// How many targets are shown.
const TARGETS: i64 = 200;
/// How many of the latest alerts are shown.
const LATEST: i64 = 20;

type Reading = Visit<may::ReadAlerts>;
type Writing = Visit<may::WriteAlerts>;

/// The kinds of targets, with their texts.
const KINDS: [(TargetKind, &str); 3] = [
    (TargetKind::Webhook, "target-webhook"),
    (TargetKind::Slack, "target-slack"),
    (TargetKind::Email, "target-email"),
];

async fn show(visit: Reading) -> Result<HttpResponse, PageFault> {
    let page = page(visit).await?;
    answers::page(StatusCode::OK, &page.frame, page.render())
}

async fn with(
    visit: Reading,
    (dialog, refused): (&Dialog, Option<&ActionError>),
) -> Result<HttpResponse, PageFault> {
    let page = page(visit).await?;
    dialogs::answered(page, (dialog, refused))
}

async fn page(visit: Reading) -> Result<Alerts, PageFault> {
    let words = visit.words();
    let targets = alerts::targets(&visit.acting, None, &Page::first(TARGETS)).await?;
    let told = alerts::list(&visit.acting, None, &Page::first(LATEST)).await?;
    let homes = homes::names(&visit).await?;
    let base = visit.frame.to("/budgets/alerts");
    let targets = targets.items.into_iter().map(|one| TargetRow {
        kind: words.t(kind_text(one.kind)),
        monthly: one.monthly,
        whose: match &one.organization_id {
            None => words.t("scope-all"),
            Some(id) => homes
                .get(id.as_str())
                .cloned()
                .unwrap_or_else(|| id.to_string()),
        },
        to: address(&one),
        href: match may_write(&visit, &one) {
            true => format!("{base}/{}", one.id),
            false => String::new(),
        },
        name: one.name,
    });
    Ok(Alerts {
        targets: targets.collect(),
        rows: told.items.iter().map(|one| row(&visit, one)).collect(),
        may_create: visit.may(Action::WriteAlerts),
        refused: None,
        dialog: Markup::default(),
        frame: visit.frame,
    })
}

fn kind_text(kind: TargetKind) -> &'static str {
    let mut kinds = KINDS.into_iter();
    kinds
        .find(|(one, _text)| *one == kind)
        .map_or("", |(_one, text)| text)
}

/// A host, or to whom; never the whole address, which may be a secret.
fn address(one: &AlertTarget) -> String {
    let recipients = one.info.get("recipients").and_then(Value::as_array);
    let recipients = recipients.into_iter().flatten().filter_map(Value::as_str);
    let recipients: Vec<&str> = recipients.collect();
    match one.info.get("host").and_then(Value::as_str) {
        Some(host) => host.to_owned(),
        None => recipients.join(", "),
    }
}

fn may_write(visit: &Reading, one: &AlertTarget) -> bool {
    let place = Place {
        organization_id: one.organization_id.clone(),
        ..Place::default()
    };
    let rights = &visit.acting.actor.rights;
    authorize(rights, Action::WriteAlerts, &place).is_ok()
}

fn row(visit: &Reading, told: &Told) -> AlertRow {
    let (words, matter) = (visit.words(), &told.alert.matter);
    let name = match matter {
        Matter::Month(close) if close.of.is_none() => words.t("scope-all"),
        Matter::Month(_) | Matter::Budget(_) | Matter::Test { .. } => matter.name().to_owned(),
    };
    AlertRow {
        at: visit.clock.ago(told.alert.at),
        what: what(words, matter),
        name,
        states: told
            .deliveries
            .iter()
            .map(|one| state(words, one.state))
            .collect(),
        error: told
            .deliveries
            .iter()
            .find_map(|one| one.last_error.clone())
            .unwrap_or_default(),
    }
}

fn what(words: Words, matter: &Matter) -> String {
    match matter {
        Matter::Budget(stand) => {
            let event = match stand.event {
                AlertEvent::ThresholdCrossed => "alert-threshold",
                AlertEvent::BudgetCrossed => "alert-crossed",
                AlertEvent::SoftBudgetCrossed => "alert-soft",
            };
            let share = percent(words, u64::from(stand.percent).saturating_mul(100));
            words.with(event, &[("share", share.into())])
        }
        Matter::Month(close) => {
            let told = [
                ("month", (&close.month).into()),
                ("spent", money(words, close.spent, 2).into()),
            ];
            words.with("alert-month", &told)
        }
        Matter::Test { .. } => words.t("alert-test"),
    }
}

fn state(words: Words, state: DeliveryState) -> Markup {
    match state {
        DeliveryState::Waiting => badge(Tone::Warn, &words.t("delivery-waiting")),
        DeliveryState::Sent => badge(Tone::Ok, &words.t("delivery-sent")),
        DeliveryState::Dead => badge(Tone::Danger, &words.t("delivery-dead")),
    }
}

async fn form(
    visit: Writing,
    typed: &Form,
    refused: Option<&ActionError>,
) -> Result<HttpResponse, PageFault> {
    let words = visit.words();
    let at = visit.frame.to("/budgets/alerts");
    let dialog = dialogs::form(words, "target-create", at.clone(), at);
    let kinds = KINDS.map(|(kind, text)| {
        let word = kind.as_str();
        Choice::of(word, words.t(text), word == typed.text("kind"))
    });
    let mut fields = Fields::of(words, typed, refused)
        .text("name", "name")
        .width(" half")
        .select("kind", "target-kind", kinds.into())
        .width(" half");
    let mut homes = homes::choices(&visit, typed).await?;
    if !homes.is_empty() {
        if visit.acting.whole_scope().everything {
            let chosen = !homes.iter().any(|one| one.chosen);
            homes.insert(0, Choice::of("", words.t("scope-all"), chosen));
        }
        fields = fields.select("organization", "level-organization", homes);
    }
    let fields = fields
        .field("url", "target-url", FieldKind::Secret)
        .hint("target-url-hint")
        .field("secret", "target-secret", FieldKind::Secret)
        .hint("target-secret-hint")
        .text("recipients", "target-recipients")
        .hint("target-recipients-hint")
        .tick("monthly", "target-monthly")
        .hint("target-monthly-hint");
    let dialog = fields.within(dialog, refused);
    with(visit.to()?, (&dialog, refused)).await
}

async fn ask(visit: Writing) -> Result<HttpResponse, PageFault> {
    form(visit, &Form::default(), None).await
}

async fn make(visit: Writing, body: web::Bytes) -> Result<HttpResponse, PageFault> {
    let typed = Form::read(&body)?;
    let recipients = typed.text("recipients").split(',').map(str::trim);
    let recipients = recipients.filter(|one| !one.is_empty());
    let new = NewTarget {
        organization_id: typed.given("organization"),
        name: typed.text("name").to_owned(),
        kind: typed.text("kind").to_owned(),
        url: typed.given("url"),
        secret: typed.given("secret"),
        recipients: recipients.map(str::to_owned).collect(),
        monthly: typed.says("monthly"),
    };
    match alerts::create(&visit.acting, new).await {
        Ok(_made) => Ok(visit.done("/budgets/alerts", "target-made")),
        Err(refused) if dialogs::is_typed(&refused) => form(visit, &typed, Some(&refused)).await,
        Err(refused) => Err(refused.into()),
    }
}

/// Tries a target. Why it was not taken stands on the page.
async fn test(visit: Writing, id: web::Path<String>) -> Result<HttpResponse, PageFault> {
    match alerts::test(&visit.acting, &id).await? {
        Ok(()) => Ok(visit.done("/budgets/alerts", "target-tested")),
        Err(why) => {
            let mut page = page(visit.to()?).await?;
            page.refused = Some(why);
            answers::page(StatusCode::OK, &page.frame, page.render())
        }
    }
}

async fn ask_delete(visit: Writing, id: web::Path<String>) -> Result<HttpResponse, PageFault> {
    let one = alerts::find(&visit.acting, &id).await?;
    let (words, back) = (visit.words(), visit.frame.to("/budgets/alerts"));
    let title = words.with("delete-title", &[("name", (&one.name).into())]);
    let texts = (title, "target-delete-then", "target-delete");
    let dialog = dialogs::question(words, texts, format!("{back}/{}/delete", one.id), back);
    with(visit.to()?, (&dialog, None)).await
}

async fn delete(visit: Writing, id: web::Path<String>) -> Result<HttpResponse, PageFault> {
    alerts::delete(&visit.acting, &id).await?;
    Ok(visit.done("/budgets/alerts", "target-deleted"))
}
