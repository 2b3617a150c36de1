//! `headgate users`.

use admin_api::acting::{Acting, Permission, may};
use admin_api::actions::users::{self, NewUser, Placement, Within};
use admin_api::api::user_shapes::{UserBody, shown};
use clap::{Args, Subcommand, ValueEnum};
use domain::permissions::{PlatformRole, Role};
use domain::policies::Policy;
use domain::users::User;

use crate::commands::answer::Answer;
use crate::commands::listing::Listing;
use crate::commands::operator::Operator;
use crate::commands::policy_flags::{self, PolicyFlags};
use crate::commands::refusal::Refusal;
use crate::commands::table::Table;

/// What is done to people.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// List people, newest first
    List(List),
    /// Make a person
    Create(Box<Create>),
    /// Show a person
    Show(Named),
    /// Remove people with their own keys, memberships and sessions
    Delete(Several),
}

/// Who.
#[derive(Debug, Args)]
pub struct Named {
    /// Their id, or the one that their maker chose
    #[arg(value_name = "USER")]
    user: String,
}

/// Who, several.
#[derive(Debug, Args)]
pub struct Several {
    /// Their ids
    #[arg(value_name = "USER", required = true)]
    users: Vec<String>,
}

/// Who is listed.
#[derive(Debug, Args)]
pub struct List {
    #[command(flatten)]
    listing: Listing,
    /// Those in this organization or one of its teams
    #[arg(long = "org", value_name = "ID")]
    organization: Option<String>,
    /// Those in this team
    #[arg(long, value_name = "ID")]
    team: Option<String>,
}

/// What one is somewhere.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum RoleFlag {
    /// Runs an organization
    OrganizationAdmin,
    /// Runs a team
    TeamAdmin,
    /// Has keys of their own
    Member,
    /// Looks
    Viewer,
}

/// What one is over the whole platform.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum PlatformRoleFlag {
    /// Everything but reading what tenants say
    PlatformAdmin,
    /// Reads everything
    PlatformAuditor,
}

/// With what a person is made.
#[derive(Debug, Args)]
pub struct Create {
    /// Their address
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,
    /// Their name
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// An id of your own, kept beside ours
    #[arg(long, value_name = "ID")]
    id: Option<String>,
    /// Put them in this organization
    #[arg(long = "org", value_name = "ID")]
    organization: Option<String>,
    /// Put them in this team
    #[arg(long, value_name = "ID")]
    team: Option<String>,
    /// As what they are put there
    #[arg(long, value_enum, default_value_t = RoleFlag::Member)]
    role: RoleFlag,
    /// A role over the whole platform
    #[arg(long, value_enum)]
    platform_role: Option<PlatformRoleFlag>,
    #[command(flatten)]
    policy: PolicyFlags,
}

/// Does it.
pub async fn run(operator: &Operator, verb: Verb) -> Result<Answer, Refusal> {
    match verb {
        Verb::List(list) => listed(operator, list).await,
        Verb::Create(create) => created(operator, *create).await,
        Verb::Show(Named { user }) => {
            let acting = operator.acting::<may::ReadUsers>()?;
            let user = users::find(&acting, &user).await?;
            card(&acting, user).await
        }
        Verb::Delete(Several { users: asked }) => {
            let acting = operator.acting::<may::WriteUsers>()?;
            let gone = users::delete(&acting, &asked).await?;
            let ids: Vec<String> = gone.iter().map(|user| user.id.to_string()).collect();
            let said = format!("removed {}", ids.join(", "));
            let value = serde_json::json!({"deleted": ids});
            Ok(Answer::of(&value, Table::Sentence(said)))
        }
    }
}

