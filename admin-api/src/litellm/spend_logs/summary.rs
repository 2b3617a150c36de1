//! What every day has cost, by key, person and model: `/spend/logs` with dates.

use std::collections::BTreeMap;

use domain::ids::{KeyId, TeamId, UserId};
use domain::money::NanoUsd;
use domain::windows::Day;
use serde_json::{Map, Value, json};
use store::requests::RequestFilter;
use store::usage::{Bucket, Dimension, UsageQuery, UsageRow};

use crate::acting::{Acting, may};
use crate::actions::usage::{self, Days};
use crate::error::ActionError;
use crate::litellm::policy::number;
use crate::litellm::report_names::ReportNames;
use crate::litellm::words::{key_word, word_or_unknown};

type Sums = BTreeMap<String, NanoUsd>;

/// One day.
#[derive(Default)]
struct Summed {
    spend: NanoUsd,
    keys: Sums,
    users: Sums,
    models: Sums,
}

fn add(to: &mut NanoUsd, charge: NanoUsd) {
    *to = NanoUsd(to.0.saturating_add(charge.0));
}

impl Summed {
    fn add(&mut self, row: &UsageRow, names: &ReportNames) {
        let mut words = row.groups.iter().map(String::as_str);
        let mut word = || words.next().unwrap_or_default();
        let charge = row.sums.charge_nanousd;
        add(&mut self.spend, charge);
        let key = key_word(names, word());
        add(self.keys.entry(key).or_default(), charge);
        let user = names.id(Dimension::User, word());
        add(self.users.entry(user).or_default(), charge);
        let model = word_or_unknown(word());
        add(self.models.entry(model).or_default(), charge);
    }

    /// As LiteLLM has it: keys stand beside the other members.
    fn shown(self, day: Day) -> Value {
        let numbers = |sums: Sums| {
            let sums = sums.into_iter();
            sums.map(|(word, sum)| (word, number(sum)))
                .collect::<Map<_, _>>()
        };
        let mut shown = numbers(self.keys);
        shown.insert("startTime".to_owned(), json!(day.to_string()));
        shown.insert("spend".to_owned(), number(self.spend));
        shown.insert("users".to_owned(), Value::Object(numbers(self.users)));
        shown.insert("models".to_owned(), Value::Object(numbers(self.models)));
        Value::Object(shown)
    }
}

/// Every day of a range; those after the last with spend are there too, as LiteLLM has them.
pub(super) async fn of_days(
    acting: &Acting<may::ReadSpend>,
    filter: &RequestFilter,
    days: &Days,
) -> Result<Vec<Value>, ActionError> {
    let filters = [
        (Dimension::Key, filter.key_id.as_ref().map(KeyId::to_string)),
        (
            Dimension::User,
            filter.user_id.as_ref().map(UserId::to_string),
        ),
        (
            Dimension::Team,
            filter.team_id.as_ref().map(TeamId::to_string),
        ),
        (Dimension::EndUser, filter.end_user.clone()),
        (Dimension::Model, filter.model.clone()),
        (Dimension::Group, filter.group.clone()),
        (Dimension::Deployment, filter.deployment_id.clone()),
    ];
    let filters = filters.into_iter();
    let query = UsageQuery {
        group_by: vec![Dimension::Key, Dimension::User, Dimension::Model],
        bucket: Some(Bucket::Day),
        filters: filters
            .filter_map(|(dimension, word)| Some((dimension, vec![word?])))
            .collect(),
        ..days.query()
    };
    let rows = usage::rows(acting, query).await?;
    let mut names = ReportNames::default();
    for (place, dimension) in [(0, Dimension::Key), (1, Dimension::User)] {
        let words = rows.iter().filter_map(|row| row.groups.get(place));
        names
            .read(acting, dimension, words.map(String::as_str))
            .await?;
    }
    let mut by_day: BTreeMap<Day, Summed> = BTreeMap::new();
    for row in &rows {
        by_day.entry(days.of(row)).or_default().add(row, &names);
    }
    let Some(mut day) = by_day.keys().next_back().copied() else {
        return Ok(Vec::new());
    };
    while day < days.last {
        day = day.next();
        by_day.entry(day).or_default();
    }
    let shown = by_day.into_iter().map(|(day, summed)| summed.shown(day));
    Ok(shown.collect())
}
