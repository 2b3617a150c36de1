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

/// What a column of rows that are handed in holds.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Text,
    Number,
    Truth,
}

/// Rows that are handed in with a statement: in Postgres an array for each column, in SQLite JSON.
pub(crate) struct Given {
    columns: Vec<(&'static str, Kind)>,
    /// Row by row.
    cells: Vec<Cell>,
}

impl Given {
    /// No rows yet, of these columns.
    pub(crate) fn new(columns: &[(&'static str, Kind)]) -> Self {
        Self {
            columns: columns.to_vec(),
            cells: Vec::new(),
        }
    }

    /// Adds a row; its cells are of the columns' kinds and in their order. Postgres refuses a cell
    /// that is not; SQLite would keep it as it is.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = Cell>) {
        self.cells.extend(cells);
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// The names of the columns, separated by commas.
    pub(crate) fn list(&self) -> String {
        let names: Vec<&str> = self.columns.iter().map(|(name, _kind)| *name).collect();
        names.join(", ")
    }

    /// How many columns there are.
    pub(crate) const fn width(&self) -> usize {
        self.columns.len()
    }

    /// The cells, row by row.
    pub(crate) fn into_cells(self) -> Vec<Cell> {
        self.cells
    }

    /// An array for each column. A cell of another kind leaves its column short.
    fn into_arrays(self) -> Vec<Bind> {
        let rows = self.cells.len() / self.columns.len().max(1);
        let array = |kind| match kind {
            Kind::Text => Bind::Texts(Vec::with_capacity(rows)),
            Kind::Number => Bind::Numbers(Vec::with_capacity(rows)),
            Kind::Truth => Bind::Truths(Vec::with_capacity(rows)),
        };
        let mut arrays: Vec<Bind> = self.columns.iter().map(|(_, kind)| array(*kind)).collect();
        let mut cells = self.cells.into_iter();
        for _row in 0..rows {
            for (array, cell) in arrays.iter_mut().zip(cells.by_ref()) {
                match (array, cell) {
                    (Bind::Texts(array), Cell::Text(text)) => array.push(text),
                    (Bind::Numbers(array), Cell::Number(number)) => array.push(number),
                    (Bind::Truths(array), Cell::Truth(truth)) => array.push(Some(truth)),
                    _ => {}
                }
            }
        }
        arrays
    }

    fn into_json(self) -> String {
        let width = self.columns.len().max(1);
        let values = self.cells.into_iter().map(|cell| match cell {
            Cell::Text(text) => Value::from(text),
            Cell::Number(number) => Value::from(number),
            Cell::Truth(truth) => Value::from(truth),
        });
        let values: Vec<Value> = values.collect();
        let rows: Vec<&[Value]> = values.chunks(width).collect();
        // A list of lists of texts and numbers can always be written.
        serde_json::to_string(&rows).unwrap_or_default()
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
                for (index, array) in given.into_arrays().into_iter().enumerate() {
                    if index > 0 {
                        self.text.push_str(", ");
                    }
                    self.bound(array);
                }
                self.push(&format!(") AS {name} ({list})"))
            }
            Dialect::Sqlite => {
                let columns = given.columns.iter().enumerate();
                let columns: Vec<String> = columns
                    .map(|(index, (column, _kind))| format!("value ->> {index} AS {column}"))
                    .collect();
                self.push(&format!("(SELECT {} FROM json_each(", columns.join(", ")));
                let json = given.into_json();
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
