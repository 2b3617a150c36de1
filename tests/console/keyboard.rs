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
    for _step in 0..30 {
        if page.run("return document.activeElement?.id").await == "k-b" {
            break;
        }
        page.press(&[Key::Tab]).await;
    }
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
    let table = "const end = arguments[arguments.length - 1]; fetch(document.activeElement.href).then((answer) => answer.text()).then(end)";
    let table = page.run_async(table).await;
    assert!(table.as_str().unwrap().contains(&id), "{table}");
}
