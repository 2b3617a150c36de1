//! What is to be said of a configuration: faults, warnings, and keys that are not yet in effect.

use std::fmt;
use std::sync::Arc;

use serde_json::{Value, json};

/// A place in a file; or, with line 0, a variable of the environment or a flag.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The file's name as it was given.
    pub file: Arc<str>,
    /// From 1; 0 when there is no file.
    pub line: usize,
    /// From 1, in characters; 0 when there is no file.
    pub column: usize,
}

impl Position {
    /// A place that is no file: `environment variable PORT`.
    #[must_use]
    pub fn elsewhere(name: &str) -> Self {
        Self {
            file: Arc::from(name),
            line: 0,
            column: 0,
        }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line == 0 {
            return f.write_str(&self.file);
        }
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// How grave a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The file cannot mean anything: it is refused.
    Fault,
    /// The file means something else than it seems to.
    Warning,
}

impl Severity {
    const fn word(self) -> &'static str {
        match self {
            Self::Fault => "error",
            Self::Warning => "warning",
        }
    }
}

/// One thing to say of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How grave it is.
    pub severity: Severity,
    /// A short name that does not change: `unknown-key`.
    pub code: &'static str,
    /// Where it is.
    pub position: Position,
    /// What is the matter. Never a secret.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

/// `config.yaml:4:7: warning: … (hint) [code]`.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: {}: {}",
            self.position,
            self.severity.word(),
            self.message
        )?;
        if let Some(hint) = &self.hint {
            write!(f, "; {hint}")?;
        }
        write!(f, " [{}]", self.code)
    }
}

/// A known key that does nothing yet, or that means nothing here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Idle {
    /// With its section: `router_settings.cooldown_time`.
    pub key: String,
    /// Where it stands first.
    pub position: Position,
    /// How often it stands in the file.
    pub times: usize,
    /// Why it means nothing here; empty for what is not yet in effect.
    pub reason: &'static str,
}

/// Everything to say of a configuration that is good enough to run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Faults and warnings, in the order of the file.
    pub findings: Vec<Finding>,
    /// Keys that are accepted and not yet in effect, once each.
    pub not_yet: Vec<Idle>,
    /// Keys that are accepted and mean nothing here, once each.
    pub ignored: Vec<Idle>,
}

impl Report {
    /// Adds a fault.
    pub fn fault(&mut self, code: &'static str, position: &Position, message: impl Into<String>) {
        self.add(Severity::Fault, code, position, (message.into(), None));
    }

    /// Adds a fault with a hint.
    pub fn fault_with(
        &mut self,
        code: &'static str,
        position: &Position,
        (message, hint): (String, &str),
    ) {
        let hint = Some(hint.to_owned());
        self.add(Severity::Fault, code, position, (message, hint));
    }

    /// Adds a warning.
    pub fn warn(&mut self, code: &'static str, position: &Position, message: impl Into<String>) {
        self.add(Severity::Warning, code, position, (message.into(), None));
    }

    /// Adds a warning with a hint; an empty hint is none.
    pub fn warn_with(
        &mut self,
        code: &'static str,
        position: &Position,
        (message, hint): (String, &str),
    ) {
        let hint = (!hint.is_empty()).then(|| hint.to_owned());
        self.add(Severity::Warning, code, position, (message, hint));
    }

    fn add(
        &mut self,
        severity: Severity,
        code: &'static str,
        position: &Position,
        (message, hint): (String, Option<String>),
    ) {
        let finding = Finding {
            severity,
            code,
            position: position.clone(),
            message,
            hint,
        };
        if !self.findings.contains(&finding) {
            self.findings.push(finding);
        }
    }

    /// Notes a key that is not yet in effect.
    pub fn not_yet(&mut self, key: String, position: &Position) {
        note(&mut self.not_yet, key, position, "");
    }

    /// Notes a key that means nothing here.
    pub fn ignored(&mut self, key: String, position: &Position, reason: &'static str) {
        note(&mut self.ignored, key, position, reason);
    }

    /// Whether something refuses the file.
    #[must_use]
    pub fn has_faults(&self) -> bool {
        self.findings
            .iter()
            .any(|finding| finding.severity == Severity::Fault)
    }

    /// Whether there is nothing at all to say.
    #[must_use]
    pub const fn is_clean(&self) -> bool {
        self.findings.is_empty() && self.not_yet.is_empty() && self.ignored.is_empty()
    }

    /// The warnings.
    pub fn warnings(&self) -> impl Iterator<Item = &Finding> {
        self.findings
            .iter()
            .filter(|finding| finding.severity == Severity::Warning)
    }

