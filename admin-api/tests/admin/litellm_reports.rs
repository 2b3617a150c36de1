//! LiteLLM's reports, in the shapes that its clients read.

use domain::money::NanoUsd;
use domain::policies::{Budget, BudgetMode, Policy};
use domain::time::TimestampMs;
use serde_json::{Value, json};

use crate::ledger::{Whose, append, plain};
use crate::setup::{Served, served};

/// What one, two and three requests cost.
const EACH: f64 = 0.2;
const TWO: f64 = 0.4;
const THREE: f64 = 0.6;

/// Amounts are written digit by digit: they are equal, not only near.
fn is(value: &Value, expect: f64) -> bool {
    *value == json!(expect)
}

fn at(text: &str) -> TimestampMs {
    TimestampMs::parse_rfc3339(text).unwrap()
}

/// A key of a team and a person, and what it is known by.
struct Known {
    whose: Whose,
    token: String,
    team: String,
}

async fn known(admin: &Served) -> Known {
    let team = json!({"team_alias": "Blue", "team_id": "blue"});
    admin.post("/team/new", team).await.ok();
    let user = json!({"user_id": "ann", "user_email": "ann@example.com", "auto_create_key": false});
    admin.post("/user/new", user).await.ok();
    let member = json!({"team_id": "blue", "member": {"user_id": "ann", "role": "user"}});
    admin.post("/team/member_add", member).await.ok();
    let key = json!({"key_alias": "anns", "team_id": "blue", "user_id": "ann"});
    let made = admin.post("/key/generate", key).await.ok();
    let id = domain::ids::KeyId::new(made["id"].as_str().unwrap());
    let key = admin.store.virtual_key(id.as_str()).await.unwrap().unwrap();
    Known {
        whose: Whose {
            organization: key.organization_id,
            team: key.team_id,
            user: key.user_id,
            key: Some(id),
        },
        token: made["token"].as_str().unwrap().to_owned(),
        team: "blue".to_owned(),
    }
}

/// Two requests on one day and one on the next.
async fn three(admin: &Served, whose: &Whose) {
    let days = [
        "2026-03-01T09:00:00Z",
        "2026-03-01T23:59:59Z",
        "2026-03-02T00:00:00Z",
    ];
    let entries = days.iter().enumerate();
    let entries = entries.map(|(number, day)| plain(number, at(day), whose));
    append(&admin.store, "strand", entries.collect()).await;
}

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
                breakdown["entities"][entity]["metadata"], metadata,
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

