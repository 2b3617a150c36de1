//! What the configuration file says now beside what is in effect, for the settings page.

use web_ui::pages::own::{DifferenceRow, FileCard};

use crate::acting::may;
use crate::actions::configuration::{self, Difference, FileNow};
use crate::error::ActionError;
use crate::pages::settings::value;
use crate::pages::visit::Visit;
use crate::settings::{ConfiguredValue, ValueSource};

/// The card about the file.
///
/// # Errors
/// When the reading broke off.
pub async fn card(visit: &Visit<may::ReadSettings>) -> Result<FileCard, ActionError> {
    Ok(match configuration::file_now(&visit.acting).await? {
        FileNow::None => FileCard::None,
        FileNow::Refused(why) => FileCard::Refused(why),
        FileNow::Read(differences) if differences.is_empty() => FileCard::Same,
        FileNow::Read(differences) => {
            let rows = differences.into_iter().map(|one| row(visit, one));
            FileCard::Differs(rows.collect())
        }
    })
}

fn row(visit: &Visit<may::ReadSettings>, one: Difference) -> DifferenceRow {
    let words = visit.words();
    let shown = |one: &Option<ConfiguredValue>| match one {
        // What holds by itself is told further down.
        Some(one) if one.source == ValueSource::Default => words.t("setting-default"),
        Some(one) => value(words, one),
        None => words.t("not-set"),
    };
    let when = match one.needs_restart {
        true => "file-when-restart",
        false => "file-when-reload",
    };
    DifferenceRow {
        now: shown(&one.in_effect),
        file: shown(&one.in_file),
        when: words.t(when),
        name: one.path,
    }
}
