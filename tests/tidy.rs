//! The house rules that a compiler cannot check. Each failure names the place and the rule.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "functions that tests share may stop a test as the tests themselves may"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use functions::{bare, functions};
use sources::{none, read, root, rust_sources, sources};

#[path = "tidy/functions.rs"]
mod functions;
#[path = "tidy/licences.rs"]
mod licences;
#[path = "tidy/sources.rs"]
mod sources;
#[path = "tidy/walls.rs"]
mod walls;

/// Code without its tests may have this many lines.
const MAX_FILE_LINES: usize = 400;
/// Tables that are nothing else may be longer.
const TABLES: &[&str] = &[];
/// A function may have this many lines, its signature and braces among them.
const MAX_FUNCTION_LINES: usize = 60;
/// Names that say nothing about what a file does.
const VAGUE_NAMES: &[&str] = &[
    "util", "utils", "helper", "helpers", "common", "misc", "types", "models", "manager",
];
/// Two words for one thing; the right one stands beside it.
const WRONG_WORDS: &[(&str, &str)] = &[
    ("upstream_provider", "provider"),
    ("virtual_token", "virtual key"),
    ("api_token", "credential or virtual key"),
    ("model_deployment", "deployment"),
    ("master_token", "master key"),
];
#[test]
fn every_file_says_its_purpose_in_its_first_line() {
    let mut findings = Vec::new();
    for source in rust_sources() {
        let first = source.text.lines().next().unwrap_or_default();
        if !first.starts_with("//! ") {
            findings.push(format!("{}: `{first}`", source.path));
        }
    }
    none(
        "the first line of a file is `//!` and its one purpose",
        &findings,
    );
}

#[test]
fn no_file_is_long() {
    let mut findings = Vec::new();
    for source in rust_sources() {
        let lines = source.code_lines().len();
        if lines > MAX_FILE_LINES && !TABLES.contains(&source.path.as_str()) {
            findings.push(format!("{}: {lines} lines", source.path));
        }
    }
    none("a file has at most 400 lines without its tests", &findings);
}

#[test]
fn no_function_is_long() {
    let mut findings = Vec::new();
    for source in rust_sources() {
        for (name, lines) in functions(&source.lines()) {
            if lines > MAX_FUNCTION_LINES {
                findings.push(format!("{}: {name} has {lines} lines", source.path));
            }
        }
    }
    none("a function has at most 60 lines", &findings);
}

#[test]
fn no_file_name_is_vague() {
    let mut findings = Vec::new();
    for source in rust_sources() {
        let path = PathBuf::from(&source.path);
        let own = path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let folder = path
            .parent()
            .and_then(Path::file_name)
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let is_vague = VAGUE_NAMES.contains(&own.as_str())
            || (own == "mod" && VAGUE_NAMES.contains(&folder.as_str()));
        if is_vague {
            findings.push(source.path);
        }
    }
    none("a file is named for what it does", &findings);
}

#[test]
fn providers_and_domain_open_no_socket_and_no_file() {
    let mut findings = Vec::new();
    for source in rust_sources() {
        if !source.path.starts_with("providers/src/") && !source.path.starts_with("domain/src/") {
            continue;
        }
        for line in source.code_lines() {
            let bare = bare(line);
            let effect = ["std::net::Tcp", "std::fs", "std::process", "std::env::var"];
            if effect.iter().any(|effect| bare.contains(effect))
                && !source.path.contains("/golden/")
            {
                findings.push(format!("{}: {}", source.path, line.trim()));
            }
        }
    }
    none("what is pure stays pure", &findings);
}

#[test]
fn every_provider_is_listed_and_has_cases() {
    let listed = read("providers/src/lib.rs");
    let mut findings = Vec::new();
    let mut count = 0;
    for source in rust_sources() {
        let Some(vendor) = source
            .path
            .strip_prefix("providers/src/")
            .and_then(|path| path.strip_suffix("/mod.rs"))
        else {
            continue;
        };
        if !source.text.contains("impl Provider for") || vendor == "openai_compatible" {
            continue;
        }
        count += 1;
        if !listed.contains(&format!("&{vendor}::")) {
            findings.push(format!("{vendor} is not in providers::ALL"));
        }
        let cases = root().join("providers/src").join(vendor).join("cases");
        let cases = fs::read_dir(cases).map_or(0, Iterator::count);
        if cases < 3 {
            findings.push(format!("{vendor} has {cases} cases"));
        }
    }
    assert!(count >= 4, "only {count} vendors were found");
    none(
        "a vendor is one folder with cases, and one line in lib.rs",
        &findings,
    );
}

