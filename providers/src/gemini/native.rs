//! The request as it grows, and the place in it of members that OpenAI does not have.

use serde_json::{Map, Value};

/// The members of `generationConfig`.
const CONFIG: &[&str] = &[
    "candidateCount",
    "enableEnhancedCivicAnswers",
    "frequencyPenalty",
    "imageConfig",
    "logprobs",
    "maxOutputTokens",
    "mediaResolution",
    "presencePenalty",
    "responseFormat",
    "responseJsonSchema",
    "responseLogprobs",
    "responseMimeType",
    "responseModalities",
    "responseSchema",
    "seed",
    "speechConfig",
    "stopSequences",
    "temperature",
    "thinkingConfig",
    "topK",
    "topP",
];

/// The members of the request itself.
const MEMBERS: &[&str] = &[
    "cachedContent",
    "safetySettings",
    "serviceTier",
    "store",
    "systemInstruction",
    "toolConfig",
    "tools",
];

/// A `GenerateContentRequest` that grows.
#[derive(Debug, Default)]
pub(super) struct Request {
    /// Its members, but for `generationConfig`.
    pub(super) members: Map<String, Value>,
    /// The members of its `generationConfig`.
    pub(super) config: Map<String, Value>,
}

impl Request {
    /// Puts a member of the caller's in its place. It wins over what was translated, except that
    /// the conversation cannot be replaced.
    pub(super) fn set(&mut self, name: &str, value: &Value) {
        let wins = !matches!(camel(name).as_str(), "contents" | "systemInstruction");
        self.place(name, value, wins);
    }

    /// Puts a member of the operator's in its place unless there is one.
    pub(super) fn set_unless_present(&mut self, name: &str, value: &Value) {
        self.place(name, value, false);
    }

    /// The request as JSON.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        let Self {
            mut members,
            config,
        } = self;
        if !config.is_empty() {
            members.insert("generationConfig".to_owned(), Value::Object(config));
        }
        Value::Object(members).to_string().into_bytes()
    }

    fn place(&mut self, name: &str, value: &Value, wins: bool) {
        let native = camel(name);
        match (native.as_str(), value) {
            ("generationConfig", Value::Object(members)) => {
                for (name, value) in members {
                    put(&mut self.config, &camel(name), value, wins);
                }
            }
            ("maxTokens", _) => put(&mut self.config, "maxOutputTokens", value, wins),
            (known, _) if CONFIG.contains(&known) => put(&mut self.config, known, value, wins),
            (known, _) if MEMBERS.contains(&known) => put(&mut self.members, known, value, wins),
            // Google refuses what it does not know, with a message that names it.
            _ => put(&mut self.members, name, value, wins),
        }
    }
}

/// Two objects are united; otherwise the new value is taken if it wins or there is none.
fn put(into: &mut Map<String, Value>, name: &str, value: &Value, wins: bool) {
    match (into.get_mut(name), value) {
        (Some(Value::Object(old)), Value::Object(new)) => {
            for (name, value) in new {
                if wins || !old.contains_key(name) {
                    old.insert(name.clone(), value.clone());
                }
            }
        }
        (Some(_), _) if !wins => {}
        _ => {
            into.insert(name.to_owned(), value.clone());
        }
    }
}

/// `safety_settings` as `safetySettings`.
fn camel(name: &str) -> String {
    let mut words = name.split('_');
    let mut camel = words.next().unwrap_or_default().to_owned();
    for word in words {
        let mut letters = word.chars();
        camel.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        camel.push_str(letters.as_str());
    }
    camel
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(request: Request) -> Value {
        serde_json::from_slice(&request.into_bytes()).unwrap()
    }

    #[test]
    fn a_native_member_goes_to_its_place_in_either_spelling() {
        let mut request = Request::default();
        for (name, value) in [
            ("top_k", json!(5)),
            ("safety_settings", json!([])),
            ("cachedContent", json!("c")),
            ("generation_config", json!({"media_resolution": "LOW"})),
            ("unheard_of", json!(1)),
        ] {
            request.set(name, &value);
        }
        assert_eq!(
            read(request),
            json!({
                "safetySettings": [], "cachedContent": "c", "unheard_of": 1,
                "generationConfig": {"topK": 5, "mediaResolution": "LOW"},
            })
        );
    }

    #[test]
    fn the_caller_wins_over_the_translation_and_the_operator_does_not() {
        let mut request = Request::default();
        request.config.insert("topP".to_owned(), json!(0.1));
        request.members.insert("contents".to_owned(), json!([1]));
        request.set("topP", &json!(0.2));
        request.set("contents", &json!([]));
        request.set_unless_present("top_p", &json!(0.3));
        request.set_unless_present("toolConfig", &json!({"retrievalConfig": {}}));
        assert_eq!(
            read(request),
            json!({
                "contents": [1], "toolConfig": {"retrievalConfig": {}},
                "generationConfig": {"topP": 0.2},
            })
        );
    }
}
