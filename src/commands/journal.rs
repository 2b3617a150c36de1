//! `headgate journal`: what nodes wrote and have not shipped.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, Subcommand};
use data_plane::journal::adopt::{Adopted, NotAdopted, adopt};
use data_plane::journal::inspect::{Inspection, inspect};
use domain::ledger::{Ledger, RequestEntry};
use serde_json::{Value, json};

use crate::cli::Flags;
use crate::commands::answer::Answer;
use crate::commands::operator::Operator;
use crate::commands::refusal::Refusal;
use crate::commands::table::Table;
use crate::config::environment::Environment;

/// In the data folder.
const FOLDER: &str = "journal";

/// What is done with a journal.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Show what lies in a journal, and which requests have no end; changes nothing
    Inspect(Where),
    /// Read a journal whole and tell every fault; exit 0: all is as it was written, 1: it is not
    Verify(Where),
    /// Ship the journal of a node that is gone into the store, and delete it; what the store has
    /// already is left out
    Adopt(Whose),
}

/// Which journal.
#[derive(Debug, Args)]
pub struct Where {
    /// Its folder [default: the one in the data folder]
    #[arg(value_name = "FOLDER")]
    folder: Option<PathBuf>,
}

/// Whose journal.
#[derive(Debug, Args)]
pub struct Whose {
    /// Its folder: `journal` in the data folder of the node that is gone
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
}

impl Verb {
    /// Whether it needs the store.
    pub const fn needs_store(&self) -> bool {
        match self {
            Self::Adopt(_) => true,
            Self::Inspect(_) | Self::Verify(_) => false,
        }
    }
}

/// Does what needs no store: the database may be away just then.
pub fn read(flags: &Flags, environment: &Environment, verb: &Verb) -> Result<Answer, Refusal> {
    let (Verb::Inspect(Where { folder }) | Verb::Verify(Where { folder })) = verb else {
        return Err(Refusal::Usage("this needs the store".to_owned()));
    };
    let folder = match folder {
        Some(folder) => folder.clone(),
        None => flags
            .load(environment)?
            .config
            .gateway
            .data_dir()
            .join(FOLDER),
    };
    let unreadable = |cause| {
        Refusal::Refused(format!(
            "cannot read the journal in {}: {cause}",
            folder.display()
        ))
    };
    let inspection = inspect(&folder).map_err(unreadable)?;
    Ok(match verb {
        Verb::Verify(_) => verified(&folder, &inspection),
        _ => inspected(&inspection),
    })
}

/// Does what needs the store.
pub async fn run(operator: &Operator, verb: Verb) -> Result<Answer, Refusal> {
    let Verb::Adopt(Whose { folder }) = verb else {
        return Err(Refusal::Usage("this needs no store".to_owned()));
    };
    if !folder.is_dir() {
        let text = format!("there is no folder {}", folder.display());
        return Err(Refusal::Usage(text));
    }
    let ledger: Arc<dyn Ledger> = operator.api.store.clone();
    match adopt(&folder, ledger).await {
        Ok(adopted) => Ok(told(&adopted)),
        Err(NotAdopted::Journal(fault)) => Err(Refusal::Configuration(fault.to_string())),
        Err(away @ NotAdopted::Ledger(_)) => Err(Refusal::Refused(away.to_string())),
    }
}

fn ids(requests: &[RequestEntry]) -> Vec<&str> {
    requests.iter().map(|request| request.id.as_str()).collect()
}

fn inspected(inspection: &Inspection) -> Answer {
    let lines = inspection.strands.iter().map(|strand| {
        vec![
            strand.strand.clone(),
            strand.segments.to_string(),
            strand.folded_segments.to_string(),
            strand.bytes.to_string(),
            strand.dispatches.to_string(),
            strand.settles.to_string(),
        ]
    });
    let table = Table::Many {
        head: &[
            "STRAND",
            "SEGMENTS",
            "FOLDED",
            "BYTES",
            "DISPATCHES",
            "SETTLES",
        ],
        lines: lines.collect(),
        none: "the journal is empty",
    };
    let unsettled = ids(&inspection.unsettled);
    let mut answer = Answer::of(&shown(inspection), table);
    if !unsettled.is_empty() {
        let text = format!(
            "without an end (under way while a gateway runs, else orphans): {}",
            unsettled.join(", ")
        );
        answer = answer.noting(text);
    }
    noting_faults(answer, inspection)
}

