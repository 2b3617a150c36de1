//! The list of parts and their licences that the console shows is what the program is made of.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use crate::sources::root;

/// What is vendored into the pages, as `web-ui/vendor` has its licences.
const VENDORED: [&str; 2] = ["htmx\t4.0.1\t0BSD", "lucide\t\tISC"];

/// Crates of the program on Linux, none of our own: name, version, licence.
fn crates() -> BTreeSet<String> {
    let tree = Command::new(env!("CARGO"))
        .args(["tree", "--package", "headgate", "--edges", "normal"])
        .args(["--prefix", "none", "--format", "{p}|{l}"])
        .args(["--target", "x86_64-unknown-linux-gnu"])
        .args(["--locked", "--offline"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(tree.status.success(), "{tree:?}");
    let text = String::from_utf8(tree.stdout).unwrap();
    let parts = text.lines().filter_map(|line| {
        let (part, licence) = line.split_once('|')?;
        // What is here has its path behind its version.
        let mut words = part.split(' ');
        let (name, version) = (words.next()?, words.next()?.trim_start_matches('v'));
        if words.any(|word| word.starts_with("(/")) {
            return None;
        }
        let licence = licence.trim_end_matches(" (*)").replace('/', " OR ");
        let licence: Vec<&str> = licence.split_whitespace().collect();
        Some(format!("{name}\t{version}\t{}", licence.join(" ")))
    });
    parts.collect()
}

#[test]
fn the_console_names_every_part_and_its_licence() {
    let file = root().join("web-ui/assets/licences.tsv");
    let mut parts = crates();
    parts.extend(VENDORED.map(str::to_owned));
    let text = parts.into_iter().collect::<Vec<_>>().join("\n") + "\n";
    for line in text.lines() {
        assert!(!line.ends_with('\t'), "{line}: no licence");
    }
    if std::env::var_os("HEADGATE_WRITE_DOCS").is_some() {
        fs::write(&file, &text).unwrap();
    }
    assert!(
        fs::read_to_string(&file).unwrap() == text,
        "web-ui/assets/licences.tsv is out of date: HEADGATE_WRITE_DOCS=1 cargo test --test tidy licences"
    );
}
