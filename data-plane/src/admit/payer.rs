//! Who pays for one request: the key's payer, the end user whom the request names, its tags.

use std::sync::Arc;

use domain::directory::Revision;
use domain::ledger;
use domain::spend::SpendScope;
use domain::standing::Level;

use crate::authenticate::Caller;
use crate::call::Call;
use crate::node::State;
use crate::tenants::account::{BudgetLine, Holder, Lines, RateLine, found_by};
use crate::tenants::payer::KeyPayer;

/// Tags of a request beyond these, and longer ones, are left out.
const MOST_TAGS: usize = 32;
const MOST_NAME_BYTES: usize = 256;

/// Who pays for one request.
pub struct RequestPayer {
    caller: Caller,
    without_key: Arc<KeyPayer>,
    /// Lines of the end user and of tags that have rules of their own.
    more: Lines,
    more_scopes: Vec<Arc<str>>,
    tags: Vec<String>,
    end_user: Option<String>,
    /// As of when the lines hold.
    pub revision: Revision,
}

impl RequestPayer {
    /// Who pays for this call.
    #[must_use]
    pub fn of(state: &State, caller: &Caller, call: &Call) -> Self {
        let tree = state.known.tree();
        let mut payer = Self {
            caller: caller.clone(),
            without_key: Arc::clone(tree.payer_without_key()),
            more: Lines::default(),
            more_scopes: Vec::new(),
            tags: Vec::new(),
            end_user: call.body.user.as_deref().and_then(named).map(str::to_owned),
            revision: state.known.revision().unwrap_or_default(),
        };
        payer.tags = payer.key().tags.clone();
        for tag in call.body.controls.tags.iter().take(MOST_TAGS) {
            if named(tag).is_some() && !payer.tags.contains(tag) {
                payer.tags.push(tag.clone());
            }
        }
        payer.add_more(state);
        payer
    }

    /// The end user's and the tags' scopes and lines.
    fn add_more(&mut self, state: &State) {
        let tree = state.known.tree();
        let organization_id = self.caller.organization_id().to_owned();
        let mut more = Vec::new();
        if let Some(name) = &self.end_user {
            let known = tree.end_user(&organization_id, name);
            let rules = known.map(|known| (&known.policy, known.stamps.created_at));
            let scope = SpendScope::end_user(&organization_id, name);
            more.push((Level::EndUser, scope, rules));
        }
        for name in &self.tags {
            let rules = tree.tag(&organization_id, name);
            let rules = rules.map(|known| (&known.policy, known.stamps.created_at));
            more.push((Level::Tag, SpendScope::tag(&organization_id, name), rules));
        }
        let mut lines = Lines::default();
        for (level, scope, rules) in more {
            self.more_scopes.push(found_by(&scope, None));
            let Some((policy, anchor)) = rules else {
                continue;
            };
            let holder = Holder {
                level,
                scope,
                zone: &self.key().zone,
                anchor,
                refuses: true,
            };
            lines.add(&holder, policy, tree.shared_budget(policy));
        }
        self.more = lines;
    }

    /// The part that the key decides.
    #[must_use]
    pub fn key(&self) -> &KeyPayer {
        let standing = self.caller.standing();
        standing.map_or(&*self.without_key, |standing| &standing.payer)
    }

    /// The budgets that a request to a group counts on.
    pub fn budget_lines(&self, group: &str) -> impl Iterator<Item = &BudgetLine> {
        let lines = self.key().lines.budgets.iter().chain(&self.more.budgets);
        lines.filter(move |line| line.is_for(group))
    }

    /// The rates that a request counts on.
    pub fn rate_lines(&self, group: &str, asked: &str) -> impl Iterator<Item = &RateLine> {
        let lines = self.key().lines.rates.iter().chain(&self.more.rates);
        lines.filter(move |line| line.is_for(group, asked))
    }

    /// What the attempts of a request to a group are found by, when a counter is opened.
    #[must_use]
    pub fn scopes(&self, group: &str) -> Arc<[Arc<str>]> {
        if self.more_scopes.is_empty() {
            return self.key().scopes_for(group);
        }
        let of_key = self.key().scopes_for(group);
        let of_models = self.more_scopes.iter();
        let of_models = of_models.map(|scope| Arc::from(format!("{scope}*{group}")));
        let more = self.more_scopes.iter().cloned().chain(of_models);
        of_key.iter().cloned().chain(more).collect()
    }

    /// The id that what is learned of outputs is kept by.
    #[must_use]
    pub fn key_id(&self) -> &str {
        let standing = self.caller.standing();
        standing.map_or("", |standing| standing.grant.id.as_str())
    }

    /// The same in the ledger's words.
    #[must_use]
    pub fn entry(&self) -> ledger::Payer<&str> {
        let grant = self.caller.standing().map(|standing| &*standing.grant);
        ledger::Payer {
            organization_id: self.caller.organization_id(),
            key_id: grant.map(|grant| grant.id.as_str()),
            team_id: grant.and_then(|grant| Some(grant.team_id.as_ref()?.as_str())),
            project_id: grant.and_then(|grant| Some(grant.project_id.as_ref()?.as_str())),
            user_id: grant.and_then(|grant| Some(grant.user_id.as_ref()?.as_str())),
            end_user: self.end_user.as_deref(),
            tags: self.tags.iter().map(String::as_str).collect(),
            environment: grant.and_then(|grant| grant.environment.as_deref()),
        }
    }
}

/// A name that may stand in names of counters and in the ledger.
fn named(name: &str) -> Option<&str> {
    let fits = !name.is_empty() && name.len() <= MOST_NAME_BYTES && !name.contains('\0');
    fits.then_some(name)
}
