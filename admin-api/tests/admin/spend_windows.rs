//! Spend beside each thing, in its window; and budgets with what is left of them.

use domain::money::NanoUsd;
use domain::policies::{Budget, BudgetMode, Policy};
use domain::time::TimestampMs;
use serde_json::{Value, json};

use crate::known::{Known, THREE, TWO, is, known};
use crate::ledger::{append, plain};
use crate::setup::{Served, served};

/// A key, a team and a tag with windows, and requests in them and long before.
async fn windowed(admin: &Served) -> Known {
    let known = known(admin).await;
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
    append(
        admin.store.as_ref(),
        "old",
        vec![plain(1, before, &known.whose)],
    )
    .await;
    append(
        admin.store.as_ref(),
        "new",
        vec![plain(2, now, &known.whose), plain(3, now, &known.whose)],
    )
    .await;
    known
}

#[tokio::test]
async fn spend_stands_beside_each_thing_and_starts_anew_with_its_window() {
    let admin = served().await;
    let known = windowed(&admin).await;
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
}

#[tokio::test]
async fn spend_is_set_anew_for_all_time_and_for_the_window() {
    let admin = served().await;
    let known = windowed(&admin).await;
    let (present, life) = (TWO, THREE);
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

/// Budgets of a key, of one of its models and of its team, and two requests.
async fn budgeted(admin: &Served) {
    let known = known(admin).await;
    let models = json!({"key": known.token, "max_budget": 10, "budget_duration": "30d",
        "model_max_budget": {"fast": {"budget_limit": 1, "time_period": "1d"}}});
    admin.post("/key/update", models).await.ok();
    let team = admin.store.teams_called("blue").await.unwrap().remove(0);
    let mut change = admin.store.begin().await.unwrap();
    let budget = Budget {
        limit_nanousd: NanoUsd::from_usd("0.5").unwrap(),
        window: None,
        mode: BudgetMode::Soft,
        increase: None,
        alert_at_percent: None,
    };
    let policy = Policy {
        budgets: vec![budget],
        ..team.policy.clone()
    };
    // Each of its members has it too: with the team, and on pages of their own.
    let member_policy = policy.clone();
    change
        .update_team(&domain::teams::Team {
            policy,
            member_policy,
            ..team
        })
        .await
        .unwrap();
    change
        .commit(&domain::actors::Actor::system(), store::Event::default())
        .await
        .unwrap();
    let now = TimestampMs::now();
    append(
        admin.store.as_ref(),
        "new",
        vec![plain(1, now, &known.whose), plain(2, now, &known.whose)],
    )
    .await;
}

#[tokio::test]
async fn forecasts_say_what_is_left_and_when_it_runs_out() {
    let admin = served().await;
    budgeted(&admin).await;
    let mut found = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = admin
            .get(&format!(
                "/api/v1/budgets/forecasts?limit=1&cursor={cursor}"
            ))
            .await
            .ok();
        let items = page["items"].as_array().unwrap();
        let of_others = items.iter().filter(|one| one["id"] != items[0]["id"]);
        assert_eq!(of_others.count(), 0, "more levels than were asked for");
        found.extend(items.clone());
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
    assert_eq!(of("member", None)["limit_usd"], "0.5");
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
