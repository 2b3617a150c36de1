//! Organizations, teams and projects.

use std::collections::BTreeMap;

use admin_api::actions::chosen_ids::chosen;
use domain::ids::{OrganizationId, ProjectId, TeamId};
use domain::organizations::Organization;
use domain::permissions::Scope;
use domain::projects::Project;
use domain::spend::{ScopeKind, SpendScope};
use domain::teams::Team;
use store::Result;
use store::litellm;
use store::page::Page;
use store::projects::ProjectFilter;

use crate::commands::import_litellm::import::Import;
use crate::commands::import_litellm::report::Fate;
use crate::commands::import_litellm::row::Row;

/// What is kept of a team and shown.
const KEPT_OF_TEAMS: &[&str] = &[
    "team_member_permissions",
    "router_settings",
    "access_group_ids",
    "policies",
    "object_permission_id",
];

impl Import<'_> {
    /// Brings organizations.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn organizations(&mut self, rows: Vec<litellm::Row>) -> Result<()> {
        for columns in rows {
            let mut row = Row::new("organization", "organization_id", columns);
            self.report.count("organization", |count| count.found += 1);
            let Some(id) = self.own_id(&mut row, "organization_id") else {
                continue;
            };
            let known = self.store.organization(&id).await?;
            let ours = known.as_ref().map(|known| known.id.clone());
            let ours = ours.unwrap_or_else(OrganizationId::generate);
            self.organizations.insert(id.clone(), ours.clone());
            let name = row.text("organization_alias").unwrap_or_else(|| id.clone());
            let stamps = row.stamps();
            let mut policy = row.policy();
            self.inline(&mut row, &mut policy);
            let blocked = row.blocked_as_wider();
            row.keep(&["object_permission_id"], &mut policy.extra);
            let scope = SpendScope::new(ScopeKind::Organization, ours.as_str());
            self.spent(&mut row, scope, &policy).await?;
            row.finish(&mut self.report);
            self.counted("organization", known.is_some());
            if known.is_none() {
                self.plan.organizations.push(Organization {
                    id: ours,
                    external_id: Some(id),
                    name,
                    time_zone: "UTC".to_owned(),
                    policy,
                    blocked,
                    stamps,
                });
            }
        }
        Ok(())
    }

    /// Brings teams; who is in them is read with people.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn teams(&mut self, rows: &[litellm::Row], aliases: &[litellm::Row]) -> Result<()> {
        for columns in rows {
            let mut row = Row::new("team", "team_id", columns.clone());
            self.report.count("team", |count| count.found += 1);
            let Some(id) = self.own_id(&mut row, "team_id") else {
                continue;
            };
            let organization = match row.text("organization_id") {
                None => OrganizationId::default_one(),
                Some(asked) => match self.organizations.get(&asked) {
                    Some(known) => known.clone(),
                    None => {
                        row.dropped(
                            "organization_id",
                            "there is no such organization in LiteLLM",
                        );
                        OrganizationId::default_one()
                    }
                },
            };
            let called = self.store.teams_called(&id).await?;
            let is_here = |team: &Team| team.organization_id == organization;
            let known = called.into_iter().find(is_here);
            let ours = known.as_ref().map(|team| team.id.clone());
            let ours = ours.unwrap_or_else(TeamId::generate);
            self.teams
                .insert(id.clone(), (ours.clone(), organization.clone()));
            let team = self.team(&mut row, (id, ours, organization), aliases);
            let scope = SpendScope::new(ScopeKind::Team, team.id.as_str());
            self.spent(&mut row, scope, &team.policy).await?;
            row.finish(&mut self.report);
            self.counted("team", known.is_some());
            if known.is_none() {
                self.plan.teams.push(team);
            }
        }
        Ok(())
    }

    fn team(
        &mut self,
        row: &mut Row,
        (id, ours, organization_id): (String, TeamId, OrganizationId),
        aliases: &[litellm::Row],
    ) -> Team {
        // Who is in it is read with people.
        for field in ["members_with_roles", "members", "admins"] {
            row.take::<serde_json::Value>(field);
        }
        let mut member_policy = domain::policies::Policy::default();
        if let Some(budget) = row.text_in_metadata("team_member_budget_id") {
            let mut pointing = litellm::Row::new();
            if let Ok(raw) = serde_json::value::to_raw_value(&budget) {
                pointing.insert("budget_id".to_owned(), raw);
            }
            let mut pointing = Row::new("team", "budget_id", pointing);
            self.inline(&mut pointing, &mut member_policy);
        }
        if let Some(models) = row.take("default_team_member_models") {
            member_policy.models = models;
        }
        let name = row.text("team_alias").unwrap_or_else(|| id.clone());
        let blocked = row.take("blocked").unwrap_or(false);
        let stamps = row.stamps();
        let mut policy = row.policy();
        let blocked = row.blocked_as_wider() || blocked;
        if let Some(model_id) = row.take::<u64>("model_id") {
            policy.model_aliases.extend(aliases_of(model_id, aliases));
            row.changed("model_id", "its model aliases are the team's own here");
        }
        row.keep(KEPT_OF_TEAMS, &mut policy.extra);
        Team {
            id: ours,
            organization_id,
            external_id: Some(id),
            name,
            policy,
            member_policy,
            blocked,
            stamps,
        }
    }

    /// Brings projects; they have no ids of their makers here, so the name tells them apart.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn projects(&mut self, rows: Vec<litellm::Row>) -> Result<()> {
        for columns in rows {
            let mut row = Row::new("project", "project_id", columns);
            self.report.count("project", |count| count.found += 1);
            let id = row.text("project_id").unwrap_or_default();
            let team = row.text("team_id").and_then(|team| self.teams.get(&team));
            let Some((team_id, organization_id)) = team.cloned() else {
                self.left_out(
                    "project",
                    &id,
                    "it belongs to no team; here every project does",
                );
                continue;
            };
            let name = match row.text("project_alias") {
                Some(alias) => {
                    row.changed("project_id", "the gateway's own id, under the same name");
                    alias
                }
                None => id.clone(),
            };
            let known = self.project_named(&team_id, &name).await?;
            let ours = known.clone().unwrap_or_else(ProjectId::generate);
            self.projects.insert(id, ours.clone());
            let blocked = row.take("blocked").unwrap_or(false);
            let stamps = row.stamps();
            let mut policy = row.policy();
            self.inline(&mut row, &mut policy);
            let blocked = row.blocked_as_wider() || blocked;
            row.keep(&["description", "object_permission_id"], &mut policy.extra);
            let scope = SpendScope::new(ScopeKind::Project, ours.as_str());
            self.spent(&mut row, scope, &policy).await?;
            row.finish(&mut self.report);
            self.counted("project", known.is_some());
            if known.is_none() {
                self.plan.projects.push(Project {
                    id: ours,
                    organization_id,
                    team_id,
                    name,
                    policy,
                    blocked,
                    stamps,
                });
            }
        }
        Ok(())
    }

    async fn project_named(&self, team: &TeamId, name: &str) -> Result<Option<ProjectId>> {
        let planned = self.plan.projects.iter();
        let mut planned = planned.filter(|one| one.team_id == *team && one.name == name);
        if let Some(planned) = planned.next() {
            return Ok(Some(planned.id.clone()));
        }
        let filter = ProjectFilter {
            scope: Scope {
                everything: true,
                ..Scope::default()
            },
            team_id: Some(team.clone()),
            search: Some(name.to_owned()),
            ..ProjectFilter::default()
        };
        let found = self.store.projects(&filter, &Page::first(1_000)).await?;
        let mut found = found.items.into_iter();
        Ok(found.find(|one| one.name == name).map(|one| one.id))
    }

    /// Takes an id that LiteLLM's callers know a thing by; none when it cannot be one here.
    pub fn own_id(&mut self, row: &mut Row, field: &'static str) -> Option<String> {
        let id = row.text(field).unwrap_or_default();
        match chosen(field, id.clone()) {
            Ok(id) => Some(id),
            Err(refused) => {
                let kind = field.strip_suffix("_id").unwrap_or(field);
                self.left_out(kind, &id, &refused.to_string());
                None
            }
        }
    }

    /// Says that a thing is not brought.
    pub fn left_out(&mut self, kind: &'static str, name: &str, why: &str) {
        self.report.say((kind, name), "*", Fate::Dropped, why);
        self.report.count(kind, |count| count.left_out += 1);
    }

    /// Counts a thing that is brought, or here already.
    pub fn counted(&mut self, kind: &'static str, present: bool) {
        self.report.count(kind, |count| {
            if present {
                count.present += 1;
            } else {
                count.brought += 1;
            }
        });
    }
}

fn aliases_of(id: u64, rows: &[litellm::Row]) -> BTreeMap<String, String> {
    let read = |row: &litellm::Row| {
        let of: u64 = serde_json::from_str(row.get("id")?.get()).ok()?;
        let aliases = row.get("model_aliases")?.get();
        // LiteLLM writes JSON, or JSON within a text.
        let text: Option<String> = serde_json::from_str(aliases).ok();
        let aliases = serde_json::from_str(text.as_deref().unwrap_or(aliases)).ok()?;
        (of == id).then_some(aliases)
    };
    rows.iter().find_map(read).unwrap_or_default()
}
