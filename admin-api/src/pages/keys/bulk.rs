//! Several keys at once: chosen by ticks or by a filter, asked about, changed in one transaction.

use actix_web::{HttpResponse, web};
use domain::policies::Policy;
use store::page::Page;
use web_ui::figures::count;
use web_ui::pages::dialogs::{Dialog, Field, FieldKind};
use web_ui::pages::parts::Fact;

use super::asked::Asked;
use super::{form, list};
use crate::acting::may;
use crate::actions::keys::{self, KeyChange};
use crate::error::ActionError;
use crate::fields::Given;
use crate::pages::dialogs::{self, Fields};
use crate::pages::form::Form;
use crate::pages::visit::Visit;
use crate::pages::{PageFault, answers};

type Writing = Visit<may::WriteKeys>;

/// The most keys that one change takes: all of them are written in one transaction.
const MOST: i64 = 1_000;

/// What can be done to several keys.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Deed {
    Block,
    Unblock,
    Expiry,
    Budget,
    Delete,
}

impl Deed {
    fn read(typed: &Form) -> Result<Self, ActionError> {
        match typed.text("do") {
            "block" => Ok(Self::Block),
            "unblock" => Ok(Self::Unblock),
            "expiry" => Ok(Self::Expiry),
            "budget" => Ok(Self::Budget),
            "delete" => Ok(Self::Delete),
            _ => Err(ActionError::invalid("do", "Choose what is to be done.")),
        }
    }

    /// Its button, and what is said before it.
    const fn texts(self) -> (&'static str, &'static str) {
        match self {
            Self::Block => ("keys-block", "keys-block-then"),
            Self::Unblock => ("keys-unblock", "keys-unblock-then"),
            Self::Expiry => ("keys-expiry", "keys-expiry-then"),
            Self::Budget => ("keys-budget", "keys-budget-then"),
            Self::Delete => ("keys-delete", "keys-delete-then"),
        }
    }
}

/// The keys that are meant: those that are ticked, or all that match the filter.
async fn chosen(visit: &Writing, typed: &Form) -> Result<Vec<String>, ActionError> {
    if typed.text("all") != "on" {
        return Ok(typed.all("ids"));
    }
    let reading = visit.acting.also()?;
    let filter = Asked::of_form(typed)
        .filter(&reading, visit.clock.now)
        .await?;
    let Some(filter) = filter else {
        return Ok(Vec::new());
    };
    let listed = keys::list(&reading, filter, &Page::first(MOST)).await?;
    if listed.more {
        return Err(ActionError::invalid(
            "all",
            format!("More than {MOST} keys match. Narrow the filter, and change them in parts."),
        ));
    }
    Ok(listed
        .items
        .into_iter()
        .map(|key| key.id.to_string())
        .collect())
}

pub(super) async fn bulk(visit: Writing, body: web::Bytes) -> Result<HttpResponse, PageFault> {
    let typed = Form::read(&body)?;
    let deed = Deed::read(&typed)?;
    let ids = match chosen(&visit, &typed).await {
        Ok(ids) => ids,
        Err(refused) if dialogs::is_typed(&refused) => {
            return asked(visit, (deed, &typed), &[], Some(&refused)).await;
        }
        Err(refused) => return Err(refused.into()),
    };
    if ids.is_empty() {
        let none = ActionError::invalid("ids", "Tick the keys that are meant.");
        return asked(visit, (deed, &typed), &ids, Some(&none)).await;
    }
    if typed.text("sure") != "1" {
        return asked(visit, (deed, &typed), &ids, None).await;
    }
    match done(&visit, deed, &typed, ids.clone()).await {
        Ok(failed) if failed.is_empty() => Ok(answers::see(&format!(
            "{}?said=keys-changed",
            visit.frame.to("/keys")
        ))),
        Ok(failed) => skipped(visit, failed).await,
        Err(refused) if dialogs::is_typed(&refused) => {
            asked(visit, (deed, &typed), &ids, Some(&refused)).await
        }
        Err(refused) => Err(refused.into()),
    }
}

