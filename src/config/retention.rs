//! How long single requests stay listed: `headgate.requests_kept`, or LiteLLM's
//! `maximum_spend_logs_retention_period`; for ever when neither says so.

use domain::spans::Span;

use super::report::Report;
use super::section::Section;
use super::settings::Sources;

/// Reads it, in milliseconds. Sums stay in any case.
pub fn read(sources: &Sources<'_>, report: &mut Report) -> Option<u64> {
    let of = |section: Option<Section<'_>>, key: &str, report: &mut Report| {
        section.and_then(|section| span(&section, key, report))
    };
    let ours = of(sources.headgate, "requests_kept", report);
    let litellms = of(
        sources.general,
        "maximum_spend_logs_retention_period",
        report,
    );
    ours.or(litellms)
}

fn span(section: &Section<'_>, key: &str, report: &mut Report) -> Option<u64> {
    let text = section.text(key, report)?;
    let span: Option<Span> = text.parse().ok();
    let millis = span.and_then(Span::millis);
    if millis.is_none() {
        let message = (
            format!("`{key}` is no span of time"),
            "write days, such as 90d",
        );
        report.fault_with("wrong-type", section.place(key), message);
    }
    millis
}
