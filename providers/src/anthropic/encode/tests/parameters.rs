//! Everything else that a call may ask for.

use super::*;

#[test]
fn a_plain_call_asks_for_nothing_that_the_caller_did_not() {
    assert_eq!(
        on(OLD).body(&hello()),
        json!({"model": OLD, "max_tokens": 4096,
            "messages": [{"role": "user", "content": [{"type": "text", "text": "hi"}]}]})
    );
}

#[test]
fn sampling_is_sent_within_what_the_model_takes() {
    let with = |temperature: Option<f64>, top_p: Option<f64>| ChatCall {
        temperature: temperature.and_then(Number::from_f64),
        top_p: top_p.and_then(Number::from_f64),
        ..hello()
    };
    let both = on(OLD).body(&with(Some(0.2), Some(0.9)));
    assert_eq!(
        (&both["temperature"], &both["top_p"]),
        (&json!(0.2), &json!(0.9))
    );
    assert_eq!(on(OLD).refused(&with(Some(1.5), None)), "temperature");
    let clamped = on(OLD).dropping();
    assert_eq!(clamped.body(&with(Some(1.5), None))["temperature"], 1);
    assert_eq!(clamped.dropped(&with(Some(1.5), None)), ["temperature"]);
    assert_eq!(on(BUDGET).refused(&with(Some(0.2), Some(0.9))), "top_p");
    let usual = on(BUDGET).body(&with(Some(0.2), Some(1.0)));
    assert_eq!(
        (usual["temperature"].as_f64(), usual.get("top_p")),
        (Some(0.2), None)
    );
    let usual = on(BUDGET).body(&with(Some(1.0), Some(0.9)));
    assert_eq!(
        (usual.get("temperature"), usual["top_p"].as_f64()),
        (None, Some(0.9))
    );
    assert_eq!(on(ADAPTIVE).refused(&with(Some(0.0), None)), "temperature");
    assert_eq!(on(ADAPTIVE).refused(&with(None, Some(0.5))), "top_p");
    let defaults = on(ADAPTIVE).body(&with(Some(1.0), Some(1.0)));
    assert_eq!(
        (defaults.get("temperature"), defaults.get("top_p")),
        (None, None)
    );
}

#[test]
fn what_anthropic_does_not_have_is_refused_by_name() {
    for (name, value) in [
        ("frequency_penalty", json!(0.5)),
        ("presence_penalty", json!(-1)),
        ("logit_bias", json!({"1": 1})),
        ("logprobs", json!(true)),
        ("top_logprobs", json!(3)),
        ("prediction", json!({"type": "content", "content": "x"})),
        ("modalities", json!(["text", "audio"])),
        ("store", json!(true)),
        ("verbosity", json!("low")),
        ("web_search_options", json!({})),
        ("service_tier", json!("flex")),
    ] {
        let call = openai(name, value);
        assert_eq!(on(OLD).refused(&call), name);
        assert_eq!(on(OLD).dropping().dropped(&call), [name]);
        assert_eq!(on(OLD).dropping().body(&call).get(name), None);
    }
    let seed = ChatCall {
        seed: Some(Number::from(5)),
        ..hello()
    };
    assert_eq!(on(OLD).refused(&seed), "seed");
    let two = ChatCall {
        n: Some(2),
        ..hello()
    };
    assert_eq!(on(OLD).refused(&two), "n");
}

#[test]
fn defaults_and_hints_are_no_wishes() {
    for (name, value) in [
        ("frequency_penalty", json!(0)),
        ("presence_penalty", json!(0.0)),
        ("logit_bias", json!({})),
        ("logprobs", json!(false)),
        ("top_logprobs", Value::Null),
        ("modalities", json!(["text"])),
        ("store", json!(false)),
        ("stream_options", json!({"include_usage": true})),
        ("prompt_cache_key", json!("k")),
    ] {
        let (body, wire) = on(OLD).send(&openai(name, value)).unwrap();
        assert_eq!((body.get(name), wire.dropped.len()), (None, 0), "{name}");
    }
    let one = ChatCall {
        n: Some(1),
        ..hello()
    };
    assert_eq!(on(OLD).body(&one).get("n"), None);
}

