//! One row of LiteLLM's: its columns are taken one by one, and each time it is noted what became of
//! the value. What nobody took is dropped, and said.

mod policy;

use admin_api::fields::amount;
use domain::money::{NanoUsd, PicoUsd};
use domain::stamps::Stamps;
use domain::time::TimestampMs;
use serde::de::DeserializeOwned;
use serde_json::value::to_raw_value;
use serde_json::{Map, Value};

use crate::commands::import_litellm::report::{Fate, Report};

/// By whom imported things were made.
pub const IMPORTER: &str = "import-litellm";

/// Columns that LiteLLM keeps for itself.
const BOOKKEEPING: &[&str] = &[
    "created_by",
    "updated_at",
    "updated_by",
    "budget_reset_at",
    "soft_budget_cooldown",
    "last_active",
    "settings_updated_at",
    "rotation_count",
    "last_rotation_at",
    "key_rotation_at",
    "model_spend",
    "last_breach_check_at",
    "password_reset_required",
];

/// What is said of what decides nothing here.
const SHOWN_ONLY: &str = "kept and shown; nothing is decided by it";

/// One row.
pub struct Row {
    kind: &'static str,
    /// What it is called in the report; never a secret.
    name: String,
    columns: store::litellm::Row,
    said: Vec<(String, Fate, String)>,
    /// Whether a limit of it was dropped.
    is_wider: bool,
}

impl Row {
    /// A row of a kind; columns without a value are as if they were not there.
    pub fn new(kind: &'static str, named_by: &str, mut columns: store::litellm::Row) -> Self {
        columns.retain(|_name, raw| !matches!(raw.get(), "null" | "[]" | "{}" | "\"\""));
        let name = columns.get(named_by);
        let name = name.map_or("?", |raw| raw.get()).trim_matches('"');
        Self {
            kind,
            name: name.to_owned(),
            columns,
            said: Vec::new(),
            is_wider: false,
        }
    }

    /// What it is called in the report.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Calls it otherwise in the report.
    pub fn call(&mut self, name: &str) {
        name.clone_into(&mut self.name);
    }

    /// Notes that a value is here in another form.
    pub fn changed(&mut self, field: &str, note: impl Into<String>) {
        self.said.retain(|(known, ..)| known != field);
        self.said
            .push((field.to_owned(), Fate::Changed, note.into()));
    }

    /// Notes that a value is not here.
    pub fn dropped(&mut self, field: &str, note: impl Into<String>) {
        self.columns.remove(field);
        self.said.retain(|(known, ..)| known != field);
        self.said
            .push((field.to_owned(), Fate::Dropped, note.into()));
    }

    /// Calls a column otherwise, unless there is one of that name.
    pub fn rename(&mut self, from: &str, to: &str) {
        if !self.columns.contains_key(to)
            && let Some(raw) = self.columns.remove(from)
        {
            self.columns.insert(to.to_owned(), raw);
        }
    }

    /// Takes a text out of `metadata`.
    pub fn text_in_metadata(&mut self, name: &str) -> Option<String> {
        let raw = self.columns.get("metadata")?;
        let mut members: store::litellm::Row = serde_json::from_str(raw.get()).ok()?;
        let text: String = serde_json::from_str(members.remove(name)?.get()).ok()?;
        if let Ok(rest) = to_raw_value(&members) {
            self.columns.insert("metadata".to_owned(), rest);
        }
        self.said
            .push((format!("metadata.{name}"), Fate::Exact, String::new()));
        Some(text)
    }

    /// Notes that a value, if there is one, is not here.
    pub fn drop_if_there(&mut self, field: &str, note: &str) {
        if self.columns.contains_key(field) {
            self.dropped(field, note);
        }
    }

    /// Takes a value of any shape.
    pub fn take<T: DeserializeOwned>(&mut self, field: &str) -> Option<T> {
        let raw = self.columns.remove(field)?;
        match serde_json::from_str(raw.get()) {
            Ok(value) => {
                self.said
                    .push((field.to_owned(), Fate::Exact, String::new()));
                Some(value)
            }
            Err(_malformed) => {
                self.dropped(field, "it has another form than LiteLLM writes");
                None
            }
        }
    }

    /// Takes a text.
    pub fn text(&mut self, field: &str) -> Option<String> {
        self.take(field)
    }

    /// Takes a time; LiteLLM's have no zone and are UTC.
    pub fn time(&mut self, field: &str) -> Option<TimestampMs> {
        let text = self.text(field)?;
        let zoned = TimestampMs::parse_rfc3339(&text);
        match zoned.or_else(|_no_zone| TimestampMs::parse_rfc3339(&format!("{text}Z"))) {
            Ok(time) => Some(time),
            Err(malformed) => {
                self.dropped(field, malformed.to_string());
                None
            }
        }
    }

    /// Takes an amount of dollars.
    pub fn money(&mut self, field: &str) -> Option<NanoUsd> {
        let raw = self.columns.remove(field)?;
        match amount(field, &raw) {
            Ok(amount) => {
                let note = rounded(raw.get(), amount);
                let fate = if note.is_empty() {
                    Fate::Exact
                } else {
                    Fate::Changed
                };
                self.said.push((field.to_owned(), fate, note.to_owned()));
                Some(amount)
            }
            Err(refused) => {
                self.dropped(field, refused.to_string());
                None
            }
        }
    }

    /// When it was made, and that it was imported.
    pub fn stamps(&mut self) -> Stamps {
        let now = Stamps::now(IMPORTER);
        let created_at = self.time("created_at").unwrap_or(now.created_at);
        Stamps { created_at, ..now }
    }

    /// Keeps columns that are shown by LiteLLM's routes here and decide nothing.
    pub fn keep(&mut self, names: &[&str], extra: &mut Map<String, Value>) {
        for name in names {
            if let Some(value) = self.take::<Value>(name) {
                extra.insert((*name).to_owned(), value);
                self.changed(name, SHOWN_ONLY);
            }
        }
    }

    /// Says what became of its fields.
    pub fn finish(mut self, report: &mut Report) {
        for (name, raw) in std::mem::take(&mut self.columns) {
            if matches!(raw.get(), "false" | "0" | "0.0") {
                continue;
            }
            let note = match BOOKKEEPING.contains(&name.as_str()) {
                true => "LiteLLM's own bookkeeping",
                false => "there is nothing like it here",
            };
            self.said.push((name, Fate::Dropped, note.to_owned()));
        }
        for (field, fate, note) in &self.said {
            report.say((self.kind, &self.name), field, *fate, note);
        }
    }
}

/// What is said of an amount that is finer than a nano-dollar.
fn rounded(text: &str, amount: NanoUsd) -> &'static str {
    let text = text.trim_matches('"');
    let pico = PicoUsd::from_usd(text).map(|PicoUsd(pico)| u128::from(pico));
    let nano = u128::try_from(amount.0).map(|nano| nano * 1_000);
    match (pico, nano) {
        (Ok(pico), Ok(nano)) if pico != nano => "rounded up to whole nano-dollars",
        _ => "",
    }
}
