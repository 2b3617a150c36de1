//! Several keys at once: chosen by ticks or by a filter, asked about, changed. Few are changed in one
//! transaction, many in batches.

use std::collections::BTreeSet;

use actix_web::{HttpResponse, web};
use domain::policies::Policy;
use store::page::Page;
use web_ui::figures::count;
use web_ui::pages::dialogs::{Dialog, Field, FieldKind};
use web_ui::pages::parts::Fact;

use super::asked::Asked;
use super::batches::{self, Matching};
use super::{form, list};
use crate::acting::may;
use crate::actions::keys::{self, KeyChange};
use crate::error::ActionError;
use crate::fields::Given;
use crate::pages::addresses::query;
use crate::pages::dialogs::{self, Fields};
use crate::pages::fault::told;
use crate::pages::form::Form;
use crate::pages::looking::ASKED;
use crate::pages::visit::Visit;
use crate::pages::{PageFault, answers};

pub(super) type Writing = Visit<may::WriteKeys>;

/// Up to so many keys that match a filter are changed in one transaction; more of them in batches.
const FEW: i64 = 100;

/// What can be done to several keys.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Deed {
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

/// Which keys are meant.
enum Chosen {
    /// These: those that are ticked, or the few that match the filter.
    These(Vec<String>),
    /// All of the many that match the filter.
    Many(Matching),
}

async fn chosen(visit: &Writing, typed: &Form) -> Result<Chosen, ActionError> {
    if typed.text("all") != "on" {
        return Ok(Chosen::These(typed.all("ids")));
    }
    let Some(matching) = batches::matching(visit, typed).await? else {
        return Ok(Chosen::These(Vec::new()));
    };
    if matching.total > FEW.unsigned_abs() {
        return Ok(Chosen::Many(matching));
    }
    let reading = visit.acting.also()?;
    let filter = Asked::of_form(typed)
        .filter(&reading, visit.clock.now)
        .await?;
    let listed = match filter {
        Some(filter) => keys::list(&reading, filter, &Page::first(FEW)).await?.items,
        None => Vec::new(),
    };
    let ids = listed.into_iter().map(|key| key.id.to_string());
    Ok(Chosen::These(ids.collect()))
}

pub(super) async fn bulk(visit: Writing, body: web::Bytes) -> Result<HttpResponse, PageFault> {
    let typed = Form::read(&body)?;
    let deed = Deed::read(&typed)?;
    let is_sure = typed.text("sure") == "1";
    // A form that counted many says the newest of them; so does every page after it.
    if is_sure && typed.text("all") == "on" && typed.says("newest") {
        return match changed(deed, &typed, &mut Policy::default()) {
            Ok(()) => batches::next(visit, deed, &typed).await,
            Err(refused) => match batches::matching(&visit, &typed).await? {
                Some(many) => asked_of_many(visit, (deed, &typed), &many, Some(&refused)).await,
                None => Err(refused.into()),
            },
        };
    }
    let ids = match chosen(&visit, &typed).await? {
        Chosen::These(ids) => ids,
        // However sure: nothing is changed that was not counted first.
        Chosen::Many(many) => return asked_of_many(visit, (deed, &typed), &many, None).await,
    };
    if ids.is_empty() {
        let none = ActionError::invalid("ids", "Tick the keys that are meant.");
        return asked(visit, (deed, &typed), &ids, Some(&none)).await;
    }
    if !is_sure {
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
fn question(
    visit: &Writing,
    (deed, typed): (Deed, &Form),
    many: u64,
    refused: Option<&ActionError>,
) -> Dialog {
    let words = visit.words();
    let at = visit.frame.to("/keys");
    let (title, then) = deed.texts();
    // What was looked at when it was counted stays what is looked at.
    let looked_at = query(&[(ASKED, visit.frame.looked_at())]);
    let mut dialog = dialogs::form(words, title, format!("{at}/bulk{looked_at}"), at);
    dialog.warning = words.t(then);
    dialog.danger = matches!(deed, Deed::Block | Deed::Delete);
    let fields = Fields::of(words, typed, refused).hidden("do");
    let fields = match deed {
        Deed::Expiry => fields.select("expires", "expires", form::ends(words, "90d")),
        Deed::Budget => fields.money(("budget", "period"), "budget"),
        Deed::Block | Deed::Unblock | Deed::Delete => fields,
    };
    let mut dialog = fields.within(dialog, refused);
    dialog.facts = vec![Fact {
        name: words.t("nav-keys"),
        value: count(words, many),
    }];
    dialog.fields.push(hidden("sure", "1"));
    dialog
}

/// The question about these keys.
async fn asked(
    visit: Writing,
    asked: (Deed, &Form),
    ids: &[String],
    refused: Option<&ActionError>,
) -> Result<HttpResponse, PageFault> {
    let many = u64::try_from(ids.len()).unwrap_or(0);
    let mut dialog = question(&visit, asked, many, refused);
    dialog.facts.extend(traffic(&visit, ids).await?);
    // The ticks themselves, also of a filter: nothing is changed that was not counted here.
    dialog.fields.extend(ids.iter().map(|id| hidden("ids", id)));
    list::with(visit.to()?, (&dialog, refused)).await
}

/// The question about all that match a filter: it is sent along, with the newest that was counted.
async fn asked_of_many(
    visit: Writing,
    (deed, typed): (Deed, &Form),
    many: &Matching,
    refused: Option<&ActionError>,
) -> Result<HttpResponse, PageFault> {
    let mut dialog = question(&visit, (deed, typed), many.total, refused);
    dialog.text = visit.words().t("keys-batches-before");
    let filter = Asked::of_form(typed);
    let filter = filter.members().into_iter();
    let filter = filter.map(|(name, value)| hidden(name, value));
    dialog.fields.extend(filter);
    dialog.fields.push(hidden("all", "on"));
    dialog.fields.push(hidden("newest", &many.newest));
    let total = many.total.to_string();
    dialog.fields.push(hidden("total", &total));
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
pub(super) async fn done(
    visit: &Writing,
    deed: Deed,
    typed: &Form,
    ids: Vec<String>,
) -> Result<Vec<(String, ActionError)>, ActionError> {
    if deed == Deed::Delete {
        return deleted(visit, ids).await;
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

/// Deletes them; those that are not there, or not theirs to delete, are passed over.
async fn deleted(
    visit: &Writing,
    ids: Vec<String>,
) -> Result<Vec<(String, ActionError)>, ActionError> {
    let gone = match keys::delete(&visit.acting, &ids, &[]).await {
        Ok(gone) => gone,
        Err(ActionError::NotFound { .. }) => Vec::new(),
        Err(error) => return Err(error),
    };
    let gone: BTreeSet<String> = gone.into_iter().map(|key| key.id.to_string()).collect();
    let left = ids.into_iter().filter(|id| !gone.contains(id));
    Ok(left
        .map(|id| {
            let missing = ActionError::not_found("Key", &id);
            (id, missing)
        })
        .collect())
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
    let many = [(
        "count",
        count(words, u64::try_from(failed.len()).unwrap_or(0)).into(),
    )];
    let facts = failed.into_iter().map(|(key, why)| Fact {
        name: key,
        value: told(words, &why),
    });
    let dialog = Dialog {
        title: words.with("keys-skipped", &many),
        text: words.t("keys-skipped-text"),
        facts: facts.collect(),
        keep: words.t("close"),
        back: at,
        ..Dialog::default()
    };
    list::with(visit.to()?, (&dialog, None)).await
}