#[tokio::test]
async fn spend_stands_beside_each_thing_and_starts_anew_with_its_window() {
    let admin = served().await;
    let known = known(&admin).await;
    let budget = json!({"key": known.token, "max_budget": 10, "budget_duration": "1d"});
    admin.post("/key/update", budget).await.ok();
    admin
        .post(
            "/team/update",
            json!({"team_id": "blue", "max_budget": 5, "budget_duration": "30d"}),
        )
        .await
        .ok();
    admin
        .post("/customer/new", json!({"user_id": "ann"}))
        .await
        .ok();
    admin
        .post(
            "/tag/new",
            json!({"name": "prod", "max_budget": 3, "budget_duration": "1d"}),
        )
        .await
        .ok();
    let now = TimestampMs::now();
    let before = TimestampMs(now.0 - 40 * 86_400_000);
    append(&admin.store, "old", vec![plain(1, before, &known.whose)]).await;
    append(
        &admin.store,
        "new",
        vec![plain(2, now, &known.whose), plain(3, now, &known.whose)],
    )
    .await;
    let (present, life) = (TWO, THREE);

    let key = admin
        .get(&format!("/key/info?key={}", known.token))
        .await
        .ok();
    assert!(is(&key["info"]["spend"], present), "{key}");
    assert!(key["info"]["budget_reset_at"].is_string());
    let team = admin.get("/team/info?team_id=blue").await.ok();
    assert!(is(&team["team_info"]["spend"], present), "{team}");
    assert!(team["team_info"]["budget_reset_at"].is_string());
    assert!(is(&team["team_memberships"][0]["spend"], life), "{team}");
    assert!(is(&team["keys"][0]["spend"], present));
    let user = admin.get("/user/info?user_id=ann").await.ok();
    assert!(is(&user["user_info"]["spend"], life), "{user}");
    let organization = admin
        .get("/organization/info?organization_id=default")
        .await
        .ok();
    assert!(is(&organization["spend"], life));
    let customer = admin.get("/customer/info?end_user_id=ann").await.ok();
    assert!(is(&customer["spend"], life));
    let tag = admin
        .post("/tag/info", json!({"names": ["prod"]}))
        .await
        .ok();
    assert!(is(&tag["prod"]["spend"], present));
    let listed = admin.get("/spend/keys").await.ok();
    assert!(listed[0]["key_alias"] == "anns" && is(&listed[0]["spend"], present));
    assert!(is(
        &admin.get("/spend/users?user_id=ann").await.ok()[0]["spend"],
        life
    ));

    // A reset is a correction of all time and of the window.
    let path = format!("/key/{}/reset_spend", known.token);
    admin.post(&path, json!({"reset_to": 1})).await.refused(400);
    let reset = admin.post(&path, json!({"reset_to": 0.1})).await.ok();
    assert!(is(&reset["spend"], 0.1) && is(&reset["previous_spend"], present));
    assert!(reset["budget_reset_at"].is_string());
    let key = admin
        .get(&format!("/key/info?key={}", known.token))
        .await
        .ok();
    assert!(is(&key["info"]["spend"], 0.1));
    let no_window = json!({"key": known.token, "budget_duration": null});
    admin.post("/key/update", no_window).await.ok();
    let key = admin
        .get(&format!("/key/info?key={}", known.token))
        .await
        .ok();
    assert!(is(&key["info"]["spend"], 0.1), "of all time too: {key}");
    // What was used stays in the ledger.
    assert!(is(&admin.get("/global/spend").await.ok()["spend"], life));

    let all = admin.post("/global/spend/reset", json!({})).await.ok();
    assert_eq!(all["status"], "success");
    let key = admin
        .get(&format!("/key/info?key={}", known.token))
        .await
        .ok();
    assert_eq!(key["info"]["spend"], 0);
    let team = admin.get("/team/info?team_id=blue").await.ok();
    assert_eq!(team["team_info"]["spend"], 0);
    assert!(is(
        &admin.get("/user/info?user_id=ann").await.ok()["user_info"]["spend"],
        life
    ));
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

#[tokio::test]
async fn forecasts_say_what_is_left_and_when_it_runs_out() {
    let admin = served().await;
    let known = known(&admin).await;
    let models = json!({"key": known.token, "max_budget": 10, "budget_duration": "30d",
        "model_max_budget": {"fast": {"budget_limit": 1, "time_period": "1d"}}});
    admin.post("/key/update", models).await.ok();
    let team = admin.store.team("blue").await.unwrap().unwrap();
    let mut change = admin.store.begin().await.unwrap();
    let budget = Budget {
        limit_nanousd: NanoUsd::from_usd("0.5").unwrap(),
        window: None,
        mode: BudgetMode::Soft,
        increase: None,
    };
    let policy = Policy {
        budgets: vec![budget],
        ..team.policy.clone()
    };
    change
        .update_team(&domain::teams::Team { policy, ..team })
        .await
        .unwrap();
    change
        .commit(&domain::actors::Actor::system(), store::Event::default())
        .await
        .unwrap();
    let now = TimestampMs::now();
    append(
        &admin.store,
        "new",
        vec![plain(1, now, &known.whose), plain(2, now, &known.whose)],
    )
    .await;
    let mut found = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = admin
            .get(&format!(
                "/api/v1/budgets/forecasts?limit=1&cursor={cursor}"
            ))
            .await
            .ok();
        found.extend(page["items"].as_array().unwrap().clone());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => break,
        }
    }
    let of = |level: &str, model: Option<&str>| {
        let found: Vec<&Value> = found
            .iter()
            .filter(|one| one["level"] == level && one["model"] == json!(model))
            .collect();
        assert_eq!(found.len(), 1, "{level} {model:?}");
        found[0].clone()
    };
    let team = of("team", None);
    assert_eq!(
        (&team["limit_usd"], &team["spent_usd"], &team["left_usd"]),
        (&json!("0.5"), &json!("0.4"), &json!("0.1"))
    );
    assert_eq!(
        (&team["mode"], &team["window"]),
        (&json!("soft"), &Value::Null)
    );
    assert!(team["runs_out_on"].is_string(), "{team}");
    let key = of("key", None);
    assert_eq!(
        (&key["spent_usd"], &key["window"]),
        (&json!("0.4"), &json!("30d"))
    );
    assert!(key["resets_at"].is_string());
    let of_model = of("key", Some("fast"));
    assert_eq!(
        (&of_model["spent_usd"], &of_model["limit_usd"]),
        (&json!("0.4"), &json!("1"))
    );
    let table = admin
        .get("/api/v1/budgets/forecasts?format=csv&level=team")
        .await;
    assert!(
        table.text.lines().count() == 2 && table.text.contains(",0.5,"),
        "{}",
        table.text
    );
}
