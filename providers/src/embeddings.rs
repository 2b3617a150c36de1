//! An embedding call and its vectors, in our own words.

use domain::usage::Usage;
use serde_json::{Map, Value};

use crate::wire::{Malformed, Stamp, Target, Untranslatable, WireBody};

/// A vendor's embeddings.
pub trait EmbeddingsApi: Sync {
    /// Puts a call into the vendor's words.
    ///
    /// # Errors
    /// When the vendor cannot honour a parameter and nobody allowed to drop it.
    fn encode(&self, call: &EmbeddingCall, target: &Target<'_>)
    -> Result<WireBody, Untranslatable>;

    /// Reads the answer.
    ///
    /// # Errors
    /// When the body is not of the vendor's shape.
    fn decode(&self, body: &[u8], stamp: &Stamp) -> Result<EmbeddingAnswer, Malformed>;
}

/// What is to be embedded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EmbeddingCall {
    /// One vector each. Token arrays have been decoded to text.
    pub inputs: Vec<String>,
    /// The length of the vectors.
    pub dimensions: Option<u64>,
    /// How the caller wants the vectors written.
    pub encoding: VectorEncoding,
    /// The caller's own end user.
    pub user: Option<String>,
    /// Members that OpenAI does not have: they travel along as they are.
    pub extra: Map<String, Value>,
}

/// How vectors are written in the answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum VectorEncoding {
    /// JSON numbers.
    #[default]
    Float,
    /// Little-endian 32-bit floats in base 64: what OpenAI's SDKs ask for.
    Base64,
}

/// The vectors, in the order of the inputs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EmbeddingAnswer {
    /// One for each input.
    pub vectors: Vec<Vec<f32>>,
    /// The model that the vendor names.
    pub model: String,
    /// What the vendor counted; none when it did not say.
    pub usage: Option<Usage>,
}
