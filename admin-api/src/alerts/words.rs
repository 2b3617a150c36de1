//! What an alert says: to programs, in Slack's form, to people.

use domain::alerts::{Alert, AlertEvent, BudgetStand, Matter};
use domain::money::NanoUsd;
use domain::policies::BudgetMode;
use domain::spend::ScopeKind;
use domain::time::TimestampMs;
use serde_json::{Value, json};
use web_ui::words::Words;

use super::month_words;

/// The body of a webhook: LiteLLM's members of a budget event, and ours, which are exact.
#[must_use]
pub fn webhook(alert: &Alert) -> Value {
    let mut body = match &alert.matter {
        Matter::Budget(stand) => of_budget(alert, stand),
        Matter::Month(close) => month_words::webhook(close),
        // LiteLLM's programs read these two of every event.
        Matter::Test { .. } => json!({"event_group": "proxy", "spend": 0}),
    };
    let shared = [
        ("id", Value::from(alert.id.as_str())),
        ("created_at", alert.at.to_rfc3339().into()),
        ("event", alert.matter.event().into()),
        ("event_message", text(Words::default(), alert).into()),
        (
            "organization_id",
            alert.organization_id.as_ref().map(|id| id.as_str()).into(),
        ),
    ];
    if let Value::Object(members) = &mut body {
        let shared = shared.map(|(name, value)| (name.to_owned(), value));
        members.extend(shared);
    }
    body
}

fn of_budget(alert: &Alert, stand: &BudgetStand) -> Value {
    let is_soft = stand.mode == BudgetMode::Soft;
    let limit = dollars(stand.limit);
    let time = |at: Option<TimestampMs>| at.map(TimestampMs::to_rfc3339);
    json!({
        "event_group": group(stand.scope.kind),
        "spend": dollars(stand.spent),
        "max_budget": (!is_soft).then(|| limit.clone()),
        "soft_budget": is_soft.then_some(limit),
        "token": stand.key_hash,
        "user_id": stand.user_id,
        "user_email": stand.user_email,
        "team_id": alert.team_id.as_ref().map(|id| id.as_str()),
        "team_alias": (stand.scope.kind == ScopeKind::Team).then_some(&stand.name),
        "key_alias": (stand.scope.kind == ScopeKind::Key).then_some(&stand.name),
        "customer_id": (stand.scope.kind == ScopeKind::EndUser).then_some(&stand.name),
        "projected_exceeded_date": null,
        "projected_spend": null,
        "scope": {"kind": stand.scope.kind.as_str(), "id": stand.scope.id, "name": stand.name},
        "model": stand.model,
        "percent": stand.percent,
        "spend_usd": stand.spent.to_string(),
        "limit_usd": stand.limit.to_string(),
        "window": stand.window,
        "window_starts_at": time(stand.window_starts_at),
        "window_ends_at": time(stand.window_ends_at),
    })
}

/// An amount as LiteLLM's programs read it: a number.
pub(super) fn dollars(amount: NanoUsd) -> Value {
    serde_json::from_str(&amount.to_string()).unwrap_or_default()
}

/// LiteLLM's word for whose budget it is.
const fn group(kind: ScopeKind) -> &'static str {
    match kind {
        ScopeKind::Member => "team_member",
        other => other.as_str(),
    }
}

/// The body for an incoming webhook of Slack's.
#[must_use]
pub fn slack(words: Words, alert: &Alert) -> Value {
    // Slack's three letters with a meaning: a name must not call a whole channel.
    let text = text(words, alert)
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    json!({"text": text})
}

/// The subject of a letter.
#[must_use]
pub fn subject(words: Words, alert: &Alert) -> String {
    let name = line(alert.matter.name());
    let stand = match &alert.matter {
        Matter::Budget(stand) => stand,
        Matter::Month(close) => return month_words::subject(words, close),
        Matter::Test { .. } => return words.with("alert-test-subject", &[("name", name.into())]),
    };
    let told = [
        ("whose", whose(words, stand).into()),
        ("name", name.into()),
        ("percent", stand.percent.to_string().into()),
    ];
    words.with("alert-subject", &told)
}

/// The sentences for people.
#[must_use]
pub fn text(words: Words, alert: &Alert) -> String {
    let name = line(alert.matter.name());
    match &alert.matter {
        Matter::Budget(stand) => budget_text(words, stand, name),
        Matter::Month(close) => month_words::text(words, close),
        Matter::Test { .. } => words.with("alert-test-text", &[("name", name.into())]),
    }
}

