//! `/api/v1/usage`: what was used and what it cost, by any grouping and range.

use std::collections::BTreeMap;

use actix_web::{HttpResponse, web};
use domain::permissions::Scope;
use schemars::JsonSchema;
use serde::Deserialize;
use store::usage::{Bucket, Dimension, UsageOrder, UsageQuery};

use crate::acting::{Acting, may};
use crate::actions::usage;
use crate::api::audit::Format;
use crate::api::csv;
use crate::api::ranges;
use crate::api::usage_shapes::{UsageBody, UsageLine, columns};
use crate::error::{ActionError, Problem};
use crate::routes::{Route, route};

/// The routes.
pub const ROUTES: &[Route] = &[route!(GET "/api/v1/usage" => report, ReadSpend,
    "Adds up usage and spend by any grouping and range; with `format=csv` as a table.",
    query UsageAsked, answers 200 UsageBody)];

/// The most dimensions of one report.
const MOST_DIMENSIONS: usize = 6;

/// What is asked for. A filter takes several words, separated by commas; the empty word (`team=,`)
/// is that of usage without one.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct UsageAsked {
    /// From when: RFC 3339, or a date in the zone; 30 days before `until` unless said. Widened to
    /// the quarter of an hour that it lies in.
    pub from: Option<String>,
    /// Until when, exclusive; now unless said.
    pub until: Option<String>,
    /// The IANA name of the zone whose days are meant; your organization's unless said.
    pub time_zone: Option<String>,
    /// By what it is split, separated by commas: `organization`, `team`, `project`, `key`, `user`,
    /// `end_user`, `tag`, `environment`, `model_group`, `provider`, `model`, `deployment`,
    /// `operation`, `status`.
    pub group_by: Option<String>,
    /// By which time it is split as well: `hour`, `day`, `week` or `month`.
    pub bucket: Option<String>,
    /// What comes first: `time`, `-time`, `charge`, `requests`, `tokens` or `failures`.
    pub order: Option<String>,
    /// Only of these organizations.
    pub organization: Option<String>,
    /// Only of these teams.
    pub team: Option<String>,
    /// Only of these projects.
    pub project: Option<String>,
    /// Only of these keys: ids or hashes.
    pub key: Option<String>,
    /// Only of these people.
    pub user: Option<String>,
    /// Only of these end users.
    pub end_user: Option<String>,
    /// Only with these tags.
    pub tag: Option<String>,
    /// Only of keys of these environments.
    pub environment: Option<String>,
    /// Only of these model groups.
    pub model_group: Option<String>,
    /// Only of these vendors.
    pub provider: Option<String>,
    /// Only of these models, by the vendors' names.
    pub model: Option<String>,
    /// Only of these deployments.
    pub deployment: Option<String>,
    /// Only of these operations.
    pub operation: Option<String>,
    /// Only with these statuses.
    pub status: Option<String>,
    /// The `next_cursor` of the page before (of a table: of its `x-next-cursor` header).
    pub cursor: Option<String>,
    /// How many rows at most: 1 to 200, 50 unless said; of a table 1 to 10,000, as many unless said.
    pub limit: Option<i64>,
    /// As what.
    pub format: Format,
}

impl UsageAsked {
    fn filters(&self) -> Vec<(Dimension, Vec<String>)> {
        let said = Dimension::ALL.iter().filter_map(|dimension| {
            let words = self.filter(*dimension)?;
            let words = words.split(',').map(|word| word.trim().to_owned());
            let words: Vec<String> = words.collect();
            Some((*dimension, words))
        });
        said.collect()
    }

    fn filter(&self, dimension: Dimension) -> Option<&str> {
        let said = match dimension {
            Dimension::Organization => &self.organization,
            Dimension::Team => &self.team,
            Dimension::Project => &self.project,
            Dimension::Key => &self.key,
            Dimension::User => &self.user,
            Dimension::EndUser => &self.end_user,
            Dimension::Tag => &self.tag,
            Dimension::Environment => &self.environment,
            Dimension::Group => &self.model_group,
            Dimension::Provider => &self.provider,
            Dimension::Model => &self.model,
            Dimension::Deployment => &self.deployment,
            Dimension::Operation => &self.operation,
            Dimension::Status => &self.status,
        };
        said.as_deref().filter(|said| !said.is_empty())
    }

