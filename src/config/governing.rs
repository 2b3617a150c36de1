//! How requests are held to budgets: what the journal may take of the disk, how long a request
//! waits for money that others hold, with which status it is refused.

use super::report::Report;
use super::section::Section;
use super::settings::Sources;

/// How requests are held to budgets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Governing {
    /// The most that the journal may take of the disk.
    pub journal_max_bytes: u64,
    /// How long a request waits for money that requests under way hold.
    pub budget_wait_ms: u64,
    /// The status of a request that a budget refuses.
    pub budget_exceeded_status: u16,
}

impl Default for Governing {
    fn default() -> Self {
        Self {
            journal_max_bytes: 8 << 30,
            budget_wait_ms: 10_000,
            budget_exceeded_status: 429,
        }
    }
}

/// Below this the journal could not even hold what is being written.
const LEAST_JOURNAL_BYTES: u64 = 16 << 20;

/// Reads `headgate:` and LiteLLM's `litellm_settings.budget_exceeded_status_code`.
pub fn read(sources: &Sources<'_>, report: &mut Report) -> Governing {
    let mut governing = Governing::default();
    if let Some(litellm) = &sources.litellm
        && let Some(status) = status(litellm, report)
    {
        governing.budget_exceeded_status = status;
    }
    let Some(headgate) = &sources.headgate else {
        return governing;
    };
    if let Some(bytes) = headgate.integer::<u64>("journal_max_bytes", report) {
        if bytes < LEAST_JOURNAL_BYTES {
            report.warn(
                "small-journal",
                headgate.place("journal_max_bytes"),
                format!(
                    "`journal_max_bytes` is below {LEAST_JOURNAL_BYTES}: that much is taken instead"
                ),
            );
        }
        governing.journal_max_bytes = bytes.max(LEAST_JOURNAL_BYTES);
    }
    if let Some(wait_ms) = headgate.integer("budget_wait_ms", report) {
        governing.budget_wait_ms = wait_ms;
    }
    governing
}

fn status(section: &Section<'_>, report: &mut Report) -> Option<u16> {
    const KEY: &str = "budget_exceeded_status_code";
    let status = section.integer::<u16>(KEY, report)?;
    if (400..500).contains(&status) {
        return Some(status);
    }
    report.warn(
        "no-client-error",
        section.place(KEY),
        format!("`{KEY}` has to be from 400 to 499; 429 is used"),
    );
    None
}
