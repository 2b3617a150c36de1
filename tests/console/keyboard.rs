//! Whole tasks without a mouse.

use harness::browser::Key;
use serde_json::json;

use crate::setup::{Console, console};

/// The text of what has the focus.
const FOCUSED: &str =
    "return (document.activeElement?.textContent ?? '').trim().replace(/\\s+/g, ' ')";

/// Tabs on until what has the focus says this.
async fn tab_to(console: &Console, words: &str) {
    for _step in 0..80 {
        let text = console.browser.run(FOCUSED).await;
        if text.as_str().is_some_and(|text| text == words) {
            return;
        }
        console.browser.press(&[Key::Tab]).await;
    }
    let address = console.browser.address().await;
    assert_eq!(words, "", "nothing to tab to on {address}");
}

/// Tabs on until the field with this id has the focus.
async fn tab_to_field(console: &Console, id: &str) {
    for _step in 0..80 {
        if console
            .browser
            .run("return document.activeElement?.id")
            .await
            == id
        {
            return;
        }
        console.browser.press(&[Key::Tab]).await;
    }
    let address = console.browser.address().await;
    assert_eq!(id, "", "no such field to tab to on {address}");
}

#[tokio::test]
async fn a_first_key_is_made_and_copied_with_the_keyboard() {
    let Some(console) = console().await else {
        return;
    };
    console.sign_in().await;
    let page = &console.browser;
    page.type_in("gk").await;
    page.says("h1", "Keys").await;
    page.type_in("c").await;
    page.text("#newkey #k-name").await;
    page.type_in("by-keyboard").await;
    page.press(&[Key::Enter]).await;
    let key = page.text("#sec").await;
    let permissions = json!({"origin": console.gateway.url(), "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]});
    page.devtools("Browser.grantPermissions", permissions).await;
    tab_to(&console, "Copy key").await;
    page.press(&[Key::Enter]).await;
    page.says(".toast", "Key copied").await;
    let copied = "navigator.clipboard.readText().then(arguments[arguments.length - 1])";
    assert_eq!(page.run_async(copied).await, key.as_str());
    tab_to(&console, "Done").await;
    page.press(&[Key::Enter]).await;
    page.says("tbody a.name", "by-keyboard").await;
}

#[tokio::test]
async fn a_key_is_blocked_and_its_budget_raised_with_the_keyboard() {
    let Some(console) = console().await else {
        return;
    };
    console.sign_in().await;
    let (_id, key) = console.key(json!({"alias": "spends"})).await;
    let page = &console.browser;
    page.type_in("gk").await;
    page.says("h1", "Keys").await;
    page.type_in("/").await;
    page.type_in("spend").await;
    page.until(
        "the list is filtered",
        "return location.search.includes('q=spend')",
    )
    .await;
    tab_to(&console, "spends").await;
    page.press(&[Key::Enter]).await;
    page.says("h1", "spends").await;
    page.type_in("e").await;
    page.text("#editkey #k-name").await;
    tab_to_field(&console, "k-b").await;
    page.type_in("250").await;
    page.press(&[Key::Enter]).await;
    page.says("main", "$250").await;
    page.type_in("b").await;
    page.text("#dlg-block").await;
    tab_to(&console, "Block key").await;
    page.press(&[Key::Enter]).await;
    page.says("main [role=status]", "The key is blocked").await;
    assert_eq!(console.ask(&key).await, 401);
}

#[tokio::test]
async fn a_request_is_found_and_read_with_the_keyboard_and_a_list_is_exported() {
    let Some(console) = console().await else {
        return;
    };
    console.sign_in().await;
    let (_id, key) = console.key(json!({"alias": "asks"})).await;
    assert_eq!(console.ask(&key).await, 200);
    console.shipped(1).await;
    let page = &console.browser;
    page.type_in("gr").await;
    page.says("h1", "Requests").await;
    page.type_in("j").await;
    page.press(&[Key::Enter]).await;
    page.says("dialog.drawer[open]", "gpt-4o").await;
    let id = page.text("#rid").await;
    page.press(&[Key::Escape]).await;
    page.until(
        "the drawer is closed",
        "return !document.querySelector('dialog.drawer')",
    )
    .await;
    // By its id, through the palette.
    page.press(&[Key::Control('k')]).await;
    page.text("#palette[open]").await;
    page.type_in(&id).await;
    page.says("#pal-server", &id).await;
    page.press(&[Key::Enter]).await;
    page.says("h1", "gpt-4o").await;
    assert!(page.address().await.ends_with(&id));
    // Filtered, and the same as a table.
    page.type_in("gr").await;
    page.says("h1", "Requests").await;
    page.type_in("/").await;
    page.type_in("model:gpt-4o").await;
    page.press(&[Key::Enter]).await;
    page.says(".chip", "gpt-4o").await;
    for _step in 0..40 {
        let is_there = "return document.activeElement?.hasAttribute('download')";
        if page.run(is_there).await == true {
            break;
        }
        page.press(&[Key::Tab]).await;
    }
    let downloads = tempfile::tempdir().unwrap();
    let folder = json!({"behavior": "allow", "downloadPath": downloads.path()});
    page.devtools("Browser.setDownloadBehavior", folder).await;
    page.press(&[Key::Enter]).await;
    let table = downloaded(downloads.path()).await;
    assert!(table.contains(&id), "{table}");
}

/// The file that comes into a folder, when it is whole.
async fn downloaded(folder: &std::path::Path) -> String {
    let coming = async {
        loop {
            let mut files = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
            let whole = files.find(|file| file.path().extension().is_some_and(|end| end == "csv"));
            if let Some(whole) = whole {
                return std::fs::read_to_string(whole.path()).unwrap();
            }
            // A browser tells nobody when it has stored a file: the folder is looked at again.
            tokio::time::sleep(std::time::Duration::from_millis(25)).await;
        }
    };
    harness::deadline::within("the list is downloaded", coming).await
}

#[tokio::test]
async fn a_deployment_is_added_and_used_with_the_keyboard() {
    let Some(console) = console().await else {
        return;
    };
    console.sign_in().await;
    let (_id, key) = console.key(json!({"alias": "asks"})).await;
    let page = &console.browser;
    page.type_in("gm").await;
    page.says("h1", "Models").await;
    page.type_in("c").await;
    page.text("#f-provider").await;
    tab_to_field(&console, "f-model").await;
    page.type_in("gpt-4o-mini").await;
    tab_to_field(&console, "f-api_key").await;
    page.type_in("sk-by-keyboard").await;
    tab_to_field(&console, "f-api_base").await;
    page.type_in(&format!("{}/added/v1", console.gateway.provider_url()))
        .await;
    tab_to_field(&console, "f-name").await;
    page.type_in("small").await;
    // The form asks the provider before it adds: the key is tried.
    page.press(&[Key::Enter]).await;
    page.says("main", "openai/gpt-4o-mini").await;
    assert_eq!(console.gateway.upstream("added").requests().len(), 1);
    let ready = async {
        while console.ask_for("small", &key).await != 200 {
            // The nodes follow the store within a second.
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    };
    harness::deadline::within("the deployment answers", ready).await;
    let asked = console.gateway.upstream("added").last();
    assert_eq!(asked.header("authorization"), Some("Bearer sk-by-keyboard"));
    assert_eq!(asked.json()["model"], "gpt-4o-mini");
}
