//! Lists of requests, newest first.

use domain::ids::RequestId;
use domain::time::TimestampMs;

use crate::Store;
use crate::column::Column;
use crate::connection::Connection;
use crate::error::Result;
use crate::page::{Listed, Page};
use crate::requests::read::{Row, columns};
use crate::requests::{RequestFilter, RequestRow};
use crate::sql::{Cell, Given, Kind, Sql};
use crate::usage::conditions::{push_filters, push_scope};
use crate::usage::pieces::{Rollup, ceil, floor};
use crate::usage::{Dimension, UsageQuery};

/// How far a request's own time may lie from that of its id.
const APART_MS: u64 = 60_000;

impl Store {
    /// Lists requests, newest first. A total that is asked for is told when only what roll-ups know
    /// is asked and the range is of whole quarters of an hour, or open; otherwise it is none, since
    /// it would have to be counted.
    ///
    /// # Errors
    /// When the database does not answer, or a column cannot be read.
    pub async fn requests(
        &self,
        filter: &RequestFilter,
        page: &Page,
    ) -> Result<Listed<RequestRow>> {
        let turn = self.reporting().await;
        let mut connection = self.connect().await?;
        let rows = match filter.is_narrow() {
            true => narrow(&mut connection, filter, page).await?,
            false => read(&mut connection, filter, page, Among::All).await?,
        };
        drop(connection);
        // Counting is a report of its own.
        drop(turn);
        let items: Vec<RequestRow> = rows
            .into_iter()
            .map(RequestRow::try_from)
            .collect::<Result<_>>()?;
        let total = match page.count {
            true => self.counted(filter).await?,
            false => None,
        };
        Ok(page.cut(items, total))
    }

    /// How many requests match, from the roll-ups, when those can tell.
    async fn counted(&self, filter: &RequestFilter) -> Result<Option<i64>> {
        let from = filter.from.unwrap_or_default();
        let until = filter.until.unwrap_or(TimestampMs(u64::MAX));
        let whole = floor(from) == from && (filter.until.is_none() || ceil(until) == until);
        if !whole || filter.looks_into_rows() {
            return Ok(None);
        }
        let query = UsageQuery {
            filters: filter.dimensions(),
            ..UsageQuery::sum(filter.scope.clone(), from, until)
        };
        let report = self.usage(&query).await?;
        let sums = report.rows.first().map(|row| row.sums).unwrap_or_default();
        let count = match filter.failed {
            None => sums.requests,
            Some(true) => sums.failures,
            Some(false) => sums.requests.saturating_sub(sums.failures),
        };
        Ok(i64::try_from(count).ok())
    }
}

impl RequestFilter {
    /// What is asked of dimensions.
    pub(super) fn dimensions(&self) -> Vec<(Dimension, Vec<String>)> {
        let status = self.status.map(|status| status.to_string());
        let word = |word: Option<&str>| word.map(str::to_owned);
        let asked = [
            (
                Dimension::Organization,
                word(self.organization_id.as_ref().map(|id| id.as_str())),
            ),
            (
                Dimension::Team,
                word(self.team_id.as_ref().map(|id| id.as_str())),
            ),
            (
                Dimension::Project,
                word(self.project_id.as_ref().map(|id| id.as_str())),
            ),
            (
                Dimension::Key,
                word(self.key_id.as_ref().map(|id| id.as_str())),
            ),
            (
                Dimension::User,
                word(self.user_id.as_ref().map(|id| id.as_str())),
            ),
            (Dimension::EndUser, self.end_user.clone()),
            (Dimension::Tag, self.tag.clone()),
            (Dimension::Environment, self.environment.clone()),
            (Dimension::Group, self.group.clone()),
            (Dimension::Provider, self.provider.clone()),
            (Dimension::Model, self.model.clone()),
            (Dimension::Deployment, self.deployment_id.clone()),
            (Dimension::Operation, self.operation.clone()),
            (Dimension::Status, status),
        ];
        asked
            .into_iter()
            .filter_map(|(dimension, word)| word.map(|word| (dimension, vec![word])))
            .collect()
    }

    /// Whether something is asked that roll-ups do not know.
    const fn looks_into_rows(&self) -> bool {
        self.asked_model.is_some()
            || self.code.is_some()
            || self.call_id.is_some()
            || self.stream.is_some()
            || self.least_charge.is_some()
    }

    /// Whether few of all requests may match, so that it is better to ask the roll-ups first where
    /// those are.
    fn is_narrow(&self) -> bool {
        let all = self.scope.everything && self.failed.is_none() && self.code.is_none();
        self.call_id.is_none() && !(all && self.dimensions().is_empty())
    }

    /// Which roll-ups tell where requests are.
    pub(super) fn rollup(&self) -> Rollup {
        let asked = self.dimensions().into_iter();
        Rollup::knowing(&self.scope, asked.map(|(dimension, _words)| dimension))
    }

    /// Conditions on dimensions `d`.
    pub(super) fn push_dimensions(&self, sql: &mut Sql) {
        push_scope(sql, &self.scope);
        push_filters(sql, &self.dimensions(), false);
        match self.failed {
            Some(true) => sql.push(" AND (d.status = 0 OR d.status >= 400)"),
            Some(false) => sql.push(" AND d.status > 0 AND d.status < 400"),
            None => sql,
        };
        // Only what failed has a code.
        if self.code.is_some() {
            sql.push(" AND (d.status = 0 OR d.status >= 400)");
        }
    }

