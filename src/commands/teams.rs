//! `headgate teams`.

use admin_api::acting::{Acting, Permission, may};
use admin_api::actions::levels;
use admin_api::actions::teams::{self, NewTeam};
use admin_api::api::team_shapes::{TeamBody, shown};
use clap::{Args, Subcommand};
use domain::teams::Team;
use store::teams::TeamFilter;

use crate::commands::answer::Answer;
use crate::commands::listing::Listing;
use crate::commands::operator::Operator;
use crate::commands::policy_flags::{self, PolicyFlags};
use crate::commands::refusal::Refusal;
use crate::commands::table::Table;

/// What is done to teams.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// List teams, newest first
    List(List),
    /// Make a team
    Create(Box<Create>),
    /// Show a team
    Show(Named),
    /// Refuse all keys of a team
    Block(Named),
    /// Take the block of a team away
    Unblock(Named),
    /// Remove teams with their keys, projects, service accounts and memberships
    Delete(Several),
}

/// Which team.
#[derive(Debug, Args)]
pub struct Named {
    /// Its id, or the one that its maker chose
    #[arg(value_name = "TEAM")]
    team: String,
}

/// Which teams.
#[derive(Debug, Args)]
pub struct Several {
    /// Their ids
    #[arg(value_name = "TEAM", required = true)]
    teams: Vec<String>,
}

/// Which teams are listed.
#[derive(Debug, Args)]
pub struct List {
    #[command(flatten)]
    listing: Listing,
    /// Those of this organization
    #[arg(long = "org", value_name = "ID")]
    organization: Option<String>,
    /// Those that this person is a member of
    #[arg(long, value_name = "ID")]
    user: Option<String>,
}

/// With what a team is made.
#[derive(Debug, Args)]
pub struct Create {
    /// For people
    #[arg(value_name = "NAME")]
    name: String,
    /// An id of your own, kept beside ours
    #[arg(long, value_name = "ID")]
    id: Option<String>,
    /// Its organization [default: default]
    #[arg(long = "org", value_name = "ID")]
    organization: Option<String>,
    #[command(flatten)]
    policy: PolicyFlags,
}

/// Does it.
pub async fn run(operator: &Operator, verb: Verb) -> Result<Answer, Refusal> {
    match verb {
        Verb::List(list) => listed(operator, list).await,
        Verb::Create(create) => {
            let acting = operator.acting::<may::CreateTeams>()?;
            let new = NewTeam {
                external_id: create.id,
                organization_id: create.organization,
                name: create.name,
                policy: create.policy.policy()?,
                ..NewTeam::default()
            };
            let (team, _members) = teams::create(&acting, new).await?;
            card(&acting, team).await
        }
        Verb::Show(Named { team }) => {
            let acting = operator.acting::<may::ReadTeams>()?;
            let team = teams::find(&acting, &team).await?;
            card(&acting, team).await
        }
        Verb::Block(Named { team }) => set_blocked(operator, &team, true).await,
        Verb::Unblock(Named { team }) => set_blocked(operator, &team, false).await,
        Verb::Delete(Several { teams: asked }) => {
            let acting = operator.acting::<may::CreateTeams>()?;
            let gone = teams::delete(&acting, &asked).await?;
            let ids: Vec<String> = gone.iter().map(|team| team.id.to_string()).collect();
            let said = format!("removed {}", ids.join(", "));
            let value = serde_json::json!({"deleted": ids});
            Ok(Answer::of(&value, Table::Sentence(said)))
        }
    }
}

async fn set_blocked(operator: &Operator, team: &str, blocked: bool) -> Result<Answer, Refusal> {
    let acting = operator.acting::<may::UpdateTeams>()?;
    let team = teams::set_blocked(&acting, team, blocked).await?;
    card(&acting, team).await
}

async fn listed(operator: &Operator, list: List) -> Result<Answer, Refusal> {
    let acting = operator.acting::<may::ReadTeams>()?;
    let filter = TeamFilter {
        search: list.listing.search.clone(),
        organization_id: levels::organization_id(&acting, list.organization).await?,
        user_id: levels::user_id(&acting, list.user).await?,
        ..TeamFilter::default()
    };
    let found = teams::list(&acting, filter, &list.listing.page()).await?;
    let note = list.listing.note(&found);
    let mut bodies: Vec<TeamBody> = Vec::new();
    for team in found.items {
        bodies.push(shown(&acting, team).await?);
    }
    let line = |team: &TeamBody| {
        vec![
            team.id.clone(),
            team.name.clone(),
            team.organization_id.clone(),
            team.external_id.clone().unwrap_or_else(|| "-".to_owned()),
            if team.blocked { "blocked" } else { "active" }.to_owned(),
            team.spend_usd.clone(),
        ]
    };
    let table = Table::Many {
        head: &[
            "ID",
            "NAME",
            "ORGANIZATION",
            "OWN ID",
            "STATUS",
            "SPEND USD",
        ],
        lines: bodies.iter().map(line).collect(),
        none: "no teams",
    };
    let answer = Answer::of(&bodies, table);
    Ok(match note {
        Some(note) => answer.noting(note),
        None => answer,
    })
}

async fn card<P: Permission>(acting: &Acting<P>, team: Team) -> Result<Answer, Refusal> {
    let team = shown(acting, team).await?;
    let mut members = vec![
        ("id", team.id.clone()),
        ("own id", team.external_id.clone().unwrap_or_default()),
        ("name", team.name.clone()),
        ("organization", team.organization_id.clone()),
        (
            "status",
            if team.blocked { "blocked" } else { "active" }.to_owned(),
        ),
        ("spend, USD", team.spend_usd.clone()),
    ];
    members.extend(policy_flags::lines(&team.policy));
    members.push((
        "made",
        format!("{} by {}", team.created_at, team.created_by),
    ));
    Ok(Answer::of(&team, Table::One(members)))
}
