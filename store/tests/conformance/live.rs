//! What live lists need: requests by their ends, and conditions that hold of one as in the database.

use std::collections::BTreeSet;

use domain::ids::{KeyId, OrganizationId, ProjectId, TeamId, UserId};
use domain::ledger::RequestEntry;
use domain::money::NanoUsd;
use domain::permissions::Scope;
use domain::time::TimestampMs;
use store::page::Page;
use store::requests::RequestFilter;

use crate::entries::{append, attempt, entry};
use crate::setup::on_both;

const NOON: u64 = 1_795_600_800_000;

/// Requests that differ in everything that is asked for.
fn varied() -> Vec<RequestEntry> {
    let mut all = Vec::new();
    for number in 0..48_u64 {
        let key = if number % 2 == 0 { "key_a" } else { "key_b" };
        let mut one = entry(
            key,
            NOON + number * 1_000,
            100 + i64::try_from(number).unwrap(),
        );
        let pick = |of: u64, word: &str| (number % of == 0).then(|| word.to_owned());
        one.payer.team_id = pick(3, "team_a");
        one.payer.user_id = pick(5, "user_a");
        one.payer.project_id = pick(4, "project_a");
        one.payer.environment = pick(2, "prod");
        one.payer.end_user = pick(6, "carol");
        one.payer.tags = pick(3, "eu").into_iter().chain(pick(4, "batch")).collect();
        one.payer.organization_id = pick(7, "org_b").unwrap_or_else(|| "org_a".to_owned());
        one.status = [200, 429, 500, 0][usize::try_from(number % 4).unwrap()];
        one.code = (one.status == 429).then(|| "budget_exceeded".to_owned());
        one.stream = number % 5 == 1;
        one.call_id = pick(9, &format!("call-{number}"));
        one.asked_model = pick(2, "gpt").unwrap_or_else(|| "claude".to_owned());
        if number % 11 == 0 {
            one.attempts.clear();
        } else if number % 3 == 1 {
            let mut other = attempt(2, one.at.0 + 2, 7);
            other.group = "claude".to_owned();
            other.provider = "anthropic".to_owned();
            other.model = "claude-5".to_owned();
            other.deployment_id = "dep_2".to_owned();
            one.attempts.push(other);
        }
        all.push(one);
    }
    all
}

fn seen() -> Scope {
    Scope {
        everything: true,
        ..Scope::default()
    }
}

/// Everything, less what `set` says.
fn but(set: impl FnOnce(&mut RequestFilter)) -> RequestFilter {
    let mut filter = RequestFilter {
        scope: seen(),
        ..RequestFilter::default()
    };
    set(&mut filter);
    filter
}

fn within(organizations: &[&str], teams: &[&str], owner: Option<&str>) -> RequestFilter {
    let scope = Scope {
        organizations: organizations
            .iter()
            .map(|id| OrganizationId::new(*id))
            .collect(),
        teams: teams.iter().map(|id| TeamId::new(*id)).collect(),
        owner: owner.map(UserId::new),
        ..Scope::default()
    };
    but(|filter| filter.scope = scope)
}

/// Filters of whose requests they are.
fn whose() -> Vec<RequestFilter> {
    vec![
        but(|_everything| {}),
        within(&["org_b"], &[], None),
        within(&[], &["team_a"], None),
        within(&[], &[], Some("user_a")),
        but(|filter| {
            filter.scope = Scope {
                owner: Some(UserId::new("user_a")),
                within: Some(OrganizationId::new("org_b")),
                ..Scope::default()
            };
        }),
        within(&["org_b"], &["team_a"], Some("user_a")),
        within(&[], &[], None),
        but(|one| one.organization_id = Some(OrganizationId::new("org_b"))),
        but(|one| one.team_id = Some(TeamId::new("team_a"))),
        but(|one| one.team_id = Some(TeamId::new(""))),
        but(|one| one.project_id = Some(ProjectId::new("project_a"))),
        but(|one| one.key_id = Some(KeyId::new("key_b"))),
        but(|one| one.user_id = Some(UserId::new("user_a"))),
    ]
}

