//! A key that LiteLLM's callers know, and what it has used.

use domain::time::TimestampMs;
use serde_json::{Value, json};

use crate::ledger::{Whose, append, plain};
use crate::setup::Served;

/// What one, two and three requests cost.
pub const EACH: f64 = 0.2;
pub const TWO: f64 = 0.4;
pub const THREE: f64 = 0.6;

/// Amounts are written digit by digit: they are equal, not only near.
pub fn is(value: &Value, expect: f64) -> bool {
    *value == json!(expect)
}

pub fn at(text: &str) -> TimestampMs {
    TimestampMs::parse_rfc3339(text).unwrap()
}

/// A key of a team and a person, and what it is known by.
pub struct Known {
    /// For the ledger.
    pub whose: Whose,
    /// The key's hash.
    pub token: String,
    /// The team, as LiteLLM's callers know it.
    pub team: String,
}

pub async fn known(admin: &Served) -> Known {
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
pub async fn three(admin: &Served, whose: &Whose) {
    let days = [
        "2026-03-01T09:00:00Z",
        "2026-03-01T23:59:59Z",
        "2026-03-02T00:00:00Z",
    ];
    let entries = days.iter().enumerate();
    let entries = entries.map(|(number, day)| plain(number, at(day), whose));
    append(&admin.store, "strand", entries.collect()).await;
}