async fn created(operator: &Operator, create: Create) -> Result<Answer, Refusal> {
    let acting = operator.acting::<may::WriteUsers>()?;
    if create.email.is_none() && create.id.is_none() && create.name.is_none() {
        return Err(Refusal::Usage(
            "say who: --email, --name or --id".to_owned(),
        ));
    }
    let role = match create.role {
        RoleFlag::OrganizationAdmin => Role::OrganizationAdmin,
        RoleFlag::TeamAdmin => Role::TeamAdmin,
        RoleFlag::Member => Role::Member,
        RoleFlag::Viewer => Role::Viewer,
    };
    let places = [
        create.organization.map(Within::Organization),
        create.team.map(Within::Team),
    ];
    let placed = |within| Placement {
        within,
        role,
        policy: Policy::default(),
    };
    let new = NewUser {
        external_id: create.id,
        email: create.email,
        name: create.name,
        platform_role: create.platform_role.map(|role| match role {
            PlatformRoleFlag::PlatformAdmin => PlatformRole::PlatformAdmin,
            PlatformRoleFlag::PlatformAuditor => PlatformRole::PlatformAuditor,
        }),
        policy: create.policy.policy()?,
        placements: places.into_iter().flatten().map(placed).collect(),
        ..NewUser::default()
    };
    let made = users::create(&acting, new).await?;
    card(&acting, made.user).await
}

async fn listed(operator: &Operator, list: List) -> Result<Answer, Refusal> {
    let acting = operator.acting::<may::ReadUsers>()?;
    let (organization, team) = (list.organization.as_deref(), list.team.as_deref());
    let mut bodies: Vec<UserBody> = Vec::new();
    let mut note = None;
    if let Some(mut filter) = users::filtered(&acting, organization, team).await? {
        filter.search.clone_from(&list.listing.search);
        let found = users::list(&acting, filter, &list.listing.page()).await?;
        note = list.listing.note(&found);
        for user in found.items {
            bodies.push(shown(&acting, user).await?);
        }
    }
    let dash = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
    let line = |user: &UserBody| {
        vec![
            user.id.clone(),
            dash(&user.email),
            dash(&user.name),
            dash(&user.external_id),
            roles(user),
            if user.blocked { "blocked" } else { "active" }.to_owned(),
            user.spend_usd.clone(),
        ]
    };
    let table = Table::Many {
        head: &[
            "ID",
            "EMAIL",
            "NAME",
            "OWN ID",
            "ROLES",
            "STATUS",
            "SPEND USD",
        ],
        lines: bodies.iter().map(line).collect(),
        none: "nobody",
    };
    let answer = Answer::of(&bodies, table);
    Ok(match note {
        Some(note) => answer.noting(note),
        None => answer,
    })
}

/// `platform_admin, member of team_…`.
fn roles(user: &UserBody) -> String {
    let platform = user
        .platform_role
        .map(|role| PlatformRole::from(role).as_str().to_owned());
    let places = user.roles.iter().map(|place| {
        let within = place.team_id.as_ref().unwrap_or(&place.organization_id);
        format!("{} of {within}", Role::from(place.role).as_str())
    });
    let all: Vec<String> = platform.into_iter().chain(places).collect();
    if all.is_empty() {
        return "-".to_owned();
    }
    all.join(", ")
}

/// A person as they are now.
pub async fn card<P: Permission>(acting: &Acting<P>, user: User) -> Result<Answer, Refusal> {
    let user = shown(acting, user).await?;
    let mut members = vec![
        ("id", user.id.clone()),
        ("own id", user.external_id.clone().unwrap_or_default()),
        ("email", user.email.clone().unwrap_or_default()),
        ("name", user.name.clone().unwrap_or_default()),
        ("roles", roles(&user)),
        (
            "status",
            if user.blocked { "blocked" } else { "active" }.to_owned(),
        ),
        ("spend, USD", user.spend_usd.clone()),
    ];
    members.extend(policy_flags::lines(&user.policy));
    members.push((
        "made",
        format!("{} by {}", user.created_at, user.created_by),
    ));
    Ok(Answer::of(&user, Table::One(members)))
}
