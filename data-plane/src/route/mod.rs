//! Where may this request go? Model name to candidates, best first, with the reasons.

pub mod candidate;
pub mod health;
pub mod pattern;
pub mod prepared;
pub mod strategy;
pub mod table;

use std::sync::Arc;

use crate::admit::Admission;
use crate::error::GatewayError;
use crate::route::candidate::{Candidate, Known};
use crate::route::table::{Group, Table};

/// The candidates of one group for one request, best first. Only [`route`] makes it.
pub struct Candidates {
    /// The group that they belong to.
    pub group: Arc<Group>,
    /// Best first; each at most once.
    pub ordered: Vec<Arc<Choice>>,
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

/// Resolves the asked name and orders the candidates.
///
/// # Errors
/// [`GatewayError::UnknownModel`] when no group, alias, deployment id or pattern has the name.
pub fn route(
    _admitted: &Admission,
    table: &Table,
    asked_model: &str,
) -> Result<Candidates, GatewayError> {
    resolve(table, asked_model).ok_or_else(|| GatewayError::UnknownModel {
        model: asked_model.chars().take(MAX_NAMED_CHARACTERS).collect(),
        hint: table
            .similar(asked_model)
            .map(|name| format!(" Did you mean `{name}`?"))
            .unwrap_or_default(),
    })
}

/// The candidates of a fallback's group; none when the group does not exist.
#[must_use]
pub fn route_fallback(_admitted: &Admission, table: &Table, group: &str) -> Option<Candidates> {
    resolve(table, group)
}

fn resolve(table: &Table, asked_model: &str) -> Option<Candidates> {
    let found = table.find(asked_model)?;
    let mut ordered = strategy::order(table.router.strategy, &found.group.candidates);
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
