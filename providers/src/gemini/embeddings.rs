//! Embeddings: `batchEmbedContents`, one request for each input.

use domain::usage::Usage;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::address;
use crate::embeddings::{EmbeddingAnswer, EmbeddingCall, EmbeddingsApi};
use crate::policy::is_dropped;
use crate::wire::{Malformed, Stamp, Target, Untranslatable, WireBody};

/// Members of Google's that belong to each input.
const PER_INPUT: &[(&str, &str)] = &[
    ("task_type", "taskType"),
    ("taskType", "taskType"),
    ("title", "title"),
    ("output_dimensionality", "outputDimensionality"),
    ("outputDimensionality", "outputDimensionality"),
    ("embed_content_config", "embedContentConfig"),
    ("embedContentConfig", "embedContentConfig"),
];

/// Gemini's embeddings.
pub(super) struct Embeddings;

impl EmbeddingsApi for Embeddings {
    /// `user` is a label for the gateway and not sent; how vectors are written to the caller is
    /// the gateway's affair as well.
    fn encode(
        &self,
        call: &EmbeddingCall,
        target: &Target<'_>,
    ) -> Result<WireBody, Untranslatable> {
        let mut each = Map::new();
        each.insert("model".to_owned(), address::resource(target.model).into());
        let is_kept = |name: &str| !is_dropped(target.parameters, name);
        if let Some(dimensions) = call.dimensions.filter(|_| is_kept("dimensions")) {
            each.insert("outputDimensionality".to_owned(), dimensions.into());
        }
        let mut body = Map::new();
        let extra = call.extra.iter().filter(|(name, _value)| is_kept(name));
        for (name, value) in extra.chain(target.extra_body) {
            let native = PER_INPUT.iter().find(|(known, _native)| known == name);
            let (into, name) = match native {
                Some((_known, native)) => (&mut each, *native),
                None => (&mut body, name.as_str()),
            };
            // The caller's members come first.
            into.entry(name).or_insert_with(|| value.clone());
        }
        let requests: Vec<Value> = call
            .inputs
            .iter()
            .map(|text| {
                let mut request = each.clone();
                request.insert("content".to_owned(), json!({"parts": [{"text": text}]}));
                Value::Object(request)
            })
            .collect();
        body.insert("requests".to_owned(), requests.into());
        Ok(WireBody {
            bytes: Value::Object(body).to_string().into_bytes(),
            dropped: Vec::new(),
            headers: Vec::new(),
        })
    }

    fn decode(&self, body: &[u8], stamp: &Stamp) -> Result<EmbeddingAnswer, Malformed> {
        let answer: Answer =
            serde_json::from_slice(body).map_err(|error| Malformed::Answer(error.to_string()))?;
        let usage = answer.usage_metadata;
        Ok(EmbeddingAnswer {
            vectors: answer
                .embeddings
                .into_iter()
                .map(|embedding| embedding.values)
                .collect(),
            model: stamp.model.clone(),
            usage: usage.map(|usage| Usage {
                input_tokens: usage.prompt_token_count,
                ..Usage::default()
            }),
        })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    embeddings: Vec<Embedding>,
    usage_metadata: Option<UsageMetadata>,
}

#[derive(Deserialize)]
struct Embedding {
    values: Vec<f32>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct UsageMetadata {
    prompt_token_count: u64,
}

#[cfg(test)]
mod tests {
    use domain::routing::ParameterPolicy;

    use super::*;

    #[test]
    fn each_input_is_a_request_of_its_own() {
        let (rules, extra_body) = (ParameterPolicy::default(), Map::new());
        let target = Target {
            model: "gemini-embedding-001",
            base_url: "https://g.example",
            api_key: None,
            api_version: None,
            organization: None,
            max_output_tokens: None,
            reasons: false,
            parameters: &rules,
            extra_body: &extra_body,
        };
        let call = EmbeddingCall {
            inputs: vec!["a".to_owned(), "b".to_owned()],
            dimensions: Some(4),
            extra: Map::from_iter([("task_type".to_owned(), json!("CLUSTERING"))]),
            ..EmbeddingCall::default()
        };
        let body = Embeddings.encode(&call, &target).unwrap();
        let request = |text: &str| {
            json!({
                "model": "models/gemini-embedding-001", "outputDimensionality": 4,
                "taskType": "CLUSTERING", "content": {"parts": [{"text": text}]},
            })
        };
        assert_eq!(
            serde_json::from_slice::<Value>(&body.bytes).unwrap(),
            json!({"requests": [request("a"), request("b")]})
        );
    }

    #[test]
    fn the_vectors_come_back_in_order() {
        let stamp = Stamp {
            request_id: "req_1".to_owned(),
            created_s: 1,
            model: "m".to_owned(),
        };
        let body = br#"{"embeddings":[{"values":[1,0.5]},{"values":[-2e-1]}]}"#;
        let answer = Embeddings.decode(body, &stamp).unwrap();
        assert_eq!(answer.vectors, [vec![1.0, 0.5], vec![-0.2]]);
        assert_eq!(answer.usage, None);
        assert!(Embeddings.decode(b"<html>", &stamp).is_err());
    }
}
