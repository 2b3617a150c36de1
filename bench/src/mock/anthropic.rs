//! Anthropic's Messages as the mock writes them.

use std::fmt::Write as _;

use super::answers::now_ns;

/// A whole answer around `text` (already escaped).
pub fn answer(text: &str) -> String {
    format!(
        "{{\"id\":\"msg_bench\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"claude-bench\",\
         \"content\":[{{\"type\":\"text\",\"text\":\"{text}\"}}],\"stop_reason\":\"end_turn\",\"stop_sequence\":null,\
         \"usage\":{{\"input_tokens\":200,\"cache_creation_input_tokens\":0,\"cache_read_input_tokens\":0,\
         \"output_tokens\":150}}}}"
    )
}

/// The message's and the block's first events.
pub fn opening(model: &str, events: &mut String) {
    write!(
        events,
        "event: message_start\ndata: {{\"type\":\"message_start\",\"message\":{{\"id\":\"msg_bench\",\"type\":\"message\",\
         \"role\":\"assistant\",\"model\":\"{model}\",\"content\":[],\"stop_reason\":null,\"stop_sequence\":null,\
         \"usage\":{{\"input_tokens\":200,\"output_tokens\":1}}}}}}\n\n\
         event: content_block_start\ndata: {{\"type\":\"content_block_start\",\"index\":0,\
         \"content_block\":{{\"type\":\"text\",\"text\":\"\"}}}}\n\n"
    )
    .unwrap();
}

/// One delta of text; the text is the time of writing.
pub fn chunk(events: &mut String) {
    write!(
        events,
        "event: content_block_delta\ndata: {{\"type\":\"content_block_delta\",\"index\":0,\
         \"delta\":{{\"type\":\"text_delta\",\"text\":\"@{:019}\"}}}}\n\n",
        now_ns()
    )
    .unwrap();
}

/// The end of the block and of the message, with its usage.
pub fn closing(chunks: u32, events: &mut String) {
    write!(
        events,
        "event: content_block_stop\ndata: {{\"type\":\"content_block_stop\",\"index\":0}}\n\n\
         event: message_delta\ndata: {{\"type\":\"message_delta\",\"delta\":{{\"stop_reason\":\"end_turn\",\
         \"stop_sequence\":null}},\"usage\":{{\"output_tokens\":{chunks}}}}}\n\n\
         event: message_stop\ndata: {{\"type\":\"message_stop\"}}\n\n"
    )
    .unwrap();
}
