//! The walls between the crates: which may name which, and what of others.

use std::collections::BTreeSet;

use crate::sources::{none, read};

/// What of others only the crate that keeps things may name.
const DATABASES: &[&str] = &[
    "diesel",
    "diesel-async",
    "diesel_migrations",
    "libsqlite3-sys",
    "tokio-postgres",
    "tokio-postgres-rustls",
];
/// Which of our crates each crate may name, and which crates of others it may not beside databases.
const WALLS: &[(&str, &[&str], &[&str])] = &[
    (
        "domain",
        &[],
        &["tokio", "hyper", "reqwest", "actix-web", "redis"],
    ),
    (
        "providers",
        &["domain"],
        &[
            "tokio",
            "hyper",
            "hyper-util",
            "reqwest",
            "actix-web",
            "redis",
        ],
    ),
    (
        "data-plane",
        &["domain", "providers"],
        &["actix-web", "askama", "reqwest", "serde-saphyr", "clap"],
    ),
    (
        "store",
        &["domain"],
        &["actix-web", "hyper", "reqwest", "clap"],
    ),
    ("web-ui", &["domain"], &["tokio", "actix-web", "hyper"]),
    (
        "admin-api",
        &["domain", "providers", "store", "web-ui"],
        &["hyper", "clap"],
    ),
    (
        ".",
        &["domain", "providers", "data-plane", "store", "admin-api"],
        &[],
    ),
];
/// Everything of ours that may be depended on.
const OURS: &[&str] = &[
    "domain",
    "providers",
    "data-plane",
    "store",
    "web-ui",
    "admin-api",
    "harness",
    "headgate",
];

/// The names in `[dependencies]` of a manifest.
fn dependencies(manifest: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut is_inside = false;
    for line in manifest.lines() {
        if line.starts_with('[') {
            is_inside = line == "[dependencies]";
        } else if is_inside && let Some((name, _)) = line.split_once(['.', ' ', '=']) {
            names.insert(name.to_owned());
        }
    }
    names
}

#[test]
fn the_walls_between_the_crates_stand() {
    let mut findings = Vec::new();
    for (name, allowed, forbidden) in WALLS {
        let names = dependencies(&read(&format!("{name}/Cargo.toml")));
        for dependency in &names {
            let is_foreign_to_it =
                OURS.contains(&dependency.as_str()) && !allowed.contains(&dependency.as_str());
            let is_a_database = DATABASES.contains(&dependency.as_str()) && *name != "store";
            if is_foreign_to_it || is_a_database || forbidden.contains(&dependency.as_str()) {
                findings.push(format!("{name} depends on {dependency}"));
            }
        }
    }
    none("each crate sees only what lies below it", &findings);
}

#[test]
fn every_crate_has_its_walls() {
    let manifest = read("Cargo.toml");
    let members = manifest
        .lines()
        .find_map(|line| line.strip_prefix("members = ["))
        .unwrap_or_default();
    let members: BTreeSet<&str> = members.split('"').skip(1).step_by(2).collect();
    let walled: BTreeSet<&str> = WALLS.iter().map(|(name, _, _)| *name).collect();
    let only_for_tests = BTreeSet::from(["tests/harness"]);
    assert_eq!(members, &walled | &only_for_tests);
}

#[test]
fn every_dependency_stands_in_the_decision_with_its_reason() {
    let manifest = read("Cargo.toml");
    let reasons = read("docs/decisions/0005-dependencies.md");
    let section = manifest.split("[workspace.dependencies]").nth(1);
    let section = section.and_then(|text| text.split("\n[").next());
    let names: Vec<&str> = section
        .unwrap_or_default()
        .lines()
        .filter_map(|line| line.split_once(" = "))
        .map(|(name, _version)| name)
        .filter(|name| !OURS.contains(name))
        .collect();
    assert!(names.len() > 30, "only {names:?} were found");
    let missing: Vec<String> = names
        .into_iter()
        .filter(|name| !reasons.contains(&format!("\n| `{name}` |")))
        .map(str::to_owned)
        .collect();
    none(
        "docs/decisions/0005-dependencies.md has a row for each dependency",
        &missing,
    );
}
