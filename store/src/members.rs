//! Members: who is in which organization and team, as what; and the rights that follow from it.

use diesel::{
    AsChangeset, ExpressionMethods, Insertable, OptionalExtension, QueryDsl, Queryable, Selectable,
    SelectableHelper,
};
use diesel_async::RunQueryDsl;
use domain::ids::{OrganizationId, TeamId, UserId};
use domain::members::Member;
use domain::permissions::{Grant, PlatformRole, Rights, Role};
use domain::stamps::Stamps;

use crate::Store;
use crate::column::Column;
use crate::connection::on_either;
use crate::error::{Result, StoreError};
use crate::schema::{members, teams, users};
use crate::transaction::{Touched, Transaction};

/// How many ids one query asks for: SQLite takes 32,766 values at most.
const AT_ONCE: usize = 1_000;

/// A row of `members`: a member of an organization itself has the team `''`, since a primary key
/// holds no null.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = members, primary_key(organization_id, team_id, user_id))]
pub(crate) struct MemberRow {
    organization_id: String,
    team_id: String,
    user_id: String,
    role: String,
    policy: String,
    created_at_ms: i64,
    created_by: String,
    updated_at_ms: i64,
    updated_by: String,
}

impl From<&Member> for MemberRow {
    fn from(member: &Member) -> Self {
        Self {
            organization_id: member.organization_id.to_stored(),
            team_id: team_column(member.team_id.as_ref()).to_owned(),
            user_id: member.user_id.to_stored(),
            role: member.role.to_stored(),
            policy: member.policy.to_stored(),
            created_at_ms: member.stamps.created_at.to_stored(),
            created_by: member.stamps.created_by.clone(),
            updated_at_ms: member.stamps.updated_at.to_stored(),
            updated_by: member.stamps.updated_by.clone(),
        }
    }
}

impl TryFrom<MemberRow> for Member {
    type Error = StoreError;

    fn try_from(row: MemberRow) -> Result<Self> {
        let id = format!("{}/{}", row.team_id, row.user_id);
        let unreadable = |column: &'static str| {
            let id = id.clone();
            move |cause: String| StoreError::Unreadable { column, id, cause }
        };
        Ok(Self {
            organization_id: OrganizationId::new(row.organization_id),
            team_id: (!row.team_id.is_empty()).then(|| TeamId::new(row.team_id)),
            user_id: UserId::new(row.user_id),
            role: Role::from_stored(row.role).map_err(unreadable("role"))?,
            policy: Column::from_stored(row.policy).map_err(unreadable("policy"))?,
            stamps: Stamps {
                created_at: Column::from_stored(row.created_at_ms)
                    .map_err(unreadable("created_at_ms"))?,
                created_by: row.created_by,
                updated_at: Column::from_stored(row.updated_at_ms)
                    .map_err(unreadable("updated_at_ms"))?,
                updated_by: row.updated_by,
            },
        })
    }
}

fn team_column(team: Option<&TeamId>) -> &str {
    team.map_or("", TeamId::as_str)
}

/// All members that a query finds, the longest-standing first.
macro_rules! members_in {
    ($store:expr, $query:expr) => {{
        let mut connection = $store.connect().await?;
        let rows: Vec<MemberRow> = on_either!(connection, c => $query
            .order((members::created_at_ms, members::user_id, members::team_id))
            .select(MemberRow::as_select())
            .load(c)
            .await?);
        rows.into_iter().map(Member::try_from).collect()
    }};
}

impl Store {
    /// The members of an organization itself, without those of its teams alone.
    ///
    /// # Errors
    /// When the database does not answer, or a column cannot be read.
    pub async fn organization_members(&self, id: &OrganizationId) -> Result<Vec<Member>> {
        members_in!(
            self,
            members::table
                .filter(members::organization_id.eq(id.as_str()))
                .filter(members::team_id.eq(""))
        )
    }

    /// The members of a team.
    ///
    /// # Errors
    /// As [`Store::organization_members`].
    pub async fn team_members(&self, id: &TeamId) -> Result<Vec<Member>> {
        members_in!(
            self,
            members::table.filter(members::team_id.eq(id.as_str()))
        )
    }

    /// Every place that a person has.
    ///
    /// # Errors
    /// As [`Store::organization_members`].
    pub async fn memberships(&self, id: &UserId) -> Result<Vec<Member>> {
        members_in!(
            self,
            members::table.filter(members::user_id.eq(id.as_str()))
        )
    }

    /// The members of these teams, in one query for a thousand teams.
    ///
    /// # Errors
    /// When the database does not answer, or a column cannot be read.
    pub async fn members_of_teams(&self, ids: &[TeamId]) -> Result<Vec<Member>> {
        let mut all = Vec::new();
        for ids in ids.chunks(AT_ONCE) {
            let ids = ids.iter().map(TeamId::as_str);
            let found: Result<Vec<Member>> = members_in!(
                self,
                members::table.filter(members::team_id.eq_any(ids.clone()))
            );
            all.extend(found?);
        }
        Ok(all)
    }

