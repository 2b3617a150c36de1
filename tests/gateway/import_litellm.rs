//! LiteLLM's database, imported: callers keep their keys.

use harness::gateway::TestGateway;
use harness::postgres::{Database, Postgres};
use serde_json::{Value, json};

use crate::command::Folder;
use crate::setup::{CHAT, ask, gateway, models, openai};

const SCHEMA: &str = include_str!("litellm_schema.sql");
const ROWS: &str = include_str!("litellm_rows.sql");
const MASTER: &str = "sk-master-5f0c2a77d1e94b3c8a6d";
const SALT: &str = "sk-salt-of-an-old-proxy";

async fn litellm() -> Database {
    let database = Postgres::shared().database().await;
    database.execute(SCHEMA).await;
    database.execute(ROWS).await;
    database
}

async fn import(folder: &Folder, litellm: &Database, more: &[&str]) -> Value {
    // Prisma's own settings stand in the address, as LiteLLM's users have it.
    let url = format!("{}?connection_limit=10&schema=public", litellm.url());
    let arguments = [&["import-litellm", "--database", &url][..], more].concat();
    folder.json(&arguments).await
}

async fn serving(folder: &Folder) -> TestGateway {
    let yaml = models(&[
        openai("gpt-4o", "openai", ""),
        openai("secret-model", "openai", ""),
    ]);
    let builder = gateway().config(&format!(
        "{yaml}general_settings: {{master_key: {MASTER}}}\n"
    ));
    let builder = builder.variable("IMPORTED_BASE", "UPSTREAM/imported/v1");
    folder.gateway(builder).start().await
}

/// How a key is answered, and with which code when it is refused.
async fn asked(gateway: &TestGateway, key: &str, model: &str) -> (u16, String) {
    let reply = gateway.with_key(key).post(CHAT, &ask(model)).await;
    let code = if reply.status == 200 {
        String::new()
    } else {
        reply.error().1
    };
    (reply.status, code)
}

async fn everything_is_imported(folder: Folder) {
    let folder = folder.with("LITELLM_SALT_KEY", SALT);
    let litellm = litellm().await;
    let dry = import(&folder, &litellm, &["--dry-run"]).await;
    assert_eq!(dry["new"]["keys"], 6, "{dry:#}");
    assert_eq!(folder.json(&["keys", "list"]).await, json!([]));

    let done = import(&folder, &litellm, &[]).await;
    assert_eq!(
        (&done["new"], &done["fields"]),
        (&dry["new"], &dry["fields"])
    );
    the_report_is_complete(&done);
    let again = import(&folder, &litellm, &[]).await;
    assert!(
        again["new"]
            .as_object()
            .unwrap()
            .values()
            .all(|new| *new == 0),
        "{again:#}"
    );
    let trail = folder
        .json(&["audit", "list", "--action", "import.litellm"])
        .await;
    assert_eq!(trail.as_array().unwrap().len(), 1, "{trail:#}");
    assert_eq!(trail[0]["after"], done["new"]);
    what_was_exact_is_exact(&folder).await;

    keys_are_answered_as_before(&serving(&folder).await).await;
}

async fn keys_are_answered_as_before(gateway: &TestGateway) {
    let ok = (200, String::new());
    let refused = |code: &str| (401, code.to_owned());
    for (key, model, expected) in [
        ("sk-app-of-the-core-team-1", "gpt-4o", ok.clone()),
        (
            "sk-app-of-the-core-team-1",
            "secret-model",
            (403, "model_not_allowed".to_owned()),
        ),
        ("sk-blocked-long-ago-0001", "gpt-4o", refused("blocked_key")),
        ("sk-expired-long-ago-0001", "gpt-4o", refused("expired_key")),
        ("sk-rotated-yesterday-new", "gpt-4o", ok.clone()),
        ("sk-rotated-yesterday-old", "gpt-4o", ok.clone()),
        (
            "sk-of-a-team-that-is-gone",
            "gpt-4o",
            refused("blocked_key"),
        ),
        ("sk-console-session-00001", "gpt-4o", refused("invalid_key")),
        ("sk-never-existed-0000001", "gpt-4o", refused("invalid_key")),
        ("sk-of-nobody-in-default", "imported-model", ok),
    ] {
        assert_eq!(asked(gateway, key, model).await, expected, "{key} {model}");
    }
    // The credential of the imported deployment was decrypted and sealed anew.
    let sent = gateway.upstream("imported").requests();
    let header = sent[0]
        .header("authorization")
        .unwrap_or_default()
        .to_owned();
    assert_eq!(header, "Bearer sk-imported-credential-of-a-provider");
}

