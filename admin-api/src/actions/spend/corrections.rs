//! Spend set anew: one correction of the sum of all time, and one for each window in use, for each has
//! another sum.

use std::collections::BTreeSet;

use domain::ids::AdjustmentId;
use domain::money::NanoUsd;
use domain::spend::Adjustment;
use domain::time::TimestampMs;
use domain::windows::Window;
use store::{Store, Transaction};

use super::{Around, LIFE, Present, Spender, wanted};
use crate::error::ActionError;

/// What is noted of a correction.
#[derive(Clone, Debug)]
pub struct Booking {
    /// `reset`, `import`.
    pub kind: &'static str,
    /// Why.
    pub reason: String,
    /// Who.
    pub actor: String,
}

/// A sum of a spender's: of one model only, in one window only.
type Sum = (Option<String>, Option<Window>);

/// The sums by which a spender is bounded, that of all time first.
fn in_use(around: &Around, spender: &Spender<'_>) -> BTreeSet<Sum> {
    let mut sums = BTreeSet::from([(None, None)]);
    for policy in around.policies(spender) {
        let of_all = policy.budgets.iter();
        sums.extend(of_all.map(|budget| (None, budget.window)));
        let of_models = policy.model_budgets.iter();
        sums.extend(of_models.map(|(model, budget)| (Some(model.clone()), budget.window)));
    }
    sums
}

/// A spender's sums as they are, within a change: no other correction comes between.
struct Standing {
    sums: Vec<(Sum, NanoUsd)>,
    shown: Present,
}

/// Reads a spender's sums. The change that is open keeps other corrections out.
async fn standing(
    store: &Store,
    writing: &mut Transaction<'_>,
    spender: Spender<'_>,
) -> Result<Standing, ActionError> {
    let around = Around::of(store, &[spender]).await?;
    let (now, scope) = (TimestampMs::now(), spender.scope());
    let main = around.window(&spender);
    let (mut sums, mut asked, mut resets_at) = (Vec::new(), Vec::new(), None);
    for (model, window) in in_use(&around, &spender) {
        let range = window.map_or(LIFE, |window| around.bounds(&spender, window, now));
        if main.is_some() && window == main {
            resets_at = Some(range.1);
        }
        asked.push(wanted(&scope, model.as_ref(), window, range));
        sums.push((model, window));
    }
    let found = writing.window_spend(&asked).await?;
    let sums: Vec<(Sum, NanoUsd)> = sums.into_iter().zip(found.nanousd).collect();
    let shown = sums
        .iter()
        .find(|((model, window), _)| model.is_none() && *window == main);
    let spend = shown.map(|(_sum, spend)| *spend).unwrap_or_default();
    let shown = Present { spend, resets_at };
    Ok(Standing { sums, shown })
}

impl Standing {
    async fn book(
        &self,
        writing: &mut Transaction<'_>,
        spender: Spender<'_>,
        booking: &Booking,
        amount: impl Fn(&Sum, NanoUsd) -> i64,
    ) -> Result<(), ActionError> {
        for (sum, now) in &self.sums {
            let amount = amount(sum, *now);
            if amount == 0 {
                continue;
            }
            let (model, window) = sum.clone();
            let Booking {
                kind,
                reason,
                actor,
            } = booking.clone();
            let adjustment = Adjustment {
                id: AdjustmentId::generate(),
                scope: spender.scope(),
                model,
                window,
                amount_nanousd: NanoUsd(amount),
                kind: kind.to_owned(),
                reason,
                actor,
                at: TimestampMs::now(),
            };
            writing.adjust(&adjustment).await?;
        }
        Ok(())
    }
}

/// Brings every sum of a spender that is above an amount down to it; says what was shown of it before.
///
/// # Errors
/// When the amount is above what it has spent, or the store does not answer.
pub async fn lower(
    store: &Store,
    writing: &mut Transaction<'_>,
    spender: Spender<'_>,
    (to, booking): (NanoUsd, Booking),
) -> Result<Present, ActionError> {
    let standing = standing(store, writing, spender).await?;
    let before = standing.shown;
    if to > before.spend {
        let now = before.spend;
        return Err(ActionError::invalid(
            "reset_to",
            format!(
                "The key has spent {now} dollars: spend is set to less than that, not to more."
            ),
        ));
    }
    let amount = |_sum: &Sum, now: NanoUsd| to.0.saturating_sub(now.0).min(0);
    standing.book(writing, spender, &booking, amount).await?;
    Ok(before)
}

/// Makes what is shown of a spender an amount: its sums are lowered to it, or raised by what is missing.
///
/// # Errors
/// When the store does not answer.
pub async fn set(
    store: &Store,
    writing: &mut Transaction<'_>,
    spender: Spender<'_>,
    (to, booking): (NanoUsd, Booking),
) -> Result<Present, ActionError> {
    let standing = standing(store, writing, spender).await?;
    let before = standing.shown;
    let missing = to.0.saturating_sub(before.spend.0);
    let amount = |(model, _window): &Sum, now: NanoUsd| match (missing > 0, model) {
        (true, None) => missing,
        (true, Some(_)) => 0,
        (false, _) => to.0.saturating_sub(now.0).min(0),
    };
    standing.book(writing, spender, &booking, amount).await?;
    Ok(before)
}

/// Books an amount that a new spender begins with, in every window.
///
/// # Errors
/// When the store does not answer.
pub async fn give(
    store: &Store,
    writing: &mut Transaction<'_>,
    spender: Spender<'_>,
    (spend, booking): (NanoUsd, Booking),
) -> Result<(), ActionError> {
    let around = Around::of(store, &[spender]).await?;
    let sums = in_use(&around, &spender).into_iter();
    let standing = Standing {
        sums: sums.map(|sum| (sum, NanoUsd(0))).collect(),
        shown: Present::default(),
    };
    let amount = |(model, _window): &Sum, _now: NanoUsd| match model {
        None => spend.0,
        Some(_) => 0,
    };
    standing.book(writing, spender, &booking, amount).await
}
