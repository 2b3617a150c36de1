//! From a vendor's answer to the charge: its usage, the catalogue's price, computed by hand beside.

#[cfg(test)]
mod charges {
    use domain::money::NanoUsd;
    use domain::usage::Usage;
    use providers::anthropic::Anthropic;
    use providers::chat::ChatEvent;
    use providers::gemini::Gemini;
    use providers::ollama::Ollama;
    use providers::openai::OpenAi;
    use providers::wire::Stamp;
    use providers::{Provider, catalogue};
    use serde_json::{Value, json};

    fn stamp(model: &str) -> Stamp {
        Stamp {
            request_id: "req_1".to_owned(),
            created_s: 1_700_000_000,
            model: model.to_owned(),
        }
    }

    fn nanousd(provider: &dyn Provider, model: &str, usage: &Usage) -> i64 {
        let facts = catalogue::look_up(provider, model, None).unwrap();
        let NanoUsd(charge) = facts.price.unwrap().charge(usage);
        charge
    }

    /// The charge of a whole answer to a chat.
    fn charge(provider: &dyn Provider, model: &str, answer: &Value) -> i64 {
        let body = answer.to_string();
        let chat = provider.chat().unwrap();
        let answer = chat.decode(body.as_bytes(), &stamp(model)).unwrap();
        nanousd(provider, model, &answer.usage.unwrap())
    }

    /// The charge of a streamed answer to a chat.
    fn streamed(provider: &dyn Provider, model: &str, stream: &str) -> i64 {
        let mut events = Vec::new();
        let mut reader = provider.chat().unwrap().events(&stamp(model));
        reader.push(stream.as_bytes(), &mut events).unwrap();
        reader.end(&mut events).unwrap();
        let usage = events.iter().find_map(|event| match event {
            ChatEvent::Usage(usage) => Some(usage.clone()),
            _ => None,
        });
        nanousd(provider, model, &usage.unwrap())
    }

    fn openai(model: &str, service_tier: &str, usage: &Value) -> i64 {
        let answer = json!({
            "id": "chatcmpl-1", "object": "chat.completion", "created": 1_700_000_000,
            "model": model, "service_tier": service_tier,
            "choices": [{"index": 0, "finish_reason": "stop",
                         "message": {"role": "assistant", "content": "Hello."}}],
            "usage": usage,
        });
        charge(&OpenAi, model, &answer)
    }

    fn anthropic(model: &str, usage: &Value) -> i64 {
        let answer = json!({
            "id": "msg_1", "type": "message", "role": "assistant", "model": model,
            "content": [{"type": "text", "text": "Hello."}],
            "stop_reason": "end_turn", "stop_sequence": null, "usage": usage,
        });
        charge(&Anthropic, model, &answer)
    }

    fn gemini(model: &str, usage: &Value) -> i64 {
        let answer = json!({
            "candidates": [{"index": 0, "finishReason": "STOP",
                            "content": {"role": "model", "parts": [{"text": "Hello."}]}}],
            "usageMetadata": usage, "modelVersion": model, "responseId": "r1",
        });
        charge(&Gemini, model, &answer)
    }