    /// The memberships of these people, in one query for a thousand people.
    ///
    /// # Errors
    /// As [`Store::members_of_teams`].
    pub async fn memberships_of(&self, ids: &[UserId]) -> Result<Vec<Member>> {
        let mut all = Vec::new();
        for ids in ids.chunks(AT_ONCE) {
            let ids = ids.iter().map(UserId::as_str);
            let found: Result<Vec<Member>> = members_in!(
                self,
                members::table.filter(members::user_id.eq_any(ids.clone()))
            );
            all.extend(found?);
        }
        Ok(all)
    }

    /// A person's place in an organization, or in one of its teams.
    ///
    /// # Errors
    /// As [`Store::organization_members`].
    pub async fn member(
        &self,
        organization: &OrganizationId,
        team: Option<&TeamId>,
        user: &UserId,
    ) -> Result<Option<Member>> {
        let mut connection = self.connect().await?;
        let place = (organization.as_str(), team_column(team), user.as_str());
        let row: Option<MemberRow> = on_either!(connection, c => members::table
            .find(place)
            .select(MemberRow::as_select())
            .first(c)
            .await
            .optional()?);
        row.map(Member::try_from).transpose()
    }

    /// What a person may do; none when there is no such person, or they are blocked.
    ///
    /// # Errors
    /// As [`Store::organization_members`].
    pub async fn rights(&self, id: &UserId) -> Result<Option<Rights>> {
        let mut connection = self.connect().await?;
        let (person, rows) = on_either!(connection, c => {
            let person = users::table
                .find(id.as_str())
                .filter(users::blocked.eq(false))
                .select(users::platform_role)
                .first::<Option<String>>(c)
                .await
                .optional()?;
            let rows: Vec<MemberRow> = members::table
                .filter(members::user_id.eq(id.as_str()))
                .order((members::organization_id, members::team_id))
                .select(MemberRow::as_select())
                .load(c)
                .await?;
            (person, rows)
        });
        let Some(platform) = person else {
            return Ok(None);
        };
        let platform = Option::<PlatformRole>::from_stored(platform).map_err(|cause| {
            StoreError::Unreadable {
                column: "platform_role",
                id: id.to_string(),
                cause,
            }
        })?;
        let grants = rows.into_iter().map(|row| Member::try_from(row).map(grant));
        Ok(Some(Rights {
            platform,
            grants: grants.collect::<Result<_>>()?,
            user_id: Some(id.clone()),
        }))
    }
}

fn grant(member: Member) -> Grant {
    let Member {
        organization_id,
        team_id,
        role,
        ..
    } = member;
    Grant {
        role,
        organization_id,
        team_id,
    }
}

impl Transaction<'_> {
    /// Gives a person a place, or another role and policy in the place they have.
    ///
    /// # Errors
    /// [`StoreError::Dangling`] when the organization, its team or the person is not there, and
    /// when the database does not answer.
    pub async fn put_member(&mut self, member: &Member) -> Result<()> {
        self.find_place(member).await?;
        let row = MemberRow::from(member);
        on_either!(*self.connection()?, c => {
            diesel::insert_into(members::table)
                .values(&row)
                .on_conflict((members::organization_id, members::team_id, members::user_id))
                .do_update()
                .set(&row)
                .execute(c)
                .await?;
        });
        Ok(())
    }

    /// Gives a person a place, unless they have it: then it stays as it is. Whether they had none.
    ///
    /// # Errors
    /// As [`Transaction::put_member`].
    pub async fn add_member(&mut self, member: &Member) -> Result<bool> {
        self.find_place(member).await?;
        let row = MemberRow::from(member);
        let added = on_either!(*self.connection()?, c => diesel::insert_into(members::table)
            .values(&row)
            .on_conflict_do_nothing()
            .execute(c)
            .await?);
        Ok(added > 0)
    }

    /// Refuses a place in a team that is not the organization's.
    async fn find_place(&mut self, member: &Member) -> Result<()> {
        self.touch(Touched::Level, member.user_id.as_str());
        let Some(team) = &member.team_id else {
            return Ok(());
        };
        // No reference of the table's can say this, since `''` is no team.
        let there: i64 = on_either!(*self.connection()?, c => teams::table
            .find(team.as_str())
            .filter(teams::organization_id.eq(member.organization_id.as_str()))
            .count()
            .get_result(c)
            .await?);
        match there {
            0 => Err(StoreError::Dangling("members.team_id".to_owned())),
            _ => Ok(()),
        }
    }

    /// Takes a place from a person.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn delete_member(
        &mut self,
        organization: &OrganizationId,
        team: Option<&TeamId>,
        user: &UserId,
    ) -> Result<()> {
        self.touch(Touched::Level, user.as_str());
        let place = (organization.as_str(), team_column(team), user.as_str());
        on_either!(*self.connection()?, c => diesel::delete(members::table.find(place))
            .execute(c)
            .await?);
        Ok(())
    }
}
