//! `include:` adds the sections of other files to this one.

use std::sync::Arc;

use super::environment::Environment;
use super::node::{Content, Entry, Node};
use super::report::{Position, Report};
use super::yaml;

const MAX_FILES: usize = 100;

/// The tree of a file and of all that it includes, and the names of all of them.
pub struct Assembled {
    /// Lists of one name joined, maps of one name merged; the including file's own word counts.
    pub root: Node,
    /// The file itself first.
    pub files: Vec<String>,
    /// Every text that was read, for the digest.
    pub texts: Vec<String>,
}

/// Reads `text` and what it includes. None when the report has a fault that ends reading.
pub fn assemble(
    text: &str,
    name: &str,
    environment: &Environment,
    report: &mut Report,
) -> Option<Assembled> {
    let file: Arc<str> = Arc::from(name);
    let mut assembled = Assembled {
        root: yaml::parse(text, &file, report)?,
        files: vec![name.to_owned()],
        texts: vec![text.to_owned()],
    };
    let mut waiting = includes(&assembled.root, name, report);
    while !waiting.is_empty() {
        let (path, position) = waiting.remove(0);
        if assembled.files.contains(&path) || assembled.files.len() >= MAX_FILES {
            let message = format!("`{path}` is included already, or one file too many is");
            report.warn("include", &position, message);
            continue;
        }
        let more = match environment.read(&path) {
            Ok(more) => more,
            Err(error) => {
                let message = format!("the included file `{path}` {error}");
                let hint = "the path counts from the folder of the including file";
                report.fault_with("include", &position, (message, hint));
                continue;
            }
        };
        let file: Arc<str> = Arc::from(path.as_str());
        let root = yaml::parse(&more, &file, report)?;
        waiting.extend(includes(&root, &path, report));
        merge(&mut assembled.root, root, report);
        assembled.files.push(path);
        assembled.texts.push(more);
    }
    Some(assembled)
}

fn includes(root: &Node, including: &str, report: &mut Report) -> Vec<(String, Position)> {
    let Some(list) = root.get("include") else {
        return Vec::new();
    };
    let single = std::slice::from_ref(list);
    let items = if list.text().is_some() {
        single
    } else {
        list.items()
    };
    if items.is_empty() && !matches!(list.content, Content::List(_)) {
        report.fault_with(
            "wrong-type",
            &list.position,
            (
                format!(
                    "`include` is {}, and should be a list of files",
                    list.kind()
                ),
                "write `include: [models.yaml]`",
            ),
        );
    }
    let folder = std::path::Path::new(including)
        .parent()
        .unwrap_or_else(|| std::path::Path::new(""));
    let mut paths = Vec::new();
    for item in items {
        match item.text() {
            Some(path) => paths.push((
                folder.join(path).to_string_lossy().into_owned(),
                item.position.clone(),
            )),
            None => report.fault_with(
                "wrong-type",
                &item.position,
                (
                    format!("a file to include is {}", item.kind()),
                    "write its path",
                ),
            ),
        }
    }
    paths
}

/// Adds `more` to `root`: lists are joined, maps merged, anything else counts once.
fn merge(root: &mut Node, more: Node, report: &mut Report) {
    let Content::Map(added) = more.content else {
        if more.is_given() {
            report.fault_with(
                "wrong-type",
                &more.position,
                (
                    format!("the included file is {}, and should be a map", more.kind()),
                    "write sections such as `model_list:`",
                ),
            );
        }
        return;
    };
    if matches!(root.content, Content::Null) {
        root.content = Content::Map(Vec::new());
    }
    let Content::Map(entries) = &mut root.content else {
        return;
    };
    for entry in added.into_iter().filter(|entry| entry.key != "include") {
        join(entries, entry, report);
    }
}

fn join(entries: &mut Vec<Entry>, entry: Entry, report: &mut Report) {
    let Some(known) = entries.iter_mut().find(|known| known.key == entry.key) else {
        entries.push(entry);
        return;
    };
    match (&mut known.value.content, entry.value.content) {
        (Content::List(items), Content::List(more)) => items.extend(more),
        (Content::Map(known), Content::Map(more)) => {
            for entry in more {
                join(known, entry, report);
            }
        }
        (Content::Null, content) => known.value.content = content,
        (_, Content::Null) => {}
        _ => report.warn(
            "include",
            &entry.position,
            format!(
                "`{}` has a value already ({}); this one is left out",
                entry.key, known.position
            ),
        ),
    }
}
