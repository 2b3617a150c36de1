//! `headgate audit`.

use std::path::PathBuf;

use admin_api::acting::may;
use admin_api::error::ActionError;
use clap::{Args, Subcommand};
use domain::audit::ChainedEntry;
use domain::time::TimestampMs;
use serde_json::{Value, json};
use store::anchors::AnchorFile;
use store::audit::{AuditFilter, AuditPage};
use store::{Event, Store};

use crate::commands::answer::Answer;
use crate::commands::operator::Operator;
use crate::commands::refusal::Refusal;
use crate::commands::table::Table;

/// What is done with the audit trail.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Read the whole trail and tell every fault; exit 0: all is as it was written, 1: it is not, 3:
    /// there is no anchor, so that nobody can say whether its end was cut off
    Verify(Verify),
    /// List entries, newest first
    List(List),
}

/// Against what the trail is held.
#[derive(Debug, Args)]
pub struct Verify {
    /// The file of anchors, or a log of syslog's among whose lines they are [default: the one that
    /// the gateway writes]
    #[arg(long, value_name = "FILE")]
    anchors: Option<PathBuf>,
}

/// Which entries are listed.
#[derive(Debug, Args)]
pub struct List {
    /// How many at most
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u16).range(1..))]
    limit: u16,
    /// Only those before the entry of this number
    #[arg(long, value_name = "N")]
    before: Option<i64>,
    /// Only those of exactly this action: key.create
    #[arg(long, value_name = "ACTION")]
    action: Option<String>,
    /// Only those of this actor
    #[arg(long, value_name = "ID")]
    actor: Option<String>,
    /// Only those about the thing with this id
    #[arg(long, value_name = "ID")]
    object: Option<String>,
    /// Only those of this time and later, RFC 3339
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// Only those before this time, RFC 3339
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
}

/// Does it.
pub async fn run(operator: &Operator, verb: Verb) -> Result<Answer, Refusal> {
    match verb {
        Verb::Verify(verify) => verified(operator, verify.anchors, TimestampMs::now()).await,
        Verb::List(list) => listed(operator, list).await,
    }
}

async fn verified(
    operator: &Operator,
    named: Option<PathBuf>,
    now: TimestampMs,
) -> Result<Answer, Refusal> {
    let acting = operator.acting::<may::VerifyAudit>()?;
    let anchors = anchors(operator, named).await?;
    let store = acting.store();
    let verification = store::verification::verify(store, &anchors.anchors).await?;
    let event = Event {
        action: "audit.verify",
        object_kind: "audit",
        object_id: verification.last_sequence.to_string(),
        after: Some(json!({
            "entries": verification.entries,
            "faults": verification.faults.len(),
            "last_anchored": verification.last_anchored,
        })),
        ..Event::default()
    };
    // A trail whose end was tampered with takes no further entry; what was found is told anyway.
    let noted = store.record(&acting.actor, event).await;
    let lines = anchors.unreadable_lines.iter();
    let lines = lines.map(|line| format!("line {line} of the file of anchors cannot be read"));
    let faults = verification.faults.iter().map(ToString::to_string);
    let faults: Vec<String> = faults.chain(lines).collect();
    let vouched = verification.last_anchored.is_some() || !is_old(store, now).await;
    let value = json!({
        "entries": verification.entries,
        "last_sequence": verification.last_sequence,
        "anchors": anchors.anchors.len(),
        "last_anchored": verification.last_anchored,
        "faults": faults,
    });
    let answer = Answer::of(&value, Table::Sentence(told(&value, &faults)));
    let answer = match noted {
        Ok(_revision) => answer,
        Err(cause) => answer.noting(format!("This verification could not be noted: {cause}")),
    };
    Ok(answer.exiting(match (faults.is_empty(), vouched) {
        (false, _) => 1,
        (true, false) => NOT_VOUCHED,
        (true, true) => 0,
    }))
}

/// The anchors of the file that is named, or of the one that the gateway writes.
async fn anchors(operator: &Operator, named: Option<PathBuf>) -> Result<AnchorFile, Refusal> {
    let path = match named {
        Some(path) if !path.is_file() => {
            return Err(Refusal::Usage(format!(
                "there is no file {}",
                path.display()
            )));
        }
        Some(path) => Some(path),
        None => operator.anchor_file(),
    };
    let Some(path) = path else {
        return Ok(AnchorFile::default());
    };
    store::anchors::read(path.clone()).await.map_err(|cause| {
        Refusal::Refused(format!(
            "cannot read the anchors in {}: {cause}",
            path.display()
        ))
    })
}

/// The exit code for a trail that nothing vouches for although it is old enough to have anchors.
const NOT_VOUCHED: u8 = 3;

/// A gateway anchors within a minute; so much later an anchor should be there.
const ANCHORED_AFTER_MS: u64 = 10 * 60 * 1_000;

