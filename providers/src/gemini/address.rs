//! Where does a call go?

use domain::keys::Secret;

use crate::wire::{Address, Operation, Target};

/// `{base}/models/{model}:{method}` with the key as a header, never in the address.
pub(super) fn address(operation: Operation, target: &Target<'_>) -> Address {
    let method = match operation {
        Operation::Chat | Operation::Completion => "generateContent",
        Operation::ChatStream | Operation::CompletionStream => "streamGenerateContent?alt=sse",
        Operation::Embeddings => "batchEmbedContents",
    };
    let base = base(target.base_url);
    let model = resource(target.model);
    let key = target.api_key.map(Secret::expose);
    Address {
        url: format!("{base}/{model}:{method}"),
        headers: key
            .map(|key| ("x-goog-api-key", key.to_owned()))
            .into_iter()
            .collect(),
    }
}

/// The address up to its version: a missing version is `v1beta`, and the path of Google's own
/// OpenAI-compatible interface is taken off.
pub(super) fn base(base_url: &str) -> String {
    let base = base_url.trim_end_matches('/');
    let base = base.strip_suffix("/openai").unwrap_or(base);
    let path = base.split_once("://").map_or(base, |(_scheme, rest)| rest);
    if path.split('/').skip(1).any(is_version) {
        base.to_owned()
    } else {
        format!("{base}/v1beta")
    }
}

/// `v1`, `v1beta`, `v1alpha`, `v2beta3` …
fn is_version(segment: &str) -> bool {
    let Some(rest) = segment.strip_prefix('v') else {
        return false;
    };
    let rest = rest.trim_start_matches(|c: char| c.is_ascii_digit());
    let has_number = segment.len() > rest.len() + 1;
    let rest = rest.trim_end_matches(|c: char| c.is_ascii_digit());
    has_number && matches!(rest, "" | "alpha" | "beta")
}

/// The model as one path: `models/{name}` or `tunedModels/{name}`, the name percent-encoded so
/// that it cannot reach another path, a query or a header line.
pub(super) fn resource(model: &str) -> String {
    let (folder, name) = match model.split_once('/') {
        Some((folder @ ("models" | "tunedModels"), name)) => (folder, name),
        _ => ("models", model),
    };
    let mut path = format!("{folder}/");
    let mut after_dot = true;
    for byte in name.bytes() {
        let plain = byte.is_ascii_alphanumeric()
            || matches!(byte, b'-' | b'_' | b'~')
            || (byte == b'.' && !after_dot);
        if plain {
            path.push(char::from(byte));
        } else {
            path.push_str(&format!("%{byte:02X}"));
        }
        after_dot = matches!(byte, b'.' | b'/');
    }
    path
}

/// The text with everything blotted out that looks like a key of Google's: what follows `key=`,
/// and words that begin with `AIza`.
pub(super) fn without_keys(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((start, mark)) = ["key=", "AIza"]
        .iter()
        .filter_map(|mark| rest.find(mark).map(|start| (start, *mark)))
        .min()
    {
        let (before, after) = rest.split_at(start);
        clean.push_str(before);
        if mark == "key=" {
            clean.push_str(mark);
        }
        clean.push_str("[key]");
        let after = after.strip_prefix(mark).unwrap_or(after);
        rest = after.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || "-_.".contains(c));
    }
    clean.push_str(rest);
    clean
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_base_without_a_version_gets_one() {
        for (given, base_url) in [
            ("https://g.example", "https://g.example/v1beta"),
            ("https://g.example/", "https://g.example/v1beta"),
            ("https://g.example/v1beta/", "https://g.example/v1beta"),
            ("https://g.example/v1", "https://g.example/v1"),
            ("https://g.example/v1alpha", "https://g.example/v1alpha"),
            (
                "https://g.example/v1beta/openai/",
                "https://g.example/v1beta",
            ),
            ("https://g.example/proxy", "https://g.example/proxy/v1beta"),
            ("https://v1.example", "https://v1.example/v1beta"),
        ] {
            assert_eq!(base(given), base_url, "{given}");
        }
    }

    #[test]
    fn a_model_name_cannot_leave_its_place_in_the_path() {
        assert_eq!(resource("gemini-2.5-flash"), "models/gemini-2.5-flash");
        assert_eq!(
            resource("models/gemini-2.5-flash"),
            "models/gemini-2.5-flash"
        );
        assert_eq!(resource("tunedModels/mine-1"), "tunedModels/mine-1");
        assert_eq!(resource("../../x"), "models/%2E%2E%2F%2E%2E%2Fx");
        assert_eq!(resource("a?b#c\r\nd"), "models/a%3Fb%23c%0D%0Ad");
        assert_eq!(resource("models/../x"), "models/%2E%2E%2Fx");
    }

    #[test]
    fn a_key_in_a_message_is_blotted_out() {
        assert_eq!(
            without_keys("bad AIzaSyD-1_x at https://g.example/m?key=secret.1&alt=sse"),
            "bad [key] at https://g.example/m?key=[key]&alt=sse"
        );
        assert_eq!(without_keys("no such thing"), "no such thing");
    }

    proptest! {
        #[test]
        fn any_model_name_stays_one_path_segment(model in ".{0,40}") {
            let path = resource(&model);
            let name = path.split_once('/').unwrap().1;
            prop_assert!(name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_~.%".contains(&b)), "{}", name);
            prop_assert!(!name.contains(".."));
        }

        #[test]
        fn any_message_is_cleaned_without_panic(text in ".{0,60}") {
            let _ = without_keys(&text);
        }
    }
}
