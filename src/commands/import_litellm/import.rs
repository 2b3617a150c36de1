//! The import while it goes on: what is known so far, and what it will write.

use std::collections::{BTreeMap, BTreeSet};

use domain::budgets::SharedBudget;
use domain::ids::{AdjustmentId, BudgetId, OrganizationId, ProjectId, TeamId, UserId};
use domain::keys::Secret;
use domain::money::NanoUsd;
use domain::policies::Policy;
use domain::sealed::KeyRing;
use domain::spend::{Adjustment, SpendScope};
use domain::time::TimestampMs;
use domain::windows::Window;
use store::{Result, Store};

use crate::commands::import_litellm::plan::Plan;
use crate::commands::import_litellm::report::{Fate, Report};
use crate::commands::import_litellm::row::Row;

/// The kind of adjustments that are spend from elsewhere.
const IMPORT: &str = "import";

/// An organization, or a team of one.
pub type Place = (OrganizationId, Option<TeamId>);

/// What is known so far.
pub struct Import<'o> {
    /// Ours.
    pub store: &'o Store,
    /// With what credentials are sealed here.
    pub keys: &'o KeyRing,
    /// With what LiteLLM may have encrypted: its salt key, its master key.
    pub salts: Vec<Secret>,
    /// What will be written.
    pub plan: Plan,
    /// What is to be said.
    pub report: Report,
    /// LiteLLM's ids of organizations to ours.
    pub organizations: BTreeMap<String, OrganizationId>,
    /// LiteLLM's ids of teams to ours, and their organizations.
    pub teams: BTreeMap<String, (TeamId, OrganizationId)>,
    /// LiteLLM's ids of projects to ours.
    pub projects: BTreeMap<String, ProjectId>,
    /// LiteLLM's ids of people to ours.
    pub users: BTreeMap<String, UserId>,
    /// People who may only look.
    pub viewers: BTreeSet<UserId>,
    /// Addresses that are taken.
    pub emails: BTreeSet<String>,
    /// Where who stands in the plan.
    pub members: BTreeMap<(Place, UserId), usize>,
    /// Names of keys that are taken in their organizations.
    pub aliases: BTreeSet<(OrganizationId, String)>,
    /// LiteLLM's budgets by their ids.
    budgets: BTreeMap<String, store::litellm::Row>,
    used_budgets: BTreeSet<String>,
    /// Those of which a limit could not be read.
    wide_budgets: BTreeSet<String>,
    shared: BTreeMap<(String, OrganizationId), BudgetId>,
}

impl<'o> Import<'o> {
    /// Begins with the budgets, to which everything else points.
    pub fn new(
        store: &'o Store,
        keys: &'o KeyRing,
        salts: Vec<Secret>,
        budgets: Vec<store::litellm::Row>,
    ) -> Self {
        let by_id = |row: store::litellm::Row| {
            let id: String = serde_json::from_str(row.get("budget_id")?.get()).ok()?;
            Some((id, row))
        };
        Self {
            store,
            keys,
            salts,
            plan: Plan::default(),
            report: Report::default(),
            organizations: BTreeMap::new(),
            teams: BTreeMap::new(),
            projects: BTreeMap::new(),
            users: BTreeMap::new(),
            viewers: BTreeSet::new(),
            emails: BTreeSet::new(),
            members: BTreeMap::new(),
            aliases: BTreeSet::new(),
            budgets: budgets.into_iter().filter_map(by_id).collect(),
            used_budgets: BTreeSet::new(),
            wide_budgets: BTreeSet::new(),
            shared: BTreeMap::new(),
        }
    }

    /// Puts the limits of a budget into the policy of the one thing that points to it.
    pub fn inline(&mut self, row: &mut Row, policy: &mut Policy) {
        let Some(id) = row.text("budget_id") else {
            return;
        };
        let Some((budget, _stamps)) = self.budget(&id) else {
            row.dropped("budget_id", "there is no such budget in LiteLLM");
            return;
        };
        row.changed("budget_id", "its limits are the thing's own here");
        if self.wide_budgets.contains(&id) {
            row.widen();
        }
        policy.budgets.extend(budget.budgets);
        policy.model_budgets.extend(budget.model_budgets);
        let limits = &mut policy.limits;
        limits.rpm = limits.rpm.or(budget.limits.rpm);
        limits.tpm = limits.tpm.or(budget.limits.tpm);
        limits.tpd = limits.tpd.or(budget.limits.tpd);
        limits.parallel = limits.parallel.or(budget.limits.parallel);
        if policy.models.is_empty() {
            policy.models = budget.models;
        } else if !budget.models.is_empty() {
            policy.models.retain(|model| budget.models.contains(model));
        }
    }

