//! Embeddings: `/api/embed`.

use domain::usage::Usage;
use serde::Deserialize;

use super::options::Request;
use crate::embeddings::{EmbeddingAnswer, EmbeddingCall, EmbeddingsApi};
use crate::policy::is_dropped;
use crate::wire::{Malformed, Stamp, Target, Untranslatable, WireBody};

/// Ollama's embeddings.
pub(super) struct Embeddings;

impl EmbeddingsApi for Embeddings {
    fn encode(
        &self,
        call: &EmbeddingCall,
        target: &Target<'_>,
    ) -> Result<WireBody, Untranslatable> {
        let mut request = Request::to_model(target.model);
        let members = &mut request.members;
        members.insert("input".to_owned(), call.inputs.clone().into());
        let is_kept = |name: &str| !is_dropped(target.parameters, name);
        if let Some(dimensions) = call.dimensions.filter(|_| is_kept("dimensions")) {
            members.insert("dimensions".to_owned(), dimensions.into());
        }
        let mut extra = call.extra.clone();
        extra.retain(|name, _value| is_kept(name));
        request.add(&extra, target.extra_body);
        Ok(WireBody {
            bytes: request.into_bytes(),
            dropped: Vec::new(),
            headers: Vec::new(),
        })
    }

    fn decode(&self, body: &[u8], stamp: &Stamp) -> Result<EmbeddingAnswer, Malformed> {
        let answer: Answer =
            serde_json::from_slice(body).map_err(|error| Malformed::Answer(error.to_string()))?;
        Ok(EmbeddingAnswer {
            vectors: answer.embeddings,
            model: answer.model.unwrap_or_else(|| stamp.model.clone()),
            usage: answer.prompt_eval_count.map(|input_tokens| Usage {
                input_tokens,
                ..Usage::default()
            }),
        })
    }
}

#[derive(Deserialize)]
struct Answer {
    model: Option<String>,
    embeddings: Vec<Vec<f32>>,
    prompt_eval_count: Option<u64>,
}