fn shown(inspection: &Inspection) -> Value {
    let strands: Vec<Value> = inspection
        .strands
        .iter()
        .map(|strand| {
            json!({
                "strand": strand.strand,
                "first_segment": strand.first_segment,
                "segments": strand.segments,
                "folded_segments": strand.folded_segments,
                "bytes": strand.bytes,
                "dispatches": strand.dispatches,
                "settles": strand.settles,
            })
        })
        .collect();
    json!({
        "strands": strands,
        "unsettled": inspection.unsettled,
        "faults": faults(inspection),
        "quarantined": inspection.quarantined,
    })
}

/// What is not as it was written. A torn tail is: its record was never whole.
fn faults(inspection: &Inspection) -> Vec<String> {
    let damages = inspection
        .damages
        .iter()
        .filter(|damage| !damage.is_torn_tail);
    let damages = damages.map(|damage| {
        let path = damage.path.display();
        format!(
            "{path}: bytes {} to {} are no record",
            damage.from, damage.to
        )
    });
    damages
        .chain(inspection.unreadable.iter().cloned())
        .collect()
}

fn noting_faults(answer: Answer, inspection: &Inspection) -> Answer {
    faults(inspection).into_iter().fold(answer, Answer::noting)
}

fn verified(folder: &Path, inspection: &Inspection) -> Answer {
    let faults = faults(inspection);
    let settles: u64 = inspection.strands.iter().map(|strand| strand.settles).sum();
    let segments: usize = inspection
        .strands
        .iter()
        .map(|strand| strand.segments)
        .sum();
    let sentence = match faults.len() {
        0 => format!(
            "{}: {segments} segments with {settles} settled requests are as they were written",
            folder.display()
        ),
        count => format!("{}: {count} faults", folder.display()),
    };
    let value = json!({
        "is_whole": faults.is_empty(),
        "segments": segments,
        "settles": settles,
        "faults": faults,
    });
    let code = u8::from(!faults.is_empty());
    noting_faults(Answer::of(&value, Table::Sentence(sentence)), inspection).exiting(code)
}

fn told(adopted: &Adopted) -> Answer {
    let Adopted {
        shipped,
        known,
        recovered,
    } = adopted;
    let orphans = ids(&recovered.orphans);
    let value = json!({
        "shipped": shipped,
        "known": known,
        "orphans": recovered.orphans,
        "damages": recovered.damages.len(),
    });
    let table = Table::One(vec![
        ("shipped", shipped.to_string()),
        ("the store had already", known.to_string()),
        ("orphans among them", orphans.join(", ")),
        ("damaged places", recovered.damages.len().to_string()),
    ]);
    Answer::of(&value, table)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use data_plane::journal::{Journal, JournalMetrics, JournalSettings};

    use super::*;

    /// A journal with one request; any shape that serializes does for what is read here.
    fn written(folder: &Path) -> PathBuf {
        let settings = JournalSettings::default();
        let opened = Journal::open(folder, 1, settings, JournalMetrics::default());
        let (journal, _nothing) = opened.unwrap();
        journal.strand(0).settle(&"req_1", []).unwrap();
        journal.close();
        let mut entries = folder
            .read_dir()
            .unwrap()
            .map(|entry| entry.unwrap().path());
        let is_segment = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "log");
        entries.find(is_segment).unwrap()
    }

    #[test]
    fn a_whole_journal_is_verified_and_a_damaged_one_exits_with_1_and_the_place() {
        let folder = tempfile::tempdir().unwrap();
        let segment = written(folder.path());
        let said = verified(folder.path(), &inspect(folder.path()).unwrap()).said(false);
        assert_eq!(said.code, 0);
        assert!(
            said.out.contains("1 segments with 1 settled"),
            "{}",
            said.out
        );
        let mut bytes = fs::read(&segment).unwrap();
        bytes[12] ^= 1;
        fs::write(&segment, bytes).unwrap();
        let said = verified(folder.path(), &inspect(folder.path()).unwrap()).said(true);
        assert_eq!(said.code, 1);
        assert!(said.notes.contains("bytes 0 to"), "{}", said.notes);
        assert!(said.out.contains("\"is_whole\": false"), "{}", said.out);
    }

    #[test]
    fn a_journal_is_inspected_strand_by_strand() {
        let folder = tempfile::tempdir().unwrap();
        written(folder.path());
        let said = inspected(&inspect(folder.path()).unwrap()).said(false);
        assert!(said.out.starts_with("STRAND"), "{}", said.out);
        assert_eq!(said.out.lines().count(), 2, "{}", said.out);
    }
}
