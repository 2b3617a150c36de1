//! Which provider does `litellm_params.model` mean?

use providers::Provider;

use super::keys::litellm_providers;
use super::suggest::did_you_mean;

/// The provider that answers by itself: `headgate/echo`.
pub const OWN_PROVIDER: &str = "headgate";
/// Its one model.
pub const OWN_MODEL: &str = "echo";

/// A provider and its name for a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// As it stands before the slash.
    pub provider: String,
    /// Without the provider's prefix.
    pub model: String,
}

/// Names without a prefix that can be one vendor's only.
const WELL_KNOWN: &[(&str, &str)] = &[
    ("gpt-", "openai"),
    ("chatgpt-", "openai"),
    ("o1", "openai"),
    ("o3", "openai"),
    ("o4", "openai"),
    ("text-embedding-3", "openai"),
    ("text-embedding-ada", "openai"),
    ("ft:gpt-", "openai"),
    ("claude-", "anthropic"),
    ("gemini-", "gemini"),
    ("grok-", "xai"),
    ("mistral-", "mistral"),
    ("codestral-", "mistral"),
    ("deepseek-", "deepseek"),
];

/// Finds the provider: the named one, else the prefix, else the catalogue's and then the
/// well-known owner of the bare name.
///
/// # Errors
/// What is wrong, and what to do about it.
pub fn resolve(model: &str, named: Option<&str>) -> Result<Resolved, (String, String)> {
    if let Some(provider) = named {
        let prefix = format!("{provider}/");
        let bare = model.strip_prefix(&prefix).unwrap_or(model);
        return known(provider, bare).ok_or_else(|| unknown(provider));
    }
    if let Some((prefix, bare)) = model.split_once('/')
        && let Some(resolved) = known(prefix, bare)
    {
        return Ok(resolved);
    }
    let owner = providers::catalogue::vendor_of(model)
        .filter(|vendor| providers::find(vendor).is_some())
        .or_else(|| well_known(model));
    if let Some(owner) = owner {
        return Ok(Resolved {
            provider: owner.to_owned(),
            model: model.to_owned(),
        });
    }
    Err(match model.split_once('/') {
        Some((prefix, _)) => unknown(prefix),
        None => (
            format!("no provider is known for the model `{model}`"),
            format!("write it as provider/{model}, such as openai/{model}"),
        ),
    })
}

/// Every vendor, with those that speak OpenAI's dialect.
pub fn all() -> impl Iterator<Item = &'static dyn Provider> {
    providers::ALL
        .iter()
        .chain(providers::openai_compatible::ALL)
        .copied()
}

fn known(provider: &str, model: &str) -> Option<Resolved> {
    let is_own = provider == OWN_PROVIDER && model == OWN_MODEL;
    (is_own || providers::find(provider).is_some()).then(|| Resolved {
        provider: provider.to_owned(),
        model: model.to_owned(),
    })
}

fn well_known(model: &str) -> Option<&'static str> {
    WELL_KNOWN
        .iter()
        .find(|(beginning, _)| model.starts_with(beginning))
        .map(|(_, vendor)| *vendor)
        .filter(|vendor| providers::find(vendor).is_some())
}

fn unknown(prefix: &str) -> (String, String) {
    if litellm_providers::PROVIDERS.contains(&prefix) {
        return (
            format!("the provider `{prefix}` is not supported yet"),
            "if it speaks OpenAI's dialect, write openai/MODEL with its api_base".to_owned(),
        );
    }
    let names = all().flat_map(|vendor| {
        std::iter::once(vendor.name()).chain(vendor.other_names().iter().copied())
    });
    let near = did_you_mean(prefix, names);
    let hint = if near.is_empty() {
        "for a server that speaks OpenAI's dialect, write openai/MODEL with its api_base".to_owned()
    } else {
        near
    };
    (format!("`{prefix}` is not a provider"), hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(model: &str, named: Option<&str>) -> (String, String) {
        let resolved = resolve(model, named).unwrap();
        (resolved.provider, resolved.model)
    }

    #[test]
    fn a_model_is_found_by_prefix_by_name_and_by_the_named_provider() {
        let of = |p: &str, m: &str| (p.to_owned(), m.to_owned());
        assert_eq!(pair("openai/gpt-4o", None), of("openai", "gpt-4o"));
        assert_eq!(pair("openai/meta/llama", None), of("openai", "meta/llama"));
        assert_eq!(pair("gpt-4o", None), of("openai", "gpt-4o"));
        assert_eq!(
            pair("claude-sonnet-4-5", None),
            of("anthropic", "claude-sonnet-4-5")
        );
        assert_eq!(pair("org/model", Some("openai")), of("openai", "org/model"));
        assert_eq!(pair("openai/x", Some("openai")), of("openai", "x"));
        assert_eq!(pair("headgate/echo", None), of("headgate", "echo"));
    }

    #[test]
    fn an_unknown_provider_is_named_with_what_to_write_instead() {
        let (message, hint) = resolve("opnai/gpt-4o-nope", None).unwrap_err();
        assert!(message.contains("`opnai` is not a provider"), "{message}");
        assert!(hint.contains("openai"), "{hint}");
        let (message, _) = resolve("aws_polly/voice", None).unwrap_err();
        assert!(message.contains("not supported yet"), "{message}");
        let (message, _) = resolve("my-model", None).unwrap_err();
        assert!(message.contains("no provider is known"), "{message}");
    }
}
