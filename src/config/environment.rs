//! The environment as the configuration sees it: variables, and the files that may be included.

use std::collections::BTreeMap;
use std::path::Path;

use super::node::{Content, Node, is_null};
use super::report::{Position, Report};

/// Variables and files. Tests own theirs; the process's is taken once.
#[derive(Clone, Default)]
pub struct Environment {
    variables: BTreeMap<String, String>,
    files: Files,
}

#[derive(Clone, Default)]
enum Files {
    #[default]
    None,
    Disk,
    Given(BTreeMap<String, String>),
}

/// The largest file that is read.
pub const MAX_FILE_BYTES: usize = 10 * 1024 * 1024;

/// Why a file cannot be read, in words that follow its name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unreadable(String);

impl Environment {
    /// The variables and the disk of this process. Variables that are not UTF-8 are left out.
    #[must_use]
    pub fn of_process() -> Self {
        let variables = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        Self {
            variables,
            files: Files::Disk,
        }
    }

    /// These variables and no file.
    #[must_use]
    pub fn of(variables: &[(&str, &str)]) -> Self {
        let variables = variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        Self {
            variables,
            files: Files::None,
        }
    }

    /// The same with a file of that name and text.
    #[must_use]
    pub fn with_file(mut self, name: &str, text: &str) -> Self {
        let mut files = match self.files {
            Files::Given(files) => files,
            Files::None | Files::Disk => BTreeMap::new(),
        };
        files.insert(name.to_owned(), text.to_owned());
        self.files = Files::Given(files);
        self
    }

    /// A variable's value; an empty one is none.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.variables
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// The first of the variables that is set, with its name.
    #[must_use]
    pub fn first<'a>(&self, names: &[&'a str]) -> Option<(&'a str, &str)> {
        names
            .iter()
            .find_map(|name| self.get(name).map(|value| (*name, value)))
    }

    /// Sets a variable, for this configuration only.
    pub fn set(&mut self, name: &str, value: &str) {
        self.variables.insert(name.to_owned(), value.to_owned());
    }

    /// Reads a text file of at most [`MAX_FILE_BYTES`].
    ///
    /// # Errors
    /// When there is no such file, or it is too large, or not UTF-8.
    pub fn read(&self, name: &str) -> Result<String, Unreadable> {
        let unreadable = |reason: String| Unreadable(format!("cannot be read: {reason}"));
        let bytes = match &self.files {
            Files::None => return Err(unreadable("no such file".to_owned())),
            Files::Given(files) => files
                .get(name)
                .cloned()
                .ok_or_else(|| unreadable("no such file".to_owned()))?
                .into_bytes(),
            Files::Disk => {
                read_disk(Path::new(name)).map_err(|error| unreadable(error.to_string()))?
            }
        };
        if bytes.len() > MAX_FILE_BYTES {
            return Err(Unreadable("is larger than 10 MiB".to_owned()));
        }
        String::from_utf8(bytes).map_err(|error| {
            let good = error.utf8_error().valid_up_to();
            Unreadable(format!("is not UTF-8 (from byte {good} on)"))
        })
    }
}

fn read_disk(path: &Path) -> std::io::Result<Vec<u8>> {
    use std::io::Read;
    let bound = u64::try_from(MAX_FILE_BYTES).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    std::fs::File::open(path)?
        .take(bound.saturating_add(1))
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// LiteLLM's mark of a variable; it must be the whole value.
const MARK: &str = "os.environ/";

/// Puts the values of variables in the place of `os.environ/NAME`, at every depth, in lists too
/// (where LiteLLM leaves it). Warns of variables that are not set.
pub fn resolve(node: &mut Node, environment: &Environment, report: &mut Report) {
    match &mut node.content {
        Content::List(items) => {
            for item in items {
                resolve(item, environment, report);
            }
        }
        Content::Map(entries) => {
            for entry in entries {
                resolve(&mut entry.value, environment, report);
            }
        }
        Content::Scalar { text, .. } => {
            let Some(name) = text.strip_prefix(MARK) else {
                warn_of_other_spellings(text, &node.position, report);
                return;
            };
            let name = name.trim().to_owned();
            node.content = look_up(&name, &node.position, environment, report);
        }
        Content::Null | Content::Unset { .. } => {}
    }
}

/// The values that variables gave to the tree, with the variables' names, longest first: what
/// must not be shown.
#[must_use]
pub fn taken(node: &Node) -> Vec<(String, String)> {
    let mut found = Vec::new();
    collect(node, &mut found);
    found.sort_by_key(|(_, value)| std::cmp::Reverse(value.len()));
    found.dedup();
    found
}

fn collect(node: &Node, found: &mut Vec<(String, String)>) {
    match &node.content {
        Content::List(items) => items.iter().for_each(|item| collect(item, found)),
        Content::Map(entries) => entries
            .iter()
            .for_each(|entry| collect(&entry.value, found)),
        Content::Scalar {
            text,
            variable: Some(name),
            ..
        } => found.push((name.clone(), text.clone())),
        Content::Scalar { variable: None, .. } | Content::Null | Content::Unset { .. } => {}
    }
}

fn look_up(
    name: &str,
    position: &Position,
    environment: &Environment,
    report: &mut Report,
) -> Content {
    if let Some(value) = environment.get(name) {
        return Content::Scalar {
            text: value.to_owned(),
            quoted: !is_null(value) && super::node::boolean(value).is_none(),
            variable: Some(name.to_owned()),
        };
    }
    let names = environment.variables.keys().map(String::as_str);
    let near = super::suggest::did_you_mean(name, names);
    let hint = if near.is_empty() {
        "set it before the start".to_owned()
    } else {
        near
    };
    report.warn_with(
        "unset-variable",
        position,
        (format!("the variable {name} is not set"), &hint),
    );
    Content::Unset {
        variable: name.to_owned(),
    }
}

fn warn_of_other_spellings(text: &str, position: &Position, report: &mut Report) {
    let meant = text
        .strip_prefix("${")
        .and_then(|rest| rest.strip_suffix('}'))
        .or_else(|| text.strip_prefix("os.environ."))
        .or_else(|| text.strip_prefix("os.getenv"));
    let Some(meant) = meant else {
        return;
    };
    let name: String = meant
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || *c == '_')
        .collect();
    report.warn_with(
        "variable-spelling",
        position,
        (
            "this is taken as it stands, not as a variable".to_owned(),
            &format!("write os.environ/{name}"),
        ),
    );
}
