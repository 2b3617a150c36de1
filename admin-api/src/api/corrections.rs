//! `/api/v1/orphans` and `/api/v1/repricings`: charges that are corrected, with a reason.

use actix_web::{HttpResponse, web};
use domain::money::{NanoUsd, PicoUsd};
use domain::prices::{Price, TokenRates};
use domain::windows::TimeZone;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::orphans::Orphan;

use crate::acting::{Acting, may};
use crate::actions::orphans::{self, Attempt};
use crate::actions::repricing::{self, Wanted};
use crate::api::audit::Format;
use crate::api::page::Paged;
use crate::api::{csv, ranges, read};
use crate::error::{ActionError, Problem};
use crate::routes::{Route, route};

/// The routes.
pub const ROUTES: &[Route] = &[
    route!(GET "/api/v1/orphans" => list, ReadSpend,
        "Lists attempts whose node died, charged at what was held; with `format=csv` as a table.",
        query OrphansAsked, answers 200 Paged<OrphanBody>),
    route!(POST "/api/v1/orphans/{request_id}/{attempt}/settle" => settle, CorrectSpend,
        "Settles such an attempt at what it cost in truth; what was held is kept beside it.",
        body SettleBody, answers 200 SettledBody),
    route!(POST "/api/v1/repricings" => reprice, CorrectSpend,
        "Prices a range anew by a corrected price; every attempt keeps its old figure beside the new.",
        body RepricingBody, answers 200 RepricedBody),
];

/// Which orphans.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct OrphansAsked {
    /// Reserved from this time on, RFC 3339.
    pub from: Option<String>,
    /// Reserved before this time.
    pub until: Option<String>,
    /// The `next_cursor` of the page before (of a table: of its `x-next-cursor` header).
    pub cursor: Option<String>,
    /// How many at most: 1 to 200, 50 unless said; of a table 1 to 10,000, as many unless said.
    pub limit: Option<i64>,
    /// As what.
    pub format: Format,
}

/// An attempt whose node died.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct OrphanBody {
    /// The request.
    pub request_id: String,
    /// The attempt's number in it.
    pub attempt: u32,
    /// When its money was reserved, RFC 3339.
    pub reserved_at: String,
    /// The organization that pays.
    pub organization_id: String,
    /// The key; empty with the master key.
    pub key_id: String,
    /// The model group.
    pub model_group: String,
    /// The vendor.
    pub provider: String,
    /// The vendor's name for the model.
    pub model: String,
    /// The deployment.
    pub deployment_id: String,
    /// Dollars as decimal text: held, and charged.
    pub held_usd: String,
}

const COLUMNS: &[&str] = &[
    "request_id",
    "attempt",
    "reserved_at",
    "organization_id",
    "key_id",
    "model_group",
    "provider",
    "model",
    "deployment_id",
    "held_usd",
];

impl From<Orphan> for OrphanBody {
    fn from(orphan: Orphan) -> Self {
        let Orphan {
            request_id,
            number,
            reserved_at,
            organization_id,
            key_id,
            group,
            provider,
            model,
            deployment_id,
            held_nanousd,
        } = orphan;
        Self {
            request_id,
            attempt: number,
            reserved_at: reserved_at.to_rfc3339(),
            organization_id,
            key_id,
            model_group: group,
            provider,
            model,
            deployment_id,
            held_usd: held_nanousd.to_string(),
        }
    }
}

/// What an orphan cost in truth.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SettleBody {
    /// Dollars as decimal text.
    pub charge_usd: String,
    /// Why; kept in the ledger and in the audit trail.
    pub reason: String,
}

/// What was charged, and is.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct SettledBody {
    /// Dollars as decimal text: what was held.
    pub old_usd: String,
    /// What is charged now.
    pub new_usd: String,
}

/// Which attempts are priced anew, and how.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RepricingBody {
    /// Reserved from this time on, RFC 3339.
    pub from: String,
    /// Reserved before this time; at most 92 days later.
    pub until: String,
    /// Of this organization only.
    #[serde(default)]
    pub organization_id: Option<String>,
    /// The vendor.
    pub provider: String,
    /// The vendor's name for the model.
    pub model: String,
    /// What it costs.
    pub price: PriceBody,
    /// Why; kept in the ledger and in the audit trail.
    pub reason: String,
    /// Only to say what would be done.
    #[serde(default)]
    pub dry_run: bool,
}

