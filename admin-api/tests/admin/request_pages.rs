//! The pages of requests: where there is something, and the same again.

use domain::time::TimestampMs;
use scraper::{Html, Selector};

use crate::every_page::administrator;
use crate::ledger::{Whose, append, plain};
use crate::setup::served;

const DAY_MS: u64 = 86_400_000;

#[tokio::test]
async fn an_empty_range_leads_to_the_nearest_day_with_requests() {
    let admin = served().await;
    let whose = Whose {
        organization: admin.organization("ours").await,
        team: None,
        user: None,
        key: None,
    };
    let now = TimestampMs::now();
    let at = TimestampMs(now.0 - 50 * DAY_MS);
    let entry = plain(1, at, &whose);
    let id = entry.id.clone();
    append(&admin.store, "strand", vec![entry]).await;
    let browser = administrator(&admin).await;
    let page = browser.get("/ui/requests?r=7d").await.is(200);
    assert!(!page.text.contains(&id));
    let document = Html::parse_document(&page.text);
    let nearest = Selector::parse("tr.none a[href*='..']").unwrap();
    let nearest = document.select(&nearest).next().unwrap();
    let address = nearest.value().attr("href").unwrap().to_owned();
    let page = browser.get(&address).await.is(200);
    assert!(page.text.contains(&id), "{address}");
    // A day that is past is not followed.
    assert!(!page.text.contains("hx-sse:connect"));
    let none = browser.get("/ui/requests?r=7d&q=status:418").await.is(200);
    assert!(!none.text.contains("..20"));
}

#[tokio::test]
async fn a_request_is_sent_again_with_curl_and_no_key_stands_in_it() {
    let admin = served().await;
    let whose = Whose {
        organization: admin.organization("ours").await,
        team: None,
        user: None,
        key: None,
    };
    let mut entry = plain(1, TimestampMs::now(), &whose);
    entry.asked_model = "a'b".to_owned();
    let id = entry.id.clone();
    append(&admin.store, "strand", vec![entry]).await;
    let browser = administrator(&admin).await;
    let page = browser.get(&format!("/ui/requests/{id}")).await.is(200);
    let document = Html::parse_document(&page.text);
    let curl = Selector::parse("#rcurl").unwrap();
    let curl = document.select(&curl).next().unwrap();
    let curl: String = curl.text().collect();
    assert!(curl.contains("Bearer $HEADGATE_KEY"), "{curl}");
    assert!(curl.contains("a'\\''b") && !curl.contains("sk-"), "{curl}");
}
