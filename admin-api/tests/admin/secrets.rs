//! Providers' credentials: written, put to use, never read.

use serde_json::json;

use crate::setup::served;

#[tokio::test]
async fn a_credential_is_written_and_never_read() {
    let admin = served().await;
    let body = json!({
        "credential_name": "acme/openai",
        "credential_values": {"api_key": "sk-first-SECRET", "odd": "odd-SECRET"},
        "credential_info": {"description": "of Acme"},
    });
    admin.post("/credentials", body.clone()).await.ok();
    admin.post("/credentials", body).await.refused(400);
    let entries = admin.entries().await;
    for path in [
        "/credentials",
        "/credentials/by_name/acme/openai",
        "/api/v1/credentials",
    ] {
        let shown = admin.get(path).await;
        assert!(shown.text.contains("acme/openai"), "{path}: {}", shown.text);
        assert!(shown.text.contains("api_key"), "{path}: {}", shown.text);
        assert!(!shown.text.contains("SECRET"), "{path}: {}", shown.text);
    }
    let named = "/credentials/acme/openai";
    let change = json!({"credential_values": {"api_key": "sk-second-SECRET", "odd": null}});
    admin
        .ask(&admin.master, "PATCH", named, Some(change))
        .await
        .ok();
    let shown = admin.get("/credentials/by_name/acme/openai").await.ok();
    assert_eq!(shown["credential_values"], json!({"api_key": "********"}));
    assert_eq!(shown["credential_info"], json!({"description": "of Acme"}));

    let uses = json!({"model_name": "m", "litellm_params":
        {"model": "openai/gpt-4o", "litellm_credential_name": "acme/openai"}});
    let deployment = admin.post("/model/new", uses).await.ok();
    admin
        .ask(&admin.master, "DELETE", named, None)
        .await
        .refused(400);
    admin
        .post("/model/delete", json!({"id": deployment["model_id"]}))
        .await
        .ok();
    admin.ask(&admin.master, "DELETE", named, None).await.ok();
    admin
        .get("/credentials/by_name/acme/openai")
        .await
        .refused(404);
    assert_eq!(admin.entries().await, entries + 4);
    let trail = admin.audit_text().await;
    assert!(
        !trail.contains("SECRET") && trail.contains("hmac:"),
        "{trail}"
    );
}

#[tokio::test]
async fn a_credential_names_no_metadata_service() {
    let admin = served().await;
    let values = json!({"name": "c", "values": {"api_base": "http://169.254.169.254/v1"}});
    admin.post("/api/v1/credentials", values).await.refused(400);
}
