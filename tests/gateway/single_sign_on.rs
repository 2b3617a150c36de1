//! People who sign in at an identity provider that others wrote, and programs with its tokens, against
//! the real binary.

use std::process::Stdio;
use std::time::Duration;

use harness::clients::installed;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::Command;

use crate::setup::{gateway, models, openai};

const MASTER: &str = "sk-sign-in-tests-0c9d1f3b5a7e";

/// The file of a gateway that trusts this issuer.
fn yaml(issuer: &str) -> String {
    let models = models(&[openai("gpt-4o", "openai", "")]);
    format!(
        r#"{models}general_settings:
  master_key: {MASTER}
  litellm_jwtauth: {{team_id_jwt_field: team, user_id_jwt_field: who.id, user_id_upsert: true}}
headgate:
  jwt_issuers:
    - {{issuer: "{issuer}", audiences: ["https://gateway.example/api"]}}
  sign_in:
    providers:
      - name: acme
        title: Acme
        issuer: "{issuer}"
        client_id: headgate
        client_secret: "a-secret-of-the-provider/with+signs"
        scopes: [openid, email, profile, groups]
        allowed_email_domains: [example.com]
        roles:
          - {{group: platform-admins, role: platform_admin}}
          - {{group: ml, role: member}}
          - {{group: organizers, role: organization_admin}}
"#
    )
}

#[tokio::test]
async fn people_and_programs_of_a_real_identity_provider_come_in() {
    let _provider = installed("node/node_modules/oidc-provider/package.json");
    let source = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/clients/node/sign_in.mjs"
    );
    let script = installed("node").join("sign_in.mjs");
    std::fs::copy(source, &script).unwrap();
    let mut child = Command::new("node")
        .arg(&script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut said = BufReader::new(child.stdout.take().unwrap()).lines();
    let first = said.next_line().await.unwrap().unwrap();
    let issuer = first.strip_prefix("listening ").unwrap();
    let gateway = gateway().config(&yaml(issuer)).start().await;
    let told = serde_json::json!({"url": gateway.url(), "key": MASTER});
    let mut stdin = child.stdin.take().unwrap();
    stdin
        .write_all(format!("{told}\n").as_bytes())
        .await
        .unwrap();
    let mut errors = child.stderr.take().unwrap();
    let walked = async {
        let mut checks = Vec::new();
        while let Some(line) = said.next_line().await.unwrap() {
            checks.push(line);
        }
        let mut text = String::new();
        errors.read_to_string(&mut text).await.unwrap();
        (child.wait().await.unwrap(), checks, text)
    };
    let walked = tokio::time::timeout(Duration::from_secs(120), walked).await;
    let (status, checks, errors) = walked.expect("the walk ends within two minutes");
    assert!(
        status.success(),
        "{checks:#?}\n{errors}\n{}",
        gateway.output()
    );
    let held = checks.iter().filter(|line| line.starts_with("ok "));
    assert_eq!(held.count(), 19, "{checks:#?}");
}
