//! The configuration: what is in effect, and what the file says now.

use std::collections::BTreeMap;

use actix_web::web;

use crate::acting::{Acting, may};
use crate::error::ActionError;
use crate::settings::{ConfiguredValue, FileModels};

/// What the file says now, beside what is in effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileNow {
    /// There is no file.
    None,
    /// It would be refused: what is in effect stays.
    Refused(String),
    /// It would be taken, and these values differ.
    Read(Vec<Difference>),
}

/// A value that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Which.
    pub path: String,
    /// As it is in effect; none where nothing says it.
    pub in_effect: Option<ConfiguredValue>,
    /// As the file has it now; none where nothing says it.
    pub in_file: Option<ConfiguredValue>,
    /// Whether a restart is needed for it; else the reload takes it.
    pub needs_restart: bool,
}

/// Every value that is in effect: those of the start where they need a restart, else those of the
/// last reload.
#[must_use]
pub fn in_effect(file: &FileModels) -> Vec<&ConfiguredValue> {
    let restart = file.started.iter().filter(|one| one.needs_restart);
    let reload = file.values.iter().filter(|one| !one.needs_restart);
    let mut all: Vec<&ConfiguredValue> = restart.chain(reload).collect();
    all.sort_by(|one, other| one.path.cmp(&other.path));
    all
}

/// Reads the file and compares.
///
/// # Errors
/// When the reading broke off.
pub async fn file_now(acting: &Acting<may::ReadSettings>) -> Result<FileNow, ActionError> {
    let settings = &acting.api().settings;
    let Some(read) = settings.read_file.clone() else {
        return Ok(FileNow::None);
    };
    let read = web::block(move || read()).await;
    let read = read.map_err(|broken| ActionError::Internal(broken.to_string()))?;
    let file = settings.file.load();
    Ok(match read {
        Ok(now) => FileNow::Read(differences(&in_effect(&file), &now)),
        Err(why) => FileNow::Refused(why),
    })
}

fn differences(in_effect: &[&ConfiguredValue], now: &[ConfiguredValue]) -> Vec<Difference> {
    type Pair<'a> = (Option<&'a ConfiguredValue>, Option<&'a ConfiguredValue>);
    let mut pairs: BTreeMap<&str, Pair<'_>> = BTreeMap::new();
    for one in in_effect {
        pairs.entry(&one.path).or_default().0 = Some(one);
    }
    for one in now {
        pairs.entry(&one.path).or_default().1 = Some(one);
    }
    let differ = pairs
        .into_iter()
        .filter(|(_path, (was, is))| was.map(|one| one.mark) != is.map(|one| one.mark));
    let told = differ.map(|(path, (was, is))| Difference {
        path: path.to_owned(),
        needs_restart: was.or(is).is_some_and(|one| one.needs_restart),
        in_effect: was.cloned(),
        in_file: is.cloned(),
    });
    told.collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::settings::ValueSource;

    fn value(path: &str, mark: u64, needs_restart: bool) -> ConfiguredValue {
        ConfiguredValue {
            path: path.to_owned(),
            value: None,
            source: ValueSource::Default,
            replaces: None,
            needs_restart,
            mark,
        }
    }

    #[test]
    fn what_needs_a_restart_is_in_effect_as_it_was_at_the_start() {
        let file = FileModels {
            started: Arc::new(vec![value("port", 1, true), value("retries", 1, false)]),
            values: vec![value("port", 2, true), value("retries", 2, false)],
            ..FileModels::default()
        };
        let now = [
            value("port", 2, true),
            value("retries", 2, false),
            value("new", 9, false),
        ];
        let found = differences(&in_effect(&file), &now);
        let told: Vec<_> = found
            .iter()
            .map(|one| {
                (
                    one.path.as_str(),
                    one.needs_restart,
                    one.in_effect.is_some(),
                )
            })
            .collect();
        assert_eq!(told, [("new", false, false), ("port", true, true)]);
        assert_eq!(differences(&in_effect(&file), &now[1..2]).len(), 1);
    }
}
