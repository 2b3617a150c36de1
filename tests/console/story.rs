//! The story of a first day: from the first sign-in to what stands in the audit trail.

use std::time::{Duration, Instant};

use harness::clients;
use tokio::process::Command;

use crate::setup::{Console, EMAIL, PASSWORD, console};

/// What an application does: the official SDK, an address, a key.
const APPLICATION: &str = r#"
import os, openai
client = openai.OpenAI(base_url=os.environ["GATEWAY_URL"] + "/v1", api_key=os.environ["GATEWAY_KEY"], max_retries=0)
try:
    answer = client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "Why?"}])
    print("answered", answer.choices[0].message.content)
except openai.AuthenticationError as refused:
    print("refused", refused.status_code, refused.code)
"#;

/// Asks with the official Python SDK; what it printed.
async fn ask_by_sdk(console: &Console, key: &str) -> String {
    let asked = Command::new(clients::installed("python/bin/python"))
        .args(["-c", APPLICATION])
        .env("GATEWAY_URL", console.gateway.url())
        .env("GATEWAY_KEY", key)
        .kill_on_drop(true)
        .output();
    let asked = harness::deadline::within("the application ends", asked)
        .await
        .unwrap();
    let errors = String::from_utf8_lossy(&asked.stderr);
    assert!(asked.status.success(), "{errors}");
    String::from_utf8(asked.stdout).unwrap()
}

/// Ada makes the first account, and signs in with it.
async fn first_sign_in(console: &Console) {
    let page = &console.browser;
    let link = console.first_link().await;
    console.open(&link).await;
    page.fill("#sn", "Ada Lovelace").await;
    page.fill("#em", EMAIL).await;
    page.fill("#pw", PASSWORD).await;
    page.click("main form .btn-primary").await;
    page.says("[role=status]", "Your account is made").await;
    page.fill("#em", EMAIL).await;
    page.fill("#pw", PASSWORD).await;
    page.click("main form .btn-primary").await;
    page.text(".app h1").await;
}

#[tokio::test]
async fn a_key_is_made_used_seen_blocked_and_found_in_the_audit_trail() {
    let Some(console) = console().await else {
        return;
    };
    let page = &console.browser;
    first_sign_in(&console).await;

    // A key, shown this once, and copied.
    console.open("/ui/keys").await;
    page.click(".empty .btn-primary").await;
    page.fill("#k-name", "first-day").await;
    page.click("#newkey .dlg-f .btn-primary").await;
    let key = page.text("#sec").await;
    assert!(key.starts_with("sk-hg-"), "{key}");
    let permissions = serde_json::json!({"origin": console.gateway.url(), "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]});
    page.devtools("Browser.grantPermissions", permissions).await;
    page.click("[data-copy='#sec']").await;
    let copied = "navigator.clipboard.readText().then(arguments[arguments.length - 1])";
    assert_eq!(page.run_async(copied).await, key.as_str());

    // The box waits for its first request, and shows it, with the drawer behind its link.
    page.says(".waiting", "Waiting for the first request").await;
    let answered = ask_by_sdk(&console, &key).await;
    assert!(answered.starts_with("answered"), "{answered}");
    page.says(".waiting.done", "First request").await;
    page.click(".waiting.done [data-drawer]").await;
    page.says("dialog.drawer[open]", "gpt-4o").await;

    // Another one arrives in the open list.
    console.open("/ui/requests").await;
    page.until(
        "the list is live",
        "return document.querySelector('[data-tail]')?.dataset.live === 'on'",
    )
    .await;
    let rows = "return document.querySelectorAll('tbody[data-tail] a.name').length";
    let before = page.run(rows).await.as_i64().unwrap();
    let answered = ask_by_sdk(&console, &key).await;
    let ended = Instant::now();
    assert!(answered.starts_with("answered"), "{answered}");
    let more = format!("{rows} === {}", before + 1);
    page.until("the request stands in the list", &more).await;
    let seen = ended.elapsed();
    eprintln!("a request stood in the open list after {seen:?}");
    assert!(seen < Duration::from_secs(3), "{seen:?}");

    // Blocked: its next request is refused, and the trail tells who did it.
    console.open("/ui/keys").await;
    page.click("tbody a.name").await;
    page.click("[data-open='#dlg-block']").await;
    page.click("#dlg-block .btn-danger-fill").await;
    page.says("main [role=status]", "The key is blocked").await;
    let refused = ask_by_sdk(&console, &key).await;
    assert_eq!(refused.trim(), "refused 401 blocked_key");
    console.open("/ui/audit").await;
    page.says("tbody tr:first-child", "Ada Lovelace").await;
    page.says("tbody tr:first-child", "first-day").await;
    let faults = console.faults().await;
    assert!(faults.is_empty(), "{faults:#?}");
}

#[tokio::test]
async fn an_open_list_waits_while_it_is_paused_and_goes_on_where_it_was() {
    let Some(console) = console().await else {
        return;
    };
    console.sign_in().await;
    let (_id, key) = console.key(serde_json::json!({"alias": "live"})).await;
    assert_eq!(console.ask(&key).await, 200);
    console.shipped(1).await;
    let page = &console.browser;
    console.open("/ui/requests").await;
    page.until(
        "the list is live",
        "return document.querySelector('[data-tail]')?.dataset.live === 'on'",
    )
    .await;
    page.type_in("p").await;
    page.says("[data-tail-toggle]", "Paused").await;
    assert_eq!(console.ask(&key).await, 200);
    page.until(
        "the row waits",
        "return 'held' in document.querySelector('[data-tail]').dataset",
    )
    .await;
    let rows = "return document.querySelectorAll('tbody[data-tail] a.name').length";
    assert_eq!(page.run(rows).await, 1);
    page.type_in("p").await;
    page.says("[data-tail-toggle]", "Live").await;
    page.until(
        "the row is there",
        "return document.querySelectorAll('tbody[data-tail] a.name').length === 2",
    )
    .await;
    // Signed out elsewhere, the page says that it is live no more.
    let done = "fetch('/ui/account/sign-out-everywhere', { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'csrf=' + document.querySelector('[name=csrf]').value }).then(() => arguments[arguments.length - 1](true))";
    let done = format!(
        "const end = arguments[arguments.length - 1]; {}",
        done.replace("arguments[arguments.length - 1]", "end")
    );
    page.run_async(&done).await;
    page.says("[data-tail-toggle]", "Not live").await;
}
