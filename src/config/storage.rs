//! Where tenants, keys and the audit trail are kept, and under which key their secrets.

use domain::keys::Secret;
use store::anchors::{AnchorSink, NotAnAnchorSink};

use super::environment::Environment;
use super::report::{Position, Report};
use super::settings::Sources;

/// Where the store is, and its keys. The secrets cannot be printed.
#[derive(Clone, Default)]
pub struct StorageSettings {
    /// Postgres; SQLite in the data folder when there is none.
    pub postgres: Option<Postgres>,
    /// With what credentials are encrypted.
    pub encryption_key: Option<Secret>,
    /// What opens what was encrypted before.
    pub previous_keys: Vec<Secret>,
    /// Where the audit trail's end is noted; a file in the data folder when not set.
    pub audit_anchor: Option<AnchorSink>,
}

/// A Postgres, and where it was configured.
#[derive(Clone)]
pub struct Postgres {
    /// Its address with the password.
    pub url: Secret,
    /// `DATABASE_URL`, or the file's key.
    pub origin: String,
}

/// Reads the variables and, where they say nothing, the file.
pub fn read(
    sources: &Sources<'_>,
    environment: &Environment,
    report: &mut Report,
) -> StorageSettings {
    let in_file = sources
        .general
        .and_then(|section| section.text("database_url", report));
    let from_file = in_file.map(|url| (url, "general_settings.database_url".to_owned()));
    let found = url_of_variables(environment).or(from_file);
    let key = environment.first(&["HEADGATE_ENCRYPTION_KEY", "LITELLM_SALT_KEY"]);
    let previous = environment.get("HEADGATE_PREVIOUS_ENCRYPTION_KEYS");
    StorageSettings {
        postgres: found.map(|(url, origin)| Postgres {
            url: Secret::new(url),
            origin,
        }),
        encryption_key: key.map(|(_name, text)| Secret::new(text)),
        previous_keys: previous
            .into_iter()
            .flat_map(|texts| texts.split(','))
            .map(str::trim)
            .filter(|text| !text.is_empty())
            .map(Secret::new)
            .collect(),
        audit_anchor: anchor(sources, environment, report),
    }
}

/// The variable's place for anchors, or the file's; one that means nothing is a fault, not a trail
/// whose end nobody notes.
fn anchor(
    sources: &Sources<'_>,
    environment: &Environment,
    report: &mut Report,
) -> Option<AnchorSink> {
    let variable = environment.get("HEADGATE_AUDIT_ANCHOR").map(|text| {
        let place = Position::elsewhere("environment variable HEADGATE_AUDIT_ANCHOR");
        (text.to_owned(), place)
    });
    let (text, place) = match variable {
        Some(variable) => variable,
        None => {
            let section = sources.headgate?;
            let text = section.text("audit_anchor", report)?;
            (text, section.place("audit_anchor").clone())
        }
    };
    text.parse()
        .map_err(|malformed: NotAnAnchorSink| {
            let message = (malformed.to_string(), "take one of these forms");
            report.fault_with("wrong-type", &place, message);
        })
        .ok()
}

/// `DATABASE_URL`, or the parts that LiteLLM puts together.
fn url_of_variables(environment: &Environment) -> Option<(String, String)> {
    if let Some(url) = environment.get("DATABASE_URL") {
        return Some((url.to_owned(), "DATABASE_URL".to_owned()));
    }
    let host = environment.get("DATABASE_HOST")?;
    let port = environment
        .get("DATABASE_PORT")
        .map(|port| format!(":{port}"));
    let name = environment.get("DATABASE_NAME").unwrap_or("headgate");
    let user = environment.get("DATABASE_USERNAME").unwrap_or("headgate");
    let password = environment
        .get("DATABASE_PASSWORD")
        .map(|password| format!(":{}", encoded(password)));
    let url = format!(
        "postgresql://{}{}@{host}{}/{name}",
        encoded(user),
        password.unwrap_or_default(),
        port.unwrap_or_default()
    );
    Some((url, "DATABASE_HOST".to_owned()))
}

/// Percent-encodes what would end a part of an address.
fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_that_litellm_knows_make_an_address() {
        let mut environment = Environment::default();
        for (name, value) in [
            ("DATABASE_HOST", "db"),
            ("DATABASE_NAME", "llm"),
            ("DATABASE_USERNAME", "u"),
            ("DATABASE_PASSWORD", "p@ss/word"),
        ] {
            environment.set(name, value);
        }
        let settings = read(&Sources::default(), &environment, &mut Report::default());
        let postgres = settings.postgres.unwrap();
        assert_eq!(postgres.url.expose(), "postgresql://u:p%40ss%2Fword@db/llm");
    }
}
