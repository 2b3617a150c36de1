//! One case: its files, what they say, and the comparison with what is expected.

use std::fs;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use domain::keys::Secret;
use domain::routing::ParameterPolicy;
use domain::usage::Usage;
use serde_json::{Map, Value, json};

use crate::Provider;
use crate::openai::body::{BodyKind, CallerBody};
use crate::wire::{Stamp, Target};

/// One folder.
pub(super) struct Case {
    pub(super) provider: &'static dyn Provider,
    folder: PathBuf,
}

/// What `target.json` says.
pub(super) struct Deployment {
    model: String,
    pub(super) base_url: String,
    max_output_tokens: Option<u64>,
    reasons: bool,
    parameters: ParameterPolicy,
    extra_body: Map<String, Value>,
}

/// Every vendor with a folder of its own, and its cases.
pub(super) fn cases() -> Vec<Case> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut cases = Vec::new();
    for &provider in crate::ALL {
        let folder = source.join(provider.name()).join("cases");
        let mut folders: Vec<PathBuf> = fs::read_dir(&folder)
            .into_iter()
            .flatten()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.is_dir())
            .collect();
        folders.sort();
        cases.extend(folders.into_iter().map(|folder| Case { provider, folder }));
    }
    cases
}

impl Case {
    pub(super) fn name(&self) -> String {
        let name = self.folder.file_name().unwrap().to_string_lossy();
        format!("{}/{name}", self.provider.name())
    }

    pub(super) fn has(&self, file: &str) -> bool {
        self.folder.join(file).exists()
    }

    pub(super) fn bytes(&self, file: &str) -> Vec<u8> {
        fs::read(self.folder.join(file)).unwrap()
    }

    pub(super) fn json(&self, file: &str) -> Option<Value> {
        self.has(file).then(|| {
            serde_json::from_slice(&self.bytes(file))
                .unwrap_or_else(|error| panic!("{} {file}: {error}", self.name()))
        })
    }

    /// Compares with the expected file, or writes it.
    pub(super) fn expect(&self, file: &str, got: &Value) {
        if std::env::var_os("UPDATE_CASES").is_some() {
            let text = serde_json::to_string_pretty(got).unwrap() + "\n";
            fs::write(self.folder.join(file), text).unwrap();
            return;
        }
        let name = self.name();
        let expected = self.json(file);
        let expected = expected
            .unwrap_or_else(|| panic!("{name}: {file} is missing; UPDATE_CASES=1 writes it"));
        assert_eq!(
            got,
            &expected,
            "{name} {file}, got:\n{}",
            serde_json::to_string_pretty(got).unwrap()
        );
    }

    pub(super) fn call(&self) -> Option<CallerBody> {
        let json = self.json("call.json")?;
        let kind = match &json {
            json if json.get("messages").is_some() => BodyKind::Chat,
            json if json.get("input").is_some() => BodyKind::Embedding,
            _ => BodyKind::Completion,
        };
        let bytes = Bytes::from(self.bytes("call.json"));
        let call = CallerBody::read(bytes, kind);
        Some(call.unwrap_or_else(|bad| panic!("{}: {bad}", self.name())))
    }

    pub(super) fn deployment(&self, call: Option<&CallerBody>) -> Deployment {
        let json = self.json("target.json").unwrap_or_default();
        let text = |name: &str| json.get(name).and_then(Value::as_str).map(str::to_owned);
        let flag = |name: &str| json.get(name).and_then(Value::as_bool).unwrap_or(false);
        let texts = |name: &str| -> Vec<String> {
            let list = json.get(name).cloned().unwrap_or_else(|| json!([]));
            serde_json::from_value(list).unwrap()
        };
        let asked = call.and_then(|call| call.model.clone());
        let usual = self
            .provider
            .default_base_url()
            .unwrap_or("http://localhost");
        Deployment {
            model: text("model")
                .or(asked)
                .unwrap_or_else(|| "test-model".to_owned()),
            base_url: text("base_url").unwrap_or_else(|| usual.to_owned()),
            max_output_tokens: json.get("max_output_tokens").and_then(Value::as_u64),
            reasons: flag("reasons"),
            parameters: ParameterPolicy {
                drop_unsupported: flag("drop_unsupported"),
                drop_always: texts("drop_always"),
                allow_always: texts("allow_always"),
            },
            extra_body: json
                .get("extra_body")
                .and_then(Value::as_object)
                .cloned()
                .unwrap_or_default(),
        }
    }
}

impl Deployment {
    pub(super) fn target<'a>(&'a self, key: &'a Secret) -> Target<'a> {
        Target {
            model: &self.model,
            base_url: &self.base_url,
            api_key: Some(key),
            api_version: None,
            organization: None,
            max_output_tokens: self.max_output_tokens,
            reasons: self.reasons,
            parameters: &self.parameters,
            extra_body: &self.extra_body,
        }
    }

    pub(super) fn stamp(&self) -> Stamp {
        Stamp {
            request_id: "req_case".to_owned(),
            created_s: 1_700_000_000,
            model: self.model.clone(),
        }
    }
}

/// The kinds that are not 0; `null` when the vendor did not count.
pub(super) fn usage_json(usage: Option<&Usage>) -> Value {
    let Some(usage) = usage else {
        return Value::Null;
    };
    let Usage {
        input_tokens,
        cache_read_tokens,
        cache_write_tokens,
        cache_write_1h_tokens,
        audio_input_tokens,
        image_input_tokens,
        output_tokens,
        reasoning_tokens,
        audio_output_tokens,
        service_tier,
        estimated,
    } = usage.clone();
    let mut json = Map::new();
    for (name, count) in [
        ("input_tokens", input_tokens),
        ("cache_read_tokens", cache_read_tokens),
        ("cache_write_tokens", cache_write_tokens),
        ("cache_write_1h_tokens", cache_write_1h_tokens),
        ("audio_input_tokens", audio_input_tokens),
        ("image_input_tokens", image_input_tokens),
        ("output_tokens", output_tokens),
        ("reasoning_tokens", reasoning_tokens),
        ("audio_output_tokens", audio_output_tokens),
    ] {
        if count > 0 {
            json.insert(name.to_owned(), count.into());
        }
    }
    let tier = format!("{service_tier:?}").to_ascii_lowercase();
    if tier != "standard" {
        json.insert("service_tier".to_owned(), tier.into());
    }
    if estimated {
        json.insert("estimated".to_owned(), true.into());
    }
    Value::Object(json)
}
