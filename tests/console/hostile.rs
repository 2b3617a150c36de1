//! What people write is text on every page, whatever it looks like.

use serde_json::json;

use crate::pages;
use crate::payloads;
use crate::setup::{Console, console};

/// What of a page would be somebody's markup.
const FOREIGN: &str = "return document.querySelectorAll('script:not([src]), iframe, object, embed, base, marquee, math, style, [onerror], [onload], [onfocus], [onbegin], a[href^=\"javascript\"], [src^=\"//x\"], [href^=\"//x\"]').length";

/// A text as part of an address.
fn encoded(text: &str) -> String {
    let bytes = text.bytes().map(|byte| format!("%{byte:02X}"));
    bytes.collect()
}

/// Writes each text into every field that takes one.
async fn write(console: &Console, payloads: &[String]) {
    let mut key = String::new();
    for (number, text) in payloads.iter().enumerate() {
        // Names of 200 characters are taken.
        let name: String = text.chars().take(150).collect();
        let policy = json!({"tags": [name], "metadata": {"note": text, text.as_str(): 1}});
        let alias = format!("{name} {number}");
        let body = json!({"alias": alias, "environment": name, "policy": policy});
        let sent = console.operator.post("/api/v1/keys", &body).await;
        if sent.status >= 300 {
            // An environment or a tag may be refused for what it is; a name is not.
            let body = json!({"alias": alias, "policy": {"metadata": {"note": text}}});
            key = console.key(body).await.1;
        }
        if number % 4 == 0 {
            let team = json!({"name": name, "organization_id": "default"});
            console.operator.post("/api/v1/teams", &team).await;
            let user = json!({"email": format!("p{number}@example.com"), "name": name});
            console.operator.post("/api/v1/users", &user).await;
        }
        if number % 10 == 0 && !key.is_empty() {
            let ask = json!({"model": "gpt-4o", "user": text, "metadata": {"tags": [text]}, "messages": [{"role": "user", "content": text}]});
            let caller = console.gateway.with_key(&key);
            caller.post("/v1/chat/completions", &ask).await;
            let ask = json!({"model": text, "messages": [{"role": "user", "content": "x"}]});
            caller.post("/v1/chat/completions", &ask).await;
        }
    }
}

/// The addresses on which the texts are seen, or are asked for.
async fn addresses(console: &Console, payloads: &[String]) -> Vec<String> {
    let mut addresses = pages::all(console).await;
    for list in [
        "keys",
        "teams",
        "people",
        "audit?r=all",
        "requests?r=24h",
        "usage?by=tag",
        "usage?by=end_user",
        "usage?by=key",
    ] {
        addresses.push(format!("/ui/{list}"));
    }
    for text in payloads.iter().step_by(7) {
        let text = encoded(text);
        addresses.push(format!("/ui/keys?q={text}"));
        addresses.push(format!("/ui/requests?q=model:{text}&r={text}"));
    }
    for text in payloads.iter().step_by(40) {
        let text = encoded(text);
        for page in [
            "teams?q=",
            "people?q=",
            "audit?who=",
            "keys/",
            "requests/",
            "palette?q=",
            "usage?by=",
            "sign-in?next=",
        ] {
            addresses.push(format!("/ui/{page}{text}"));
        }
    }
    addresses
}

/// The keys of one page of the list.
const KEYS: &str =
    "return [...document.querySelectorAll('tbody a.name')].map((a) => a.getAttribute('href'))";

#[tokio::test]
async fn four_hundred_hostile_texts_run_nothing_on_any_page() {
    let Some(console) = console().await else {
        return;
    };
    console.sign_in().await;
    let payloads = payloads::all();
    write(&console, &payloads).await;
    let mut waiting = addresses(&console, &payloads).await;
    let (mut faults, mut next) = (Vec::new(), "/ui/keys".to_owned());
    while !next.is_empty() {
        console.open(&next).await;
        let keys = console.browser.run(KEYS).await;
        let keys = keys.as_array().cloned().unwrap_or_default();
        let some = keys.iter().step_by(8).filter_map(|key| key.as_str());
        waiting.extend(some.map(str::to_owned));
        faults.extend(look(&console, &next).await);
        let on =
            "return document.querySelector('.pager a[data-key=\"]\"]')?.getAttribute('href') ?? ''";
        next = console
            .browser
            .run(on)
            .await
            .as_str()
            .unwrap_or_default()
            .to_owned();
    }
    let visited = waiting.len();
    for path in waiting {
        console.open(&path).await;
        faults.extend(look(&console, &path).await);
    }
    eprintln!("{visited} pages with hostile texts visited");
    assert!(visited > 200, "{visited}");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

async fn look(console: &Console, path: &str) -> Vec<String> {
    let mut faults = console.faults().await;
    let foreign = console.browser.run(FOREIGN).await;
    if foreign != 0 {
        faults.push(format!("{foreign} foreign elements"));
    }
    faults
        .iter()
        .map(|fault| format!("{path}: {fault}"))
        .collect()
}