/// The codes in the table of `GatewayError`.
fn error_codes() -> BTreeSet<String> {
    let text = read("data-plane/src/error.rs");
    let table = text.split("fn status_and_code").nth(1).unwrap_or_default();
    let table = table.split("match self {").nth(1).unwrap_or_default();
    let table = table.split("};").next().unwrap_or_default();
    let row = |line: &str| {
        line.trim()
            .trim_end_matches(',')
            .strip_suffix("\")")?
            .rsplit('"')
            .next()
            .map(str::to_owned)
    };
    let codes: BTreeSet<String> = table.lines().filter_map(row).collect();
    assert!(
        codes.len() >= 15,
        "the table of errors was not understood: {codes:?}"
    );
    codes
}

#[test]
fn every_error_code_has_a_heading_in_the_documentation() {
    let documented = read("docs/errors.md");
    let headings: BTreeSet<String> = documented
        .lines()
        .filter_map(|line| line.strip_prefix("#"))
        .filter_map(|line| line.split('`').nth(1).map(str::to_owned))
        .collect();
    let missing: Vec<String> = error_codes().difference(&headings).cloned().collect();
    none(
        "docs/errors.md has a heading `code` for each error",
        &missing,
    );
}

#[test]
fn one_thing_has_one_word() {
    let mut findings = Vec::new();
    for source in rust_sources() {
        if source.path == "tests/tidy.rs" {
            continue;
        }
        for (wrong, right) in WRONG_WORDS {
            if source.text.contains(wrong) {
                findings.push(format!("{}: `{wrong}` is called {right}", source.path));
            }
        }
    }
    none("the vocabulary has one word for each thing", &findings);
}

#[test]
fn no_file_names_a_place_of_one_machine() {
    // Written so that this file does not hold them itself.
    let places = [
        ["", "work", ""],
        ["", "root", ""],
        ["", "home", ""],
        ["", "Users", ""],
    ]
    .map(|parts| parts.join("/"));
    let mut findings = Vec::new();
    for source in sources() {
        for (number, line) in source.lines().iter().enumerate() {
            let hit = places.iter().find(|place| line.contains(place.as_str()));
            if let Some(place) = hit {
                findings.push(format!("{}:{}: {place}", source.path, number + 1));
            }
        }
    }
    none("the repository works on every machine", &findings);
}

#[test]
fn what_is_left_to_do_has_a_number() {
    let mut findings = Vec::new();
    for source in rust_sources() {
        if source.path == "tests/tidy.rs" {
            continue;
        }
        for (number, line) in source.lines().iter().enumerate() {
            let is_todo = ["TODO", "FIXME", "XXX", "HACK"]
                .iter()
                .any(|word| line.contains(word));
            if is_todo && !line.contains("(#") {
                findings.push(format!("{}:{}: {}", source.path, number + 1, line.trim()));
            }
        }
    }
    none("a TODO names an issue: TODO(#12)", &findings);
}

#[test]
fn no_test_is_switched_off() {
    let attributes = ["ignore", "should_panic"].map(|name| format!("#[{name}"));
    let mut findings = Vec::new();
    for source in rust_sources() {
        for attribute in &attributes {
            if source.text.contains(attribute.as_str()) {
                findings.push(format!("{}: {attribute}", source.path));
            }
        }
    }
    none("a test runs and says what it expects", &findings);
}

#[test]
fn no_test_sleeps_without_saying_why() {
    let mut findings = Vec::new();
    for source in rust_sources() {
        if !source.path.starts_with("tests/") || source.path == "tests/tidy.rs" {
            continue;
        }
        let lines = source.lines();
        for (number, pair) in lines.windows(2).enumerate() {
            let [before, line] = pair else { continue };
            if line.contains("sleep(") && !before.trim_start().starts_with("//") {
                findings.push(format!("{}:{}: {}", source.path, number + 2, line.trim()));
            }
        }
    }
    none(
        "only where time itself is tested may a test sleep, and a comment says so",
        &findings,
    );
}

#[test]
fn the_readmes_two_commands_exist() {
    let readme = read("README.md");
    for command in [
        "cargo run --release -- --config examples/tutorial.yaml",
        "./scripts/test",
    ] {
        assert!(readme.contains(command), "the README lost `{command}`");
    }
    read("examples/tutorial.yaml");
    assert!(
        read(".ci/run").contains("./scripts/test"),
        ".ci/run calls what the README names"
    );
    for script in ["scripts/test", ".ci/run", "fuzz/run"] {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(root().join(script))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o111, 0o111, "{script} can be run");
    }
}
