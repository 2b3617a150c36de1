//! What every page keeps to: accessible, nothing reported, nothing cut off, and light.

use serde_json::json;

use crate::pages;
use crate::setup::{Console, console};

/// For tests alone; a browser's page never gets it.
const AXE: &str = include_str!("vendor/axe-4.14.1.min.js");

/// WCAG 2.2, levels A and AA, and what axe calls best practice.
const RUN_AXE: &str = "const done = arguments[arguments.length - 1];\
    axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })\
    .then((found) => done(found.violations.map((one) => one.id + ': ' + one.nodes.map((node) => node.target.join(' ') + ' ' + (node.any[0]?.message ?? node.all[0]?.message ?? '')).slice(0, 4).join(' | '))), (fault) => done([String(fault)]));";

/// Cold bytes and requests of a page, and when its largest part was there.
const WEIGHT: &str = "const all = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')];\
    const others = all.filter((one) => new URL(one.name).origin !== location.origin).length;\
    return { requests: all.filter((one) => !one.name.includes('/tail') && !one.name.includes('/first-request')).length, bytes: all.reduce((sum, one) => sum + one.transferSize, 0), others, lcp: window.__lcp };";

/// By how much a page is wider than its window.
const TOO_WIDE: &str =
    "return document.documentElement.scrollWidth - document.documentElement.clientWidth";

async fn violations(console: &Console) -> Vec<String> {
    let found = console.browser.run_async(RUN_AXE).await;
    let found = found
        .as_array()
        .cloned()
        .unwrap_or_else(|| vec![json!("axe did not run")]);
    found.iter().map(ToString::to_string).collect()
}

/// What is wrong with a page, in both themes and all widths.
async fn check(console: &Console, path: &str) -> Vec<String> {
    let browser = &console.browser;
    let mut faults = Vec::new();
    browser.resize(1440, 960).await;
    console.open(path).await;
    for (scheme, width, height) in [
        ("light", 1440, 960),
        ("dark", 1440, 960),
        ("dark", 390, 844),
        ("light", 390, 844),
    ] {
        browser.prefer(scheme).await;
        browser.resize(width, height).await;
        let found = violations(console).await;
        let told = found
            .iter()
            .map(|one| format!("{path} {scheme} {width}: {one}"));
        faults.extend(told);
    }
    for width in [320, 390, 768, 1024] {
        browser.resize(width, 844).await;
        let wider = browser.run(TOO_WIDE).await;
        if wider.as_i64().is_none_or(|wider| wider > 0) {
            faults.push(format!("{path} is {wider} px too wide at {width}"));
        }
    }
    let told = console.faults().await;
    faults.extend(told.iter().map(|one| format!("{path}: {one}")));
    faults
}

#[tokio::test]
async fn every_page_is_accessible_fits_its_window_and_reports_nothing() {
    let Some(console) = console().await else {
        return;
    };
    console.browser.run_first(AXE).await;
    let mut faults = Vec::new();
    let first = console.first_link().await;
    for path in [first.as_str(), "/ui/sign-in"] {
        faults.extend(check(&console, path).await);
    }
    console.sign_in().await;
    // Nothing is there yet: what pages say then.
    for path in [
        "/ui",
        "/ui/requests",
        "/ui/keys",
        "/ui/teams",
        "/ui/usage",
        "/ui/welcome",
    ] {
        faults.extend(check(&console, path).await);
    }
    console.furnish().await;
    for path in pages::all(&console).await {
        faults.extend(check(&console, &path).await);
    }
    for path in [
        "/ui/models/dry-run?model=gpt-4o",
        "/ui/models/dry-run?model=no-such",
    ] {
        faults.extend(check(&console, path).await);
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[tokio::test]
async fn a_page_is_light_when_nothing_of_it_is_there_yet() {
    let Some(console) = console().await else {
        return;
    };
    console.sign_in().await;
    console.furnish().await;
    let mut faults = Vec::new();
    for path in pages::all(&console).await {
        console
            .browser
            .devtools("Network.clearBrowserCache", json!({}))
            .await;
        console.open(&path).await;
        let weight = console.browser.run(WEIGHT).await;
        let number = |name: &str| weight[name].as_f64().unwrap_or(f64::MAX);
        if number("bytes") > 80_000.0 || number("requests") > 8.0 || number("others") > 0.0 {
            faults.push(format!("{path}: {weight}"));
        }
    }
    for path in ["/ui", "/ui/requests", "/ui/keys"] {
        let mut times = Vec::new();
        for _time in 0..5 {
            console.open(path).await;
            let painted = "return window.__lcp > 0";
            console.browser.until("the page is painted", painted).await;
            let weight = console.browser.run(WEIGHT).await;
            times.push(weight["lcp"].as_f64().unwrap_or_default());
        }
        times.sort_by(f64::total_cmp);
        eprintln!("largest part of {path} after {} ms (middle of 5)", times[2]);
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
