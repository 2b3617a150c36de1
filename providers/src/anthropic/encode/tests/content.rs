//! Parts of messages.

use super::*;

fn with_part(part: Part) -> ChatCall {
    call(vec![Message {
        content: vec![part],
        ..message(Role::User, "")
    }])
}

fn file(members: &Value) -> ChatCall {
    with_part(Part::File {
        file: members.as_object().cloned().unwrap(),
        cache_control: Some(json!({"type": "ephemeral"})),
    })
}

#[test]
fn files_become_documents() {
    let block = |members: Value| on(OLD).body(&file(&members))["messages"][0]["content"][0].clone();
    assert_eq!(
        block(json!({"file_data": "data:application/pdf;base64,JVBERi0=", "filename": "a.pdf"})),
        json!({"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": "JVBERi0="},
            "title": "a.pdf", "cache_control": {"type": "ephemeral"}})
    );
    assert_eq!(
        block(json!({"file_data": "data:text/plain;charset=utf-8;base64,aGVsbG8"}))["source"],
        json!({"type": "text", "media_type": "text/plain", "data": "hello"})
    );
    assert_eq!(
        block(json!({"file_id": "https://h/a.pdf"}))["source"],
        json!({"type": "url", "url": "https://h/a.pdf"})
    );
    let (body, wire) = on(OLD).send(&file(&json!({"file_id": "file_1"}))).unwrap();
    assert_eq!(
        body["messages"][0]["content"][0]["source"],
        json!({"type": "file", "file_id": "file_1"})
    );
    assert_eq!(
        wire.headers,
        [("anthropic-beta", "files-api-2025-04-14".to_owned())]
    );
    for members in [
        json!({}),
        json!({"file_data": "data:application/zip;base64,AA=="}),
        json!({"file_data": "data:text/plain,hello"}),
    ] {
        assert_eq!(on(OLD).refused(&file(&members)), "messages[0].content");
    }
}

#[test]
fn sound_is_refused_by_name() {
    let sound = with_part(Part::Audio {
        data: "AA==".to_owned(),
        format: "wav".to_owned(),
    });
    assert_eq!(on(OLD).refused(&sound), "input_audio");
    assert_eq!(on(OLD).dropping().dropped(&sound), ["input_audio"]);
}
