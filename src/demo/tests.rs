//! What a demo promises.

use std::collections::BTreeSet;
use std::path::PathBuf;

use domain::ledger::Payer;
use domain::time::TimestampMs;

use super::keys::keys;
use super::traffic::{self, Player, Way, Ways};
use super::*;
use crate::config;

/// 2026-11-23T10:00:00Z, a Monday.
const NOW: TimestampMs = TimestampMs(1_795_428_000_000);

fn flags() -> Flags {
    Flags {
        demo: true,
        ..Flags::default()
    }
}

fn ways() -> Ways {
    let environment =
        Environment::of(&[("HEADGATE_MASTER_KEY", "sk-of-the-test-of-the-demo-0123456")]);
    let loaded = config::load(include_str!("models.yaml"), CONFIG, &environment);
    let loaded = loaded.map_err(|refused| refused.to_string()).unwrap();
    assert!(!loaded.report.has_faults());
    let mut ways = Ways::new();
    for one in &loaded.config.table.deployments {
        let provider = providers::find(&one.provider);
        let facts =
            provider.and_then(|provider| providers::catalogue::look_up(provider, &one.model, None));
        ways.entry(one.group.clone()).or_default().push(Way {
            deployment_id: one.id.to_string(),
            provider: one.provider.clone(),
            model: one.model.clone(),
            price: facts.and_then(|facts| facts.price),
        });
    }
    ways
}

fn players() -> Vec<Player> {
    let each = keys().into_iter().map(|key| Player {
        payer: Payer {
            key_id: Some(key.alias.to_owned()),
            ..Payer::default()
        },
        zone: "Europe/Berlin".parse().unwrap(),
        key,
    });
    each.collect()
}

#[test]
fn whoever_names_a_store_of_their_own_gets_no_demo() {
    for name in FORBIDDEN {
        let environment = Environment::of(&[(name, "x")]);
        let refused = Demo::prepare(&mut flags(), &environment).err().unwrap();
        assert!(refused.contains(name), "{refused}");
    }
    let mut with_folder = flags();
    with_folder.data_dir = Some(PathBuf::from("headgate-data"));
    let refused = Demo::prepare(&mut with_folder, &Environment::default());
    assert!(refused.err().unwrap().contains("--data-dir"));
}

#[test]
fn a_demo_listens_on_this_machine_alone_unless_it_is_told_and_leaves_no_folder() {
    let mut usual = flags();
    let demo = Demo::prepare(&mut usual, &Environment::default())
        .ok()
        .unwrap();
    assert_eq!(usual.host.as_deref(), Some("127.0.0.1"));
    let folder = usual.data_dir.unwrap();
    assert!(folder.is_dir());
    drop(demo);
    assert!(!folder.exists());
    let mut told = flags();
    told.host = Some("0.0.0.0".to_owned());
    let _demo = Demo::prepare(&mut told, &Environment::default())
        .ok()
        .unwrap();
    assert_eq!(told.host.as_deref(), Some("0.0.0.0"));
}

#[test]
fn every_model_that_is_asked_is_there_with_a_price() {
    let ways = ways();
    for key in keys() {
        for model in key.models {
            let known = ways.get(model).unwrap();
            assert!(known.iter().all(|way| way.price.is_some()), "{model}");
        }
    }
}

#[test]
fn what_goes_on_costs_what_the_catalogue_says() {
    let environment =
        Environment::of(&[("HEADGATE_MASTER_KEY", "sk-of-the-test-of-the-demo-0123456")]);
    let loaded = config::load(include_str!("models.yaml"), CONFIG, &environment);
    let loaded = loaded.map_err(|refused| refused.to_string()).unwrap();
    for one in &loaded.config.table.deployments {
        // What is built in has no provider, and costs nothing.
        let provider = providers::find(&one.provider);
        let facts =
            provider.and_then(|provider| providers::catalogue::look_up(provider, &one.model, None));
        let listed = facts.and_then(|facts| facts.price).unwrap_or_default();
        let (base, rates) = (&listed.standard.base, &one.info.rates);
        let is_free = base.input.unwrap_or_default() == domain::money::PicoUsd(0);
        if is_free {
            assert_eq!(rates.input, None, "{}", one.model);
        } else {
            assert_eq!(
                (rates.input, rates.output),
                (base.input, base.output),
                "{}",
                one.model
            );
        }
    }
}

#[test]
fn the_same_hour_gives_the_same_figures() {
    let (ways, players) = (ways(), players());
    let one = traffic::all(&players, &ways, NOW, 7);
    assert_eq!(one, traffic::all(&players, &ways, NOW, 7));
    assert_ne!(one, traffic::all(&players, &ways, NOW, 8));
}

#[test]
fn three_months_have_everything_that_one_looks_for() {
    let all = traffic::all(&players(), &ways(), NOW, 7);
    assert!((10_000..40_000).contains(&all.len()), "{}", all.len());
    assert!(all.is_sorted_by_key(|one| one.at));
    assert!(all.iter().all(|one| one.at < NOW));
    let ids: BTreeSet<&String> = all.iter().map(|one| &one.id).collect();
    assert_eq!(ids.len(), all.len());
    let having = |wanted: &dyn Fn(&domain::ledger::RequestEntry) -> bool| {
        all.iter().filter(|one| wanted(one)).count()
    };
    assert!(having(&|one| one.fallbacks > 0) > 50);
    assert!(having(&|one| one.status == 429) > 20);
    assert!(having(&|one| one.status >= 500) > 20);
    assert!(having(&|one| one.status >= 400) * 20 < all.len());
    let cached = |one: &domain::ledger::RequestEntry| {
        one.attempts
            .iter()
            .any(|one| one.usage.cache_read_tokens > 0)
    };
    assert!(having(&cached) > 1_000);
    let vendors = all.iter().flat_map(|one| &one.attempts);
    let vendors: BTreeSet<&String> = vendors.map(|one| &one.provider).collect();
    assert!(vendors.len() >= 5, "{vendors:?}");
}
