//! Where may this request go? Model name to candidates, best first, with the reasons.

pub mod candidate;
pub mod health;
pub mod prepared;
pub mod strategy;
pub mod table;

use std::sync::Arc;

use domain::routing::pattern;
use providers::destination::Known;

use crate::admit::rights::Rights;
use crate::admit::{Admission, Entry};
use crate::error::GatewayError;
use crate::route::candidate::Candidate;
use crate::route::table::{Group, Table};

/// The candidates of one group for one request, best first. Only [`route`] makes it.
pub struct Candidates {
    /// The group that they belong to.
    pub group: Arc<Group>,
    /// Best first; each at most once.
    pub ordered: Vec<Arc<Choice>>,
}

impl Candidates {
    /// Leaves out those whose price nobody knows, unless that is all of them.
    pub fn keep_priced(&mut self) {
        let is_priced = |choice: &Arc<Choice>| choice.known.price.is_some();
        if self.ordered.iter().any(is_priced) {
            self.ordered.retain(is_priced);
        }
    }
}

/// One candidate for one request.
pub struct Choice {
    /// The group it was chosen from.
    pub group: Arc<Group>,
    /// The deployment.
    pub candidate: Arc<Candidate>,
    /// The provider's name for the model, with the group's `*` filled in.
    pub model: String,
    /// What is known of that model.
    pub known: Known,
}

/// A name is repeated to its caller up to here.
const MAX_NAMED_CHARACTERS: usize = 200;

/// Resolves the asked name and orders the candidates that the caller's organization may use.
///
/// # Errors
/// [`GatewayError::UnknownModel`] when no group, alias, deployment id or pattern has the name.
pub fn route(entry: &Entry, table: &Table, asked_model: &str) -> Result<Candidates, GatewayError> {
    let facts = entry.facts();
    resolve(table, asked_model, facts.organization_id()).ok_or_else(|| {
        let rights = facts.caller.as_ref().map(|who| Rights::of(table, who));
        let may_be_shown = |name: &str| rights.as_ref().is_some_and(|rights| rights.shows(name));
        GatewayError::UnknownModel {
            model: named(asked_model),
            hint: table
                .similar(asked_model, may_be_shown)
                .map(|name| format!(" Did you mean `{name}`?"))
                .unwrap_or_default(),
        }
    })
}

/// A name as it is repeated to its caller.
#[must_use]
pub fn named(asked_model: &str) -> String {
    asked_model.chars().take(MAX_NAMED_CHARACTERS).collect()
}

/// The candidates of a fallback's group; none when the group does not exist.
#[must_use]
pub fn route_fallback(admitted: &Admission, table: &Table, group: &str) -> Option<Candidates> {
    resolve(table, group, admitted.facts().organization_id())
}

fn resolve(table: &Table, asked_model: &str, organization_id: &str) -> Option<Candidates> {
    let found = table.find(asked_model, organization_id)?;
    let mut ordered = strategy::order(table.router.strategy, &found.group.candidates);
    if !found.group.is_shared {
        ordered.retain(|candidate| candidate.is_for(organization_id));
    }
    if let Some(only) = &found.only {
        ordered.retain(|candidate| Arc::ptr_eq(candidate, only));
    }
    let ordered = ordered
        .into_iter()
        .map(|candidate| {
            let model = pattern::fill(&candidate.model, found.wildcard.as_deref());
            let known = candidate.known(&model);
            let group = Arc::clone(&found.group);
            Arc::new(Choice {
                group,
                candidate,
                model,
                known,
            })
        })
        .collect();
    Some(Candidates {
        group: found.group,
        ordered,
    })
}
