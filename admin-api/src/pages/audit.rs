//! `/ui/audit`: every change, by whom, from where.

use std::collections::BTreeSet;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template as _;
use domain::audit::{AuditEntry, ChainedEntry};
use domain::permissions::Action;
use domain::time::TimestampMs;
use serde::Deserialize;
use serde_json::Value;
use store::audit::{AuditFilter, AuditPage};
use web_ui::figures::count;
use web_ui::frame::initials;
use web_ui::pages::audit::{Audit, AuditRow, Change, Verified};
use web_ui::pages::parts::Choice;
use web_ui::words::Words;

use crate::acting::may;
use crate::actions::audit;
use crate::error::ActionError;
use crate::pages::addresses::{pager, query};
use crate::pages::names::Names;
use crate::pages::visit::Visit;
use crate::pages::{PageFault, answers};
use crate::routes::{Route, unshaped_route};

/// The routes.
pub const ROUTES: &[Route] = &[
    unshaped_route!(GET "/ui/audit" => show, ReadAudit, "The audit trail, filtered and paged."),
    unshaped_route!(POST "/ui/audit/verify" => verify, VerifyAudit, "Verifies the audit trail."),
];

/// How many a page shows.
const SHOWN: i64 = 50;
/// How many changed members of an entry are shown.
const MOST_CHANGES: usize = 8;
/// The longest value that is shown whole.
const LONGEST: usize = 80;
const DAY_MS: u64 = 86_400_000;

/// What the address may say.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    who: String,
    object: String,
    kind: String,
    r: String,
    after: String,
}

const KINDS: [(&str, &str); 9] = [
    ("", "audit-any"),
    ("key", "key"),
    ("team", "team"),
    ("user", "person"),
    ("organization", "level-organization"),
    ("deployment", "deployment"),
    ("session", "session"),
    ("budget", "budget"),
    ("template", "template"),
];

const RANGES: [(&str, &str, u64); 4] = [
    ("24h", "range-24h", 1),
    ("7d", "range-7d", 7),
    ("90d", "range-90d", 90),
    ("all", "range-all", 0),
];

impl Asked {
    fn address(&self, base: &str, r: &str, after: &str) -> String {
        let members = [
            ("who", self.who.as_str()),
            ("object", &self.object),
            ("kind", &self.kind),
            ("r", r),
            ("after", after),
        ];
        format!("{base}{}", query(&members))
    }

    fn range(&self) -> (&'static str, u64) {
        let found = RANGES.iter().find(|(word, ..)| *word == self.r);
        found.map_or(("7d", 7), |(word, _text, days)| (*word, *days))
    }

    /// The last entry of the page before.
    pub(super) fn after(&self) -> Option<i64> {
        self.after.parse().ok()
    }

    pub(super) fn filter(&self, now: TimestampMs) -> AuditFilter {
        let said = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let (_word, days) = self.range();
        AuditFilter {
            actor_id: said(&self.who),
            object_id: said(&self.object),
            object_kind: said(&self.kind),
            from: (days > 0).then(|| TimestampMs(now.0.saturating_sub(days * DAY_MS))),
            ..AuditFilter::default()
        }
    }
}

