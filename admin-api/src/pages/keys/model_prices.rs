//! The models of a form: to choose from, with what a million of their tokens cost, and those that cost
//! little.

use std::collections::{BTreeMap, BTreeSet};

use domain::money::PicoUsd;
use store::page::Page;
use web_ui::figures::{money, price};
use web_ui::pages::parts::Choice;
use web_ui::words::Words;

use crate::acting::{Permission, may};
use crate::actions::deployments::{self, KnownDeployment, Listing};
use crate::error::ActionError;
use crate::pages::form::Form;
use crate::pages::visit::Visit;

/// How many of the store are shown; those of the file come before them.
const MOST: i64 = 200;
/// Up to so much for a million input tokens, a model is cheap: a dollar.
const CHEAP: PicoUsd = PicoUsd(1_000_000);

const CENT: i64 = 10_000_000;

/// What a token costs, in and out.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Rates {
    input: PicoUsd,
    output: PicoUsd,
}

fn rates(one: &KnownDeployment) -> Option<Rates> {
    let price = one.price(one.facts().as_ref())?;
    let base = price.standard.base;
    Some(Rates {
        input: base.input?,
        output: base.output?,
    })
}

/// Models by name with their rates, the dearest of several deployments; none where nobody knows those
/// of one of them.
async fn known<P: Permission>(
    visit: &Visit<P>,
) -> Result<BTreeMap<String, Option<Rates>>, ActionError> {
    let Ok(reading) = visit.acting.also::<may::ReadDeployments>() else {
        return Ok(BTreeMap::new());
    };
    let listed = deployments::list(&reading, &Listing::default(), &Page::first(MOST)).await?;
    let mut known: BTreeMap<String, Option<Rates>> = BTreeMap::new();
    for one in listed.items {
        let rates = rates(&one);
        known
            .entry(one.model_name)
            .and_modify(|dearest| *dearest = dearest.zip(rates).map(|(one, other)| one.max(other)))
            .or_insert(rates);
    }
    Ok(known)
}

/// What a million tokens of a rate cost.
fn of_a_million(words: Words, rate: PicoUsd) -> String {
    let cost = rate.per_million();
    match cost.0 % CENT {
        0 => money(words, cost, 2),
        _ => price(words, cost),
    }
}

/// To choose from: those that are known, and those that are chosen already.
///
/// # Errors
/// When the store does not answer.
pub(crate) async fn choices<P: Permission>(
    visit: &Visit<P>,
    chosen: &BTreeSet<String>,
) -> Result<Vec<Choice>, ActionError> {
    let mut known = known(visit).await?;
    for name in chosen {
        known.entry(name.clone()).or_insert(None);
    }
    let words = visit.words();
    let each = known.into_iter().map(|(name, rates)| Choice {
        note: rates.map_or_else(String::new, |rates| {
            let (input, output) = (rates.input, rates.output);
            let (input, output) = (of_a_million(words, input), of_a_million(words, output));
            format!("{input} · {output}")
        }),
        ..Choice::of(&name, &name, chosen.contains(&name))
    });
    Ok(each.collect())
}

/// The models that a form means where it asks for cheap ones alone; none where it does not. Of ticked
/// ones only those that are cheap.
///
/// # Errors
/// [`ActionError::Invalid`] when no model is cheap: an empty list would be all of them.
pub(super) async fn cheap<P: Permission>(
    visit: &Visit<P>,
    typed: &Form,
) -> Result<Option<Vec<String>>, ActionError> {
    if typed.text("cheap") != "on" {
        return Ok(None);
    }
    let ticked: BTreeSet<String> = typed.all("models").into_iter().collect();
    let known = known(visit).await?;
    let is_cheap = |rates: &Option<Rates>| rates.is_some_and(|rates| rates.input <= CHEAP);
    let names = known
        .into_iter()
        .filter(|(name, rates)| is_cheap(rates) && (ticked.is_empty() || ticked.contains(name)));
    let names: Vec<String> = names.map(|(name, _rates)| name).collect();
    if names.is_empty() {
        return Err(ActionError::invalid(
            "models",
            "No model of these is known to cost that little. Choose the models themselves.",
        ));
    }
    Ok(Some(names))
}
