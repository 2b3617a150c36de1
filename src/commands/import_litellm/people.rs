//! People, and who is in what as what.

use domain::ids::{OrganizationId, UserId};
use domain::members::Member;
use domain::permissions::{PlatformRole, Role};
use domain::policies::Policy;
use domain::spend::{ScopeKind, SpendScope};
use domain::stamps::Stamps;
use domain::users::User;
use serde::Deserialize;
use store::{Result, litellm};

use crate::commands::import_litellm::import::{Import, Place};
use crate::commands::import_litellm::row::{IMPORTER, Row};

/// A member in `members_with_roles`.
#[derive(Deserialize)]
struct MemberField {
    user_id: Option<String>,
    role: Option<String>,
}

/// A team's three lists of who is in it.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Lists {
    members_with_roles: Vec<MemberField>,
    members: Vec<String>,
    admins: Vec<String>,
}

impl Import<'_> {
    /// Brings people.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn people(&mut self, rows: Vec<litellm::Row>) -> Result<()> {
        for columns in rows {
            let mut row = Row::new("user", "user_id", columns);
            self.report.count("user", |count| count.found += 1);
            let Some(id) = self.own_id(&mut row, "user_id") else {
                continue;
            };
            let known = self.store.user(&id).await?;
            let ours = known.as_ref().map(|known| known.id.clone());
            let ours = ours.unwrap_or_else(UserId::generate);
            self.users.insert(id.clone(), ours.clone());
            let email = self.email(&mut row, known.is_some()).await?;
            let (platform_role, role) = roles(&mut row);
            if role == Role::Viewer {
                self.viewers.insert(ours.clone());
            }
            row.drop_if_there(
                "password",
                "hashed otherwise there; `headgate admin reset-password` gives a new one",
            );
            let in_organization = row.text("organization_id");
            let teams: Vec<String> = row.take("teams").unwrap_or_default();
            let stamps = row.stamps();
            let name = row.text("user_alias");
            let mut policy = row.policy();
            let blocked = row.blocked_as_wider();
            row.keep(&["policies", "object_permission_id"], &mut policy.extra);
            let scope = SpendScope::new(ScopeKind::User, ours.as_str());
            self.spent(&mut row, scope, &policy).await?;
            row.finish(&mut self.report);
            self.counted("user", known.is_some());
            if known.is_none() {
                self.plan.users.push(User {
                    id: ours.clone(),
                    external_id: Some(id),
                    email,
                    name,
                    platform_role,
                    policy,
                    blocked,
                    stamps,
                });
            }
            let organization = in_organization.and_then(|id| self.organizations.get(&id).cloned());
            let organization = organization.unwrap_or_else(OrganizationId::default_one);
            if platform_role.is_none() {
                self.member((organization, None), &ours, role.into())
                    .await?;
            }
            for team in teams {
                if let Some((team, organization)) = self.teams.get(&team).cloned() {
                    let place = (organization, Some(team));
                    self.member(place, &ours, Role::Member.into()).await?;
                }
            }
        }
        Ok(())
    }

    /// An address, unless somebody has it already: here it is unique, in lower case.
    async fn email(&mut self, row: &mut Row, known: bool) -> Result<Option<String>> {
        let Some(text) = row.text("user_email") else {
            return Ok(None);
        };
        let email = text.trim().to_lowercase();
        if email != text {
            row.changed("user_email", "in lower case");
        }
        let taken = !self.emails.insert(email.clone())
            || (!known && self.store.user_by_email(&email).await?.is_some());
        if taken {
            row.dropped("user_email", "somebody else has this address");
            return Ok(None);
        }
        Ok(Some(email))
    }

    /// Brings who is in organizations.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn organization_members(&mut self, rows: Vec<litellm::Row>) -> Result<()> {
        for columns in rows {
            let mut row = Row::new("organization member", "user_id", columns);
            let user = row
                .text("user_id")
                .and_then(|id| self.users.get(&id).cloned());
            let organization = row.text("organization_id");
            let organization = organization.and_then(|id| self.organizations.get(&id).cloned());
            let (Some(user), Some(organization)) = (user, organization) else {
                let name = row.name().to_owned();
                let why = "the person or the organization is not here";
                self.left_out("organization member", &name, why);
                continue;
            };
            let role = match row.text("user_role").as_deref() {
                Some("org_admin" | "proxy_admin") => Role::OrganizationAdmin,
                Some("internal_user_viewer" | "proxy_admin_viewer") => Role::Viewer,
                _ => Role::Member,
            };
            let mut policy = Policy::default();
            self.inline(&mut row, &mut policy);
            row.drop_if_there("spend", "spend of a member is counted in teams only");
            row.take::<String>("created_at");
            row.finish(&mut self.report);
            let said = Said { role, policy };
            self.member((organization, None), &user, said).await?;
        }
        Ok(())
    }

    /// Brings who is in teams: LiteLLM keeps it three times, and what says more counts.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn team_members(
        &mut self,
        teams: &[litellm::Row],
        rows: Vec<litellm::Row>,
    ) -> Result<()> {
        for columns in teams {
            let team = columns.get("team_id");
            let team = team.and_then(|raw| serde_json::from_str::<String>(raw.get()).ok());
            let Some((team, organization)) = team.and_then(|id| self.teams.get(&id).cloned())
            else {
                continue;
            };
            for (user, role) in members_of(columns) {
                if let Some(user) = self.users.get(&user).cloned() {
                    let place = (organization.clone(), Some(team.clone()));
                    self.member(place, &user, role.into()).await?;
                }
            }
        }
        for columns in rows {
            let mut row = Row::new("team member", "user_id", columns);
            let user = row
                .text("user_id")
                .and_then(|id| self.users.get(&id).cloned());
            let team = row
                .text("team_id")
                .and_then(|id| self.teams.get(&id).cloned());
            let (Some(user), Some((team, organization))) = (user, team) else {
                let name = row.name().to_owned();
                self.left_out("team member", &name, "the person or the team is not here");
                continue;
            };
            let mut policy = Policy::default();
            self.inline(&mut row, &mut policy);
            let scope = SpendScope::member(team.as_str(), user.as_str());
            self.spent(&mut row, scope, &policy).await?;
            row.finish(&mut self.report);
            let said = Said {
                role: Role::Member,
                policy,
            };
            self.member((organization, Some(team)), &user, said).await?;
        }
        Ok(())
    }

    /// Puts a person somewhere. Of two that say the same place, the role that may more counts, and
    /// the policy that says something. Who is there already stays as they are; who may only look in
    /// LiteLLM may only look here.
    async fn member(&mut self, place: Place, user: &UserId, said: Said) -> Result<()> {
        let Said { role, policy } = said;
        let role = match role {
            Role::Member if self.viewers.contains(user) => Role::Viewer,
            other => other,
        };
        let key = (place, user.clone());
        if let Some(planned) = self.members.get(&key) {
            if let Some(planned) = self.plan.members.get_mut(*planned) {
                if rank(role) > rank(planned.role) {
                    planned.role = role;
                }
                if policy != Policy::default() {
                    planned.policy = policy;
                }
            }
            return Ok(());
        }
        let ((organization_id, team_id), user_id) = key.clone();
        let known = self
            .store
            .member(&organization_id, team_id.as_ref(), user)
            .await?;
        self.counted("member", known.is_some());
        self.report.count("member", |count| count.found += 1);
        if known.is_none() {
            self.plan.members.push(Member {
                organization_id,
                team_id,
                user_id,
                role,
                policy,
                stamps: Stamps::now(IMPORTER),
            });
        }
        // One that is here already has a place in the index behind the end of the plan.
        let index = match known {
            None => self.plan.members.len().saturating_sub(1),
            Some(_) => usize::MAX,
        };
        self.members.insert(key, index);
        Ok(())
    }
}

