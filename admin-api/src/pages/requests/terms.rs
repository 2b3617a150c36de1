//! What is typed into the box above the list: `status:429 team:risk cost:>0.1`, or a request's id.

use domain::ids::{KeyId, ProjectId, TeamId, UserId};
use domain::money::NanoUsd;
use store::page::Page;
use store::requests::RequestFilter;
use store::teams::TeamFilter;
use store::usage::Dimension;
use store::virtual_keys::KeyFilter;

use crate::acting::{Acting, may};
use crate::actions::usage::our_id;
use crate::error::ActionError;
use crate::pages::everything::everything;

/// One condition as it was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Term {
    /// `status`
    pub name: String,
    /// `429`
    pub value: String,
}

/// What was typed, and what of it means nothing.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Typed {
    pub terms: Vec<Term>,
    pub unread: Vec<String>,
}

const NAMES: [&str; 14] = [
    "status",
    "team",
    "key",
    "user",
    "project",
    "model",
    "provider",
    "deployment",
    "environment",
    "tag",
    "end_user",
    "code",
    "call",
    "cost",
];

impl Typed {
    /// Reads what was typed.
    pub(super) fn read(text: &str) -> Self {
        let mut typed = Self::default();
        for word in text.split_whitespace() {
            match word.split_once(':') {
                Some((name, value)) if NAMES.contains(&name) && !value.is_empty() => {
                    typed.terms.push(Term {
                        name: name.to_owned(),
                        value: value.to_owned(),
                    });
                }
                _ => typed.unread.push(word.to_owned()),
            }
        }
        typed
    }

    /// The same without one of the terms.
    pub(super) fn without(&self, place: usize) -> String {
        let others = self
            .terms
            .iter()
            .enumerate()
            .filter(|(at, _term)| *at != place);
        let words: Vec<String> = others
            .map(|(_at, term)| format!("{}:{}", term.name, term.value))
            .collect();
        words.join(" ")
    }
}

/// Makes a filter of the terms; those whose value means nothing come back as unread.
pub(super) async fn filter(
    acting: &Acting<may::ReadSpend>,
    typed: &mut Typed,
) -> Result<RequestFilter, ActionError> {
    let mut filter = RequestFilter::default();
    let mut unread = Vec::new();
    for Term { name, value } in &typed.terms {
        let text = value.clone();
        match name.as_str() {
            "status" if value == "failed" || value == "error" => filter.failed = Some(true),
            "status" if value == "ok" => filter.failed = Some(false),
            "status" => match value.parse() {
                Ok(status) => filter.status = Some(status),
                Err(_no_number) => unread.push(format!("{name}:{value}")),
            },
            "team" => filter.team_id = Some(TeamId::new(team(acting, text).await?)),
            "key" => filter.key_id = Some(KeyId::new(key(acting, text).await?)),
            "user" => {
                filter.user_id = Some(UserId::new(our_id(acting, Dimension::User, text).await?))
            }
            "project" => filter.project_id = Some(ProjectId::new(text)),
            "model" => filter.group = Some(text),
            "provider" => filter.provider = Some(text),
            "deployment" => filter.deployment_id = Some(text),
            "environment" => filter.environment = Some(text),
            "tag" => filter.tag = Some(text),
            "end_user" => filter.end_user = Some(text),
            "code" => filter.code = Some(text),
            "call" => filter.call_id = Some(text),
            _ => match NanoUsd::from_usd(value.trim_start_matches(['>', '='])) {
                Ok(least) => filter.least_charge = Some(least),
                Err(_no_amount) => unread.push(format!("{name}:{value}")),
            },
        }
    }
    typed.unread.extend(unread);
    Ok(filter)
}

/// A team by its id or a part of its name.
async fn team(acting: &Acting<may::ReadSpend>, text: String) -> Result<String, ActionError> {
    let filter = TeamFilter {
        scope: everything(),
        search: Some(text.clone()),
        ..TeamFilter::default()
    };
    let listed = acting.store().teams(&filter, &Page::first(2)).await?;
    match listed.items.first() {
        Some(only) if listed.items.len() == 1 => Ok(only.id.to_string()),
        _ => our_id(acting, Dimension::Team, text).await,
    }
}

/// A key by its id, its hash or its alias.
async fn key(acting: &Acting<may::ReadSpend>, text: String) -> Result<String, ActionError> {
    let filter = KeyFilter {
        scope: acting.scope(),
        alias: Some(text.clone()),
        ..KeyFilter::default()
    };
    let listed = acting
        .store()
        .virtual_keys(&filter, &Page::first(1))
        .await?;
    match listed.items.first() {
        Some(found) => Ok(found.id.to_string()),
        None => our_id(acting, Dimension::Key, text).await,
    }
}

/// The conditions of roll-ups that a filter has, and whether it has others beside.
pub(super) fn dimensions(filter: &RequestFilter) -> (Vec<(Dimension, Vec<String>)>, bool) {
    let all = [
        (
            Dimension::Team,
            filter.team_id.as_ref().map(ToString::to_string),
        ),
        (
            Dimension::Key,
            filter.key_id.as_ref().map(ToString::to_string),
        ),
        (
            Dimension::User,
            filter.user_id.as_ref().map(ToString::to_string),
        ),
        (
            Dimension::Project,
            filter.project_id.as_ref().map(ToString::to_string),
        ),
        (Dimension::Group, filter.group.clone()),
        (Dimension::Provider, filter.provider.clone()),
        (Dimension::Deployment, filter.deployment_id.clone()),
        (Dimension::Environment, filter.environment.clone()),
        (Dimension::Tag, filter.tag.clone()),
        (Dimension::EndUser, filter.end_user.clone()),
        (
            Dimension::Status,
            filter.status.map(|status| status.to_string()),
        ),
    ];
    let said = all
        .into_iter()
        .filter_map(|(dimension, word)| Some((dimension, vec![word?])));
    let others = filter.code.is_some()
        || filter.call_id.is_some()
        || filter.least_charge.is_some()
        || filter.failed.is_some();
    (said.collect(), others)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_read_word_by_word() {
        let typed = Typed::read("status:429  team:risk what team: cost:>0.1");
        let names: Vec<&str> = typed.terms.iter().map(|term| term.name.as_str()).collect();
        assert_eq!(names, ["status", "team", "cost"]);
        assert_eq!(typed.unread, ["what", "team:"]);
        assert_eq!(typed.without(1), "status:429 cost:>0.1");
    }
}