    /// Makes every warning a fault (`--strict`). Keys that are not yet in effect stay what they are.
    pub fn make_strict(&mut self) {
        for finding in &mut self.findings {
            finding.severity = Severity::Fault;
        }
    }

    /// Brings the findings into the order of the file, and says once what holds for many lines.
    pub fn sort(&mut self) {
        self.findings
            .sort_by(|a, b| (&a.position, a.severity).cmp(&(&b.position, b.severity)));
        for code in ["secret-in-file", "no-key", "no-address"] {
            self.fold(code);
        }
    }

    /// Writes `os.environ/NAME` where a variable's value would stand: a credential may have been
    /// put where a model's name belongs. Values too short to be one stay.
    pub fn hide(&mut self, taken: &[(String, String)]) {
        for (name, value) in taken.iter().filter(|(_, value)| value.len() >= 8) {
            let mark = format!("os.environ/{name}");
            for finding in &mut self.findings {
                finding.message = finding.message.replace(value, &mark);
                finding.hint = finding.hint.take().map(|hint| hint.replace(value, &mark));
            }
            for idle in self.not_yet.iter_mut().chain(&mut self.ignored) {
                idle.key = idle.key.replace(value, &mark);
            }
        }
    }

    /// Keeps the first of the findings of that code with one message, and names the other lines.
    fn fold(&mut self, code: &str) {
        let mut kept: Vec<(Finding, Vec<String>)> = Vec::new();
        for finding in std::mem::take(&mut self.findings) {
            let first = kept.iter_mut().find(|(first, _)| {
                first.code == code
                    && finding.code == code
                    && first.message == finding.message
                    && first.position.file == finding.position.file
            });
            match first {
                Some((_, lines)) => lines.push(finding.position.line.to_string()),
                None => kept.push((finding, Vec::new())),
            }
        }
        for (mut finding, lines) in kept {
            if !lines.is_empty() {
                let lines = lines.join(", ");
                finding.message = format!("{} (and in the lines {lines})", finding.message);
            }
            self.findings.push(finding);
        }
    }

    /// The findings as JSON, for `headgate check --json`.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({
            "findings": self.findings.iter().map(finding_json).collect::<Vec<_>>(),
            "not_yet_in_effect": self.not_yet.iter().map(idle_json).collect::<Vec<_>>(),
            "ignored": self.ignored.iter().map(idle_json).collect::<Vec<_>>(),
        })
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for finding in &self.findings {
            writeln!(f, "{finding}")?;
        }
        write_idle(f, "not yet in effect", &self.not_yet)?;
        write_idle(f, "accepted, means nothing here", &self.ignored)
    }
}

fn write_idle(f: &mut fmt::Formatter<'_>, title: &str, keys: &[Idle]) -> fmt::Result {
    if keys.is_empty() {
        return Ok(());
    }
    writeln!(f, "{title}:")?;
    for idle in keys {
        write!(f, "  {} ({}", idle.key, idle.position)?;
        if idle.times > 1 {
            write!(f, " and {} more", idle.times.saturating_sub(1))?;
        }
        f.write_str(")")?;
        if !idle.reason.is_empty() {
            write!(f, ": {}", idle.reason)?;
        }
        writeln!(f)?;
    }
    Ok(())
}

fn note(list: &mut Vec<Idle>, key: String, position: &Position, reason: &'static str) {
    if let Some(known) = list.iter_mut().find(|idle| idle.key == key) {
        known.times = known.times.saturating_add(1);
        return;
    }
    list.push(Idle {
        key,
        position: position.clone(),
        times: 1,
        reason,
    });
}

fn position_json(position: &Position) -> Value {
    json!({"file": *position.file, "line": position.line, "column": position.column})
}

fn finding_json(finding: &Finding) -> Value {
    json!({
        "severity": finding.severity.word(),
        "code": finding.code,
        "position": position_json(&finding.position),
        "message": finding.message,
        "hint": finding.hint,
    })
}

fn idle_json(idle: &Idle) -> Value {
    json!({
        "key": idle.key,
        "position": position_json(&idle.position),
        "times": idle.times,
        "reason": idle.reason,
    })
}

/// A configuration that cannot be run: every fault at once, and the warnings beside them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{report}")]
pub struct Refused {
    /// At least one fault.
    pub report: Report,
}

impl Refused {
    /// The exit code of a process whose configuration is refused (`EX_CONFIG` of sysexits.h).
    pub const EXIT_CODE: u8 = 78;

    /// Refuses for one reason.
    #[must_use]
    pub fn because(code: &'static str, position: &Position, said: (String, &str)) -> Self {
        let mut report = Report::default();
        report.fault_with(code, position, said);
        Self { report }
    }
}
