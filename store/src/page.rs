//! A page of a list: after a cursor, or by its number; newest first, or in an order.

/// Which part of a list is asked for. Lists are newest first, by id: ids sort by time. In another
/// order the cursor is the last id of the page before all the same.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// Only things with a smaller id than this: the last id of the page before.
    pub after: Option<String>,
    /// How many to pass over: LiteLLM's page number, counted in things.
    pub skip: i64,
    /// How many at most.
    pub limit: i64,
    /// Whether to count all that match.
    pub count: bool,
    /// In which order; none is the newest first.
    pub order: Option<Order>,
}

/// An order of a list by what its rows say. Only the lists of this crate make one, so that what it
/// holds is never a caller's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    expression: &'static str,
    /// Where the expression's columns stand, and the column of ids beside them.
    place: Option<(&'static str, &'static str)>,
    descending: bool,
}

impl Order {
    /// By an expression over the columns of a table, which is never null.
    pub(crate) const fn by(expression: &'static str, descending: bool) -> Self {
        Self {
            expression,
            place: None,
            descending,
        }
    }

    /// By an expression over the columns of another table, which the list is joined with and which
    /// has the ids of its rows in a column.
    pub(crate) const fn by_joined(
        expression: &'static str,
        place: (&'static str, &'static str),
        descending: bool,
    ) -> Self {
        Self {
            expression,
            place: Some(place),
            descending,
        }
    }

    /// Whether the list has to be joined with another table for it.
    pub(crate) const fn is_joined(self) -> bool {
        self.place.is_some()
    }

    /// What rows are ordered by; ids make it whole.
    pub(crate) fn clause(self) -> String {
        let way = if self.descending { "DESC" } else { "ASC" };
        let (_table, id) = self.place.unwrap_or(("", "id"));
        format!("{} {way}, {id} {way}", self.expression)
    }

    /// The condition of being after a row, up to that row's id, which is bound at its end.
    pub(crate) fn after(self, table: &str) -> String {
        let (way, expression) = (if self.descending { "<" } else { ">" }, self.expression);
        let (table, id) = self.place.unwrap_or((table, "id"));
        format!("({expression}, {id}) {way} (SELECT {expression}, {id} FROM {table} WHERE {id} = ")
    }
}

/// A part of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed<T> {
    /// At most as many as were asked for.
    pub items: Vec<T>,
    /// Whether there are more after the last of them.
    pub more: bool,
    /// How many match in all, when that was asked.
    pub total: Option<i64>,
}

impl Page {
    /// The first page of this many.
    #[must_use]
    pub fn first(limit: i64) -> Self {
        Self {
            limit,
            ..Self::default()
        }
    }

    /// How many rows to read: one more than asked for tells whether there are more.
    pub(crate) const fn rows(&self) -> i64 {
        self.limit.saturating_add(1)
    }

    /// How many match in all, when the end of the list is among the rows that were read; otherwise
    /// they have to be counted.
    pub(crate) fn total_when_seen(&self, rows: usize) -> Option<i64> {
        let rows = i64::try_from(rows).ok()?;
        let reached = self.skip == 0 || rows > 0;
        (self.after.is_none() && reached && rows <= self.limit)
            .then(|| self.skip.saturating_add(rows))
    }

    /// Cuts what was read to the page.
    pub(crate) fn cut<T>(&self, mut items: Vec<T>, total: Option<i64>) -> Listed<T> {
        let limit = usize::try_from(self.limit).unwrap_or(0);
        let more = items.len() > limit;
        items.truncate(limit);
        Listed { items, more, total }
    }
}

/// A text for `LIKE` that matches what contains `part` (in the same case: give both to [`lower`],
/// since which letters have two cases is the database's to say), whose own `%` and `_` mean themselves.
/// The escape character is `\`, as Postgres has it by default; SQLite is told.
pub(crate) fn containing(part: &str) -> String {
    let mut pattern = String::with_capacity(part.len() + 2);
    pattern.push('%');
    for letter in part.chars() {
        if matches!(letter, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}

diesel::define_sql_function! {
    /// The text in lower case.
    fn lower(text: diesel::sql_types::Text) -> diesel::sql_types::Text;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_total_is_known_without_counting_only_when_the_end_was_read() {
        let page = Page::first(10);
        assert_eq!(page.total_when_seen(0), Some(0));
        assert_eq!(page.total_when_seen(10), Some(10));
        assert_eq!(page.total_when_seen(11), None);
        let second = Page {
            skip: 10,
            ..page.clone()
        };
        assert_eq!(second.total_when_seen(3), Some(13));
        assert_eq!(second.total_when_seen(0), None);
        let after = Page {
            after: Some("x".to_owned()),
            ..page
        };
        assert_eq!(after.total_when_seen(3), None);
    }
}
