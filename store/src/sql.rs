//! Statements that are put together: text and values, the same for both databases but where rows
//! are handed in.

use diesel::pg::Pg;
use diesel::query_builder::{BoxedSqlQuery, SqlQuery};
use diesel::sql_types::{Array, BigInt, Bool, Nullable, Text};
use diesel::sqlite::Sqlite;
use domain::money::NanoUsd;
use domain::time::TimestampMs;
use serde_json::Value;

use crate::column::Column;

/// Which database a statement is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    Postgres,
    Sqlite,
}

/// A value of a statement.
enum Bind {
    Text(String),
    Number(i64),
    Truth(bool),
    Texts(Vec<Option<String>>),
    Numbers(Vec<Option<i64>>),
    Truths(Vec<Option<bool>>),
}

/// A statement.
pub(crate) struct Sql {
    dialect: Dialect,
    text: String,
    binds: Vec<Bind>,
}

/// One value of a row that is handed in.
pub(crate) enum Cell {
    Text(Option<String>),
    Number(Option<i64>),
    Truth(bool),
}

/// The values of one column of all rows.
enum Cells {
    Texts(Vec<Option<String>>),
    Numbers(Vec<Option<i64>>),
    Truths(Vec<Option<bool>>),
}

impl Cells {
    /// One after the other.
    fn cells(self) -> Box<dyn Iterator<Item = Cell>> {
        match self {
            Self::Texts(texts) => Box::new(texts.into_iter().map(Cell::Text)),
            Self::Numbers(numbers) => Box::new(numbers.into_iter().map(Cell::Number)),
            Self::Truths(truths) => Box::new(
                truths
                    .into_iter()
                    .map(|truth| Cell::Truth(truth.unwrap_or_default())),
            ),
        }
    }
}

/// What a column of rows that are handed in holds.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Text,
    Number,
    Truth,
}

/// Rows that are handed in with a statement: in Postgres an array for each column, in SQLite JSON.
pub(crate) struct Given {
    names: Vec<&'static str>,
    columns: Vec<Cells>,
    rows: usize,
}

