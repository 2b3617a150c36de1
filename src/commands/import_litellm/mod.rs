//! `headgate import-litellm`: tenants, keys, budgets, spend and models of LiteLLM's database, brought
//! here; and what became of every field.
//!
//! LiteLLM's database is only read. What is here already stays as it is, so that the import can be
//! run again; only spend that LiteLLM has counted since is added.

mod deployments;
mod import;
mod keys;
mod people;
mod plan;
mod report;
mod row;
mod scopes;
mod tenants;

use admin_api::acting::may;
use clap::Args;
use domain::keys::Secret;
use serde_json::{Value, json};
use store::litellm::{self, LitellmTables};

use crate::check;
use crate::cli::CheckFlags;
use crate::commands::answer::Answer;
use crate::commands::import_litellm::import::Import;
use crate::commands::import_litellm::report::Report;
use crate::commands::operator::Operator;
use crate::commands::refusal::Refusal;
use crate::commands::table::Table;

/// What the import is asked.
#[derive(Clone, Debug, Args)]
pub struct ImportFlags {
    /// LiteLLM's Postgres [default: the Postgres of the configuration, where both may live]
    #[arg(long, value_name = "URL")]
    database: Option<String>,
    /// Change nothing, and say what would become of everything
    #[arg(long)]
    dry_run: bool,
}

/// Does it.
pub async fn run(
    operator: &Operator,
    file: Option<&str>,
    flags: ImportFlags,
) -> Result<Answer, Refusal> {
    let gateway = &operator.config.gateway;
    let own = gateway.storage.postgres.as_ref();
    let own = own.map(|postgres| postgres.url.expose().to_owned());
    let Some(url) = flags.database.or(own) else {
        return Err(Refusal::Usage(
            "say where LiteLLM's database is: --database postgresql://…".to_owned(),
        ));
    };
    let tables = litellm::read(&url)
        .await
        .map_err(|cause| Refusal::Refused(format!("LiteLLM's database: {cause}")))?;
    let salt = operator.environment.get("LITELLM_SALT_KEY");
    let salt = salt.map(Secret::new);
    let master = gateway.access.master_key.as_ref();
    let master = master.map(|key| key.secret.clone());
    let salts = salt.into_iter().chain(master).collect();
    let acting = operator.acting::<may::WriteOrganizationMembers>()?;
    let sealing = &operator.api.settings.encryption;
    let budgets = tables.budgets.clone();
    let mut import = Import::new(acting.store(), sealing, salts, budgets);
    planned(&mut import, tables).await?;
    let Import { plan, report, .. } = import;
    if !flags.dry_run && !plan.is_empty() {
        plan.write(&acting).await?;
    }
    let verdict = match (plan.is_empty(), flags.dry_run) {
        (true, _) => "Nothing is new: everything is here already.",
        (false, true) => "This was a dry run: nothing has been changed.",
        (false, false) => "Imported, with one entry in the audit trail.",
    };
    let checked = file.map(|file| {
        let flags = CheckFlags {
            file: file.to_owned(),
            json: false,
            strict: false,
        };
        check::check(&flags, &operator.environment).text
    });
    Ok(answer(
        &report,
        &plan.counts(),
        (verdict, flags.dry_run),
        checked,
    ))
}

/// Reads all of it, in the order in which things point to each other.
async fn planned(import: &mut Import<'_>, tables: LitellmTables) -> store::Result<()> {
    let teams = tables.teams;
    import.organizations(tables.organizations).await?;
    import.teams(&teams, &tables.team_aliases).await?;
    import.projects(tables.projects).await?;
    import.people(tables.users).await?;
    import
        .organization_members(tables.organization_members)
        .await?;
    import.team_members(&teams, tables.team_members).await?;
    import.keys(tables.keys, tables.old_secrets).await?;
    import.end_users(tables.end_users).await?;
    import.tags(tables.tags).await?;
    import.remaining_budgets().await?;
    import.credentials(tables.credentials).await?;
    import.deployments(tables.deployments).await
}

fn answer(
    report: &Report,
    new: &Value,
    (verdict, dry_run): (&str, bool),
    checked: Option<String>,
) -> Answer {
    let counts: serde_json::Map<String, Value> = report
        .counts()
        .iter()
        .map(|(kind, count)| ((*kind).to_owned(), json!(count)))
        .collect();
    let lines = report.lines();
    let value = json!({
        "dry_run": dry_run,
        "result": verdict,
        "new": new,
        "counts": counts,
        "fields": lines,
        "configuration": checked,
    });
    let things = Table::Many {
        head: &["KIND", "IN LITELLM", "NEW", "HERE ALREADY", "LEFT OUT"],
        lines: report
            .counts()
            .iter()
            .map(|(kind, count)| {
                let numbers = [count.found, count.brought, count.present, count.left_out];
                let numbers = numbers.iter().map(ToString::to_string);
                std::iter::once((*kind).to_owned()).chain(numbers).collect()
            })
            .collect(),
        none: "LiteLLM's tables are empty",
    };
    let fields = Table::Many {
        head: &["KIND", "FIELD", "BECAME", "TIMES", "HOW", "FOR EXAMPLE"],
        lines: lines
            .iter()
            .map(|line| {
                vec![
                    line.kind.to_owned(),
                    line.field.clone(),
                    line.fate.as_str().to_owned(),
                    line.count.to_string(),
                    line.note.clone(),
                    line.example.clone(),
                ]
            })
            .collect(),
        none: "no fields",
    };
    let checked = checked.map(|text| format!("\nThe configuration file:\n{text}"));
    let checked = checked.unwrap_or_default();
    let text = format!("{things}\n{fields}{checked}\n{verdict}");
    Answer::of(&value, Table::Sentence(text))
}
