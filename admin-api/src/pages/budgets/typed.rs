//! A budget as its form says it, and what a form means.

use domain::policies::{Budget, BudgetMode};

use crate::error::ActionError;
use crate::pages::form::Form;
use crate::pages::keys::form as forms;

/// What a budget is, as its form would say it.
pub(super) fn said(budget: Option<&Budget>, what: &str) -> Form {
    let mut said = vec![("do".to_owned(), what.to_owned())];
    let mut add = |name: &str, value: String| said.push((name.to_owned(), value));
    match budget {
        None => add("period", "1mo".to_owned()),
        Some(budget) => {
            add("budget", web_ui::typed::field(budget.limit_nanousd));
            let window = budget.window.map(|window| window.to_string());
            add("period", window.unwrap_or_default());
            add("mode", mode_word(budget.mode).to_owned());
            let alerts = budget.alert_at_percent.iter().flatten();
            let alerts: Vec<String> = alerts.map(ToString::to_string).collect();
            add("alerts", alerts.join(", "));
        }
    }
    Form::of(said)
}

/// The word of a mode in forms.
pub(super) const fn mode_word(mode: BudgetMode) -> &'static str {
    match mode {
        BudgetMode::Enforce => "enforce",
        BudgetMode::Shadow => "shadow",
        BudgetMode::Soft => "soft",
    }
}

/// What happens at the limit, with the texts.
pub(super) const MODES: [(BudgetMode, &str); 3] = [
    (BudgetMode::Enforce, "mode-enforce"),
    (BudgetMode::Shadow, "mode-shadow"),
    (BudgetMode::Soft, "mode-soft"),
];

/// The budget that a form means; what it does not say stays as it was.
///
/// # Errors
/// [`ActionError::Invalid`], which names the member.
pub(super) fn read(typed: &Form, before: Option<&Budget>) -> Result<Budget, ActionError> {
    let wanted = typed.given("budget").ok_or_else(|| {
        ActionError::invalid(
            "budget",
            "Say how much, in dollars. To take a budget away, remove it.",
        )
    })?;
    let mut one: Vec<Budget> = Vec::new();
    forms::set_budget(typed, ("budget", "period"), &mut one)?;
    let mut budget = one
        .pop()
        .ok_or_else(|| ActionError::invalid("budget", format!("`{wanted}` is no budget.")))?;
    budget.increase = before.and_then(|before| before.increase);
    budget.mode = match typed.given("mode") {
        None => before.map_or(BudgetMode::Enforce, |before| before.mode),
        Some(word) => MODES
            .into_iter()
            .find(|(mode, _text)| mode_word(*mode) == word)
            .map(|(mode, _text)| mode)
            .ok_or_else(|| ActionError::invalid("mode", "Choose one of the list."))?,
    };
    budget.alert_at_percent = match typed.says("alerts") {
        true => alerts(typed.text("alerts"))?,
        false => before.and_then(|before| before.alert_at_percent.clone()),
    };
    Ok(budget)
}

/// Thresholds with commas; nothing is the usual ones.
fn alerts(text: &str) -> Result<Option<Vec<u8>>, ActionError> {
    if text.is_empty() {
        return Ok(None);
    }
    let each = text.split(',').map(|one| one.trim().trim_end_matches('%'));
    let parsed: Result<Vec<u8>, _> = each.map(str::parse).collect();
    let percents = parsed.map_err(|_no_number| {
        ActionError::invalid("alerts", "Write whole percents with commas: 50, 80, 100.")
    })?;
    crate::api::policy::percents(percents)
        .map(Some)
        .map_err(|refused| ActionError::invalid("alerts", refused.to_string()))
}