/// Dollars per million tokens as decimal text. A missing kind costs what the kind costs that it is a
/// part of: cached input what input costs, reasoning what output costs.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PriceBody {
    /// Input; has to be said.
    pub input_usd_per_million: Option<String>,
    /// Output.
    pub output_usd_per_million: Option<String>,
    /// Input read from a cache.
    pub cache_read_usd_per_million: Option<String>,
    /// Input written to a cache for 5 minutes.
    pub cache_write_usd_per_million: Option<String>,
    /// Input written to a cache for an hour.
    pub cache_write_1h_usd_per_million: Option<String>,
    /// Output spent on reasoning.
    pub reasoning_usd_per_million: Option<String>,
    /// Audio in the input.
    pub audio_input_usd_per_million: Option<String>,
    /// Images in the input.
    pub image_input_usd_per_million: Option<String>,
    /// Audio in the output.
    pub audio_output_usd_per_million: Option<String>,
}

/// What a correction of prices did.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct RepricedBody {
    /// Attempts whose charge changed.
    pub attempts: u64,
    /// Dollars as decimal text: what was charged for those.
    pub old_usd: String,
    /// What is charged now, or would be.
    pub new_usd: String,
    /// True when nothing was done, as asked.
    pub dry_run: bool,
}

impl PriceBody {
    fn read(self) -> Result<Price, ActionError> {
        let rate = |field: &str, text: Option<String>| {
            let rate = text.as_deref().map(PicoUsd::from_usd_per_million);
            rate.transpose().map_err(|malformed| {
                ActionError::invalid(format!("price.{field}"), malformed.to_string())
            })
        };
        let rates = TokenRates {
            input: rate("input_usd_per_million", self.input_usd_per_million)?,
            output: rate("output_usd_per_million", self.output_usd_per_million)?,
            cache_read: rate(
                "cache_read_usd_per_million",
                self.cache_read_usd_per_million,
            )?,
            cache_write: rate(
                "cache_write_usd_per_million",
                self.cache_write_usd_per_million,
            )?,
            cache_write_1h: rate(
                "cache_write_1h_usd_per_million",
                self.cache_write_1h_usd_per_million,
            )?,
            reasoning: rate("reasoning_usd_per_million", self.reasoning_usd_per_million)?,
            audio_input: rate(
                "audio_input_usd_per_million",
                self.audio_input_usd_per_million,
            )?,
            image_input: rate(
                "image_input_usd_per_million",
                self.image_input_usd_per_million,
            )?,
            audio_output: rate(
                "audio_output_usd_per_million",
                self.audio_output_usd_per_million,
            )?,
        };
        Ok(Price::default().with_overrides(&rates))
    }
}

async fn list(
    acting: Acting<may::ReadSpend>,
    query: web::Query<OrphansAsked>,
) -> Result<HttpResponse, Problem> {
    let OrphansAsked {
        from,
        until,
        cursor,
        limit,
        format,
    } = query.into_inner();
    let utc = TimeZone::default();
    let from = ranges::moment("from", from.as_deref(), &utc)?;
    let until = ranges::moment("until", until.as_deref(), &utc)?;
    let page = ranges::page(cursor, orphans::is_cursor, (limit, format))?;
    let listed = orphans::list(&acting, (from, until), &page).await?;
    let page = Paged::of(listed, orphans::cursor, OrphanBody::from);
    Ok(match format {
        Format::Json => HttpResponse::Ok().json(page),
        Format::Csv => csv::answer("orphans", COLUMNS, &page.items, page.next_cursor),
    })
}

async fn settle(
    acting: Acting<may::CorrectSpend>,
    path: web::Path<(String, String)>,
    body: web::Bytes,
) -> Result<web::Json<SettledBody>, Problem> {
    let (request_id, number) = path.into_inner();
    let SettleBody { charge_usd, reason } = read(&body)?;
    let charge = NanoUsd::from_usd(&charge_usd)
        .map_err(|malformed| ActionError::invalid("charge_usd", malformed.to_string()))?;
    let number: u32 = number
        .parse()
        .map_err(|_no_number| ActionError::not_found("Orphan", format!("{request_id}.{number}")))?;
    let attempt = Attempt { request_id, number };
    let before = orphans::settle(&acting, attempt, charge, reason).await?;
    Ok(web::Json(SettledBody {
        old_usd: before.to_string(),
        new_usd: charge.to_string(),
    }))
}

async fn reprice(
    acting: Acting<may::CorrectSpend>,
    body: web::Bytes,
) -> Result<web::Json<RepricedBody>, Problem> {
    let RepricingBody {
        from,
        until,
        organization_id,
        provider,
        model,
        price,
        reason,
        dry_run,
    } = read(&body)?;
    let utc = TimeZone::default();
    let (from, until) = ranges::range(Some(&from), Some(&until), &utc)?;
    let wanted = Wanted {
        from,
        until,
        organization_id,
        provider,
        model,
        price: price.read()?,
        only_try: dry_run,
    };
    let done = repricing::reprice(&acting, wanted, reason).await?;
    Ok(web::Json(RepricedBody {
        attempts: done.attempts,
        old_usd: done.old_nanousd.to_string(),
        new_usd: done.new_nanousd.to_string(),
        dry_run,
    }))
}
