//! A block is taken away by whoever stands where it was set, or above.

use domain::permissions::Role;
use domain::policies::Policy;
use serde_json::{Value, json};

use crate::setup::{Served, served};

/// A team of `acme`, and the keys of those who act on it, from the bottom up.
struct Stage {
    admin: Served,
    team: String,
    owner: String,
    team_admin: String,
    organization_admin: String,
}

async fn stage() -> Stage {
    let admin = served().await;
    let acme = admin.organization("acme").await;
    let team = admin.team(&acme, Policy::default()).await;
    let mut keys = Vec::new();
    for (role, team) in [
        (Role::Member, Some(&team)),
        (Role::TeamAdmin, Some(&team)),
        (Role::OrganizationAdmin, None),
    ] {
        let person = admin.person(None, Some((role, &acme, team))).await;
        keys.push(admin.key_of(&person, &acme).await);
    }
    let [owner, team_admin, organization_admin] = keys.try_into().unwrap();
    Stage {
        team: team.to_string(),
        admin,
        owner,
        team_admin,
        organization_admin,
    }
}

impl Stage {
    /// Those who act, lowest first, with the words that a refusal has for them.
    fn actors(&self) -> [(&str, &'static str); 4] {
        [
            (&self.owner, "its owner"),
            (&self.team_admin, "administrator of its team"),
            (
                &self.organization_admin,
                "administrator of its organization",
            ),
            (&self.admin.master, "administrator of the platform"),
        ]
    }

    async fn ask(&self, key: &str, path: &str, body: Value) -> crate::setup::Answer {
        self.admin.ask(key, "POST", path, Some(body)).await
    }
}

#[tokio::test]
async fn a_key_is_unblocked_by_whoever_blocked_it_or_stands_above_and_others_are_told_who() {
    let stage = stage().await;
    let body = json!({"team_id": stage.team});
    let own = stage.ask(&stage.owner, "/key/generate", body).await.ok();
    let key = json!({"key": own["key"]});
    for (height, (blocker, word)) in stage.actors().into_iter().enumerate() {
        for (other, (unblocker, _)) in stage.actors().into_iter().enumerate() {
            stage.ask(blocker, "/key/block", key.clone()).await.ok();
            let answer = stage.ask(unblocker, "/key/unblock", key.clone()).await;
            if other >= height {
                answer.ok();
                continue;
            }
            let told = answer.refused(403);
            assert!(told.contains(word), "{height} {other}: {told}");
            // Nor by another way.
            let update = json!({"key": own["key"], "blocked": false});
            stage
                .ask(unblocker, "/key/update", update.clone())
                .await
                .refused(403);
            let many = json!({"keys": [update]});
            let many = stage.ask(unblocker, "/key/bulk_update", many).await.ok();
            assert_eq!(
                many["failed_updates"].as_array().unwrap().len(),
                1,
                "{many}"
            );
            // Nor by blocking it again themselves.
            stage.ask(unblocker, "/key/block", key.clone()).await.ok();
            stage
                .ask(unblocker, "/key/unblock", key.clone())
                .await
                .refused(403);
            stage.ask(blocker, "/key/unblock", key.clone()).await.ok();
        }
    }
}

#[tokio::test]
async fn a_team_that_the_platform_blocked_stays_so_for_its_organization() {
    let stage = stage().await;
    let team = json!({"team_id": stage.team});
    let by = |place: usize| stage.actors()[place].0.to_owned();
    stage.ask(&by(2), "/team/block", team.clone()).await.ok();
    // Who stands above blocks it too: the block is theirs from then on.
    stage.ask(&by(3), "/team/block", team.clone()).await.ok();
    let told = stage
        .ask(&by(2), "/team/unblock", team.clone())
        .await
        .refused(403);
    assert!(told.contains("administrator of the platform"), "{told}");
    let update = json!({"team_id": stage.team, "blocked": false});
    stage.ask(&by(2), "/team/update", update).await.refused(403);
    stage.ask(&by(3), "/team/unblock", team.clone()).await.ok();
    stage.ask(&by(2), "/team/block", team.clone()).await.ok();
    stage
        .ask(&by(1), "/team/unblock", team.clone())
        .await
        .refused(403);
    stage.ask(&by(2), "/team/unblock", team.clone()).await.ok();
}

#[tokio::test]
async fn an_end_user_and_a_project_that_the_platform_blocked_stay_so_for_the_organization() {
    let stage = stage().await;
    let head = stage.organization_admin.clone();
    let users = json!({"user_ids": ["eve"]});
    stage
        .ask(&head, "/customer/block", users.clone())
        .await
        .ok();
    stage
        .ask(&stage.admin.master, "/customer/block", users.clone())
        .await
        .ok();
    stage
        .ask(&head, "/customer/unblock", users.clone())
        .await
        .refused(403);
    stage
        .ask(&stage.admin.master, "/customer/unblock", users.clone())
        .await
        .ok();

    let body = json!({"team_id": stage.team, "name": "P"});
    let made = stage
        .ask(&stage.team_admin, "/api/v1/projects", body)
        .await
        .ok();
    let path = format!("/api/v1/projects/{}", made["id"].as_str().unwrap());
    let set = async |key: &str, blocked: bool| {
        let body = Some(json!({"blocked": blocked}));
        stage.admin.ask(key, "PATCH", &path, body).await
    };
    set(&stage.team_admin, true).await.ok();
    set(&stage.team_admin, false).await.ok();
    set(&head, true).await.ok();
    set(&stage.team_admin, false).await.refused(403);
    set(&head, false).await.ok();
}