/// Whether the trail began so long ago that it should have been anchored.
async fn is_old(store: &Store, now: TimestampMs) -> bool {
    // What cannot be read is among the faults.
    let first = store.audit_after(0, 1).await.unwrap_or_default();
    first
        .first()
        .is_some_and(|first| now.0.saturating_sub(first.entry.at.0) > ANCHORED_AFTER_MS)
}

fn told(value: &Value, faults: &[String]) -> String {
    let entries = &value["entries"];
    let anchored = match &value["last_anchored"] {
        Value::Null => "no anchor vouches for its end".to_owned(),
        last => format!("its end is vouched for up to entry {last}"),
    };
    if faults.is_empty() {
        return format!("{entries} entries, all as they were written; {anchored}");
    }
    let number = faults.len();
    let word = if number == 1 { "fault" } else { "faults" };
    format!(
        "{}\n{entries} entries, {number} {word}; {anchored}",
        faults.join("\n")
    )
}

async fn listed(operator: &Operator, list: List) -> Result<Answer, Refusal> {
    let acting = operator.acting::<may::ReadAudit>()?;
    let filter = AuditFilter {
        scope: acting.scope(),
        actor_id: list.actor,
        action: list.action,
        object_id: list.object,
        from: time("from", list.from)?,
        until: time("until", list.until)?,
        ..AuditFilter::default()
    };
    let page = AuditPage {
        before_sequence: list.before,
        limit: i64::from(list.limit),
        count: false,
    };
    let found = acting.store().audit_entries(&filter, &page).await?;
    let values: Vec<Value> = found.items.iter().map(value).collect();
    let line = |entry: &ChainedEntry| {
        let (sequence, entry) = (entry.sequence, &entry.entry);
        vec![
            sequence.to_string(),
            entry.at.to_rfc3339(),
            entry.actor_id.clone(),
            entry.action.clone(),
            format!("{} {}", entry.object_kind, entry.object_id),
            entry.address.clone().unwrap_or_else(|| "-".to_owned()),
        ]
    };
    let table = Table::Many {
        head: &["N", "AT", "ACTOR", "ACTION", "WHAT", "FROM"],
        lines: found.items.iter().map(line).collect(),
        none: "no entries",
    };
    let answer = Answer::of(&values, table);
    Ok(match found.more {
        true => answer.noting("There are older entries: see --limit and --before."),
        false => answer,
    })
}

fn time(flag: &str, text: Option<String>) -> Result<Option<TimestampMs>, ActionError> {
    let read = text.map(|text| TimestampMs::parse_rfc3339(&text));
    read.transpose()
        .map_err(|malformed| ActionError::invalid(flag, format!("--{flag}: {malformed}")))
}

fn value(chained: &ChainedEntry) -> Value {
    let entry = &chained.entry;
    let parsed = |text: &Option<String>| {
        let text = text.as_deref()?;
        serde_json::from_str::<Value>(text).ok()
    };
    json!({
        "sequence": chained.sequence,
        "at": entry.at.to_rfc3339(),
        "organization_id": entry.organization_id,
        "team_id": entry.team_id,
        "actor_kind": entry.actor_kind,
        "actor_id": entry.actor_id,
        "address": entry.address,
        "session_id": entry.session_id,
        "on_behalf_of": entry.on_behalf_of,
        "request_id": entry.request_id,
        "action": entry.action,
        "object_kind": entry.object_kind,
        "object_id": entry.object_id,
        "before": parsed(&entry.before),
        "after": parsed(&entry.after),
        "reason": entry.reason,
        "mac": chained.mac.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;
    use crate::cli::Flags;
    use crate::config::environment::Environment;

    #[tokio::test(flavor = "multi_thread")]
    async fn an_old_trail_for_which_no_anchor_vouches_exits_with_3() {
        let _installed_before =
            tokio_rustls::rustls::crypto::aws_lc_rs::default_provider().install_default();
        let folder = TempDir::new().unwrap();
        let flags = Flags {
            data_dir: Some(folder.path().join("data")),
            ..Flags::default()
        };
        let environment = Environment::of(&[]);
        let operator = Operator::open(&flags, &environment).await.unwrap();
        let began = TimestampMs::now();
        // Its own entry is the first of the trail.
        for (later_ms, code) in [
            (0, 0),
            (ANCHORED_AFTER_MS / 2, 0),
            (2 * ANCHORED_AFTER_MS, 3),
        ] {
            let now = TimestampMs(began.0 + later_ms);
            let said = verified(&operator, None, now).await.unwrap().said(true);
            assert_eq!(said.code, code, "{later_ms}: {}", said.out);
            assert!(said.out.contains("\"faults\":[]") || said.out.contains("\"faults\": []"));
        }
    }
}