    #[test]
    fn openais_cached_tokens_are_inside_its_prompt_tokens() {
        let usage = json!({
            "prompt_tokens": 2_006, "completion_tokens": 300, "total_tokens": 2_306,
            "prompt_tokens_details": {"cached_tokens": 1_920, "audio_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
        });
        // gpt-4o: 86 x $2.50 + 1,920 x $1.25 + 300 x $10 per million
        // $0.000215 + $0.0024 + $0.003 = $0.005615
        assert_eq!(openai("gpt-4o", "default", &usage), 5_615_000);
        // The dated snapshot of the answer has an entry of its own at the same price.
        assert_eq!(openai("gpt-4o-2024-08-06", "default", &usage), 5_615_000);
        // priority: 86 x $4.25 + 1,920 x $2.125 + 300 x $17
        // $0.0003655 + $0.00408 + $0.0051 = $0.0095455
        assert_eq!(openai("gpt-4o", "priority", &usage), 9_545_500);
    }

    #[test]
    fn openais_reasoning_tokens_are_inside_its_completion_tokens() {
        let usage = json!({
            "prompt_tokens": 75, "completion_tokens": 1_186, "total_tokens": 1_261,
            "prompt_tokens_details": {"cached_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 1_024},
        });
        // o3: 75 x $2 + 1,186 x $8 per million: $0.00015 + $0.009488 = $0.009638
        assert_eq!(openai("o3", "default", &usage), 9_638_000);
        // flex, half: $0.004819
        assert_eq!(openai("o3", "flex", &usage), 4_819_000);
        // priority: 75 x $3.50 + 1,186 x $14: $0.0002625 + $0.016604 = $0.0168665
        assert_eq!(openai("o3", "priority", &usage), 16_866_500);
    }

    #[test]
    fn openais_audio_tokens_have_their_own_rates() {
        let usage = json!({
            "prompt_tokens": 220, "completion_tokens": 190, "total_tokens": 410,
            "prompt_tokens_details": {"cached_tokens": 0, "text_tokens": 20, "audio_tokens": 200},
            "completion_tokens_details": {"text_tokens": 40, "audio_tokens": 150},
        });
        // gpt-4o-audio-preview: 20 x $2.50 + 200 x $40 + 40 x $10 + 150 x $80 per million
        // $0.00005 + $0.008 + $0.0004 + $0.012 = $0.02045
        assert_eq!(
            openai("gpt-4o-audio-preview", "default", &usage),
            20_450_000
        );
    }

    #[test]
    fn openais_long_context_rates_hold_above_272_000_tokens() {
        let usage = |prompt: u64| {
            json!({
                "prompt_tokens": prompt, "completion_tokens": 2_000,
                "total_tokens": prompt + 2_000,
                "prompt_tokens_details": {"cached_tokens": 10_000},
            })
        };
        // gpt-5.4 flex, exactly 272,000: 262,000 x $1.25 + 10,000 x $0.13 + 2,000 x $7.50
        // $0.3275 + $0.0013 + $0.015 = $0.3438
        assert_eq!(openai("gpt-5.4", "flex", &usage(272_000)), 343_800_000);
        // one more: 262,001 x $2.50 + 10,000 x $0.25 + 2,000 x $11.25
        // $0.6550025 + $0.0025 + $0.0225 = $0.6800025
        assert_eq!(openai("gpt-5.4", "flex", &usage(272_001)), 680_002_500);
        // standard, one more: 262,001 x $5 + 10,000 x $0.50 + 2,000 x $22.50
        // $1.310005 + $0.005 + $0.045 = $1.360005
        assert_eq!(openai("gpt-5.4", "default", &usage(272_001)), 1_360_005_000);
    }

    #[test]
    fn openais_embeddings_have_input_only() {
        let body = json!({
            "object": "list", "model": "text-embedding-3-small",
            "data": [{"object": "embedding", "index": 0, "embedding": [0.5, -0.5]}],
            "usage": {"prompt_tokens": 7, "total_tokens": 7},
        })
        .to_string();
        let model = "text-embedding-3-small";
        let embeddings = OpenAi.embeddings().unwrap();
        let answer = embeddings.decode(body.as_bytes(), &stamp(model)).unwrap();
        // 7 x $0.02 per million = $0.00000014
        assert_eq!(nanousd(&OpenAi, model, &answer.usage.unwrap()), 140);
    }

    #[test]
    fn anthropics_cache_tokens_are_beside_its_input_tokens() {
        let usage = json!({
            "input_tokens": 50, "output_tokens": 700,
            "cache_read_input_tokens": 10_000, "cache_creation_input_tokens": 6_000,
            "cache_creation": {"ephemeral_5m_input_tokens": 2_000, "ephemeral_1h_input_tokens": 4_000},
            "service_tier": "standard",
        });
        // claude-sonnet-4-5: 50 x $3 + 10,000 x $0.30 + 2,000 x $3.75 + 4,000 x $6 + 700 x $15
        // $0.00015 + $0.003 + $0.0075 + $0.024 + $0.0105 = $0.04515
        assert_eq!(anthropic("claude-sonnet-4-5", &usage), 45_150_000);
        // claude-3-5-sonnet-20240620 lists no hour; twice the input is the same $6.
        assert_eq!(anthropic("claude-3-5-sonnet-20240620", &usage), 45_150_000);
    }

    #[test]
    fn anthropics_cached_input_counts_towards_its_long_context() {
        let usage = |input: u64| {
            json!({
                "input_tokens": input, "output_tokens": 100,
                "cache_read_input_tokens": 199_000, "cache_creation_input_tokens": 500,
                "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 500},
            })
        };
        // claude-sonnet-4, exactly 200,000: 500 x $3 + 199,000 x $0.30 + 500 x $6 + 100 x $15
        // $0.0015 + $0.0597 + $0.003 + $0.0015 = $0.0657
        let model = "claude-sonnet-4-20250514";
        assert_eq!(anthropic(model, &usage(500)), 65_700_000);
        // one more: 501 x $6 + 199,000 x $0.60 + 500 x $12 + 100 x $22.50
        // $0.003006 + $0.1194 + $0.006 + $0.00225 = $0.130656
        assert_eq!(anthropic(model, &usage(501)), 130_656_000);
    }

    #[test]
    fn anthropics_stream_counts_input_first_and_output_last() {
        let stream = concat!(
            "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",",
            "\"type\":\"message\",\"role\":\"assistant\",\"model\":\"claude-sonnet-4-5\",",
            "\"content\":[],\"stop_reason\":null,\"stop_sequence\":null,\"usage\":{",
            "\"input_tokens\":50,\"cache_read_input_tokens\":10000,",
            "\"cache_creation_input_tokens\":0,\"output_tokens\":1}}}\n\n",
            "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,",
            "\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n",
            "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,",
            "\"delta\":{\"type\":\"text_delta\",\"text\":\"Hello.\"}}\n\n",
            "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n",
            "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{",
            "\"stop_reason\":\"end_turn\",\"stop_sequence\":null},\"usage\":{",
            "\"output_tokens\":700}}\n\n",
            "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
        );
        // 50 x $3 + 10,000 x $0.30 + 700 x $15 per million: $0.00015 + $0.003 + $0.0105
        assert_eq!(
            streamed(&Anthropic, "claude-sonnet-4-5", stream),
            13_650_000
        );
    }

    #[test]
    fn geminis_thoughts_are_beside_its_candidates_and_cached_tokens_inside_its_prompt() {
        let usage = json!({
            "promptTokenCount": 10_000, "cachedContentTokenCount": 8_000,
            "candidatesTokenCount": 400, "thoughtsTokenCount": 1_600,
            "totalTokenCount": 12_000,
        });
        // gemini-2.5-pro: 2,000 x $1.25 + 8,000 x $0.125 + 2,000 x $10 per million
        // $0.0025 + $0.001 + $0.02 = $0.0235
        assert_eq!(gemini("gemini-2.5-pro", &usage), 23_500_000);
    }

    #[test]
    fn geminis_flex_halves_thoughts_too() {
        let usage = json!({
            "promptTokenCount": 1_000, "candidatesTokenCount": 400, "thoughtsTokenCount": 600,
            "totalTokenCount": 2_000, "serviceTier": "flex",
        });
        // gemini-2.5-flash: 1,000 x $0.15 + 1,000 x $1.25 per million = $0.0014
        assert_eq!(gemini("gemini-2.5-flash", &usage), 1_400_000);
    }

    #[test]
    fn openais_stream_counts_in_its_last_chunk() {
        let chunk = |choices: &str, usage: &str| {
            format!(
                "data: {{\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"created\":1,\
                 \"model\":\"gpt-4o\",\"choices\":[{choices}]{usage}}}\n\n"
            )
        };
        let stream = [
            chunk(r#"{"index":0,"delta":{"role":"assistant","content":"Hello."}}"#, ""),
            chunk(r#"{"index":0,"delta":{},"finish_reason":"stop"}"#, ""),
            chunk(
                "",
                r#","usage":{"prompt_tokens":1500,"completion_tokens":10,"total_tokens":1510,"prompt_tokens_details":{"cached_tokens":1408}}"#,
            ),
            "data: [DONE]\n\n".to_owned(),
        ]
        .concat();
        // 92 x $2.50 + 1,408 x $1.25 + 10 x $10 per million: $0.00023 + $0.00176 + $0.0001
        assert_eq!(streamed(&OpenAi, "gpt-4o", &stream), 2_090_000);
    }

    #[test]
    fn geminis_long_context_rates_hold_above_200_000_tokens() {
        let usage = |prompt: u64| {
            json!({
                "promptTokenCount": prompt, "candidatesTokenCount": 1_000,
                "totalTokenCount": prompt + 1_000,
            })
        };
        // exactly 200,000: 200,000 x $1.25 + 1,000 x $10 = $0.25 + $0.01
        assert_eq!(gemini("gemini-2.5-pro", &usage(200_000)), 260_000_000);
        // one more: 200,001 x $2.50 + 1,000 x $15 = $0.5000025 + $0.015
        assert_eq!(gemini("gemini-2.5-pro", &usage(200_001)), 515_002_500);
    }

    #[test]
    fn geminis_audio_has_its_own_rate() {
        let usage = json!({
            "promptTokenCount": 1_100, "candidatesTokenCount": 100, "totalTokenCount": 1_200,
            "promptTokensDetails": [
                {"modality": "TEXT", "tokenCount": 100}, {"modality": "AUDIO", "tokenCount": 1_000},
            ],
        });
        // gemini-2.5-flash: 100 x $0.30 + 1,000 x $1 + 100 x $2.50 per million
        // $0.00003 + $0.001 + $0.00025 = $0.00128
        assert_eq!(gemini("gemini-2.5-flash", &usage), 1_280_000);
    }

    #[test]
    fn ollama_costs_nothing() {
        let answer = json!({
            "model": "llama3", "created_at": "2025-01-01T00:00:00Z",
            "message": {"role": "assistant", "content": "Hello."},
            "done": true, "done_reason": "stop",
            "prompt_eval_count": 26, "eval_count": 298,
        });
        assert_eq!(charge(&Ollama, "llama3", &answer), 0);
        assert_eq!(charge(&Ollama, "our-own", &answer), 0);
    }
}
