//! A caller's body never panics; what is sent to a provider differs in the model's name alone.
#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use providers::openai::body::{BodyKind, CallerBody};
use providers::openai::splice::Edits;

fuzz_target!(|input: &[u8]| {
    for kind in [BodyKind::Chat, BodyKind::Completion, BodyKind::Embedding] {
        let Ok(body) = CallerBody::read(Bytes::copy_from_slice(input), kind) else { continue };
        let sent = body.with_model("the-model", &Edits::default()).concat();
        let again = CallerBody::read(Bytes::from(sent.clone()), kind);
        let Ok(again) = again else {
            panic!("what is sent cannot be read: {}", String::from_utf8_lossy(&sent));
        };
        assert_eq!(again.model.as_deref(), Some("the-model"));
        assert_eq!((again.stream, again.n, again.prompts), (body.stream, body.n, body.prompts));
        assert_eq!(again.max_output_tokens, body.max_output_tokens);
    }
});