async fn show(
    visit: Visit<may::ReadAudit>,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, PageFault> {
    let page = page(visit, &asked, None).await?;
    answers::page(StatusCode::OK, &page.frame, page.render())
}

async fn verify(visit: Visit<may::VerifyAudit>) -> Result<HttpResponse, PageFault> {
    let found = audit::verify(&visit.acting).await?;
    let (verification, words) = (found.verification, visit.words());
    let lines = found.unreadable_anchor_lines.iter();
    let lines =
        lines.map(|line| words.with("audit-anchor-line", &[("line", line.to_string().into())]));
    let faults: Vec<String> = verification
        .faults
        .iter()
        .map(ToString::to_string)
        .chain(lines)
        .collect();
    let told = [
        ("count", verification.entries.into()),
        ("shown", count(words, verification.entries).into()),
    ];
    let verified = Verified {
        whole: faults.is_empty(),
        said: words.with(
            if faults.is_empty() {
                "audit-whole"
            } else {
                "audit-broken"
            },
            &told,
        ),
        faults,
    };
    let page = page(visit.to()?, &Asked::default(), Some(verified)).await?;
    answers::page(StatusCode::OK, &page.frame, page.render())
}

async fn page(
    visit: Visit<may::ReadAudit>,
    asked: &Asked,
    verified: Option<Verified>,
) -> Result<Audit, PageFault> {
    let words = visit.words();
    let wanted = AuditPage {
        before_sequence: asked.after(),
        limit: SHOWN,
        count: false,
    };
    let filter = asked.filter(visit.clock.now);
    let from = filter.from.map(TimestampMs::to_rfc3339).unwrap_or_default();
    let listed = audit::list(&visit.acting, filter, &wanted).await?;
    let next = listed
        .items
        .last()
        .filter(|_| listed.more)
        .map(|one| one.sequence.to_string());
    let base = visit.frame.to("/audit");
    let (range, _days) = asked.range();
    let place = (asked.after.as_str(), next);
    let pager = pager(
        words,
        (listed.items.len(), None),
        |after| asked.address(&base, range, after),
        place,
    );
    let table = [
        ("format", "csv"),
        ("who", asked.who.as_str()),
        ("object", &asked.object),
        ("object_kind", &asked.kind),
        ("from", &from),
        ("organization_id", &visit.frame.organization),
    ];
    let each = RANGES.iter();
    let ranges = each.map(|(word, text, _days)| {
        Choice::of(
            asked.address(&base, word, ""),
            words.t(text),
            *word == range,
        )
    });
    Ok(Audit {
        may_verify: visit.may(Action::VerifyAudit),
        verified,
        jsonl: asked.address(&visit.frame.to("/audit.jsonl"), range, ""),
        csv: format!("{}/api/v1/audit{}", visit.frame.base, query(&table)),
        who: asked.who.clone(),
        object: asked.object.clone(),
        kinds: kinds(words, &asked.kind),
        ranges: ranges.collect(),
        rows: rows(&visit, listed.items).await?,
        pager,
        frame: visit.frame,
    })
}

/// The kinds of things to choose from.
fn kinds(words: Words, chosen: &str) -> Vec<Choice> {
    let each = KINDS.iter();
    each.map(|(word, text)| Choice::of(*word, words.t(text), *word == chosen))
        .collect()
}

async fn rows(
    visit: &Visit<may::ReadAudit>,
    listed: Vec<ChainedEntry>,
) -> Result<Vec<AuditRow>, ActionError> {
    let people: BTreeSet<String> = listed
        .iter()
        .flat_map(|one| [one.entry.actor_id.clone(), one.entry.object_id.clone()])
        .filter(|id| id.starts_with("user_"))
        .collect();
    let teams = listed.iter().map(|one| one.entry.object_id.clone());
    let teams = teams.filter(|id| id.starts_with("team_")).collect();
    let names = Names::of(visit.acting.store(), teams, people).await?;
    Ok(listed
        .into_iter()
        .map(|one| row(visit, one.entry, &names))
        .collect())
}

fn row(visit: &Visit<may::ReadAudit>, entry: AuditEntry, names: &Names) -> AuditRow {
    let words = visit.words();
    let is_person = entry.actor_id.starts_with("user_");
    let actor = match entry.actor_id.as_str() {
        id if is_person => names.person_word(id),
        "master_key" => words.t("person-operator"),
        "system" => words.t("actor-system"),
        "command_line" => words.t("actor-command-line"),
        "anonymous" => words.t("actor-anonymous"),
        id => id.to_owned(),
    };
    let (before, after) = (
        parsed(entry.before.as_deref()),
        parsed(entry.after.as_deref()),
    );
    AuditRow {
        time: visit.clock.minute(entry.at),
        day: visit.clock.date(entry.at),
        is_machine: !is_person,
        icon: match entry.actor_kind.as_str() {
            "system" => "settings",
            "anonymous" => "circle-alert",
            "session" | "master_key" => "shield-check",
            _ => "terminal",
        },
        mark: initials(&actor),
        via: words.t(via(&entry.actor_kind)),
        target: target(&entry, names, &before, &after),
        href: href(visit, &entry),
        changes: changes(&before, &after),
        reason: entry.reason.unwrap_or_default(),
        from: entry.address.unwrap_or_default(),
        action: entry.action,
        actor,
    }
}

fn via(kind: &str) -> &'static str {
    match kind {
        "session" => "via-console",
        "key" => "via-key",
        "master_key" => "via-master-key",
        "command_line" => "via-command-line",
        "system" => "via-system",
        _ => "via-nobody",
    }
}