fn budget_text(words: Words, stand: &BudgetStand, name: String) -> String {
    let model = stand.model.as_ref();
    let model = model.map_or_else(String::new, |model| {
        words.with("alert-of-model", &[("model", line(model).into())])
    });
    let told = [
        ("whose", whose(words, stand).into()),
        ("name", name.into()),
        ("percent", stand.percent.to_string().into()),
        ("model", model.into()),
        ("spent", stand.spent.to_string().into()),
        ("limit", stand.limit.to_string().into()),
    ];
    let mut sentences = vec![words.with("alert-text", &told)];
    match (stand.event, stand.mode) {
        (AlertEvent::BudgetCrossed, BudgetMode::Enforce) => {
            sentences.push(words.t("alert-refuses"));
        }
        (AlertEvent::BudgetCrossed, BudgetMode::Shadow) => {
            sentences.push(words.t("alert-refuses-not"));
        }
        _ => {}
    }
    if let (Some(window), Some(end)) = (&stand.window, stand.window_ends_at) {
        let told = [
            ("window", window.to_string().into()),
            ("end", end.to_rfc3339().into()),
        ];
        sentences.push(words.with("alert-window", &told));
    }
    sentences.join(" ")
}

/// A name on one line: it is part of a header, and of a sentence.
pub(super) fn line(name: &str) -> String {
    let shown = |letter: char| if letter.is_control() { ' ' } else { letter };
    name.chars().take(120).map(shown).collect()
}

fn whose(words: Words, stand: &BudgetStand) -> String {
    let noun = match stand.scope.kind {
        ScopeKind::Key => "level-key",
        ScopeKind::User => "level-user",
        ScopeKind::Member => "level-member",
        ScopeKind::Team => "level-team",
        ScopeKind::Project => "level-project",
        ScopeKind::Organization => "level-organization",
        ScopeKind::EndUser => "level-end-user",
        ScopeKind::Tag => "level-tag",
    };
    words.within(&words.t(noun))
}

#[cfg(test)]
mod tests {
    use domain::ids::AlertId;
    use domain::spend::SpendScope;
    use web_ui::language::Language;

    use super::*;

    fn alert(name: &str) -> Alert {
        Alert {
            id: AlertId::new("alert_1"),
            organization_id: None,
            team_id: None,
            at: TimestampMs(0),
            matter: Matter::Budget(Box::new(stand(name, None))),
        }
    }

    fn stand(name: &str, model: Option<&str>) -> BudgetStand {
        BudgetStand {
            event: AlertEvent::ThresholdCrossed,
            scope: SpendScope::new(ScopeKind::Key, "key_1"),
            name: name.to_owned(),
            model: model.map(str::to_owned),
            mode: BudgetMode::Enforce,
            percent: 80,
            spent: NanoUsd(81_000_001),
            limit: NanoUsd(100_000_000),
            window: None,
            window_starts_at: None,
            window_ends_at: None,
            key_hash: Some("abc".to_owned()),
            user_id: None,
            user_email: None,
        }
    }

    #[test]
    fn a_webhook_has_litellms_members_and_exact_amounts() {
        let body = webhook(&alert("ci"));
        assert_eq!(body["event"], "threshold_crossed");
        assert_eq!(body["event_group"], "key");
        assert_eq!(body["token"], "abc");
        assert_eq!(body["key_alias"], "ci");
        assert_eq!(body["max_budget"], 0.1);
        assert_eq!(body["spend"], 0.081_000_001);
        assert_eq!(body["spend_usd"], "0.081000001");
        assert_eq!(body["percent"], 80);
    }

    #[test]
    fn a_name_calls_no_channel_and_breaks_no_line() {
        let alert = alert("<!channel>\r\nBcc: a@example.com");
        let said = slack(Words::default(), &alert).to_string();
        assert!(
            !said.contains('<') && said.contains("&lt;!channel&gt;"),
            "{said}"
        );
        assert!(!subject(Words::default(), &alert).contains(['\r', '\n']));
    }

    #[test]
    fn people_read_it_in_the_operators_language() {
        let alert = Alert {
            matter: Matter::Budget(Box::new(stand("ci", Some("gpt-4o")))),
            ..alert("ci")
        };
        let english = text(Words::default(), &alert);
        assert_eq!(
            english,
            "The key ci has spent 80 % of its budget for the model gpt-4o: 0.081000001 of 0.1 dollars."
        );
        let german = Words {
            language: Language::German,
        };
        assert!(text(german, &alert).starts_with("Schlüssel ci hat 80 %"));
        assert_eq!(
            subject(german, &alert),
            "Budget (Schlüssel ci): 80 % ausgegeben"
        );
        assert_eq!(webhook(&alert)["event_message"], english);
    }
}
