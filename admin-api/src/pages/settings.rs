//! `/ui/settings`: what the operator configured, as far as the admin side is told, and where.

use std::collections::BTreeMap;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template as _;
use domain::routing::Origin;
use store::page::Page;
use web_ui::figures::{count, duration};
use web_ui::pages::own::{SettingGroup, SettingRow, Settings, TriedNote};
use web_ui::words::Words;

use crate::acting::may;
use crate::actions::deployments::{self, Listing};
use crate::actions::{configuration, credentials};
use crate::pages::visit::Visit;
use crate::pages::{PageFault, answers, file_now, tries};
use crate::routes::{Route, unshaped_route};
use crate::settings::{ConfiguredValue, ValueSource};

/// The routes.
pub const ROUTES: &[Route] =
    &[unshaped_route!(GET "/ui/settings" => show, ReadSettings, "What the operator configured.")];

async fn show(visit: Visit<may::ReadSettings>) -> Result<HttpResponse, PageFault> {
    with(visit, None).await
}

/// The page, and what came of a try.
pub(super) async fn with(
    visit: Visit<may::ReadSettings>,
    tried: Option<TriedNote>,
) -> Result<HttpResponse, PageFault> {
    let page = Settings {
        file: file_now::card(&visit).await?,
        tries: tries::rows(&visit),
        tried,
        groups: groups(&visit).await?,
        frame: visit.frame,
    };
    answers::page(StatusCode::OK, &page.frame, page.render())
}

/// What is known of the gateway, then every value of its configuration, section by section.
async fn groups(visit: &Visit<may::ReadSettings>) -> Result<Vec<SettingGroup>, PageFault> {
    let mut groups = vec![general(visit), models(visit), safety(visit), kept(visit)];
    groups.push(stored(visit).await?);
    let file = visit.acting.api().settings.file.load();
    let mut sections: BTreeMap<&str, Vec<SettingRow>> = BTreeMap::new();
    for one in configuration::in_effect(&file) {
        let section = one.path.split(['.', '[']).next().unwrap_or_default();
        let rows = sections.entry(section).or_default();
        rows.push(configured(visit, one));
    }
    groups.extend(sections.into_iter().map(|(section, rows)| SettingGroup {
        title: section.to_owned(),
        rows,
    }));
    Ok(groups)
}

fn configured(visit: &Visit<may::ReadSettings>, one: &ConfiguredValue) -> SettingRow {
    let words = visit.words();
    let source = match &one.source {
        ValueSource::File { file, line } => format!("{file}:{line}"),
        ValueSource::Variable { name, .. } => format!("${name}"),
        ValueSource::Flag { name } => name.clone(),
        ValueSource::Default => words.t("setting-default"),
    };
    let source = match &one.replaces {
        None => source,
        Some(place) => {
            let told = [("source", source.into()), ("place", place.into())];
            words.with("setting-over", &told)
        }
    };
    SettingRow {
        name: one.path.clone(),
        value: value(words, one),
        source,
    }
}

/// A value in words where it is not shown.
pub(super) fn value(words: Words, one: &ConfiguredValue) -> String {
    let hidden = match &one.source {
        ValueSource::Variable { is_set: false, .. } | ValueSource::Default => "not-set",
        _ => "setting-hidden",
    };
    one.value.clone().unwrap_or_else(|| words.t(hidden))
}

/// A span in whole days, else in whole hours, else in seconds.
fn kept_for(words: Words, ms: u64) -> String {
    const HOUR_MS: u64 = 3_600_000;
    const DAY_MS: u64 = 24 * HOUR_MS;
    match ms {
        ms if ms.is_multiple_of(DAY_MS) => {
            words.with("kept-days", &[("days", (ms / DAY_MS).into())])
        }
        ms if ms.is_multiple_of(HOUR_MS) => {
            words.with("kept-hours", &[("hours", (ms / HOUR_MS).into())])
        }
        ms => duration(words, ms),
    }
}

/// How long what is kept.
fn kept(visit: &Visit<may::ReadSettings>) -> SettingGroup {
    let words = visit.words();
    let kept = visit.acting.api().settings.retention;
    let requests = match kept.requests_kept_ms {
        None => words.t("kept-for-ever"),
        Some(ms) => kept_for(words, ms),
    };
    let mebibytes = count(words, kept.journal_max_bytes >> 20);
    let rows = vec![
        row(visit, "kept-requests", requests, "headgate.requests_kept"),
        row(visit, "kept-sums", words.t("kept-for-ever"), ""),
        row(visit, "kept-audit", words.t("kept-for-ever"), ""),
        row(
            visit,
            "kept-journal",
            format!("{mebibytes} MiB"),
            "headgate.journal_max_bytes",
        ),
    ];
    group(visit, "kept", rows)
}