/// The thing's name, where the entry or a name that we know tells it.
fn target(entry: &AuditEntry, names: &Names, before: &Value, after: &Value) -> String {
    let of = |value: &Value| {
        let named = ["alias", "name", "email", "model_name"].into_iter();
        let mut named = named.filter_map(|name| value.get(name)?.as_str().map(str::to_owned));
        named.next()
    };
    let id = entry.object_id.as_str();
    let known = match id {
        id if id.starts_with("user_") => names.person_word(id),
        id if id.starts_with("team_") => names.team_word(id),
        id => id.to_owned(),
    };
    of(after).or_else(|| of(before)).unwrap_or(known)
}

fn href(visit: &Visit<may::ReadAudit>, entry: &AuditEntry) -> String {
    let id = &entry.object_id;
    match entry.object_kind.as_str() {
        "key" if id.starts_with("key_") && !id.contains(',') => {
            visit.frame.to(&format!("/keys/{id}"))
        }
        "team" if id.starts_with("team_") => visit.frame.to(&format!("/teams/{id}")),
        _ => String::new(),
    }
}

fn parsed(text: Option<&str>) -> Value {
    text.and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or(Value::Null)
}

/// What has changed, member by member, down to the members of a policy. Stamps change with everything.
fn changes(before: &Value, after: &Value) -> Vec<Change> {
    let mut found = Vec::new();
    if before.is_null() || after.is_null() {
        return found;
    }
    collect(&mut found, ("", 0), before, after);
    found.truncate(MOST_CHANGES);
    found
}

fn collect(found: &mut Vec<Change>, (path, depth): (&str, u8), before: &Value, after: &Value) {
    if before == after || path == "stamps" {
        return;
    }
    if let (Value::Object(old), Value::Object(new)) = (before, after)
        && depth < 3
    {
        let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
        for name in names {
            let path = if path.is_empty() {
                name.clone()
            } else {
                format!("{path}.{name}")
            };
            let member =
                |of: &serde_json::Map<String, Value>| of.get(name).cloned().unwrap_or(Value::Null);
            collect(found, (&path, depth + 1), &member(old), &member(new));
        }
        return;
    }
    found.push(Change {
        name: path.to_owned(),
        before: short(before),
        after: short(after),
    });
}

fn short(value: &Value) -> String {
    let text = match value {
        Value::Null => return String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    if text.chars().count() <= LONGEST {
        return text;
    }
    let mut cut: String = text.chars().take(LONGEST).collect();
    cut.push('…');
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_changed_is_told_and_no_stamps() {
        let before =
            serde_json::json!({"name": "a", "policy": {"limits": {"rpm": 5}}, "stamps": {"x": 1}});
        let after = serde_json::json!({"name": "a", "policy": {"limits": {"rpm": 6}}, "stamps": {"x": 2}, "alias": "b"});
        let changes = changes(&before, &after);
        let told: Vec<(&str, &str, &str)> = changes
            .iter()
            .map(|one| (one.name.as_str(), one.before.as_str(), one.after.as_str()))
            .collect();
        assert_eq!(told, [("alias", "", "b"), ("policy.limits.rpm", "5", "6")]);
    }
}
