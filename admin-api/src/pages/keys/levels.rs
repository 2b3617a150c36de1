//! What applies to a key: every level's models, money and rates, the tightest marked.

use domain::money::NanoUsd;
use domain::policies::Policy;
use domain::virtual_keys::VirtualKey;
use web_ui::figures::{self, count, short};
use web_ui::pages::keys::{LevelCell, LevelRow};
use web_ui::words::Words;

use super::rows::name;
use crate::acting::may;
use crate::actions::spend::{self, Spender};
use crate::error::ActionError;
use crate::pages::visit::Visit;

/// One level as it counts.
struct Level {
    kind: &'static str,
    name: String,
    policy: Policy,
    spent: NanoUsd,
}

/// The rows of the table, from the organization down to the key.
pub(super) async fn of(
    visit: &Visit<may::ReadKeys>,
    key: &VirtualKey,
) -> Result<Vec<LevelRow>, ActionError> {
    let store = visit.acting.store();
    let mut levels = Vec::new();
    if let Some(one) = store.organization(key.organization_id.as_str()).await? {
        let spent = spend::present_of(store, Spender::from(&one)).await?.spend;
        levels.push(Level {
            kind: "level-organization",
            name: one.name,
            policy: one.policy,
            spent,
        });
    }
    if let Some(id) = &key.team_id
        && let Some(one) = store.team(id).await?
    {
        let spent = spend::present_of(store, Spender::from(&one)).await?.spend;
        levels.push(Level {
            kind: "level-team",
            name: one.name,
            policy: one.policy,
            spent,
        });
    }
    if let Some(id) = &key.project_id
        && let Some(one) = store.project(id.as_str()).await?
    {
        let spent = spend::present_of(store, Spender::from(&one)).await?.spend;
        levels.push(Level {
            kind: "level-project",
            name: one.name,
            policy: one.policy,
            spent,
        });
    }
    let spent = spend::present_of(store, Spender::from(key)).await?.spend;
    let (kind, name) = ("level-key", name(key));
    levels.push(Level {
        kind,
        name,
        policy: key.policy.clone(),
        spent,
    });
    Ok(rows(visit.words(), &levels))
}

impl Level {
    fn left(&self) -> Option<NanoUsd> {
        let budget = self.policy.hard_budget()?;
        Some(NanoUsd(budget.limit_nanousd.0.saturating_sub(self.spent.0)))
    }

    fn models(&self) -> Option<usize> {
        Some(self.policy.models.len()).filter(|count| *count > 0)
    }
}

/// The place of the smallest of what limits; of several the lowest level's, which is the last.
fn tightest<T: Ord>(values: impl Iterator<Item = Option<T>>) -> Option<usize> {
    let mut found: Option<(usize, T)> = None;
    for (place, value) in values.enumerate() {
        let Some(value) = value else { continue };
        if found.as_ref().is_none_or(|(_place, least)| value <= *least) {
            found = Some((place, value));
        }
    }
    found.map(|(place, _value)| place)
}

fn rows(words: Words, levels: &[Level]) -> Vec<LevelRow> {
    let models = tightest(levels.iter().map(Level::models));
    let left = tightest(levels.iter().map(Level::left));
    let rpm = tightest(levels.iter().map(|one| one.policy.limits.rpm));
    let tpm = tightest(levels.iter().map(|one| one.policy.limits.tpm));
    let cell = |text: String, class: &'static str, tightest: bool| LevelCell {
        text,
        class,
        tightest,
        spent_out: false,
    };
    let rate =
        |value: Option<u64>| value.map_or_else(|| words.t("no-limit"), |value| short(words, value));
    let each = levels.iter().enumerate().map(|(place, one)| {
        let named = one.models().map_or_else(
            || words.t("models-all"),
            |number| {
                let number = u64::try_from(number).unwrap_or(0);
                words.with(
                    "models-some",
                    &[
                        ("count", number.into()),
                        ("shown", count(words, number).into()),
                    ],
                )
            },
        );
        LevelRow {
            kind: words.t(one.kind),
            name: one.name.clone(),
            cells: vec![
                cell(named, "", models == Some(place)),
                LevelCell {
                    spent_out: one.left().is_some_and(|left| left.0 <= 0),
                    ..cell(money(words, one), "num", left == Some(place))
                },
                cell(rate(one.policy.limits.rpm), "num", rpm == Some(place)),
                cell(rate(one.policy.limits.tpm), "num", tpm == Some(place)),
            ],
        }
    });
    each.collect()
}

/// `$598 of $5,000`
fn money(words: Words, level: &Level) -> String {
    let (Some(left), Some(budget)) = (level.left(), level.policy.hard_budget()) else {
        return words.t("no-limit");
    };
    let told = [
        ("left", figures::money(words, left, 2).into()),
        ("limit", figures::limit(words, budget.limit_nanousd).into()),
    ];
    words.with("left-of", &told)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tightest_is_the_least_and_of_equals_the_nearest_to_the_key() {
        assert_eq!(
            tightest([None, Some(5), Some(3), Some(3)].into_iter()),
            Some(3)
        );
        assert_eq!(tightest([None::<u64>, None].into_iter()), None);
        assert_eq!(tightest([Some(1), None].into_iter()), Some(0));
    }
}
