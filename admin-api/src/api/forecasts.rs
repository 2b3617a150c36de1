//! `/api/v1/budgets/forecasts`: every budget of every level, and when it will run out.

use actix_web::{HttpResponse, web};
use domain::policies::BudgetMode;
use domain::spend::ScopeKind;
use domain::windows::Day;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::acting::{Acting, may};
use crate::actions::forecasts::{self, Forecast, ForecastFilter, KINDS};
use crate::actions::levels;
use crate::api::audit::Format;
use crate::api::page::Paged;
use crate::api::policy::ModeBody;
use crate::api::{csv, ranges};
use crate::error::{ActionError, Problem};
use crate::routes::{Route, route};

/// The routes.
pub const ROUTES: &[Route] = &[route!(GET "/api/v1/budgets/forecasts" => list, ReadSpend,
    "Lists every budget of every level with what is left of it and the day it will run out; with `format=csv` as a table.",
    query ForecastsAsked, answers 200 Paged<ForecastBody>)];

/// Which budgets. A page may have fewer than `limit` and still have a `next_cursor`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ForecastsAsked {
    /// Of these kinds of levels, separated by commas: `organization`, `team`, `member`, `project`,
    /// `user`, `key`, `end_user`, `tag`.
    pub level: Option<String>,
    /// In this organization.
    pub organization: Option<String>,
    /// The `next_cursor` of the page before (of a table: of its `x-next-cursor` header).
    pub cursor: Option<String>,
    /// How many levels at most: 1 to 200, 50 unless said; of a table 1 to 10,000, as many unless
    /// said.
    pub limit: Option<i64>,
    /// As what.
    pub format: Format,
}

macro_rules! body {
    ($($(#[$doc:meta])* $field:ident: $type:ty,)+) => {
        /// A budget, and how it stands.
        #[derive(Clone, Debug, Serialize, JsonSchema)]
        pub struct ForecastBody { $($(#[$doc])* pub $field: $type,)+ }

        const COLUMNS: &[&str] = &[$(stringify!($field)),+];
    };
}

body! {
    /// The kind of level.
    level: String,
    /// Which: an id; for members `team_…/user_…`, for end users and tags `org_…/name`.
    id: String,
    /// Its name for people.
    name: String,
    /// In which organization; null for people, who may be in several.
    organization_id: Option<String>,
    /// In which team.
    team_id: Option<String>,
    /// Of one model only.
    model: Option<String>,
    /// The shared budget that it comes from.
    budget_id: Option<String>,
    /// What happens at the limit.
    mode: ModeBody,
    /// Dollars as decimal text, a temporary increase with it.
    limit_usd: String,
    /// The window; null counts from the beginning.
    window: Option<String>,
    /// When the present window began, RFC 3339.
    began_at: Option<String>,
    /// When the next one begins.
    resets_at: Option<String>,
    /// What is spent in it, as the ledger has it.
    spent_usd: String,
    /// What is left; below zero when a provider billed more than was held.
    left_usd: String,
    /// What a day costs at the present pace: of the last day for windows of up to a day, else of the
    /// last week.
    per_day_usd: String,
    /// When it will run out at the present pace; null when it starts anew before, or nothing is
    /// spent.
    runs_out_at: Option<String>,
    /// The day of that, in the organization's time zone.
    runs_out_on: Option<String>,
}

impl From<Forecast> for ForecastBody {
    fn from(one: Forecast) -> Self {
        let Forecast {
            scope,
            name,
            place: _,
            organization_id,
            team_id,
            model,
            budget_id,
            mode,
            limit,
            window,
            bounds,
            spent,
            left,
            per_day,
            runs_out_at,
            zone,
        } = one;
        Self {
            level: scope.kind.as_str().to_owned(),
            id: scope.id,
            name,
            organization_id: organization_id.map(|id| id.to_string()),
            team_id: team_id.map(|id| id.to_string()),
            model,
            budget_id: budget_id.map(|id| id.to_string()),
            mode: match mode {
                BudgetMode::Enforce => ModeBody::Enforce,
                BudgetMode::Shadow => ModeBody::Shadow,
                BudgetMode::Soft => ModeBody::Soft,
            },
            limit_usd: limit.to_string(),
            window: window.map(|window| window.to_string()),
            began_at: bounds.map(|bounds| bounds.starts_at.to_rfc3339()),
            resets_at: bounds.map(|bounds| bounds.ends_at.to_rfc3339()),
            spent_usd: spent.to_string(),
            left_usd: left.to_string(),
            per_day_usd: per_day.to_string(),
            runs_out_at: runs_out_at.map(|at| at.to_rfc3339()),
            runs_out_on: runs_out_at.map(|at| Day::at(at, &zone).to_string()),
        }
    }
}

fn kinds(said: Option<&str>) -> Result<Vec<ScopeKind>, ActionError> {
    let all = KINDS.into_iter().chain([ScopeKind::Member]);
    let all: Vec<ScopeKind> = all.collect();
    let words = said.unwrap_or_default().split(',').map(str::trim);
    let words = words.filter(|word| !word.is_empty());
    words
        .map(|word| {
            let found = all.iter().find(|kind| kind.as_str() == word);
            found.copied().ok_or_else(|| {
                let names: Vec<&str> = all.iter().map(|kind| kind.as_str()).collect();
                ActionError::invalid("level", format!("`level` is made of {}.", names.join(", ")))
            })
        })
        .collect()
}

async fn list(
    acting: Acting<may::ReadSpend>,
    query: web::Query<ForecastsAsked>,
) -> Result<HttpResponse, Problem> {
    let ForecastsAsked {
        level,
        organization,
        cursor,
        limit,
        format,
    } = query.into_inner();
    let filter = ForecastFilter {
        kinds: kinds(level.as_deref())?,
        organization_id: levels::organization_id(&acting, organization).await?,
        only: Vec::new(),
    };
    let limit = usize::try_from(ranges::limit(limit, format)?).unwrap_or(1);
    let page = (cursor.as_deref(), limit);
    let (items, next_cursor) = forecasts::list(&acting, &filter, page).await?;
    let items: Vec<ForecastBody> = items.into_iter().map(Into::into).collect();
    Ok(match format {
        Format::Json => HttpResponse::Ok().json(Paged { items, next_cursor }),
        Format::Csv => csv::answer("budgets", COLUMNS, &items, next_cursor),
    })
}
