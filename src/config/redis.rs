//! Where Redis is: `REDIS_URL`, or LiteLLM's host, port and password; none for counters in memory.

use data_plane::counters::redis::Address;

use super::environment::Environment;
use super::report::{Position, Report};
use super::section::Section;
use super::settings::Sources;

/// A Redis, and where it was configured.
#[derive(Clone, Debug)]
pub struct RedisSettings {
    /// Where it is.
    pub address: Address,
    /// `REDIS_URL`, or the file's key.
    pub origin: String,
}

/// Reads the variables and, where they say nothing, `router_settings`.
pub fn read(
    sources: &Sources<'_>,
    environment: &Environment,
    report: &mut Report,
) -> Option<RedisSettings> {
    let (text, origin) = of_variables(environment)
        .or_else(|| sources.router.and_then(|router| of_file(&router, report)))?;
    match Address::parse(&text) {
        Ok(address) => Some(RedisSettings { address, origin }),
        Err(reason) => {
            let place = Position::elsewhere(&origin);
            report.fault("redis-address", &place, reason.to_string());
            None
        }
    }
}

fn of_variables(environment: &Environment) -> Option<(String, String)> {
    if let Some((name, url)) = environment.first(&["REDIS_URL"]) {
        return Some((url.to_owned(), name.to_owned()));
    }
    let (name, host) = environment.first(&["REDIS_HOST"])?;
    let variable = |name| environment.get(name).map(str::to_owned);
    let parts = Parts {
        host: host.to_owned(),
        port: variable("REDIS_PORT"),
        user: variable("REDIS_USERNAME"),
        password: variable("REDIS_PASSWORD"),
        database: variable("REDIS_DB"),
        is_tls: variable("REDIS_SSL").is_some_and(|word| word.eq_ignore_ascii_case("true")),
    };
    Some((parts.url(), name.to_owned()))
}

fn of_file(router: &Section<'_>, report: &mut Report) -> Option<(String, String)> {
    let title = router.name.title();
    if let Some(url) = router.text("redis_url", report) {
        return Some((url, format!("{title}.redis_url")));
    }
    let host = router.text("redis_host", report)?;
    let number = |key: &str, report: &mut Report| {
        let number = router.integer::<u64>(key, report)?;
        Some(number.to_string())
    };
    let parts = Parts {
        host,
        port: number("redis_port", report),
        user: None,
        password: router.text("redis_password", report),
        database: number("redis_db", report),
        is_tls: false,
    };
    Some((parts.url(), format!("{title}.redis_host")))
}

/// An address in LiteLLM's parts.
struct Parts {
    host: String,
    port: Option<String>,
    user: Option<String>,
    password: Option<String>,
    database: Option<String>,
    is_tls: bool,
}

impl Parts {
    fn url(&self) -> String {
        let scheme = if self.is_tls { "rediss" } else { "redis" };
        let user = self.user.as_deref().unwrap_or_default();
        let credential = self.password.as_ref().map_or_else(String::new, |password| {
            format!("{}:{}@", escaped(user), escaped(password))
        });
        let port = self.port.as_deref().unwrap_or("6379");
        let database = self.database.as_deref().unwrap_or("0");
        format!("{scheme}://{credential}{}:{port}/{database}", self.host)
    }
}

/// A text as it stands in an address: what is no letter and no digit as `%hh`.
fn escaped(text: &str) -> String {
    let bytes = text.bytes().map(|byte| {
        if byte.is_ascii_alphanumeric() {
            char::from(byte).to_string()
        } else {
            format!("%{byte:02X}")
        }
    });
    bytes.collect()
}
