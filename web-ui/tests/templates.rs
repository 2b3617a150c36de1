//! What every template and every catalogue of texts keeps to.

#![expect(
    clippy::unwrap_used,
    reason = "functions that tests share may stop a test as the tests themselves may"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use web_ui::words::{Language, Words};

/// Files below a folder with this end of their names: path and text.
fn files(folder: &str, end: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_string_lossy().ends_with(end) {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path.to_string_lossy().into_owned(), text));
            }
        }
    }
    assert!(!found.is_empty(), "nothing in {folder}");
    found
}

/// The console's templates; the page of the API is a page of its own.
fn templates() -> Vec<(String, String)> {
    let all = files("templates", ".html").into_iter();
    let ours = |(path, _text): &(String, String)| !path.ends_with("api_reference.html");
    all.filter(ours).collect()
}

/// Everything that may name a text: templates, the pages here and their routes.
fn sources() -> Vec<(String, String)> {
    let mut all = templates();
    all.extend(files("src", ".rs"));
    all.extend(files("../admin-api/src/pages", ".rs"));
    all.extend(files("../admin-api/src/alerts", ".rs"));
    all.extend(files("../admin-api/src/actions/invitations", ".rs"));
    all
}

fn ids(language: Language) -> BTreeSet<String> {
    let lines = language.source().lines();
    let ids = lines.filter_map(|line| {
        let (id, _text) = line.split_once(" =")?;
        let is_id = id.starts_with(|first: char| first.is_ascii_lowercase());
        is_id.then(|| id.to_owned())
    });
    ids.collect()
}

/// The texts in quotation marks of a source.
fn quoted(text: &str) -> BTreeSet<String> {
    text.split('"').map(str::to_owned).collect()
}

fn none(rule: &str, findings: &[String]) {
    assert!(findings.is_empty(), "{rule}:\n  {}", findings.join("\n  "));
}

#[test]
fn every_text_that_is_asked_for_is_in_every_catalogue() {
    let mut findings = Vec::new();
    for (path, text) in sources() {
        for call in [".t(\"", " t(\"", "(t(\"", ".with(\"", ".with(\n"] {
            for rest in text.split(call).skip(1) {
                let rest = rest.trim_start().trim_start_matches('"');
                let id = rest.split('"').next().unwrap_or_default();
                let looks_so = id.contains('-')
                    && id
                        .bytes()
                        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
                for language in Language::ALL {
                    if looks_so
                        && !(Words {
                            language: *language,
                        })
                        .has(id)
                    {
                        findings.push(format!("{path}: {id} in {language:?}"));
                    }
                }
            }
        }
    }
    none("a text has to be in the catalogue", &findings);
}

#[test]
fn every_text_of_a_catalogue_is_asked_for_and_in_all_languages() {
    // Put together from a word and a number, or from what an address names.
    const MADE: [&str; 5] = ["month-", "weekday-", "said-", "fault-", "blocked-by-"];
    let mut asked: BTreeSet<String> = BTreeSet::new();
    for (_path, text) in sources() {
        asked.extend(quoted(&text));
    }
    let english = ids(Language::English);
    let unused = english
        .iter()
        .filter(|id| !asked.contains(*id) && !MADE.iter().any(|made| id.starts_with(made)));
    let findings: Vec<String> = unused.cloned().collect();
    none("a text that nobody reads is taken out", &findings);
    for language in Language::ALL {
        let theirs = ids(*language);
        let missing: Vec<String> = english.symmetric_difference(&theirs).cloned().collect();
        none("all catalogues have the same texts", &missing);
    }
}

/// A template without its expressions and tags: what it says by itself.
fn own_words(template: &str) -> String {
    let mut text = String::new();
    let mut rest = template;
    while let Some(at) = rest.find(['{', '<']) {
        text.push_str(rest.get(..at).unwrap());
        let tail = rest.get(at..).unwrap();
        let end = if tail.starts_with("{{") {
            "}}"
        } else if tail.starts_with("{%") {
            "%}"
        } else {
            // A tag ends after its expressions.
            text.push(' ');
            rest = after_tag(tail);
            continue;
        };
        rest = tail.split_once(end).map_or("", |(_inside, rest)| rest);
    }
    text.push_str(rest);
    text
}

