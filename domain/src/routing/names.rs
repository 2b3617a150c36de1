//! What does a model name mean? Groups, aliases, deployments' ids and patterns, indexed for look-ups.

use std::collections::{BTreeMap, HashMap};

use crate::ids::OrganizationId;
use crate::routing::{Alias, Deployment, pattern};

/// The names of a routing table.
#[derive(Debug, Default)]
pub struct Names {
    groups: Vec<GroupNames>,
    by_name: HashMap<String, usize>,
    /// The longest first: it is the most exact one.
    patterns: Vec<usize>,
    /// The group and the place in it.
    by_id: HashMap<String, (usize, usize)>,
    aliases: HashMap<String, Alias>,
}

/// The deployments behind one public name, as far as names and rights go.
#[derive(Debug)]
pub struct GroupNames {
    /// The name, or a pattern.
    pub name: String,
    /// In the order of the table.
    pub members: Vec<MemberNames>,
    /// Whether everybody may use all of them.
    pub is_shared: bool,
}

/// What names and rights need of a deployment.
#[derive(Debug)]
pub struct MemberNames {
    /// Its place among the deployments that the names were made of.
    pub position: usize,
    /// Whose it is; none for the platform's own.
    pub organization_id: Option<OrganizationId>,
    /// The provider's name as the operator wrote it.
    pub provider: String,
    /// The provider's name for the model.
    pub model: String,
    /// Names under which keys may be allowed to ask it.
    pub access_groups: Vec<String>,
}

/// By what a name was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FoundBy {
    /// A group has this very name.
    Name,
    /// A deployment has it as its id.
    Id,
    /// A group's name is a pattern that matches.
    Pattern,
}

/// What a name leads to.
#[derive(Debug)]
pub struct Hit<'a> {
    /// The group's place among [`Names::groups`].
    pub place: usize,
    /// The group.
    pub group: &'a GroupNames,
    /// What the pattern's star took.
    pub wildcard: Option<&'a str>,
    /// The place in the group of the one deployment, when the name was its id.
    pub only: Option<usize>,
    /// How it was found; after the alias, when there was one.
    pub by: FoundBy,
    /// The name that an alias led to.
    pub alias_of: Option<&'a str>,
}

impl MemberNames {
    /// Whether requests of an organization may go there.
    #[must_use]
    pub fn is_for(&self, organization_id: &str) -> bool {
        let owner = self.organization_id.as_ref();
        owner.is_none_or(|owner| owner.as_str() == organization_id)
    }
}

impl GroupNames {
    /// Whether requests of an organization may go to any of its deployments.
    #[must_use]
    pub fn is_for(&self, organization_id: &str) -> bool {
        let mut members = self.members.iter();
        self.is_shared || members.any(|member| member.is_for(organization_id))
    }
}

impl Names {
    /// Indexes deployments, in the order of the table, and the other names of groups.
    #[must_use]
    pub fn of<'a>(
        deployments: impl IntoIterator<Item = &'a Deployment>,
        aliases: &BTreeMap<String, Alias>,
    ) -> Self {
        let mut names = Self {
            aliases: aliases.clone().into_iter().collect(),
            ..Self::default()
        };
        let mut groups: HashMap<&str, usize> = HashMap::new();
        for (position, deployment) in deployments.into_iter().enumerate() {
            let place = *groups.entry(&deployment.group).or_insert_with(|| {
                names.groups.push(GroupNames {
                    name: deployment.group.clone(),
                    members: Vec::new(),
                    is_shared: true,
                });
                names.groups.len().saturating_sub(1)
            });
            let Some(group) = names.groups.get_mut(place) else {
                continue;
            };
            let id = deployment.id.as_str().to_owned();
            names.by_id.insert(id, (place, group.members.len()));
            group.is_shared &= deployment.organization_id.is_none();
            group.members.push(MemberNames {
                position,
                organization_id: deployment.organization_id.clone(),
                provider: deployment.provider.clone(),
                model: deployment.model.clone(),
                access_groups: deployment.access_groups().map(str::to_owned).collect(),
            });
        }
        for (place, group) in names.groups.iter().enumerate() {
            if group.name.contains('*') {
                names.patterns.push(place);
            } else {
                names.by_name.insert(group.name.clone(), place);
            }
        }
        let length = |place: &usize| names.groups.get(*place).map_or(0, |group| group.name.len());
        let mut patterns = std::mem::take(&mut names.patterns);
        patterns.sort_by_key(|place| std::cmp::Reverse(length(place)));
        names.patterns = patterns;
        names
    }

    /// All groups, in the order in which the table names them first.
    #[must_use]
    pub fn groups(&self) -> &[GroupNames] {
        &self.groups
    }

    /// The places of the groups whose names are patterns, the longest first.
    #[must_use]
    pub fn patterns(&self) -> &[usize] {
        &self.patterns
    }

    /// Finds a name for an organization: group, alias, deployment id, then the longest pattern that
    /// matches. What belongs to another organization is not there.
    #[must_use]
    pub fn find<'a>(&'a self, asked: &'a str, organization_id: &str) -> Option<Hit<'a>> {
        if let Some(hit) = self.named(asked, organization_id) {
            return Some(hit);
        }
        if let Some(alias) = self.aliases.get(asked) {
            let hit = self.find_group(&alias.group, organization_id)?;
            return Some(Hit {
                alias_of: Some(&alias.group),
                ..hit
            });
        }
        self.with_id(asked, organization_id)
            .or_else(|| self.matching(asked, organization_id))
    }

    fn find_group<'a>(&'a self, name: &'a str, organization_id: &str) -> Option<Hit<'a>> {
        self.named(name, organization_id)
            .or_else(|| self.matching(name, organization_id))
    }

    fn hit(&self, place: usize, by: FoundBy) -> Option<Hit<'_>> {
        Some(Hit {
            place,
            group: self.groups.get(place)?,
            wildcard: None,
            only: None,
            by,
            alias_of: None,
        })
    }

    fn named(&self, name: &str, organization_id: &str) -> Option<Hit<'_>> {
        let hit = self.hit(*self.by_name.get(name)?, FoundBy::Name)?;
        hit.group.is_for(organization_id).then_some(hit)
    }

    fn with_id(&self, id: &str, organization_id: &str) -> Option<Hit<'_>> {
        let (place, only) = *self.by_id.get(id)?;
        let hit = self.hit(place, FoundBy::Id)?;
        let member = hit.group.members.get(only)?;
        member.is_for(organization_id).then_some(Hit {
            only: Some(only),
            ..hit
        })
    }

    fn matching<'a>(&'a self, name: &'a str, organization_id: &str) -> Option<Hit<'a>> {
        self.patterns.iter().find_map(|place| {
            let hit = self.hit(*place, FoundBy::Pattern)?;
            let taken = pattern::capture(&hit.group.name, name)?;
            hit.group.is_for(organization_id).then_some(Hit {
                wildcard: Some(taken),
                ..hit
            })
        })
    }
}
