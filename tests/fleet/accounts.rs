//! Organizations, teams and keys, budgets nested in one another.

use harness::fleet::Fleet;
use serde_json::{Value, json};

use crate::setup::until;

/// A key and what it stands under.
#[derive(Clone, Debug)]
pub struct Key {
    /// The key itself.
    pub secret: String,
    /// Its id.
    pub id: String,
    /// Its team.
    pub team_id: String,
    /// Its organization.
    pub organization_id: String,
    /// The name of its bill at the provider.
    pub bill: String,
}

/// Limits in nano-dollars; what has none is not limited.
#[derive(Clone, Copy, Debug, Default)]
pub struct Limits {
    /// Of each organization.
    pub organization_nanousd: Option<u64>,
    /// Of the first team of each organization.
    pub team_nanousd: Option<u64>,
    /// Of the first key of each team.
    pub key_nanousd: Option<u64>,
}

/// How many of each.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// Organizations.
    pub organizations: usize,
    /// Teams of each.
    pub teams: usize,
    /// Keys of each team.
    pub keys: usize,
}

/// Makes them, and waits until every node serves every key.
pub async fn make(fleet: &Fleet, shape: Shape, limits: Limits) -> Vec<Key> {
    let mut keys = Vec::new();
    for organization in 0..shape.organizations {
        let mut body = json!({"organization_alias": format!("organization {organization}")});
        limit(&mut body, limits.organization_nanousd);
        let made = made(fleet, "/organization/new", &body).await;
        let organization_id = text(&made, "organization_id");
        for team in 0..shape.teams {
            let mut body = json!({"team_alias": format!("team {organization}.{team}"), "organization_id": organization_id});
            limit(&mut body, limits.team_nanousd.filter(|_| team == 0));
            let made = self::made(fleet, "/team/new", &body).await;
            let team_id = text(&made, "team_id");
            for key in 0..shape.keys {
                let bill = format!("key-{organization}-{team}-{key}");
                let mut body = json!({"key_alias": bill, "team_id": team_id});
                limit(&mut body, limits.key_nanousd.filter(|_| key == 0));
                let made = self::made(fleet, "/key/generate", &body).await;
                keys.push(Key {
                    secret: text(&made, "key"),
                    id: id(fleet, &text(&made, "key")).await,
                    team_id: team_id.clone(),
                    organization_id: organization_id.clone(),
                    bill,
                });
            }
        }
    }
    known(fleet, &keys).await;
    keys
}

async fn made(fleet: &Fleet, path: &str, body: &Value) -> Value {
    let made = fleet.admin().post(path, body).await;
    assert_eq!(made.status, 200, "{path}: {}", made.text());
    made.json()
}

fn limit(body: &mut Value, limit_nanousd: Option<u64>) {
    if let Some(nanousd) = limit_nanousd {
        let (whole, part) = (nanousd / 1_000_000_000, nanousd % 1_000_000_000);
        let text = format!("{whole}.{part:09}");
        // A number, of exactly these digits.
        body["max_budget"] = serde_json::from_str(&text).unwrap();
    }
}

fn text(body: &Value, member: &str) -> String {
    match body[member].as_str() {
        Some(text) => text.to_owned(),
        None => panic!("no `{member}` in {body}"),
    }
}

async fn id(fleet: &Fleet, secret: &str) -> String {
    let found = fleet.admin();
    let found = found
        .post("/api/v1/keys/find", &json!({"key": secret}))
        .await;
    assert_eq!(found.status, 200, "{}", found.text());
    text(&found.json(), "id")
}

/// Waits until every node serves every one of these.
pub async fn known(fleet: &Fleet, keys: &[Key]) {
    for index in 0..fleet.count() {
        for key in keys {
            until("every node serves every key", || async {
                let reply = fleet.with_key(index, &key.secret).get("/v1/models").await;
                match reply.status {
                    200 => Ok(()),
                    status => Err(format!("node {index}: {status} {}", reply.text())),
                }
            })
            .await;
        }
    }
}