/// Filters of what they are, one for each condition there is, and one of several.
fn what() -> Vec<RequestFilter> {
    let text = |word: &str| Some(word.to_owned());
    let some = |word: &str| (text(word), text(""));
    let ((tag, no_tag), (group, no_group)) = (some("eu"), some("claude"));
    let mut several = within(&["org_a"], &[], None);
    (several.tag, several.failed) = (text("eu"), Some(true));
    vec![
        but(|one| one.end_user = text("carol")),
        but(|one| one.tag = tag),
        but(|one| one.tag = no_tag),
        but(|one| one.environment = text("prod")),
        but(|one| one.group = group),
        but(|one| one.group = no_group),
        but(|one| one.provider = text("openai")),
        but(|one| one.model = text("claude-5")),
        but(|one| one.deployment_id = text("dep_2")),
        but(|one| one.operation = text("chat")),
        but(|one| one.operation = text("embeddings")),
        but(|one| one.status = Some(429)),
        but(|one| one.status = Some(0)),
        but(|one| one.failed = Some(true)),
        but(|one| one.failed = Some(false)),
        but(|one| one.asked_model = text("claude")),
        but(|one| one.code = text("budget_exceeded")),
        but(|one| one.call_id = text("call-9")),
        but(|one| one.stream = Some(true)),
        but(|one| one.least_charge = Some(NanoUsd(120))),
        but(|one| one.from = Some(TimestampMs(NOON + 20_000))),
        but(|one| one.until = Some(TimestampMs(NOON + 20_000))),
        several,
    ]
}

on_both! {
    /// A live list shows what the page shows when it is loaded again.
    async fn a_condition_holds_of_a_request_as_it_does_in_the_database(store) {
        append(store, "strand", varied()).await;
        let everything = RequestFilter { scope: seen(), ..RequestFilter::default() };
        let all = store.requests(&everything, &Page::first(100)).await.unwrap().items;
        assert_eq!(all.len(), 48);
        let mut told_apart = 0;
        for filter in whose().into_iter().chain(what()) {
            let listed = store.requests(&filter, &Page::first(100)).await.unwrap().items;
            let listed: BTreeSet<&str> = listed.iter().map(|row| row.id.as_str()).collect();
            let matching = all.iter().filter(|row| filter.matches(row));
            let matching: BTreeSet<&str> = matching.map(|row| row.id.as_str()).collect();
            assert_eq!(listed, matching, "{filter:?}");
            told_apart += usize::from(!listed.is_empty() && listed.len() < 48);
        }
        assert!(told_apart > 25, "{told_apart}");
    }

    /// One that took long stands among older ones by its id, and is the newest by its end.
    async fn what_ended_last_is_found_whenever_it_came_in(store) {
        let mut long = entry("key_a", NOON - 600_000, 3);
        long.duration_ms = 601_000;
        let short = entry("key_a", NOON, 4);
        let old = entry("key_a", NOON - 5_000, 5);
        append(store, "strand", vec![long.clone(), short.clone(), old.clone()]).await;
        let ended = store.ended_after(TimestampMs(NOON - 1_000), 10).await.unwrap();
        let ids: Vec<&str> = ended.iter().map(|one| one.id.as_str()).collect();
        assert_eq!(ids, [long.id.as_str(), short.id.as_str()]);
        assert_eq!(ended[0].at, TimestampMs(NOON + 1_000));
        assert_eq!(store.ended_after(TimestampMs(0), 1).await.unwrap().len(), 1);
        let ids = [old.id.clone(), long.id.clone(), "req_none".to_owned()];
        let rows = store.requests_with(&ids).await.unwrap();
        let rows: Vec<&str> = rows.iter().map(|row| row.id.as_str()).collect();
        assert_eq!(rows, [old.id.as_str(), long.id.as_str()]);
    }
}
