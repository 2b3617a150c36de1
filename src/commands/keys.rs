//! `headgate keys`.

use admin_api::acting::{Acting, may};
use admin_api::actions::keys::{self, AskedOwner, Details, NewKey, Rotation};
use admin_api::actions::levels;
use admin_api::api::deleted_keys::DeletedKeyBody;
use admin_api::api::key_shapes::{KeyBody, KeyMade};
use admin_api::fields::Given;
use clap::{Args, Subcommand};
use domain::time::TimestampMs;
use domain::virtual_keys::VirtualKey;
use store::deleted_keys::DeletedKeyFilter;
use store::virtual_keys::KeyFilter;

use crate::commands::answer::Answer;
use crate::commands::key_tables::{card, many, of_deleted};
use crate::commands::listing::Listing;
use crate::commands::operator::Operator;
use crate::commands::policy_flags::PolicyFlags;
use crate::commands::refusal::Refusal;
use crate::commands::table::Table;

/// What is done to keys.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Make a key; it is printed this once, alone on standard output
    Create(Box<Create>),
    /// List keys, newest first
    List(List),
    /// Show a key
    Show(Named),
    /// Give a key a new secret; it is printed this once, alone on standard output
    Rotate(Rotate),
    /// Refuse a key from now on
    Block(Block),
    /// Let a blocked key in again
    Unblock(Named),
    /// Remove keys; for 30 days they may be restored
    Delete(Several),
    /// List keys that were deleted and may be restored, the last deleted first
    Deleted(Listing),
    /// Restore deleted keys as they were
    Restore(Several),
}

/// Which key.
#[derive(Debug, Args)]
pub struct Named {
    /// Its id or its hash
    #[arg(value_name = "KEY")]
    key: String,
}