#[test]
fn the_operator_decides_what_is_always_left_out_and_always_sent() {
    let mut setup = on(OLD);
    setup.policy.drop_always = vec!["temperature".to_owned(), "top_k".to_owned()];
    setup.policy.allow_always = vec!["seed".to_owned(), "logprobs".to_owned()];
    let mut call = openai("logprobs", json!(true));
    call.temperature = float(0.5);
    call.seed = Some(Number::from(5));
    call.extra.insert("top_k".to_owned(), json!(7));
    let (body, wire) = setup.send(&call).unwrap();
    assert_eq!(
        (&body["seed"], &body["logprobs"]),
        (&json!(5), &json!(true))
    );
    assert_eq!((body.get("temperature"), body.get("top_k")), (None, None));
    assert_eq!(wire.dropped, ["temperature"]);
}

#[test]
fn stops_of_white_space_are_refused() {
    let with = |stop: &[&str]| ChatCall {
        stop: stop.iter().map(|&text| text.to_owned()).collect(),
        ..hello()
    };
    assert_eq!(
        on(OLD).body(&with(&["A", "B "]))["stop_sequences"],
        json!(["A", "B "])
    );
    assert_eq!(on(OLD).refused(&with(&["\n"])), "stop");
    let setup = on(OLD).dropping();
    assert_eq!(
        setup.body(&with(&["\n", "A"]))["stop_sequences"],
        json!(["A"])
    );
    assert_eq!(setup.dropped(&with(&["\n", "A"])), ["stop"]);
}

#[test]
fn the_end_user_is_named_and_labels_stay_here() {
    let mut call = ChatCall {
        user: Some("u-7".to_owned()),
        ..hello()
    };
    assert_eq!(on(OLD).body(&call)["metadata"], json!({"user_id": "u-7"}));
    call.metadata = json!({"user_id": "u-8", "team": "x"}).as_object().cloned();
    assert_eq!(on(OLD).body(&call)["metadata"], json!({"user_id": "u-8"}));
    let labels = ChatCall {
        metadata: json!({"team": "x"}).as_object().cloned(),
        ..hello()
    };
    assert_eq!(on(OLD).body(&labels).get("metadata"), None);
}

#[test]
fn unknown_members_travel_and_collisions_are_named() {
    let mut call = hello();
    call.extra = json!({"top_k": 5, "cache_control": {"type": "ephemeral"}, "output_config": {"effort": "low"},
        "anthropic_beta": ["x-1"], "betas": "y-2, x-1"})
    .as_object()
    .cloned()
    .unwrap();
    let mut setup = on(BUDGET);
    setup.extra_body = json!({"top_k": 9, "inference_geo": "eu", "max_tokens": 77, "output_config": {"effort": "high"}});
    setup.key = "sk-ant-oat01-x";
    let (body, wire) = setup.send(&call).unwrap();
    assert_eq!(
        (&body["top_k"], &body["inference_geo"]),
        (&json!(5), &json!("eu"))
    );
    assert_eq!(body["cache_control"], json!({"type": "ephemeral"}));
    assert_eq!(
        (&body["max_tokens"], &body["output_config"]["effort"]),
        (&json!(77), &json!("low"))
    );
    assert_eq!(
        wire.headers,
        [("anthropic-beta", "oauth-2025-04-20,x-1,y-2".to_owned())]
    );
    let mut twice = ChatCall {
        stop: vec!["A".to_owned()],
        ..hello()
    };
    twice
        .extra
        .insert("stop_sequences".to_owned(), json!(["B"]));
    assert_eq!(on(OLD).refused(&twice), "stop_sequences");
}

#[test]
fn service_tiers_have_their_words() {
    let send =
        |tier: &str| on(OLD).body(&openai("service_tier", json!(tier)))["service_tier"].clone();
    assert_eq!(send("auto"), "auto");
    assert_eq!(send("default"), "standard_only");
    assert_eq!(send("standard_only"), "standard_only");
}
