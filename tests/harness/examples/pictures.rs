//! Takes a picture of every page of a running console, in both themes, at 1440 and at 390 px:
//! `pictures URL FOLDER`, with HEADGATE_MASTER_KEY, or HEADGATE_EMAIL and HEADGATE_PASSWORD, for who
//! signs in. `scripts/screenshots` calls it.

use std::path::PathBuf;

use harness::browser::Browser;
use harness::browser::pages::one_of_each_kind;

/// Widths and heights.
const SIZES: [(u32, u32); 2] = [(1440, 960), (390, 844)];

async fn sign_in(browser: &Browser, url: &str) {
    let said = |name: &str| std::env::var(name).unwrap_or_default();
    browser.open(&format!("{url}/ui/sign-in")).await;
    let master_key = said("HEADGATE_MASTER_KEY");
    if master_key.is_empty() {
        browser.fill("#em", &said("HEADGATE_EMAIL")).await;
        browser.fill("#pw", &said("HEADGATE_PASSWORD")).await;
        browser.click("main form .btn-primary").await;
    } else {
        browser.click("details summary").await;
        browser.fill("#mk", &master_key).await;
        browser.click("details form button").await;
    }
    browser.text(".app h1").await;
}

/// `/ui/keys/{id}/edit` as `keys-id-edit`.
fn name(kind: &str) -> String {
    let words = kind.trim_start_matches("/ui").replace(['{', '}'], "");
    match words.trim_matches('/') {
        "" => "overview".to_owned(),
        words => words.replace('/', "-"),
    }
}

async fn take(browser: &Browser, address: &str, name: &str, folder: &std::path::Path) {
    for (width, height) in SIZES {
        browser.resize(width, height).await;
        for scheme in ["light", "dark"] {
            browser.prefer(scheme).await;
            browser.open(address).await;
            let file = folder.join(format!("{name}-{width}-{scheme}.png"));
            std::fs::write(file, browser.picture().await).expect("the folder is writable");
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let (Some(url), Some(folder)) = (arguments.next(), arguments.next()) else {
        panic!("pictures URL FOLDER");
    };
    let (url, folder) = (url.trim_end_matches('/'), PathBuf::from(folder));
    std::fs::create_dir_all(&folder).expect("the folder can be made");
    let browser = Browser::start().await;
    take(&browser, &format!("{url}/ui/sign-in"), "sign-in", &folder).await;
    browser.prefer("light").await;
    browser.resize(1440, 960).await;
    sign_in(&browser, url).await;
    for (kind, path) in one_of_each_kind(&browser, url).await {
        take(&browser, &format!("{url}{path}"), &name(&kind), &folder).await;
    }
    take(&browser, &format!("{url}/ui/nope"), "not-found", &folder).await;
}
