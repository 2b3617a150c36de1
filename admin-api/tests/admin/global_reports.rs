//! LiteLLM's global reports, in the shapes that its clients read.

use serde_json::json;

use crate::known::{EACH, THREE, TWO, is, known, three};
use crate::setup::served;

#[tokio::test]
async fn global_reports_have_litellms_shapes() {
    let admin = served().await;
    let known = known(&admin).await;
    three(&admin, &known.whose).await;
    let all = THREE;
    let range = "start_date=2026-03-01&end_date=2026-03-02";
    let get = async |path: &str| admin.get(&format!("{path}?{range}")).await.ok();
    assert!(is(&admin.get("/global/spend").await.ok()["spend"], all));
    let keys = get("/global/spend/keys").await;
    assert_eq!(
        (&keys[0]["api_key"], &keys[0]["key_alias"]),
        (&json!(known.token), &json!("anns"))
    );
    assert!(is(&keys[0]["total_spend"], all));
    let teams = get("/global/spend/teams").await;
    assert_eq!(
        (&teams["daily_spend"][0]["date"], &teams["teams"]),
        (&json!("2026-03-01"), &json!(["Blue"]))
    );
    assert!(is(&teams["daily_spend"][0]["Blue"], TWO));
    assert!(is(&teams["total_spend_per_team"][0]["total_spend"], all));
    let models = get("/global/spend/models").await;
    assert!(models[0]["model"] == "gpt-4o-mini" && is(&models[0]["total_spend"], all));
    let providers = get("/global/spend/provider").await;
    assert!(providers[0]["provider"] == "openai" && is(&providers[0]["spend"], all));
    let tags = get("/global/spend/tags").await;
    assert_eq!(
        (
            &tags["spend_per_tag"][0]["name"],
            &tags["spend_per_tag"][0]["log_count"]
        ),
        (&json!("prod"), &json!(3))
    );
}

#[tokio::test]
async fn names_days_and_end_users_have_litellms_shapes() {
    let admin = served().await;
    let known = known(&admin).await;
    three(&admin, &known.whose).await;
    let all = THREE;
    let range = "start_date=2026-03-01&end_date=2026-03-02";
    let get = async |path: &str| admin.get(&format!("{path}?{range}")).await.ok();
    assert_eq!(
        get("/global/spend/all_tag_names").await,
        json!({"tag_names": ["prod"]})
    );
    assert_eq!(
        get("/global/all_end_users").await,
        json!({"end_users": ["ann"]})
    );
    let body = json!({"startTime": "2026-03-01", "endTime": "2026-03-02", "api_key": known.token});
    let end_users = admin.post("/global/spend/end_users", body).await.ok();
    assert_eq!(
        (&end_users[0]["end_user"], &end_users[0]["total_count"]),
        (&json!("ann"), &json!(3))
    );
    let logs = get("/global/spend/logs").await;
    assert!(logs[1]["date"] == "2026-03-02" && is(&logs[1]["spend"], EACH));
    let tags = get("/spend/tags").await;
    assert_eq!(
        (&tags[0]["individual_request_tag"], &tags[0]["log_count"]),
        (&json!("prod"), &json!(3))
    );
    assert!(is(
        &admin.get("/spend/tags").await.ok()[0]["total_spend"],
        all
    ));
}

#[tokio::test]
async fn activity_and_report_have_litellms_shapes() {
    let admin = served().await;
    let known = known(&admin).await;
    three(&admin, &known.whose).await;
    let all = THREE;
    let range = "start_date=2026-03-01&end_date=2026-03-02";
    let get = async |path: &str| admin.get(&format!("{path}?{range}")).await.ok();
    let activity = get("/global/activity").await;
    let first = json!({"date": "Mar 01", "api_requests": 2, "total_tokens": 30});
    assert_eq!(activity["daily_data"][0], first);
    assert_eq!(
        (&activity["sum_api_requests"], &activity["sum_total_tokens"]),
        (&json!(3), &json!(45))
    );
    let by_model = get("/global/activity/model").await;
    assert_eq!(
        (&by_model[0]["model"], &by_model[0]["sum_api_requests"]),
        (&json!("fast"), &json!(3))
    );
    assert_eq!(
        get("/global/activity/exceptions").await["sum_num_rate_limit_exceptions"],
        0
    );

    let report = get("/global/spend/report").await;
    assert_eq!(report[0]["group_by_day"], "2026-03-01");
    let team = &report[0]["teams"][0];
    assert!(team["team_name"] == "Blue" && is(&team["total_spend"], TWO));
    assert_eq!(team["metadata"][0]["api_key"], known.token.as_str());
    let of_key = admin
        .get(&format!(
            "/global/spend/report?{range}&api_key={}",
            known.token
        ))
        .await
        .ok();
    assert!(is(&of_key[0]["total_cost"], all) && of_key[0]["total_input_tokens"] == 30);
    let customers = admin
        .get(&format!("/global/spend/report?{range}&group_by=customer"))
        .await
        .ok();
    assert_eq!(customers[0]["customers"][0]["customer"], "ann");
}
