//! The house rules that a compiler cannot check. Each failure names the place and the rule.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

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
/// Files whose vague name means something exact.
const NAMED_FOR_A_THING: &[&str] = &[
    // `GET /models`, a path of OpenAI's.
    "data-plane/src/endpoints/models.rs",
    // The section `model_list` of the file.
    "src/config/models.rs",
];
/// Two words for one thing; the right one stands beside it.
const WRONG_WORDS: &[(&str, &str)] = &[
    ("upstream_provider", "provider"),
    ("virtual_token", "virtual key"),
    ("api_token", "credential or virtual key"),
    ("model_deployment", "deployment"),
    ("master_token", "master key"),
    ("endpoint_url", "base_url"),
];
/// Which of our crates each crate may name, and which crates of others it may not.
const WALLS: &[(&str, &[&str], &[&str])] = &[
    (
        "domain",
        &[],
        &["tokio", "hyper", "reqwest", "diesel", "redis"],
    ),
    (
        "providers",
        &["domain"],
        &["tokio", "hyper", "hyper-util", "reqwest", "diesel", "redis"],
    ),
    (
        "data-plane",
        &["domain", "providers"],
        &["diesel", "actix-web", "serde-saphyr", "clap"],
    ),
];
/// Everything of ours that may be depended on.
const OURS: &[&str] = &["domain", "providers", "data-plane", "harness", "headgate"];

/// A file of the repository: its path from the root, and its text.
struct Source {
    path: String,
    text: String,
}

impl Source {
    fn lines(&self) -> Vec<&str> {
        self.text.lines().collect()
    }

    /// The lines before a trailing `#[cfg(test)] mod … {`.
    fn code_lines(&self) -> Vec<&str> {
        let lines = self.lines();
        let is_test_module = |pair: &[&str]| {
            let [attribute, module] = pair else {
                return false;
            };
            attribute.trim() == "#[cfg(test)]"
                && module.trim_start().starts_with("mod ")
                && module.contains('{')
        };
        let end = lines.windows(2).position(is_test_module);
        lines.into_iter().take(end.unwrap_or(usize::MAX)).collect()
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file that is ours and is text.
fn sources() -> Vec<Source> {
    let mut found = Vec::new();
    let mut folders = vec![root().to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                let skipped = [
                    "target",
                    ".git",
                    "node_modules",
                    "__pycache__",
                    "headgate-data",
                    "corpus",
                ];
                if !skipped.contains(&name.as_str()) {
                    folders.push(path);
                }
            } else if let Ok(text) = fs::read_to_string(&path) {
                let path = path
                    .strip_prefix(root())
                    .unwrap()
                    .to_string_lossy()
                    .into_owned();
                found.push(Source { path, text });
            }
        }
    }
    assert!(found.len() > 50, "only {} files were found", found.len());
    found
}

fn rust_sources() -> Vec<Source> {
    let is_rust = |source: &Source| source.path.ends_with(".rs");
    sources().into_iter().filter(is_rust).collect()
}

fn read(path: &str) -> String {
    match fs::read_to_string(root().join(path)) {
        Ok(text) => text,
        Err(error) => panic!("{path}: {error}"),
    }
}

/// Fails with every finding at once.
fn none(rule: &str, findings: &[String]) {
    assert!(findings.is_empty(), "{rule}:\n  {}", findings.join("\n  "));
}

#[test]
fn every_file_says_its_purpose_in_its_first_line() {
    let mut findings = Vec::new();
    for source in rust_sources() {
        let first = source.text.lines().next().unwrap_or_default();
        if !first.starts_with("//! ") || first.len() < 12 {
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

/// A line without its strings, characters and comments, so that braces can be counted.
fn bare(line: &str) -> String {
    let mut bare = String::new();
    let mut rest = line.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            '/' if rest.peek() == Some(&'/') => break,
            '"' => {
                while let Some(inside) = rest.next() {
                    match inside {
                        '\\' => drop(rest.next()),
                        '"' => break,
                        _ => {}
                    }
                }
            }
            '\'' => {
                // A character, unless it is a lifetime.
                let mut ahead = rest.clone();
                let escaped = ahead.next() == Some('\\');
                if escaped {
                    ahead.next();
                }
                if escaped || ahead.peek() == Some(&'\'') {
                    ahead.next();
                    rest = ahead;
                }
            }
            other => bare.push(other),
        }
    }
    bare
}

/// The name of a function that begins on this line.
fn function_name(line: &str) -> Option<String> {
    let mut words = line.split_whitespace().peekable();
    while words
        .next_if(|word| matches!(*word, "const" | "async" | "unsafe") || word.starts_with("pub"))
        .is_some()
    {}
    (words.next() == Some("fn")).then(|| words.next().unwrap_or_default().to_owned())
}

/// Name and length of each function.
fn functions(lines: &[&str]) -> Vec<(String, usize)> {
    let mut found = Vec::new();
    for (start, line) in lines.iter().enumerate() {
        let Some(name) = function_name(line) else {
            continue;
        };
        let (mut depth, mut opened) = (0_usize, false);
        for (count, line) in lines.iter().skip(start).enumerate() {
            let bare = bare(line);
            depth = (depth + bare.matches('{').count()).saturating_sub(bare.matches('}').count());
            opened |= bare.contains('{');
            if opened && depth == 0 {
                found.push((name, count + 1));
                break;
            }
            if !opened && bare.trim_end().ends_with(';') {
                break;
            }
        }
    }
    found
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
fn function_lengths_are_counted_as_a_reader_counts_them() {
    let text = "fn a() {\n    let brace = '{';\n    f(\"{\"); // {\n}\n\npub(crate) async fn b<'a>(\n    x: &'a str,\n) {\n}\nfn declared();\n";
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(
        functions(&lines),
        [("a()".to_owned(), 4), ("b<'a>(".to_owned(), 4)]
    );
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
        if is_vague && !NAMED_FOR_A_THING.contains(&source.path.as_str()) {
            findings.push(source.path);
        }
    }
    none("a file is named for what it does", &findings);
}

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
            if is_foreign_to_it || forbidden.contains(&dependency.as_str()) {
                findings.push(format!("{name} depends on {dependency}"));
            }
        }
    }
    none("each crate sees only what lies below it", &findings);
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
    let table = table.split("StatusAndCode {").next().unwrap_or_default();
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
