//! How a deployment is reached: its address and its credential.

use domain::keys::Secret;

use super::address;
use super::environment::Environment;
use super::node::Content;
use super::report::Report;
use super::section::Section;
use super::settings::secret_in_file;

/// The address: the entry's, else the provider's usual variable; none means the usual one.
pub fn base_url(
    params: &Section<'_>,
    provider: &str,
    environment: &Environment,
    report: &mut Report,
) -> Option<String> {
    let api_base = params.text("api_base", report);
    let base_url = params.text("base_url", report);
    if let Some(written) = api_base.or(base_url) {
        let address = address::normalise(&written);
        if !written.contains("://") {
            let key = if params.get("api_base").is_some() {
                "api_base"
            } else {
                "base_url"
            };
            let message = format!("the address has no scheme; it is taken as {address}");
            report.warn_with(
                "address",
                params.place(key),
                (message, "write http:// or https:// before it"),
            );
        }
        return Some(address);
    }
    let vendor = providers::find(provider)?;
    let from_variable = environment.first(vendor.base_url_variables());
    if let Some((name, value)) = from_variable {
        return Some(if name == "OLLAMA_HOST" {
            address::of_ollama(value)
        } else {
            address::normalise(value)
        });
    }
    if vendor.is_local() {
        let usual = vendor.default_base_url().unwrap_or("its usual address");
        report.warn_with(
            "no-address",
            params.position(),
            (
                format!("{provider} has no api_base; {usual} is called"),
                "write api_base; in a container, localhost is the container itself",
            ),
        );
    }
    None
}

/// The credential: the entry's, else the provider's usual variable.
pub fn api_key(
    params: &Section<'_>,
    (provider, base_url): (&str, Option<&str>),
    environment: &Environment,
    report: &mut Report,
) -> Option<Secret> {
    if let Some(key) = params.text("api_key", report) {
        if let Some(node) = params.get("api_key")
            && let Content::Scalar { variable: None, .. } = &node.content
            && !is_placeholder(&key)
        {
            secret_in_file("api_key", node, report);
        }
        return Some(Secret::new(key.trim()));
    }
    if params.unset_variable("api_key").is_some() {
        return None;
    }
    let vendor = providers::find(provider)?;
    let Some((name, value)) = environment.first(vendor.key_variables()) else {
        let is_mocked = params.get("mock_response").is_some();
        if vendor.needs_key() && base_url.is_none() && !is_mocked {
            let hint = match vendor.key_variables().first() {
                Some(variable) => format!("set {variable}, or write api_key"),
                None => "write api_key".to_owned(),
            };
            let message = format!("this deployment of {provider} has no key");
            report.warn_with("no-key", params.place("model"), (message, &hint));
        }
        return None;
    };
    if let (Some(base), Some(usual)) = (base_url, vendor.default_base_url())
        && address::host_of(base) != address::host_of(usual)
        && !vendor.is_local()
    {
        let host = address::host_of(base);
        report.warn_with(
            "key-elsewhere",
            params.place("api_base"),
            (
                format!("the key in {name} goes to {host}, because no api_key is written"),
                &format!("write api_key: os.environ/{name} if that is meant"),
            ),
        );
    }
    Some(Secret::new(value.trim()))
}

/// Words that stand where a server asks for no key.
fn is_placeholder(key: &str) -> bool {
    let words = [
        "none",
        "empty",
        "fake",
        "dummy",
        "anything",
        "ollama",
        "lm-studio",
        "test",
        "xxx",
    ];
    let lower = key.to_lowercase();
    key.chars().count() < 8 || words.iter().any(|word| lower.contains(word))
}

/// Warns of an address at which everyone on the way can read along.
pub fn warn_of_plain_address(
    params: &Section<'_>,
    base_url: Option<&str>,
    has_key: bool,
    report: &mut Report,
) {
    if let Some(url) = base_url.filter(|url| address::is_public_and_plain(url)) {
        let what = if has_key {
            "the key and every prompt"
        } else {
            "every prompt"
        };
        report.warn_with(
            "plain-http",
            params.place("api_base"),
            (
                format!("{what} go to {} without encryption", address::host_of(url)),
                "write https://",
            ),
        );
    }
}
