//! Sampling, and the members that are Ollama's own.

use serde_json::{Map, Value};

/// The members of `options`, as Ollama's documentation of the Modelfile and its API name them.
const OPTIONS: &[&str] = &[
    "draft_num_predict",
    "embedding_only",
    "f16_kv",
    "frequency_penalty",
    "logits_all",
    "low_vram",
    "main_gpu",
    "min_p",
    "mirostat",
    "mirostat_eta",
    "mirostat_tau",
    "num_batch",
    "num_ctx",
    "num_gpu",
    "num_keep",
    "num_predict",
    "num_thread",
    "numa",
    "penalize_newline",
    "presence_penalty",
    "repeat_last_n",
    "repeat_penalty",
    "seed",
    "stop",
    "temperature",
    "tfs_z",
    "top_k",
    "top_p",
    "typical_p",
    "use_mlock",
    "use_mmap",
    "vocab_only",
];

/// A request that grows: its members, and those of its `options`.
#[derive(Debug, Default)]
pub(super) struct Request {
    /// The members, but for `options`.
    pub(super) members: Map<String, Value>,
    /// The members of `options`.
    pub(super) options: Map<String, Value>,
}

impl Request {
    /// A request to a model.
    pub(super) fn to_model(model: &str) -> Self {
        let mut request = Self::default();
        request.members.insert("model".to_owned(), model.into());
        request
    }

    /// Puts an option, when it is given.
    pub(super) fn option(&mut self, name: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.options.insert(name.to_owned(), value.into());
        }
    }

    /// Adds the caller's members, which win over the translation but cannot replace what is
    /// asked, and the operator's, which do not win.
    ///
    /// What Ollama knows as an option goes there; everything else (`keep_alive`, `think`,
    /// `format`, `raw`, `template` …) stays at the top. Ollama ignores what it does not know.
    pub(super) fn add(&mut self, extra: &Map<String, Value>, extra_body: &Map<String, Value>) {
        for (name, value) in extra {
            let is_asked = matches!(
                name.as_str(),
                "model" | "messages" | "prompt" | "input" | "stream"
            );
            self.place(name, value, !is_asked);
        }
        for (name, value) in extra_body {
            self.place(name, value, false);
        }
    }

    /// The request as JSON.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        let Self {
            mut members,
            options,
        } = self;
        if !options.is_empty() {
            members.insert("options".to_owned(), Value::Object(options));
        }
        Value::Object(members).to_string().into_bytes()
    }

    fn place(&mut self, name: &str, value: &Value, wins: bool) {
        match (name, value) {
            ("options", Value::Object(options)) => {
                for (name, value) in options {
                    put(&mut self.options, name, value, wins);
                }
            }
            ("max_tokens", _) => put(&mut self.options, "num_predict", value, wins),
            _ if OPTIONS.contains(&name) => put(&mut self.options, name, value, wins),
            _ => put(&mut self.members, name, value, wins),
        }
    }
}

fn put(into: &mut Map<String, Value>, name: &str, value: &Value, wins: bool) {
    if wins || !into.contains_key(name) {
        into.insert(name.to_owned(), value.clone());
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn ollamas_own_members_go_to_their_places() {
        let mut request = Request::to_model("llama3");
        request.option("temperature", Some(0.5));
        let extra = json!({
            "num_ctx": 8192, "keep_alive": "5m", "options": {"min_p": 0.1}, "temperature": 1,
            "model": "other", "unheard_of": true,
        });
        let extra_body = json!({"num_ctx": 1, "repeat_penalty": 1.1, "max_tokens": 7});
        request.add(extra.as_object().unwrap(), extra_body.as_object().unwrap());
        assert_eq!(
            serde_json::from_slice::<Value>(&request.into_bytes()).unwrap(),
            json!({
                "model": "llama3", "keep_alive": "5m", "unheard_of": true,
                "options": {
                    "temperature": 1, "num_ctx": 8192, "min_p": 0.1, "repeat_penalty": 1.1,
                    "num_predict": 7,
                },
            })
        );
    }
}