fn the_report_is_complete(report: &Value) {
    let has = |kind: &str, field: &str, fate: &str| {
        let fields = report["fields"].as_array().unwrap();
        assert!(
            fields
                .iter()
                .any(|line| line["kind"] == kind && line["field"] == field && line["fate"] == fate),
            "{kind} {field} {fate} in {report:#}"
        );
    };
    has("key", "token", "exact");
    has("key", "max_budget", "exact");
    has("key", "model_rpm_limit", "exact");
    has("key", "team_id", "dropped");
    has("key", "budget_id", "exact");
    has("key", "spend", "exact");
    has("team", "spend", "changed");
    has("user", "user_email", "changed");
    has("user", "password", "dropped");
    has("organization", "budget_id", "changed");
    has("credential", "credential_values", "changed");
    has("deployment", "litellm_params", "changed");
    assert_eq!(report["counts"]["key"]["left_out"], 1);
}

async fn what_was_exact_is_exact(folder: &Folder) {
    let keys = folder
        .json(&["keys", "list", "--alias", "app", "--team", "core"])
        .await;
    let key = &keys[0];
    assert_eq!(key["spend_usd"], "1.25");
    assert_eq!(key["created_at"], "2025-03-01T10:00:00.000Z");
    let policy = &key["policy"];
    assert_eq!(policy["budgets"][0]["limit_usd"], "10.1");
    assert_eq!(policy["budgets"][0]["window"], "30d");
    assert_eq!(policy["limits"]["rpm"], 100);
    assert_eq!(policy["model_limits"]["gpt-4o"]["rpm"], 50);
    assert_eq!(policy["tags"], json!(["prod"]));
    assert_eq!(policy["metadata"], json!({"note": "x"}));
    let team = folder.json(&["teams", "show", "core"]).await;
    // 0.1 + 0.2 as a float is 0.30000000000000004.
    assert_eq!(team["spend_usd"], "0.300000001");
    assert_eq!(team["policy"]["models"], json!(["gpt-4o"]));
    let anna = folder.json(&["users", "show", "anna"]).await;
    assert_eq!(anna["email"], "anna@example.com");
    let roles = anna["roles"].as_array().unwrap();
    assert!(
        roles
            .iter()
            .any(|role| role["role"] == "team_admin" && role["team_id"] == team["id"]),
        "{anna:#}"
    );
    let acme = folder.json(&["orgs", "show", "acme"]).await;
    assert_eq!(acme["policy"]["budgets"][0]["limit_usd"], "1000");
    assert_eq!(team["organization_id"], acme["id"]);
}

#[tokio::test]
async fn callers_keep_their_keys_when_litellms_database_is_imported_into_sqlite() {
    everything_is_imported(Folder::new()).await;
}

#[tokio::test]
async fn callers_keep_their_keys_when_litellms_database_is_imported_into_postgres() {
    let own = Postgres::shared().database().await;
    everything_is_imported(Folder::new().with("DATABASE_URL", &own.url())).await;
}

#[tokio::test]
async fn spend_that_litellm_counts_after_an_import_is_added_by_the_next() {
    let folder = Folder::new().with("LITELLM_SALT_KEY", SALT);
    let litellm = litellm().await;
    import(&folder, &litellm, &[]).await;
    let spent = "UPDATE \"LiteLLM_VerificationToken\" SET spend = 2.5 WHERE key_alias = 'app' AND team_id = 'core'";
    litellm.execute(spent).await;
    let again = import(&folder, &litellm, &[]).await;
    assert_eq!(
        (&again["new"]["adjustments"], &again["new"]["keys"]),
        (&json!(2), &json!(0)),
        "the sum of all time and that of its budget's window"
    );
    let keys = folder
        .json(&["keys", "list", "--alias", "app", "--team", "core"])
        .await;
    assert_eq!(keys[0]["spend_usd"], "2.5");
}

#[tokio::test]
async fn an_older_litellm_with_fewer_columns_and_tables_is_imported_too() {
    let folder = Folder::new();
    let litellm = Postgres::shared().database().await;
    let statement = "CREATE TABLE \"LiteLLM_VerificationToken\" (token TEXT, spend DOUBLE PRECISION); \
INSERT INTO \"LiteLLM_VerificationToken\" VALUES (encode(sha256('sk-from-2023-000001'), 'hex'), 0.5)";
    litellm.execute(statement).await;
    let done = import(&folder, &litellm, &[]).await;
    assert_eq!(done["new"]["keys"], 1, "{done:#}");
    let keys = folder.json(&["keys", "list"]).await;
    assert_eq!(keys[0]["spend_usd"], "0.5");
}

#[tokio::test]
async fn a_database_that_is_none_of_litellms_is_refused_and_its_password_not_told() {
    let folder = Folder::new();
    let other = Postgres::shared().database().await;
    let done = folder
        .run(&["import-litellm", "--database", &other.url()])
        .await;
    assert_eq!(done.code, 1, "{done:?}");
    assert!(done.notes.contains("LiteLLM_VerificationToken"), "{done:?}");
    assert!(!done.notes.contains(&other.url()), "{done:?}");
}