    fn group_by(&self) -> Result<Vec<Dimension>, ActionError> {
        let words = self.group_by.as_deref().unwrap_or_default().split(',');
        let words = words.map(str::trim).filter(|word| !word.is_empty());
        let mut dimensions: Vec<Dimension> = Vec::new();
        for word in words {
            let dimension = Dimension::from_word(word).ok_or_else(|| {
                let all: Vec<&str> = Dimension::ALL.iter().map(|one| one.as_str()).collect();
                let message = format!("`group_by` is made of {}.", all.join(", "));
                ActionError::invalid("group_by", message)
            })?;
            if !dimensions.contains(&dimension) {
                dimensions.push(dimension);
            }
        }
        if dimensions.len() > MOST_DIMENSIONS {
            return Err(ActionError::invalid(
                "group_by",
                format!("A report is split by {MOST_DIMENSIONS} dimensions at most."),
            ));
        }
        Ok(dimensions)
    }

    fn bucket(&self) -> Result<Option<Bucket>, ActionError> {
        let Some(word) = self.bucket.as_deref().filter(|word| !word.is_empty()) else {
            return Ok(None);
        };
        let bucket = Bucket::from_word(word).ok_or_else(|| {
            ActionError::invalid("bucket", "`bucket` has to be hour, day, week or month.")
        });
        bucket.map(Some)
    }

    fn order(&self) -> Result<UsageOrder, ActionError> {
        Ok(match self.order.as_deref().unwrap_or_default() {
            "" | "time" => UsageOrder::Time,
            "-time" => UsageOrder::NewestFirst,
            "charge" => UsageOrder::Charge,
            "requests" => UsageOrder::Requests,
            "tokens" => UsageOrder::Tokens,
            "failures" => UsageOrder::Failures,
            _ => {
                return Err(ActionError::invalid(
                    "order",
                    "`order` has to be time, -time, charge, requests, tokens or failures.",
                ));
            }
        })
    }
}

async fn report(
    acting: Acting<may::ReadSpend>,
    query: web::Query<UsageAsked>,
) -> Result<HttpResponse, Problem> {
    let asked = query.into_inner();
    let zone = match ranges::zone(asked.time_zone.as_deref())? {
        Some(zone) => zone,
        None => usage::time_zone(&acting, asked.organization.as_deref()).await?,
    };
    let (from, to) = ranges::range(asked.from.as_deref(), asked.until.as_deref(), &zone)?;
    let group_by = asked.group_by()?;
    let query = UsageQuery {
        scope: Scope::default(),
        from,
        to,
        zone: zone.clone(),
        group_by: group_by.clone(),
        bucket: asked.bucket()?,
        filters: asked.filters(),
        order: asked.order()?,
        limit: ranges::limit(asked.limit, asked.format)?,
        after: asked.cursor.clone().filter(|cursor| !cursor.is_empty()),
        total: asked.format == Format::Json,
    };
    let with_time = query.bucket.is_some();
    let report = usage::report(&acting, query).await?;
    let rows = report.rows.iter();
    let rows: Vec<UsageLine> = rows
        .map(|row| UsageLine::of(row, &group_by, &zone))
        .collect();
    Ok(match asked.format {
        Format::Csv => {
            let columns = columns(&group_by, with_time);
            let flat: Vec<BTreeMap<String, serde_json::Value>> =
                rows.iter().map(UsageLine::flat).collect();
            csv::answer("usage", &columns, &flat, report.next)
        }
        Format::Json => HttpResponse::Ok().json(UsageBody {
            from: report.from.to_rfc3339(),
            until: report.to.to_rfc3339(),
            time_zone: zone.name().to_owned(),
            items: rows,
            total: report.total.map(Into::into),
            next_cursor: report.next,
        }),
    })
}
