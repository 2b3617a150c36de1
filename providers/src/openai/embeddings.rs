//! Embeddings: a caller's body, OpenAI's request, and its vectors in either encoding.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::bad_body::BadBody;
use super::body::{BodyKind, CallerBody};
use super::completions::texts_or_tokens;
use super::encode;
use super::usage::UsageSeen;
use crate::embeddings::{EmbeddingAnswer, EmbeddingCall, EmbeddingsApi, VectorEncoding};
use crate::wire::{Malformed, Stamp, Target, Untranslatable, WireBody};

impl CallerBody {
    /// Reads the whole body as an embedding call.
    ///
    /// # Errors
    /// When a member has a wrong type, or a token is none of `cl100k_base`.
    pub fn embedding_call(&self) -> Result<EmbeddingCall, BadBody> {
        if self.kind != BodyKind::Embedding {
            return Err(BadBody::missing("input"));
        }
        let mut fields = self.fields()?;
        let input = fields
            .take("input")
            .ok_or_else(|| BadBody::missing("input"))?;
        let encoding = match fields.text("encoding_format")?.as_deref() {
            None | Some("float") => VectorEncoding::Float,
            Some("base64") => VectorEncoding::Base64,
            Some(_) => {
                let reason = "send float or base64";
                return Err(BadBody::invalid("encoding_format", reason));
            }
        };
        Ok(EmbeddingCall {
            inputs: texts_or_tokens("input", input)?,
            dimensions: fields.count("dimensions")?,
            encoding,
            user: self.user.clone(),
            extra: fields.rest(),
        })
    }
}

/// Embeddings in OpenAI's dialect.
pub(crate) struct Embeddings;

impl EmbeddingsApi for Embeddings {
    fn encode(
        &self,
        call: &EmbeddingCall,
        target: &Target<'_>,
    ) -> Result<WireBody, Untranslatable> {
        let EmbeddingCall {
            inputs,
            dimensions,
            encoding,
            user,
            extra,
        } = call;
        let mut body = Map::new();
        body.insert("model".to_owned(), target.model.into());
        let input = encode::texts(inputs).unwrap_or_else(|| Value::Array(Vec::new()));
        body.insert("input".to_owned(), input);
        let format = match encoding {
            VectorEncoding::Float => None,
            VectorEncoding::Base64 => Some("base64".into()),
        };
        let optional = [
            ("encoding_format", format),
            ("dimensions", dimensions.map(Value::from)),
            ("user", user.clone().map(Value::String)),
        ];
        for (name, value) in optional {
            if let Some(value) = value {
                body.insert(name.to_owned(), value);
            }
        }
        for (name, value) in extra {
            body.entry(name.as_str()).or_insert_with(|| value.clone());
        }
        Ok(encode::finish(body, target))
    }

    fn decode(&self, body: &[u8], stamp: &Stamp) -> Result<EmbeddingAnswer, Malformed> {
        let seen: AnswerSeen =
            serde_json::from_slice(body).map_err(|e| Malformed::Answer(e.to_string()))?;
        let mut data = seen.data;
        // Servers list them in order; the index says so where they do not.
        data.sort_by_key(|item| item.index);
        Ok(EmbeddingAnswer {
            vectors: data
                .into_iter()
                .map(|item| item.embedding.floats())
                .collect::<Result<_, _>>()?,
            model: seen.model.unwrap_or_else(|| stamp.model.clone()),
            usage: seen
                .usage
                .filter(|usage| !usage.is_empty())
                .map(|usage| usage.usage(None)),
        })
    }
}

#[derive(Deserialize)]
struct AnswerSeen {
    data: Vec<ItemSeen>,
    model: Option<String>,
    usage: Option<UsageSeen>,
}

#[derive(Deserialize)]
struct ItemSeen {
    #[serde(default)]
    index: u32,
    embedding: VectorSeen,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum VectorSeen {
    Floats(Vec<f32>),
    Base64(String),
}

impl VectorSeen {
    fn floats(self) -> Result<Vec<f32>, Malformed> {
        let text = match self {
            Self::Floats(floats) => return Ok(floats),
            Self::Base64(text) => text,
        };
        let bytes = STANDARD
            .decode(&text)
            .map_err(|e| Malformed::Answer(e.to_string()))?;
        let chunks = bytes.chunks_exact(4);
        if !chunks.remainder().is_empty() {
            return Err(Malformed::Answer("half a number in a vector".to_owned()));
        }
        Ok(chunks
            .filter_map(|chunk| chunk.try_into().ok().map(f32::from_le_bytes))
            .collect())
    }
}
