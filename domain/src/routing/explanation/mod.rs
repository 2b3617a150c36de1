//! Where would a request go, and why? A routing table's answer for one name, without a request.
//!
//! It is made of the functions by which the data plane routes, so it cannot say otherwise.

use crate::routing::fallbacks::Cause;
use crate::routing::names::{FoundBy, Hit, Names};
use crate::routing::shares::{Wish, first_shares, weights};
use crate::routing::{Deployment, FallbackTarget, RetryPolicy, RoutingTable, Strategy, pattern};

/// A table with its names, to be asked.
pub struct Explainer<'a> {
    table: &'a RoutingTable,
    names: Names,
}

/// Where requests for one name go.
pub struct Explanation<'a> {
    /// The group that answers; may be a pattern.
    pub group: String,
    /// By what it was found.
    pub by: FoundBy,
    /// The name that an alias led to, when the asked name was one.
    pub alias_of: Option<String>,
    /// What the pattern's star took.
    pub wildcard: Option<String>,
    /// How candidates are ordered.
    pub strategy: Strategy,
    /// Whom the request may go to, as they are asked while all are well: by `order`, then by share,
    /// equals as they stand in the table.
    pub candidates: Vec<Candidate<'a>>,
    /// Retries by the kind of failure, over a candidate's own number.
    pub retry_policy: &'a RetryPolicy,
    /// Groups that take over after a failure.
    pub fallbacks: Vec<Step<'a>>,
    /// Groups for a prompt that is too long; none when they are the usual ones.
    pub context_window_fallbacks: Option<Vec<Step<'a>>>,
    /// Groups for content that a provider refuses; none when they are the usual ones.
    pub content_policy_fallbacks: Option<Vec<Step<'a>>>,
}

/// A deployment that may answer.
pub struct Candidate<'a> {
    /// The deployment.
    pub deployment: &'a Deployment,
    /// The provider's name for the model, with the group's `*` filled in.
    pub model: String,
    /// The weight by which it is drawn, among the whole group.
    pub weight: u64,
    /// In how many of ten thousand requests it is asked first; none when that goes by measured times.
    pub share_basis_points: Option<u64>,
    /// Retries after a failure of it that no policy names.
    pub retries: u32,
}

/// A group that takes over.
pub struct Step<'a> {
    /// The name that the list has.
    pub group: &'a str,
    /// Who then may answer; empty when there is no such group, which is then passed over.
    pub candidates: Vec<Candidate<'a>>,
}

impl<'a> Explainer<'a> {
    /// Reads a table.
    #[must_use]
    pub fn of(table: &'a RoutingTable) -> Self {
        Self {
            names: Names::of(&table.deployments, &table.aliases),
            table,
        }
    }

    /// What a name leads to, for whoever asks about rights.
    #[must_use]
    pub fn find<'n>(&'n self, asked: &'n str, organization_id: &str) -> Option<Hit<'n>> {
        self.names.find(asked, organization_id)
    }

    /// Explains one name for an organization; none when there is no such model for it.
    #[must_use]
    pub fn explain(&self, asked: &str, organization_id: &str) -> Option<Explanation<'a>> {
        let hit = self.names.find(asked, organization_id)?;
        let router = &self.table.router;
        let group = hit.group.name.clone();
        let special = |is_set: bool, cause| {
            is_set.then(|| self.steps(&group, router.fallbacks_of(&group, cause), organization_id))
        };
        Some(Explanation {
            by: hit.by,
            alias_of: hit.alias_of.map(str::to_owned),
            wildcard: hit.wildcard.map(str::to_owned),
            strategy: router.strategy,
            candidates: self.candidates(&hit, organization_id),
            retry_policy: router.retry_policy_of(&group),
            fallbacks: self.steps(
                &group,
                router.fallbacks_of(&group, Cause::Any),
                organization_id,
            ),
            context_window_fallbacks: special(
                router.context_window_fallbacks.is_some(),
                Cause::ContextWindow,
            ),
            content_policy_fallbacks: special(
                router.content_policy_fallbacks.is_some(),
                Cause::ContentPolicy,
            ),
            group,
        })
    }

    fn steps(
        &self,
        group: &str,
        targets: &'a [FallbackTarget],
        organization_id: &str,
    ) -> Vec<Step<'a>> {
        let router = &self.table.router;
        let targets = router.within_bounds(group, targets);
        let each = targets.map(|target| Step {
            group: &target.group,
            candidates: self
                .names
                .find(&target.group, organization_id)
                .map(|hit| self.candidates(&hit, organization_id))
                .unwrap_or_default(),
        });
        each.collect()
    }

    fn candidates(&self, hit: &Hit<'_>, organization_id: &str) -> Vec<Candidate<'a>> {
        let members = hit.group.members.iter().enumerate();
        let all: Vec<(usize, &'a Deployment)> = members
            .filter_map(|(place, one)| Some((place, self.table.deployments.get(one.position)?)))
            .collect();
        let wishes: Vec<Wish> = all.iter().map(|(_place, one)| Wish::from(*one)).collect();
        let usable: Vec<(&'a Deployment, u64)> = all
            .into_iter()
            .zip(weights(&wishes))
            .filter(|((place, one), _weight)| {
                one.is_for(organization_id) && hit.only.is_none_or(|only| only == *place)
            })
            .map(|((_place, one), weight)| (one, weight))
            .collect();
        let wishes: Vec<Wish> = usable.iter().map(|(one, _)| Wish::from(*one)).collect();
        let weights: Vec<u64> = usable.iter().map(|(_, weight)| *weight).collect();
        let shares = first_shares(self.table.router.strategy, &wishes, &weights);
        let each = usable.into_iter().zip(shares);
        let mut candidates: Vec<Candidate<'a>> = each
            .map(|((deployment, weight), share_basis_points)| Candidate {
                model: pattern::fill(&deployment.model, hit.wildcard),
                retries: deployment
                    .num_retries
                    .unwrap_or(self.table.router.num_retries),
                deployment,
                weight,
                share_basis_points,
            })
            .collect();
        candidates.sort_by_key(|one| {
            (
                one.deployment.order,
                std::cmp::Reverse(one.share_basis_points),
                std::cmp::Reverse(one.weight),
            )
        });
        candidates
    }
}

#[cfg(test)]
mod tests;