impl Given {
    /// No rows yet, of these columns.
    pub(crate) fn new(columns: &[(&'static str, Kind)]) -> Self {
        let cells = |kind| match kind {
            Kind::Text => Cells::Texts(Vec::new()),
            Kind::Number => Cells::Numbers(Vec::new()),
            Kind::Truth => Cells::Truths(Vec::new()),
        };
        Self {
            names: columns.iter().map(|(name, _kind)| *name).collect(),
            columns: columns.iter().map(|(_name, kind)| cells(*kind)).collect(),
            rows: 0,
        }
    }

    /// Adds a row; its cells are of the columns' kinds and in their order.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = Cell>) {
        for (column, cell) in self.columns.iter_mut().zip(cells) {
            match (column, cell) {
                (Cells::Texts(column), Cell::Text(text)) => column.push(text),
                (Cells::Numbers(column), Cell::Number(number)) => column.push(number),
                (Cells::Truths(column), Cell::Truth(truth)) => column.push(Some(truth)),
                // A column that has another kind stays short, and the database refuses the rows.
                _ => {}
            }
        }
        self.rows += 1;
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// The names of the columns, separated by commas.
    pub(crate) fn list(&self) -> String {
        self.names.join(", ")
    }

    pub(crate) const fn width(&self) -> usize {
        self.names.len()
    }

    pub(crate) const fn rows(&self) -> usize {
        self.rows
    }

    /// The cells, row by row.
    pub(crate) fn cells(self) -> impl Iterator<Item = Cell> {
        let (rows, width) = (self.rows, self.columns.len());
        let mut columns: Vec<_> = self.columns.into_iter().map(Cells::cells).collect();
        let places = (0..rows).flat_map(move |_row| 0..width);
        places.filter_map(move |column| columns.get_mut(column)?.next())
    }

    fn json(self) -> String {
        let mut rows = vec![Vec::with_capacity(self.columns.len()); self.rows];
        for column in self.columns {
            let values: Vec<Value> = match column {
                Cells::Texts(texts) => texts.into_iter().map(Value::from).collect(),
                Cells::Numbers(numbers) => numbers.into_iter().map(Value::from).collect(),
                Cells::Truths(truths) => truths.into_iter().map(Value::from).collect(),
            };
            for (row, value) in rows.iter_mut().zip(values) {
                row.push(value);
            }
        }
        Value::from(rows.into_iter().map(Value::from).collect::<Vec<_>>()).to_string()
    }
}

impl Sql {
    pub(crate) fn new(dialect: Dialect, text: &str) -> Self {
        Self {
            dialect,
            text: text.to_owned(),
            binds: Vec::new(),
        }
    }

    pub(crate) const fn dialect(&self) -> Dialect {
        self.dialect
    }

    pub(crate) fn push(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    fn bound(&mut self, bind: Bind) -> &mut Self {
        self.binds.push(bind);
        let number = self.binds.len();
        self.text.push('$');
        self.text.push_str(&number.to_string());
        self
    }

    /// A text in this place.
    pub(crate) fn text(&mut self, text: &str) -> &mut Self {
        self.bound(Bind::Text(clean(text.to_owned())))
    }

    /// A number in this place.
    pub(crate) fn number(&mut self, number: i64) -> &mut Self {
        self.bound(Bind::Number(number))
    }

    /// A truth value in this place.
    pub(crate) fn truth(&mut self, truth: bool) -> &mut Self {
        self.bound(Bind::Truth(truth))
    }

    /// Whether what stands before is one of these.
    pub(crate) fn among<'a>(&mut self, texts: impl IntoIterator<Item = &'a str>) -> &mut Self {
        let texts = texts.into_iter().map(|text| clean(text.to_owned()));
        match self.dialect {
            Dialect::Postgres => {
                self.text.push_str(" = ANY(");
                let texts = texts.map(Some).collect();
                self.bound(Bind::Texts(texts)).push(")")
            }
            Dialect::Sqlite => {
                self.text.push_str(" IN (SELECT value FROM json_each(");
                let texts = Value::from(texts.collect::<Vec<String>>());
                self.bound(Bind::Text(texts.to_string())).push("))")
            }
        }
    }

    /// Rows in this place of a `FROM`, under a name.
    pub(crate) fn rows(&mut self, given: Given, name: &str) -> &mut Self {
        match self.dialect {
            Dialect::Postgres => {
                let list = given.list();
                self.text.push_str("unnest(");
                for (index, column) in given.columns.into_iter().enumerate() {
                    if index > 0 {
                        self.text.push_str(", ");
                    }
                    match column {
                        Cells::Texts(texts) => self.bound(Bind::Texts(texts)),
                        Cells::Numbers(numbers) => self.bound(Bind::Numbers(numbers)),
                        Cells::Truths(truths) => self.bound(Bind::Truths(truths)),
                    };
                }
                self.push(&format!(") AS {name} ({list})"))
            }
            Dialect::Sqlite => {
                let columns = given.names.iter().enumerate();
                let columns: Vec<String> = columns
                    .map(|(index, column)| format!("value ->> {index} AS {column}"))
                    .collect();
                self.push(&format!("(SELECT {} FROM json_each(", columns.join(", ")));
                let json = given.json();
                // Bounded by nothing: so it is read once, and not for each row of a join.
                self.bound(Bind::Text(json))
                    .push(&format!(") LIMIT -1) AS {name}"))
            }
        }
    }

    pub(crate) fn for_postgres(self) -> BoxedSqlQuery<'static, Pg, SqlQuery> {
        let mut query = diesel::sql_query(self.text).into_boxed::<Pg>();
        for bind in self.binds {
            query = match bind {
                Bind::Text(text) => query.bind::<Text, _>(text),
                Bind::Number(number) => query.bind::<BigInt, _>(number),
                Bind::Truth(truth) => query.bind::<Bool, _>(truth),
                Bind::Texts(texts) => query.bind::<Array<Nullable<Text>>, _>(texts),
                Bind::Numbers(numbers) => query.bind::<Array<Nullable<BigInt>>, _>(numbers),
                Bind::Truths(truths) => query.bind::<Array<Nullable<Bool>>, _>(truths),
            };
        }
        query
    }

    pub(crate) fn for_sqlite(self) -> BoxedSqlQuery<'static, Sqlite, SqlQuery> {
        let mut query = diesel::sql_query(self.text).into_boxed::<Sqlite>();
        for bind in self.binds {
            query = match bind {
                Bind::Text(text) => query.bind::<Text, _>(text),
                Bind::Number(number) => query.bind::<BigInt, _>(number),
                Bind::Truth(truth) => query.bind::<Bool, _>(truth),
                Bind::Texts(texts) => query.bind::<Text, _>(Value::from(texts).to_string()),
                Bind::Numbers(numbers) => query.bind::<Text, _>(Value::from(numbers).to_string()),
                Bind::Truths(truths) => query.bind::<Text, _>(Value::from(truths).to_string()),
            };
        }
        query
    }
}

/// Without the character that Postgres has no place for: a name that a caller gave may hold it, and
/// a batch that is refused for it would be refused for ever.
fn clean(text: String) -> String {
    match text.contains('\0') {
        true => text.replace('\0', "\u{fffd}"),
        false => text,
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(Some(clean(text.to_owned())))
    }
}

impl From<&Option<String>> for Cell {
    fn from(text: &Option<String>) -> Self {
        Self::Text(text.clone().map(clean))
    }
}

impl From<i64> for Cell {
    fn from(number: i64) -> Self {
        Self::Number(Some(number))
    }
}

impl From<u64> for Cell {
    fn from(number: u64) -> Self {
        Self::Number(Some(number.to_stored()))
    }
}

impl From<u32> for Cell {
    fn from(number: u32) -> Self {
        Self::Number(Some(i64::from(number)))
    }
}

impl From<Option<u64>> for Cell {
    fn from(number: Option<u64>) -> Self {
        Self::Number(number.to_stored())
    }
}

impl From<bool> for Cell {
    fn from(truth: bool) -> Self {
        Self::Truth(truth)
    }
}

impl From<TimestampMs> for Cell {
    fn from(at: TimestampMs) -> Self {
        Self::Number(Some(at.to_stored()))
    }
}

impl From<NanoUsd> for Cell {
    fn from(amount: NanoUsd) -> Self {
        Self::Number(Some(amount.0))
    }
}
