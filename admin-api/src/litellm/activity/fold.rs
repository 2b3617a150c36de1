//! One day's usage, added up by model, group, vendor, endpoint, key and entity.

use std::collections::BTreeMap;

use domain::windows::Day;
use serde_json::{Map, Value, json};
use store::usage::{Dimension, UsageRow, UsageSums};

use super::metrics;
use crate::actions::usage::{Days, add};
use crate::litellm::report_names::ReportNames;
use crate::litellm::words::{endpoint, key_word, word_or_unknown};

/// A sum, and its parts by key.
#[derive(Default)]
struct Metric {
    sums: UsageSums,
    by_key: BTreeMap<String, UsageSums>,
}

impl Metric {
    fn add(&mut self, key: &str, sums: &UsageSums) {
        add(&mut self.sums, sums);
        add(self.by_key.entry(key.to_owned()).or_default(), sums);
    }

    fn shown(&self, names: &ReportNames, metadata: Value) -> Value {
        let keys = self.by_key.iter();
        let keys = keys.map(|(key, sums)| (key_word(names, key), of_key(names, key, sums)));
        json!({
            "metrics": metrics(&self.sums),
            "metadata": metadata,
            "api_key_breakdown": Value::Object(keys.collect()),
        })
    }
}

fn of_key(names: &ReportNames, key: &str, sums: &UsageSums) -> Value {
    json!({"metrics": metrics(sums), "metadata": names.key_metadata(key)})
}

type Parts = BTreeMap<String, Metric>;

/// One day.
#[derive(Default)]
pub(super) struct DayFold {
    sums: UsageSums,
    entities: Parts,
    keys: BTreeMap<String, UsageSums>,
    models: Parts,
    groups: Parts,
    providers: Parts,
    operations: Parts,
}

impl DayFold {
    /// Every day that has rows; `total` takes all of them.
    pub(super) fn of_days(
        rows: &[UsageRow],
        days: &Days,
        total: &mut UsageSums,
    ) -> BTreeMap<Day, Self> {
        let mut by_day: BTreeMap<Day, Self> = BTreeMap::new();
        for row in rows {
            add(total, &row.sums);
            by_day.entry(days.of(row)).or_default().add(row);
        }
        by_day
    }

    fn add(&mut self, row: &UsageRow) {
        let mut words = row.groups.iter().map(String::as_str);
        let mut word = || words.next().unwrap_or_default();
        let (entity, key) = (word(), word());
        add(&mut self.sums, &row.sums);
        add(self.keys.entry(key.to_owned()).or_default(), &row.sums);
        for (parts, word) in [
            (&mut self.entities, entity),
            (&mut self.models, word()),
            (&mut self.groups, word()),
            (&mut self.providers, word()),
            (&mut self.operations, word()),
        ] {
            let part = parts.entry(word.to_owned()).or_default();
            part.add(key, &row.sums);
        }
    }

    /// The day as LiteLLM shows it.
    pub(super) fn shown(&self, day: Day, entity: Dimension, names: &ReportNames) -> Value {
        let plain = |parts: &Parts, shown: fn(&str) -> String| {
            let parts = parts.iter();
            let parts = parts.map(|(word, part)| (shown(word), part.shown(names, json!({}))));
            Value::Object(parts.collect::<Map<_, _>>())
        };
        let keys = self.keys.iter();
        let keys = keys.map(|(key, sums)| (key_word(names, key), of_key(names, key, sums)));
        let entities = self
            .entities
            .iter()
            .filter(|(word, _part)| !word.is_empty());
        let entities = entities.map(|(word, part)| {
            let metadata = names.entity_metadata(entity, word);
            (names.id(entity, word), part.shown(names, metadata))
        });
        json!({
            "date": day.to_string(),
            "metrics": metrics(&self.sums),
            "breakdown": {
                "mcp_servers": {},
                "models": plain(&self.models, word_or_unknown),
                "model_groups": plain(&self.groups, word_or_unknown),
                "providers": plain(&self.providers, word_or_unknown),
                "endpoints": plain(&self.operations, endpoint),
                "api_keys": Value::Object(keys.collect()),
                "entities": Value::Object(entities.collect()),
            },
        })
    }
}