    /// Conditions on what `requests r` says.
    fn push_rows(&self, sql: &mut Sql) {
        let texts = [
            ("r.asked_model", &self.asked_model),
            ("r.code", &self.code),
            ("r.call_id", &self.call_id),
        ];
        for (column, asked) in texts {
            if let Some(asked) = asked {
                sql.push(&format!(" AND {column} = ")).text(asked);
            }
        }
        if let Some(stream) = self.stream {
            sql.push(" AND r.stream = ").truth(stream);
        }
        if let Some(least) = self.least_charge {
            sql.push(" AND r.charge_nanousd >= ").number(least.0);
        }
    }

    /// Conditions on where in time, and after which one, `requests r` lies: the time for the
    /// partitions, the id for the index.
    fn push_bounds(&self, sql: &mut Sql, page: &Page) {
        if let Some(from) = self.from {
            let id = RequestId::new(TimestampMs(from.0.saturating_sub(APART_MS)), 0);
            sql.push(" AND r.at_ms >= ").number(from.to_stored());
            sql.push(" AND r.id >= ").text(id.as_str());
        }
        if let Some(until) = self.until {
            let id = RequestId::new(TimestampMs(until.0.saturating_add(APART_MS)), 0);
            sql.push(" AND r.at_ms < ").number(until.to_stored());
            sql.push(" AND r.id < ").text(id.as_str());
        }
        if let Some(after) = &page.after {
            sql.push(" AND r.id < ").text(after);
        }
    }
}

/// Times in which requests are looked for: from, until.
pub(super) type Spans = Vec<(TimestampMs, TimestampMs)>;

/// Which requests are looked at.
#[derive(Clone, Copy)]
pub(super) enum Among<'a> {
    All,
    /// So many of the newest, whatever they are.
    Newest(i64),
    Spans(&'a Spans),
}

/// How many of the newest requests are looked at before the roll-ups are asked where more are:
/// milliseconds, while the roll-ups of an organization's whole year are not.
const LOOKED_AT: i64 = 4_000;

/// Reads a page of what may be few among many, or a good part of all.
async fn narrow(
    connection: &mut Connection,
    filter: &RequestFilter,
    page: &Page,
) -> Result<Vec<Row>> {
    let needed = page.rows().saturating_add(page.skip);
    if needed <= LOOKED_AT {
        let found = read(connection, filter, page, Among::Newest(LOOKED_AT)).await?;
        if i64::try_from(found.len()).unwrap_or(i64::MAX) >= page.rows() {
            return Ok(found);
        }
    }
    filter.walk(connection, page).await
}

/// Reads a page of what matches among some.
pub(super) async fn read(
    connection: &mut Connection,
    filter: &RequestFilter,
    page: &Page,
    among: Among<'_>,
) -> Result<Vec<Row>> {
    let text = format!(
        "SELECT {} FROM (SELECT r.* FROM ",
        columns(connection.dialect())
    );
    let mut sql = Sql::new(connection.dialect(), &text);
    match among {
        Among::All => {
            sql.push("requests r");
        }
        Among::Newest(count) => {
            sql.push("(SELECT r.* FROM requests r WHERE 1 = 1");
            filter.push_bounds(&mut sql, page);
            sql.push(" ORDER BY r.id DESC LIMIT ").number(count);
            sql.push(") AS r");
        }
        Among::Spans(spans) => {
            sql.rows(given(spans), "s")
                .push(" JOIN requests r ON r.id >= s.first_id AND r.id < s.last_id");
        }
    }
    sql.push(" JOIN usage_dimensions d ON d.id = r.dimension_id WHERE ");
    filter.push_dimensions(&mut sql);
    filter.push_rows(&mut sql);
    if !matches!(among, Among::Newest(_)) {
        filter.push_bounds(&mut sql, page);
    }
    if let Among::Spans(spans) = among {
        let first = spans.iter().map(|(from, _until)| *from).min();
        let last = spans.iter().map(|(_from, until)| *until).max();
        if let (Some(first), Some(last)) = (first, last) {
            sql.push(" AND r.at_ms >= ").number(first.to_stored());
            sql.push(" AND r.at_ms < ").number(last.to_stored());
        }
    }
    sql.push(" ORDER BY r.id DESC LIMIT ").number(page.rows());
    sql.push(" OFFSET ").number(page.skip);
    sql.push(") AS r JOIN usage_dimensions d ON d.id = r.dimension_id ORDER BY r.id DESC");
    connection.load(sql).await
}

/// The spans as ids, a little wider; none twice.
fn given(spans: &Spans) -> Given {
    let mut wider: Vec<(u64, u64)> = spans
        .iter()
        .map(|(from, until)| {
            (
                from.0.saturating_sub(APART_MS),
                until.0.saturating_add(APART_MS),
            )
        })
        .collect();
    wider.sort_unstable();
    let mut merged: Vec<(u64, u64)> = Vec::new();
    for (from, until) in wider {
        match merged.last_mut() {
            Some((_first, last)) if from <= *last => *last = until.max(*last),
            _ => merged.push((from, until)),
        }
    }
    let mut given = Given::new(&[("first_id", Kind::Text), ("last_id", Kind::Text)]);
    for (from, until) in merged {
        let id = |at: u64| RequestId::new(TimestampMs(at), 0).to_string();
        given.row([from, until].map(|at| Cell::from(id(at).as_str())));
    }
    given
}
