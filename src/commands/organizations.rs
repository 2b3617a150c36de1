//! `headgate orgs`.

use admin_api::acting::may;
use admin_api::actions::organizations::{self, NewOrganization};
use admin_api::api::organizations::OrganizationBody;
use clap::{Args, Subcommand};
use domain::organizations::Organization;

use crate::commands::answer::Answer;
use crate::commands::listing::Listing;
use crate::commands::operator::Operator;
use crate::commands::policy_flags::{self, PolicyFlags};
use crate::commands::refusal::Refusal;
use crate::commands::table::Table;

/// What is done to organizations.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// List organizations, newest first
    List(Listing),
    /// Make an organization
    Create(Box<Create>),
    /// Show an organization
    Show(Named),
    /// Change an organization; what no flag names stays
    Update(Update),
    /// Remove organizations in which nothing is any more
    Delete(Several),
}

/// Which organization.
#[derive(Debug, Args)]
pub struct Named {
    /// Its id, or the one that its maker chose
    #[arg(value_name = "ORG")]
    organization: String,
}

/// Which organizations.
#[derive(Debug, Args)]
pub struct Several {
    /// Their ids
    #[arg(value_name = "ORG", required = true)]
    organizations: Vec<String>,
}

/// What becomes of an organization.
#[derive(Debug, Args)]
pub struct Update {
    /// Its id, or the one that its maker chose
    #[arg(value_name = "ORG")]
    organization: String,
    /// For people
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// The zone whose calendar budgets follow: Europe/Zurich
    #[arg(long, value_name = "ZONE")]
    time_zone: Option<String>,
    /// Whether members may make keys of their own without a team
    #[arg(long, value_name = "true|false")]
    members_may_create_keys: Option<bool>,
}

/// With what an organization is made.
#[derive(Debug, Args)]
pub struct Create {
    /// For people
    #[arg(value_name = "NAME")]
    name: String,
    /// An id of your own, kept beside ours
    #[arg(long, value_name = "ID")]
    id: Option<String>,
    /// The zone whose calendar budgets follow: Europe/Zurich [default: UTC]
    #[arg(long, value_name = "ZONE")]
    time_zone: Option<String>,
    #[command(flatten)]
    policy: PolicyFlags,
}

/// Does it.
pub async fn run(operator: &Operator, verb: Verb) -> Result<Answer, Refusal> {
    match verb {
        Verb::List(listing) => listed(operator, &listing).await,
        Verb::Create(create) => {
            let acting = operator.acting::<may::CreateOrganizations>()?;
            let new = NewOrganization {
                external_id: create.id,
                name: create.name,
                time_zone: create.time_zone,
                policy: create.policy.policy()?,
            };
            Ok(card(organizations::create(&acting, new).await?))
        }
        Verb::Show(Named { organization }) => {
            let acting = operator.acting::<may::ReadOrganizations>()?;
            Ok(card(organizations::find(&acting, &organization).await?))
        }
        Verb::Update(update) => changed(operator, update).await,
        Verb::Delete(Several {
            organizations: asked,
        }) => {
            let acting = operator.acting::<may::CreateOrganizations>()?;
            let gone = organizations::delete(&acting, &asked).await?;
            let ids: Vec<String> = gone.iter().map(|one| one.id.to_string()).collect();
            let said = format!("removed {}", ids.join(", "));
            let value = serde_json::json!({"deleted": ids});
            Ok(Answer::of(&value, Table::Sentence(said)))
        }
    }
}

async fn changed(operator: &Operator, update: Update) -> Result<Answer, Refusal> {
    let Update {
        organization,
        name,
        time_zone,
        members_may_create_keys,
    } = update;
    if name.is_none() && time_zone.is_none() && members_may_create_keys.is_none() {
        let flags = "say what to change: --name, --time-zone or --members-may-create-keys";
        return Err(Refusal::Usage(flags.to_owned()));
    }
    let acting = operator.acting::<may::UpdateOrganizations>()?;
    let changed = organizations::update(&acting, &organization, |one| {
        if let Some(name) = name {
            one.name = admin_api::api::named(name)?;
        }
        one.time_zone = time_zone.unwrap_or_else(|| one.time_zone.clone());
        let before = one.policy.members_may_create_keys;
        one.policy.members_may_create_keys = members_may_create_keys.or(before);
        Ok(())
    });
    Ok(card(changed.await?))
}

async fn listed(operator: &Operator, listing: &Listing) -> Result<Answer, Refusal> {
    let acting = operator.acting::<may::ReadOrganizations>()?;
    let found = organizations::list(&acting, listing.search.as_deref(), &listing.page()).await?;
    let note = listing.note(&found);
    let items = found.items.into_iter();
    let bodies: Vec<OrganizationBody> = items.map(OrganizationBody::from).collect();
    let line = |one: &OrganizationBody| {
        vec![
            one.id.clone(),
            one.name.clone(),
            one.time_zone.clone(),
            if one.blocked { "blocked" } else { "active" }.to_owned(),
        ]
    };
    let table = Table::Many {
        head: &["ID", "NAME", "TIME ZONE", "STATUS"],
        lines: bodies.iter().map(line).collect(),
        none: "no organizations",
    };
    let answer = Answer::of(&bodies, table);
    Ok(match note {
        Some(note) => answer.noting(note),
        None => answer,
    })
}

fn card(organization: Organization) -> Answer {
    let may = organizations::members_may_create_keys(&organization);
    let one = OrganizationBody::from(organization);
    let mut members = vec![
        ("id", one.id.clone()),
        ("name", one.name.clone()),
        ("time zone", one.time_zone.clone()),
        (
            "status",
            if one.blocked { "blocked" } else { "active" }.to_owned(),
        ),
    ];
    members.extend(policy_flags::lines(&one.policy));
    members.push((
        "members make keys without a team",
        if may { "yes" } else { "no" }.to_owned(),
    ));
    members.push(("made", format!("{} by {}", one.created_at, one.created_by)));
    Answer::of(&one, Table::One(members))
}
