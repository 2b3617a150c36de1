//! The console with scripts switched off: links are links, and forms are sent.

use crate::setup::{EMAIL, PASSWORD, console};

#[tokio::test]
async fn signing_in_listing_filtering_making_and_blocking_need_no_scripts() {
    let Some(console) = console().await else {
        return;
    };
    console.administrator().await;
    let page = &console.browser;
    page.without_scripts(true).await;
    console.open("/ui/keys").await;
    page.fill("#em", EMAIL).await;
    page.fill("#pw", PASSWORD).await;
    page.click("main form .btn-primary").await;
    page.says("h1", "Keys").await;
    for name in ["without-scripts", "another"] {
        console.open("/ui/keys/new").await;
        page.fill("#k-name", name).await;
        page.click("#newkey .dlg-f .btn-primary").await;
        assert!(page.text("#sec").await.starts_with("sk-hg-"));
        page.click("#newkey .dlg-f .btn-primary").await;
        page.says("tbody", name).await;
    }
    console.open("/ui/keys?q=without").await;
    let listed = page.text("tbody").await;
    assert!(
        listed.contains("without-scripts") && !listed.contains("another"),
        "{listed}"
    );
    page.click("tbody a.name").await;
    page.says("h1", "without-scripts").await;
    page.click(".page-h .btn-danger").await;
    page.click("#dlg-block .btn-danger-fill").await;
    page.says("main [role=status]", "The key is blocked").await;
    console.open("/ui/models/dry-run").await;
    page.fill("#dr-model", "gpt-4o").await;
    page.click("main form .btn-primary").await;
    page.says("main [role=status]", "It goes to gpt-4o").await;
    page.says("tbody", "openai/gpt-4o").await;
    // What only scripts can do is not offered.
    console.open("/ui/requests").await;
    page.says("h1", "Requests").await;
    console.open("/ui/audit").await;
    page.says("tbody tr:first-child", "without-scripts").await;
    page.fill("[name=object]", "nothing-of-this-name").await;
    page.click("form.filters button.btn").await;
    page.says("tbody", "No").await;
}