/// The question: what is done to how many keys.
async fn asked(
    visit: Writing,
    (deed, typed): (Deed, &Form),
    ids: &[String],
    refused: Option<&ActionError>,
) -> Result<HttpResponse, PageFault> {
    let words = visit.words();
    let at = visit.frame.to("/keys");
    let (title, then) = deed.texts();
    let mut dialog = dialogs::form(words, title, format!("{at}/bulk"), at);
    dialog.warning = words.t(then);
    dialog.danger = matches!(deed, Deed::Block | Deed::Delete);
    let fields = Fields::of(words, typed, refused).hidden("do");
    let fields = match deed {
        Deed::Expiry => fields.select("expires", "expires", form::ends(words, "90d")),
        Deed::Budget => fields.money(("budget", "period"), "budget"),
        Deed::Block | Deed::Unblock | Deed::Delete => fields,
    };
    let mut dialog = fields.within(dialog, refused);
    let number = u64::try_from(ids.len()).unwrap_or(0);
    dialog.facts = vec![Fact {
        name: words.t("nav-keys"),
        value: count(words, number),
    }];
    dialog.facts.extend(traffic(&visit, ids).await?);
    dialog.fields.push(hidden("sure", "1"));
    // The ticks themselves, also of a filter: nothing is changed that was not counted here.
    dialog.fields.extend(ids.iter().map(|id| hidden("ids", id)));
    list::with(visit.to()?, (&dialog, refused)).await
}

async fn traffic(visit: &Writing, ids: &[String]) -> Result<Vec<Fact>, ActionError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    crate::pages::at_stake::traffic_of(visit, (store::usage::Dimension::Key, ids.to_vec())).await
}

fn hidden(name: &'static str, value: &str) -> Field {
    Field {
        name,
        label: String::new(),
        hint: String::new(),
        value: value.to_owned(),
        kind: FieldKind::Hidden,
        wrong: false,
        width: "",
    }
}

/// Changes them; gives those that were passed over, and why.
async fn done(
    visit: &Writing,
    deed: Deed,
    typed: &Form,
    ids: Vec<String>,
) -> Result<Vec<(String, ActionError)>, ActionError> {
    if deed == Deed::Delete {
        keys::delete(&visit.acting, &ids, &[]).await?;
        return Ok(Vec::new());
    }
    // Once before, so that what is typed wrong is told once.
    changed(deed, typed, &mut Policy::default())?;
    let lifetime = match (deed, typed.text("expires")) {
        (Deed::Expiry, "never") => Given::Null,
        (Deed::Expiry, end) => Given::Value(end.to_owned()),
        _ => Given::Absent,
    };
    let changes = ids.into_iter().map(|id| {
        let lifetime = lifetime.clone();
        let change = move |key: &mut KeyChange| {
            key.lifetime = lifetime;
            match deed {
                Deed::Block => key.blocked = true,
                Deed::Unblock => key.blocked = false,
                Deed::Expiry | Deed::Budget | Deed::Delete => {}
            }
            changed(deed, typed, &mut key.policy)
        };
        (id, change)
    });
    let outcome = keys::update_many(&visit.acting, changes.collect()).await?;
    Ok(outcome.failed)
}

fn changed(deed: Deed, typed: &Form, policy: &mut Policy) -> Result<(), ActionError> {
    match deed {
        Deed::Budget => form::set_budget(typed, ("budget", "period"), &mut policy.budgets),
        _ => Ok(()),
    }
}

/// Which were passed over, and why; the others are changed.
async fn skipped(
    visit: Writing,
    failed: Vec<(String, ActionError)>,
) -> Result<HttpResponse, PageFault> {
    let words = visit.words();
    let at = visit.frame.to("/keys");
    let told = [(
        "count",
        count(words, u64::try_from(failed.len()).unwrap_or(0)).into(),
    )];
    let facts = failed.into_iter().map(|(key, why)| Fact {
        name: key,
        value: why.to_string(),
    });
    let dialog = Dialog {
        title: words.with("keys-skipped", &told),
        text: words.t("keys-skipped-text"),
        facts: facts.collect(),
        keep: words.t("close"),
        back: at,
        ..Dialog::default()
    };
    list::with(visit.to()?, (&dialog, None)).await
}
