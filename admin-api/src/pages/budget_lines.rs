//! Budgets in lists: how much is spent, how much of the time is gone, when it runs out.

use domain::policies::BudgetMode;
use domain::spend::ScopeKind;
use web_ui::chart;
use web_ui::figures::{basis_points, limit, money, percent};
use web_ui::frame::Frame;
use web_ui::pages::parts::BudgetLine;

use crate::actions::forecasts::Forecast;
use crate::pages::clock::Clock;
use crate::pages::keys::{used, window_word};

/// A budget within the page of whose it is: its name is its window.
pub fn own(frame: &Frame, clock: &Clock, one: &Forecast) -> BudgetLine {
    let name = window(clock, one);
    line(frame, clock, one, name)
}

/// A budget among those of others.
pub fn of_all(frame: &Frame, clock: &Clock, one: &Forecast) -> BudgetLine {
    line(frame, clock, one, one.name.clone())
}

/// What a budget counts: `Every month`, `In all`, and of which model.
pub fn window(clock: &Clock, one: &Forecast) -> String {
    let words = clock.words;
    let text = match one.window {
        Some(window) => {
            let window = window_word(words, &window.to_string());
            words.with("budget-every", &[("window", window.into())])
        }
        None => words.t("budget-life"),
    };
    match &one.model {
        Some(model) => words.with(
            "budget-of-model",
            &[("budget", text.into()), ("model", model.into())],
        ),
        None => text,
    }
}

/// The id of the word for a kind of thing.
pub const fn kind(kind: ScopeKind) -> &'static str {
    match kind {
        ScopeKind::Organization => "level-organization",
        ScopeKind::Team => "level-team",
        ScopeKind::Project => "level-project",
        ScopeKind::User => "level-user",
        ScopeKind::Member => "level-member",
        ScopeKind::Key => "level-key",
        ScopeKind::EndUser => "level-end-user",
        ScopeKind::Tag => "level-tag",
    }
}

fn line(frame: &Frame, clock: &Clock, one: &Forecast, name: String) -> BudgetLine {
    let used = used(one.spent, one.limit);
    let gone = one.bounds.and_then(|bounds| {
        let whole = bounds.ends_at.0.saturating_sub(bounds.starts_at.0);
        basis_points(clock.now.0.saturating_sub(bounds.starts_at.0), whole)
    });
    let told = [
        ("share", percent(clock.words, used).into()),
        (
            "gone",
            gone.map(|gone| percent(clock.words, gone))
                .unwrap_or_default()
                .into(),
        ),
    ];
    let label = clock.words.with(
        if gone.is_some() {
            "budget-used-gone"
        } else {
            "budget-used"
        },
        &told,
    );
    BudgetLine {
        kind: clock.words.t(kind(one.scope.kind)),
        name,
        href: href(frame, one),
        spent: money(clock.words, one.spent, 2),
        limit: limit(clock.words, one.limit),
        bar: chart::bar(used, gone, &label),
        note: note(clock, one),
        share: percent(clock.words, used),
    }
}

fn href(frame: &Frame, one: &Forecast) -> String {
    match one.scope.kind {
        ScopeKind::Team => frame.to(&format!("/teams/{}", one.scope.id)),
        ScopeKind::Key => frame.to(&format!("/keys/{}", one.scope.id)),
        _ => String::new(),
    }
}

/// When it runs out, or starts anew.
pub fn note(clock: &Clock, one: &Forecast) -> String {
    let words = clock.words;
    let soft = one.mode != BudgetMode::Enforce;
    match (one.runs_out_at, one.bounds) {
        (Some(_), _) if one.left.0 <= 0 => {
            words.t(if soft { "budget-passed" } else { "budget-out" })
        }
        (Some(at), _) => words.with("budget-runs-out", &[("day", clock.weekday(at).into())]),
        (None, Some(bounds)) => words.with(
            "budget-resets",
            &[("day", clock.weekday(bounds.ends_at).into())],
        ),
        (None, None) => words.t("budget-no-reset"),
    }
}
