//! What is said of a month that is over.

use domain::alerts::{MonthClose, MonthShare};
use domain::money::NanoUsd;
use domain::time::TimestampMs;
use serde_json::{Value, json};
use web_ui::figures::{basis_points, count, money, percent};
use web_ui::words::Words;

use super::words::{dollars, line};

/// The members of a webhook's body; amounts are exact.
pub(super) fn webhook(close: &MonthClose) -> Value {
    let MonthClose {
        of,
        name,
        month,
        time_zone,
        starts_at,
        ends_at,
        spent,
        spent_before,
        requests,
        failures,
        tokens,
        teams,
        models,
    } = close;
    let shares = |shares: &[MonthShare]| -> Vec<Value> {
        let share = |one: &MonthShare| json!({"id": one.id, "name": one.name, "spend_usd": one.spent.to_string()});
        shares.iter().map(share).collect()
    };
    let time = |at: TimestampMs| at.to_rfc3339();
    json!({
        "event_group": if of.is_some() { "organization" } else { "proxy" },
        "spend": dollars(*spent),
        "name": name,
        "month": month,
        "time_zone": time_zone,
        "month_starts_at": time(*starts_at),
        "month_ends_at": time(*ends_at),
        "spend_usd": spent.to_string(),
        "spend_before_usd": spent_before.to_string(),
        "requests": requests,
        "failures": failures,
        "tokens": tokens,
        "teams": shares(teams),
        "models": shares(models),
    })
}

/// The subject of a letter.
pub(super) fn subject(words: Words, close: &MonthClose) -> String {
    let told = [
        ("name", whose(words, close).into()),
        ("month", (&close.month).into()),
        ("spent", money(words, close.spent, 2).into()),
    ];
    words.with("month-subject", &told)
}

/// The letter: what was spent, against the month before, by teams and by models.
pub(super) fn text(words: Words, close: &MonthClose) -> String {
    let told = [
        ("name", whose(words, close).into()),
        ("month", (&close.month).into()),
        ("zone", (&close.time_zone).into()),
        ("spent", money(words, close.spent, 2).into()),
        ("requests", count(words, close.requests).into()),
        ("failures", count(words, close.failures).into()),
        ("tokens", count(words, close.tokens).into()),
    ];
    let mut lines = vec![words.with("month-text", &told), before(words, close)];
    let parts = [
        ("month-teams", &close.teams, "keys-no-team"),
        ("month-models", &close.models, "month-no-model"),
    ];
    for (title, shares, nothing) in parts {
        if !shares.is_empty() {
            lines.push(String::new());
            lines.push(words.t(title));
        }
        for one in shares {
            let name = match one.id.is_empty() {
                true => words.t(nothing),
                false => line(&one.name),
            };
            lines.push(share(words, (&name, one.spent), close.spent));
        }
    }
    lines.join("\n")
}

fn share(words: Words, (name, spent): (&str, NanoUsd), whole: NanoUsd) -> String {
    let (part, whole) = (spent.0.unsigned_abs(), whole.0.unsigned_abs());
    let share = basis_points(part, whole).unwrap_or_default();
    let (spent, share) = (money(words, spent, 2), percent(words, share));
    format!("{name}: {spent} ({share})")
}

fn before(words: Words, close: &MonthClose) -> String {
    let (now, before) = (close.spent.0, close.spent_before.0);
    let told = |id: &str| {
        let moved = now.saturating_sub(before).unsigned_abs();
        let points = basis_points(moved, before.unsigned_abs()).unwrap_or_default();
        let told = [
            ("before", money(words, close.spent_before, 2).into()),
            ("change", percent(words, points).into()),
        ];
        words.with(id, &told)
    };
    match before {
        ..=0 => told("month-before-none"),
        _ if now >= before => told("month-before-less"),
        _ => told("month-before-more"),
    }
}

fn whose(words: Words, close: &MonthClose) -> String {
    match close.of {
        Some(_) => line(&close.name),
        None => words.t("scope-all"),
    }
}

#[cfg(test)]
mod tests {
    use domain::ids::OrganizationId;
    use web_ui::language::Language;

    use super::*;

    fn share_of(id: &str, name: &str, spent: i64) -> MonthShare {
        MonthShare {
            id: id.to_owned(),
            name: name.to_owned(),
            spent: NanoUsd(spent),
        }
    }

    fn close() -> MonthClose {
        MonthClose {
            of: Some(OrganizationId::new("org_1")),
            name: "Acme\r\nBcc: a@example.com".to_owned(),
            month: "2026-10".to_owned(),
            time_zone: "Europe/Berlin".to_owned(),
            starts_at: TimestampMs(1_790_805_600_000),
            ends_at: TimestampMs(1_793_487_600_000),
            spent: NanoUsd(1_234_560_000_001),
            spent_before: NanoUsd(1_000_000_000_000),
            requests: 41_208,
            failures: 12,
            tokens: 9_000_000,
            teams: vec![
                share_of("team_1", "Research", 617_280_000_001),
                share_of("", "", 617_280_000_000),
            ],
            models: vec![share_of("gpt-4o", "gpt-4o", 1_234_560_000_001)],
        }
    }

    #[test]
    fn a_letter_says_what_a_month_came_to_and_by_whom() {
        let said = text(Words::default(), &close());
        let wanted = "Acme  Bcc: a@example.com spent $1,234.56 in 2026-10 (Europe/Berlin): 41,208 requests, \
            12 of them failed, and 9,000,000 tokens.\n\
            In the month before it was $1,000.00; this is 23% more.\n\
            \n\
            By team:\n\
            Research: $617.28 (50%)\n\
            No team: $617.28 (49%)\n\
            \n\
            By model:\n\
            gpt-4o: $1,234.56 (100%)";
        assert_eq!(said, wanted);
        assert!(!subject(Words::default(), &close()).contains(['\r', '\n']));
    }

    #[test]
    fn a_month_after_none_is_compared_with_nothing() {
        let first = MonthClose {
            of: None,
            name: String::new(),
            spent_before: NanoUsd(0),
            ..close()
        };
        let said = text(Words::default(), &first);
        assert!(
            said.starts_with("All organizations spent $1,234.56"),
            "{said}"
        );
        assert!(
            said.contains("In the month before nothing was spent."),
            "{said}"
        );
        let german = Words {
            language: Language::German,
        };
        assert!(subject(german, &first).contains("1.234,56"));
    }

    #[test]
    fn programs_read_a_month_to_the_nano_dollar() {
        let body = webhook(&close());
        assert_eq!(body["spend_usd"], "1234.560000001");
        assert_eq!(body["spend_before_usd"], "1000");
        assert_eq!(body["teams"][0]["spend_usd"], "617.280000001");
        assert_eq!(body["month_starts_at"], "2026-09-30T22:00:00.000Z");
        assert_eq!(body["requests"], 41_208);
    }
}