fn after_tag(tail: &str) -> &str {
    let mut rest = tail.get(1..).unwrap();
    loop {
        let Some(at) = rest.find(['{', '>', '\'', '"']) else {
            return "";
        };
        let found = rest.get(at..).unwrap();
        let close = match found.chars().next() {
            Some('>') => return found.get(1..).unwrap(),
            Some('{') if found.starts_with("{{") => "}}",
            Some('{') if found.starts_with("{%") => "%}",
            _ => {
                rest = found.get(1..).unwrap();
                continue;
            }
        };
        rest = found.split_once(close).map_or("", |(_inside, rest)| rest);
    }
}

#[test]
fn no_template_has_a_text_of_its_own() {
    // Names, and what keyboards say.
    const NAMES: [&str; 10] = [
        "Headgate",
        "Ctrl",
        "K",
        "Esc",
        "Enter",
        "v",
        "headgate.public_base_url:",
        "https://…",
        "insufficient_quota",
        "429",
    ];
    let mut findings = Vec::new();
    for (path, template) in templates() {
        for word in own_words(&template).split_whitespace() {
            let word = word.trim_matches(|letter: char| ".,:;·()/".contains(letter));
            let has_letters = word.chars().filter(|letter| letter.is_alphabetic()).count() > 1;
            if has_letters
                && !NAMES.contains(&word)
                && !NAMES.iter().any(|name| name.trim_end_matches(':') == word)
            {
                findings.push(format!("{path}: {word}"));
            }
        }
    }
    none("texts come from the catalogue", &findings);
}

#[test]
fn nothing_of_a_template_is_inline_and_of_htmx_only_what_was_agreed() {
    const ALLOWED: [&str; 12] = [
        "hx-get",
        "hx-post",
        "hx-patch",
        "hx-delete",
        "hx-target",
        "hx-swap",
        "hx-trigger",
        "hx-push-url",
        "hx-sync",
        "hx-nonce",
        "hx-sse:connect",
        "hx-sse:close",
    ];
    let mut findings = Vec::new();
    for (path, text) in templates() {
        for banned in [
            " style=",
            "<style",
            "javascript:",
            "hx-on",
            "js:",
            "hx-vals",
            "hx-boost",
            "|safe",
        ] {
            if text.contains(banned) {
                findings.push(format!("{path}: {banned}"));
            }
        }
        if text
            .split("<script")
            .skip(1)
            .any(|tag| !tag.split('>').next().unwrap().contains(" src="))
        {
            findings.push(format!("{path}: a script without src"));
        }
        let attributes = text
            .split([' ', '\n'])
            .filter_map(|word| word.split_once('='));
        for (name, _value) in attributes {
            if name.starts_with("on") && name.bytes().all(|b| b.is_ascii_lowercase()) {
                findings.push(format!("{path}: {name}"));
            }
            if name.starts_with("hx-") && !ALLOWED.contains(&name) {
                findings.push(format!("{path}: {name}"));
            }
        }
        // Each element that htmx acts on carries the nonce.
        let acting = text.matches(" hx-get=").count()
            + text.matches(" hx-post=").count()
            + text.matches(" hx-sse:connect=").count();
        if acting > text.matches(" hx-nonce=").count() {
            findings.push(format!("{path}: an element of htmx without hx-nonce"));
        }
    }
    none("pages are what SPEC and policy allow", &findings);
}

#[test]
fn every_file_and_icon_that_a_template_names_is_there() {
    let sprite =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("vendor/lucide-sprite.svg"))
            .unwrap();
    let mut findings = Vec::new();
    for (path, text) in templates() {
        for rest in text.split("frame.i(\"").skip(1) {
            let icon = rest.split('"').next().unwrap();
            if !sprite.contains(&format!("symbol id=\"{icon}\"")) {
                findings.push(format!("{path}: icon {icon}"));
            }
        }
        for rest in text.split("frame.asset(\"").skip(1) {
            let file = rest.split('"').next().unwrap();
            if web_ui::assets::hashed(file) == file {
                findings.push(format!("{path}: file {file}"));
            }
        }
    }
    none("what a page needs is in the program", &findings);
}

#[test]
fn what_others_wrote_is_as_it_was_published() {
    use std::process::Command;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("vendor");
    let checked = Command::new("sha256sum")
        .args(["--check", "--strict", "SHA256SUMS"])
        .current_dir(folder)
        .output();
    match checked {
        Ok(output) => assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stdout)
        ),
        Err(missing) => panic!("sha256sum: {missing}"),
    }
}
