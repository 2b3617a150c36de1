//! The routing table, compiled for look-ups: names, aliases, ids, patterns.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use domain::routing::{Alias, FallbackTarget, RouterSettings, RoutingTable};
use http::HeaderValue;

use crate::counting::GroupSeries;
use crate::route::candidate::Candidate;
use crate::route::pattern;

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

impl Group {
    /// Whether requests of an organization may go to any of its deployments.
    #[must_use]
    pub fn is_for(&self, organization_id: &str) -> bool {
        let mut candidates = self.candidates.iter();
        self.is_shared || candidates.any(|candidate| candidate.is_for(organization_id))
    }
}

/// Everything that decides where a request may go; swapped whole, loaded once per request.
pub struct Table {
    /// Strategy, retries, time-outs, fallbacks.
    pub router: RouterSettings,
    groups: HashMap<String, Arc<Group>>,
    patterns: Vec<Arc<Group>>,
    by_id: HashMap<String, (Arc<Group>, Arc<Candidate>)>,
    aliases: HashMap<String, Alias>,
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
        let mut names: Vec<String> = Vec::new();
        let mut members: HashMap<String, Vec<Arc<Candidate>>> = HashMap::new();
        for deployment in &source.deployments {
            let Some(candidate) = Candidate::compile(deployment) else {
                continue;
            };
            let candidates = members.entry(deployment.group.clone()).or_insert_with(|| {
                names.push(deployment.group.clone());
                Vec::new()
            });
            candidates.push(Arc::new(candidate));
        }
        let mut table = Self {
            router: source.router.clone(),
            groups: HashMap::new(),
            patterns: Vec::new(),
            by_id: HashMap::new(),
            aliases: source.aliases.clone().into_iter().collect(),
            listed: Vec::new(),
        };
        for name in names {
            let candidates = members.remove(&name).unwrap_or_default();
            table.add(Arc::new(Group {
                header: HeaderValue::from_str(&name).ok(),
                name,
                is_shared: candidates
                    .iter()
                    .all(|candidate| candidate.organization_id.is_none()),
                candidates,
                series: OnceLock::new(),
            }));
        }
        let visible = table.aliases.iter().filter(|(_, alias)| !alias.hidden);
        let mut visible: Vec<String> = visible.map(|(name, _)| name.clone()).collect();
        visible.sort();
        table.listed.extend(visible);
        // The longest pattern is the most exact one.
        table
            .patterns
            .sort_by_key(|group| std::cmp::Reverse(group.name.len()));
        table
    }

    fn add(&mut self, group: Arc<Group>) {
        for candidate in &group.candidates {
            let entry = (Arc::clone(&group), Arc::clone(candidate));
            self.by_id.insert(candidate.id.as_str().to_owned(), entry);
        }
        if group.name.contains('*') {
            self.patterns.push(Arc::clone(&group));
        } else {
            self.groups.insert(group.name.clone(), Arc::clone(&group));
        }
        self.listed.push(group.name.clone());
    }

    /// Finds a name for an organization: group, alias, deployment id, then the longest pattern that
    /// matches. What belongs to another organization is not there.
    #[must_use]
    pub fn find(&self, asked: &str, organization_id: &str) -> Option<Found> {
        if let Some(found) = self.group_named(asked, organization_id) {
            return Some(found);
        }
        if let Some(alias) = self.aliases.get(asked) {
            return self.find_group(&alias.group, organization_id);
        }
        let by_id = self.by_id.get(asked);
        if let Some((group, candidate)) =
            by_id.filter(|(_, candidate)| candidate.is_for(organization_id))
        {
            let only = Some(Arc::clone(candidate));
            return Some(Found {
                group: Arc::clone(group),
                wildcard: None,
                only,
            });
        }
        self.find_group(asked, organization_id)
    }

    fn group_named(&self, name: &str, organization_id: &str) -> Option<Found> {
        let group = self.groups.get(name)?;
        group.is_for(organization_id).then(|| Found {
            group: Arc::clone(group),
            wildcard: None,
            only: None,
        })
    }

    fn find_group(&self, name: &str, organization_id: &str) -> Option<Found> {
        if let Some(found) = self.group_named(name, organization_id) {
            return Some(found);
        }
        let mut patterns = self.patterns.iter();
        patterns.find_map(|group| {
            let taken = pattern::capture(&group.name, name)?;
            group.is_for(organization_id).then(|| Found {
                group: Arc::clone(group),
                wildcard: Some(taken.to_owned()),
                only: None,
            })
        })
    }

    /// The public names, groups in the order of the file, then visible aliases.
    #[must_use]
    pub fn listed(&self) -> &[String] {
        &self.listed
    }

    /// The groups whose names are patterns.
    #[must_use]
    pub fn patterns(&self) -> &[Arc<Group>] {
        &self.patterns
    }

    /// The fallbacks of a group: its own list, else the longest matching pattern's, else the
    /// default ones.
    #[must_use]
    pub fn fallbacks(&self, group: &str) -> &[FallbackTarget] {
        lookup(&self.router.fallbacks, group).unwrap_or(&self.router.default_fallbacks)
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

/// The list of a group: by its name, else by the longest pattern that matches it.
#[must_use]
pub fn lookup<'a>(
    lists: &'a domain::routing::FallbackLists,
    group: &str,
) -> Option<&'a [FallbackTarget]> {
    if let Some(list) = lists.get(group) {
        return Some(list);
    }
    lists
        .iter()
        .filter(|(name, _)| name.contains('*') && pattern::capture(name, group).is_some())
        .max_by_key(|(name, _)| name.len())
        .map(|(_, list)| list.as_slice())
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