/// What the database adds to the file.
async fn stored(visit: &Visit<may::ReadSettings>) -> Result<SettingGroup, PageFault> {
    let words = visit.words();
    let listing = Listing {
        origin: Some(Origin::Store),
        ..Listing::default()
    };
    let reading = visit.acting.also::<may::ReadDeployments>()?;
    let deployments = deployments::all(&reading, reading.scope(), &listing).await?;
    let page = Page {
        count: true,
        ..Page::first(1)
    };
    let credentials = credentials::list(&visit.acting.also()?, &page).await?;
    let many = |number: usize| count(words, u64::try_from(number).unwrap_or(0));
    let credentials = usize::try_from(credentials.total.unwrap_or(0)).unwrap_or(0);
    let of = |name: &str, number: usize| row(visit, name, many(number), &words.t("origin-store"));
    let rows = vec![
        of("deployments", deployments.len()),
        of("credentials", credentials),
    ];
    Ok(group(visit, "origin-store", rows))
}

fn group(visit: &Visit<may::ReadSettings>, title: &str, rows: Vec<SettingRow>) -> SettingGroup {
    SettingGroup {
        title: visit.words().t(title),
        rows,
    }
}

fn row(visit: &Visit<may::ReadSettings>, name: &str, value: String, source: &str) -> SettingRow {
    SettingRow {
        name: visit.words().t(name),
        value,
        source: source.to_owned(),
    }
}

fn general(visit: &Visit<may::ReadSettings>) -> SettingGroup {
    let (words, settings) = (visit.words(), &visit.acting.api().settings);
    let public = settings
        .public_url
        .clone()
        .unwrap_or_else(|| words.t("not-set"));
    let rows = vec![
        row(
            visit,
            "setting-version",
            env!("CARGO_PKG_VERSION").to_owned(),
            "",
        ),
        row(
            visit,
            "setting-public-url",
            public,
            "headgate.public_base_url",
        ),
        row(
            visit,
            "time-zone",
            visit.clock.zone.name().to_owned(),
            "PATCH /api/v1/organizations",
        ),
    ];
    group(visit, "settings-general", rows)
}

fn models(visit: &Visit<may::ReadSettings>) -> SettingGroup {
    let settings = &visit.acting.api().settings;
    let file = settings.file.load();
    let words = visit.words();
    let number = |number: usize| count(words, u64::try_from(number).unwrap_or(0));
    let rows = vec![
        row(
            visit,
            "setting-deployments",
            number(file.table.deployments.len()),
            "model_list",
        ),
        row(
            visit,
            "setting-aliases",
            number(file.table.aliases.len()),
            "router_settings.model_group_alias",
        ),
        row(
            visit,
            "setting-strategy",
            file.table.router.strategy.as_str().to_owned(),
            "router_settings.routing_strategy",
        ),
    ];
    group(visit, "nav-models", rows)
}

fn safety(visit: &Visit<may::ReadSettings>) -> SettingGroup {
    let (words, settings) = (visit.words(), &visit.acting.api().settings);
    let master = match (&settings.master_key, settings.master_key_is_weak) {
        (None, _) => words.t("not-set"),
        (Some(_), true) => words.t("setting-weak"),
        (Some(_), false) => words.t("setting-strong"),
    };
    let anchors = settings
        .anchor_file
        .as_ref()
        .map(|path| path.display().to_string());
    let template = words.t(if settings.file.load().key_template.is_some() {
        "setting-yes"
    } else {
        "not-set"
    });
    let rows = vec![
        row(visit, "master-key", master, "HEADGATE_MASTER_KEY"),
        row(
            visit,
            "setting-anchors",
            anchors.unwrap_or_else(|| words.t("not-set")),
            "headgate.audit",
        ),
        row(
            visit,
            "setting-template",
            template,
            "litellm_settings.default_key_generate_params",
        ),
    ];
    group(visit, "settings-safety", rows)
}

#[cfg(test)]
mod tests {
    use web_ui::words::Language;

    use super::*;

    #[test]
    fn less_than_a_day_is_not_told_as_no_days() {
        let words = Words {
            language: Language::English,
        };
        let told = |ms: u64| kept_for(words, ms);
        assert_eq!(told(30 * 86_400_000), "30 days");
        assert_eq!(told(12 * 3_600_000), "12 hours");
        assert_eq!(told(36 * 3_600_000), "36 hours");
        assert_eq!(told(3_600_000), "1 hour");
        assert_eq!(told(90_000), "90.00 s");
    }
}
