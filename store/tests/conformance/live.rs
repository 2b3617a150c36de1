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

/// One filter for each condition there is, and some of several.
fn filters() -> Vec<RequestFilter> {
    let base = || RequestFilter {
        scope: seen(),
        ..RequestFilter::default()
    };
    let text = |word: &str| Some(word.to_owned());
    let within = |organizations: &[&str], teams: &[&str], owner: Option<&str>| RequestFilter {
        scope: Scope {
            everything: false,
            organizations: organizations
                .iter()
                .map(|id| OrganizationId::new(*id))
                .collect(),
            teams: teams.iter().map(|id| TeamId::new(*id)).collect(),
            owner: owner.map(UserId::new),
        },
        ..RequestFilter::default()
    };
    let mut filters = vec![
        base(),
        within(&["org_b"], &[], None),
        within(&[], &["team_a"], None),
        within(&[], &[], Some("user_a")),
        within(&["org_b"], &["team_a"], Some("user_a")),
        within(&[], &[], None),
        RequestFilter {
            organization_id: Some(OrganizationId::new("org_b")),
            ..base()
        },
        RequestFilter {
            team_id: Some(TeamId::new("team_a")),
            ..base()
        },
        RequestFilter {
            team_id: Some(TeamId::new("")),
            ..base()
        },
        RequestFilter {
            project_id: Some(ProjectId::new("project_a")),
            ..base()
        },
        RequestFilter {
            key_id: Some(KeyId::new("key_b")),
            ..base()
        },
        RequestFilter {
            user_id: Some(UserId::new("user_a")),
            ..base()
        },
        RequestFilter {
            end_user: text("carol"),
            ..base()
        },
        RequestFilter {
            tag: text("eu"),
            ..base()
        },
        RequestFilter {
            tag: text(""),
            ..base()
        },
        RequestFilter {
            environment: text("prod"),
            ..base()
        },
        RequestFilter {
            group: text("claude"),
            ..base()
        },
        RequestFilter {
            group: text(""),
            ..base()
        },
        RequestFilter {
            provider: text("openai"),
            ..base()
        },
        RequestFilter {
            model: text("claude-5"),
            ..base()
        },
        RequestFilter {
            deployment_id: text("dep_2"),
            ..base()
        },
        RequestFilter {
            operation: text("chat"),
            ..base()
        },
        RequestFilter {
            operation: text("embeddings"),
            ..base()
        },
        RequestFilter {
            status: Some(429),
            ..base()
        },
        RequestFilter {
            status: Some(0),
            ..base()
        },
        RequestFilter {
            failed: Some(true),
            ..base()
        },
        RequestFilter {
            failed: Some(false),
            ..base()
        },
        RequestFilter {
            asked_model: text("claude"),
            ..base()
        },
        RequestFilter {
            code: text("budget_exceeded"),
            ..base()
        },
        RequestFilter {
            call_id: text("call-9"),
            ..base()
        },
        RequestFilter {
            stream: Some(true),
            ..base()
        },
        RequestFilter {
            least_charge: Some(NanoUsd(120)),
            ..base()
        },
        RequestFilter {
            from: Some(TimestampMs(NOON + 20_000)),
            ..base()
        },
        RequestFilter {
            until: Some(TimestampMs(NOON + 20_000)),
            ..base()
        },
    ];
    filters.push(RequestFilter {
        tag: text("eu"),
        failed: Some(true),
        ..within(&["org_a"], &[], None)
    });
    filters
}

on_both! {
    /// A live list shows what the page shows when it is loaded again.
    async fn a_condition_holds_of_a_request_as_it_does_in_the_database(store) {
        append(store, "strand", varied()).await;
        let everything = RequestFilter { scope: seen(), ..RequestFilter::default() };
        let all = store.requests(&everything, &Page::first(100)).await.unwrap().items;
        assert_eq!(all.len(), 48);
        let mut told_apart = 0;
        for filter in filters() {
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
