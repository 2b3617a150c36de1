//! From OpenMetrics to the older text format of Prometheus, which every scraper reads.

use std::fmt::Write;

/// The media type of the older format.
pub const PROMETHEUS: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The media type of OpenMetrics.
pub const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// What a scraper that asks so is answered: the media type and the text.
#[must_use]
pub fn in_format(accept: Option<&str>, open_metrics: String) -> (&'static str, String) {
    match wants_open_metrics(accept) {
        true => (OPEN_METRICS, open_metrics),
        false => (PROMETHEUS, prometheus(&open_metrics)),
    }
}

/// Whether a scraper asks for OpenMetrics; without a wish it gets the older format, as from
/// Prometheus' own libraries.
#[must_use]
pub fn wants_open_metrics(accept: Option<&str>) -> bool {
    accept.is_some_and(|accept| accept.contains("application/openmetrics-text"))
}

/// The same samples in the older format. There a counter's family is named like its samples, with
/// `_total`, and neither units nor an end are written (Prometheus' documentation of the text format, 0.0.4).
#[must_use]
pub fn prometheus(open_metrics: &str) -> String {
    let mut text = String::with_capacity(open_metrics.len());
    let mut help = None;
    for line in open_metrics.lines() {
        if let Some(about) = line.strip_prefix("# HELP ") {
            help = about.split_once(' ');
        } else if let Some((name, kind)) = line
            .strip_prefix("# TYPE ")
            .and_then(|family| family.split_once(' '))
        {
            let total = if kind == "counter" { "_total" } else { "" };
            if let Some((_, words)) = help.take() {
                let _infallible = writeln!(text, "# HELP {name}{total} {words}");
            }
            let _infallible = writeln!(text, "# TYPE {name}{total} {kind}");
        } else if !line.starts_with("# UNIT ") && line != "# EOF" {
            text.push_str(line);
            text.push('\n');
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scraper_of_the_older_format_reads_counters_as_counters() {
        let open_metrics = "# HELP seen Requests seen.\n# TYPE seen counter\n\
            seen_total{model=\"a # b\"} 3\n# HELP took_seconds Time.\n# TYPE took_seconds histogram\n\
            # UNIT took_seconds seconds\ntook_seconds_sum 1.0\ntook_seconds_bucket{le=\"+Inf\"} 1\n# EOF\n";
        assert_eq!(
            prometheus(open_metrics),
            "# HELP seen_total Requests seen.\n# TYPE seen_total counter\n\
             seen_total{model=\"a # b\"} 3\n# HELP took_seconds Time.\n# TYPE took_seconds histogram\n\
             took_seconds_sum 1.0\ntook_seconds_bucket{le=\"+Inf\"} 1\n"
        );
    }

    #[test]
    fn a_scraper_gets_the_format_that_it_asks_for() {
        assert!(!wants_open_metrics(None));
        assert!(!wants_open_metrics(Some(
            "text/plain;version=0.0.4,*/*;q=0.1"
        )));
        assert!(wants_open_metrics(Some(
            "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;q=0.2"
        )));
    }
}