/// Which key is blocked, and why.
#[derive(Debug, Args)]
pub struct Block {
    #[command(flatten)]
    named: Named,
    /// Why: it stands in the audit trail and on the key's page
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

/// Which keys.
#[derive(Debug, Args)]
pub struct Several {
    /// Their ids or hashes
    #[arg(value_name = "KEY", required = true)]
    keys: Vec<String>,
}

/// With what a key is made.
#[derive(Debug, Args)]
pub struct Create {
    /// For people; unique in the organization
    #[arg(long, value_name = "NAME")]
    alias: Option<String>,
    /// development, staging, production, or your own word
    #[arg(long, value_name = "WORD")]
    environment: Option<String>,
    #[command(flatten)]
    owner: Owner,
    /// When it ends: 30d, 1mo, a date, never [default: as the template says]
    #[arg(long, value_name = "WHEN")]
    expires: Option<String>,
    /// Refuse it until it is unblocked
    #[arg(long)]
    blocked: bool,
    #[command(flatten)]
    policy: PolicyFlags,
}

/// To whom a key belongs.
#[derive(Debug, Args)]
pub struct Owner {
    /// Its organization, when it has no team [default: default]
    #[arg(long = "org", value_name = "ID")]
    organization: Option<String>,
    /// Its team
    #[arg(long, value_name = "ID")]
    team: Option<String>,
    /// Its project
    #[arg(long, value_name = "ID")]
    project: Option<String>,
    /// The person who owns it
    #[arg(long, value_name = "ID")]
    user: Option<String>,
    /// The service account that owns it
    #[arg(long, value_name = "ID")]
    service_account: Option<String>,
    /// The team's service account of this name, made when there is none
    #[arg(long, value_name = "NAME", conflicts_with_all = ["service_account", "user"])]
    service: Option<String>,
}

/// Which keys are listed.
#[derive(Debug, Args)]
pub struct List {
    #[command(flatten)]
    listing: Listing,
    /// Those of this organization
    #[arg(long = "org", value_name = "ID")]
    organization: Option<String>,
    /// Those of this team
    #[arg(long, value_name = "ID")]
    team: Option<String>,
    /// Those of this person
    #[arg(long, value_name = "ID")]
    user: Option<String>,
    /// Those of this environment
    #[arg(long, value_name = "WORD")]
    environment: Option<String>,
    /// Those with exactly this alias
    #[arg(long, value_name = "NAME")]
    alias: Option<String>,
    /// Those that are blocked
    #[arg(long)]
    blocked: bool,
    /// Those that have ended
    #[arg(long)]
    expired: bool,
}

/// How a key is rotated.
#[derive(Debug, Args)]
pub struct Rotate {
    #[command(flatten)]
    named: Named,
    /// How long the old secret works on: 24h, at most 30d [default: it ends at once]
    #[arg(long, value_name = "SPAN")]
    grace: Option<String>,
}

/// Does it.
pub async fn run(operator: &Operator, verb: Verb) -> Result<Answer, Refusal> {
    match verb {
        Verb::Create(create) => created(operator, *create).await,
        Verb::List(list) => listed(operator, list).await,
        Verb::Show(Named { key }) => {
            let acting = operator.acting::<may::ReadKeys>()?;
            let key = keys::find(&acting, &key).await?;
            shown(&acting, key).await
        }
        Verb::Rotate(Rotate { named, grace }) => {
            let acting = operator.acting::<may::WriteKeys>()?;
            let rotation = Rotation {
                grace,
                chosen: None,
            };
            let made = keys::rotate(&acting, &named.key, rotation, |_change| Ok(())).await?;
            shown_once(&acting, made).await
        }
        Verb::Block(Block { named, reason }) => {
            let acting = operator.acting::<may::WriteKeys>()?;
            let key = keys::block(&acting, &named.key, reason).await?;
            shown(&acting.also::<may::ReadKeys>()?, key).await
        }
        Verb::Unblock(Named { key }) => {
            let acting = operator.acting::<may::WriteKeys>()?;
            let key = keys::set_blocked(&acting, &key, false).await?;
            shown(&acting.also::<may::ReadKeys>()?, key).await
        }
        Verb::Delete(Several { keys: asked }) => {
            let acting = operator.acting::<may::WriteKeys>()?;
            // What is not there would be passed over, and a typing error not noticed.
            for one in &asked {
                keys::find(&acting, one).await?;
            }
            let gone = keys::delete(&acting, &asked, &[]).await?;
            let ids: Vec<String> = gone.iter().map(|key| key.id.to_string()).collect();
            let said = format!(
                "removed {}; `keys restore` brings them back",
                ids.join(", ")
            );
            let value = serde_json::json!({"deleted": ids});
            Ok(Answer::of(&value, Table::Sentence(said)))
        }
        Verb::Deleted(listing) => deleted(operator, &listing).await,
        Verb::Restore(Several { keys: asked }) => {
            let acting = operator.acting::<may::WriteKeys>()?;
            for one in &asked {
                keys::restore(&acting, one).await?;
            }
            let said = format!("restored {}", asked.join(", "));
            let value = serde_json::json!({"restored": asked});
            Ok(Answer::of(&value, Table::Sentence(said)))
        }
    }
}

async fn deleted(operator: &Operator, listing: &Listing) -> Result<Answer, Refusal> {
    let acting = operator.acting::<may::ReadKeys>()?;
    let filter = DeletedKeyFilter {
        search: listing.search.clone(),
        ..DeletedKeyFilter::default()
    };
    let found = keys::list_deleted(&acting, filter, &listing.page()).await?;
    let note = listing.note(&found);
    let bodies: Vec<DeletedKeyBody> = found.items.into_iter().map(DeletedKeyBody::from).collect();
    let answer = Answer::of(&bodies, of_deleted(&bodies));
    Ok(match note {
        Some(note) => answer.noting(note),
        None => answer,
    })
}

async fn created(operator: &Operator, create: Create) -> Result<Answer, Refusal> {
    let acting = operator.acting::<may::WriteKeys>()?;
    let new = NewKey {
        owner: AskedOwner {
            organization_id: create.owner.organization,
            team_id: create.owner.team,
            project_id: create.owner.project,
            user_id: create.owner.user,
            service_account_id: create.owner.service_account,
        },
        service_account_name: create.owner.service,
        alias: create.alias,
        environment: create.environment,
        policy: create.policy.policy()?,
        lifetime: create.expires.map_or(Given::Absent, Given::Value),
        blocked: create.blocked,
        ..NewKey::default()
    };
    let made = keys::create(&acting, new).await?;
    shown_once(&acting, made).await
}

async fn shown_once(
    acting: &Acting<may::WriteKeys>,
    made: keys::MadeKey,
) -> Result<Answer, Refusal> {
    let details = keys::details(acting.store(), made.key.clone()).await?;
    let plain = made.plain.expose().to_owned();
    let body = KeyMade::of(made, details);
    let table = card(&body.details);
    Ok(Answer::of(&body, table)
        .with_plain_key(plain)
        .noting("The key stands on standard output. Keep it: it is not shown again."))
}

async fn shown(acting: &Acting<may::ReadKeys>, key: VirtualKey) -> Result<Answer, Refusal> {
    let body = KeyBody::from(keys::details(acting.store(), key).await?);
    let table = card(&body);
    Ok(Answer::of(&body, table))
}

async fn listed(operator: &Operator, list: List) -> Result<Answer, Refusal> {
    let acting = operator.acting::<may::ReadKeys>()?;
    let filter = KeyFilter {
        organization_id: levels::organization_id(&acting, list.organization).await?,
        team_id: levels::team_id(&acting, list.team).await?,
        user_id: levels::user_id(&acting, list.user).await?,
        environment: list.environment,
        alias: list.alias,
        search: list.listing.search.clone(),
        blocked: list.blocked.then_some(true),
        expired_at: list.expired.then(TimestampMs::now),
        ..KeyFilter::default()
    };
    let found = keys::list(&acting, filter, &list.listing.page()).await?;
    let note = list.listing.note(&found);
    let spend = keys::spend_of(acting.store(), &found.items).await?;
    let bodies: Vec<KeyBody> = found
        .items
        .into_iter()
        .map(|key| {
            let present = spend.get(&key.id).copied().unwrap_or_default();
            let details = Details {
                key,
                secrets: Vec::new(),
                present,
            };
            KeyBody {
                secrets: None,
                ..KeyBody::from(details)
            }
        })
        .collect();
    let answer = Answer::of(&bodies, many(&bodies));
    Ok(match note {
        Some(note) => answer.noting(note),
        None => answer,
    })
}
