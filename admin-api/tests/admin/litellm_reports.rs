//! LiteLLM's spend logs and what a call costs, in the shapes that its clients read.

use serde_json::json;

use crate::known::{EACH, TWO, is, known, three};
use crate::setup::served;

#[tokio::test]
async fn a_row_of_spend_logs_says_who_which_model_tokens_and_spend() {
    let admin = served().await;
    let known = known(&admin).await;
    three(&admin, &known.whose).await;
    let rows = admin
        .get(&format!("/spend/logs?api_key={}", known.token))
        .await
        .ok();
    let rows = rows.as_array().unwrap();
    assert_eq!(rows.len(), 3);
    let row = &rows[2];
    for (name, value) in [
        ("api_key", json!(known.token)),
        ("user", json!("ann")),
        ("team_id", json!("blue")),
        ("end_user", json!("ann")),
        ("model", json!("gpt-4o-mini")),
        ("model_group", json!("fast")),
        ("custom_llm_provider", json!("openai")),
        ("prompt_tokens", json!(10)),
        ("completion_tokens", json!(5)),
        ("total_tokens", json!(15)),
        ("startTime", json!("2026-03-01T09:00:00.000Z")),
        ("endTime", json!("2026-03-01T09:00:01.250Z")),
        ("status", json!("success")),
        ("request_tags", json!(["prod"])),
        ("call_type", json!("acompletion")),
    ] {
        assert_eq!(row[name], value, "{name}");
    }
    assert!(is(&row["spend"], EACH));
    let id = row["request_id"].as_str().unwrap();
    let one = admin
        .get(&format!("/spend/logs?request_id={id}"))
        .await
        .ok();
    assert_eq!(one[0]["request_id"], id);
    assert_eq!(
        admin.get("/spend/logs?request_id=req_none").await.ok(),
        json!([])
    );
    let detail = admin.get(&format!("/spend/logs/ui/{id}")).await.ok();
    assert_eq!(detail["metadata"]["attempts"][0]["outcome"], "ok");
    let of_nobody = admin.get("/spend/logs?user_id=bob").await.ok();
    assert_eq!(of_nobody, json!([]));
    let day = "start_date=2026-03-02&end_date=2026-03-02&summarize=false";
    let of_a_day = admin.get(&format!("/spend/logs?{day}")).await.ok();
    assert_eq!(of_a_day.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn spend_logs_with_dates_are_added_up_by_day() {
    let admin = served().await;
    let known = known(&admin).await;
    three(&admin, &known.whose).await;
    let days = admin
        .get("/spend/logs?start_date=2026-03-01&end_date=2026-03-04")
        .await
        .ok();
    let dates: Vec<&str> = days
        .as_array()
        .unwrap()
        .iter()
        .map(|day| day["startTime"].as_str().unwrap())
        .collect();
    assert_eq!(
        dates,
        ["2026-03-01", "2026-03-02", "2026-03-03", "2026-03-04"]
    );
    assert!(is(&days[0]["spend"], TWO));
    assert!(is(&days[0][&known.token], TWO));
    assert!(is(&days[0]["users"]["ann"], TWO));
    assert!(is(&days[0]["models"]["gpt-4o-mini"], TWO));
    assert!(is(&days[1]["spend"], EACH));
    assert_eq!(
        (&days[2]["spend"], &days[2]["users"]),
        (&json!(0), &json!({}))
    );
    let none = admin
        .get("/spend/logs?start_date=2026-04-01&end_date=2026-04-02")
        .await
        .ok();
    assert_eq!(none, json!([]));
    let halved = admin.get("/spend/logs?start_date=2026-03-01").await;
    assert!(halved.refused(400).contains("end_date"));
}

#[tokio::test]
async fn spend_logs_have_pages_with_totals() {
    let admin = served().await;
    let known = known(&admin).await;
    three(&admin, &known.whose).await;
    let range = "start_date=2026-03-01%2000:00:00&end_date=2026-03-31%2023:59:59";
    for path in ["/spend/logs/v2", "/spend/logs/ui"] {
        let page = admin
            .get(&format!("{path}?{range}&page=2&page_size=2"))
            .await
            .ok();
        assert_eq!(page["data"].as_array().unwrap().len(), 1);
        let told = ["total", "page", "page_size", "total_pages"].map(|name| page[name].clone());
        assert_eq!(told, [json!(3), json!(2), json!(2), json!(2)]);
    }
    let failed = admin
        .get(&format!("/spend/logs/v2?{range}&status_filter=failure"))
        .await
        .ok();
    assert_eq!((&failed["total"], &failed["data"]), (&json!(0), &json!([])));
    admin.get("/spend/logs/v2?page=0").await.refused(400);
    admin.get("/spend/logs/v2?page=100000").await.refused(400);
}

#[tokio::test]
async fn a_cost_is_calculated_before_and_after_a_call() {
    let admin = served().await;
    let before = json!({"model": "gpt-4o", "messages": [{"role": "user", "content": "Hey"}]});
    let cost = admin.post("/spend/calculate", before).await.ok();
    assert!(cost["cost"].as_f64().unwrap() > 0.0);
    let answer = json!({"completion_response": {"model": "openai/gpt-4o",
        "usage": {"prompt_tokens": 11, "completion_tokens": 4, "prompt_tokens_details": {"cached_tokens": 4}}}});
    let cost = admin.post("/spend/calculate", answer).await.ok();
    assert!(is(&cost["cost"], 6.25e-05), "{cost}");
    admin
        .post("/spend/calculate", json!({"model": "gpt-4o"}))
        .await
        .refused(400);
    admin.post("/spend/calculate", json!({})).await.refused(400);
    let unknown = json!({"model": "nobodys-model", "messages": []});
    assert!(
        admin
            .post("/spend/calculate", unknown)
            .await
            .refused(400)
            .contains("nobodys-model")
    );
}