/// What is said of a member.
struct Said {
    role: Role,
    policy: Policy,
}

impl From<Role> for Said {
    fn from(role: Role) -> Self {
        Self {
            role,
            policy: Policy::default(),
        }
    }
}

/// What `user_role` means over the platform, and in an organization.
fn roles(row: &mut Row) -> (Option<PlatformRole>, Role) {
    let word = row.text("user_role");
    match word.as_deref() {
        Some("proxy_admin") => (Some(PlatformRole::PlatformAdmin), Role::Member),
        Some("proxy_admin_viewer") => (Some(PlatformRole::PlatformAuditor), Role::Member),
        Some("org_admin") => {
            row.changed(
                "user_role",
                "an administrator of the organizations that they are in",
            );
            (None, Role::Member)
        }
        Some("internal_user_viewer") => (None, Role::Viewer),
        None | Some("internal_user") => (None, Role::Member),
        Some(_) => {
            row.changed("user_role", "a member");
            (None, Role::Member)
        }
    }
}

fn members_of(columns: &litellm::Row) -> Vec<(String, Role)> {
    let list = |name: &str| columns.get(name).map_or("[]", |raw| raw.get());
    let lists = Lists {
        members_with_roles: serde_json::from_str(list("members_with_roles")).unwrap_or_default(),
        members: serde_json::from_str(list("members")).unwrap_or_default(),
        admins: serde_json::from_str(list("admins")).unwrap_or_default(),
    };
    let roles = lists.members_with_roles.into_iter().filter_map(|member| {
        let role = match member.role.as_deref() {
            Some("admin") => Role::TeamAdmin,
            _ => Role::Member,
        };
        Some((member.user_id?, role))
    });
    let members = lists.members.into_iter().map(|id| (id, Role::Member));
    let admins = lists.admins.into_iter().map(|id| (id, Role::TeamAdmin));
    roles.chain(members).chain(admins).collect()
}

const fn rank(role: Role) -> u8 {
    match role {
        Role::Viewer => 0,
        Role::Member => 1,
        Role::TeamAdmin => 2,
        Role::OrganizationAdmin => 3,
    }
}
