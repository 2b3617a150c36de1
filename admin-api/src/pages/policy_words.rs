//! A policy in a few words, for lists.

use domain::policies::Policy;
use web_ui::figures::{count, limit};
use web_ui::words::Words;

use crate::pages::keys::window_word;

/// Its budgets, its rates, its models: each in a line.
pub fn of(words: Words, policy: &Policy) -> Vec<String> {
    let mut said = Vec::new();
    for budget in &policy.budgets {
        let window = budget.window.map(|window| {
            let word = window_word(words, &window.to_string());
            words.with("budget-every", &[("window", word.into())])
        });
        let window = window.unwrap_or_else(|| words.t("budget-life"));
        said.push(format!("{} · {window}", limit(words, budget.limit_nanousd)));
    }
    let rates = [
        ("rpm", policy.limits.rpm),
        ("tpm", policy.limits.tpm),
        ("parallel", policy.limits.parallel),
    ];
    for (name, value) in rates {
        said.extend(value.map(|value| format!("{} {}", words.t(name), count(words, value))));
    }
    if !policy.models.is_empty() {
        said.push(policy.models.join(", "));
    }
    said
}
