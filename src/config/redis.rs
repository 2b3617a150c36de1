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
    // Read in any case, so that a value that it cannot have is told.
    let in_file = sources.router.and_then(|router| of_file(&router, report));
    let (text, origin) = of_variables(environment).or(in_file)?;
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
    let url = router.text("redis_url", report);
    let host = router.text("redis_host", report);
    let port = router.integer::<u16>("redis_port", report);
    let database = router.integer::<u64>("redis_db", report);
    let password = router.text("redis_password", report);
    if let Some(url) = url {
        return Some((url, format!("{title}.redis_url")));
    }
    let parts = Parts {
        host: host?,
        port: port.map(|port| port.to_string()),
        user: None,
        password,
        database: database.map(|database| database.to_string()),
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
