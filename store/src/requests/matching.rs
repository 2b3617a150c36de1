//! The conditions of a list, asked of one request that is already there. They hold as in the
//! database; a test compares both.

use domain::ids::OrganizationId;
use domain::permissions::Scope;

use crate::requests::{RequestFilter, RequestRow};
use crate::usage::Dimension;

/// Whether a status tells of a failure; 0 is a node that died.
const fn has_failed(status: u16) -> bool {
    status == 0 || status >= 400
}

impl RequestFilter {
    /// Whether a list with this filter has this request.
    #[must_use]
    pub fn matches(&self, row: &RequestRow) -> bool {
        is_within(&self.scope, row)
            && self
                .dimensions()
                .iter()
                .all(|(dimension, words)| words.iter().any(|word| has(row, *dimension, word)))
            && self
                .failed
                .is_none_or(|failed| failed == has_failed(row.status))
            && self.has_rows_own(row)
    }

    /// What stands in the request's row alone.
    fn has_rows_own(&self, row: &RequestRow) -> bool {
        let asked = |asked: &Option<String>, word: Option<&str>| {
            asked.as_deref().is_none_or(|asked| word == Some(asked))
        };
        asked(&self.asked_model, Some(&row.asked_model))
            && asked(&self.code, row.code.as_deref())
            && (self.code.is_none() || has_failed(row.status))
            && asked(&self.call_id, row.call_id.as_deref())
            && self.stream.is_none_or(|stream| stream == row.stream)
            && self
                .least_charge
                .is_none_or(|least| row.charge_nanousd >= least)
            && self.from.is_none_or(|from| row.at >= from)
            && self.until.is_none_or(|until| row.at < until)
    }
}

fn is_within(scope: &Scope, row: &RequestRow) -> bool {
    let payer = &row.payer;
    let is_of = |id: Option<&str>, word: Option<&str>| id.is_some() && id == word;
    let is_elsewhere = |id: &OrganizationId| id.as_str() != payer.organization_id;
    if scope.within.as_ref().is_some_and(is_elsewhere) {
        return false;
    }
    scope.everything
        || scope
            .organizations
            .iter()
            .any(|id| id.as_str() == payer.organization_id)
        || scope
            .teams
            .iter()
            .any(|id| is_of(Some(id.as_str()), payer.team_id.as_deref()))
        || is_of(
            scope.owner.as_ref().map(|id| id.as_str()),
            payer.user_id.as_deref(),
        )
}

fn has(row: &RequestRow, dimension: Dimension, word: &str) -> bool {
    let payer = &row.payer;
    let is = |value: &Option<String>| value.as_deref().unwrap_or_default() == word;
    match dimension {
        Dimension::Organization => payer.organization_id == word,
        Dimension::Team => is(&payer.team_id),
        Dimension::Project => is(&payer.project_id),
        Dimension::Key => is(&payer.key_id),
        Dimension::User => is(&payer.user_id),
        Dimension::EndUser => is(&payer.end_user),
        Dimension::Environment => is(&payer.environment),
        Dimension::Tag if word.is_empty() => payer.tags.is_empty(),
        Dimension::Tag => payer.tags.iter().any(|tag| tag == word),
        Dimension::Group => row.group == word,
        Dimension::Provider => row.provider == word,
        Dimension::Model => row.model == word,
        Dimension::Deployment => row.deployment_id == word,
        Dimension::Operation => row.operation == word,
        Dimension::Status => row.status.to_string() == word,
    }
}
