//! A provider's whole answer to the caller's dialect.

use bytes::Bytes;
use domain::usage::Usage;
use providers::chat::ChatAnswer;
use providers::embeddings::{EmbeddingAnswer, VectorEncoding};
use providers::failure::Failure;
use providers::openai::body::BodyKind;
use providers::openai::tap::Tapped;
use providers::openai::write;
use providers::wire::{Malformed, Stamp};

use crate::call::{Call, Words};
use crate::send::fault::Fault;
use crate::translate::Lane;

/// A whole answer, read.
pub struct Read {
    /// For the caller.
    pub body: Bytes,
    /// What the provider counted.
    pub usage: Option<Usage>,
    /// The answer's text, for counting when the provider did not.
    pub output_text: String,
    /// Vectors that nobody has counted, to be written once more when they are.
    pub uncounted: Option<(EmbeddingAnswer, VectorEncoding)>,
}

/// Writes vectors that the provider did not count with our own count: clients add it up.
#[must_use]
pub fn with_count(
    (mut answer, encoding): (EmbeddingAnswer, VectorEncoding),
    counted: &Usage,
) -> Bytes {
    answer.usage = Some(counted.clone());
    Bytes::from(write::embedding_answer(&answer, encoding))
}

/// Reads a whole answer of `lane` and writes it in the caller's dialect.
///
/// # Errors
/// [`Fault::Malformed`] when it is not of the provider's shape.
pub fn read(
    call: &Call,
    lane: Lane,
    bytes: Bytes,
    stamp: impl FnOnce() -> Stamp,
) -> Result<Read, Fault> {
    let malformed = |_malformed: Malformed| Fault::Malformed;
    match lane {
        Lane::Same => {
            let tapped = Tapped::whole(&bytes);
            if let Some(message) = tapped.error {
                let failure = Failure::classify(500, message, None, None);
                return Err(Fault::Refused {
                    failure,
                    retry_after: None,
                });
            }
            // `{}` with status 200 is no answer: no client could read it.
            let has_answers = match call.body.kind {
                BodyKind::Chat | BodyKind::Completion => tapped.has_choices,
                BodyKind::Embedding => tapped.has_data,
            };
            if !tapped.valid || !has_answers {
                return Err(Fault::Malformed);
            }
            Ok(Read {
                body: bytes,
                usage: tapped.usage,
                output_text: tapped.output_text,
                uncounted: None,
            })
        }
        Lane::Chat(api) => Ok(written(
            call.body.kind,
            api.decode(&bytes, &stamp()).map_err(malformed)?,
        )),
        Lane::Completion(api) => Ok(written(
            call.body.kind,
            api.decode(&bytes, &stamp()).map_err(malformed)?,
        )),
        Lane::Embedding(api) => {
            let answer = api.decode(&bytes, &stamp()).map_err(malformed)?;
            let encoding = match call.words() {
                Ok(Words::Embedding(embedding)) => embedding.encoding,
                _ => return Err(Fault::Malformed),
            };
            let body = Bytes::from(write::embedding_answer(&answer, encoding));
            let usage = answer.usage.clone();
            Ok(Read {
                body,
                uncounted: usage.is_none().then_some((answer, encoding)),
                usage,
                output_text: String::new(),
            })
        }
    }
}

/// Writes an answer in the dialect of the caller's endpoint.
#[must_use]
pub fn written(kind: BodyKind, answer: ChatAnswer) -> Read {
    let body = match kind {
        BodyKind::Completion => write::completion_answer(&answer),
        BodyKind::Chat | BodyKind::Embedding => write::chat_answer(&answer),
    };
    let mut output_text = String::new();
    for choice in &answer.choices {
        output_text.extend(choice.text.as_deref());
        output_text.extend(choice.reasoning.as_deref());
        output_text.extend(choice.tool_calls.iter().map(|call| call.arguments.as_str()));
    }
    Read {
        body: Bytes::from(body),
        usage: answer.usage,
        output_text,
        uncounted: None,
    }
}
