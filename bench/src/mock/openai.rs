//! OpenAI's chat completions as the mock writes them.

use std::fmt::Write as _;

use super::answers::now_ns;

/// A whole answer around `text` (already escaped).
pub fn answer(text: &str) -> String {
    format!(
        "{{\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion\",\"created\":1795341600,\
         \"model\":\"gpt-4o-2024-08-06\",\"choices\":[{{\"index\":0,\"message\":{{\"role\":\"assistant\",\
         \"content\":\"{text}\",\"refusal\":null,\"annotations\":[]}},\"logprobs\":null,\"finish_reason\":\"stop\"}}],\
         {},\"service_tier\":\"default\",\"system_fingerprint\":\"fp_bench\"}}",
        usage(150)
    )
}

fn usage(completion_tokens: u32) -> String {
    format!(
        "\"usage\":{{\"prompt_tokens\":200,\"completion_tokens\":{completion_tokens},\"total_tokens\":{},\
         \"prompt_tokens_details\":{{\"cached_tokens\":0,\"audio_tokens\":0}},\
         \"completion_tokens_details\":{{\"reasoning_tokens\":0,\"audio_tokens\":0,\
         \"accepted_prediction_tokens\":0,\"rejected_prediction_tokens\":0}}}}",
        200 + completion_tokens
    )
}

/// The event that names the role.
pub fn opening(model: &str, events: &mut String) {
    event(
        model,
        "{\"role\":\"assistant\",\"content\":\"\",\"refusal\":null}",
        events,
    );
}

/// One chunk of content; its text is the time of writing.
pub fn chunk(model: &str, events: &mut String) {
    let delta = format!("{{\"content\":\"@{:019}\"}}", now_ns());
    event(model, &delta, events);
}

fn event(model: &str, delta: &str, events: &mut String) {
    write!(
        events,
        "data: {{\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion.chunk\",\"created\":1795341600,\
         \"model\":\"{model}\",\"service_tier\":\"default\",\"system_fingerprint\":\"fp_bench\",\
         \"choices\":[{{\"index\":0,\"delta\":{delta},\"logprobs\":null,\"finish_reason\":null}}]}}\n\n"
    )
    .unwrap();
}

/// The finish, the usage when it was asked for, and `[DONE]`; `ending` is (usage asked for, chunks sent).
pub fn closing(model: &str, ending: (bool, u32), events: &mut String) {
    let (include_usage, chunks) = ending;
    let frame = format!(
        "\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion.chunk\",\"created\":1795341600,\"model\":\"{model}\""
    );
    write!(
        events,
        "data: {{{frame},\"choices\":[{{\"index\":0,\"delta\":{{}},\"logprobs\":null,\"finish_reason\":\"stop\"}}]}}\n\n"
    )
    .unwrap();
    if include_usage {
        write!(
            events,
            "data: {{{frame},\"choices\":[],{}}}\n\n",
            usage(chunks)
        )
        .unwrap();
    }
    events.push_str("data: [DONE]\n\n");
}
