//! The handbook of the configuration, `docs/configuration.md`, made from the table of keys.

use std::fmt::Write;

use super::keys::{Key, SectionName, Standing};
use super::variables::VARIABLES;

/// Sections of our own below `headgate:`.
const OWN: &[SectionName] = &[
    SectionName::AlertTarget,
    SectionName::SignIn,
    SectionName::IdentityProvider,
    SectionName::IdentityRole,
    SectionName::JwtIssuer,
];

const BEGINNING: &str = include_str!("handbook.md");

/// The whole page.
#[must_use]
pub fn text() -> String {
    let mut page = String::from(BEGINNING);
    page.push_str("\n## Settings of Headgate's own: `headgate:`\n\n");
    honoured(&mut page, SectionName::Headgate);
    page.push_str("\n### An entry of `headgate.alert_targets`\n\n");
    honoured(&mut page, SectionName::AlertTarget);
    for section in OWN.iter().skip(1) {
        let _infallible = write!(page, "\n### `{}`\n\n", section.title());
        honoured(&mut page, *section);
    }
    page.push_str("\n## Variables\n\nThe environment counts before the file, a flag before both. Of several names the first counts. A variable of ours\nthat cannot mean anything (`HEADGATE_PORT=many`) is a fault; a shared one (`PORT=many`) is warned of and left alone.\n\n| variable | means |\n|---|---|\n");
    for (names, meaning) in VARIABLES {
        let _infallible = writeln!(page, "| {names} | {meaning} |");
    }
    page.push_str("\n## What is honoured of LiteLLM's keys\n");
    for section in litellm_sections() {
        let _infallible = write!(page, "\n### `{}`\n\n", section.title());
        honoured(&mut page, section);
    }
    page.push_str("\n## Not yet in effect\n\nAccepted, listed by `headgate check`, and without effect in this version.\n\n");
    for section in litellm_sections() {
        names(&mut page, section, Standing::NotYet);
    }
    page.push_str("\n## Accepted, and without a meaning here\n\n| key | why |\n|---|---|\n");
    for section in litellm_sections() {
        for key in with(section, Standing::Ignored) {
            let _infallible = writeln!(
                page,
                "| `{}.{}` | {} |",
                section.title(),
                key.name,
                key.note
            );
        }
    }
    page
}

fn litellm_sections() -> impl Iterator<Item = SectionName> {
    SectionName::ALL
        .iter()
        .copied()
        .filter(|section| *section != SectionName::Headgate && !OWN.contains(section))
}

fn with(section: SectionName, standing: Standing) -> impl Iterator<Item = &'static Key> {
    section.keys().filter(move |key| key.standing == standing)
}

fn honoured(page: &mut String, section: SectionName) {
    page.push_str("| key | does |\n|---|---|\n");
    for key in with(section, Standing::Honoured) {
        let _infallible = writeln!(page, "| `{}` | {} |", key.name, key.note);
    }
}

fn names(page: &mut String, section: SectionName, standing: Standing) {
    let keys: Vec<String> = with(section, standing)
        .map(|key| format!("`{}`", key.name))
        .collect();
    if !keys.is_empty() {
        let _infallible = write!(page, "**`{}`**: {}\n\n", section.title(), keys.join(", "));
    }
}
