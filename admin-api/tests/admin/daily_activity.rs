//! LiteLLM's daily activity: days broken down, and added up.

use serde_json::{Value, json};

use crate::known::{Known, THREE, TWO, is, known, three};
use crate::setup::served;

/// Whether an answer has both days, the newest first, with all their parts.
fn check((path, entity, metadata): (&str, &str, &Value), shown: &Value, known: &Known) {
    let results = shown["results"].as_array().unwrap();
    assert_eq!(results.len(), 2, "{path}");
    assert_eq!(results[0]["date"], "2026-03-02", "the newest first: {path}");
    let day = &results[1];
    assert!(is(&day["metrics"]["spend"], TWO), "{path}");
    assert_eq!(day["metrics"]["total_tokens"], 30);
    assert_eq!(day["metrics"]["successful_requests"], 2);
    let breakdown = &day["breakdown"];
    for (part, word) in [
        ("models", "gpt-4o-mini"),
        ("model_groups", "fast"),
        ("providers", "openai"),
        ("endpoints", "/chat/completions"),
        ("entities", entity),
    ] {
        let one = &breakdown[part][word];
        assert!(
            is(&one["metrics"]["spend"], TWO),
            "{path} {part}: {breakdown}"
        );
        let of_key = &one["api_key_breakdown"][&known.token]["metrics"];
        assert_eq!(of_key["api_requests"], 2, "{path} {part}");
    }
    let key = &breakdown["api_keys"][&known.token];
    assert_eq!(key["metadata"]["key_alias"], "anns");
    assert_eq!(key["metadata"]["team_id"], known.team.as_str());
    if !metadata.is_null() {
        assert_eq!(
            breakdown["entities"][entity]["metadata"], *metadata,
            "{path}"
        );
    }
    let told = &shown["metadata"];
    assert!(is(&told["total_spend"], THREE));
    assert_eq!(
        (&told["page"], &told["has_more"]),
        (&json!(1), &json!(false))
    );
}

#[tokio::test]
async fn daily_activity_breaks_days_down_and_adds_them_up() {
    let admin = served().await;
    let known = known(&admin).await;
    three(&admin, &known.whose).await;
    let range = "start_date=2026-03-01&end_date=2026-03-02";
    for (entity, path, metadata) in [
        (
            "blue",
            "/team/daily/activity",
            json!({"team_alias": "Blue"}),
        ),
        (
            "ann",
            "/user/daily/activity",
            json!({"user_email": "ann@example.com", "user_alias": null}),
        ),
        ("prod", "/tag/daily/activity", json!({})),
        ("ann", "/customer/daily/activity", json!({})),
        ("ann", "/end_user/daily/activity/aggregated", json!({})),
        (
            "default",
            "/organization/daily/activity/aggregated",
            Value::Null,
        ),
    ] {
        let shown = admin.get(&format!("{path}?{range}")).await.ok();
        check((path, entity, &metadata), &shown, &known);
    }
}

#[tokio::test]
async fn daily_activity_leaves_out_what_is_excluded_and_has_pages() {
    let admin = served().await;
    let known = known(&admin).await;
    three(&admin, &known.whose).await;
    let range = "start_date=2026-03-01&end_date=2026-03-02";
    let others = admin
        .get(&format!(
            "/team/daily/activity?{range}&exclude_team_ids=blue"
        ))
        .await
        .ok();
    assert_eq!(others["results"], json!([]));
    let of_team = admin
        .get(&format!(
            "/team/daily/activity?{range}&team_ids=blue,red&model=none"
        ))
        .await
        .ok();
    assert_eq!(of_team["metadata"]["total_api_requests"], 0);
    // More days than a page has: the sum over the pages is the sum of the days.
    let year = "start_date=2025-12-01&end_date=2026-03-31";
    let (mut sums, mut page, mut more) = (Vec::new(), 1, true);
    while more {
        let shown = admin
            .get(&format!("/team/daily/activity?{year}&page={page}"))
            .await
            .ok();
        sums.push(shown["metadata"]["total_spend"].clone());
        more = shown["metadata"]["has_more"].as_bool().unwrap();
        page += 1;
    }
    assert_eq!(sums, [json!(0.6), json!(0), json!(0), json!(0)]);
}
