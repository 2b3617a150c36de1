//! The files of the repository, and how a rule fails.

use std::fs;
use std::path::Path;

/// A file of the repository: its path from the root, and its text.
pub struct Source {
    pub path: String,
    pub text: String,
}

impl Source {
    pub fn lines(&self) -> Vec<&str> {
        self.text.lines().collect()
    }

    /// The lines before a trailing `#[cfg(test)] mod … {`.
    pub fn code_lines(&self) -> Vec<&str> {
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

pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file that is ours and is text.
pub fn sources() -> Vec<Source> {
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
            } else if let Ok(text) = fs::read_to_string(&path)
                // In a worktree of git's this is a file that names its place.
                && name != ".git"
            {
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

pub fn rust_sources() -> Vec<Source> {
    let is_rust = |source: &Source| source.path.ends_with(".rs");
    sources().into_iter().filter(is_rust).collect()
}

pub fn read(path: &str) -> String {
    match fs::read_to_string(root().join(path)) {
        Ok(text) => text,
        Err(error) => panic!("{path}: {error}"),
    }
}

/// Fails with every finding at once.
pub fn none(rule: &str, findings: &[String]) {
    assert!(findings.is_empty(), "{rule}:\n  {}", findings.join("\n  "));
}