    /// What a budget of LiteLLM's means; its fields are reported once.
    fn budget(&mut self, id: &str) -> Option<(Policy, domain::stamps::Stamps)> {
        let mut row = Row::new("budget", "budget_id", self.budgets.get(id)?.clone());
        row.take::<String>("budget_id");
        row.rename("allowed_models", "models");
        let stamps = row.stamps();
        let policy = row.policy();
        if row.is_wider() {
            self.wide_budgets.insert(id.to_owned());
        }
        if self.used_budgets.insert(id.to_owned()) {
            self.report.count("budget", |count| count.found += 1);
            row.finish(&mut self.report);
        }
        Some((policy, stamps))
    }

    /// The shared budget of an organization for a budget of LiteLLM's, which knows no
    /// organizations: each that uses it gets its own.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn shared_budget(
        &mut self,
        id: &str,
        organization: &OrganizationId,
    ) -> Result<Option<BudgetId>> {
        let place = (id.to_owned(), organization.clone());
        if let Some(known) = self.shared.get(&place) {
            return Ok(Some(known.clone()));
        }
        let Some((policy, stamps)) = self.budget(id) else {
            return Ok(None);
        };
        let mut external_id = id.to_owned();
        let is_here = |one: &SharedBudget| one.organization_id == *organization;
        let called = self.store.shared_budgets_called(&external_id).await?;
        let elsewhere = !called.is_empty();
        let mut found = called.into_iter().find(is_here);
        let known = self.shared.keys().any(|(known, _organization)| known == id);
        if found.is_none() && (known || elsewhere) {
            external_id = format!("{id}@{organization}");
            let called = self.store.shared_budgets_called(&external_id).await?;
            found = called.into_iter().find(is_here);
            let note = "each organization that uses it has one of its own here";
            self.report
                .say(("budget", id), "budget_id", Fate::Changed, note);
        }
        if let Some(found) = found {
            self.report.count("budget", |count| count.present += 1);
            self.shared.insert(place, found.id.clone());
            return Ok(Some(found.id));
        }
        let budget = SharedBudget {
            id: BudgetId::generate(),
            organization_id: organization.clone(),
            external_id: Some(external_id),
            policy,
            stamps,
        };
        self.report.count("budget", |count| count.brought += 1);
        self.shared.insert(place, budget.id.clone());
        let made = budget.id.clone();
        self.plan.budgets.push(budget);
        Ok(Some(made))
    }

    /// Points a policy to the shared budget that a row names.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn point(
        &mut self,
        row: &mut Row,
        policy: &mut Policy,
        organization: &OrganizationId,
    ) -> Result<()> {
        if let Some(id) = row.text("budget_id") {
            policy.budget_id = self.shared_budget(&id, organization).await?;
            if policy.budget_id.is_none() {
                row.dropped("budget_id", "there is no such budget in LiteLLM");
            }
            if self.wide_budgets.contains(&id) {
                row.widen();
            }
        }
        Ok(())
    }

    /// Brings the budgets to which nothing points.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn remaining_budgets(&mut self) -> Result<()> {
        let used = &self.used_budgets;
        let ids = self.budgets.keys().filter(|id| !used.contains(*id));
        let ids: Vec<String> = ids.cloned().collect();
        for id in ids {
            self.shared_budget(&id, &OrganizationId::default_one())
                .await?;
        }
        Ok(())
    }

    /// Books what a thing has spent: for all time, and for each window of its budgets, for LiteLLM
    /// counts from a window's beginning. What was booked by an earlier import is not booked again.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn spent(&mut self, row: &mut Row, scope: SpendScope, policy: &Policy) -> Result<()> {
        let Some(amount) = row.money("spend") else {
            return Ok(());
        };
        let booked = self.store.adjustments(&scope).await?;
        let windows = policy.budgets.iter().map(|budget| budget.window);
        let windows: BTreeSet<Option<Window>> = windows.chain([None]).collect();
        for window in windows {
            let booked = booked
                .iter()
                .filter(|one| one.kind == IMPORT && one.window == window);
            let booked: i64 = booked.map(|one| one.amount_nanousd.0).sum();
            let missing = match amount.0.saturating_sub(booked) {
                // LiteLLM began anew since.
                below if below < 0 && window.is_some() => amount.0,
                missing => missing,
            };
            if missing != 0 {
                self.plan
                    .adjustments
                    .push(imported(scope.clone(), window, missing));
            }
        }
        Ok(())
    }
}

fn imported(scope: SpendScope, window: Option<Window>, nanousd: i64) -> Adjustment {
    Adjustment {
        id: AdjustmentId::generate(),
        scope,
        model: None,
        window,
        amount_nanousd: NanoUsd(nanousd),
        kind: IMPORT.to_owned(),
        reason: "Spent in LiteLLM.".to_owned(),
        actor: "command_line".to_owned(),
        at: TimestampMs::now(),
    }
}
