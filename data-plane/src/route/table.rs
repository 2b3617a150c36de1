//! The routing table, compiled for look-ups: names, aliases, ids, patterns.

use std::sync::{Arc, OnceLock};

use domain::routing::fallbacks::Cause;
use domain::routing::names::{Hit, Names};
use domain::routing::{Deployment, FallbackTarget, RouterSettings, RoutingTable};
use http::HeaderValue;

use crate::counting::GroupSeries;
use crate::route::candidate::Candidate;

/// The deployments behind one public name.
pub struct Group {
    /// The name, or a pattern.
    pub name: String,
    /// The name as a header's value; none when it holds what no header can.
    pub header: Option<HeaderValue>,
    /// In the order of the file.
    pub candidates: Vec<Arc<Candidate>>,
    /// Whether everybody may use all of them.
    pub is_shared: bool,
    /// The group's series among the metrics, found at its first request.
    pub series: OnceLock<GroupSeries>,
}

/// Everything that decides where a request may go; swapped whole, loaded once per request.
pub struct Table {
    /// Strategy, retries, time-outs, fallbacks.
    pub router: RouterSettings,
    names: Names,
    /// In the order of the names' groups.
    groups: Vec<Arc<Group>>,
    listed: Vec<String>,
}

/// What a name leads to.
pub struct Found {
    /// The group.
    pub group: Arc<Group>,
    /// What the pattern's star took.
    pub wildcard: Option<String>,
    /// The one deployment, when the name was a deployment's id.
    pub only: Option<Arc<Candidate>>,
}

impl Table {
    /// Compiles a table. Deployments of unknown providers are left out; the configuration has
    /// warned of them.
    #[must_use]
    pub fn compile(source: &RoutingTable) -> Self {
        let deployments = source.deployments.iter();
        let compiled: Vec<(&Deployment, Arc<Candidate>)> = deployments
            .filter_map(|one| Some((one, Arc::new(Candidate::compile(one)?))))
            .collect();
        let names = Names::of(compiled.iter().map(|(one, _)| *one), &source.aliases);
        let groups = names.groups().iter().map(|group| {
            let members = group.members.iter();
            let candidates = members.filter_map(|one| compiled.get(one.position));
            Arc::new(Group {
                header: HeaderValue::from_str(&group.name).ok(),
                name: group.name.clone(),
                is_shared: group.is_shared,
                candidates: candidates.map(|(_, one)| Arc::clone(one)).collect(),
                series: OnceLock::new(),
            })
        });
        let groups: Vec<Arc<Group>> = groups.collect();
        let visible = source.aliases.iter().filter(|(_, alias)| !alias.hidden);
        let listed = groups.iter().map(|group| &group.name);
        Self {
            router: source.router.clone(),
            listed: listed
                .chain(visible.map(|(name, _)| name))
                .cloned()
                .collect(),
            names,
            groups,
        }
    }

    /// Finds a name for an organization, as far as names and rights go: see [`Names::find`].
    #[must_use]
    pub fn hit<'a>(&'a self, asked: &'a str, organization_id: &str) -> Option<Hit<'a>> {
        self.names.find(asked, organization_id)
    }

    /// Finds a name for an organization.
    #[must_use]
    pub fn find(&self, asked: &str, organization_id: &str) -> Option<Found> {
        let hit = self.hit(asked, organization_id)?;
        let group = Arc::clone(self.groups.get(hit.place)?);
        let only = match hit.only {
            Some(place) => Some(Arc::clone(group.candidates.get(place)?)),
            None => None,
        };
        Some(Found {
            only,
            group,
            wildcard: hit.wildcard.map(str::to_owned),
        })
    }

    /// The public names, groups in the order of the file, then visible aliases.
    #[must_use]
    pub fn listed(&self) -> &[String] {
        &self.listed
    }

    /// The group with this name, when the name is a pattern.
    #[must_use]
    pub fn pattern(&self, name: &str) -> Option<&Group> {
        let patterns = self.names.patterns().iter();
        let mut patterns = patterns.filter_map(|place| self.groups.get(*place));
        patterns
            .find(|group| group.name == name)
            .map(|group| &**group)
    }

    /// The fallbacks of a group after any failure.
    #[must_use]
    pub fn fallbacks(&self, group: &str) -> &[FallbackTarget] {
        self.router.fallbacks_of(group, Cause::Any)
    }

    /// A listed name that is one or two slips of the pen away from `asked`, among those that may be
    /// shown.
    #[must_use]
    pub fn similar(&self, asked: &str, may_be_shown: impl Fn(&str) -> bool) -> Option<&str> {
        self.listed
            .iter()
            .filter(|name| may_be_shown(name))
            .map(|name| (distance(name, asked), name.as_str()))
            .filter(|(distance, name)| *distance <= 2.min(name.len() / 3))
            .min()
            .map(|(_, name)| name)
    }
}

/// Levenshtein's distance, by bytes; names are short.
fn distance(left: &str, right: &str) -> usize {
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (line, a) in left.bytes().enumerate() {
        let mut diagonal = line;
        let mut previous = line + 1;
        let mut next = vec![previous];
        for (cell, b) in row.iter().skip(1).zip(right.bytes()) {
            let best = (diagonal + usize::from(a != b))
                .min(*cell + 1)
                .min(previous + 1);
            diagonal = *cell;
            previous = best;
            next.push(best);
        }
        row = next;
    }
    row.last().copied().unwrap_or(left.len())
}
