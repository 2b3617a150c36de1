//! What the catalogues of the three languages keep to.

#![expect(
    clippy::unwrap_used,
    reason = "functions that tests share may stop a test as the tests themselves may"
)]

use std::collections::{BTreeMap, BTreeSet};

use web_ui::words::Language;

/// The texts of a catalogue by their ids, all lines of each.
fn texts(language: Language) -> BTreeMap<String, String> {
    let mut texts: BTreeMap<String, String> = BTreeMap::new();
    let mut last = String::new();
    for line in language.source().lines() {
        let is_id = line.starts_with(|first: char| first.is_ascii_lowercase());
        if let Some((id, text)) = line.split_once(" =").filter(|_| is_id) {
            id.clone_into(&mut last);
            let before = texts.insert(last.clone(), text.trim().to_owned());
            assert_eq!(before, None, "{id} is in {language:?} twice");
        } else if line.starts_with(' ') {
            let text = texts.get_mut(&last).unwrap();
            text.push('\n');
            text.push_str(line.trim());
        }
    }
    texts
}

/// The names of what a text is told, those that it prints and those that only decide.
fn told(text: &str) -> (BTreeSet<String>, BTreeSet<String>) {
    let (mut printed, mut deciding) = (BTreeSet::new(), BTreeSet::new());
    for piece in text.split("{ $").skip(1) {
        let end = piece.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
        let (name, rest) = piece.split_at(end.unwrap());
        if rest.trim_start().starts_with("->") {
            deciding.insert(name.to_owned());
        } else {
            printed.insert(name.to_owned());
        }
    }
    (printed, deciding)
}

#[test]
fn every_language_is_told_the_same_and_leaves_none_of_it_out() {
    let english = texts(Language::English);
    let mut findings = Vec::new();
    for language in Language::ALL {
        let theirs = texts(*language);
        for (id, text) in &english {
            let (printed, deciding) = told(text);
            let Some(other) = theirs.get(id) else {
                findings.push(format!("{id} is not in {language:?}"));
                continue;
            };
            let (also_printed, also_deciding) = told(other);
            let known: BTreeSet<String> = printed.union(&deciding).cloned().collect();
            let all: BTreeSet<String> = also_printed.union(&also_deciding).cloned().collect();
            let is_left_out = printed.difference(&also_printed).next().is_some();
            if is_left_out || all.difference(&known).next().is_some() {
                findings.push(format!("{id} in {language:?}: {other}"));
            }
        }
    }
    assert!(findings.is_empty(), "{}", findings.join("\n"));
}

#[test]
fn what_counts_has_every_form_that_its_language_needs() {
    let mut findings = Vec::new();
    for (language, needed) in [
        (Language::English, vec!["[one]", "*[other]"]),
        (Language::German, vec!["[one]", "*[other]"]),
        (Language::SimplifiedChinese, vec!["*[other]"]),
    ] {
        let counting = texts(language).into_iter();
        let counting = counting.filter(|(_id, text)| text.contains("->"));
        for (id, text) in counting {
            // Chinese has no forms; a text with one case of its own names its number.
            let has_form = language != Language::SimplifiedChinese || !text.contains("[one]");
            if !has_form || needed.iter().any(|form| !text.contains(form)) {
                findings.push(format!("{id} in {language:?}: {text}"));
            }
        }
    }
    assert!(findings.is_empty(), "{}", findings.join("\n"));
}

/// What is written alike in German and English: names, words that both have, and what is put in.
const ALIKE_IN_GERMAN: &str = "actor-system browser budget budget-of-model budgets burn-budget credential-uses date-time \
deployment deployments details environment-staging first-request-text grace-0 group-team \
level-team level-user limits live-on measure-tokens month-long-11 month-long-4 month-long-8 \
month-long-9 name nav-gateway nav-teams p50 p95 part-gateway person place-of-kind role-in \
setting-version sign-in-code status target-slack target-webhook team tokens";

/// The same of Chinese: only names and figures.
const ALIKE_IN_CHINESE: &str = "actor-system grace-0 key-control target-slack target-webhook";

#[test]
fn nothing_of_german_and_chinese_was_left_in_english() {
    let english = texts(Language::English);
    let mut findings = Vec::new();
    for (language, alike) in [
        (Language::German, ALIKE_IN_GERMAN),
        (Language::SimplifiedChinese, ALIKE_IN_CHINESE),
    ] {
        let allowed: BTreeSet<String> = alike.split(' ').map(str::to_owned).collect();
        let same = texts(language).into_iter();
        let same = same.filter(|(id, text)| english.get(id) == Some(text));
        let same: BTreeSet<String> = same.map(|(id, _text)| id).collect();
        let wrong = same.symmetric_difference(&allowed);
        findings.extend(wrong.map(|id| format!("{id} in {language:?}")));
    }
    assert!(findings.is_empty(), "{}", findings.join("\n"));
}

#[test]
fn every_text_of_chinese_has_chinese_in_it_or_is_a_name() {
    let has_chinese = |text: &str| text.chars().any(|letter| ('一'..='鿿').contains(&letter));
    // Names, and what only puts figures together.
    const OTHERS: [&str; 13] = [
        "target-slack",
        "target-webhook",
        "date-time",
        "date-weekday",
        "key-control",
        "actor-system",
        "grace-0",
        "measure-tokens",
        "tokens",
        "of-limit",
        "role-in",
        "place-of-kind",
        "budget-of-model",
    ];
    let others = texts(Language::SimplifiedChinese).into_iter();
    let findings: Vec<String> = others
        .filter(|(id, text)| !has_chinese(text) && !OTHERS.contains(&id.as_str()))
        .map(|(id, text)| format!("{id}: {text}"))
        .collect();
    assert!(findings.is_empty(), "{}", findings.join("\n"));
}

/// A text with nothing said of the values that are put in.
fn blanked(text: &str) -> String {
    let is_name = |name: &str| {
        let mut letters = name.trim().trim_start_matches('$').bytes();
        letters.all(|one| one.is_ascii_alphanumeric() || one == b'_')
    };
    let mut pieces = text.split('{');
    let mut blanked = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        blanked.push('{');
        blanked.push_str(match piece.split_once('}') {
            Some((name, _rest)) if is_name(name) => piece.strip_prefix(name).unwrap_or(piece),
            _ => piece,
        });
    }
    blanked
}

#[test]
fn every_fault_is_a_sentence_that_an_action_says() {
    let mut sources = String::new();
    let mut folders = vec![std::path::PathBuf::from("../admin-api/src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                false => sources.push_str(&std::fs::read_to_string(path).unwrap()),
            }
        }
    }
    // Long sentences go over several lines, with a stroke at the end of each.
    let sources = sources.replace("\\\n", "").replace("\\\"", "\"");
    let sources = blanked(&sources);
    let sources = sources.split_whitespace().collect::<Vec<_>>().join(" ");
    let faults = texts(Language::English).into_iter();
    let faults = faults.filter(|(id, _text)| id.starts_with("fault-"));
    let gone = faults.filter(|(_id, text)| !sources.contains(&blanked(text)));
    let gone: Vec<String> = gone.map(|(id, text)| format!("{id}: {text}")).collect();
    assert!(gone.is_empty(), "{}", gone.join("\n"));
}
