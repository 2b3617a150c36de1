//! The things whose spend moved, with the policies that bound it: read by their ids, many at once.

use std::collections::BTreeSet;

use diesel::{ExpressionMethods, QueryDsl, SelectableHelper};
use diesel_async::RunQueryDsl;
use domain::budgets::SharedBudget;
use domain::end_users::EndUser;
use domain::members::Member;
use domain::organizations::Organization;
use domain::policies::Policy;
use domain::projects::Project;
use domain::spend::{ScopeKind, SpendScope};
use domain::tags::Tag;
use domain::teams::Team;
use domain::users::User;
use domain::virtual_keys::VirtualKey;

use crate::Store;
use crate::budgets::BudgetRow;
use crate::connection::on_either;
use crate::end_users::EndUserRow;
use crate::error::Result;
use crate::members::MemberRow;
use crate::organizations::OrganizationRow;
use crate::projects::ProjectRow;
use crate::schema::{
    budgets, end_users, members, organizations, projects, tags, teams, users, virtual_keys,
};
use crate::tags::TagRow;
use crate::teams::TeamRow;
use crate::users::UserRow;
use crate::virtual_keys::VirtualKeyRow;

/// How many ids one query asks for: SQLite takes 32,766 values at most.
const AT_ONCE: usize = 1_000;

/// Those whose spend moved, and what they belong to.
#[derive(Debug, Default)]
pub struct Holders {
    /// Organizations.
    pub organizations: Vec<Organization>,
    /// Teams.
    pub teams: Vec<Team>,
    /// Projects.
    pub projects: Vec<Project>,
    /// People.
    pub users: Vec<User>,
    /// All memberships of those people.
    pub members: Vec<Member>,
    /// Keys.
    pub keys: Vec<VirtualKey>,
    /// End users of these names, in any organization.
    pub end_users: Vec<EndUser>,
    /// Tags of these words, in any organization.
    pub tags: Vec<Tag>,
    /// Shared budgets that their policies point to.
    pub budgets: Vec<SharedBudget>,
}

/// All rows whose column holds one of these, read into the domain's words.
macro_rules! of_ids {
    ($store:expr, $ids:expr, $row:ident of $entity:ident in $table:ident by $column:ident) => {{
        let ids: Vec<&str> = $ids.into_iter().collect();
        let mut all: Vec<$entity> = Vec::new();
        for ids in ids.chunks(AT_ONCE) {
            let mut connection = $store.connect().await?;
            let rows: Vec<$row> = on_either!(connection, c => $table::table
                .filter($table::$column.eq_any(ids))
                .select($row::as_select())
                .load(c)
                .await?);
            for row in rows {
                all.push($entity::try_from(row)?);
            }
        }
        all
    }};
}

impl Store {
    /// Finds those whose spend moved. Those that are gone by now are left out.
    ///
    /// # Errors
    /// When the database does not answer, or a column cannot be read.
    pub async fn holders(&self, scopes: &BTreeSet<SpendScope>) -> Result<Holders> {
        let of = |kind| ids_of(scopes, kind);
        // End users and tags are called `org_…/name`.
        let named = |kind| -> BTreeSet<&str> {
            let names = of(kind).into_iter().filter_map(|id| id.split_once('/'));
            names.map(|(_organization, name)| name).collect()
        };
        let users = of(ScopeKind::User);
        let mut holders = Holders {
            organizations: of_ids!(self, of(ScopeKind::Organization),
                OrganizationRow of Organization in organizations by id),
            teams: of_ids!(self, of(ScopeKind::Team), TeamRow of Team in teams by id),
            projects: of_ids!(self, of(ScopeKind::Project),
                ProjectRow of Project in projects by id),
            members: of_ids!(self, users.clone(), MemberRow of Member in members by user_id),
            users: of_ids!(self, users, UserRow of User in users by id),
            keys: of_ids!(self, of(ScopeKind::Key), VirtualKeyRow of VirtualKey in virtual_keys by id),
            end_users: of_ids!(self, named(ScopeKind::EndUser),
                EndUserRow of EndUser in end_users by external_id),
            tags: of_ids!(self, named(ScopeKind::Tag), TagRow of Tag in tags by name),
            budgets: Vec::new(),
        };
        let shared: BTreeSet<String> = holders.shared().map(str::to_owned).collect();
        holders.budgets = of_ids!(self, shared.iter().map(String::as_str),
            BudgetRow of SharedBudget in budgets by id);
        Ok(holders)
    }
}

fn ids_of(scopes: &BTreeSet<SpendScope>, kind: ScopeKind) -> BTreeSet<&str> {
    let of_kind = scopes.iter().filter(|scope| scope.kind == kind);
    of_kind.map(|scope| scope.id.as_str()).collect()
}

impl Holders {
    /// The ids of shared budgets that policies point to.
    fn shared(&self) -> impl Iterator<Item = &str> {
        let own = self.organizations.iter().map(|one| &one.policy);
        let own = own.chain(self.teams.iter().map(|one| &one.policy));
        let own = own.chain(self.teams.iter().map(|one| &one.member_policy));
        let own = own.chain(self.projects.iter().map(|one| &one.policy));
        let own = own.chain(self.users.iter().map(|one| &one.policy));
        let own = own.chain(self.members.iter().map(|one| &one.policy));
        let own = own.chain(self.keys.iter().map(|one| &one.policy));
        let own = own.chain(self.end_users.iter().map(|one| &one.policy));
        let own = own.chain(self.tags.iter().map(|one| &one.policy));
        own.filter_map(|policy: &Policy| policy.budget_id.as_ref())
            .map(domain::ids::BudgetId::as_str)
    }
}
