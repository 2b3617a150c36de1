//! Tables for spreadsheets: comma-separated (RFC 4180), with no cell that a spreadsheet would run.

use actix_web::HttpResponse;
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use serde::Serialize;
use serde_json::Value;

/// A table as an answer, with the cursor of what follows in a header.
#[must_use]
pub fn answer<T: Serialize>(
    name: &str,
    columns: &[&str],
    rows: &[T],
    next_cursor: Option<String>,
) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    response
        .insert_header((CONTENT_TYPE, "text/csv; charset=utf-8; header=present"))
        .insert_header((
            CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}.csv\""),
        ));
    if let Some(cursor) = next_cursor {
        response.insert_header(("x-next-cursor", cursor));
    }
    let rows: Vec<Value> = rows
        .iter()
        .filter_map(|row| serde_json::to_value(row).ok())
        .collect();
    response.body(table(columns, &rows))
}

/// A table with a line of names, and a line for each object. What is no text is written as JSON, and
/// null as nothing.
#[must_use]
pub fn table(columns: &[&str], rows: &[Value]) -> String {
    let mut text = line(columns.iter().map(|name| (*name).to_owned()));
    for row in rows {
        text.push_str(&line(columns.iter().map(|name| match row.get(name) {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => guarded(text),
            Some(other) => other.to_string(),
        })));
    }
    text
}

fn line(cells: impl Iterator<Item = String>) -> String {
    let cells: Vec<String> = cells.map(quoted).collect();
    format!("{}\r\n", cells.join(","))
}

/// A text that begins like a formula gets an apostrophe before it: spreadsheets then show it, and do
/// not run it (CWE-1236). Tabs and line ends at the beginning would be passed over, so they count.
fn guarded(text: &str) -> String {
    let runs = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    if runs {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

fn quoted(cell: String) -> String {
    if cell.contains([',', '"', '\r', '\n', ';', '\t']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn no_cell_is_a_formula() {
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"] {
            let table = table(&["a"], &[json!({"a": text})]);
            let cell = table.lines().nth(1).unwrap().trim_start_matches('"');
            assert!(cell.starts_with('\''), "{table:?}");
        }
    }

    #[test]
    fn commas_quotes_and_line_ends_stay_in_their_cell() {
        let rows = [json!({"a": "x,\"y\"\nz", "b": null, "c": {"d": 1}, "e": -5})];
        let expect = "a,b,c,e\r\n\"x,\"\"y\"\"\nz\",,\"{\"\"d\"\":1}\",-5\r\n";
        assert_eq!(table(&["a", "b", "c", "e"], &rows), expect);
    }
}
