//! Rotation, spend set anew, more money for a time.

use serde_json::{Value, json};

use crate::keys::made;
use crate::setup::served;

/// The secrets of a key that work: last four and end.
fn secrets(body: &Value) -> Vec<(String, bool)> {
    let secrets = body["secrets"].as_array().unwrap().iter();
    secrets
        .map(|one| {
            (
                one["last_four"].as_str().unwrap().to_owned(),
                one["until"].is_string(),
            )
        })
        .collect()
}

fn end_of(key: &str) -> String {
    key.chars().skip(key.len() - 4).collect()
}

#[tokio::test]
async fn a_rotated_key_works_with_both_secrets_until_the_grace_ends() {
    let admin = served().await;
    let body = json!({"key_alias": "turning", "max_budget": 5, "spend": 2});
    let (first, row) = made(&admin, body).await;
    let path = format!("/api/v1/keys/{}", row["id"].as_str().unwrap());
    let rotate = format!("{path}/rotate");

    let turned = admin.post(&rotate, json!({"grace": "24h"})).await.ok();
    let second = turned["key"].as_str().unwrap().to_owned();
    assert_ne!(first, second);
    let details = &turned["details"];
    assert_eq!(details["id"], row["id"]);
    assert_eq!(details["alias"], "turning");
    assert_eq!(details["spend_usd"], "2");
    assert_ne!(details["hash"], row["token"]);
    let both = vec![(end_of(&second), false), (end_of(&first), true)];
    assert_eq!(secrets(details), both);
    for key in [&first, &second] {
        admin.ask(key, "GET", "/key/info", None).await.ok();
    }

    // A third secret ends the oldest at once.
    let turned = admin.post(&rotate, json!({"grace": "1h"})).await.ok();
    let third = turned["key"].as_str().unwrap().to_owned();
    let both = vec![(end_of(&third), false), (end_of(&second), true)];
    assert_eq!(secrets(&turned["details"]), both);
    admin
        .ask(&first, "GET", "/key/info", None)
        .await
        .refused(401);

    // Without a grace everything before ends.
    let body = json!({"new_key": "sk-chosen-secret-0004", "max_budget": 4});
    let turned = admin
        .post(&format!("/key/{third}/regenerate"), body)
        .await
        .ok();
    assert_eq!(turned["key"], "sk-chosen-secret-0004");
    assert_eq!(turned["max_budget"], 4);
    for key in [&first, &second, &third] {
        admin.ask(key, "GET", "/key/info", None).await.refused(401);
    }
    let info = admin
        .ask("sk-chosen-secret-0004", "GET", "/key/info", None)
        .await
        .ok();
    assert_eq!(info["info"]["secrets"].as_array().unwrap().len(), 1);
    admin
        .post(&rotate, json!({"grace": "31d"}))
        .await
        .refused(400);
}

#[tokio::test]
async fn spend_is_set_anew_and_a_budget_raised_with_a_reason() {
    let admin = served().await;
    let (key, row) = made(&admin, json!({"max_budget": 10, "spend": 7.25})).await;
    assert_eq!(row["spend"], 7.25);
    let path = format!("/key/{key}/reset_spend");
    admin.post(&path, json!({"reset_to": 8})).await.refused(400);
    let reset = admin.post(&path, json!({"reset_to": 1})).await.ok();
    assert_eq!(reset["previous_spend"], 7.25);
    assert_eq!(reset["spend"], 1);
    assert_eq!(reset["max_budget"], 10);
    assert_eq!(reset["key_hash"], row["token"]);

    let path = format!("/api/v1/keys/{}", row["id"].as_str().unwrap());
    admin
        .post(&format!("{path}/reset-spend"), json!({}))
        .await
        .refused(400);
    let shown = admin
        .post(&format!("{path}/reset-spend"), json!({"reason": "refund"}))
        .await
        .ok();
    assert_eq!(shown["spend_usd"], "0");
    let body = json!({"by_usd": "2.5", "until": "24h", "reason": "launch day"});
    let shown = admin
        .post(&format!("{path}/budget-increase"), body)
        .await
        .ok();
    assert_eq!(shown["policy"]["budgets"][0]["increase"]["by_usd"], "2.5");
    assert_eq!(shown["policy"]["budgets"][0]["limit_usd"], "10");
}

#[tokio::test]
async fn rotations_at_the_same_time_leave_no_secret_without_an_end() {
    let admin = served().await;
    let (_, row) = made(&admin, json!({})).await;
    let path = format!("/api/v1/keys/{}", row["id"].as_str().unwrap());
    let rotate = format!("{path}/rotate");
    let ask = || admin.post(&rotate, json!({"grace": "1h"}));
    let answers = tokio::join!(ask(), ask(), ask(), ask());
    let statuses = [answers.0, answers.1, answers.2, answers.3].map(|answer| answer.status);
    assert!(statuses.contains(&200), "{statuses:?}");
    assert!(
        statuses.iter().all(|status| [200, 409].contains(status)),
        "{statuses:?}"
    );
    let left = secrets(&admin.get(&path).await.ok());
    let endless = left.iter().filter(|(_, ends)| !ends).count();
    assert!(endless == 1 && left.len() == 2, "{left:?}");
}

#[tokio::test]
async fn spend_that_is_reset_twice_at_the_same_time_is_not_below_zero() {
    let admin = served().await;
    let (key, _) = made(&admin, json!({"spend": 5})).await;
    let path = format!("/key/{key}/reset_spend");
    let ask = || admin.post(&path, json!({"reset_to": 0}));
    let answers = tokio::join!(ask(), ask(), ask(), ask());
    for answer in [answers.0, answers.1, answers.2, answers.3] {
        answer.ok();
    }
    let info = admin.get(&format!("/key/info?key={key}")).await.ok();
    assert_eq!(info["info"]["spend"], 0);
}
