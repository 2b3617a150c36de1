//! Shares within a group: whole numbers, and nobody starved unseen.

use std::collections::BTreeMap;

use super::deployment::Placed;
use super::report::Report;

/// Orders and weights are settled per group: weights become whole numbers (they are read in
/// thousandths, since LiteLLM takes `0.7`), and what has no order comes after what has one.
pub fn settle(placed: &mut [Placed], report: &mut Report) {
    let mut groups: BTreeMap<String, Vec<&mut Placed>> = BTreeMap::new();
    for one in placed {
        let group = one.deployment.group.clone();
        groups.entry(group).or_default().push(one);
    }
    for members in groups.values_mut() {
        settle_weights(members);
        settle_orders(members, report);
        warn_of_starving(members, report);
    }
}

fn settle_weights(members: &mut [&mut Placed]) {
    let are_whole = members
        .iter()
        .filter_map(|one| one.deployment.weight)
        .all(|weight| weight % 1_000 == 0);
    if are_whole {
        for one in members {
            one.deployment.weight = one.deployment.weight.map(|weight| weight / 1_000);
        }
    }
}

fn settle_orders(members: &mut [&mut Placed], report: &mut Report) {
    if !members.iter().any(|one| one.is_ordered) {
        return;
    }
    for one in members.iter_mut().filter(|one| !one.is_ordered) {
        one.deployment.order = u64::MAX;
        let message = format!(
            "this deployment of `{}` has no `order` beside siblings that have one; it is tried last",
            one.deployment.group
        );
        let hint = "write an order here too";
        report.warn_with("missing-order", &one.group_position, (message, hint));
    }
}

type Measure = fn(&Placed) -> Option<u64>;

/// Under `simple-shuffle` the first of weight, rpm and tpm that any member has decides, and a
/// member without it counts as 0.
fn warn_of_starving(members: &[&mut Placed], report: &mut Report) {
    let measures: [(&str, Measure); 3] = [
        ("weight", |one| one.deployment.weight),
        ("rpm", |one| one.deployment.rpm),
        ("tpm", |one| one.deployment.tpm),
    ];
    let deciding = measures.into_iter().find(|(_, measure)| {
        members
            .iter()
            .any(|one| measure(one).is_some_and(|share| share > 0))
    });
    let Some((name, measure)) = deciding else {
        return;
    };
    for one in members.iter().filter(|one| measure(one).is_none()) {
        let message = format!(
            "this deployment of `{}` has no `{name}` beside siblings that have one: it gets no traffic while they are up",
            one.deployment.group
        );
        let hint = format!("write a {name} here too");
        report.warn_with("starved", &one.group_position, (message, &hint));
    }
}
