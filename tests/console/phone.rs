//! On a phone: the menu opens, and what is in it works. And many keys at once, which go on by themselves.

use serde_json::json;

use crate::setup::console;

#[tokio::test]
async fn the_menu_of_a_phone_leads_to_pages_and_switches_organizations() {
    let Some(console) = console().await else {
        return;
    };
    console.sign_in().await;
    let body = json!({"name": "Second"});
    console.api("/api/v1/organizations", body).await;
    let page = &console.browser;
    page.resize(390, 844).await;
    console.open("/ui/keys").await;
    page.click("[data-nav-toggle]").await;
    page.click(".side a.nav-a[href$='/ui/teams']").await;
    page.says("h1", "Teams").await;
    page.click("[data-nav-toggle]").await;
    page.click("button.scope").await;
    page.click("#scope-menu a:nth-of-type(3)").await;
    // Wide again, what is looked at stands in sight.
    page.until(
        "the other organization's teams are there",
        "return location.search.includes('organization=')",
    )
    .await;
    page.resize(1440, 960).await;
    page.says(".scope b", "Second").await;
    page.says("h1", "Teams").await;
    assert!(console.faults().await.is_empty());
}

#[tokio::test]
async fn many_keys_are_blocked_by_two_clicks() {
    let Some(console) = console().await else {
        return;
    };
    console.sign_in().await;
    for number in 0..230 {
        console.key(json!({"alias": format!("key-{number}")})).await;
    }
    console.open("/ui/keys").await;
    let page = &console.browser;
    page.click("tbody input[type=checkbox]").await;
    page.click("#bulk input[name=all]").await;
    page.click("#bulk [value=block]").await;
    page.click("#dlg .btn-danger-fill").await;
    page.says("#batches h2", "The keys are through").await;
    page.says("#batches [role=status]", "230 keys are through")
        .await;
    assert!(console.faults().await.is_empty());
}
